//! The sample company with its people, and what the tests of rows ask of it.

use std::time::Duration;

use serde_json::{Value, json};
use throughline::clock::Clock;

use crate::company;
use crate::server::Server;

/// The period of every question: the half year of the story.
pub const FROM: &str = "2026-01-05";
pub const TO: &str = "2026-07-06";

/// A server of the sample company, with people, after the story.
pub async fn server() -> Server {
    let clock = Clock::Fixed("2026-07-10T00:00:00Z".parse().unwrap());
    let server = Server::start_with(company::sample(clock).await, |config| {
        (config.clock, config.max_complexity) = (clock, 1_000_000);
        // The first question of a fact waits for the fact.
        config.query_timeout = Duration::from_secs(600);
    });
    let server = server.await;
    server.app.make_sample_people().await.unwrap();
    server
}

/// A metric of anything, by global id: what `selection` gives.
pub async fn metric(server: &Server, id: &str, name: &str, selection: &str) -> Value {
    let query = format!(
        "query ($id: ID!, $name: MetricName!) {{ node(id: $id) {{ ... on Measurable {{
            metric(name: $name, period: {{ between: {{ from: \"{FROM}\", to: \"{TO}\" }} }}) {{ {selection} }}
        }} }} }}"
    );
    let mut answer = server.graphql(&query, json!({ "id": id, "name": name })).await;
    assert!(answer.get("errors").is_none(), "{name} of {id}: {}", answer["errors"]);
    answer["data"]["node"]["metric"].take()
}

/// Global ids of everything that metrics are asked of, by what they are.
pub async fn scopes(server: &Server) -> Vec<(String, String)> {
    let query = r#"{
        organization { id }
        teams(first: 100) { nodes { id path } }
        contributors(first: 3) { nodes { id name } }
        storefront: repository(name: "storefront") { id }
        payments: repository(name: "payments") { id }
        shop: service(name: "shop") { id }
        money: service(name: "payments") { id }
    }"#;
    let answer = server.graphql(query, json!({})).await;
    let data = &answer["data"];
    let mut scopes = Vec::new();
    for name in ["organization", "storefront", "payments", "shop", "money"] {
        scopes.push((name.to_owned(), text(&data[name]["id"])));
    }
    for (list, name) in [("teams", "path"), ("contributors", "name")] {
        for node in data[list]["nodes"].as_array().unwrap() {
            scopes.push((format!("{list} {}", text(&node[name])), text(&node["id"])));
        }
    }
    assert!(scopes.len() > 10, "{answer}");
    scopes
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

pub fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}
