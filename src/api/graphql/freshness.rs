//! `Freshness`: how new the data behind a value is.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};

use super::asking::Asking;

/// How new the data behind a value is.
#[derive(SimpleObject)]
pub struct Freshness {
    /// Time of the newest event in the tables that the value is computed from.
    pub newest_event: Option<DateTime<Utc>>,
    /// When those tables last took in a file.
    pub newest_intake: Option<DateTime<Utc>>,
    /// The snapshot of the lake that the whole request answers from.
    pub snapshot: String,
}

impl Freshness {
    /// The freshness of some tables in a request's snapshot.
    pub fn of(asking: &Asking, tables: &[String]) -> Freshness {
        let versions = || tables.iter().filter_map(|name| asking.snapshot.tables.get(name));
        Freshness {
            newest_event: versions().filter_map(|version| version.newest_event).max(),
            newest_intake: versions().map(|version| version.committed_at).max(),
            snapshot: asking.snapshot.id.clone(),
        }
    }
}
