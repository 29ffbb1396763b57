//! Accounts as operations name them, and what is decided about them.

use super::reference::owner;
use super::{Outcome, all, at_most};
use crate::people::directory::Directory;
use crate::people::document::{AccountDecision, account_key};
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};

/// An account: login with a source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId {
    pub source: String,
    pub login: String,
}

impl AccountId {
    pub fn new(source: impl Into<String>, login: impl Into<String>) -> AccountId {
        AccountId { source: source.into(), login: login.into() }
    }
}

/// Changes what is decided about an account, seen or not. A decision that says nothing any more is removed.
pub fn decide(draft: &mut Draft, source: &str, login: &str, change: impl FnOnce(&mut AccountDecision)) {
    let key = account_key(source, login);
    let mut decision = draft.get::<AccountDecision>(&key).cloned().unwrap_or_default();
    change(&mut decision);
    if decision == AccountDecision::default() {
        draft.remove::<AccountDecision>(&key);
    } else {
        draft.put(&key, decision);
    }
}

/// Faults where there are too many, or one that is not there; its field is `accounts[i]`.
pub fn known(draft: &Draft, directory: &Directory, accounts: &[AccountId]) -> Outcome<()> {
    at_most(accounts.len(), "accounts")?;
    let one = |(number, account): (usize, &AccountId)| {
        let AccountId { source, login } = account;
        match owner(draft, directory, source, login) {
            Some(_) => Ok(()),
            None => {
                let message = format!("no account {login:?} of {source:?} was seen; mind upper and lower case");
                Err(Fault::new(Code::NotFound, message).at(field(number)))
            }
        }
    };
    all(accounts.iter().enumerate().map(one)).map(drop)
}

/// The input field of an account.
pub fn field(number: usize) -> String {
    format!("accounts[{number}]")
}
