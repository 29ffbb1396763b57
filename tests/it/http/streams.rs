//! Subscriptions: server-sent events and WebSocket.

use std::time::Duration;

use super::small::{Server, start, start_with};
use crate::socket::{self, closed, heard, say};
use serde_json::json;
use throughline::api::http::Access;

async fn events(server: &Server, query: &str) -> (String, String) {
    let request = server.ask("text/event-stream", json!({ "query": query }));
    let response = request.timeout(Duration::from_secs(10)).send().await.unwrap();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    (kind, response.text().await.unwrap())
}

#[tokio::test]
async fn events_come_one_by_one_and_complete() {
    let server = start().await;
    let (kind, text) = events(&server, "subscription { count(to: 2) }").await;
    assert_eq!(kind, "text/event-stream");
    let expected = "event: next\ndata: {\"data\":{\"count\":1}}\n\nevent: next\ndata: {\"data\":{\"count\":2}}\n\nevent: complete\ndata:\n\n";
    assert_eq!(text, expected);
    let (_, query) = events(&server, "{ snapshot }").await;
    assert!(query.starts_with("event: next\ndata: {\"data\":{\"snapshot\":\"s1\"}}\n\nevent: complete"), "{query}");
    let (_, wrong) = events(&server, "subscription { nothing }").await;
    assert!(wrong.contains("BAD_USER_INPUT") && !wrong.contains("\"data\":"), "{wrong}");
    let get = server.get(&[("query", "subscription { count(to: 1) }")]).header("accept", "text/event-stream");
    assert!(get.send().await.unwrap().text().await.unwrap().contains("{\"count\":1}"));
}

#[tokio::test]
async fn streams_end_cleanly_when_the_server_stops() {
    let server = start().await;
    let mut socket = socket::open(&server.url).await;
    say(&mut socket, json!({ "type": "connection_init" })).await;
    assert_eq!(heard(&mut socket).await["type"], "connection_ack");
    let stopping = events(&server, "subscription { forever }");
    let (text, _) = tokio::join!(stopping, async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.stop();
    });
    assert!(text.1.contains("{\"forever\":1}") && text.1.contains("event: complete"), "{}", text.1);
    assert_eq!(closed(&mut socket).await, 1001);
}

#[tokio::test]
async fn one_connection_carries_many_operations() {
    let server = start().await;
    let mut socket = socket::open(&server.url).await;
    say(&mut socket, json!({ "type": "connection_init" })).await;
    assert_eq!(heard(&mut socket).await, json!({ "type": "connection_ack" }));
    say(&mut socket, json!({ "type": "ping", "payload": { "a": 1 } })).await;
    assert_eq!(heard(&mut socket).await, json!({ "type": "pong", "payload": { "a": 1 } }));
    say(
        &mut socket,
        json!({ "type": "subscribe", "id": "1", "payload": { "query": "subscription { count(to: 2) }" } }),
    )
    .await;
    for expected in [
        json!({ "type": "next", "id": "1", "payload": { "data": { "count": 1 } } }),
        json!({ "type": "next", "id": "1", "payload": { "data": { "count": 2 } } }),
        json!({ "type": "complete", "id": "1" }),
    ] {
        assert_eq!(heard(&mut socket).await, expected);
    }
    say(&mut socket, json!({ "type": "subscribe", "id": "1", "payload": { "query": "{ nothing }" } })).await;
    let error = heard(&mut socket).await;
    assert_eq!(
        (&error["type"], &error["payload"][0]["extensions"]["code"]),
        (&json!("error"), &json!("BAD_USER_INPUT"))
    );
    say(&mut socket, json!({ "type": "subscribe", "id": "2", "payload": { "query": "subscription { forever }" } }))
        .await;
    assert_eq!(heard(&mut socket).await["type"], "next");
    say(&mut socket, json!({ "type": "complete", "id": "2" })).await;
    // The id is free again.
    say(&mut socket, json!({ "type": "subscribe", "id": "2", "payload": { "query": "mutation { touch }" } })).await;
    assert_eq!(
        heard(&mut socket).await,
        json!({ "type": "next", "id": "2", "payload": { "data": { "touch": true } } })
    );
    assert_eq!(heard(&mut socket).await, json!({ "type": "complete", "id": "2" }));
}

#[tokio::test]
async fn the_protocol_s_close_codes_are_kept() {
    let server = start().await;
    let subscribe = json!({ "type": "subscribe", "id": "1", "payload": { "query": "subscription { forever }" } });
    let init = json!({ "type": "connection_init" });
    for (messages, code) in [
        (vec![subscribe.clone()], 4401),
        (vec![init.clone(), init.clone()], 4429),
        (vec![init.clone(), subscribe.clone(), subscribe.clone()], 4409),
        (vec![init.clone(), json!({ "type": "nonsense" })], 4400),
    ] {
        let mut socket = socket::open(&server.url).await;
        for message in &messages {
            say(&mut socket, message.clone()).await;
        }
        assert_eq!(closed(&mut socket).await, code, "{messages:?}");
    }
    assert!(socket::open_as(&server.url, &[]).await.is_err(), "without the protocol");
    let foreign = [("sec-websocket-protocol", "graphql-transport-ws"), ("origin", "https://evil.example.com")];
    assert!(socket::open_as(&server.url, &foreign).await.is_err(), "from a foreign page");
}

#[tokio::test]
async fn a_websocket_needs_the_token_too() {
    let server = start_with(|settings| settings.access = Access::new(Some("t0ken"), vec![], vec![])).await;
    let mut socket = socket::open(&server.url).await;
    say(&mut socket, json!({ "type": "connection_init" })).await;
    assert_eq!(closed(&mut socket).await, 4403);
    let mut socket = socket::open(&server.url).await;
    say(&mut socket, json!({ "type": "connection_init", "payload": { "Authorization": "Bearer t0ken" } })).await;
    assert_eq!(heard(&mut socket).await["type"], "connection_ack");
    let headers = [("sec-websocket-protocol", "graphql-transport-ws"), ("authorization", "Bearer t0ken")];
    let mut socket = socket::open_as(&server.url, &headers).await.unwrap();
    say(&mut socket, json!({ "type": "connection_init" })).await;
    assert_eq!(heard(&mut socket).await["type"], "connection_ack");
}
