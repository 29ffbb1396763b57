//! Org trees, teams, members, settings, profiles and identity rules as one document in TOML or JSON, which a person can write by
//! hand and keep under version control. People stand in it by e-mail, external id or `source/login`, teams by path.
//!
//! The document says how things are on a day and from then on: what was before stays. Whatever it names becomes as it
//! says, and what it leaves out stays as it is: a key of an entry, an entry, the members that builds of a tree place.
//! Only where a tree is `complete` are teams closed that it does not name.

mod compare;
mod export;
mod import;
mod member;
mod parse;
mod profile;
mod refer;
mod shape;
mod team;
#[cfg(test)]
mod tests;
mod write;

use anyhow::Result;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use compare::Difference;
pub use shape::ProfileEntry;

use super::directory::Directory;
use super::draft::Draft;
use super::fault::{Code, Fault};
use super::operations::Outcome;
use crate::model::Profile;

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "lowercase")]
#[graphql(name = "DocumentFormat")]
pub enum Format {
    /// Tom's Obvious Minimal Language, the easier one to write by hand.
    Toml,
    /// JavaScript Object Notation.
    Json,
}

impl Format {
    /// The format that a file's name tells; TOML where it tells none.
    pub fn of_name(name: &str) -> Format {
        if name.to_ascii_lowercase().ends_with(".json") { Format::Json } else { Format::Toml }
    }
}

/// The document of a directory: all profiles and trees, with the teams that there are or will be, settings, members by hand, and rules.
/// Imported again it changes nothing.
///
/// # Errors
/// When it cannot be written as text, which is a defect.
pub fn export(directory: &Directory, format: Format) -> Result<String> {
    write::text(&export::file(directory), format)
}

/// The document of one profile.
///
/// # Errors
/// When it cannot be written as text, which is a defect.
pub fn export_profile(id: &str, profile: &Profile, format: Format) -> Result<String> {
    let profiles = vec![ProfileEntry::of(id, profile)];
    write::text(&shape::File { profiles, ..shape::File::default() }, format)
}

/// As [`import`], of a document that has profiles and nothing else.
pub fn import_profiles(
    draft: &mut Draft,
    directory: &Directory,
    text: &str,
    format: Format,
) -> Outcome<Vec<Difference>> {
    let file = parse::file(text, format)?;
    let others =
        [("identity", file.identity.is_some()), ("trees", !file.trees.is_empty()), ("teams", !file.teams.is_empty())];
    let message = "this document may have profiles only; `applyDocument` and `throughline apply` take all parts";
    let faults: Vec<Fault> = others
        .iter()
        .filter(|(_, is_there)| *is_there)
        .map(|(part, _)| Fault::new(Code::InvalidValue, message).at(*part))
        .collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    import::apply(draft, directory, file, directory.today)?;
    compare::differences(draft, directory)
}

/// Makes the draft as a document says, with effect from a day, and tells what changes. Everything or nothing: on faults
/// the draft is to be thrown away. Fields of faults are places in the document, such as `teams[3].members[1]`.
pub fn import(
    draft: &mut Draft,
    directory: &Directory,
    text: &str,
    format: Format,
    day: NaiveDate,
) -> Outcome<Vec<Difference>> {
    let file = parse::file(text, format)?;
    import::apply(draft, directory, file, day)?;
    compare::differences(draft, directory)
}
