//! An S3-speaking server inside the test process, on loopback, with a bucket named `lake`. It stops on drop.
//!
//! The files behind it are checked and written in two steps, so conditional puts are not free of races there. Requests
//! that change something therefore take turns, which makes "put if absent" as strict as the real thing's.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

const KEY: &str = "tester";
const SECRET: &str = "not-a-secret";

/// A running server.
pub struct S3Server {
    endpoint: String,
    task: JoinHandle<()>,
    _folder: TempDir,
}

/// Starts a server with an empty bucket `lake`.
pub async fn start() -> S3Server {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("lake")).unwrap();
    let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder.path()).unwrap());
    builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
    let service = builder.build();
    let turn = Arc::new(Mutex::new(()));
    let app = Router::new().fallback(move |request: Request| {
        let (service, turn) = (service.clone(), Arc::clone(&turn));
        async move { answer(service, turn, request).await }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    S3Server { endpoint, task, _folder: folder }
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

async fn answer(service: s3s::service::S3Service, turn: Arc<Mutex<()>>, request: Request) -> Response {
    let _turn = match *request.method() {
        Method::GET | Method::HEAD => None,
        _ => Some(turn.lock().await),
    };
    match service.call(request.map(s3s::Body::http_body_unsync)).await {
        Ok(response) => response.map(Body::new).into_response(),
        Err(error) => panic!("the S3 server failed: {error:?}"),
    }
}
