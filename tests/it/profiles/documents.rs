//! Documents of profiles, there and back.

use serde_json::{Value, json};

use super::{change, data, server, tried};
use crate::server::Server;

const MARMALADE: &str = include_str!("../../cases/graphql/profiles/marmalade.toml");

async fn exported(server: &Server, format: &str) -> String {
    let query = format!("{{ orgDocument(format: {format}) }}");
    data(server, &query, json!({})).await["orgDocument"].as_str().unwrap().to_owned()
}

async fn applied(server: &Server, document: &str, format: &str, dry_run: bool) -> Value {
    let input = json!({ "document": document, "format": format, "dryRun": dry_run });
    change(server, "applyDocument", input, "differences { kind path before after }").await["differences"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_out_comes_in_again() {
    let server = server().await;
    let told = applied(&server, MARMALADE, "TOML", true).await;
    let made = applied(&server, MARMALADE, "TOML", false).await;
    assert_eq!(made.as_array().unwrap().len(), 4, "two profiles, a tree, a team: {made}");
    let paths = |of: &Value| -> Vec<String> {
        of.as_array().unwrap().iter().map(|d| format!("{} {}", d["kind"], d["path"])).collect()
    };
    assert_eq!(paths(&told), paths(&made), "the dry run says the same");
    let tree = made.as_array().unwrap().iter().find(|d| d["kind"] == "ORG_TREE").unwrap();
    assert!(tree["after"].as_str().unwrap().contains(r#""EFFICIENCY":"Delivery""#), "by name: {tree}");
    for format in ["TOML", "JSON"] {
        let document = exported(&server, format).await;
        assert_eq!(applied(&server, &document, format, false).await, json!([]), "{document}");
    }
    // Into a house that has the people alone.
    let other = super::server().await;
    let document = exported(&server, "TOML").await;
    applied(&other, &document, "TOML", false).await;
    let without_ids = |document: &str| -> String {
        document.lines().filter(|line| !line.starts_with("id = ")).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(without_ids(&exported(&other, "TOML").await), without_ids(&document));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_goes_out_by_itself() {
    let server = server().await;
    applied(&server, MARMALADE, "TOML", false).await;
    for format in ["TOML", "JSON"] {
        let query = format!(r#"{{ profile(id: "Delivery") {{ document(format: {format}) }} }}"#);
        let document = data(&server, &query, json!({})).await["profile"]["document"].as_str().unwrap().to_owned();
        let input = json!({ "document": document, "format": format });
        let same = change(&server, "applyProfiles", input, "differences { path } change { action }").await;
        assert_eq!((&same["differences"], &same["change"]), (&json!([]), &Value::Null), "{document}");
        let changed = document.replace("0.7", "0.8");
        assert_ne!(changed, document);
        let input = json!({ "document": changed, "format": format, "dryRun": true });
        let told = change(&server, "applyProfiles", input, "differences { kind path }").await;
        assert_eq!(told["differences"], json!([{ "kind": "PROFILE", "path": "Delivery" }]));
    }
    let input = json!({ "document": "[[trees]]\nname = \"Another\"\n" });
    let refused = tried(&server, "applyProfiles", input, "differences { path }").await;
    assert_eq!(refused["userErrors"][0]["field"], "input.document.trees", "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_in_a_document_has_its_place() {
    let server = server().await;
    let wrong = r#"
[[profiles]]
name = "Sizes"
kind = "PRODUCTIVITY"

[[profiles.versions]]
from = 2026-04-01
parameters = { small_pull_request_below = "ten", medium_pull_request_up_to = { a = 1 }, rework_days = 31 }

[[profiles.versions]]
from = 2026-04-01

[profiles.versions.metrics.PULL_REQUEST_CYCLE_TIME]
statistic = "P99"
"#;
    let fields = |payload: &Value| -> Vec<String> {
        payload["userErrors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap_or("").to_owned()).collect()
    };
    let refused = tried(&server, "applyProfiles", json!({ "document": wrong }), "differences { path }").await;
    assert_eq!(
        fields(&refused),
        [
            "input.document.profiles[0].versions[0].parameters.medium_pull_request_up_to",
            "input.document.profiles[0].versions[1].metrics.PULL_REQUEST_CYCLE_TIME"
        ],
        "what cannot be read comes first: {refused}"
    );
    assert!(refused["userErrors"][1]["message"].as_str().unwrap().contains("P95"), "{refused}");
    let wrong = wrong.replace("{ a = 1 }", "200").replace("P99", "P90");
    let refused = tried(&server, "applyProfiles", json!({ "document": wrong }), "differences { path }").await;
    assert_eq!(
        fields(&refused),
        [
            "input.document.profiles[0].versions[0].parameters.rework_days",
            "input.document.profiles[0].versions[0].parameters.small_pull_request_below",
            "input.document.profiles[0].versions[1].from"
        ],
        "{refused}"
    );
    let unknown = "[[trees]]\nname = \"Organisation\"\nprofiles = { EFFICIENCY = \"Nobody's\" }\n";
    let refused = tried(&server, "applyDocument", json!({ "document": unknown }), "differences { path }").await;
    assert_eq!(fields(&refused), ["input.document.trees[0].profiles.EFFICIENCY"], "{refused}");
}
