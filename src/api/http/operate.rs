//! From well-formed parameters to an answer: the query's text, its limits, the snapshot, the run with its time limit.
//! The same way for POST, GET, server-sent events and WebSocket.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use async_graphql::{Request, Response, UploadValue, parser::types::OperationType};
use futures::{FutureExt, StreamExt, stream, stream::BoxStream};
use tokio_util::sync::CancellationToken;

use super::{
    Door,
    error::{self, Code, Refusal},
    params::Params,
};
use crate::{
    api::{Caller, Scope},
    lake::Snapshot,
};

/// A query that may run.
pub struct Operation {
    request: Request,
    pub kind: OperationType,
    /// As written by the client, now or when it was persisted.
    pub text: Arc<str>,
    explain: bool,
    caller: Caller,
}

impl Operation {
    /// With files for its variables, by the path of each.
    pub fn with(mut self, files: Vec<(String, UploadValue)>) -> Operation {
        for (path, file) in files {
            self.request.set_upload(&path, file);
        }
        self
    }
}

impl Door {
    /// Finds the text, parses it and checks the limits.
    pub async fn prepare(&self, params: &Params, caller: Caller) -> Result<Operation, Refusal> {
        let text = self.persisted.text(params).await?;
        let variables = params.graphql_variables();
        let checked = self.settings.limits.check(&text, params.operation_name.as_deref(), &variables)?;
        self.persisted.keep(params, &text).await;
        let mut request = Request::new(&*text).variables(variables);
        request.operation_name.clone_from(&params.operation_name);
        request.set_parsed_query(checked.document);
        Ok(Operation { request, kind: checked.operation, text, explain: params.explain(), caller })
    }

    /// The snapshot to answer from, within the time limit.
    pub async fn pin(&self) -> Result<Arc<Snapshot>, Refusal> {
        match tokio::time::timeout(self.settings.query_timeout, self.backend.pin()).await {
            Ok(Ok(snapshot)) => Ok(snapshot),
            Ok(Err(failure)) => Err(error::lake_is_away(&format!("{failure:#}"))),
            Err(_) => Err(self.timeout()),
        }
    }

    /// Runs a query or mutation. Dropping the future, as happens when the client goes away, cancels the work.
    pub async fn run(&self, operation: Operation, snapshot: Arc<Snapshot>) -> Response {
        let started = Instant::now();
        let kind = kind_name(operation.kind);
        let cancel = CancellationToken::new();
        let _cancelled_when_dropped = cancel.clone().drop_guard();
        let scope = Scope { snapshot, cancel, explain: operation.explain, caller: operation.caller };
        let work = AssertUnwindSafe(self.backend.execute(operation.request, scope)).catch_unwind();
        let mut response = match tokio::time::timeout(self.settings.query_timeout, work).await {
            Ok(Ok(response)) => response,
            Ok(Err(panic)) => failed(error::internal(&error::panic_text(panic.as_ref()))),
            Err(_) => failed(self.timeout()),
        };
        error::finish(&mut response);
        let outcome = error::first_code(&response).unwrap_or("OK").to_owned();
        metrics::counter!("throughline_graphql_requests_total", "operation" => kind, "outcome" => outcome).increment(1);
        metrics::histogram!("throughline_graphql_seconds", "operation" => kind).record(started.elapsed().as_secs_f64());
        response
    }

    /// The answers of any operation, one after the other: many for a subscription, one for the others. It ends when the
    /// server stops. A subscription has no time limit.
    pub fn answers(self: &Arc<Self>, operation: Operation) -> BoxStream<'static, Response> {
        let door = self.clone();
        let stopped = self.shutdown.clone().cancelled_owned();
        let answers = async move {
            let snapshot = match door.pin().await {
                Ok(snapshot) => snapshot,
                Err(refusal) => return stream::once(async { failed(refusal) }).boxed(),
            };
            if operation.kind != OperationType::Subscription {
                return stream::once(async move { door.run(operation, snapshot).await }).boxed();
            }
            let cancel = door.shutdown.child_token();
            let cancelled_when_dropped = cancel.clone().drop_guard();
            let scope = Scope { snapshot, cancel, explain: operation.explain, caller: operation.caller };
            let events = door.backend.subscribe(operation.request, scope);
            AssertUnwindSafe(events)
                .catch_unwind()
                .map(move |event| {
                    let _held_as_long_as_the_stream = &cancelled_when_dropped;
                    let mut response =
                        event.unwrap_or_else(|panic| failed(error::internal(&error::panic_text(panic.as_ref()))));
                    error::finish(&mut response);
                    response
                })
                .boxed()
        };
        answers.flatten_stream().take_until(stopped).boxed()
    }

    fn timeout(&self) -> Refusal {
        let seconds = self.settings.query_timeout.as_secs_f64();
        Refusal::graphql(Code::Timeout, format!("The request took longer than {seconds} s and was stopped."))
    }
}

fn failed(refusal: Refusal) -> Response {
    Response::from_errors(vec![refusal.to_server_error()])
}

fn kind_name(kind: OperationType) -> &'static str {
    match kind {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    }
}
