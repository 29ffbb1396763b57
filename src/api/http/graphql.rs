//! `/graphql` over POST and GET, to the letter of GraphQL-over-HTTP. A request for an upgrade goes to `websocket`, one for
//! events to `sse`.

use std::{collections::BTreeMap, sync::Arc};

use async_graphql::{Response as GraphQlResponse, ServerError, Value, parser::types::OperationType};
use axum::{
    Extension,
    body::Body,
    extract::{RawQuery, State, ws::WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use serde::Serialize;

use super::{
    Door,
    error::{self, Code, Refusal},
    etag,
    guard::Authenticated,
    media::{self, Media},
    multipart,
    params::Params,
    sse, upload, websocket,
};
use crate::people::csv;

/// A query by GET, which may be cached; or the start of a WebSocket.
pub async fn get(
    State(door): State<Arc<Door>>,
    Extension(authenticated): Extension<Authenticated>,
    headers: HeaderMap,
    RawQuery(query_string): RawQuery,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response<Body> {
    if let Ok(upgrade) = upgrade {
        return websocket::accept(door, upgrade, authenticated, &headers);
    }
    let Some(media) = Media::negotiate(&headers) else { return not_acceptable() };
    let answer = async {
        let params = Params::from_query_string(&query_string.unwrap_or_default())?;
        answer_get(&door, &params, media, &headers).await
    };
    answer.await.unwrap_or_else(|refusal| refusal.into_answer(media))
}

/// Any operation by POST.
pub async fn post(State(door): State<Arc<Door>>, headers: HeaderMap, body: Body) -> Response<Body> {
    let Some(media) = Media::negotiate(&headers) else { return not_acceptable() };
    answer_post(&door, media, &headers, body).await.unwrap_or_else(|refusal| refusal.into_answer(media))
}

async fn answer_get(
    door: &Arc<Door>,
    params: &Params,
    media: Media,
    headers: &HeaderMap,
) -> Result<Response<Body>, Refusal> {
    let caller = door.settings.access.caller(headers);
    let operation = door.prepare(params, caller.clone()).await?;
    if operation.kind == OperationType::Mutation {
        return Err(Refusal::bad("A mutation must be sent by POST.")
            .status(StatusCode::METHOD_NOT_ALLOWED)
            .header(header::ALLOW, "POST"));
    }
    if media == Media::Events {
        return Ok(sse::answer(door, operation));
    }
    refuse_subscription(operation.kind)?;
    let snapshot = door.pin().await?;
    let fingerprint = format!("{} {}", door.backend.fingerprint(), caller.actor());
    let tag = etag::tag(&snapshot.id, &fingerprint, &operation.text, params, media, headers);
    let mut response = if etag::matches(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let response = door.run(operation, snapshot).await;
        if response.is_err() {
            return Ok(write(&response, media));
        }
        write(&response, media)
    };
    let cache = if door.settings.access.needs_token() { "private, no-cache" } else { "public, no-cache" };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers
        .insert(header::VARY, HeaderValue::from_static("accept, accept-encoding, authorization, x-throughline-user"));
    headers.extend(HeaderValue::from_str(&tag).ok().map(|tag| (header::ETAG, tag)));
    Ok(response)
}

async fn answer_post(
    door: &Arc<Door>,
    media: Media,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response<Body>, Refusal> {
    let caller = door.settings.access.caller(headers);
    let mut _turn = None;
    let operation = if upload::is_form(headers) {
        multipart::may_send(headers)?;
        _turn = Some(upload::turn().await?);
        let (params, files) = multipart::request(upload::form(headers, body, csv::MOST_BYTES).await?)?;
        door.prepare(&params, caller).await?.with(files)
    } else if media::is_json_body(headers) {
        let body = read(body, door.settings.max_body_bytes).await?;
        door.prepare(&Params::from_body(&body)?, caller).await?
    } else {
        return Err(Refusal::bad("The body must be JSON: send 'Content-Type: application/json'.")
            .status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
            .header(header::ACCEPT, "application/json"));
    };
    if media == Media::Events {
        return Ok(sse::answer(door, operation));
    }
    refuse_subscription(operation.kind)?;
    let snapshot = door.pin().await?;
    Ok(write(&door.run(operation, snapshot).await, media))
}

fn refuse_subscription(kind: OperationType) -> Result<(), Refusal> {
    if kind != OperationType::Subscription {
        return Ok(());
    }
    Err(Refusal::graphql(
        Code::BadUserInput,
        "A subscription needs 'Accept: text/event-stream', or a WebSocket with the protocol graphql-transport-ws.",
    ))
}

async fn read(body: Body, most: usize) -> Result<axum::body::Bytes, Refusal> {
    axum::body::to_bytes(body, most).await.map_err(|failure| {
        let too_large =
            std::error::Error::source(&failure).is_some_and(|source| source.to_string().contains("length limit"));
        if too_large {
            Refusal::new(Code::CostLimit, format!("The body is larger than {most} bytes."))
                .status(StatusCode::PAYLOAD_TOO_LARGE)
        } else {
            Refusal::bad("The body could not be read to its end.")
        }
    })
}

fn not_acceptable() -> Response<Body> {
    Refusal::bad("The answer can be application/graphql-response+json, application/json or text/event-stream.")
        .status(StatusCode::NOT_ACCEPTABLE)
        .into_answer(Media::Json)
}

/// An answer as the specification orders its parts.
#[derive(Serialize)]
pub struct Written<'a> {
    #[serde(skip_serializing_if = "<[ServerError]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, Value>,
}

impl<'a> From<&'a GraphQlResponse> for Written<'a> {
    fn from(response: &'a GraphQlResponse) -> Self {
        let data = (!error::is_request_error(response)).then_some(&response.data);
        Written { errors: &response.errors, data, extensions: &response.extensions }
    }
}

fn write(response: &GraphQlResponse, media: Media) -> Response<Body> {
    let status = match (media, error::is_request_error(response)) {
        (Media::GraphQl, true) => Code::status(error::first_code(response).unwrap_or_default()),
        _ => StatusCode::OK,
    };
    let body = match serde_json::to_vec(&Written::from(response)) {
        Ok(body) => body,
        Err(failure) => {
            return error::internal(&failure).status(StatusCode::INTERNAL_SERVER_ERROR).into_answer(media);
        }
    };
    let mut answer = (status, [(header::CONTENT_TYPE, media.content_type())], body).into_response();
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer.headers_mut().extend(response.http_headers.clone());
    answer
}
