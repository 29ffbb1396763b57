//! A detected person becomes a registered contributor: what is to be kept of a person needs a document.

use super::accounts::decide;
use super::reference::{Target, required};
use crate::people::directory::{Directory, Rule};
use crate::people::document::Contributor;
use crate::people::draft::Draft;
use crate::people::fault::Fault;
use crate::people::fresh;
use crate::people::identity::address_of;

/// The contributor id of a person; a detected one is registered first. Taken back by [`super::delete`].
///
/// # Errors
/// NOT_FOUND, at `field`.
pub fn registered(draft: &mut Draft, directory: &Directory, id: &str, field: &str) -> Result<String, Fault> {
    match required(draft, directory, id, field)? {
        Target::Registered(id) => Ok(id),
        Target::Detected(person) => Ok(register(draft, directory, person)),
    }
}

/// Registers a detected person, by its index: a document with its name and addresses, and a decision for each of its
/// accounts, so that they stay together whatever rules say later. Who was said to be alone ties nobody to it afterwards
/// either. Gives the id.
pub fn register(draft: &mut Draft, directory: &Directory, person: usize) -> String {
    let person = &directory.resolved.people[person];
    // Addresses in documents of others are not among a detected person's; those of this very change may be.
    let taken: Vec<&String> = draft
        .touched::<Contributor>()
        .filter_map(|id| draft.get::<Contributor>(id))
        .flat_map(|document| &document.emails)
        .collect();
    let is_alone = person.accounts.iter().any(|account| directory.resolved.accounts[*account].rule == Rule::Manual);
    let is_shared = |email: &String| {
        let others = directory.resolved.accounts.iter().enumerate().filter(|(n, _)| !person.accounts.contains(n));
        others.into_iter().any(|(_, other)| address_of(&other.seen).as_ref() == Some(email))
    };
    let is_others = |email: &String| taken.contains(&email) || is_alone && is_shared(email);
    let emails = person.emails.iter().filter(|email| !is_others(email)).cloned().collect();
    let id = fresh::id('c');
    draft.put(&id, Contributor { name: person.name.clone(), emails, ..Contributor::default() });
    for account in &person.accounts {
        let seen = &directory.resolved.accounts[*account].seen;
        decide(draft, &seen.source, &seen.login, |decision| {
            decision.contributor = Some(id.clone());
        });
    }
    id
}
