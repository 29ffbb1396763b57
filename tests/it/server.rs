//! The real server, in this process, on a free port, over a lake that the test made. It stops when it is dropped.

use std::sync::Arc;

use serde_json::{Value, json};
use throughline::{app::App, config::Config, lake::Lake};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// A running server.
pub struct Server {
    /// Without a slash at its end.
    pub url: String,
    pub app: Arc<App>,
    pub client: reqwest::Client,
    shutdown: CancellationToken,
}

impl Server {
    /// Over an open lake, with default settings but no jobs: nothing happens that the test does not ask for.
    pub async fn start(lake: Lake) -> Server {
        Server::start_with(lake, |_| {}).await
    }

    /// With other settings.
    pub async fn start_with(lake: Lake, change: impl FnOnce(&mut Config)) -> Server {
        let mut config = Config::defaults();
        (config.intake_interval, config.maintenance_interval, config.reload_interval) = Default::default();
        config.refresh_interval = Default::default();
        change(&mut config);
        let app = App::over(config, lake).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shutdown = CancellationToken::new();
        tokio::spawn(app.clone().serve(listener, shutdown.clone()));
        Server { url, app, client: reqwest::Client::new(), shutdown }
    }

    /// The whole answer, `errors` and all.
    pub async fn graphql(&self, query: &str, variables: Value) -> Value {
        self.graphql_with(json!({ "query": query, "variables": variables })).await
    }

    /// With all parameters in the caller's hand (`operationName`, `extensions`).
    pub async fn graphql_with(&self, body: Value) -> Value {
        let response = self.client.post(format!("{}/graphql", self.url)).json(&body).send().await.unwrap();
        let text = response.text().await.unwrap();
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}"))
    }

    /// `POST /intake`: the outcome of each file.
    pub async fn intake(&self) -> Value {
        let response = self.client.post(format!("{}/intake", self.url)).send().await.unwrap();
        response.error_for_status().unwrap().json().await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

#[tokio::test]
async fn the_sample_company_goes_in_by_intake_and_shows_in_the_lake() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path().to_str().unwrap()).await.unwrap();
    let server = Server::start(lake.clone()).await;
    let rows = "{ lake { snapshot rows tables { name rows } } }";
    let empty = server.graphql(rows, json!({})).await;
    assert_eq!(empty["data"]["lake"]["rows"], json!(0.0), "{empty}");

    let dropped = throughline::sources::sample::write_landing(&lake.store()).await.unwrap();
    let outcome = server.intake().await;
    let files = outcome["files"].as_array().unwrap();
    assert_eq!(files.len(), dropped.len(), "{outcome}");
    assert!(files.iter().all(|file| file["status"] == "APPLIED"), "{outcome}");
    let again = server.intake().await;
    assert_eq!(again["files"], json!([]), "nothing new was dropped");

    let answer = server.graphql(rows, json!({})).await;
    assert_eq!(answer["data"]["lake"]["snapshot"], json!(server.app.lake.snapshot().await.unwrap().id));
    let tables = answer["data"]["lake"]["tables"].as_array().unwrap();
    let merged = tables.iter().find(|table| table["name"] == "pull_requests").unwrap();
    assert!(merged["rows"].as_f64().unwrap() > 0.0, "{answer}");
    assert_eq!(server.client.get(format!("{}/readyz", server.url)).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_example_answers_in_one_plan_for_each_fact() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path().to_str().unwrap()).await.unwrap();
    throughline::sources::sample::write_landing(&lake.store()).await.unwrap();
    let server = Server::start(lake).await;
    server.intake().await;
    let asked = json!({ "query": throughline::api::EXAMPLE, "extensions": { "explain": true } });
    let answer = server.graphql_with(asked).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    let metrics = answer["data"]["organization"]["metrics"].as_array().unwrap();
    assert!(metrics.len() == 3 && metrics.iter().all(|metric| metric["value"].is_number()), "{answer}");
    assert_eq!(answer["extensions"]["plans"], json!(2), "changes and deployments: {answer}");
    let plain = server.graphql(throughline::api::EXAMPLE, json!({})).await;
    assert_eq!((plain.get("extensions"), &plain["data"]), (None, &answer["data"]));
}
