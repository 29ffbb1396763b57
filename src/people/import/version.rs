//! Versions of the set of contributors: what each approved import left. They are listed, set against each other, and put back.

use std::sync::Arc;

use anyhow::Result;

use super::preview::{Counts, People as Difference, PersonChange};
use crate::people::document::{Contributor, Version};
use crate::people::journal;
use crate::people::{Author, Changed, Code, Directory, Draft, Fault, People, Records, Seen};

/// A version and its number.
#[derive(Debug, Clone, PartialEq)]
pub struct Approved {
    /// Number of the change that made it.
    pub number: i64,
    pub version: Version,
}

/// How contributors differ between two states.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionDifference {
    pub counts: Counts,
    /// Up to 1,000 of each.
    pub added: Vec<PersonChange>,
    pub changed: Vec<PersonChange>,
    pub removed: Vec<PersonChange>,
}

/// The versions of records, the newest first.
pub fn list(records: &Records) -> Vec<Approved> {
    let versions = records.versions.iter();
    let mut versions: Vec<Approved> = versions
        .filter_map(|(key, version)| Some(Approved { number: key.parse().ok()?, version: Version::clone(version) }))
        .collect();
    versions.sort_by_key(|version| std::cmp::Reverse(version.number));
    versions
}

/// What changed from a version to a later one, or to now. A fault where there is no such version.
///
/// # Errors
/// When the lake cannot be read.
pub async fn difference(people: &People, from: i64, to: Option<i64>) -> Result<Result<VersionDifference, Vec<Fault>>> {
    let snapshot = people.lake().refresh().await?;
    let now = people.records(&snapshot).await?;
    let faults: Vec<Fault> = std::iter::once(("from", from))
        .chain(to.map(|to| ("to", to)))
        .filter(|(_, number)| !now.versions.contains_key(&number.to_string()))
        .map(|(field, number)| absent(number).at(field))
        .collect();
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    let at = async |number: i64| journal::records_until(people.lake(), &snapshot, number).await.map(Arc::new);
    let before = at(from).await?;
    let after = match to {
        Some(to) => at(to).await?,
        None => now,
    };
    let Difference { counts, added, changed, removed } = Difference::between(&before.contributors, &after.contributors);
    Ok(Ok(VersionDifference { counts, added, changed, removed }))
}

/// Puts contributors back as a version left them, as a new version. Memberships, teams and decisions on accounts stay as they
/// are: those of contributors who are not there wait until they are again.
///
/// # Errors
/// When the lake cannot be read or written. That there is no such version is a fault.
pub async fn restore(
    people: &People,
    seen: &Arc<Seen>,
    author: &Author,
    number: i64,
) -> Result<Result<Changed<Approved>, Vec<Fault>>> {
    let snapshot = people.lake().refresh().await?;
    if !people.records(&snapshot).await?.versions.contains_key(&number.to_string()) {
        return Ok(Err(vec![absent(number).at("version")]));
    }
    // What a change left never changes, so it is read once.
    let then = journal::records_until(people.lake(), &snapshot, number).await?;
    let at = people.clock().now();
    let summary = format!("Contributors as of version {number}.");
    let work = |draft: &mut Draft, directory: &Directory| {
        let Difference { counts, .. } = Difference::between(&directory.records.contributors, &then.contributors);
        for (id, contributor) in &then.contributors {
            draft.put(id, Contributor::clone(contributor));
        }
        for id in directory.records.contributors.keys().filter(|id| !then.contributors.contains_key(*id)) {
            draft.remove::<Contributor>(id);
        }
        let version = Version {
            mode: "RESTORE".to_owned(),
            origin: number.to_string(),
            import: None,
            at,
            rows: then.contributors.len() as u64,
            added: u64::from(counts.added),
            changed: u64::from(counts.changed),
            removed: u64::from(counts.removed),
            unchanged: u64::from(counts.unchanged),
        };
        Ok(put(draft, directory, version))
    };
    people.change(author, "RESTORE_CONTRIBUTORS", &summary, seen, work).await
}

/// Puts a version into the draft of the change that makes it, whose number becomes the version's.
pub(super) fn put(draft: &mut Draft, directory: &Directory, version: Version) -> Approved {
    let number = directory.records.seq + 1;
    draft.put(&number.to_string(), version.clone());
    Approved { number, version }
}

fn absent(number: i64) -> Fault {
    Fault::new(Code::NotFound, format!("There is no version {number} of the contributors."))
}
