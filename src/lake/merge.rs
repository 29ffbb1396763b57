//! Latest wins: merges files of incoming rows into a table, in one commit that holds all of them or nothing.
//!
//! The rows are reduced to one per key (`reduce`), compared with the table's (`sift`), and written (`rewrite`). The
//! commit takes exactly the version after the one that was read. Where another writer took it first, the
//! comparison starts again from the newer version, so that no writer's rows are lost and no key stands twice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use arrow::array::RecordBatch;
use futures::{StreamExt, TryStreamExt};
use object_store::ObjectStoreExt;
use rand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::action::{Change, NOTE};
use super::log::{Committed, TableState};
use super::reduce::{Reduced, SharedReduced};
use super::sift::{Fate, Sifted, sift};
use super::write::Written;
use super::{Lake, rewrite};
use crate::model::Table;

/// Lost races after which a merge gives up. Each means that another writer got on.
const MOST_RETRIES: u32 = 100;
/// Commits looked through for the counts of a file, newest first.
const HISTORY: u64 = 500;
const LOOKS_AT_ONCE: usize = 16;

/// The rows of one landing file.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// Identity of the landing file.
    pub file: String,
    /// Batches of exactly the table's schema, without nulls in `source`, `id` and `updated_at`.
    pub rows: Vec<RecordBatch>,
}

/// What a merge did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The version it made; `None`: nothing changed.
    pub version: Option<u64>,
    /// How often another writer was faster.
    pub retries: u32,
    /// In the order of the incoming files.
    pub files: Vec<FileCounts>,
}

/// What became of the rows of one landing file. The three add up to its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCounts {
    pub file: String,
    /// The key was not there.
    pub inserted: u64,
    /// Replaced an earlier row; a tombstone, or a row by a tombstone, as well.
    pub updated: u64,
    /// Older than what is there, or the same.
    pub unchanged: u64,
}

/// Merges files into a table. All of them become visible at once. Merging the same rows again changes nothing, and the
/// order in which files are merged never matters.
///
/// Fails where rows do not fit the table, or the store cannot be read or written; then nothing was changed.
pub async fn merge(lake: &Lake, table: &Table, incoming: Vec<Incoming>) -> Result<Merged> {
    let fitting = table.clone();
    let reduced = tokio::task::spawn_blocking(move || Reduced::new(&fitting, incoming));
    let reduced: SharedReduced = Arc::new(reduced.await.context("the task ended early")??);
    lake.require_put_if_absent().await?;
    let log = lake.log(&table.name);
    let turn = log.writing.lock().await;
    for retries in 0..=MOST_RETRIES {
        let state = log.newest().await?;
        let sifted = sift(&lake.store(), state.as_deref(), &reduced).await?;
        let files = count(&reduced, &sifted);
        if sifted.beaten.is_empty() && sifted.fates.iter().all(|fate| *fate == Fate::Lose) {
            return Ok(Merged { version: None, retries, files });
        }
        let change = change(lake, table, state.as_deref(), &reduced, &sifted, &files).await?;
        match log.commit(table, state.as_deref(), &change).await? {
            Committed::Version(version) => {
                drop(turn);
                lake.settle(&log, version).await;
                return Ok(Merged { version: Some(version), retries, files });
            }
            Committed::LostRace => {
                discard(lake, &change.add).await;
                tokio::time::sleep(backoff(retries)).await;
            }
        }
    }
    bail!("{}: other writers were faster {MOST_RETRIES} times in a row; try again", table.name)
}

/// What merges said of landing files when they were committed, looked up in the recent history of the table. For a caller
/// that was stopped between a commit and its own records. By file; those that were not found or changed nothing are absent.
///
/// One pass over the history, however many files: ask for many at once.
pub async fn recorded_counts(lake: &Lake, table: &Table, files: &[&str]) -> Result<BTreeMap<String, FileCounts>> {
    let mut found = BTreeMap::new();
    let log = lake.log(&table.name);
    let Some(state) = log.refresh().await? else { return Ok(found) };
    let versions = (state.version.saturating_sub(HISTORY - 1)..=state.version).rev();
    let log = &log;
    let mut commits = futures::stream::iter(versions)
        .map(|version| async move { log.commit_text(version).await })
        .buffered(LOOKS_AT_ONCE);
    // Newest first, so that the first merge of a file has the last word: it tells what it did, a later one found its rows
    // there.
    while let Some(commit) = commits.try_next().await? {
        let noted = commit.map(|text| noted_counts(&text)).unwrap_or_default();
        let asked = noted.into_iter().filter(|counts| files.contains(&counts.file.as_str()));
        found.extend(asked.map(|counts| (counts.file.clone(), counts)));
    }
    Ok(found)
}

async fn change(
    lake: &Lake,
    table: &Table,
    state: Option<&TableState>,
    reduced: &SharedReduced,
    sifted: &Sifted,
    files: &[FileCounts],
) -> Result<Change> {
    let jobs = rewrite::plan(table, state, reduced, sifted)?;
    let remove = jobs.iter().flat_map(|job| &job.files).map(|(entry, _)| Arc::clone(entry)).collect();
    let add = rewrite::write(&lake.store(), table, Some(reduced), jobs).await?;
    Ok(Change { operation: "MERGE", add, remove, data_change: true, note: json!({ "files": files }) })
}

fn count(reduced: &Reduced, sifted: &Sifted) -> Vec<FileCounts> {
    let zero =
        |(file, rows): &(String, u64)| FileCounts { file: file.clone(), inserted: 0, updated: 0, unchanged: *rows };
    let mut files: Vec<FileCounts> = reduced.files.iter().map(zero).collect();
    for (slot, fate) in sifted.fates.iter().enumerate() {
        let counts = &mut files[reduced.file_of(slot)];
        match fate {
            Fate::Insert => counts.inserted += 1,
            Fate::Update => counts.updated += 1,
            Fate::Lose => continue,
        }
        counts.unchanged -= 1;
    }
    files
}

fn noted_counts(commit: &[u8]) -> Vec<FileCounts> {
    let line = commit.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Ok(action) = serde_json::from_slice::<Value>(line) else { return Vec::new() };
    serde_json::from_value(action["commitInfo"][NOTE]["files"].clone()).unwrap_or_default()
}

/// Removes files of a commit that did not come about. Vacuum would find them too, later.
pub(super) async fn discard(lake: &Lake, written: &[Written]) {
    for written in written {
        if let Err(error) = lake.store().delete(&written.file.path).await {
            tracing::debug!(path = %written.file.path, %error, "an unused file was left for vacuum");
        }
    }
}

/// A random pause that grows, so that writers that met do not meet again.
pub(super) fn backoff(retries: u32) -> Duration {
    let longest = 20 << retries.min(6);
    Duration::from_millis(rand::rng().random_range(5..=longest))
}
