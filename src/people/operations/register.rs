//! A detected person becomes a registered contributor: what is to be kept of a person needs a document.

use super::accounts::decide;
use super::reference::{Target, required};
use crate::people::directory::Directory;
use crate::people::document::Contributor;
use crate::people::draft::Draft;
use crate::people::fault::Fault;
use crate::people::fresh;

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
/// accounts, so that they stay together whatever rules say later. Gives the id.
pub fn register(draft: &mut Draft, directory: &Directory, person: usize) -> String {
    let person = &directory.resolved.people[person];
    // Addresses in documents of others are not among a detected person's; those of this very change may be.
    let taken: Vec<&String> = draft
        .touched::<Contributor>()
        .filter_map(|id| draft.get::<Contributor>(id))
        .flat_map(|document| &document.emails)
        .collect();
    let emails = person.emails.iter().filter(|email| !taken.contains(email)).cloned().collect();
    let id = fresh::id('c');
    draft.put(&id, Contributor { name: person.name.clone(), emails, ..Contributor::default() });
    for account in &person.accounts {
        let seen = &directory.resolved.accounts[*account].seen;
        decide(draft, &seen.source, &seen.login, |decision| {
            decision.contributor = Some(id.clone());
            decision.alone = false;
        });
    }
    id
}
