//! Which status, which media type, which code.

use super::small::{GRAPHQL, JSON, outcome, start, start_with};
use serde_json::json;
use std::{sync::atomic::Ordering, time::Duration};

#[tokio::test]
async fn request_errors_have_no_data_and_the_media_type_decides_the_status() {
    let server = start().await;
    let deep = format!("{{ {} snapshot {} }}", "child { ".repeat(25), "} ".repeat(25));
    let costly = format!("{{ {} }}", "snapshot ".repeat(450));
    let many = format!("{{ {} }}", (0..25).map(|n| format!("a{n}: snapshot ")).collect::<String>());
    let long = format!("{{ {} }}", "snapshot ".repeat(600));
    for (query, code) in [
        ("{", "BAD_USER_INPUT"),
        ("{ nothing }", "BAD_USER_INPUT"),
        ("{ double(number: \"x\") }", "BAD_USER_INPUT"),
        ("query Q($n: Int!) { double(number: $n) }", "BAD_USER_INPUT"),
        ("query A { snapshot } query B { snapshot }", "BAD_USER_INPUT"),
        ("subscription { count(to: 1) }", "BAD_USER_INPUT"),
        (deep.as_str(), "COST_LIMIT"),
        (costly.as_str(), "COST_LIMIT"),
        (many.as_str(), "COST_LIMIT"),
        (long.as_str(), "COST_LIMIT"),
    ] {
        for (accept, expected) in [(JSON, 200), (GRAPHQL, 400)] {
            let (status, body, found) = outcome(server.ask(accept, json!({ "query": query }))).await;
            assert_eq!((status, found.as_str()), (expected, code), "{query} as {accept}: {body}");
            assert!(body.get("data").is_none(), "{query}: {body}");
            for error in body["errors"].as_array().unwrap() {
                assert!(error["extensions"]["code"].is_string(), "{body}");
            }
        }
    }
}

#[tokio::test]
async fn a_variable_of_the_wrong_type_is_a_request_error() {
    let server = start().await;
    let query = "query Q($n: Int!) { double(number: $n) }";
    for variables in [json!({ "n": "x" }), json!({ "n": null }), json!({}), json!({ "n": 1.5 })] {
        let (status, body, code) =
            outcome(server.ask(GRAPHQL, json!({ "query": query, "variables": variables }))).await;
        assert_eq!((status, code.as_str()), (400, "BAD_USER_INPUT"), "{variables}: {body}");
        assert!(body.get("data").is_none(), "{body}");
    }
    let good = outcome(server.ask(GRAPHQL, json!({ "query": query, "variables": { "n": 4 } }))).await;
    assert_eq!((good.0, good.1), (200, json!({ "data": { "double": 8 } })));
}

#[tokio::test]
async fn one_field_fails_alone_and_internals_stay_inside() {
    let server = start().await;
    let query = json!({ "query": "{ snapshot secretFailure toldFailure }" });
    let (status, body, _) = outcome(server.ask(GRAPHQL, query)).await;
    assert_eq!(status, 200);
    assert_eq!(body["data"], json!({ "snapshot": "s1", "secretFailure": null, "toldFailure": null }));
    let errors = body["errors"].as_array().unwrap();
    let of = |field: &str| errors.iter().find(|error| error["path"][0] == field).unwrap();
    assert_eq!(of("toldFailure")["message"], "no such team");
    assert_eq!(of("toldFailure")["extensions"]["code"], "NOT_FOUND");
    assert_eq!(of("secretFailure")["extensions"]["code"], "INTERNAL");
    assert!(of("secretFailure")["message"].as_str().unwrap().contains("Reference: "));
    assert!(!body.to_string().contains("10.0.0.7"));

    // A failure during execution keeps `data`, also when it reaches the root.
    let (status, body, code) = outcome(server.ask(GRAPHQL, json!({ "query": "{ rootFailure }" }))).await;
    assert_eq!((status, code.as_str()), (200, "NOT_FOUND"));
    assert_eq!(body.get("data"), Some(&json!(null)));
}

#[tokio::test]
async fn a_panic_is_an_internal_error_and_the_server_goes_on() {
    let server = start().await;
    for (accept, expected) in [(JSON, 200), (GRAPHQL, 500)] {
        let (status, body, code) = outcome(server.ask(accept, json!({ "query": "{ crash }" }))).await;
        assert_eq!((status, code.as_str()), (expected, "INTERNAL"), "{body}");
        assert!(!body.to_string().contains("inside of the house"));
    }
    assert_eq!(outcome(server.ask(JSON, json!({ "query": "{ snapshot }" }))).await.0, 200);
}

#[tokio::test]
async fn what_takes_too_long_is_stopped() {
    let server = start_with(|settings| settings.query_timeout = Duration::from_millis(200)).await;
    let (status, _, code) = outcome(server.ask(GRAPHQL, json!({ "query": "{ slow }" }))).await;
    assert_eq!((status, code.as_str()), (504, "TIMEOUT"));
    until(|| server.small.observed.cancelled.load(Ordering::SeqCst)).await;
}

#[tokio::test]
async fn a_client_that_goes_away_cancels_its_work() {
    let server = start().await;
    let request = server.ask(GRAPHQL, json!({ "query": "{ slow }" })).timeout(Duration::from_millis(300));
    assert!(request.send().await.is_err());
    assert!(server.small.observed.started.load(Ordering::SeqCst));
    until(|| server.small.observed.cancelled.load(Ordering::SeqCst)).await;
}

#[tokio::test]
async fn bodies_that_a_foreign_page_could_send_are_refused() {
    let server = start().await;
    let body = json!({ "query": "mutation { touch }" }).to_string();
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/graphql"]
    {
        let request = server.client.post(server.at("/graphql")).header("content-type", kind).body(body.clone());
        let (status, _, code) = outcome(request).await;
        assert_eq!((status, code.as_str()), (415, "BAD_USER_INPUT"), "{kind}");
    }
    assert_eq!(outcome(server.client.post(server.at("/graphql")).body(body)).await.0, 415);
    assert_eq!(outcome(server.ask(JSON, json!([{ "query": "{ snapshot }" }]))).await.0, 400);
    assert_eq!(outcome(server.ask(JSON, json!({ "query": "x".repeat(20_000) }))).await.0, 413);
    assert_eq!(outcome(server.ask("image/png", json!({ "query": "{ snapshot }" }))).await.0, 406);
}

#[tokio::test]
async fn a_get_never_mutates_and_a_wrong_method_says_which_are_right() {
    let server = start().await;
    for accept in [JSON, GRAPHQL, "text/event-stream"] {
        let response = server.get(&[("query", "mutation { touch }")]).header("accept", accept).send().await.unwrap();
        assert_eq!(response.status(), 405, "{accept}");
        assert_eq!(response.headers()["allow"], "POST");
    }
    let named = [("query", "query A { snapshot } mutation B { touch }"), ("operationName", "B")];
    assert_eq!(server.get(&named).send().await.unwrap().status(), 405);
    let response = server.client.delete(server.at("/graphql")).send().await.unwrap();
    assert_eq!(response.status(), 405);
    let allow = response.headers()["allow"].to_str().unwrap().to_owned();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
    assert_eq!(outcome(server.client.get(server.at("/nowhere"))).await.0, 404);
}

async fn until(happened: impl Fn() -> bool) {
    for _ in 0..200 {
        if happened() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it did not happen within 5 s");
}
