//! What a reader pins: the version and exact file list of every table, read once.
//! Reading the logs is `log`'s part; keeping the newest snapshot is the lake's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use object_store::path::Path;
use sha2::{Digest, Sha256};

use super::log::TableState;
use super::rows_id::RowsId;

/// One consistent view of the lake. A table that was never written is absent from `tables`.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Short hash of all tables' contents: equal ids mean equal rows. The files may still differ, after a compaction, so
    /// keep no file list longer than its snapshot.
    pub id: String,
    pub tables: BTreeMap<String, TableVersion>,
    /// When it was read.
    pub taken_at: DateTime<Utc>,
}

/// One table at one version.
#[derive(Debug, Clone)]
pub struct TableVersion {
    /// Version of the Delta table.
    pub version: u64,
    /// The last version that changed rows: compaction makes a new `version` of the same `contents`. What is derived from
    /// a table should be keyed by (`id`, `contents`).
    pub contents: u64,
    /// Identity of the Delta table: another one where a table was deleted and made anew.
    pub id: String,
    pub committed_at: DateTime<Utc>,
    pub files: Arc<Vec<DataFile>>,
    /// What the rows of each month are known by: compaction changes a month's files, and not this. A month without rows
    /// may be absent. What is derived from one month should be keyed by (`id`, this).
    pub months: BTreeMap<Option<String>, RowsId>,
    /// Rows, without tombstones where their number is known.
    pub rows: u64,
    /// Tombstones among the rows of the files; `None`: unknown (another engine wrote).
    pub tombstones: Option<u64>,
    /// Latest event time of any row.
    pub newest_event: Option<DateTime<Utc>>,
}

/// One Parquet file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// Relative to the lake's root.
    pub path: Path,
    /// Bytes.
    pub size: u64,
    /// Rows in the file, tombstones included.
    pub rows: u64,
    /// Month of the event time ("2026-03"); `None`: no event time.
    pub month: Option<String>,
}

impl TableVersion {
    /// The table as if it had the rows of some months only.
    pub fn of_months(&self, months: &BTreeSet<Option<String>>) -> TableVersion {
        let files: Vec<DataFile> = self.files.iter().filter(|file| months.contains(&file.month)).cloned().collect();
        let of_months = self.months.iter().filter(|(month, _)| months.contains(month));
        TableVersion {
            rows: files.iter().map(|file| file.rows).sum::<u64>().min(self.rows),
            // How many lie in which month is not told.
            tombstones: self.tombstones.filter(|tombstones| *tombstones == 0),
            months: of_months.map(|(month, id)| (month.clone(), *id)).collect(),
            files: Arc::new(files),
            ..self.clone()
        }
    }
}

impl Snapshot {
    pub(super) fn empty(taken_at: DateTime<Utc>) -> Snapshot {
        Snapshot { id: identity(&BTreeMap::new()), tables: BTreeMap::new(), taken_at }
    }

    pub(super) fn new(states: &BTreeMap<String, Arc<TableState>>, taken_at: DateTime<Utc>) -> Snapshot {
        let tables: BTreeMap<_, _> = states.iter().map(|(name, state)| (name.clone(), state.view())).collect();
        Snapshot { id: identity(&tables), tables, taken_at }
    }
}

fn identity(tables: &BTreeMap<String, TableVersion>) -> String {
    let mut hash = Sha256::new();
    for (name, table) in tables {
        hash.update(format!("{name} {} {}\n", table.id, table.contents));
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
