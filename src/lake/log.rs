//! The Delta log of one table: its newest state, kept in memory and read incrementally, and strict commits.
//! What a commit should say is decided by `merge` and `compact`; how it is spelled, by `action`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use deltalake_core::DeltaTable;
use deltalake_core::kernel::transaction::TransactionError;
use deltalake_core::kernel::{Action, LogicalFileView};
use deltalake_core::logstore::{CommitOrBytes, LogStore, LogStoreRef, StorageConfig, default_logstore};
use deltalake_core::protocol::checkpoints;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt};
use tokio::sync::Mutex;
use url::Url;
use uuid::Uuid;

use super::action::{self, Change};
use super::rows_id::RowsId;
use super::snapshot::{DataFile, TableVersion};
use super::stats::DeltaStats;
use super::{layout, read};
use crate::model::{self, Table};

/// A checkpoint is written at every version that this divides.
const CHECKPOINT_EVERY: u64 = 10;
/// So many versions are looked back through for one that changed rows.
const LOOK_BACK: u64 = 50;
/// So often the log is listed, however little seems to have changed.
const LIST_AFTER: Duration = Duration::from_secs(600);

/// The log of a table, in one process.
pub(super) struct TableLog {
    name: String,
    store: Arc<dyn ObjectStore>,
    delta: LogStoreRef,
    current: Mutex<Option<Current>>,
    /// Writers of one process take turns; those of other processes are met at the commit.
    pub writing: Mutex<()>,
}

struct Current {
    table: DeltaTable,
    state: Arc<TableState>,
    listed_at: Instant,
}

/// One version of a table, with what a writer must know of its files.
pub(super) struct TableState {
    pub version: u64,
    /// The last version that changed rows, and not only where they lie.
    pub contents: u64,
    /// The Delta table's own identity.
    pub id: String,
    pub committed_at: DateTime<Utc>,
    pub entries: Vec<Arc<Entry>>,
    /// Columns of the Delta schema, the partition column included.
    pub columns: Vec<String>,
    files: Arc<Vec<DataFile>>,
}

/// A data file as the log knows it.
pub(super) struct Entry {
    pub file: DataFile,
    /// Relative to the table's folder, as in the log.
    pub path: String,
    pub partition: HashMap<String, Option<String>>,
    /// Least and greatest `id`.
    pub ids: Option<(String, String)>,
    pub newest_event_micros: Option<i64>,
    pub tombstones: Option<u64>,
    pub rows_id: RowsId,
}

/// How a commit ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Committed {
    Version(u64),
    /// Another writer took the version.
    LostRace,
}

impl TableLog {
    pub fn new(store: Arc<dyn ObjectStore>, name: &str) -> TableLog {
        let prefixed = Arc::new(PrefixStore::new(Arc::clone(&store), layout::tables(name)));
        // The URL is never resolved: its path says where in the lake's store the table is. Its host is that of an S3
        // directory bucket, of which the kernel knows that listings are in no order, and sorts them itself. Local
        // folders and some S3 lookalikes need that.
        let mut location = Url::parse("s3://lake--x-s3/").expect("a constant URL");
        location.set_path(&format!("/{}/", layout::tables(name)));
        let delta = default_logstore(prefixed, Arc::clone(&store), &location, &StorageConfig::default());
        TableLog { name: name.to_owned(), store, delta, current: Mutex::new(None), writing: Mutex::new(()) }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The newest version; `None`: the table has none yet. Costs one small request when nothing changed.
    pub async fn refresh(&self) -> Result<Option<Arc<TableState>>> {
        let mut current = self.current.lock().await;
        if let Some(known) = current.as_ref() {
            // A version after ours is there, or nothing changed. Old commits may be cleaned away, hence the time limit.
            match self.store.head(&self.commit_path(known.state.version + 1)).await {
                Ok(_) => {}
                Err(object_store::Error::NotFound { .. }) if known.listed_at.elapsed() < LIST_AFTER => {
                    return Ok(Some(Arc::clone(&known.state)));
                }
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.list(&mut current).await
    }

    /// The newest version, by a listing of the log: what a writer builds on. A commit must never follow a version that
    /// is no longer there.
    pub async fn newest(&self) -> Result<Option<Arc<TableState>>> {
        let mut current = self.current.lock().await;
        let state = self.list(&mut current).await?;
        let Some(known) = &state else { return Ok(None) };
        match self.store.head(&self.commit_path(known.version)).await {
            Ok(_) => return Ok(state),
            Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        // Cleaned away behind a checkpoint, or somebody deleted the table: its start tells.
        *current = None;
        self.list(&mut current).await
    }

    async fn list(&self, current: &mut Option<Current>) -> Result<Option<Arc<TableState>>> {
        if let Some(known) = current.as_mut() {
            match known.table.update_state().await {
                Ok(()) => {
                    known.listed_at = Instant::now();
                    if known.table.version() != Some(known.state.version) {
                        known.state = Arc::new(self.state(&known.table, Some(&known.state)).await?);
                    }
                    return Ok(Some(Arc::clone(&known.state)));
                }
                // The table was made anew, or its log was cleaned past our version.
                Err(error) => tracing::debug!(table = self.name, %error, "the log is read from its start"),
            }
        }
        *current = None;
        if !self.delta.is_delta_table_location().await? {
            return Ok(None);
        }
        let mut table = DeltaTable::new(Arc::clone(&self.delta));
        table.load().await?;
        let state = Arc::new(self.state(&table, None).await?);
        *current = Some(Current { table, state: Arc::clone(&state), listed_at: Instant::now() });
        Ok(Some(state))
    }

    /// Forgets what is known, for a table whose folder is gone.
    pub async fn forget(&self) {
        *self.current.lock().await = None;
    }

    /// Writes `change` as the version after `read` (`None`: as the first), or not at all.
    pub async fn commit(&self, table: &Table, read: Option<&TableState>, change: &Change) -> Result<Committed> {
        let version = read.map_or(0, |state| state.version + 1);
        let metadata = match read {
            None => Some(action::first_metadata(table)),
            Some(state) if state.lacks_columns_of(table) => Some(self.wider_metadata(table).await?),
            Some(_) => None,
        };
        let mark = Uuid::new_v4();
        let bytes = action::encode(change, version, metadata, mark);
        let put = self.delta.write_commit_entry(version, CommitOrBytes::LogBytes(bytes.into()), mark).await;
        match put {
            Ok(()) => Ok(Committed::Version(version)),
            // A request that was repeated after its answer got lost meets its own commit.
            Err(TransactionError::VersionAlreadyExists(_)) if self.carries(version, mark).await? => {
                Ok(Committed::Version(version))
            }
            Err(TransactionError::VersionAlreadyExists(_)) => Ok(Committed::LostRace),
            Err(error) => Err(error).with_context(|| format!("version {version} of {} cannot be committed", self.name)),
        }
    }

    /// Writes a checkpoint where one is due. Without it readers are only slower, so a failure is no error.
    pub async fn checkpoint(&self, version: u64) {
        if version == 0 || !version.is_multiple_of(CHECKPOINT_EVERY) {
            return;
        }
        let table = self.current.lock().await.as_ref().map(|current| current.table.clone());
        if let Some(table) = table
            && let Err(error) = checkpoints::create_checkpoint(&table, None).await
        {
            tracing::warn!(table = self.name, version, %error, "no checkpoint was written");
        }
    }

    /// The Delta table as it was read last, for delta-rs's own operations.
    pub async fn delta_table(&self) -> Option<DeltaTable> {
        self.current.lock().await.as_ref().map(|current| current.table.clone())
    }

    /// The text of a commit; `None`: there is no such version, or it was cleaned away.
    pub async fn commit_text(&self, version: u64) -> Result<Option<Bytes>> {
        match self.store.get(&self.commit_path(version)).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn carries(&self, version: u64, mark: Uuid) -> Result<bool> {
        let text = self.commit_text(version).await?.unwrap_or_default();
        Ok(String::from_utf8_lossy(&text).contains(&mark.to_string()))
    }

    fn commit_path(&self, version: u64) -> Path {
        layout::tables(&self.name).join("_delta_log").join(format!("{version:020}.json"))
    }

    async fn wider_metadata(&self, table: &Table) -> Result<serde_json::Value> {
        let known = self.delta_table().await.context("the table was read before")?;
        let metadata = serde_json::to_value(Action::Metadata(known.snapshot()?.metadata().clone()))?;
        action::widen_metadata(metadata, table)
    }

    async fn state(&self, table: &DeltaTable, previous: Option<&TableState>) -> Result<TableState> {
        let delta = table.snapshot()?;
        let version = delta.version();
        let known: HashMap<&str, &Arc<Entry>> =
            previous.iter().flat_map(|state| &state.entries).map(|entry| (entry.path.as_str(), entry)).collect();
        let mut entries = Vec::with_capacity(delta.log_data().num_files());
        for view in delta.log_data().iter() {
            match known.get(view.path().as_ref()) {
                Some(entry) => entries.push(Arc::clone(entry)),
                None => entries.push(Arc::new(self.entry(&view).await?)),
            }
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        let committed_at = match delta.version_timestamp(version).and_then(DateTime::from_timestamp_millis) {
            Some(at) => at,
            None => self.store.head(&self.commit_path(version)).await?.last_modified,
        };
        Ok(TableState {
            version,
            contents: self.contents(version, previous).await?,
            id: delta.metadata().id().to_owned(),
            committed_at,
            columns: delta.schema().fields().map(|field| field.name().to_string()).collect(),
            files: Arc::new(entries.iter().map(|entry| entry.file.clone()).collect()),
            entries,
        })
    }

    /// The last version up to `version` that changed rows. Where the log does not tell any more, `version` itself, which
    /// costs a reader no more than looking again.
    async fn contents(&self, version: u64, previous: Option<&TableState>) -> Result<u64> {
        let unread = previous.map_or(0, |state| state.version + 1).max(version.saturating_sub(LOOK_BACK));
        for earlier in (unread..=version).rev() {
            match self.commit_text(earlier).await? {
                None => return Ok(version),
                Some(commit) if action::changes_rows(&commit) => return Ok(earlier),
                Some(_) => {}
            }
        }
        Ok(previous.filter(|state| state.version + 1 == unread).map_or(version, |state| state.contents))
    }

    async fn entry(&self, view: &LogicalFileView) -> Result<Entry> {
        let path = view.path().into_owned();
        ensure!(
            view.deletion_vector_descriptor().is_none() && !path.contains("://"),
            "{} uses deletion vectors or files outside of the lake, written by another engine; rewrite it without",
            self.name
        );
        let partition = view.partition_values_map();
        let stats = DeltaStats::parse(&view.stats().unwrap_or_default());
        let table = layout::tables(&self.name);
        let full = Path::from_iter(table.parts().chain(view.object_store_path().parts()));
        let size = u64::try_from(view.size()).context("a file's size is negative")?;
        let month = partition.get(action::MONTH).cloned().flatten();
        let mut file = DataFile { path: full, size, rows: 0, month };
        file.rows = match stats.num_records {
            Some(rows) => rows,
            None => read::count(Arc::clone(&self.store), &file).await?,
        };
        let (tombstones, rows_id) = action::noted(view);
        let event = model::table(&self.name).and_then(|table| table.event_time.as_deref());
        Ok(Entry {
            partition,
            ids: stats.text("id"),
            newest_event_micros: event.and_then(|column| stats.time(column)).map(|(_, newest)| newest),
            tombstones,
            rows_id: rows_id.unwrap_or_else(|| RowsId::of_path(&path)),
            path,
            file,
        })
    }
}

impl TableState {
    /// What readers see of this version.
    pub fn view(&self) -> TableVersion {
        let rows: u64 = self.entries.iter().map(|entry| entry.file.rows).sum();
        let tombstones: Option<u64> = self.entries.iter().map(|entry| entry.tombstones).sum();
        let newest = self.entries.iter().filter_map(|entry| entry.newest_event_micros).max();
        let mut months: BTreeMap<Option<String>, RowsId> = BTreeMap::new();
        for entry in &self.entries {
            let sum = months.entry(entry.file.month.clone()).or_default();
            *sum = *sum + entry.rows_id;
        }
        TableVersion {
            version: self.version,
            contents: self.contents,
            id: self.id.clone(),
            committed_at: self.committed_at,
            files: Arc::clone(&self.files),
            months,
            rows: rows.saturating_sub(tombstones.unwrap_or(0)),
            tombstones,
            newest_event: newest.and_then(DateTime::from_timestamp_micros),
        }
    }

    fn lacks_columns_of(&self, table: &Table) -> bool {
        table.columns.iter().any(|column| !self.columns.contains(&column.name))
    }
}
