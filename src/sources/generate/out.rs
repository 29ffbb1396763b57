//! Where simulated rows go before they are batches: one `Rows` for each table and source.

use anyhow::Result;
use arrow::array::RecordBatch;

use crate::model::{self, Table};
use crate::sources::rows::{Row, Rows};

/// The code host: repositories, commits, pull requests, builds, and deployments of its pipelines.
pub const FORGE: &str = "forge";
/// The issue tracker.
pub const TRACKER: &str = "tracker";
/// The deployment platform of some services, which also knows incidents and what caused them.
pub const OPS: &str = "ops";
/// The pager, which knows no deployments.
pub const PAGER: &str = "pager";

/// A table of one source.
#[derive(Debug, Clone, Copy)]
pub struct Slot {
    index: usize,
    table: &'static str,
    source: &'static str,
}

macro_rules! slots {
    ($($index:literal $name:ident $table:literal $source:ident,)*) => {
        $(pub const $name: Slot = Slot { index: $index, table: $table, source: $source };)*
        const SLOTS: [Slot; [$($index),*].len()] = [$($name),*];
    };
}

slots! {
    0 ACCOUNTS "accounts" FORGE,
    1 TRACKER_ACCOUNTS "accounts" TRACKER,
    2 REPOSITORIES "repositories" FORGE,
    3 COMMITS "commits" FORGE,
    4 COMMIT_FILES "commit_files" FORGE,
    5 PULL_REQUESTS "pull_requests" FORGE,
    6 PULL_REQUEST_COMMITS "pull_request_commits" FORGE,
    7 REVIEWS "reviews" FORGE,
    8 COMMENTS "comments" FORGE,
    9 BUILDS "builds" FORGE,
    10 FORGE_DEPLOYMENTS "deployments" FORGE,
    11 OPS_DEPLOYMENTS "deployments" OPS,
    12 FORGE_DEPLOYMENT_COMMITS "deployment_commits" FORGE,
    13 OPS_DEPLOYMENT_COMMITS "deployment_commits" OPS,
    14 DEPLOYMENT_CHANGES "deployment_changes" FORGE,
    15 PAGER_INCIDENTS "incidents" PAGER,
    16 OPS_INCIDENTS "incidents" OPS,
    17 ISSUES "issues" TRACKER,
    18 ISSUE_TRANSITIONS "issue_transitions" TRACKER,
    19 SPRINTS "sprints" TRACKER,
    20 SPRINT_ISSUES "sprint_issues" TRACKER,
}

/// A batch on its way to landing.
pub struct Batch {
    pub table: &'static Table,
    pub source: &'static str,
    pub rows: RecordBatch,
}

/// Rows of a chunk of the organisation for one month.
pub struct Out {
    slots: Vec<Option<Rows>>,
}

impl Default for Out {
    fn default() -> Out {
        Out { slots: SLOTS.iter().map(|_| None).collect() }
    }
}

impl Out {
    /// Begins a row; `updated_at` in seconds.
    pub fn row(&mut self, slot: Slot, id: &str, updated_at: i64) -> Row<'_> {
        let rows = self.slots[slot.index].get_or_insert_with(|| {
            Rows::new(model::table(slot.table).expect("slots name declared tables: a unit test opens them all"))
        });
        rows.row(slot.source, id, us(updated_at))
    }

    /// A tombstone.
    pub fn bury(&mut self, slot: Slot, id: &str, updated_at: i64) {
        self.row(slot, id, updated_at).flag("deleted", true);
    }

    /// All rows as batches, in the order of the slots.
    pub fn batches(self) -> Result<Vec<Batch>> {
        let mut batches = Vec::new();
        for (slot, rows) in SLOTS.iter().zip(self.slots) {
            if let Some(mut rows) = rows {
                batches.push(Batch { table: rows.table(), source: slot.source, rows: rows.take()? });
            }
        }
        Ok(batches)
    }
}

/// Seconds as the lake's microseconds.
pub fn us(seconds: i64) -> i64 {
    seconds * 1_000_000
}

/// The time of something that may not have happened by `now`.
pub fn by(now: i64, at: Option<i64>) -> Option<i64> {
    at.filter(|at| *at < now).map(us)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_name_every_table_that_is_landed() {
        for (index, slot) in SLOTS.iter().enumerate() {
            assert_eq!(slot.index, index);
            assert!(model::table(slot.table).is_some(), "{}", slot.table);
        }
        for table in model::tables().iter().filter(|table| !table.internal) {
            assert!(SLOTS.iter().any(|slot| slot.table == table.name), "nothing is generated for {}", table.name);
        }
    }
}
