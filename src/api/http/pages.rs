//! The small addresses: root page, health, metrics, intake, and what answers where nothing is.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::State,
    http::{HeaderName, Response, StatusCode, header},
    response::{Html, IntoResponse},
};
use serde_json::json;

use super::{
    Door,
    error::{self, Code, Refusal},
    media::Media,
    observe,
};

const ROOT: &str = include_str!("../../../assets/root.html");
/// A readiness check must be quicker than the one who asks is patient.
const READY_TIMEOUT: Duration = Duration::from_secs(5);

type Headers<const N: usize> = [(HeaderName, &'static str); N];
const NO_STORE: (HeaderName, &str) = (header::CACHE_CONTROL, "no-store");

/// Links to the useful addresses.
pub async fn root() -> impl IntoResponse {
    let headers: Headers<2> = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, Html(ROOT.replace("{{version}}", env!("CARGO_PKG_VERSION"))))
}

/// The process is alive.
pub async fn healthz() -> impl IntoResponse {
    ([NO_STORE], axum::Json(json!({ "status": "ok" })))
}

/// The lake can be reached and the model compiles. Anyone may ask, hence the reason goes to the log only.
pub async fn readyz(State(door): State<Arc<Door>>) -> impl IntoResponse {
    let failure = match tokio::time::timeout(READY_TIMEOUT, door.backend.ready()).await {
        Ok(Ok(())) => return (StatusCode::OK, [NO_STORE], axum::Json(json!({ "status": "ok" }))),
        Ok(Err(failure)) => failure,
        Err(_) => anyhow::anyhow!("no answer within {} s", READY_TIMEOUT.as_secs()),
    };
    tracing::warn!("not ready: {failure:#}");
    (StatusCode::SERVICE_UNAVAILABLE, [NO_STORE], axum::Json(json!({ "status": "not ready" })))
}

/// Prometheus' text format.
pub async fn metrics() -> impl IntoResponse {
    let headers: Headers<2> = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), NO_STORE];
    (headers, observe::render())
}

/// Answers when everything that was dropped before the call is applied or refused. A caller that goes away does not stop it.
pub async fn intake(State(door): State<Arc<Door>>) -> Response<Body> {
    let backend = door.backend.clone();
    match tokio::spawn(async move { backend.intake().await }).await {
        Ok(Ok(files)) => ([NO_STORE], axum::Json(json!({ "files": files }))).into_response(),
        // A file's own faults are no failure: what fails is the store.
        Ok(Err(failure)) => error::lake_is_away(&format!("{:#}", failure.context("intake"))).into_answer(Media::Json),
        Err(panic) => error::internal(&panic).status(StatusCode::INTERNAL_SERVER_ERROR).into_answer(Media::Json),
    }
}

/// 405; the router adds `Allow`.
pub async fn wrong_method() -> Response<Body> {
    Refusal::bad("This address does not know this method.")
        .status(StatusCode::METHOD_NOT_ALLOWED)
        .into_answer(Media::Json)
}

/// 404.
pub async fn not_found() -> Response<Body> {
    Refusal::new(Code::NotFound, "There is nothing at this address. '/' lists what there is.")
        .status(StatusCode::NOT_FOUND)
        .into_answer(Media::Json)
}
