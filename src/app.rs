//! The house put together: an open lake, the engine on a runtime of its own, the schema, and the server before them.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use async_graphql::{Request, Response, Value as GraphQlValue};
use async_trait::async_trait;
use chrono::DateTime;
use futures::{TryStreamExt, stream::BoxStream};
use object_store::path::Path;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{net::TcpListener, runtime::Runtime};
use tokio_util::sync::CancellationToken;

use crate::{
    api::{
        self, Caller, Definitions, Register, Scope,
        definitions::Served,
        graphql::{self, Asking},
        http::{Access, Backend, Document, Limits, Settings, router},
        records::{self, File, Refused},
    },
    clock::Clock,
    config::{Config, Secret},
    generated,
    intake::{self, Ingestion, Progress},
    jobs,
    lake::{CA_BUNDLE, Lake, Snapshot, layout},
    model::{self, catalogue::Current},
    people::{
        Author, Directory, Door, Draft, Fault, People, audit,
        document_file::{self, Format},
        import::{self, Mode, Options},
    },
    query::{
        engine::{self, Engine},
        facts, question, views,
    },
    sources,
};

/// How long requests that are under way at a stop may take to finish.
const DRAIN: Duration = Duration::from_secs(10);
/// What plans may take of the memory, and what building facts may. The rest is for what no pool sees: decoding, answers,
/// intake, caches.
const PLANS_SHARE: f64 = 0.5;
const FACTS_SHARE: f64 = 0.2;
/// 2026-07-10, when the sample company's story is over.
const SAMPLE_ENDS_SECONDS: i64 = 1_783_641_600;
/// Answers about "now" change at most this often: zones are whole quarters of an hour apart, and a period's end is the
/// start of a day in some zone.
const NOW_CHANGES_SECONDS: i64 = 900;

/// Everything that a command needs. Shared by doors and jobs.
pub struct App {
    pub config: Config,
    pub lake: Lake,
    engine: Engine,
    register: Register,
    definitions: Definitions,
    asked: Arc<graphql::Settings>,
    /// Changes with the program and its settings; what changes with the lake's own metrics is beside it.
    identity: [u8; 32],
    _engine_runtime: EngineRuntime,
}

/// The engine's threads, so that doors and health stay responsive while plans compute.
struct EngineRuntime(Option<Runtime>);

impl EngineRuntime {
    fn start(threads: usize) -> Result<EngineRuntime> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(threads).thread_name("engine").enable_all().build();
        Ok(EngineRuntime(Some(runtime.context("cannot start the engine's threads")?)))
    }

    fn handle(&self) -> &tokio::runtime::Handle {
        self.0.as_ref().expect("it is taken only when dropped").handle()
    }
}

impl Drop for EngineRuntime {
    fn drop(&mut self) {
        // A runtime may not be waited for inside another.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl App {
    /// Opens the lake; the default one is made from the sample company on first start.
    ///
    /// # Errors
    /// When the lake cannot be opened or written, or the machine gives no threads.
    pub async fn open(config: Config) -> Result<Arc<App>> {
        let lake = open_lake(&config).await?;
        let app = App::over(config, lake)?;
        app.read_definitions().await?;
        if app.config.lake_is_default && app.lacks_the_sample().await? {
            app.make_sample_lake().await.context("cannot make the lake of the sample company")?;
        }
        Ok(app)
    }

    /// The house over a lake that is open already, with the built-in metrics.
    ///
    /// # Errors
    /// When the machine gives no threads.
    pub fn over(config: Config, lake: Lake) -> Result<Arc<App>> {
        lake.refresh_after(config.refresh_interval);
        let memory = |share: f64| (config.memory_limit_bytes as f64 * share) as usize;
        facts::limit_memory(memory(FACTS_SHARE));
        let cores = std::thread::available_parallelism().map_or(2, |n| n.get());
        let runtime = EngineRuntime::start(cores)?;
        let limits =
            engine::Limits { memory: memory(PLANS_SHARE), plans: config.max_concurrent_queries, partitions: cores };
        let profile = model::defaults().clone().with_bots(&config.bots).with_calendar(config.calendar.clone());
        let engine = Engine::new(lake.clone(), runtime.handle().clone(), profile, &limits)?;
        let current = Current::default();
        let people = People::new(lake.clone(), config.timezone, config.clock).about(current.clone());
        let register = Register::new(people, engine.clone());
        let (depth, complexity, data) = (config.max_depth, config.max_complexity, lake.clone());
        let definitions = Definitions::new(engine.clone(), current, move |catalogue| {
            let schema = graphql::schema_of(catalogue).limit_depth(depth).limit_complexity(complexity);
            schema.data(data.clone()).finish()
        });
        let asked = Arc::new(graphql::Settings {
            organization: config.organization.clone(),
            zone: config.timezone,
            cost_limit: config.max_complexity as u64,
        });
        let identity = identity(&config, &definitions.served());
        Ok(Arc::new(App { config, lake, engine, register, definitions, asked, identity, _engine_runtime: runtime }))
    }

    /// Applies or refuses everything that was dropped before the call.
    ///
    /// # Errors
    /// When the lake cannot be read or written. A refused file is no error.
    pub async fn intake(&self) -> Result<Vec<Ingestion>> {
        self.intake_telling(|_| {}).await
    }

    /// [`App::intake`], telling how far it is, and what became of each file as soon as it is known.
    ///
    /// # Errors
    /// As there.
    pub async fn intake_telling(&self, progress: impl Fn(&Progress) + Send + Sync) -> Result<Vec<Ingestion>> {
        let counting = |done: &Progress| {
            for outcome in &done.news {
                let status = outcome.status.to_string();
                metrics::counter!("throughline_intake_files_total", "status" => status).increment(1);
            }
            progress(done);
        };
        intake::run(&self.lake, self.config.clock, counting).await
    }

    /// The lake's own metrics, and what requests are served by.
    pub fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// Reads the lake's own metrics for the first time.
    async fn read_definitions(&self) -> Result<()> {
        let catalogue = self.definitions.reload().await?.catalogue;
        let unknown = |name: &&String| catalogue.metric(name).is_none();
        for name in self.config.calendar.metrics.iter().filter(unknown) {
            // Once its file is mended, the calendar holds for it.
            let file = format!("{}.toml", name.to_lowercase());
            anyhow::ensure!(
                catalogue.files().iter().any(|known| known.file == file),
                "setting 'calendar_metrics': there is no metric {name}, and no {}/{file} in the lake",
                layout::definitions_of_metrics()
            );
        }
        Ok(())
    }

    /// Serves until `shutdown` fires; then lets requests finish for a while.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(self: Arc<App>, listener: TcpListener, shutdown: CancellationToken) -> Result<()> {
        api::http::install_metrics();
        let jobs = jobs::start(self.clone(), shutdown.clone());
        let door = router(self.clone(), self.settings(), shutdown.clone());
        let server = axum::serve(listener, door).with_graceful_shutdown(shutdown.clone().cancelled_owned());
        let drained = async {
            shutdown.cancelled().await;
            tokio::time::sleep(DRAIN).await;
        };
        tokio::select! {
            outcome = server => outcome.context("the server failed")?,
            () = drained => tracing::warn!("requests still under way after {} s were cut off", DRAIN.as_secs()),
        }
        jobs.wait().await;
        Ok(())
    }

    /// Whether there is nothing, or only what a start that was cut off, or an older version, made of the sample company: it
    /// ends with the people.
    async fn lacks_the_sample(&self) -> Result<bool> {
        let tables = &self.lake.refresh().await?.tables;
        if tables.contains_key(model::EDITS) {
            return Ok(false);
        }
        let landing = Path::from(layout::LANDING);
        let dropped: Vec<_> = self.lake.store().list(Some(&landing)).try_collect().await?;
        let of_sample =
            dropped.iter().all(|file| file.location.parts().nth(2).is_some_and(|folder| folder.as_ref() == "sample"));
        Ok(of_sample && (tables.is_empty() || !dropped.is_empty()))
    }

    async fn make_sample_lake(&self) -> Result<()> {
        tracing::info!("making a lake of the sample company at {}", self.lake.url());
        sources::sample::write_landing(&self.lake.store()).await?;
        // Intake refuses rows of the future; a clock that was set into the story must not.
        let end = DateTime::from_timestamp(SAMPLE_ENDS_SECONDS, 0).context("a constant time")?;
        let outcomes = intake::run(&self.lake, Clock::Fixed(self.config.clock.now().max(end)), |_| {}).await?;
        match outcomes.iter().find(|outcome| outcome.is_refused()) {
            Some(refused) => anyhow::bail!("{refused}"),
            None => self.make_sample_people().await,
        }
    }

    /// Gives a lake of the sample company its contributors and teams.
    ///
    /// # Errors
    /// When the lake cannot be read or written, or holds people already that these do not go with.
    pub async fn make_sample_people(&self) -> Result<()> {
        let author = Author { actor: "throughline".to_owned(), door: Door::System };
        let (people, register) = (self.register.people(), &self.register);
        let seen = register.seen(&self.lake.refresh().await?).await?;
        let (file, options) =
            (sources::sample::CONTRIBUTORS.as_bytes().to_vec(), Options { attributes: true, ..Options::default() });
        let preview = import::preview(people, &seen, &author, file, "contributors.csv", Mode::Merge, options).await?;
        let id = preview.id.with_context(|| format!("the sample's contributors: {:?}", preview.errors))?;
        let told = |faults: Vec<Fault>| anyhow::anyhow!("the sample's people: {faults:?}");
        import::approve(people, &seen, &author, &id).await?.map_err(told)?;
        let teams = |draft: &mut Draft, directory: &Directory| {
            document_file::import(draft, directory, sources::sample::TEAMS, Format::Toml, directory.today)
        };
        register.change(&author, "APPLY_DOCUMENT", "made the teams of the sample", teams).await?.map_err(told)?;
        Ok(())
    }

    /// What runs the plans of all doors.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    fn settings(&self) -> Settings {
        let config = &self.config;
        let token = config.api_token.as_ref().map(Secret::reveal);
        Settings {
            access: Access::new(token, config.allowed_origins.clone(), config.allowed_hosts.clone()),
            limits: Limits { tokens: config.max_tokens, aliases: config.max_aliases },
            query_timeout: config.query_timeout,
            max_body_bytes: config.max_body_bytes,
            example: api::EXAMPLE.to_owned(),
        }
    }

    /// People, accounts, teams.
    pub fn register(&self) -> &Register {
        &self.register
    }

    fn asking(&self, served: &Served, snapshot: Arc<Snapshot>, caller: Caller) -> Asking {
        Asking::new(self.register.clone(), snapshot, self.config.clock.now(), self.asked.clone(), caller)
            .about(Arc::clone(&served.catalogue), self.definitions.clone())
    }
}

#[async_trait]
impl Backend for App {
    async fn pin(&self) -> Result<Arc<Snapshot>> {
        self.lake.snapshot().await
    }

    async fn execute(&self, request: Request, scope: Scope) -> Response {
        let served = self.definitions.served();
        let asking = self.asking(&served, scope.snapshot.clone(), scope.caller.clone());
        let (collector, explain) = (asking.collector.clone(), scope.explain);
        let mut response = served.schema.execute(request.data(asking).data(scope)).await;
        metrics::counter!("throughline_plans_total").increment(collector.plans() as u64);
        if explain {
            response.extensions.insert("plans".to_owned(), GraphQlValue::from(collector.plans()));
        }
        response
    }

    fn subscribe(&self, request: Request, scope: Scope) -> BoxStream<'static, Response> {
        let served = self.definitions.served();
        let asking = self.asking(&served, scope.snapshot.clone(), scope.caller.clone());
        served.schema.execute_stream(request.data(asking).data(scope))
    }

    async fn ready(&self) -> Result<()> {
        let metrics = self.definitions.served().catalogue.metrics().len();
        anyhow::ensure!(metrics > 0, "the model has no metrics");
        self.lake.refresh().await.map(drop)
    }

    async fn intake(&self) -> Result<Value> {
        Ok(serde_json::to_value(App::intake(self).await?)?)
    }

    async fn audit(&self, filter: &audit::Filter, after: Option<&audit::Place>, size: usize) -> Result<audit::Page> {
        audit::page(&self.lake, &*self.lake.snapshot().await?, filter, after, size).await
    }

    async fn records(&self, query: &str, snapshot: Arc<Snapshot>, caller: Caller) -> Result<File, Refused> {
        records::csv(Arc::new(self.asking(&self.definitions.served(), snapshot, caller)), query).await
    }

    fn register(&self) -> Result<Register> {
        Ok(self.register.clone())
    }

    async fn reload(&self) -> Result<Value> {
        let reloaded = self.definitions.reload().await?;
        let catalogue = &reloaded.catalogue;
        let metrics: Vec<&str> = catalogue.metrics().map(|m| m.name.as_str()).filter(|m| catalogue.is_own(m)).collect();
        Ok(json!({ "changed": reloaded.is_changed, "metrics": metrics, "files": catalogue.files() }))
    }

    async fn document(&self, document: Document) -> Result<String> {
        let served = self.definitions.served();
        match document {
            Document::Schema => Ok(served.schema.sdl()),
            Document::Views => {
                let asking = self.asking(&served, self.lake.snapshot().await?, Caller::default());
                let profile = asking.effective(&question::Scope::Organization).await;
                let profile =
                    profile.map_err(|error| anyhow::anyhow!("the organisation's profiles: {}", error.message))?;
                views::script(&served.catalogue, &profile, self.config.timezone)
            }
            Document::Glossary => generated::glossary(&served.catalogue),
        }
    }

    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.identity);
        hash.update(self.definitions.served().catalogue.id());
        hash.update(self.config.clock.now().timestamp().div_euclid(NOW_CHANGES_SECONDS).to_le_bytes());
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Opens the lake that the settings name.
///
/// # Errors
/// When it does not answer; the error names what to check.
pub async fn open_lake(config: &Config) -> Result<Lake> {
    let ca_bundle = config.ca_bundle.iter().map(|path| (CA_BUNDLE.to_owned(), path.clone()));
    Lake::open_with(&config.lake, ca_bundle).await.with_context(|| format!("cannot open the lake at {}", config.lake))
}

fn identity(config: &Config, served: &Served) -> [u8; 32] {
    let mut hash = Sha256::new();
    let bots = config.bots.join(",");
    let calendar = format!("{:?}", config.calendar);
    let settings = [&config.organization, config.timezone.name(), &bots, &calendar];
    for part in [env!("CARGO_PKG_VERSION"), &served.schema.sdl()].into_iter().chain(settings) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
