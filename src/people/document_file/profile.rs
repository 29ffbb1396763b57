//! Profiles of a document put into a draft.

use super::shape::{ProfileEntry, VersionEntry};
use crate::model::Profile;
use crate::model::profile::{Values, Version};
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};
use crate::people::operations::Outcome;
use crate::people::profiles;

/// Makes the draft's profiles as entries say. What they do not name stays.
pub fn apply(draft: &mut Draft, entries: Vec<ProfileEntry>) -> Outcome<()> {
    let (mut faults, mut named) = (Vec::new(), Vec::new());
    for (number, entry) in entries.into_iter().enumerate() {
        let place = format!("profiles[{number}]");
        match one(draft, entry) {
            Ok(id) if named.contains(&id) => {
                faults.push(Fault::new(Code::DuplicateKey, "the document has this profile already").at(place));
            }
            Ok(id) => named.push(id),
            Err(wrong) => faults.extend(wrong.into_iter().map(|fault| fault.under(&place))),
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn one(draft: &mut Draft, entry: ProfileEntry) -> Outcome<String> {
    let ProfileEntry { id, name, kind, parameters, metrics, classifications, versions } = entry;
    let by_id = id.filter(|id| draft.get::<Profile>(id).is_some());
    let known = by_id.or_else(|| profiles::named(draft.records(), &name).map(str::to_owned));
    let own = Values { parameters, metrics, classifications };
    if versions.is_some() && !own.is_empty() {
        let message = "it has `versions` and choices of its own; put those into a version";
        return Err(vec![Fault::new(Code::Conflict, message).at("versions")]);
    }
    let version = |entry: VersionEntry| {
        let VersionEntry { from, parameters, metrics, classifications } = entry;
        Version { from, values: Values { parameters, metrics, classifications } }
    };
    let versions = match versions {
        Some(versions) => Some(versions.into_iter().map(version).collect::<Vec<_>>()),
        None => (!own.is_empty()).then(|| vec![Version { from: None, values: own }]),
    };
    match known {
        Some(id) => {
            let before = draft.get::<Profile>(&id).cloned().expect("it was found just before");
            let versions = versions.unwrap_or_else(|| before.versions.clone());
            profiles::put(draft, &id, Profile { kind: kind.unwrap_or(before.kind), name, versions }).map(|()| id)
        }
        None => {
            let needed = "a new profile needs a kind: EFFICIENCY, PRODUCTIVITY or BUSINESS_ALIGNMENT";
            let kind = kind.ok_or_else(|| vec![Fault::new(Code::RequiredValueMissing, needed).at("kind")])?;
            profiles::create(draft, Profile { kind, name, versions: versions.unwrap_or_default() })
        }
    }
}
