//! What a request carries: who asks, of which snapshot, at what time, and how much it has asked for already.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

use async_graphql::{Context, Result};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tokio::sync::{Mutex, OnceCell};

use super::error::{COST_LIMIT, bad_input, error, internal, shared};
use super::people::Activity;
use super::siblings::KnownPeers;
use crate::api::definitions::Reloaded;
use crate::api::{Caller, Definitions, Register};
use crate::lake::Snapshot;
use crate::model::profile::Kind;
use crate::model::{Catalogue, Dimension, EDITS, Effective, Metric};
use crate::people::{Author, Directory, Door, Draft, Records, profiles};
use crate::query::attribution::source;
use crate::query::collector::Collector;
use crate::query::engine::Engine;
use crate::query::question::Scope;

/// Settings that every request shares.
#[derive(Debug, Clone)]
pub struct Settings {
    pub organization: String,
    /// The zone that calendar buckets are cut in, where a query names none.
    pub zone: Tz,
    /// The most cells (windows times slices) that one request may ask for.
    pub cost_limit: u64,
}

/// Records, ids of profiles in them, and what those come to.
type Composed = (Arc<Records>, [String; 3], Arc<Effective>);

/// The data of one request.
pub struct Asking {
    pub engine: Engine,
    pub snapshot: Arc<Snapshot>,
    pub collector: Arc<Collector>,
    pub now: DateTime<Utc>,
    pub settings: Arc<Settings>,
    pub register: Register,
    pub caller: Caller,
    pub activity: Activity,
    /// The metrics that there are, for the whole request.
    pub catalogue: Arc<Catalogue>,
    definitions: Option<Definitions>,
    pub peers: KnownPeers,
    directory: OnceCell<Result<Arc<Directory>, Arc<anyhow::Error>>>,
    /// Directories of earlier times that fields of this request asked for.
    earlier: Mutex<HashMap<DateTime<Utc>, Arc<Directory>>>,
    /// What profiles come to, by the records that they stand in and their ids.
    effective: std::sync::Mutex<Vec<Composed>>,
    spent: AtomicU64,
}

impl Asking {
    /// A request about a snapshot, which all of its fields answer from, and about the built-in metrics.
    pub fn new(
        register: Register,
        snapshot: Arc<Snapshot>,
        now: DateTime<Utc>,
        settings: Arc<Settings>,
        caller: Caller,
    ) -> Asking {
        let engine = register.engine().clone();
        let attribution = {
            let (register, snapshot) = (register.clone(), Arc::clone(&snapshot));
            source(async move { Ok(Arc::clone(&register.directory(&snapshot).await?.attribution)) })
        };
        let collector = Collector::new(engine.clone(), Arc::clone(&snapshot), now, attribution);
        let (activity, peers, directory, earlier, effective, spent) = Default::default();
        Asking {
            engine,
            snapshot,
            collector,
            now,
            settings,
            register,
            caller,
            activity,
            catalogue: Catalogue::built_in(),
            definitions: None,
            peers,
            directory,
            earlier,
            effective,
            spent,
        }
    }

    /// The same request about the metrics of a catalogue, which must be the one that its schema is made of. `definitions`
    /// has that catalogue, or a newer one.
    pub fn about(self, catalogue: Arc<Catalogue>, definitions: Definitions) -> Asking {
        Asking { catalogue, definitions: Some(definitions), ..self }
    }

    /// Has the lake's own metrics read anew. The request itself goes on with those it has.
    ///
    /// # Errors
    /// When the lake does not list its files.
    pub async fn reload(&self) -> anyhow::Result<Reloaded> {
        match &self.definitions {
            Some(definitions) => definitions.reload().await,
            None => Ok(Reloaded { is_changed: false, catalogue: Arc::clone(&self.catalogue) }),
        }
    }

    /// The request that a field belongs to.
    pub fn of<'a>(context: &Context<'a>) -> Result<&'a Asking> {
        context.data::<Asking>()
    }

    /// People and teams, as this request's snapshot has them.
    pub async fn directory(&self) -> Result<Arc<Directory>> {
        let made = self.directory.get_or_init(async || self.register.directory(&self.snapshot).await.map_err(Arc::new));
        made.await.clone().map_err(shared)
    }

    /// People and teams, where a field of this request has looked them up already.
    pub fn known_directory(&self) -> Option<&Arc<Directory>> {
        self.directory.get()?.as_ref().ok()
    }

    /// People and teams as they were recorded at a time; left out: as they are.
    pub async fn directory_at(&self, at: Option<DateTime<Utc>>) -> Result<Arc<Directory>> {
        let Some(at) = at else { return self.directory().await };
        let mut earlier = self.earlier.lock().await;
        if let Some(known) = earlier.get(&at) {
            return Ok(Arc::clone(known));
        }
        let read = async {
            let seen = self.register.seen(&self.snapshot).await?;
            self.register.people().directory_at(&self.snapshot, &seen, at).await
        };
        let made = read.await.map_err(|error| internal(&error))?;
        earlier.insert(at, Arc::clone(&made));
        Ok(made)
    }

    /// What metrics of a scope mean: by the profiles that hold for it.
    pub async fn effective(&self, scope: &Scope) -> Result<Arc<Effective>> {
        if !self.snapshot.tables.contains_key(EDITS) {
            return Ok(Arc::clone(self.engine.built_in()));
        }
        let records = self.register.people().records(&self.snapshot).await.map_err(|error| internal(&error))?;
        if records.profiles.is_empty() {
            return Ok(Arc::clone(self.engine.built_in()));
        }
        if !matches!(scope, Scope::Key(Dimension::Team, _)) {
            let held: Vec<String> = profiles::of_organization(&records).into_iter().map(|held| held.profile).collect();
            return Ok(self.composed(&records, self.register.people().zone(), [&held[0], &held[1], &held[2]]));
        }
        let directory = self.directory().await?;
        Ok(self.held(&directory, &directory.records, scope, None))
    }

    /// What metrics of a scope mean as `records` have profiles, perhaps with one of them in place of that of its kind.
    pub fn held(
        &self,
        directory: &Directory,
        records: &Arc<Records>,
        scope: &Scope,
        but: Option<(Kind, &str)>,
    ) -> Arc<Effective> {
        let team = match scope {
            Scope::Key(Dimension::Team, key) => directory.org.by_id.get(key).copied(),
            _ => None,
        };
        let mut ids = Kind::ALL.iter().map(|kind| kind.name().to_owned()).collect::<Vec<_>>();
        for held in profiles::assigned(&directory.org, records, team) {
            ids[held.kind.place()] = held.profile;
        }
        if let Some((kind, id)) = but {
            ids[kind.place()] = id.to_owned();
        }
        self.composed(records, directory.zone, [&ids[0], &ids[1], &ids[2]])
    }

    /// What profiles of these ids come to, one of each kind in their order.
    pub fn composed(&self, records: &Arc<Records>, zone: Tz, ids: [&str; 3]) -> Arc<Effective> {
        let mut known = self.effective.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., made)) = known.iter().find(|(of, its, _)| Arc::ptr_eq(of, records) && *its == ids) {
            return Arc::clone(made);
        }
        let made = Arc::new(profiles::composed(records, self.engine.defaults(), zone, ids));
        known.push((Arc::clone(records), ids.map(str::to_owned), Arc::clone(&made)));
        made
    }

    /// Every metric that there is.
    pub fn metrics(&self) -> impl Iterator<Item = &'static Metric> + '_ {
        self.catalogue.metrics()
    }

    /// A draft of a change that is only looked at.
    pub fn draft(&self, directory: &Directory) -> Draft {
        Draft::new(Arc::clone(&directory.records)).about(Arc::clone(&self.catalogue))
    }

    /// Who makes the changes of this request.
    pub fn author(&self) -> Author {
        Author { actor: self.caller.actor().to_owned(), door: Door::Graphql }
    }

    /// The named zone, or the organisation's.
    pub fn zone(&self, name: Option<&str>) -> Result<Tz> {
        match name {
            None => Ok(self.settings.zone),
            Some(name) => name.parse().map_err(|_| {
                bad_input(format!("timezone: {name:?} is no IANA time zone; write one such as \"Europe/Berlin\""))
            }),
        }
    }

    /// Tables that a metric needs and the lake does not have.
    pub fn missing_tables(&self, metric: &'static Metric) -> Vec<&'static str> {
        let missing = metric.needs.iter().filter(|table| !self.snapshot.tables.contains_key(*table));
        missing.map(String::as_str).collect()
    }

    /// Adds to the cost of the request, unless that would exceed the limit.
    pub fn spend(&self, cost: u64) -> Result<()> {
        let limit = self.settings.cost_limit;
        let spent = self.spent.fetch_add(cost, Ordering::Relaxed).saturating_add(cost);
        if spent > limit {
            let message = format!(
                "The request asks for about {spent} numbers; the limit is {limit}. Ask for longer buckets, a shorter period or fewer metrics."
            );
            return Err(error(COST_LIMIT, message));
        }
        Ok(())
    }
}
