//! Metrics that a lake declares itself. The entries under `tests/cases/definitions/` are over facts that there are, one of each
//! kind; `lake/` beside them is small enough to count by hand.

mod doors;
mod faults;
mod house;

use std::path::Path;

use object_store::ObjectStoreExt;
use serde_json::{Value, json};
use throughline::clock::Clock;
use throughline::lake::Lake;

use crate::company;
use crate::server::Server;

const CASES: &str = "tests/cases/definitions";
/// All rows lie in the two weeks before.
const NOW: &str = "2026-03-20T00:00:00Z";

async fn lake() -> Lake {
    company::of_csv(&Path::new(CASES).join("lake"), clock()).await
}

fn clock() -> Clock {
    Clock::Fixed(NOW.parse().unwrap())
}

async fn server(lake: &Lake) -> Server {
    Server::start_with(lake.clone(), |config| config.clock = clock()).await
}

/// The text of an entry.
fn entry(name: &str) -> String {
    std::fs::read_to_string(Path::new(CASES).join(name).with_extension("toml")).unwrap()
}

/// Names of all entries, sorted.
fn entries() -> Vec<String> {
    let files = std::fs::read_dir(CASES).unwrap().map(|entry| entry.unwrap().path());
    let toml = files.filter(|path| path.extension().is_some_and(|e| e == "toml"));
    let mut names: Vec<_> = toml.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

async fn put(lake: &Lake, name: &str, text: &str) {
    let path = format!("definitions/metrics/{name}.toml");
    lake.store().put(&path.as_str().into(), text.to_owned().into()).await.unwrap();
}

/// Drops every entry into a lake.
async fn put_all(lake: &Lake) {
    for name in entries() {
        put(lake, &name, &entry(&name)).await;
    }
}

async fn reload(server: &Server) -> Value {
    let response = server.client.post(format!("{}/reload", server.url)).send().await.unwrap();
    response.error_for_status().unwrap().json().await.unwrap()
}

/// The data of a good answer.
async fn asked(server: &Server, query: &str) -> Value {
    let answer = server.graphql(query, json!({})).await;
    assert!(answer.get("errors").is_none(), "{query}\n{answer}");
    answer["data"].clone()
}

/// A metric of the organisation over the two weeks.
fn of_metric(name: &str, fields: &str) -> String {
    let period = "{ between: { from: \"2026-03-02\", to: \"2026-03-16\" } }";
    format!("{{ organization {{ metric(name: {name}, period: {period}) {{ {fields} }} }} }}")
}

async fn metric(server: &Server, name: &str, fields: &str) -> Value {
    asked(server, &of_metric(name, fields)).await["organization"]["metric"].clone()
}

async fn text(server: &Server, path: &str) -> String {
    let response = server.client.get(format!("{}{path}", server.url)).send().await.unwrap();
    response.error_for_status().unwrap().text().await.unwrap()
}
