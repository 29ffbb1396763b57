//! Changes of contributors and of whose accounts are, each a pure function on a draft: every door asks for the same. All of
//! them can be taken back by another one, as each says; org trees and teams have their own in `org`.
//!
//! On faults nothing of the draft is to be written.

mod accounts;
mod assign;
mod books;
mod bots;
mod delete;
mod lock;
mod merge;
mod reference;
mod register;
mod rules;
mod split;
#[cfg(test)]
mod tests;
mod upsert;

pub use accounts::{AccountId, decide};
pub use assign::{assign, clear, set_alone};
pub use bots::{set_account_bot, set_bot};
pub use delete::{delete, restore};
pub use lock::{lock, unlock};
pub use merge::{merge, unmerge};
pub use reference::{Target, merged, target};
pub use register::{register, registered};
pub use rules::set_rules;
pub use split::split;
pub use upsert::{ContributorInput, Effect, Upserted, upsert, upsert_one};

use super::fault::{Code, Fault};

/// What an operation gives, or everything that is wrong with the wish.
pub type Outcome<T> = Result<T, Vec<Fault>>;

/// The most documents, accounts or ids that one operation takes.
pub const MOST: usize = 10_000;

fn at_most(len: usize, field: &str) -> Outcome<()> {
    if len <= MOST {
        return Ok(());
    }
    Err(vec![
        Fault::new(Code::TooMany, format!("{len} at once; at most {MOST} are allowed, send the rest after")).at(field),
    ])
}

/// What went well, if nothing went wrong.
fn all<T>(results: impl IntoIterator<Item = Result<T, Fault>>) -> Outcome<Vec<T>> {
    let (mut values, mut faults) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(faults) }
}
