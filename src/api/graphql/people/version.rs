//! `ContributorVersion`: an approved import of contributors.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};

use crate::people::document::Version;

/// A version of the set of contributors: an approved import, or an earlier version restored.
#[derive(SimpleObject, Clone)]
pub struct ContributorVersion {
    /// Number of the version, from 1.
    number: String,
    /// REPLACE, MERGE or RESTORE.
    mode: String,
    /// Name of the imported file, or the version that was restored.
    origin: String,
    /// When it was approved.
    at: DateTime<Utc>,
    /// Rows of the file.
    rows: u64,
    /// Contributors that were new.
    added: u64,
    /// Contributors that it changed.
    changed: u64,
    /// Contributors that it removed.
    removed: u64,
    /// Contributors that were as it says already.
    unchanged: u64,
}

impl ContributorVersion {
    pub fn new(number: &str, version: &Version) -> ContributorVersion {
        let Version { mode, origin, at, rows, added, changed, removed, unchanged, .. } = version.clone();
        ContributorVersion { number: number.to_owned(), mode, origin, at, rows, added, changed, removed, unchanged }
    }
}
