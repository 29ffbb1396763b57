//! Subscriptions of the real server: what is told when this server, and when another one on the same lake, takes files in.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Duration;

use futures::{Stream, StreamExt};
use object_store::{ObjectStoreExt, path::Path};
use serde_json::{Value, json};
use tempfile::TempDir;
use throughline::lake::Lake;
use throughline::sources::sample;

use crate::server::Server;
use crate::socket::{self, Socket, heard, subscribe};

const INGESTIONS: &str = "subscription { ingestions { id file table status inserted error } }";
const REFUSED: &str = "subscription { ingestions(status: REFUSED) { file status } }";
const CHANGED: &str = "subscription { lakeChanged { snapshot tables { name rows } } }";

/// Two servers on one lake. They take in when they are asked to, and look for each other's commits by themselves.
async fn two() -> (TempDir, Server, Server) {
    let folder = tempfile::tempdir().unwrap();
    let start = async || {
        let lake = Lake::open(folder.path().to_str().unwrap()).await.unwrap();
        Server::start_with(lake, |config| config.refresh_interval = Duration::from_millis(300)).await
    };
    let (one, two) = (start().await, start().await);
    (folder, one, two)
}

/// Drops a service's repository, to be found as `landing/repositories/<name>/repositories.parquet`.
async fn drop_file(server: &Server, name: &str) -> String {
    let rows = format!("source,id,updated_at,name\ntest,{name},2026-01-01T00:00:00Z,{name}\n");
    let store = server.app.lake.store();
    let written = sample::write(&*store, name, [("repositories.csv", rows.as_str())]).await.unwrap();
    written[0].to_string()
}

async fn drop_wrong_file(server: &Server, name: &str) -> String {
    let path = Path::from(format!("landing/repositories/{name}.txt"));
    server.app.lake.store().put(&path, "words".into()).await.unwrap();
    path.to_string()
}

/// Neither protocol says when a subscription began. So files are dropped until one is told of; then it has begun.
async fn begun(server: &Server, mut next: impl AsyncFnMut() -> Value) {
    let dropping = async {
        for number in 0.. {
            drop_wrong_file(server, &format!("begin-{number}")).await;
            server.intake().await;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    tokio::select! {
        () = dropping => {}
        event = next() => assert!(event.get("errors").is_none(), "{event}"),
    }
}

/// The next event about a file that is not one of the beginning's.
async fn of_file(next: &mut impl AsyncFnMut() -> Value) -> Value {
    loop {
        let event = next().await;
        let file = event["data"]["ingestions"].clone();
        assert!(file.is_object(), "{event}");
        if !file["file"].as_str().unwrap().contains("/begin-") {
            return file;
        }
    }
}

async fn event_of(socket: &mut Socket) -> Value {
    let mut message = heard(socket).await;
    assert_eq!(message["type"], "next", "{message}");
    message["payload"].take()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ingestions_are_told_once_whoever_took_the_file_in() {
    let (_folder, one, two) = two().await;
    let mut socket = socket::introduced(&one.url).await;
    subscribe(&mut socket, "files", INGESTIONS).await;
    let mut next = async || event_of(&mut socket).await;
    begun(&two, &mut next).await;
    let mut told: BTreeMap<String, Value> = BTreeMap::new();
    // Each record rewrites the small file of those before, which is no news.
    for (server, names) in [(&two, ["a", "b"]), (&one, ["c", "d"]), (&two, ["e", "f"])] {
        let mut dropped = vec![drop_wrong_file(&one, names[0]).await];
        for name in names {
            dropped.push(drop_file(&one, name).await);
        }
        server.intake().await;
        for _ in &dropped {
            let file = of_file(&mut next).await;
            let path = file["file"].as_str().unwrap().to_owned();
            assert!(dropped.contains(&path), "{path} is not new");
            assert!(told.insert(path, file).is_none(), "told twice");
        }
    }
    let (applied, refused) =
        (&told["landing/repositories/e/repositories.parquet"], &told["landing/repositories/e.txt"]);
    assert_eq!(
        (&applied["status"], &applied["inserted"], &applied["error"]),
        (&json!("APPLIED"), &json!(1), &Value::Null)
    );
    assert_eq!((&refused["status"], &refused["table"]), (&json!("REFUSED"), &json!("repositories")));
    assert!(refused["error"].as_str().is_some_and(|error| !error.is_empty()), "{refused}");
    let by_id = one.graphql("query($id: ID!) { node(id: $id) { id } }", json!({ "id": applied["id"] })).await;
    assert_eq!(by_id["data"]["node"]["id"], applied["id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_tell_of_files_with_one_outcome() {
    let (_folder, one, two) = two().await;
    let request = one.client.post(format!("{}/graphql", one.url)).header("accept", "text/event-stream");
    let response = request.json(&json!({ "query": REFUSED })).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut events = events(response);
    let mut next = async || {
        tokio::time::timeout(Duration::from_secs(30), events.next()).await.expect("silence").expect("an event")
    };
    begun(&two, &mut next).await;
    for name in ["x", "y"] {
        drop_file(&one, name).await;
        let wrong = drop_wrong_file(&one, name).await;
        two.intake().await;
        assert_eq!(of_file(&mut next).await, json!({ "file": wrong, "status": "REFUSED" }));
    }
}

/// The payloads of a stream of server-sent events.
fn events(response: reqwest::Response) -> Pin<Box<dyn Stream<Item = Value>>> {
    Box::pin(async_stream::stream! {
        let (mut bytes, mut text) = (response.bytes_stream(), String::new());
        while let Some(part) = bytes.next().await {
            text += std::str::from_utf8(&part.unwrap()).unwrap();
            while let Some((event, rest)) = text.split_once("\n\n") {
                let data = event.strip_prefix("event: next\ndata: ").map(|data| serde_json::from_str(data).unwrap());
                text = rest.to_owned();
                if let Some(data) = data {
                    yield data;
                }
            }
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_the_lake_is_told_with_what_it_holds() {
    let (_folder, one, two) = two().await;
    let mut socket = socket::introduced(&one.url).await;
    subscribe(&mut socket, "lake", CHANGED).await;
    begun(&two, async || event_of(&mut socket).await).await;
    drop_file(&one, "a").await;
    two.intake().await;
    let newest = two.app.lake.snapshot().await.unwrap();
    loop {
        let event = event_of(&mut socket).await;
        let lake = &event["data"]["lakeChanged"];
        if lake["snapshot"] == json!(newest.id) {
            assert!(
                lake["tables"].as_array().unwrap().contains(&json!({ "name": "repositories", "rows": 1.0 })),
                "{lake}"
            );
            return;
        }
    }
}
