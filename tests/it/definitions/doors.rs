//! The texts that a client reads name a lake's own metrics too, and change with them.

use std::sync::Arc;

use arrow::util::pretty::pretty_format_batches;
use datafusion::execution::context::SessionContext;
use serde_json::json;
use throughline::model::{self, Fact};
use throughline::query::{facts, functions};

use super::{entries, entry, lake, metric, of_metric, put, put_all, reload, server, text};
use crate::server::Server;

#[tokio::test]
async fn schema_glossary_and_views_have_them() {
    let lake = lake().await;
    let server = server(&lake).await;
    let before = text(&server, "/schema.graphql").await;
    put_all(&lake).await;
    reload(&server).await;
    let (schema, glossary) = (text(&server, "/schema.graphql").await, text(&server, "/glossary.md").await);
    let views = text(&server, "/views.sql").await;
    for name in entries() {
        let metric = name.to_uppercase();
        assert!(!before.contains(&metric) && schema.contains(&metric), "{metric}");
        assert!(glossary.contains(&format!("(`{metric}`)")), "{metric}");
        assert!(views.contains(&format!("CREATE VIEW {name} AS")), "{metric}");
    }
}

/// The script as it is served, in a session that has the facts.
#[tokio::test]
async fn the_served_views_run_and_give_the_numbers() {
    let lake = lake().await;
    put_all(&lake).await;
    let server = server(&lake).await;
    reload(&server).await;
    let context = session(&server).await;
    for statement in text(&server, "/views.sql").await.split(";\n") {
        let statement: Vec<_> = statement.lines().filter(|line| !line.starts_with("--")).collect();
        let statement = statement.join("\n");
        // The engine has no comments on views.
        if statement.trim_start().starts_with("CREATE") {
            context.sql(&statement).await.unwrap_or_else(|error| panic!("{statement}\n{error}"));
        }
    }
    let shown = |sql: &'static str| {
        let context = context.clone();
        async move {
            let batches = context.sql(sql).await.unwrap().collect().await.unwrap();
            pretty_format_batches(&batches).unwrap().to_string()
        }
    };
    let waits = shown("SELECT avg(seconds) AS mean, count(to_merge_seconds) AS n FROM review_wait").await;
    assert!(waits.contains("| 43200.0 | 2 |"), "{waits}");
    let seen = shown("SELECT CAST(sum(counted) AS BIGINT) AS unseen, count(*) AS all FROM unreviewed_share").await;
    assert!(seen.contains("| 2      | 4   |"), "{seen}");
}

#[tokio::test]
async fn a_text_is_sent_again_only_when_it_changed() {
    let lake = lake().await;
    put_all(&lake).await;
    let server = server(&lake).await;
    reload(&server).await;
    let get = |path: &'static str, tag: Option<String>| {
        let request = server.client.get(format!("{}{path}", server.url));
        let request = tag.iter().fold(request, |request, tag| request.header("if-none-match", tag));
        async move {
            let response = request.send().await.unwrap();
            (response.status().as_u16(), response.headers()["etag"].to_str().unwrap().to_owned())
        }
    };
    let query = url::form_urlencoded::byte_serialize(of_metric("REVIEW_WAIT", "value").as_bytes()).collect::<String>();
    let answer: &'static str = Box::leak(format!("/graphql?query={query}").into_boxed_str());
    let paths = ["/schema.graphql", "/glossary.md", "/views.sql", answer];
    let mut tags = Vec::new();
    for path in paths {
        let (status, tag) = get(path, None).await;
        assert_eq!((status, get(path, Some(tag.clone())).await), (200, (304, tag.clone())), "{path}");
        tags.push(tag);
    }
    let changed = entry("review_wait");
    let changed = changed.replace("statistic = \"MEDIAN\"", "statistic = \"MEAN\"").replace("Wait for", "Way to");
    let changed = changed.replace("How long", "For how long");
    put(&lake, "review_wait", &changed).await;
    assert_eq!(reload(&server).await["changed"], true);
    // The views do not say which statistic is shown.
    for (path, tag) in paths.into_iter().zip(tags).filter(|(path, _)| *path != "/views.sql") {
        assert_eq!(get(path, Some(tag)).await.0, 200, "{path}");
    }
    assert_eq!(metric(&server, "REVIEW_WAIT", "value").await["value"], json!(43_200.0));
}

async fn session(server: &Server) -> SessionContext {
    let engine = server.app.engine();
    let context = SessionContext::new_with_state(engine.context().state());
    functions::register(&context);
    let snapshot = Arc::clone(&server.app.lake.snapshot().await.unwrap());
    for fact in model::facts().iter().filter(|fact: &&Fact| !fact.internal) {
        facts::register(&context, &fact.name, engine.fact(&snapshot, fact).await.unwrap()).unwrap();
    }
    context
}
