//! People and settings: contributors and their accounts, org trees and teams. Their documents are kept in the table `edits`,
//! so that a server holds no state of its own; whom a row of a fact belongs to leaves here as [`crate::model::Attribution`].
//!
//! A *change* takes the records as they are, makes a draft of them, and is written at exactly the version that it was made
//! of. So several servers may change one lake, and none of their changes is lost or made of what was not there.

pub mod audit;
pub mod csv;
pub mod directory;
pub mod document;
pub mod document_file;
pub mod draft;
pub mod fault;
pub mod fresh;
pub mod identity;
pub mod import;
pub mod journal;
pub mod operations;
pub mod org;
pub mod profiles;
pub mod records;
pub mod search;
pub mod seen;
pub mod standing;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tokio::sync::Mutex;

pub use directory::Directory;
pub use draft::Draft;
pub use fault::{Code, Fault};
pub use journal::{Author, Door};
pub use records::Records;
pub use seen::Seen;

use crate::clock::Clock;
use crate::lake::{Lake, Snapshot};
use crate::model::catalogue::Current;
use journal::{Heading, Newest};

/// Lost races after which a change gives up. Each means that another writer got on.
const MOST_RETRIES: u32 = 50;
/// The pause after a lost race, times its number.
const PAUSE: Duration = Duration::from_millis(10);
/// Directories kept: the newest, and those that requests still answer from.
const KEPT: usize = 3;

/// The room's door. Cheap to clone.
#[derive(Clone)]
pub struct People {
    lake: Lake,
    zone: Tz,
    clock: Clock,
    newest: Arc<Mutex<Newest>>,
    directories: Arc<Mutex<Vec<Arc<Directory>>>>,
    catalogue: Current,
}

/// A change that was made.
#[derive(Debug, Clone)]
pub struct Changed<T> {
    /// What the change gave.
    pub outcome: T,
    /// Its number; `None`: there was nothing to change.
    pub seq: Option<i64>,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The snapshot that holds it.
    pub snapshot: Arc<Snapshot>,
}

impl People {
    /// Days of memberships begin and end in `zone`. Settings may name the built-in metrics.
    pub fn new(lake: Lake, zone: Tz, clock: Clock) -> People {
        let (newest, directories, catalogue) = Default::default();
        People { lake, zone, clock, newest, directories, catalogue }
    }

    /// The same room, in which settings may name the metrics of the catalogue that is in force.
    pub fn about(self, catalogue: Current) -> People {
        People { catalogue, ..self }
    }

    /// Every document, as a snapshot has them.
    pub async fn records(&self, snapshot: &Snapshot) -> Result<Arc<Records>> {
        self.newest.lock().await.at(&self.lake, snapshot).await
    }

    /// Every document, as they were at a time.
    pub async fn records_at(&self, snapshot: &Snapshot, at: DateTime<Utc>) -> Result<Arc<Records>> {
        journal::records_at(&self.lake, snapshot, at).await.map(Arc::new)
    }

    /// The directory of a snapshot and the accounts seen in it.
    pub async fn directory(&self, snapshot: &Snapshot, seen: &Arc<Seen>) -> Result<Arc<Directory>> {
        let records = self.records(snapshot).await?;
        self.directory_of(records, seen).await
    }

    /// The directory of other records: of earlier ones, or of a draft.
    pub async fn directory_of(&self, records: Arc<Records>, seen: &Arc<Seen>) -> Result<Arc<Directory>> {
        let now = self.clock.now();
        let today = now.with_timezone(&self.zone).date_naive();
        let mut kept = self.directories.lock().await;
        let known =
            kept.iter().find(|d| Arc::ptr_eq(&d.records, &records) && d.seen_key == seen.key && d.today == today);
        if let Some(known) = known {
            return Ok(Arc::clone(known));
        }
        let made = self.make(records, seen, now).await?;
        kept.insert(0, Arc::clone(&made));
        kept.truncate(KEPT);
        Ok(made)
    }

    /// The directory as it was at a time: of the records of then, with that day as today. The accounts are those of `seen`.
    pub async fn directory_at(
        &self,
        snapshot: &Snapshot,
        seen: &Arc<Seen>,
        at: DateTime<Utc>,
    ) -> Result<Arc<Directory>> {
        let records = self.records_at(snapshot, at).await?;
        self.make(records, seen, at).await
    }

    /// Makes a change: `work` puts documents into a draft of the newest records, or says what is wrong. It is run again
    /// where another change comes first, hence must do nothing else. On a fault nothing is written.
    ///
    /// # Errors
    /// When the lake cannot be read or written, or others are faster again and again.
    pub async fn change<T>(
        &self,
        author: &Author,
        action: &str,
        summary: &str,
        seen: &Arc<Seen>,
        work: impl Fn(&mut Draft, &Directory) -> Result<T, Vec<Fault>>,
    ) -> Result<Result<Changed<T>, Vec<Fault>>> {
        for retry in 0..MOST_RETRIES {
            let snapshot = self.lake.refresh().await?;
            let directory = self.directory(&snapshot, seen).await?;
            let mut draft = Draft::new(Arc::clone(&directory.records)).about(self.catalogue.get());
            let outcome = match work(&mut draft, &directory) {
                Ok(outcome) => outcome,
                Err(faults) => return Ok(Err(faults)),
            };
            let edits = draft.edits()?;
            if edits.is_empty() {
                return Ok(Ok(Changed { outcome, seq: None, at: self.clock.now(), snapshot }));
            }
            let heading = Heading {
                seq: directory.records.seq + 1,
                at: self.clock.now(),
                author: author.clone(),
                action: action.to_owned(),
                summary: summary.to_owned(),
            };
            if journal::write(&self.lake, &snapshot, &heading, &edits).await? {
                let snapshot = self.lake.refresh().await?;
                return Ok(Ok(Changed { outcome, seq: Some(heading.seq), at: heading.at, snapshot }));
            }
            tokio::time::sleep(PAUSE * (retry + 1)).await;
        }
        bail!("other changes were faster {MOST_RETRIES} times in a row; try again")
    }

    pub fn lake(&self) -> &Lake {
        &self.lake
    }

    pub fn clock(&self) -> Clock {
        self.clock
    }

    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// Makes a directory on a thread where it holds up nobody.
    async fn make(&self, records: Arc<Records>, seen: &Arc<Seen>, now: DateTime<Utc>) -> Result<Arc<Directory>> {
        let (zone, seen) = (self.zone, Arc::clone(seen));
        let made = tokio::task::spawn_blocking(move || Directory::new(records, &seen, zone, now)).await;
        Ok(Arc::new(made.context("the directory was not finished")??))
    }
}
