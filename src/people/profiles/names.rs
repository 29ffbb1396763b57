//! How profiles are called: by id, by name, and those that are built in by the name of their kind.

use std::collections::BTreeMap;

use crate::model::profile::Kind;
use crate::model::{self, Profile};
use crate::people::fault::{Code, Fault};
use crate::people::operations::Outcome;
use crate::people::records::Records;

/// The kind of the built-in profile of an id; `None`: it is none.
pub fn built_in(id: &str) -> Option<Kind> {
    Kind::ALL.iter().find(|kind| kind.name() == id).copied()
}

/// The id of the profile of a name, whatever the letter case.
pub fn named<'r>(records: &'r Records, name: &str) -> Option<&'r str> {
    let wanted = name.trim().to_lowercase();
    records.profiles.iter().find(|(_, profile)| profile.name.to_lowercase() == wanted).map(|(id, _)| id.as_str())
}

/// Every profile with its id, by kind and name.
pub fn listed(records: &Records) -> impl Iterator<Item = (&str, &Profile)> {
    let mut all: Vec<_> = records.profiles.iter().map(|(id, profile)| (id.as_str(), profile.as_ref())).collect();
    all.sort_by(|(_, a), (_, b)| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    all.into_iter()
}

/// Id and kind of the profile that a text means: an id, a name, the name of a kind for what is built in.
pub fn find(records: &Records, text: &str) -> Option<(String, Kind)> {
    let text = text.trim();
    let stored = records.profiles.get_key_value(text).map(|(id, _)| id.as_str()).or_else(|| named(records, text));
    if let Some(id) = stored {
        return Some((id.to_owned(), records.profiles[id].kind));
    }
    let title = |kind: &&Kind| model::defaults().title(**kind).eq_ignore_ascii_case(text);
    let kind = built_in(text).or_else(|| Kind::ALL.iter().find(title).copied())?;
    Some((kind.name().to_owned(), kind))
}

/// Assignments with names in place of ids.
pub fn names(records: &Records, assigned: &BTreeMap<Kind, String>) -> BTreeMap<Kind, String> {
    let name = |id: &String| records.profiles.get(id).map_or_else(|| id.clone(), |profile| profile.name.clone());
    assigned.iter().map(|(kind, id)| (*kind, name(id))).collect()
}

/// Assignments with ids in place of names. Faults name the place: `profiles.EFFICIENCY`.
pub fn ids(records: &Records, named: &BTreeMap<Kind, String>) -> Outcome<BTreeMap<Kind, String>> {
    let (mut found, mut faults) = (BTreeMap::new(), Vec::new());
    for (kind, text) in named {
        let wrong = |code, message: String| Fault::new(code, message).at(format!("profiles.{}", kind.name()));
        match find(records, text) {
            Some((id, of)) if of == *kind => drop(found.insert(*kind, id)),
            Some((_, of)) => {
                let message = format!("{text:?} is a profile of kind {}, not {}", of.name(), kind.name());
                faults.push(wrong(Code::InvalidValue, message));
            }
            None => faults.push(wrong(Code::NotFound, unknown(records, text))),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// That there is no such profile, and which there are.
pub fn unknown(records: &Records, text: &str) -> String {
    let built_in = Kind::ALL.iter().map(|kind| kind.name());
    let known: Vec<&str> = records.profiles.values().map(|profile| profile.name.as_str()).chain(built_in).collect();
    format!("there is no profile {text:?}; there are {}", known.join(", "))
}
