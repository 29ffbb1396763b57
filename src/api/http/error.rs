//! Errors as the door answers them: every one has an `extensions.code`, none shows internals.

use std::any::Any;

use async_graphql::{ErrorExtensionValues, Response as GraphQlResponse, ServerError, Value};
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use serde_json::json;

use super::media::Media;

/// When to ask again for what a store did not give: it was tried several times before that was said.
const RETRY_AFTER_SECONDS: &str = "5";

/// The codes that the API promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    BadUserInput,
    Unauthenticated,
    Forbidden,
    NotFound,
    CostLimit,
    Timeout,
    ResourceExhausted,
    Internal,
    PersistedQueryNotFound,
}

impl Code {
    /// As it stands in `extensions.code`.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::BadUserInput => "BAD_USER_INPUT",
            Code::Unauthenticated => "UNAUTHENTICATED",
            Code::Forbidden => "FORBIDDEN",
            Code::NotFound => "NOT_FOUND",
            Code::CostLimit => "COST_LIMIT",
            Code::Timeout => "TIMEOUT",
            Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
            Code::Internal => "INTERNAL",
            Code::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
        }
    }

    /// The status of a request that failed as a whole.
    pub fn status(code: &str) -> StatusCode {
        match code {
            "UNAUTHENTICATED" => StatusCode::UNAUTHORIZED,
            "FORBIDDEN" => StatusCode::FORBIDDEN,
            "TIMEOUT" => StatusCode::GATEWAY_TIMEOUT,
            "RESOURCE_EXHAUSTED" => StatusCode::SERVICE_UNAVAILABLE,
            "INTERNAL" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// A request that is refused before the schema sees it.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub code: Code,
    pub message: String,
    /// Fixed by HTTP (405, 406, 413, 415, 401, ...). `None`: a well-formed request that is no good GraphQL; the media type
    /// then decides the status.
    pub status: Option<StatusCode>,
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    /// Malformed: 400 whatever the media type.
    pub fn bad(message: impl Into<String>) -> Refusal {
        Refusal::new(Code::BadUserInput, message)
    }

    /// With the code's own status, whatever the media type.
    pub fn new(code: Code, message: impl Into<String>) -> Refusal {
        let status = Some(Code::status(code.as_str()));
        Refusal { code, message: message.into(), status, headers: Vec::new() }
    }

    /// Well-formed, but GraphQL refuses it: `application/json` answers 200.
    pub fn graphql(code: Code, message: impl Into<String>) -> Refusal {
        Refusal { status: None, ..Refusal::new(code, message) }
    }

    /// Another status.
    pub fn status(mut self, status: StatusCode) -> Refusal {
        self.status = Some(status);
        self
    }

    /// One more header.
    pub fn header(mut self, name: HeaderName, value: &'static str) -> Refusal {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }

    /// The error as the library writes it.
    pub fn to_server_error(&self) -> ServerError {
        with_code(ServerError::new(self.message.clone(), None), self.code)
    }

    /// The answer, without `data`.
    pub fn into_answer(self, media: Media) -> Response<Body> {
        let media = if media == Media::Events { Media::Json } else { media };
        let status = self.status.unwrap_or(match media {
            Media::GraphQl => Code::status(self.code.as_str()),
            _ => StatusCode::OK,
        });
        let body = json!({ "errors": [self.to_server_error()] }).to_string();
        let mut response = (status, [(header::CONTENT_TYPE, media.content_type())], body).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.headers_mut().extend(self.headers);
        response
    }
}

/// A failure of ours: logged once with a reference, of which only the reference is told.
pub fn internal(error: &dyn std::fmt::Display) -> Refusal {
    let reference = reference();
    tracing::error!(reference, "{error:#}");
    Refusal::graphql(Code::Internal, format!("Something went wrong on the server. Reference: {reference}"))
}

/// The store behind the lake does not answer: nobody's question was wrong, and asking again may help. 503, whatever the media
/// type, so that proxies and clients try again. Why stands in the log.
pub fn lake_is_away(error: &dyn std::fmt::Display) -> Refusal {
    let reference = reference();
    tracing::error!(reference, "the lake is away: {error:#}");
    let message = format!("The lake does not answer at present; ask again later. Reference: {reference}");
    Refusal::new(Code::ResourceExhausted, message).header(header::RETRY_AFTER, RETRY_AFTER_SECONDS)
}

/// The text of a panic.
pub fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().map(|text| text.to_string()).or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panic: {}", text.unwrap_or_else(|| "without a message".into()))
}

/// The answer after a handler panicked.
pub fn after_panic(panic: Box<dyn Any + Send>) -> Response<Body> {
    internal(&panic_text(panic.as_ref())).status(StatusCode::INTERNAL_SERVER_ERROR).into_answer(Media::Json)
}

/// True when the request failed before execution began: no `data` then. A failure during execution has a path.
pub fn is_request_error(response: &GraphQlResponse) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// The first error's code.
pub fn first_code(response: &GraphQlResponse) -> Option<&str> {
    match response.errors.first()?.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        Value::Enum(code) => Some(code),
        _ => None,
    }
}

/// Gives every error a code, and hides what none was given to by the one who raised it.
pub fn finish(response: &mut GraphQlResponse) {
    for error in &mut response.errors {
        if error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some()) {
            continue;
        }
        let code = library_code(error);
        if code == Code::Internal {
            let refusal = internal(&format!("{} (at {:?})", error.message, error.path));
            error.message = refusal.message;
        }
        *error = with_code(error.clone(), code);
    }
}

/// What the library's own errors mean. They come without a code; their texts are held by a test.
fn library_code(error: &ServerError) -> Code {
    let message = error.message.as_str();
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| message.starts_with(prefix));
    if starts(&["Query is too complex", "Query is nested too deep", "The recursion depth", "The number of directives"])
    {
        Code::CostLimit
    } else if error.path.is_empty()
        || starts(&[
            "Failed to parse \"",
            "Invalid value for argument",
            "Expected input type",
            "Unknown argument",
            "Variable ",
        ])
    {
        Code::BadUserInput
    } else {
        Code::Internal
    }
}

fn with_code(mut error: ServerError, code: Code) -> ServerError {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code.as_str());
    error
}

fn reference() -> String {
    let mut text = uuid::Uuid::new_v4().simple().to_string();
    text.truncate(12);
    text
}
