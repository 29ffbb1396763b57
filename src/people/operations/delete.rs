//! Contributors taken away, and brought back as they were.

use std::collections::BTreeSet;

use super::accounts::decide;
use super::reference::{Target, no_circle, required, unlocked};
use super::{Outcome, all, at_most};
use crate::people::directory::Directory;
use crate::people::document::{AccountDecision, Contributor, Memberships, Team, account_of_key};
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};
use crate::people::identity::survivor;
use crate::people::records::{Map, Records};

/// Takes contributors away, with all that was merged into them; gives the ids of those people. Their accounts are pending
/// again, their reports and teams have no manager, and their memberships end as if they had never been. Taken back by
/// [`restore`] of the records before.
///
/// # Errors
/// NOT_FOUND; CONFLICT, where one is only detected; LOCKED; TOO_MANY.
pub fn delete(draft: &mut Draft, directory: &Directory, ids: &[String]) -> Outcome<Vec<String>> {
    at_most(ids.len(), "ids")?;
    let one = |(i, id): (usize, &String)| {
        let field = format!("ids[{i}]");
        match required(draft, directory, id, &field)? {
            Target::Registered(id) => unlocked(draft, &id, &field).map(|()| id),
            Target::Detected(_) => {
                let message = format!("{id:?} is only detected from its accounts; there is nothing to delete");
                Err(Fault::new(Code::Conflict, message).at(field))
            }
        }
    };
    let people: BTreeSet<String> = all(ids.iter().enumerate().map(one))?.into_iter().collect();
    let gone = group(draft.records(), &people);
    for id in &gone {
        draft.remove::<Contributor>(id);
        draft.remove::<Memberships>(id);
    }
    let is_gone = |id: &Option<String>| id.as_ref().is_some_and(|id| gone.contains(id));
    for key in keys(&draft.records().accounts, |decision| is_gone(&decision.contributor)) {
        if let Some((source, login)) = account_of_key(&key) {
            decide(draft, source, login, |decision| {
                decision.contributor = None;
                decision.by_lock = false;
            });
        }
    }
    for key in keys(&draft.records().contributors, |document| is_gone(&document.manager)) {
        change::<Contributor>(draft, &key, |document| document.manager = None);
    }
    for key in keys(&draft.records().teams, |team| is_gone(&team.manager)) {
        change::<Team>(draft, &key, |team| team.manager = None);
    }
    Ok(people.into_iter().collect())
}

/// Brings contributors back as they were in earlier records, with what was merged into them, their accounts and
/// memberships in teams that are still there; people and teams without a manager that they led have them back. Gives the
/// ids of those people. Taken back by [`delete`].
///
/// # Errors
/// NOT_FOUND, where there was none then; CONFLICT, where it is there now; DUPLICATE_EMAIL, where somebody else has an
/// address by now; CIRCULAR_REFERENCE, where somebody would report to herself by now; TOO_MANY.
pub fn restore(draft: &mut Draft, _: &Directory, earlier: &Records, ids: &[String]) -> Outcome<Vec<String>> {
    at_most(ids.len(), "ids")?;
    let one = |(i, id): (usize, &String)| {
        let fault = |code, text: String| Err(Fault::new(code, text).at(format!("ids[{i}]")));
        match survivor(earlier, id) {
            None => fault(Code::NotFound, format!("there was no contributor {id:?} at that time")),
            Some(_) if draft.get::<Contributor>(id).is_some() => {
                fault(Code::Conflict, format!("contributor {id:?} is there; there is nothing to bring back"))
            }
            Some(survivor) => Ok(survivor.to_owned()),
        }
    };
    let people: BTreeSet<String> = all(ids.iter().enumerate().map(one))?.into_iter().collect();
    let back: BTreeSet<String> =
        group(earlier, &people).into_iter().filter(|id| draft.get::<Contributor>(id).is_none()).collect();
    addresses_are_free(draft, earlier, &back)?;
    let is_back = |id: &Option<String>| id.as_ref().is_some_and(|id| back.contains(id));
    let is_there = |draft: &Draft, id: &String| back.contains(id) || draft.get::<Contributor>(id).is_some();
    for id in &back {
        let mut document = Contributor::clone(&earlier.contributors[id]);
        document.manager = document.manager.filter(|manager| is_there(draft, manager));
        draft.put(id, document);
        if let Some(memberships) = earlier.memberships.get(id) {
            let mut memberships = Memberships::clone(memberships);
            memberships.spans.retain(|span| draft.records().teams.contains_key(&span.team));
            draft.put(id, memberships);
        }
    }
    for (key, before) in earlier.accounts.iter().filter(|(_, decision)| is_back(&decision.contributor)) {
        let now = draft.get::<AccountDecision>(key);
        let is_free = now.is_none_or(|decision| decision.contributor.is_none() && decision.alone == before.alone);
        if let Some((source, login)) = account_of_key(key).filter(|_| is_free) {
            decide(draft, source, login, |decision| {
                decision.contributor.clone_from(&before.contributor);
                decision.by_lock = before.by_lock;
            });
        }
    }
    let mut led = Vec::new();
    for (key, before) in earlier.contributors.iter().filter(|(_, document)| is_back(&document.manager)) {
        if draft.get::<Contributor>(key).is_some_and(|document| document.manager.is_none()) {
            change::<Contributor>(draft, key, |document| document.manager.clone_from(&before.manager));
            led.push(key);
        }
    }
    for (key, before) in earlier.teams.iter().filter(|(_, team)| is_back(&team.manager)) {
        if draft.get::<Team>(key).is_some_and(|team| team.manager.is_none()) {
            change::<Team>(draft, key, |team| team.manager.clone_from(&before.manager));
        }
    }
    let moved = people.iter().chain(led).map(|id| (id.as_str(), "ids".to_owned()));
    no_circle(draft.records(), &moved.collect::<Vec<_>>())?;
    Ok(people.into_iter().collect())
}

fn addresses_are_free(draft: &Draft, earlier: &Records, back: &BTreeSet<String>) -> Outcome<()> {
    let emails: BTreeSet<&String> = back.iter().flat_map(|id| &earlier.contributors[id].emails).collect();
    let taken = draft.records().contributors.iter().flat_map(|(id, document)| {
        let taken = document.emails.iter().filter(|email| emails.contains(email));
        taken.map(move |email| {
            let message =
                format!("{email} is an address of contributor {} ({id}) by now; take it away there", document.name);
            Err(Fault::new(Code::DuplicateEmail, message).at("ids"))
        })
    });
    all(taken).map(|_: Vec<()>| ())
}

/// Ids of documents that are some people: theirs, and those merged into them.
fn group(records: &Records, people: &BTreeSet<String>) -> BTreeSet<String> {
    let is_one = |id: &&String| survivor(records, id).is_some_and(|survivor| people.contains(survivor));
    records.contributors.keys().filter(is_one).cloned().collect()
}

fn keys<T>(map: &Map<T>, fits: impl Fn(&T) -> bool) -> Vec<String> {
    map.iter().filter(|(_, document)| fits(document)).map(|(key, _)| key.clone()).collect()
}

fn change<T: crate::people::records::Document + Clone>(draft: &mut Draft, key: &str, change: impl FnOnce(&mut T)) {
    if let Some(mut document) = draft.get::<T>(key).cloned() {
        change(&mut document);
        draft.put(key, document);
    }
}
