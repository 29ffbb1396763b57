//! `/records.csv`: the rows behind a number, as a file for spreadsheets. Its parameters stand in `api::records::address`.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderName, Response, StatusCode, header},
    response::IntoResponse,
};
use futures::StreamExt;

use super::{
    Door,
    error::{self, Code, Refusal},
    media::Media,
};
use crate::api::records::Refused;

/// The rows, in pages. What cannot be read midway cuts the body off.
pub async fn csv(State(door): State<Arc<Door>>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response<Body> {
    let caller = door.settings.access.caller(&headers);
    let query = query.unwrap_or_default();
    let snapshot = match door.pin().await {
        Ok(snapshot) => snapshot,
        Err(refusal) => return refusal.into_answer(Media::Json),
    };
    let file = tokio::time::timeout(door.settings.query_timeout, door.backend.records(&query, snapshot, caller)).await;
    let file = match file {
        Ok(Ok(file)) => file,
        Ok(Err(Refused::Address(message))) => return Refusal::bad(message).into_answer(Media::Json),
        Ok(Err(Refused::Failed(failure))) => return internal(&failure).into_answer(Media::Json),
        Err(_) => {
            let message = "The rows took too long to find; ask for a shorter period.";
            return Refusal::new(Code::Timeout, message).into_answer(Media::Json);
        }
    };
    let pages = file.map(|page| page.map_err(|failure| std::io::Error::other(internal(&failure).message)));
    let headers: [(HeaderName, &str); 3] = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"records.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, Body::from_stream(pages)).into_response()
}

fn internal(failure: &anyhow::Error) -> Refusal {
    error::internal(&format!("{failure:#}")).status(StatusCode::INTERNAL_SERVER_ERROR)
}
