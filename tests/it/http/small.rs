//! A small schema behind the real router, on a free port.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_graphql::{Context, Error, ErrorExtensions, Object, Request, Response, Schema, Subscription};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures::{StreamExt, stream, stream::BoxStream};
use serde_json::{Value, json};
use throughline::{
    api::{
        Caller, Register, Scope,
        http::{Access, Backend, Document, Limits, Settings, install_metrics, router},
        records::{File, Refused},
    },
    lake::Snapshot,
    people::audit,
};
use tokio_util::sync::CancellationToken;

/// Set when the work of a slow field was cancelled.
#[derive(Default)]
pub struct Observed {
    pub started: AtomicBool,
    pub cancelled: AtomicBool,
}

pub struct Query;

#[Object]
impl Query {
    async fn snapshot(&self, ctx: &Context<'_>) -> String {
        ctx.data_unchecked::<Scope>().snapshot.id.clone()
    }
    async fn explained(&self, ctx: &Context<'_>) -> bool {
        ctx.data_unchecked::<Scope>().explain
    }
    async fn double(&self, number: i32) -> i32 {
        number * 2
    }
    async fn child(&self) -> Query {
        Query
    }
    async fn secret_failure(&self) -> Option<Result<i32, Error>> {
        Some(Err(Error::new("connection to 10.0.0.7 refused")))
    }
    async fn told_failure(&self) -> Option<Result<i32, Error>> {
        Some(Err(Error::new("no such team").extend_with(|_, e| e.set("code", "NOT_FOUND"))))
    }
    async fn root_failure(&self) -> Result<i32, Error> {
        Err(Error::new("no such root").extend_with(|_, e| e.set("code", "NOT_FOUND")))
    }
    async fn crash(&self) -> i32 {
        let nothing = std::hint::black_box(None::<i32>);
        nothing.expect("the inside of the house")
    }
    async fn slow(&self, ctx: &Context<'_>) -> i32 {
        let observed = ctx.data_unchecked::<Arc<Observed>>().clone();
        let cancel = ctx.data_unchecked::<Scope>().cancel.clone();
        tokio::spawn({
            let observed = observed.clone();
            async move {
                cancel.cancelled().await;
                observed.cancelled.store(true, Ordering::SeqCst);
            }
        });
        observed.started.store(true, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(600)).await;
        1
    }
}

pub struct Mutation;

#[Object]
impl Mutation {
    async fn touch(&self) -> bool {
        true
    }
}

pub struct Events;

#[Subscription]
impl Events {
    async fn count(&self, to: i32) -> impl futures::Stream<Item = i32> {
        stream::iter(1..=to)
    }
    async fn forever(&self) -> impl futures::Stream<Item = i32> {
        stream::iter([1]).chain(stream::pending())
    }
}

pub struct Small {
    schema: Schema<Query, Mutation, Events>,
    snapshot: std::sync::Mutex<String>,
    ready: AtomicBool,
    pub observed: Arc<Observed>,
}

#[async_trait]
impl Backend for Small {
    async fn pin(&self) -> anyhow::Result<Arc<Snapshot>> {
        self.ready().await?;
        let id = self.snapshot.lock().unwrap().clone();
        Ok(Arc::new(Snapshot { id, tables: BTreeMap::new(), taken_at: DateTime::<Utc>::UNIX_EPOCH }))
    }
    async fn execute(&self, request: Request, scope: Scope) -> Response {
        self.schema.execute(request.data(scope)).await
    }
    fn subscribe(&self, request: Request, scope: Scope) -> BoxStream<'static, Response> {
        self.schema.execute_stream(request.data(scope))
    }
    async fn ready(&self) -> anyhow::Result<()> {
        if self.ready.load(Ordering::SeqCst) { Ok(()) } else { anyhow::bail!("bucket 'private-name' is gone") }
    }
    async fn intake(&self) -> anyhow::Result<Value> {
        self.ready().await?;
        Ok(json!([{ "file": "a.parquet", "status": "APPLIED" }]))
    }
    async fn audit(&self, _: &audit::Filter, _: Option<&audit::Place>, _: usize) -> anyhow::Result<audit::Page> {
        self.ready().await?;
        Ok(audit::Page::default())
    }
    async fn records(&self, _: &str, _: Arc<Snapshot>, _: Caller) -> Result<File, Refused> {
        Err(Refused::Address("there are no rows here".into()))
    }
    fn register(&self) -> anyhow::Result<Register> {
        anyhow::bail!("there are no people here")
    }
    async fn reload(&self) -> anyhow::Result<Value> {
        self.ready().await?;
        Ok(json!({ "changed": false, "files": [] }))
    }
    async fn document(&self, document: Document) -> anyhow::Result<String> {
        Ok(if document == Document::Schema { self.schema.sdl() } else { format!("{document:?}") })
    }
    fn fingerprint(&self) -> String {
        "small".into()
    }
}

pub struct Server {
    pub url: String,
    pub small: Arc<Small>,
    pub client: reqwest::Client,
    shutdown: CancellationToken,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

pub async fn start() -> Server {
    start_with(|_| {}).await
}

pub async fn start_with(change: impl FnOnce(&mut Settings)) -> Server {
    install_metrics();
    let observed = Arc::new(Observed::default());
    let schema =
        Schema::build(Query, Mutation, Events).limit_depth(20).limit_complexity(300).data(observed.clone()).finish();
    let small = Arc::new(Small {
        schema,
        snapshot: std::sync::Mutex::new("s1".into()),
        ready: AtomicBool::new(true),
        observed,
    });
    let mut settings = Settings {
        access: Access::new(None, vec!["https://app.example.com".into()], vec![]),
        limits: Limits { tokens: 500, aliases: 20 },
        query_timeout: Duration::from_secs(20),
        max_body_bytes: 10_000,
        example: "{ snapshot } # <b>".into(),
    };
    change(&mut settings);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let shutdown = CancellationToken::new();
    let app = router(small.clone(), settings, shutdown.clone());
    let stop = shutdown.clone().cancelled_owned();
    tokio::spawn(async move { axum::serve(listener, app).with_graceful_shutdown(stop).await });
    Server { url, small, client: reqwest::Client::new(), shutdown }
}

impl Server {
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// A well-formed POST.
    pub fn ask(&self, accept: &str, body: Value) -> reqwest::RequestBuilder {
        self.client.post(self.at("/graphql")).header("accept", accept).json(&body)
    }

    pub fn get(&self, pairs: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let mut url = url::Url::parse(&self.at("/graphql")).unwrap();
        url.query_pairs_mut().extend_pairs(pairs);
        self.client.get(url)
    }

    pub fn commit(&self, id: &str) {
        *self.small.snapshot.lock().unwrap() = id.into();
    }

    pub fn break_lake(&self) {
        self.small.ready.store(false, Ordering::SeqCst);
    }

    pub fn stop(&self) {
        self.shutdown.cancel();
    }
}

pub const JSON: &str = "application/json";
pub const GRAPHQL: &str = "application/graphql-response+json";

/// Status, body, and the first error's code ("" without one).
pub async fn outcome(request: reqwest::RequestBuilder) -> (u16, Value, String) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}"));
    let code = body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned();
    (status, body, code)
}
