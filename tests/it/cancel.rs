//! A request that is given up, by the server's limit or by its client, takes its plan along.
//!
//! The plan is real and long: each of many deployments belongs to many windows. It would take much longer than a stopped
//! plan is waited for, and a stopped plan is gone in a small part of that.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, new_null_array};
use serde_json::json;
use throughline::lake::{Incoming, Lake, merge};
use throughline::model;

use crate::server::Server;
use crate::socket;

/// Deployments in the lake.
const ROWS: i64 = 100_000;
/// Metrics in the query; every deployment is counted for each, and in one month of each.
const METRICS: usize = 450;
/// What the server allows. The plan takes many times as long.
const LIMIT: Duration = Duration::from_secs(2);
/// Until the last part of a stopped plan is gone.
const GONE_WITHIN: Duration = Duration::from_secs(5);
/// Until a plan was made and began.
const STARTS_WITHIN: Duration = Duration::from_secs(30);

/// Deployments from 2020 to 2025, and the facts about them, so that only the plan itself takes its time.
async fn long_lake() -> Lake {
    let lake = Lake::open("memory://").await.unwrap();
    let table = model::table("deployments").unwrap();
    let (start, step) = (1_577_880_000_000_000, 6 * 365 * 86_400_000_000 / ROWS);
    let times = || -> ArrayRef {
        let times = (0..ROWS).map(|row| start + row * step);
        Arc::new(TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC"))
    };
    let all = |text: &str| -> ArrayRef { Arc::new(StringArray::from_iter_values((0..ROWS).map(|_| text))) };
    let schema = table.schema();
    let columns = schema.fields().iter().map(|field| match field.name().as_str() {
        "id" => Arc::new(StringArray::from_iter_values((0..ROWS).map(|row| row.to_string()))),
        "source" => all("test"),
        "service" => all("shop"),
        "tier" => all("PRODUCTION"),
        "status" => all("SUCCESS"),
        "updated_at" | "started_at" | "finished_at" => times(),
        _ => new_null_array(field.data_type(), ROWS as usize),
    });
    let rows = vec![RecordBatch::try_new(Arc::clone(&schema), columns.collect()).unwrap()];
    merge(&lake, table, vec![Incoming { file: "long".to_owned(), rows }]).await.unwrap();
    lake
}

/// As many metrics of the same fact, none with the windows of another.
fn long_query(metrics: usize) -> String {
    let metric = |i: usize| {
        let from = format!("2019-{:02}-{:02}", i / 28 + 1, i % 28 + 1);
        format!(
            "m{i}: metric(name: DEPLOYMENT_FREQUENCY, period: {{ between: {{ from: \"{from}\", to: \"2026-01-01\" }} }}) {{
                numerator series(granularity: MONTH) {{ numerator }}
            }}"
        )
    };
    format!("{{ organization {{ {} }} }}", (0..metrics).map(metric).collect::<Vec<_>>().join("\n"))
}

async fn plan_runs(server: &Server) {
    let since = Instant::now();
    while server.app.engine().running() == 0 {
        assert!(since.elapsed() < STARTS_WITHIN, "no plan was started");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn plan_is_gone(server: &Server, why: &str) {
    let (engine, since) = (server.app.engine(), Instant::now());
    while engine.running() + engine.tasks() > 0 {
        let left = (engine.running(), engine.tasks());
        assert!(since.elapsed() < GONE_WITHIN, "{why}: plans and tasks are left: {left:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let metrics = server.client.get(format!("{}/metrics", server.url)).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("throughline_plans_running"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_stops_when_its_request_does() {
    let lake = long_lake().await;
    let patient = Server::start(lake.clone()).await;
    let counted = patient.graphql(&long_query(1), json!({})).await;
    assert_eq!(counted["data"]["organization"]["m0"]["numerator"], json!(ROWS as f64), "{counted}");
    plan_is_gone(&patient, "it was answered").await;
    let query = long_query(METRICS);

    let strict = Server::start_with(lake, |config| config.query_timeout = LIMIT).await;
    let answer = strict.graphql(&query, json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TIMEOUT", "{answer}");
    plan_is_gone(&strict, "it took too long").await;

    let asking = tokio::spawn({
        let request = patient.client.post(format!("{}/graphql", patient.url)).json(&json!({ "query": query }));
        async move { request.send().await.map(|answer| answer.status()) }
    });
    plan_runs(&patient).await;
    // Stopping the client closes its connection.
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled(), "the plan is too short for this test");
    plan_is_gone(&patient, "the client closed its connection").await;

    let mut socket = socket::introduced(&patient.url).await;
    socket::subscribe(&mut socket, "long", &query).await;
    plan_runs(&patient).await;
    socket::say(&mut socket, json!({ "type": "complete", "id": "long" })).await;
    plan_is_gone(&patient, "the client wants no more").await;
    socket::subscribe(&mut socket, "again", &query).await;
    plan_runs(&patient).await;
    drop(socket);
    plan_is_gone(&patient, "the client closed its WebSocket").await;
}
