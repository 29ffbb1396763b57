//! People beside the accounts that plans find in the tables: what every door asks for people, and changes them through.
//! What people mean is the people room's business, how accounts are found the query room's; they meet here.

use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::sync::Mutex;

use crate::lake::Snapshot;
use crate::model;
use crate::people::{Author, Changed, Directory, Draft, Fault, People, Seen};
use crate::query::activity::identities;
use crate::query::engine::Engine;
use crate::query::facts;

/// The fact whose rows are the accounts.
const IDENTITIES: &str = "identities";

/// The directory of any snapshot. Cheap to clone.
#[derive(Clone)]
pub struct Register {
    people: People,
    engine: Engine,
    /// The accounts that were read last.
    newest: Arc<Mutex<Option<Arc<Seen>>>>,
}

impl Register {
    pub fn new(people: People, engine: Engine) -> Register {
        Register { people, engine, newest: Arc::default() }
    }

    pub fn people(&self) -> &People {
        &self.people
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Every account that the tables of a snapshot name; read anew only where one of them changed.
    pub async fn seen(&self, snapshot: &Arc<Snapshot>) -> Result<Arc<Seen>> {
        let fact = model::fact(IDENTITIES).with_context(|| format!("no fact {IDENTITIES}"))?;
        let key = facts::key(snapshot, fact)?;
        let mut newest = self.newest.lock().await;
        if let Some(seen) = newest.as_ref().filter(|seen| seen.key == key) {
            return Ok(Arc::clone(seen));
        }
        let (key, rows) = identities(&self.engine, snapshot).await?;
        let seen = Arc::new(Seen::read(key, &rows)?);
        *newest = Some(Arc::clone(&seen));
        Ok(seen)
    }

    /// People and teams, as a snapshot has them.
    pub async fn directory(&self, snapshot: &Arc<Snapshot>) -> Result<Arc<Directory>> {
        let seen = self.seen(snapshot).await?;
        self.people.directory(snapshot, &seen).await
    }

    /// Makes a change of people or settings: see [`People::change`]. What comes of it is seen by whoever asks next.
    ///
    /// # Errors
    /// When the lake cannot be read or written, or others are faster again and again. What the caller can mend is a fault.
    pub async fn change<T>(
        &self,
        author: &Author,
        action: &str,
        summary: &str,
        work: impl Fn(&mut Draft, &Directory) -> Result<T, Vec<Fault>>,
    ) -> Result<Result<Changed<T>, Vec<Fault>>> {
        let seen = self.seen(&self.people.lake().refresh().await?).await?;
        self.people.change(author, action, summary, &seen, work).await
    }
}
