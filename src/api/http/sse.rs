//! Server-sent events at `/graphql`: the "distinct connections" mode of graphql-sse. One request, one operation, `next`
//! events and then `complete`.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{HeaderName, Response, header},
    response::IntoResponse,
};
use futures::StreamExt;

use super::{Door, graphql::Written, media::Media, operate::Operation};

/// Often enough for the usual idle limit of proxies (60 s).
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A comment, which clients ignore.
const COMMENT: &str = ":\n\n";
/// The line with empty data is needed: browsers drop events without any.
const COMPLETE: &str = "event: complete\ndata:\n\n";
const NOT_WRITTEN: &str =
    r#"{"errors":[{"message":"The event could not be written.","extensions":{"code":"INTERNAL"}}]}"#;

/// The stream of an operation's answers. It ends with `complete`, also when the server stops.
pub fn answer(door: &Arc<Door>, operation: Operation) -> Response<Body> {
    let mut answers = door.answers(operation);
    let events = async_stream::stream! {
        loop {
            tokio::select! {
                answer = answers.next() => match answer {
                    Some(answer) => yield next(&answer),
                    None => break,
                },
                () = tokio::time::sleep(KEEP_ALIVE) => yield COMMENT.to_owned(),
            }
        }
        yield COMPLETE.to_owned();
    };
    let headers = [
        (header::CONTENT_TYPE, Media::Events.content_type()),
        (header::CACHE_CONTROL, "no-store"),
        // A buffering proxy would hold the events back.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(events.map(Ok::<_, Infallible>))).into_response()
}

/// JSON has no line breaks, hence one line of data.
fn next(answer: &async_graphql::Response) -> String {
    let json = serde_json::to_string(&Written::from(answer)).unwrap_or_else(|failure| {
        tracing::error!("cannot write an event: {failure}");
        NOT_WRITTEN.to_owned()
    });
    format!("event: next\ndata: {json}\n\n")
}
