//! A dry run says what is then seen.

use serde_json::{Value, json};

use super::{change, data, everybodys, server};
use crate::server::Server;

/// What a dry run is asked of, in turn; after it the change is made.
fn changes() -> Vec<(&'static str, &'static str, Value)> {
    let lead = json!({ "metric": "LEAD_TIME_FOR_CHANGES", "statistic": "P90", "stages": [{ "name": "REVIEW", "from": "ready_at" }] });
    let weekend = json!([{ "name": "weekend", "texts": ["SATURDAY", "SUNDAY"] }]);
    vec![
        (
            "update",
            "updateProfile",
            json!({ "id": "Delivery", "from": "2026-03-15", "parameters": [{ "name": "deployment_kinds", "texts": ["CHANGE_REQUEST"] }] }),
        ),
        (
            "update",
            "updateProfile",
            json!({ "id": "Delivery", "from": "2026-05-01", "metrics": [lead], "parameters": weekend }),
        ),
        (
            "update",
            "updateProfile",
            json!({ "id": "Delivery", "from": "2026-06-01", "metrics": [{ "metric": "CHANGE_FAILURE_RATE", "isEnabled": false }] }),
        ),
        (
            "update",
            "updateProfile",
            json!({ "id": "Delivery", "from": null, "parameters": [{ "name": "incident_max_age_seconds", "number": 3600 }] }),
        ),
        (
            "assign",
            "assignProfiles",
            json!({ "assignments": [{ "team": "engineering/money", "kind": "EFFICIENCY", "profile": "EFFICIENCY" }] }),
        ),
        (
            "apply",
            "applyProfiles",
            json!({ "document": "[[profiles]]\nname = \"Delivery\"\n[profiles.parameters]\ndeployment_kinds = [\"PIPELINE\"]\n" }),
        ),
        ("delete", "deleteProfile", json!({ "id": "Delivery", "replacement": "EFFICIENCY" })),
    ]
}

const PERIOD: &str = r#"{ between: { from: "2026-01-05", to: "2026-06-30" } }"#;

async fn preview(server: &Server, change: Value, only_changed: bool) -> Value {
    let query = format!(
        r#"query($change: ProfileChangeInput!, $scopes: [ID!]) {{
            profilePreview(change: $change, of: {{ period: {PERIOD}, scopes: $scopes, onlyChanged: {only_changed} }}) {{
                userErrors {{ code field message }}
                differences {{ definition {{ name }} label before beforeAbsent after afterAbsent difference relative isChanged
                    afterSampleSize afterStatistic }}
            }} }}"#
    );
    let scopes = server.graphql(r#"{ organization { id } }"#, json!({})).await["data"]["organization"]["id"].clone();
    let scopes = json!([scopes, "engineering", "engineering/shop", "engineering/money"]);
    data(server, &query, json!({ "change": change, "scopes": scopes })).await["profilePreview"].clone()
}

/// What is seen, by label of the scope and metric: value, reason, sample size.
async fn seen(server: &Server, names: &[String]) -> Vec<(String, String, Value)> {
    let metrics = format!(
        "metrics(names: [{}], period: {PERIOD}) {{ definition {{ name }} value absent sampleSize }}",
        names.join(", ")
    );
    let query = format!(
        r#"{{ organization {{ label: name {metrics} }} a: team(path: "engineering") {{ label: path {metrics} }}
            b: team(path: "engineering/shop") {{ label: path {metrics} }} c: team(path: "engineering/money") {{ label: path {metrics} }} }}"#
    );
    let answer = data(server, &query, json!({})).await;
    let mut found = Vec::new();
    for scope in answer.as_object().unwrap().values() {
        for metric in scope["metrics"].as_array().unwrap() {
            let told = json!([metric["value"], metric["absent"], metric["sampleSize"]]);
            found.push((scope["label"].to_string(), metric["definition"]["name"].to_string(), told));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_says_what_is_then_seen() {
    let server = server().await;
    everybodys(&server, "EFFICIENCY", "Delivery").await;
    for (kind, mutation, input) in changes() {
        let told = preview(&server, json!({ kind: input.clone() }), false).await;
        assert_eq!(told["userErrors"], json!([]), "{told}");
        let differences = told["differences"].as_array().unwrap();
        let mut names: Vec<String> =
            differences.iter().map(|d| d["definition"]["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names.dedup();
        assert!(names.len() >= 6 && differences.len() == 4 * names.len(), "every metric of the kind, of each scope");
        let before = seen(&server, &names).await;
        change(&server, mutation, input.clone(), "change { action }").await;
        let after = seen(&server, &names).await;
        let find = |of: &[(String, String, Value)], difference: &Value| {
            let (label, name) = (difference["label"].to_string(), difference["definition"]["name"].to_string());
            of.iter().find(|(l, n, _)| (l, n) == (&label, &name)).unwrap().2.clone()
        };
        let mut changed = 0;
        for difference in differences {
            let (was, is) = (find(&before, difference), find(&after, difference));
            assert_eq!((&was[0], &was[1]), (&difference["before"], &difference["beforeAbsent"]), "{difference}");
            assert_eq!(
                json!([difference["after"], difference["afterAbsent"], difference["afterSampleSize"]]),
                is,
                "{input} {difference}"
            );
            let numbers = difference["before"].as_f64().zip(difference["after"].as_f64());
            // JSON rounds each of the three.
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(1.0);
            let same = match (difference["difference"].as_f64(), numbers) {
                (Some(told), Some((before, after))) => near(told, after - before),
                (told, numbers) => told.is_none() && numbers.is_none(),
            };
            assert!(same, "{difference}");
            let is_changed = (&was[0], &was[1]) != (&is[0], &is[1]);
            assert_eq!(difference["isChanged"], json!(is_changed));
            changed += u32::from(is_changed);
        }
        assert!(changed > 0, "{input} changes some number, or the test looks at nothing");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_that_nobody_has_is_looked_at_as_if_it_held() {
    let server = server().await;
    let create = json!({ "create": { "kind": "EFFICIENCY", "name": "Draft", "from": "2026-04-01",
        "parameters": [{ "name": "deployment_kinds", "texts": ["PIPELINE"] }] } });
    let told = preview(&server, create, true).await;
    assert_eq!(told["userErrors"], json!([]), "{told}");
    let all = told["differences"].as_array().unwrap();
    let of = |metric: &str| {
        all.iter().find(|d| d["definition"]["name"] == metric && d["label"].as_str() != Some("engineering")).unwrap()
    };
    // On 176 days; of April, May and June one change request each does not count: see the case profiles/deployments.
    let frequency = of("DEPLOYMENT_FREQUENCY");
    let days = 176.0;
    let (before, after) = (frequency["before"].as_f64().unwrap() * days, frequency["after"].as_f64().unwrap() * days);
    assert!((before - after - 3.0).abs() < 1e-9, "{frequency}");
    assert!((frequency["relative"].as_f64().unwrap() + 3.0 / before).abs() < 1e-12);
    assert!(all.iter().all(|difference| difference["isChanged"] == true));
    let names = data(&server, "{ profiles { name } }", json!({})).await;
    assert_eq!(names["profiles"].as_array().unwrap().len(), 3, "nothing is stored: {names}");
    let wrong = json!({ "create": { "kind": "EFFICIENCY", "name": "Draft", "parameters": [{ "name": "hotfix_label", "text": "(" }] } });
    let told = preview(&server, wrong, true).await;
    assert_eq!(told["userErrors"][0]["field"], "input.parameters.hotfix_label", "{told}");
}
