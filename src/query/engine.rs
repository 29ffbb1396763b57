//! The engine: runs plans over the facts of a snapshot, on DataFusion's own runtime, a few at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, anyhow};
use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};
use datafusion::catalog::TableProvider;
use datafusion::dataframe::DataFrame;
use datafusion::datasource::empty::EmptyTable;
use datafusion::execution::context::SessionContext;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionStateBuilder;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, Semaphore};
use tokio_util::task::AbortOnDropHandle;

use super::answer::{Answer, Rows};
use super::attribution::{self, AttributionSource};
use super::condition::has_dimension;
use super::facts;
use super::functions;
use super::names::Names;
use super::pause::PauseAfterUnnest;
use super::plan::Plan;
use super::question::Question;
use crate::lake::{Lake, Snapshot, scan};
use crate::model::fact::Fact;
use crate::model::{self, Attribution, Catalogue, Defaults, Dimension, Effective, Metric};

/// How much an engine may use.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Memory that all running plans share, in bytes.
    pub memory: usize,
    /// Plans that run at once; others wait.
    pub plans: usize,
    /// Threads that one plan uses.
    pub partitions: usize,
}

/// Runs plans. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    lake: Lake,
    runtime: Handle,
    context: SessionContext,
    defaults: Arc<Defaults>,
    built_in: Arc<Effective>,
    admission: Arc<Semaphore>,
    names: Arc<Mutex<Newest>>,
    running: Arc<AtomicUsize>,
}

/// The names of the newest snapshot that was asked for, by its id.
type Newest = Option<(String, Arc<Names>)>;

/// What a group of questions was answered with.
pub struct Answered {
    /// In the order of the questions.
    pub answers: Vec<Result<Arc<Answer>, Arc<anyhow::Error>>>,
    /// Plans that were run.
    pub plans: usize,
}

impl Engine {
    /// `defaults` are what holds where no profile says otherwise.
    pub fn new(lake: Lake, runtime: Handle, defaults: Defaults, limits: &Limits) -> Result<Engine> {
        let config = facts::session_config().with_target_partitions(limits.partitions);
        let memory = Arc::new(FairSpillPool::new(limits.memory));
        let environment = RuntimeEnvBuilder::new().with_memory_pool(memory).build_arc()?;
        let state = SessionStateBuilder::new().with_config(config).with_runtime_env(environment);
        let state = state.with_default_features().with_physical_optimizer_rule(Arc::new(PauseAfterUnnest));
        let context = SessionContext::new_with_state(state.build());
        functions::register(&context);
        scan::register_store(&lake, &context);
        let admission = Arc::new(Semaphore::new(limits.plans));
        let (built_in, defaults) = (Arc::new(Effective::built_in(&defaults)), Arc::new(defaults));
        let (names, running) = Default::default();
        Ok(Engine { lake, runtime, context, defaults, built_in, admission, names, running })
    }

    /// Answers questions about one snapshot: one plan for each fact, kind of scope and profile. A question that cannot be
    /// answered does not take the others of other plans along. The attribution is awaited only where it matters.
    pub async fn answer(
        &self,
        snapshot: &Arc<Snapshot>,
        questions: Vec<Question>,
        now: DateTime<Utc>,
        attribution: &AttributionSource,
    ) -> Answered {
        let mut groups = BTreeMap::<(&str, Option<Dimension>, String), Vec<(usize, Question)>>::new();
        let total = questions.len();
        for (place, question) in questions.into_iter().enumerate() {
            let profile = question.profile.id.clone();
            let group = (question.metric.fact.as_str(), question.scope.dimension(), profile);
            groups.entry(group).or_default().push((place, question));
        }
        let plans = groups.len();
        let runs = groups.into_iter().map(|((fact, scope, _), group)| async move {
            let (places, questions): (Vec<usize>, Vec<Question>) = group.into_iter().unzip();
            let number = places.len();
            let answers = match self.run_group(snapshot, fact, scope, questions.clone(), now, attribution).await {
                Ok(answers) => answers.into_iter().map(Ok).collect::<Vec<_>>(),
                Err(_) if can_fail_apart(&questions) => {
                    self.run_apart(snapshot, fact, scope, questions, now, attribution).await
                }
                Err(error) => vec![Err(Arc::new(error)); number],
            };
            places.into_iter().zip(answers).collect::<Vec<_>>()
        });
        let mut answers: Vec<_> = (0..total).map(|_| Err(Arc::new(anyhow!("not answered")))).collect();
        for (place, answer) in futures::future::join_all(runs).await.into_iter().flatten() {
            answers[place] = answer;
        }
        Answered { answers, plans }
    }

    /// Runs a frame to its end on the engine's own runtime. Dropping the future stops the plan.
    pub async fn collect(&self, frame: DataFrame) -> Result<Vec<RecordBatch>> {
        let (admission, running) = (Arc::clone(&self.admission), Arc::clone(&self.running));
        self.spawn(async move {
            let _admitted = admission.acquire_owned().await?;
            let _running = Running::start(running);
            Ok(frame.collect().await?)
        })
        .await
    }

    /// Plans and builds of facts that run now; those that wait for their turn are not among them.
    pub fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    /// Tasks alive on the engine's runtime. A plan that was stopped is gone from [`Engine::running`] at once, from here
    /// when the last of its parts has let go. Connections to an object store that wait for use count too.
    pub fn tasks(&self) -> usize {
        self.runtime.metrics().num_alive_tasks()
    }

    /// The session that frames are made in.
    pub fn context(&self) -> &SessionContext {
        &self.context
    }

    pub fn lake(&self) -> &Lake {
        &self.lake
    }

    /// What holds where no profile says otherwise, by parameter.
    pub fn defaults(&self) -> &Defaults {
        &self.defaults
    }

    /// The same, as what a question is asked with.
    pub fn built_in(&self) -> &Arc<Effective> {
        &self.built_in
    }

    /// The rows of a fact, as a table that a frame can read; built if this snapshot has not been asked for it before.
    pub async fn fact(&self, snapshot: &Arc<Snapshot>, fact: &'static Fact) -> Result<Arc<dyn TableProvider>> {
        let (lake, snapshot) = (self.lake.clone(), Arc::clone(snapshot));
        // Not stopped with the request that needs it first: a build that takes longer than a request may would never end.
        let build = self.runtime.spawn(async move { facts::fact(&lake, &snapshot, fact).await });
        let version = build.await.context("the build of a fact stopped early")??;
        Ok(version.provider(&self.lake))
    }

    /// Builds every fact of a snapshot that some metric is asked of, as far as what the metric needs is collected, so that the
    /// next question finds it.
    pub async fn build_facts(&self, snapshot: &Arc<Snapshot>, catalogue: &Catalogue) -> Result<()> {
        let collected = catalogue.metrics().filter(|metric| is_collected(metric, snapshot));
        let names: BTreeSet<&str> = collected.map(|metric| metric.fact.as_str()).collect();
        let asked = |fact: &&Fact| names.contains(fact.name.as_str()) || fact.name == "identities";
        let (last, first): (Vec<&Fact>, Vec<&Fact>) = model::facts().iter().filter(asked).partition(|fact| fact.last);
        for fact in first.into_iter().chain(last) {
            self.fact(snapshot, fact).await?;
        }
        Ok(())
    }

    /// Which repositories and services a snapshot names; read once for each snapshot.
    pub async fn names(&self, snapshot: &Arc<Snapshot>) -> Result<Arc<Names>> {
        let mut newest = self.names.lock().await;
        match newest.as_ref() {
            Some((id, names)) if *id == snapshot.id => Ok(Arc::clone(names)),
            _ => {
                let names = Arc::new(Names::read(self, snapshot).await?);
                *newest = Some((snapshot.id.clone(), Arc::clone(&names)));
                Ok(names)
            }
        }
    }

    /// Runs questions that failed together: the built-in metrics in one plan, and each other metric in one of its own.
    async fn run_apart(
        &self,
        snapshot: &Arc<Snapshot>,
        fact: &str,
        scope: Option<Dimension>,
        questions: Vec<Question>,
        now: DateTime<Utc>,
        attribution: &AttributionSource,
    ) -> Vec<Result<Arc<Answer>, Arc<anyhow::Error>>> {
        let mut parts = BTreeMap::<Option<&str>, Vec<(usize, Question)>>::new();
        let mut answers: Vec<_> = questions.iter().map(|_| Err(Arc::new(anyhow!("not answered")))).collect();
        for (place, question) in questions.into_iter().enumerate() {
            let own = Some(question.metric).filter(|metric| !is_built_in(metric)).map(|metric| metric.name.as_str());
            parts.entry(own).or_default().push((place, question));
        }
        for part in parts.into_values() {
            let (places, questions): (Vec<usize>, Vec<Question>) = part.into_iter().unzip();
            match self.run_group(snapshot, fact, scope, questions, now, attribution).await {
                Ok(found) => places.into_iter().zip(found).for_each(|(place, answer)| answers[place] = Ok(answer)),
                Err(error) => {
                    let error = Arc::new(error);
                    places.into_iter().for_each(|place| answers[place] = Err(Arc::clone(&error)));
                }
            }
        }
        answers
    }

    async fn run_group(
        &self,
        snapshot: &Arc<Snapshot>,
        fact: &str,
        scope: Option<Dimension>,
        questions: Vec<Question>,
        now: DateTime<Utc>,
        attribution: &AttributionSource,
    ) -> Result<Vec<Arc<Answer>>> {
        let fact = model::fact(fact).with_context(|| format!("no fact {fact}"))?;
        if scope.is_some_and(|scope| has_dimension(fact, scope).is_err()) {
            let answer = |question| Answer::without_rows(fact, question, now).map(Arc::new);
            return questions.into_iter().map(answer).collect();
        }
        // What is not collected has no rows, and need not be computed to know it.
        let provider: Arc<dyn TableProvider> = match questions.iter().any(|q| is_collected(q.metric, snapshot)) {
            true => self.fact(snapshot, fact).await?,
            false => Arc::new(EmptyTable::new(facts::schema(fact).await?)),
        };
        let attribution = self.attribution(snapshot, fact, &questions, attribution).await?;
        let profile = questions.first().map_or(&self.built_in, |question| &question.profile);
        let mut plan = Plan::new(fact, scope, attribution, now, Arc::clone(profile));
        let places = questions.iter().map(|question| plan.add(question)).collect::<Result<Vec<_>>>()?;
        let frame = plan.build(&self.context, provider)?;
        let rows = Arc::new(Rows::read(&self.collect(frame).await?, plan.keys().as_ref())?);
        let answers = questions.into_iter().zip(&places);
        Ok(answers.map(|(q, places)| Arc::new(Answer::new(Arc::clone(&rows), &plan, places, q))).collect())
    }

    /// Whom accounts belong to, where some question depends on it: it is about people, or bots are left out and people may
    /// have said which those are.
    pub(super) async fn attribution(
        &self,
        snapshot: &Snapshot,
        fact: &Fact,
        questions: &[Question],
        source: &AttributionSource,
    ) -> Result<Option<Arc<Attribution>>> {
        let said = fact.bot.is_some() && snapshot.tables.contains_key(model::EDITS);
        if !said && !questions.iter().any(Question::is_about_people) {
            return Ok(None);
        }
        Ok(Some(attribution::of(source).await?))
    }

    async fn spawn<T: Send + 'static>(&self, work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
        AbortOnDropHandle::new(self.runtime.spawn(work)).await.context("a plan stopped early")?
    }
}

/// Whether some of the questions may be answered where all of them together are not: a lake's own metric can fail on rows
/// that nobody thought of, and must not take others along.
fn can_fail_apart(questions: &[Question]) -> bool {
    let own = questions.iter().find(|question| !is_built_in(question.metric));
    own.is_some_and(|own| questions.iter().any(|question| question.metric.name != own.metric.name))
}

/// Whether the lake has the tables that a metric needs.
fn is_collected(metric: &Metric, snapshot: &Snapshot) -> bool {
    metric.needs.iter().all(|table| snapshot.tables.contains_key(table))
}

fn is_built_in(metric: &Metric) -> bool {
    model::metric(&metric.name).is_some()
}

/// Counts what runs, however it ends.
struct Running(Arc<AtomicUsize>);

impl Running {
    fn start(count: Arc<AtomicUsize>) -> Running {
        count.fetch_add(1, Ordering::SeqCst);
        metrics::gauge!("throughline_plans_running").increment(1.0);
        Running(count)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
        metrics::gauge!("throughline_plans_running").decrement(1.0);
    }
}
