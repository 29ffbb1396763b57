//! What a client reads to know what can be asked: the schema, the SQL views, the glossary, each as text.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use serde_json::json;

use super::{Door, error, etag, media::Media};

/// A text that is made of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// The schema in GraphQL's definition language.
    Schema,
    /// The SQL views of all metrics.
    Views,
    /// What every metric, parameter, fact and table means.
    Glossary,
}

impl Document {
    fn content_type(self) -> &'static str {
        match self {
            // Browsers show it, rather than save it.
            Document::Schema | Document::Views => "text/plain; charset=utf-8",
            Document::Glossary => "text/markdown; charset=utf-8",
        }
    }
}

/// `/schema.graphql`
pub async fn schema(State(door): State<Arc<Door>>, headers: HeaderMap) -> Response<Body> {
    answer(&door, Document::Schema, &headers).await
}

/// `/views.sql`
pub async fn views(State(door): State<Arc<Door>>, headers: HeaderMap) -> Response<Body> {
    answer(&door, Document::Views, &headers).await
}

/// `/glossary.md`
pub async fn glossary(State(door): State<Arc<Door>>, headers: HeaderMap) -> Response<Body> {
    answer(&door, Document::Glossary, &headers).await
}

/// `/reload`: reads the lake's own metrics anew, and answers what became of each file. A caller that goes away does not stop it.
pub async fn reload(State(door): State<Arc<Door>>) -> Response<Body> {
    let backend = door.backend.clone();
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    match tokio::spawn(async move { backend.reload().await }).await {
        Ok(Ok(outcome)) => (no_store, axum::Json(json!(outcome))).into_response(),
        // A file's own faults are no failure: what fails is the store.
        Ok(Err(failure)) => error::lake_is_away(&format!("{:#}", failure.context("reload"))).into_answer(Media::Json),
        Err(panic) => error::internal(&panic).status(StatusCode::INTERNAL_SERVER_ERROR).into_answer(Media::Json),
    }
}

async fn answer(door: &Door, document: Document, headers: &HeaderMap) -> Response<Body> {
    let text = match door.backend.document(document).await {
        Ok(text) => text,
        Err(failure) => {
            let said = format!("{failure:#}");
            let refusal = match failure.chain().any(|link| link.is::<object_store::Error>()) {
                true => error::lake_is_away(&said),
                false => error::internal(&said).status(StatusCode::INTERNAL_SERVER_ERROR),
            };
            return refusal.into_answer(Media::Json);
        }
    };
    let tag = etag::of_text(&text, headers);
    let mut response = match etag::matches(headers, &tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => text.into_response(),
    };
    let cache = if door.settings.access.needs_token() { "private, no-cache" } else { "public, no-cache" };
    let own = response.headers_mut();
    own.insert(header::CONTENT_TYPE, HeaderValue::from_static(document.content_type()));
    own.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    own.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    own.insert(header::VARY, HeaderValue::from_static("accept-encoding, authorization"));
    own.extend(HeaderValue::from_str(&tag).ok().map(|tag| (header::ETAG, tag)));
    response
}
