//! A file that is wrong is refused alone: what was in force of it goes on, and so does everything else.

use std::time::Duration;

use object_store::ObjectStoreExt;
use serde_json::{Value, json};

use super::{asked, clock, entries, entry, lake, metric, of_metric, put, put_all, reload, server};
use crate::server::Server;

const STATE: &str = "{ lake { definitions { metrics { name }
    files { file status metric fault { key reason remedy } } } } }";

/// What a server says of one file.
async fn state(server: &Server, name: &str) -> Value {
    let files = asked(server, STATE).await["lake"]["definitions"]["files"].clone();
    let path = format!("definitions/metrics/{name}.toml");
    files.as_array().unwrap().iter().find(|file| file["file"] == *path).cloned().unwrap_or_default()
}

#[tokio::test]
async fn a_wrong_file_is_refused_while_the_old_goes_on() {
    let lake = lake().await;
    put_all(&lake).await;
    let server = server(&lake).await;
    reload(&server).await;
    put(&lake, "review_wait", &entry("review_wait").replace("to = \"merged_at\"", "to = \"mergd_at\"")).await;
    let outcome = reload(&server).await;
    let wrong = outcome["files"].as_array().unwrap().iter().find(|file| file["file"] == "review_wait.toml").unwrap();
    assert_eq!((&wrong["status"], &wrong["fault"]["key"]), (&json!("OLDER_IN_FORCE"), &json!("to")), "{outcome}");
    assert!(wrong["fault"]["reason"].as_str().unwrap().contains("mergd_at"), "{outcome}");
    assert!(wrong["fault"]["remedy"].as_str().unwrap().contains("/glossary.md"), "{outcome}");
    let told = state(&server, "review_wait").await;
    assert_eq!((&told["status"], &told["metric"]), (&json!("OLDER_IN_FORCE"), &json!("REVIEW_WAIT")), "{told}");
    assert_eq!(told["fault"], wrong["fault"]);
    assert_eq!(metric(&server, "REVIEW_WAIT", "value").await["value"], json!(36_000.0), "as it was");
    assert_eq!(metric(&server, "ROLLBACKS", "value").await["value"], json!(2.0));

    // Mended, by the mutation this time.
    put(&lake, "review_wait", &entry("review_wait").replace("MEDIAN", "MEAN")).await;
    let mended = asked(&server, "mutation { reloadDefinitions { changed definitions { files { status } } } }").await;
    let statuses = mended["reloadDefinitions"]["definitions"]["files"].as_array().unwrap();
    assert!(statuses.iter().all(|file| file["status"] == "IN_FORCE"), "{mended}");
    assert_eq!(mended["reloadDefinitions"]["changed"], true);
    assert_eq!(metric(&server, "REVIEW_WAIT", "value").await["value"], json!(43_200.0));

    // Gone is gone.
    lake.store().delete(&"definitions/metrics/review_wait.toml".into()).await.unwrap();
    assert_eq!(reload(&server).await["changed"], true);
    let answer = server.graphql(&of_metric("REVIEW_WAIT", "value"), json!({})).await;
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains("REVIEW_WAIT"), "{answer}");
    assert_eq!(state(&server, "review_wait").await, Value::Null);
}

#[tokio::test]
async fn another_server_has_them_too_and_one_that_starts_on_a_wrong_file_says_so() {
    let lake = lake().await;
    put_all(&lake).await;
    let first = server(&lake).await;
    reload(&first).await;
    let good = entry("review_wait");
    put(&lake, "review_wait", &good.replace("unit = \"SECONDS\"", "unit = \"EONS\"")).await;
    reload(&first).await;

    let second = Server::start_with(lake.clone(), |config| {
        (config.clock, config.reload_interval) = (clock(), Duration::from_millis(50));
    });
    let second = second.await;
    until(&second, "unreviewed_share", "IN_FORCE").await;
    let told = state(&second, "review_wait").await;
    assert_eq!((&told["status"], &told["metric"]), (&json!("REFUSED"), &Value::Null), "it never saw a good one");
    assert_eq!(told["fault"]["key"], "unit");
    let own = asked(&second, STATE).await["lake"]["definitions"]["metrics"].as_array().unwrap().len();
    assert_eq!(own, entries().len() - 1, "all the others are there");
    assert_eq!(metric(&second, "UNREVIEWED_SHARE", "value").await["value"], json!(0.5));
    assert_eq!(metric(&first, "REVIEW_WAIT", "value").await["value"], json!(36_000.0), "the first goes on");

    put(&lake, "review_wait", &good).await;
    until(&second, "review_wait", "IN_FORCE").await;
    assert_eq!(metric(&second, "REVIEW_WAIT", "value").await["value"], json!(36_000.0));
    // Each looks for itself.
    assert_eq!(state(&first, "review_wait").await["status"], "OLDER_IN_FORCE");
    reload(&first).await;
    assert_eq!(state(&first, "review_wait").await["status"], "IN_FORCE");
}

/// Waits until a server has seen a file as it is now.
async fn until(server: &Server, name: &str, status: &str) {
    for _ in 0..600 {
        if state(server, name).await["status"] == *status {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{name} is never {status}: {}", state(server, name).await);
}

#[tokio::test]
async fn names_sizes_and_numbers_have_limits() {
    let lake = lake().await;
    let good = entry("rollbacks");
    put(&lake, "change_failure_rate", &good).await;
    put(&lake, "Big-Name", &good).await;
    put(&lake, "deeper/rollbacks", &good).await;
    put(&lake, "long", &format!("{good}\n# {}", "x".repeat(70_000))).await;
    for number in 0..497 {
        let letters: String = [100, 10, 1].map(|n| char::from(b'a' + (number / n % 10) as u8)).iter().collect();
        put(&lake, &format!("many_{letters}"), "").await;
    }
    put(&lake, "able", &good).await;
    put(&lake, "zebra", &good).await;
    lake.store().put(&"definitions/metrics/README.md".into(), "words".into()).await.unwrap();
    let server = server(&lake).await;
    let outcome = reload(&server).await;
    let files = outcome["files"].as_array().unwrap();
    assert_eq!(files.len(), 4 + 497 + 2, "what is no .toml is left alone");
    let reason = |name: &str| {
        let file = files.iter().find(|file| file["file"] == *format!("{name}.toml")).unwrap();
        file["fault"]["reason"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(reason("change_failure_rate"), "CHANGE_FAILURE_RATE is a built-in metric");
    assert!(reason("Big-Name").contains("does not name a metric"), "{}", reason("Big-Name"));
    assert!(reason("deeper/rollbacks").contains("does not name a metric"));
    assert!(reason("long").contains("65536 at most"), "{}", reason("long"));
    assert!(reason("zebra").contains("more than 500"), "{}", reason("zebra"));
    assert_eq!(outcome["metrics"], json!(["ABLE"]), "the others are refused for what they are");
    assert_eq!(metric(&server, "ABLE", "value").await["value"], json!(2.0));
}

#[tokio::test]
async fn a_metric_that_fails_on_rows_takes_no_other_along() {
    let lake = lake().await;
    put_all(&lake).await;
    // Rows without a review are divided by zero: no text tells.
    put(&lake, "fragile", &entry("comment_load").replace("sum(comments)", "sum(10 / reviews)")).await;
    let server = server(&lake).await;
    assert!(reload(&server).await["metrics"].as_array().unwrap().contains(&json!("FRAGILE")));
    let names = "metrics(names: [FRAGILE, REVIEW_WAIT, PULL_REQUEST_CYCLE_TIME, PULL_REQUEST_VELOCITY]";
    let query = of_metric("REVIEW_WAIT", "definition { name } numerator value sampleSize");
    let answer = server.graphql(&query.replace("metric(name: REVIEW_WAIT", names), json!({})).await;
    let errors = answer["errors"].as_array().unwrap();
    assert!(errors.iter().all(|error| error["path"][2] == 0), "{answer}");
    let metrics = answer["data"]["organization"]["metrics"].as_array().unwrap();
    let numerators: Vec<_> = metrics.iter().map(|metric| &metric["numerator"]).collect();
    // 48 hours of waiting; four merged.
    assert_eq!(
        (numerators[0], numerators[1], numerators[3]),
        (&Value::Null, &json!(172_800.0), &json!(4.0)),
        "{answer}"
    );
}
