//! Who may come in.

use super::small::{JSON, outcome, start, start_with};
use serde_json::json;
use throughline::api::http::Access;

#[tokio::test]
async fn with_a_token_everything_but_health_asks_for_it() {
    let server = start_with(|settings| settings.access = Access::new(Some("t0ken"), vec![], vec![])).await;
    for path in [
        "/",
        "/graphiql",
        "/schema.graphql",
        "/views.sql",
        "/glossary.md",
        "/metrics",
        "/nowhere",
        "/graphql?query={snapshot}",
    ] {
        let response = server.client.get(server.at(path)).send().await.unwrap();
        assert_eq!(response.status(), 401, "{path}");
        assert!(response.headers().contains_key("www-authenticate"));
    }
    assert_eq!(server.client.get(server.at("/healthz")).send().await.unwrap().status(), 200);
    assert_eq!(server.client.get(server.at("/readyz")).send().await.unwrap().status(), 200);
    let ask = || server.ask(JSON, json!({ "query": "{ snapshot }" }));
    let (status, body, code) = outcome(ask()).await;
    assert_eq!((status, code.as_str(), body.get("data")), (401, "UNAUTHENTICATED", None));
    assert_eq!(outcome(ask().bearer_auth("other")).await.0, 401);
    assert_eq!(outcome(ask().bearer_auth("t0ken")).await.0, 200);
    assert_eq!(outcome(ask().basic_auth("anyone", Some("t0ken"))).await.0, 200);
    let get = server.get(&[("query", "{ snapshot }")]).bearer_auth("t0ken").send().await.unwrap();
    assert_eq!(get.headers()["cache-control"], "private, no-cache");
}

#[tokio::test]
async fn foreign_pages_can_neither_change_nor_read() {
    let server = start().await;
    for path in ["/intake", "/reload", "/graphql"] {
        let request = server.client.post(server.at(path)).header("origin", "https://evil.example.com");
        assert_eq!(outcome(request.json(&json!({ "query": "{ snapshot }" }))).await.2, "FORBIDDEN", "{path}");
    }
    let read =
        server.get(&[("query", "{ snapshot }")]).header("origin", "https://evil.example.com").send().await.unwrap();
    assert!(read.headers().get("access-control-allow-origin").is_none());
    let rebound = server.client.get(server.at("/graphql?query={snapshot}")).header("host", "evil.example.com:80");
    assert_eq!(outcome(rebound).await.0, 403);
}

#[tokio::test]
async fn allowed_pages_can() {
    let server = start().await;
    let origin = "https://app.example.com";
    let preflight = server
        .client
        .request(reqwest::Method::OPTIONS, server.at("/graphql"))
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type")
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.headers()["access-control-allow-origin"], origin);
    assert!(preflight.headers()["access-control-allow-headers"].to_str().unwrap().contains("content-type"));
    let answer = server.ask(JSON, json!({ "query": "{ snapshot }" })).header("origin", origin).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["access-control-allow-origin"].to_str().unwrap()),
        (200, origin)
    );
}
