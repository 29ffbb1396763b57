//! Edits of org trees by hand: operations on a draft. Each leaves documents that fit together, or says in faults what is
//! wrong; then the draft is thrown away. Fields of faults are relative to the input of the operation.

pub mod member;
pub mod settings;
pub mod team;
pub mod tree;

use super::forest::Forest;
use crate::people::document::Team;
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};

/// What an operation gives.
pub type Outcome<T> = Result<T, Vec<Fault>>;

/// A team of the draft.
pub(crate) fn team<'d>(draft: &'d Draft, id: &str, field: &str) -> Result<&'d Team, Vec<Fault>> {
    draft.get(id).ok_or_else(|| vec![Fault::new(Code::NotFound, format!("there is no team {id:?}")).at(field)])
}

/// A name that can stand in a path.
pub(crate) fn name(text: &str, field: &str) -> Result<String, Fault> {
    let name = text.trim();
    match super::path::slug(name).is_empty() {
        true => Err(Fault::new(Code::RequiredValueMissing, "a name is needed").at(field)),
        false => Ok(name.to_owned()),
    }
}

/// Proves that the documents of the draft fit together.
pub(crate) fn fits(draft: &Draft, field: &str) -> Outcome<()> {
    Forest::new(draft.records()).map(|_| ()).map_err(|fault| vec![fault.at(field)])
}
