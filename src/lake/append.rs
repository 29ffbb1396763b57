//! Adds rows to a table at exactly the version that was read: whoever decided on the rows decided on that version.
//! Nothing is compared, so the rows' keys must be new. What to do after a lost race is the caller's business.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::RecordBatch;
use serde_json::json;

use super::Lake;
use super::action::Change;
use super::log::Committed;
use super::merge::{Incoming, discard};
use super::reduce::{Reduced, SharedReduced};
use super::rewrite;
use super::sift::{Fate, Sifted};
use crate::model::Table;

/// Commits rows of the table's schema as the version after `read` (`None`: as the first one). Gives the new version;
/// `None` where the table is at another version by now, and nothing was changed.
pub async fn append(lake: &Lake, table: &Table, read: Option<u64>, rows: RecordBatch) -> Result<Option<u64>> {
    let fitting = table.clone();
    let incoming = Incoming { file: String::new(), rows: vec![rows] };
    let reduced = tokio::task::spawn_blocking(move || Reduced::new(&fitting, vec![incoming]));
    let reduced: SharedReduced = Arc::new(reduced.await.context("the task ended early")??);
    lake.require_put_if_absent().await?;
    let log = lake.log(&table.name);
    let turn = log.writing.lock().await;
    let state = log.newest().await?;
    if state.as_ref().map(|state| state.version) != read {
        return Ok(None);
    }
    let sifted = Sifted { fates: vec![Fate::Insert; reduced.winners.len()], beaten: BTreeMap::new() };
    let jobs = rewrite::plan(table, state.as_deref(), &reduced, &sifted)?;
    let remove = jobs.iter().flat_map(|job| &job.files).map(|(entry, _)| Arc::clone(entry)).collect();
    let add = rewrite::write(&lake.store(), table, Some(&reduced), jobs).await?;
    let change = Change { operation: "WRITE", add, remove, data_change: true, note: json!({}) };
    match log.commit(table, state.as_deref(), &change).await? {
        Committed::Version(version) => {
            drop(turn);
            lake.settle(&log, version).await;
            Ok(Some(version))
        }
        Committed::LostRace => {
            discard(lake, &change.add).await;
            Ok(None)
        }
    }
}
