//! Caching, persisted queries, and the small addresses.

use super::small::{GRAPHQL, JSON, outcome, start};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

#[tokio::test]
async fn a_get_is_cached_until_the_lake_changes() {
    let server = start().await;
    let ask = |tag: Option<String>, accept: &str| {
        let request = server.get(&[("query", "{ snapshot }")]).header("accept", accept);
        match tag {
            Some(tag) => request.header("if-none-match", tag),
            None => request,
        }
    };
    let first = ask(None, JSON).send().await.unwrap();
    assert_eq!(first.status(), 200);
    assert_eq!(first.headers()["cache-control"], "public, no-cache");
    assert!(first.headers().get_all("vary").iter().any(|value| value.to_str().unwrap().contains("accept")));
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let again = ask(Some(tag.clone()), JSON).send().await.unwrap();
    assert_eq!((again.status().as_u16(), again.headers()["etag"].to_str().unwrap()), (304, tag.as_str()));
    assert!(again.bytes().await.unwrap().is_empty());
    assert_eq!(ask(Some(tag.clone()), GRAPHQL).send().await.unwrap().status(), 200);
    server.commit("s2");
    let (status, body, _) = outcome(ask(Some(tag), JSON)).await;
    assert_eq!((status, &body["data"]["snapshot"]), (200, &json!("s2")));
    // What failed is not kept.
    let failed = server.get(&[("query", "{ toldFailure }")]).send().await.unwrap();
    assert_eq!((failed.headers().get("etag"), failed.headers()["cache-control"].to_str().unwrap()), (None, "no-store"));
    let posted = server.ask(JSON, json!({ "query": "{ snapshot }" })).send().await.unwrap();
    assert_eq!((posted.headers().get("etag"), posted.headers()["cache-control"].to_str().unwrap()), (None, "no-store"));
}

#[tokio::test]
async fn persisted_queries_follow_apollo() {
    let server = start().await;
    let query = "query Twice($n: Int!) { double(number: $n) }";
    let hash: String = Sha256::digest(query).iter().map(|byte| format!("{byte:02x}")).collect();
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    let by_hash = || json!({ "extensions": extensions, "variables": { "n": 3 } });
    let (status, body, code) = outcome(server.ask(JSON, by_hash())).await;
    assert_eq!((status, code.as_str()), (200, "PERSISTED_QUERY_NOT_FOUND"));
    assert_eq!(body["errors"][0]["message"], "PersistedQueryNotFound");
    assert_eq!(outcome(server.ask(GRAPHQL, by_hash())).await.0, 400);

    let wrong = json!({ "query": "{ snapshot }", "extensions": extensions });
    assert_eq!(outcome(server.ask(JSON, wrong)).await.2, "BAD_USER_INPUT");
    let mut both = by_hash();
    both["query"] = json!(query);
    assert_eq!(outcome(server.ask(JSON, both)).await.1, json!({ "data": { "double": 6 } }));
    assert_eq!(outcome(server.ask(JSON, by_hash())).await.1, json!({ "data": { "double": 6 } }));
    let get = server.get(&[("extensions", &extensions.to_string()), ("variables", "{\"n\":5}")]);
    assert_eq!(outcome(get).await.1, json!({ "data": { "double": 10 } }));
}

#[tokio::test]
async fn scope_reaches_the_resolvers() {
    let server = start().await;
    let asked = json!({ "query": "{ snapshot explained }", "extensions": { "explain": true } });
    assert_eq!(outcome(server.ask(JSON, asked)).await.1, json!({ "data": { "snapshot": "s1", "explained": true } }));
    let plain = json!({ "query": "{ explained }" });
    assert_eq!(outcome(server.ask(JSON, plain)).await.1, json!({ "data": { "explained": false } }));
}

#[tokio::test]
async fn the_small_addresses_answer() {
    let server = start().await;
    let text = async |path: &str| {
        let response = server.client.get(server.at(path)).send().await.unwrap();
        let policy = response.headers().get("content-security-policy").map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), policy, response.text().await.unwrap())
    };
    let (status, policy, page) = text("/").await;
    assert!(status == 200 && policy.is_some() && page.contains("/graphiql") && !page.contains("{{"));
    let (status, policy, page) = text("/graphiql").await;
    assert_eq!(status, 200);
    assert!(policy.unwrap().contains("script-src 'self';"));
    assert!(page.contains("{ snapshot } # &lt;b&gt;") && !page.contains("://"), "{page}");
    for file in ["/graphiql/graphiql.js", "/graphiql/graphiql.css", "/graphiql/LICENSES.txt"] {
        assert!(page.contains(file) || file.ends_with("txt"));
        assert_eq!(text(file).await.0, 200, "{file}");
    }
    assert_eq!(text("/graphiql/other.js").await.0, 404);
    assert!(text("/schema.graphql").await.2.contains("type Query"));
    assert_eq!((text("/views.sql").await.2, text("/glossary.md").await.2), ("Views".to_owned(), "Glossary".to_owned()));
    let reloaded: Value = server.client.post(server.at("/reload")).send().await.unwrap().json().await.unwrap();
    assert_eq!((reloaded, text("/reload").await.0), (json!({ "changed": false, "files": [] }), 405));
    assert_eq!(text("/healthz").await.0, 200);
    assert_eq!(text("/readyz").await.0, 200);
    let files: Value = server.client.post(server.at("/intake")).send().await.unwrap().json().await.unwrap();
    assert_eq!(files, json!({ "files": [{ "file": "a.parquet", "status": "APPLIED" }] }));
    server.break_lake();
    let (status, _, body) = text("/readyz").await;
    assert!(status == 503 && !body.contains("private-name"));
    assert_eq!(text("/healthz").await.0, 200);
    let metrics = text("/metrics").await.2;
    assert!(metrics.contains("throughline_http_requests_total{") && metrics.contains("route=\"/readyz\""), "{metrics}");
    assert_eq!(text("/intake").await.0, 405);
}

#[tokio::test]
async fn a_store_that_is_away_is_said_without_its_secrets() {
    let server = start().await;
    server.break_lake();
    let asked = |media| server.ask(media, json!({ "query": "{ snapshot }" }));
    for request in [
        asked(GRAPHQL),
        asked(JSON),
        server.get(&[("query", "{ snapshot }")]),
        server.client.post(server.at("/intake")),
    ] {
        let response = request.send().await.unwrap();
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(
            (header("retry-after").as_deref(), header("cache-control").as_deref()),
            (Some("5"), Some("no-store"))
        );
        let (status, body) = (response.status(), response.json::<Value>().await.unwrap());
        assert_eq!((status.as_u16(), &body["errors"][0]["extensions"]["code"]), (503, &json!("RESOURCE_EXHAUSTED")));
        let message = body["errors"][0]["message"].as_str().unwrap();
        assert!(message.starts_with("The lake does not answer") && !message.contains("private-name"), "{message}");
        assert!(body.get("data").is_none(), "{body}");
    }
}

#[tokio::test]
async fn large_answers_are_compressed_when_asked() {
    let server = start().await;
    let request = server.client.get(server.at("/graphiql/graphiql.js")).header("accept-encoding", "gzip");
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert!(response.bytes().await.unwrap().len() < 600_000);
}
