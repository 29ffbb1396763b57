//! Whose an account is, said by hand.

use super::accounts::{AccountId, decide, field, known};
use super::reference::{Target, owner, unlocked};
use super::{Outcome, all, registered};
use crate::people::directory::Directory;
use crate::people::draft::Draft;

/// Gives accounts to a contributor, and gives its id; a detected one is registered first. What the rules tie to these
/// accounts by e-mail or login comes along. Taken back by [`clear`], or by giving them to whose they were.
///
/// # Errors
/// NOT_FOUND; LOCKED, where the contributor or one who has such an account is locked; TOO_MANY.
pub fn assign(draft: &mut Draft, directory: &Directory, accounts: &[AccountId], contributor: &str) -> Outcome<String> {
    known(draft, directory, accounts)?;
    free(draft, directory, accounts)?;
    let id = registered(draft, directory, contributor, "contributor").map_err(|fault| vec![fault])?;
    unlocked(draft, &id, "contributor").map_err(|fault| vec![fault])?;
    for AccountId { source, login } in accounts {
        decide(draft, source, login, |decision| {
            decision.contributor = Some(id.clone());
            decision.alone = false;
            decision.by_lock = false;
        });
    }
    Ok(id)
}

/// Says that each of the accounts is a person of its own, whatever rules say. Taken back by [`clear`] or [`assign`].
///
/// # Errors
/// NOT_FOUND, LOCKED, TOO_MANY.
pub fn set_alone(draft: &mut Draft, directory: &Directory, accounts: &[AccountId]) -> Outcome<()> {
    decided(draft, directory, accounts, true)
}

/// Takes back what was said about whose the accounts are: the rules say again. Taken back by [`assign`] or [`set_alone`].
///
/// # Errors
/// NOT_FOUND, LOCKED, TOO_MANY.
pub fn clear(draft: &mut Draft, directory: &Directory, accounts: &[AccountId]) -> Outcome<()> {
    decided(draft, directory, accounts, false)
}

fn decided(draft: &mut Draft, directory: &Directory, accounts: &[AccountId], alone: bool) -> Outcome<()> {
    known(draft, directory, accounts)?;
    free(draft, directory, accounts)?;
    for AccountId { source, login } in accounts {
        decide(draft, source, login, |decision| {
            decision.contributor = None;
            decision.alone = alone;
            decision.by_lock = false;
        });
    }
    Ok(())
}

/// Faults where somebody locked has one of the accounts.
pub fn free(draft: &Draft, directory: &Directory, accounts: &[AccountId]) -> Outcome<()> {
    let one = |(number, account): (usize, &AccountId)| match owner(draft, directory, &account.source, &account.login) {
        Some(Target::Registered(id)) => unlocked(draft, &id, &field(number)),
        _ => Ok(()),
    };
    all(accounts.iter().enumerate().map(one)).map(drop)
}
