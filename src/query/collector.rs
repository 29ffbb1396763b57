//! Gathers the questions of one request, so that they are planned together.
//!
//! Fields register a question and get a ticket. The first ticket that is awaited lets its neighbours register, then takes
//! all that wait as one batch. When the request goes away, so do its plans; only the build of a fact, which serves everybody,
//! goes on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};

use super::answer::Answer;
use super::attribution::AttributionSource;
use super::engine::Engine;
use super::question::Question;
use super::records::{self, Asked, Exclusion, Page, Record};
use crate::lake::Snapshot;

/// Passes over the fields of a level before a batch is closed; a field that had to look something up (does this
/// repository exist?) needs more than one.
const PASSES: usize = 4;

/// The questions of one request.
pub struct Collector {
    engine: Engine,
    snapshot: Arc<Snapshot>,
    now: DateTime<Utc>,
    attribution: AttributionSource,
    state: Mutex<State>,
    plans: Arc<AtomicUsize>,
}

/// A registered question.
#[derive(Clone)]
pub struct Ticket {
    number: usize,
    collector: Arc<Collector>,
}

type Outcome = Result<Arc<Answer>, Arc<anyhow::Error>>;
type Batch = Shared<BoxFuture<'static, Arc<HashMap<usize, Outcome>>>>;

#[derive(Default)]
struct State {
    registered: usize,
    waiting: Vec<(usize, Question)>,
    batches: HashMap<usize, Batch>,
}

impl Collector {
    /// `attribution` is awaited only where some question depends on it.
    pub fn new(
        engine: Engine,
        snapshot: Arc<Snapshot>,
        now: DateTime<Utc>,
        attribution: AttributionSource,
    ) -> Arc<Collector> {
        let (state, plans) = (Mutex::default(), Arc::default());
        Arc::new(Collector { engine, snapshot, now, attribution, state, plans })
    }

    /// A page of the rows behind a number, or left out of it.
    pub async fn records(&self, asked: &Asked, page: &Page) -> Result<Vec<Record>> {
        self.count_plan();
        records::page(&self.engine, &self.snapshot, asked, page, self.now, &self.attribution).await
    }

    /// How many rows a number leaves out, by reason.
    pub async fn exclusions(&self, asked: &Asked) -> Result<Vec<Exclusion>> {
        self.count_plan();
        records::exclusions(&self.engine, &self.snapshot, asked, self.now, &self.attribution).await
    }

    pub fn register(self: &Arc<Self>, question: Question) -> Ticket {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let number = state.registered;
        state.registered += 1;
        state.waiting.push((number, question));
        Ticket { number, collector: Arc::clone(self) }
    }

    /// Plans run so far.
    pub fn plans(&self) -> usize {
        self.plans.load(Ordering::Relaxed)
    }

    /// Counts a plan that was run beside the questions: the rows behind a number, say.
    pub fn count_plan(&self) {
        self.plans.fetch_add(1, Ordering::Relaxed);
    }

    fn batch(self: &Arc<Self>, number: usize) -> Batch {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(batch) = state.batches.get(&number) {
            return batch.clone();
        }
        let waiting = std::mem::take(&mut state.waiting);
        let numbers: Vec<usize> = waiting.iter().map(|(number, _)| *number).collect();
        let batch = self.run(waiting).boxed().shared();
        for number in numbers {
            state.batches.insert(number, batch.clone());
        }
        batch
    }

    /// The future must not hold the collector, which holds it: neither would be dropped, and the plan of a request that went
    /// away would run to its end.
    fn run(&self, waiting: Vec<(usize, Question)>) -> impl Future<Output = Arc<HashMap<usize, Outcome>>> + use<> {
        let (engine, snapshot, now) = (self.engine.clone(), Arc::clone(&self.snapshot), self.now);
        let (plans, attribution) = (Arc::clone(&self.plans), self.attribution.clone());
        let (numbers, questions): (Vec<usize>, Vec<Question>) = waiting.into_iter().unzip();
        async move {
            let answered = engine.answer(&snapshot, questions, now, &attribution).await;
            plans.fetch_add(answered.plans, Ordering::Relaxed);
            Arc::new(numbers.into_iter().zip(answered.answers).collect())
        }
    }
}

impl Ticket {
    /// The answer, computed together with all that was registered by then.
    pub async fn answer(&self) -> Outcome {
        let known = {
            let state = self.collector.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.batches.contains_key(&self.number)
        };
        if !known {
            for _ in 0..PASSES {
                tokio::task::yield_now().await;
            }
        }
        let outcomes = self.collector.batch(self.number).await;
        match outcomes.get(&self.number) {
            Some(outcome) => outcome.clone(),
            None => Err(Arc::new(anyhow::anyhow!("question {} was lost", self.number))),
        }
    }
}
