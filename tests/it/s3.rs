//! An S3-speaking server inside the test process, on loopback, with a bucket named `lake`. It stops on drop.
//!
//! The files behind it are checked and written in two steps, so conditional puts are not free of races there. Requests
//! that change something therefore take turns, which makes "put if absent" as strict as the real thing's.

use std::collections::HashSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::IF_NONE_MATCH;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

const KEY: &str = "tester";
const SECRET: &str = "not-a-secret";

/// A running server.
pub struct S3Server {
    endpoint: String,
    signed: bool,
    task: JoinHandle<()>,
    _folder: TempDir,
}

/// In what way a server is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It accepts conditional writes and ignores the condition, as some lookalikes do.
    IgnoresConditions,
    /// It does what it is asked, but the first answer to each write of a Delta commit is an error.
    LosesCommitAnswers,
}

/// Starts a server with an empty bucket `lake`.
pub async fn start() -> S3Server {
    serve(None).await
}

/// Starts a server that is bad in some way, with an empty bucket `lake`.
pub async fn start_bad(fault: Fault) -> S3Server {
    serve(Some(fault)).await
}

async fn serve(fault: Option<Fault>) -> S3Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    serve_on(listener, endpoint, fault)
}

/// Starts a server with an empty bucket `lake` behind another kind of listener, which clients find at `endpoint`.
pub fn start_on<L: Listener>(listener: L, endpoint: String) -> S3Server
where
    L::Addr: std::fmt::Debug,
{
    serve_on(listener, endpoint, None)
}

fn serve_on<L: Listener>(listener: L, endpoint: String, fault: Option<Fault>) -> S3Server
where
    L::Addr: std::fmt::Debug,
{
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("lake")).unwrap();
    let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder.path()).unwrap());
    // A condition that is taken out would break the signature.
    let signed = fault != Some(Fault::IgnoresConditions);
    if signed {
        builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
    }
    let server = Arc::new(Server { service: builder.build(), fault, turn: Mutex::default() });
    let app = Router::new().fallback(move |request: Request| {
        let server = Arc::clone(&server);
        async move { server.answer(request).await }
    });
    let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    S3Server { endpoint, signed, task, _folder: folder }
}

impl S3Server {
    /// The server's address.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Settings with which a lake at `s3://lake/...` is opened on this server; also what a child process needs in its
    /// environment.
    pub fn options(&self) -> Vec<(String, String)> {
        [
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_SKIP_SIGNATURE", if self.signed { "false" } else { "true" }),
            ("AWS_ACCESS_KEY_ID", KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Server {
    service: S3Service,
    fault: Option<Fault>,
    /// Paths of the commits whose first answer was lost. Held while something is written.
    turn: Mutex<HashSet<String>>,
}

impl Server {
    async fn answer(&self, mut request: Request) -> Response {
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            return self.call(request).await;
        }
        let mut lost = self.turn.lock().await;
        let path = request.uri().path().to_owned();
        if self.fault == Some(Fault::IgnoresConditions) {
            request.headers_mut().remove(IF_NONE_MATCH);
        }
        let response = self.call(request).await;
        let is_commit = path.contains("/_delta_log/") && path.ends_with(".json");
        if self.fault == Some(Fault::LosesCommitAnswers) && is_commit && lost.insert(path) {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        response
    }

    async fn call(&self, request: Request) -> Response {
        match self.service.call(request.map(s3s::Body::http_body_unsync)).await {
            Ok(response) => response.map(Body::new).into_response(),
            Err(error) => panic!("the S3 server failed: {error:?}"),
        }
    }
}
