//! Housekeeping of tables: many small files become few, and files that no version needs go.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use chrono::TimeDelta;
use deltalake_core::protocol::checkpoints;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore};
use serde_json::json;

use super::action::Change;
use super::log::{Committed, Entry, TableState};
use super::merge::{backoff, discard};
use super::rewrite::{self, Job};
use super::write::FILE_ROWS;
use super::{Lake, layout};
use crate::clock::Clock;
use crate::model::Table;

/// A file of at least so many rows is left as it is.
const FULL_ROWS: u64 = FILE_ROWS as u64 / 2;
/// A file of at least so many bytes is left as it is.
const FULL_BYTES: u64 = 64 << 20;
/// Fewer small files in a month are left as they are, since every new version makes what is derived be derived anew.
const FEWEST_FILES: usize = 4;
const MOST_RETRIES: u32 = 10;

/// What a compaction did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compacted {
    /// The version it made; `None`: there was nothing to do.
    pub version: Option<u64>,
    pub files_before: usize,
    pub files_after: usize,
}

/// What vacuum removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vacuumed {
    pub files: usize,
    /// Files of the Delta log.
    pub log_files: usize,
}

/// Joins the small files of each month that has several into sorted ones. The rows stay the same.
pub async fn compact(lake: &Lake, table: &Table) -> Result<Compacted> {
    compact_from(lake, table, FEWEST_FILES).await
}

/// [`compact`] for each month that has at least so many small files. One: every small file is written anew.
pub async fn compact_from(lake: &Lake, table: &Table, fewest_files: usize) -> Result<Compacted> {
    lake.require_put_if_absent().await?;
    let log = lake.log(&table.name);
    let turn = log.writing.lock().await;
    for retries in 0..=MOST_RETRIES {
        let Some(state) = log.newest().await? else { return Ok(Compacted::default()) };
        let files_before = state.entries.len();
        let jobs = plan(&state, fewest_files);
        if jobs.is_empty() {
            return Ok(Compacted { version: None, files_before, files_after: files_before });
        }
        let remove: Vec<Arc<Entry>> =
            jobs.iter().flat_map(|job| &job.files).map(|(entry, _)| Arc::clone(entry)).collect();
        let add = rewrite::write(&lake.store(), table, None, jobs).await?;
        let files_after = files_before - remove.len() + add.len();
        let change = Change { operation: "OPTIMIZE", add, remove, data_change: false, note: json!({}) };
        match log.commit(table, Some(&state), &change).await? {
            Committed::Version(version) => {
                drop(turn);
                lake.settle(&log, version).await;
                return Ok(Compacted { version: Some(version), files_before, files_after });
            }
            Committed::LostRace => {
                discard(lake, &change.add).await;
                tokio::time::sleep(backoff(retries)).await;
            }
        }
    }
    bail!("{}: other writers were faster {MOST_RETRIES} times in a row; try again", table.name)
}

/// Removes data files that no version within `retention` holds, and old files of the log.
///
/// A reader whose snapshot is older than `retention` may find its files gone, and a writer's files that are not
/// committed yet must be younger; so keep it well over the longest query and merge. A week is usual.
///
/// Delta-rs's own vacuum would commit two new versions each time, and everything derived from the table would be
/// computed again for nothing.
pub async fn vacuum(lake: &Lake, table: &Table, retention: TimeDelta) -> Result<Vacuumed> {
    let log = lake.log(&table.name);
    let _turn = log.writing.lock().await;
    let until = Clock::System.now() - retention;
    // Listed first: what is committed after the listing is not on it.
    let folder = layout::tables(&table.name);
    let listed: Vec<ObjectMeta> = lake.store().list(Some(&folder)).try_collect().await?;
    let Some(state) = log.newest().await? else { return Ok(Vacuumed::default()) };
    let delta = log.delta_table().await.context("the table was just read")?;
    let mut needed: HashSet<Path> = state.entries.iter().map(|entry| entry.file.path.clone()).collect();
    let mut removed = delta.snapshot()?.all_tombstones(delta.log_store().as_ref());
    while let Some(file) = removed.try_next().await? {
        if file.deletion_timestamp().is_none_or(|at| at >= until.timestamp_millis()) {
            needed.insert(Path::from_iter(folder.parts().chain(Path::parse(file.path().as_ref())?.parts())));
        }
    }
    let unneeded = listed.into_iter().filter(|file| {
        let is_data = file.location.extension() == Some("parquet") && !file.location.as_ref().contains("/_delta_log/");
        is_data && file.last_modified < until && !needed.contains(&file.location)
    });
    let unneeded: Vec<Path> = unneeded.map(|file| file.location).collect();
    let files = unneeded.len();
    let store = lake.store();
    let mut deleted = store.delete_stream(futures::stream::iter(unneeded.into_iter().map(Ok)).boxed());
    while let Some(outcome) = deleted.next().await {
        match outcome {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error).with_context(|| format!("{} cannot be vacuumed", table.name)),
        }
    }
    let log_files = checkpoints::cleanup_metadata(&delta, None).await?;
    Ok(Vacuumed { files, log_files })
}

/// Bins of small files of one month, each as large as one file may be.
fn plan(state: &TableState, fewest_files: usize) -> Vec<Job> {
    let mut months: BTreeMap<&Option<String>, Vec<&Arc<Entry>>> = BTreeMap::new();
    for entry in &state.entries {
        if entry.file.rows < FULL_ROWS && entry.file.size < FULL_BYTES {
            months.entry(&entry.file.month).or_default().push(entry);
        }
    }
    let mut jobs = Vec::new();
    for (month, mut small) in months {
        small.sort_by_key(|entry| entry.file.rows);
        let (mut bin, mut rows, mut bytes) = (Vec::new(), 0, 0);
        for entry in small {
            if rows + entry.file.rows > FILE_ROWS as u64 || bytes + entry.file.size > 2 * FULL_BYTES {
                jobs.push(Job { month: month.clone(), files: std::mem::take(&mut bin), winners: Vec::new() });
                (rows, bytes) = (0, 0);
            }
            rows += entry.file.rows;
            bytes += entry.file.size;
            bin.push((Arc::clone(entry), Vec::new()));
        }
        jobs.push(Job { month: month.clone(), files: bin, winners: Vec::new() });
    }
    jobs.retain(|job| job.files.len() >= fewest_files);
    jobs
}
