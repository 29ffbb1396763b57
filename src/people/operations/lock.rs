//! Locked contributors: what rules matched so far stays, and nothing is added.

use super::accounts::decide;
use super::reference::{Target, owner, required};
use super::{Outcome, all, at_most, registered};
use crate::people::directory::Directory;
use crate::people::document::Contributor;
use crate::people::draft::Draft;

/// Locks contributors and gives their ids: their accounts of now become decisions, and no rule adds to them. Detected ones
/// are registered first. Taken back by [`unlock`].
///
/// # Errors
/// NOT_FOUND, TOO_MANY.
pub fn lock(draft: &mut Draft, directory: &Directory, ids: &[String]) -> Outcome<Vec<String>> {
    at_most(ids.len(), "ids")?;
    all(ids.iter().enumerate().map(|(i, id)| required(draft, directory, id, &format!("ids[{i}]"))))?;
    let mut locked = Vec::new();
    for (i, id) in ids.iter().enumerate() {
        let id = registered(draft, directory, id, &format!("ids[{i}]")).map_err(|fault| vec![fault])?;
        set(draft, &id, true);
        for (source, login) in accounts(draft, directory, &id) {
            decide(draft, &source, &login, |decision| {
                if decision.contributor.is_none() {
                    decision.contributor = Some(id.clone());
                    decision.by_lock = true;
                }
            });
        }
        locked.push(id);
    }
    Ok(locked)
}

/// Unlocks contributors and gives their ids: what locking decided is taken back, and the rules say again. Taken back by
/// [`lock`].
///
/// # Errors
/// NOT_FOUND, TOO_MANY.
pub fn unlock(draft: &mut Draft, directory: &Directory, ids: &[String]) -> Outcome<Vec<String>> {
    at_most(ids.len(), "ids")?;
    let targets = ids.iter().enumerate().map(|(i, id)| required(draft, directory, id, &format!("ids[{i}]")));
    let mut unlocked = Vec::new();
    for target in all(targets)? {
        // Nobody detected is locked.
        let Target::Registered(id) = target else { continue };
        set(draft, &id, false);
        for (source, login) in accounts(draft, directory, &id) {
            decide(draft, &source, &login, |decision| {
                if decision.by_lock {
                    decision.contributor = None;
                    decision.by_lock = false;
                }
            });
        }
        unlocked.push(id);
    }
    Ok(unlocked)
}

fn set(draft: &mut Draft, id: &str, locked: bool) {
    if let Some(document) = draft.get::<Contributor>(id).filter(|document| document.locked != locked) {
        let document = Contributor { locked, ..document.clone() };
        draft.put(id, document);
    }
}

/// Accounts that a contributor has, in the directory and still in the draft.
fn accounts(draft: &Draft, directory: &Directory, id: &str) -> Vec<(String, String)> {
    let Some(person) = directory.person(id) else { return Vec::new() };
    let seen = person.accounts.iter().map(|account| &directory.resolved.accounts[*account].seen);
    let its = |source: &str, login: &str| owner(draft, directory, source, login) == Some(Target::Registered(id.into()));
    seen.filter(|seen| its(&seen.source, &seen.login)).map(|seen| (seen.source.clone(), seen.login.clone())).collect()
}
