//! What a request carries: who asks, of which snapshot, at what time, and how much it has asked for already.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_graphql::{Context, Result};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::error::{COST_LIMIT, bad_input, error};
use crate::lake::Snapshot;
use crate::query::attribution::accounts_alone;
use crate::query::collector::Collector;
use crate::query::engine::Engine;

/// Settings that every request shares.
#[derive(Debug, Clone)]
pub struct Settings {
    pub organization: String,
    /// The zone that calendar buckets are cut in, where a query names none.
    pub zone: Tz,
    /// The most cells (windows times slices) that one request may ask for.
    pub cost_limit: u64,
}

/// The data of one request.
pub struct Asking {
    pub engine: Engine,
    pub snapshot: Arc<Snapshot>,
    pub collector: Arc<Collector>,
    pub now: DateTime<Utc>,
    pub settings: Arc<Settings>,
    spent: AtomicU64,
}

impl Asking {
    /// A request about a snapshot, which all of its fields answer from.
    pub fn new(engine: Engine, snapshot: Arc<Snapshot>, now: DateTime<Utc>, settings: Arc<Settings>) -> Asking {
        let attribution = accounts_alone(engine.clone(), Arc::clone(&snapshot));
        let collector = Collector::new(engine.clone(), Arc::clone(&snapshot), now, attribution);
        Asking { engine, snapshot, collector, now, settings, spent: AtomicU64::new(0) }
    }

    /// The request that a field belongs to.
    pub fn of<'a>(context: &Context<'a>) -> Result<&'a Asking> {
        context.data::<Asking>()
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
