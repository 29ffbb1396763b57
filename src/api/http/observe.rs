//! What the door counts, and `/metrics`. Rooms count by the `metrics` macros; this installs what collects them, once for
//! a process.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    http::Response,
    middleware::Next,
};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

static PROMETHEUS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts collecting. Calling it again changes nothing.
pub fn install_metrics() {
    PROMETHEUS.get_or_init(|| {
        let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
        let recorder =
            PrometheusBuilder::new().set_buckets(&seconds).expect("the list of buckets is not empty").build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another collector of metrics is installed; /metrics stays empty");
        }
        describe();
        handle
    });
}

fn describe() {
    describe_counter!("throughline_http_requests_total", "HTTP requests by route, method and status");
    describe_histogram!("throughline_http_seconds", "Time to the head of the answer by route");
    describe_counter!(
        "throughline_graphql_requests_total",
        "GraphQL operations by kind and outcome (OK or an error's code)"
    );
    describe_histogram!("throughline_graphql_seconds", "Time of GraphQL operations by kind");
    describe_gauge!("throughline_websockets", "Open WebSocket connections");
    describe_counter!("throughline_plans_total", "Plans computed");
    describe_gauge!("throughline_plans_running", "Plans and builds of facts that run now");
    describe_counter!("throughline_intake_files_total", "Landing files by outcome");
    describe_counter!("throughline_job_failures_total", "Failed runs of the background jobs");
    describe_gauge!("throughline_resident_bytes", "Memory that the process holds");
    describe_gauge!("throughline_resident_peak_bytes", "Most memory that the process held");
}

/// Everything counted so far, in Prometheus' text format.
pub fn render() -> String {
    if let Some(status) = std::fs::read_to_string("/proc/self/status").ok().as_deref() {
        let bytes = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kib| kib * 1024.0)
        };
        gauge!("throughline_resident_bytes").set(bytes("VmRSS:").unwrap_or_default());
        gauge!("throughline_resident_peak_bytes").set(bytes("VmHWM:").unwrap_or_default());
    }
    let Some(handle) = PROMETHEUS.get() else { return String::new() };
    handle.run_upkeep();
    handle.render()
}

/// How often what was recorded is folded together when nobody asks for `/metrics`.
pub const METRICS_UPKEEP: Duration = Duration::from_secs(30);

/// Folds what was recorded, so that histograms do not grow.
pub fn metrics_upkeep() {
    if let Some(handle) = PROMETHEUS.get() {
        handle.run_upkeep();
    }
}

/// Counts a request by its route, never by its path: clients choose paths.
pub async fn observe(request: Request, next: Next) -> Response<Body> {
    let started = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", |path| path.as_str()).to_owned();
    let method = match request.method().as_str() {
        known @ ("GET" | "POST" | "HEAD" | "OPTIONS" | "PUT" | "DELETE" | "PATCH") => known.to_owned(),
        _ => "other".to_owned(),
    };
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let took = started.elapsed();
    tracing::debug!(method, route, status, took_ms = took.as_secs_f64() * 1e3, "request");
    histogram!("throughline_http_seconds", "route" => route.clone()).record(took.as_secs_f64());
    counter!("throughline_http_requests_total", "route" => route, "method" => method, "status" => status.to_string())
        .increment(1);
    response
}
