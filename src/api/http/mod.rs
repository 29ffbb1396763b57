//! The HTTP door: which addresses there are, and what stands before them. It knows GraphQL only through [`Backend`].
//!
//! Layers, from the outside: observe (metrics), catch a panic, CORS, guard (host, origin, token), gzip.

mod audit;
mod contributors;
mod documents;
mod error;
mod etag;
mod graphiql;
mod graphql;
mod guard;
mod limits;
mod media;
mod multipart;
mod observe;
mod operate;
mod pages;
mod params;
mod persisted;
mod records;
mod sse;
mod upload;
mod websocket;

use std::{sync::Arc, time::Duration};

use async_graphql::{Request, Response};
use async_trait::async_trait;
use axum::{
    Router,
    http::{HeaderName, Method, header},
    middleware,
    routing::{get, post},
};
use futures::stream::BoxStream;
use tokio_util::sync::CancellationToken;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    cors::{AllowOrigin, CorsLayer},
};

use crate::api::records::address::PATH;
use crate::api::records::{File, Refused};
use crate::api::{Caller, Register, Scope};
use crate::lake::Snapshot;
use crate::people::audit as audit_of;
pub use documents::Document;
pub use guard::Access;
pub use limits::Limits;
pub use observe::{METRICS_UPKEEP, install_metrics, metrics_upkeep};

/// What the door needs of the house behind it. The roof implements it.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// The snapshot that a request answers from.
    async fn pin(&self) -> anyhow::Result<Arc<Snapshot>>;
    /// Runs a query or mutation. The scope must reach the resolvers.
    async fn execute(&self, request: Request, scope: Scope) -> Response;
    /// Runs a subscription.
    fn subscribe(&self, request: Request, scope: Scope) -> BoxStream<'static, Response>;
    /// Fails when the lake cannot be reached or the model does not compile. The reason is logged, not answered.
    async fn ready(&self) -> anyhow::Result<()>;
    /// Applies or refuses everything that was dropped before the call, and says what became of each file.
    async fn intake(&self) -> anyhow::Result<serde_json::Value>;
    /// A page of the audit of people and settings, newest first.
    async fn audit(
        &self,
        filter: &audit_of::Filter,
        after: Option<&audit_of::Place>,
        size: usize,
    ) -> anyhow::Result<audit_of::Page>;
    /// The rows behind a number, as CSV; `query` is a query string of `api::records::address`.
    async fn records(&self, query: &str, snapshot: Arc<Snapshot>, caller: Caller) -> Result<File, Refused>;
    /// People, accounts, teams, and what changes them.
    fn register(&self) -> anyhow::Result<Register>;
    /// Reads the lake's own metrics anew, and says what became of each file.
    async fn reload(&self) -> anyhow::Result<serde_json::Value>;
    /// A text that is made of the catalogue in force.
    async fn document(&self, document: Document) -> anyhow::Result<String>;
    /// Changes when the same query over the same snapshot may answer otherwise (version, settings, time).
    fn fingerprint(&self) -> String;
}

/// How this door behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    pub access: Access,
    pub limits: Limits,
    pub query_timeout: Duration,
    pub max_body_bytes: usize,
    /// The query that GraphiQL shows first.
    pub example: String,
}

/// What every handler gets.
pub(crate) struct Door {
    backend: Arc<dyn Backend>,
    settings: Settings,
    persisted: persisted::PersistedQueries,
    shutdown: CancellationToken,
}

/// The route table. Long-lived connections end when `shutdown` fires.
pub fn router(backend: Arc<dyn Backend>, settings: Settings, shutdown: CancellationToken) -> Router {
    let cors = cors(&settings.access);
    let door = Arc::new(Door { backend, settings, persisted: persisted::PersistedQueries::new(), shutdown });
    Router::new()
        .route("/", get(pages::root))
        .route("/graphql", get(graphql::get).post(graphql::post))
        .route("/graphiql", get(graphiql::page))
        .route("/graphiql/{file}", get(graphiql::file))
        .route("/schema.graphql", get(documents::schema))
        .route("/views.sql", get(documents::views))
        .route("/glossary.md", get(documents::glossary))
        .route("/reload", post(documents::reload))
        .route("/audit.csv", get(audit::csv))
        .route(PATH, get(records::csv))
        .route("/contributors/import", post(contributors::preview))
        .route("/contributors/imports/{id}", get(contributors::waiting).delete(contributors::discard))
        .route("/contributors/imports/{id}/approve", post(contributors::approve))
        .route("/contributors/export.csv", get(contributors::export))
        .route("/contributors/sample.csv", get(contributors::sample))
        .route("/contributors/versions", get(contributors::versions))
        .route("/contributors/versions/{number}/diff", get(contributors::difference))
        .route("/contributors/versions/{number}/restore", post(contributors::restore))
        .route("/intake", post(pages::intake))
        .route("/healthz", get(pages::healthz))
        .route("/readyz", get(pages::readyz))
        .route("/metrics", get(pages::metrics))
        .method_not_allowed_fallback(pages::wrong_method)
        .fallback(pages::not_found)
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(door.clone(), guard::guard))
        .layer(cors)
        .layer(CatchPanicLayer::custom(error::after_panic))
        .layer(middleware::from_fn(observe::observe))
        .with_state(door)
}

/// Which foreign pages may read answers. Same-origin pages need no permission.
fn cors(access: &Access) -> CorsLayer {
    let origins = if access.allowed_origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(access.allowed_origins.iter().filter_map(|origin| origin.parse().ok()))
    };
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            HeaderName::from_static(guard::USER),
            HeaderName::from_static(multipart::PREFLIGHT[0]),
            HeaderName::from_static(multipart::PREFLIGHT[1]),
        ])
        .expose_headers([header::ETAG, header::RETRY_AFTER, HeaderName::from_static("x-request-id")])
        .max_age(Duration::from_secs(3600))
}
