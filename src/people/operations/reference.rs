//! Whom an id means, in a draft that may already differ from the directory it began with.

use std::collections::HashMap;

use super::Outcome;
use crate::people::directory::Directory;
use crate::people::document::{AccountDecision, Contributor, account_key, account_of_key};
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};
use crate::people::identity::{Merged, survivor};
use crate::people::records::Records;

/// A person that an id means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The id of a contributor's document: the survivor's, where it was merged.
    Registered(String),
    /// A person of the directory whom nobody registered: its index.
    Detected(usize),
}

/// Finds a person by contributor id, also a merged one, or by `account:<source>/<login>` of any of its accounts.
pub fn target(draft: &Draft, directory: &Directory, id: &str) -> Option<Target> {
    if let Some(survivor) = survivor(draft.records(), id) {
        return Some(Target::Registered(survivor.to_owned()));
    }
    let (source, login) = account_of_key(id.strip_prefix("account:")?)?;
    owner(draft, directory, source, login)
}

/// Who has an account: as the draft decides, else as the directory has it.
pub fn owner(draft: &Draft, directory: &Directory, source: &str, login: &str) -> Option<Target> {
    let key = account_key(source, login);
    let decided = draft.get::<AccountDecision>(&key).and_then(|decision| decision.contributor.as_deref());
    if let Some(survivor) = decided.and_then(|id| survivor(draft.records(), id)) {
        return Some(Target::Registered(survivor.to_owned()));
    }
    let account = &directory.resolved.accounts[directory.resolved.account(source, login)?];
    let person = &directory.resolved.people[account.person];
    match survivor(draft.records(), &person.id) {
        Some(survivor) => Some(Target::Registered(survivor.to_owned())),
        None if person.registered => None,
        None => Some(Target::Detected(account.person)),
    }
}

/// As [`target`], with a fault where there is nobody.
pub fn required(draft: &Draft, directory: &Directory, id: &str, field: &str) -> Result<Target, Fault> {
    target(draft, directory, id).ok_or_else(|| nobody(id, field))
}

pub fn nobody(id: &str, field: &str) -> Fault {
    Fault::new(Code::NotFound, format!("there is no contributor {id:?}; look for the id by name or e-mail")).at(field)
}

/// Faults where a contributor is locked.
pub fn unlocked(draft: &Draft, id: &str, field: &str) -> Result<(), Fault> {
    match draft.get::<Contributor>(id) {
        Some(document) if document.locked => {
            let name = &document.name;
            Err(Fault::new(Code::Locked, format!("contributor {name} ({id}) is locked; unlock it first")).at(field))
        }
        _ => Ok(()),
    }
}

/// Ids of all documents that are one person: the survivor's, which is given, then those merged into it.
pub fn documents(records: &Records, survivor: &str) -> Vec<String> {
    let merged = merged(records).remove(survivor).unwrap_or_default();
    [survivor.to_owned()].into_iter().chain(merged).collect()
}

/// Survivor's id -> ids merged into it, in order.
pub fn merged(records: &Records) -> HashMap<String, Vec<String>> {
    let mut found: HashMap<String, Vec<String>> = HashMap::new();
    for (id, _) in records.contributors.iter().filter(|(_, document)| document.merged_into.is_some()) {
        if let Some(survivor) = survivor(records, id).filter(|survivor| survivor != id) {
            found.entry(survivor.to_owned()).or_default().push(id.clone());
        }
    }
    found
}

/// Faults where one of these contributors now stands above itself.
pub fn no_circle(records: &Records, ids: &[(&str, String)]) -> Outcome<()> {
    let merged = Merged::new(records);
    super::all(ids.iter().map(|(id, field)| {
        let Some(circle) = merged.of(id).and_then(|group| merged.circle(group)) else { return Ok(()) };
        let mut names: Vec<&str> = circle.iter().map(|group| merged.groups[*group].survivor().name.as_str()).collect();
        names.extend(names.first().copied());
        let message =
            format!("the lines of reporting make a circle: {}; change one of the managers", names.join(" -> "));
        Err(Fault::new(Code::CircularReference, message).at(field.as_str()))
    }))
    .map(drop)
}
