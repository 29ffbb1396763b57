//! The lake: where bytes live. Object store, layout, Delta tables, merge, compaction and scans over exact file lists.
//!
//! What the tables mean is `model`'s business, which files come in is intake's, what is asked is query's.

mod action;
mod append;
pub mod compact;
mod key;
pub mod layout;
mod log;
pub mod merge;
pub mod month;
mod read;
mod reduce;
mod rewrite;
mod rows_id;
pub mod scan;
mod sift;
pub mod snapshot;
mod stats;
mod store;
mod trust;
pub mod write;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectStore, PutMode};
use tokio::sync::{OnceCell, watch};
use url::Url;

use crate::clock::Clock;
pub use append::append;
use log::{TableLog, TableState};
pub use merge::{FileCounts, Incoming, Merged, merge, recorded_counts};
pub use rows_id::RowsId;
pub use snapshot::{DataFile, Snapshot, TableVersion};
pub use store::CA_BUNDLE;

/// A snapshot older than this is read anew before it is used, unless [`Lake::refresh_after`] says otherwise.
const REFRESH_AFTER: Duration = Duration::from_secs(2);
/// Requests to the store at once while tables are looked at.
const LOOKS_AT_ONCE: usize = 16;

/// An open lake. Cheap to clone; clones share the newest snapshot.
#[derive(Clone)]
pub struct Lake(Arc<Inner>);

struct Inner {
    url: Url,
    store: Arc<dyn ObjectStore>,
    logs: Mutex<HashMap<String, Arc<TableLog>>>,
    newest: watch::Sender<Arc<Snapshot>>,
    /// Held while reading, so that many askers read once.
    known: tokio::sync::Mutex<Known>,
    put_if_absent_works: OnceCell<()>,
    refresh_after: Mutex<Duration>,
}

/// What the newest snapshot was made of.
#[derive(Default)]
struct Known {
    /// When all tables were looked at.
    read_at: Option<Instant>,
    states: BTreeMap<String, Arc<TableState>>,
}

impl Lake {
    /// Opens the lake at a URL (`file://`, `s3://`, `gs://`, `az://`, `memory://`) or a path on this machine, which is
    /// created. Credentials and endpoint come from the vendors' usual environment variables.
    ///
    /// Fails when the store does not answer; the error names the URL and what to check.
    pub async fn open(url: &str) -> Result<Lake> {
        Lake::open_with(url, []).await
    }

    /// [`Lake::open`] with settings that override the environment's, by the same names (`AWS_ENDPOINT_URL`, ...), and with
    /// [`CA_BUNDLE`]: a PEM file of certificates to trust beside the machine's.
    pub async fn open_with(url: &str, options: impl IntoIterator<Item = (String, String)>) -> Result<Lake> {
        let url = store::parse(url)?;
        let options: Vec<_> = options.into_iter().collect();
        let store = store::open(&url, &options)?;
        store::probe(&store, &url).await?;
        let (newest, _) = watch::channel(Arc::new(Snapshot::empty(Clock::System.now())));
        Ok(Lake(Arc::new(Inner {
            url,
            store,
            logs: Mutex::default(),
            newest,
            known: tokio::sync::Mutex::default(),
            put_if_absent_works: OnceCell::new(),
            refresh_after: Mutex::new(REFRESH_AFTER),
        })))
    }

    /// Where the lake is.
    pub fn url(&self) -> &Url {
        &self.0.url
    }

    /// The object store; paths in it are relative to the lake's root.
    pub fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.0.store)
    }

    /// How old a snapshot may be before [`Lake::snapshot`] reads it anew, for all clones. Zero: it always does.
    pub fn refresh_after(&self, age: Duration) {
        *self.0.refresh_after.lock().unwrap_or_else(PoisonError::into_inner) = age;
    }

    /// The newest snapshot known, read anew when it is older than two seconds, or what [`Lake::refresh_after`] said.
    ///
    /// Fails when it must be read and the store does not give it: an old snapshot is not passed off as new.
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>> {
        let mut known = self.0.known.lock().await;
        let most = *self.0.refresh_after.lock().unwrap_or_else(PoisonError::into_inner);
        if known.read_at.is_none_or(|at| at.elapsed() > most) {
            self.read_all(&mut known).await?;
        }
        Ok(self.0.newest.borrow().clone())
    }

    /// Reads what changed in every table since the last time, now.
    pub async fn refresh(&self) -> Result<Arc<Snapshot>> {
        let mut known = self.0.known.lock().await;
        self.read_all(&mut known).await?;
        Ok(self.0.newest.borrow().clone())
    }

    /// The newest snapshot that this process has seen; changes when a table has a new version.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.0.newest.subscribe()
    }

    /// The log of a table, shared by all that read or write it through this lake.
    fn log(&self, table: &str) -> Arc<TableLog> {
        let mut logs = self.0.logs.lock().unwrap_or_else(PoisonError::into_inner);
        let log = logs.entry(table.to_owned()).or_insert_with(|| Arc::new(TableLog::new(self.store(), table)));
        Arc::clone(log)
    }

    /// What follows a commit of ours: the snapshot gets the table's new version, and a checkpoint is written where one
    /// is due. The commit stands, whatever happens here.
    async fn settle(&self, log: &TableLog, version: u64) {
        let mut known = self.0.known.lock().await;
        let read = match known.read_at {
            None => self.read_all(&mut known).await,
            Some(_) => log.refresh().await.map(|state| {
                known.states.extend(state.map(|state| (log.name().to_owned(), state)));
                self.publish(&known.states, Clock::System.now());
            }),
        };
        drop(known);
        if let Err(error) = read {
            tracing::warn!(%error, "the lake could not be read after a commit");
        }
        log.checkpoint(version).await;
    }

    fn logs(&self) -> Vec<Arc<TableLog>> {
        self.0.logs.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    async fn read_all(&self, known: &mut Known) -> Result<()> {
        let taken_at = Clock::System.now();
        let folder = Path::from(layout::TABLES);
        let listing = self.0.store.list_with_delimiter(Some(&folder)).await;
        let listing = listing.with_context(|| format!("the tables of the lake at {} cannot be listed", self.0.url))?;
        let present: BTreeSet<String> =
            listing.common_prefixes.iter().filter_map(|path| Some(path.filename()?.to_owned())).collect();
        let gone = self.logs().into_iter().filter(|log| !present.contains(log.name()));
        for log in gone {
            log.forget().await;
        }
        known.states = futures::stream::iter(present)
            .map(|name| async move {
                let state = self.log(&name).refresh().await;
                state.with_context(|| format!("table {name} cannot be read")).map(|state| (name, state))
            })
            .buffer_unordered(LOOKS_AT_ONCE)
            .try_filter_map(|(name, state)| async move { Ok(state.map(|state| (name, state))) })
            .try_collect()
            .await?;
        known.read_at = Some(Instant::now());
        self.publish(&known.states, taken_at);
        Ok(())
    }

    fn publish(&self, states: &BTreeMap<String, Arc<TableState>>, taken_at: DateTime<Utc>) {
        let snapshot = Arc::new(Snapshot::new(states, taken_at));
        self.0.newest.send_if_modified(|newest| {
            let changed = newest.id != snapshot.id;
            *newest = snapshot;
            changed
        });
    }

    /// Makes sure, once per process, that the store honours "put if absent", on which every commit relies. Some S3
    /// lookalikes accept the condition and ignore it; two writers would then overwrite each other's commits.
    async fn require_put_if_absent(&self) -> Result<()> {
        let check = async || {
            if !matches!(self.0.url.scheme(), "s3" | "s3a" | "gs" | "az" | "azure" | "abfs" | "abfss") {
                return Ok(());
            }
            let path = Path::from_iter([layout::TABLES, "_put_if_absent"]);
            for _ in 0..2 {
                let put = self.0.store.put_opts(&path, "checked".into(), PutMode::Create.into()).await;
                match put {
                    Ok(_) => continue,
                    Err(object_store::Error::AlreadyExists { .. }) => return Ok(()),
                    Err(error) => return Err(error).with_context(|| format!("{} cannot be written", self.0.url)),
                }
            }
            bail!(
                "the store behind {} ignores conditional writes (If-None-Match), so that two writers could overwrite \
                 each other; use a store that honours them",
                self.0.url
            )
        };
        self.0.put_if_absent_works.get_or_try_init(check).await?;
        Ok(())
    }
}

impl std::fmt::Debug for Lake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lake({})", self.0.url)
    }
}
