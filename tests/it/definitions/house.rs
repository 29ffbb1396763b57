//! An entry is enough: a metric on an existing fact appears everywhere, and gives the numbers that a person counts in the
//! small lake.

use serde_json::{Value, json};

use super::{asked, entries, entry, lake, metric, put_all, reload, server};

/// Weeks of 2026-03-02 and 2026-03-09.
const WEEKS: &str = "series(granularity: WEEK) { value }";

#[tokio::test]
async fn entries_are_all_that_a_metric_needs() {
    let lake = lake().await;
    let server = server(&lake).await;
    let definitions = "{ metricDefinitions { name title isCustom } }";
    let before = asked(&server, definitions).await["metricDefinitions"].as_array().unwrap().clone();
    assert!(before.iter().all(|definition| definition["isCustom"] == false), "{before:?}");

    put_all(&lake).await;
    let names: Vec<String> = entries().iter().map(|name| name.to_uppercase()).collect();
    let outcome = reload(&server).await;
    let mut own: Vec<_> = outcome["metrics"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    own.sort_unstable();
    assert_eq!((&outcome["changed"], own), (&json!(true), names.iter().map(String::as_str).collect()), "{outcome}");
    assert!(outcome["files"].as_array().unwrap().iter().all(|file| file["status"] == "IN_FORCE"), "{outcome}");
    assert_eq!(reload(&server).await["changed"], false, "nothing is otherwise");

    let after = asked(&server, definitions).await["metricDefinitions"].as_array().unwrap().clone();
    assert_eq!(after.len(), before.len() + names.len());
    for name in &names {
        let found = after.iter().find(|definition| definition["name"] == **name).unwrap();
        assert!(found["isCustom"] == true && entry(&name.to_lowercase()).contains(found["title"].as_str().unwrap()));
    }
    let plain: Vec<_> = after.iter().filter(|definition| definition["isCustom"] == false).cloned().collect();
    assert_eq!(plain, before, "the built-in ones stay as they are");
}

#[tokio::test]
async fn a_duration_has_its_value_stages_slices_and_records() {
    let lake = lake().await;
    put_all(&lake).await;
    let server = server(&lake).await;
    reload(&server).await;
    // Waits: p1 12 h, p2 4 h, p3 24 h, p4 8 h; the bot's p5 is left out. Median (8 + 12) / 2 = 10 h, mean 48 / 4 = 12 h.
    // To the first review: p1 2 h, p3 6 h; from there: p1 10 h, p3 18 h. Weeks: {12, 4} and {24, 8}.
    let fields = format!(
        "value mean: value(statistic: MEAN) sampleSize coverage stages {{ name value sampleSize }} {WEEKS}
        breakdown(by: REPOSITORY) {{ key value }} records(first: 2) {{ nodes {{ id value }} }}"
    );
    let found = metric(&server, "REVIEW_WAIT", &fields).await;
    assert_eq!((&found["value"], &found["mean"]), (&json!(36_000.0), &json!(43_200.0)), "{found}");
    assert_eq!((&found["sampleSize"], &found["coverage"]), (&json!(4), &json!(1.0)));
    let stages = json!([
        { "name": "TO_FIRST_REVIEW", "value": 14_400.0, "sampleSize": 2 },
        { "name": "TO_MERGE", "value": 50_400.0, "sampleSize": 2 },
    ]);
    assert_eq!(found["stages"], stages);
    assert_eq!(found["series"], json!([{ "value": 28_800.0 }, { "value": 57_600.0 }]));
    let slices = json!([{ "key": "api", "value": 57_600.0 }, { "key": "web", "value": 28_800.0 }]);
    assert_eq!(found["breakdown"], slices);
    // The newest first; of the same time, by id.
    let records = json!([{ "id": "p3", "value": 86_400.0 }, { "id": "p4", "value": 28_800.0 }]);
    assert_eq!(found["records"]["nodes"], records);
}

#[tokio::test]
async fn formulas_have_their_values() {
    let lake = lake().await;
    put_all(&lake).await;
    let server = server(&lake).await;
    reload(&server).await;
    let by_repository = |metric: &Value| {
        let slices = metric["breakdown"].as_array().unwrap().iter();
        slices.map(|slice| (slice["key"].as_str().unwrap().to_owned(), slice["value"].as_f64())).collect::<Vec<_>>()
    };
    let slices = "breakdown(by: REPOSITORY) { key value }";
    let both = |web: f64, api: f64| vec![("api".to_owned(), Some(api)), ("web".to_owned(), Some(web))];

    // p2 and p4 of p1 to p4: one of two in each repository and week.
    let found = metric(&server, "UNREVIEWED_SHARE", &format!("value numerator denominator {WEEKS} {slices}")).await;
    assert_eq!((&found["value"], &found["numerator"]), (&json!(0.5), &json!(2.0)), "{found}");
    assert_eq!(found["series"], json!([{ "value": 0.5 }, { "value": 0.5 }]));
    assert_eq!(by_repository(&found), both(0.5, 0.5));

    // d2 and d3; d4 failed.
    let found = metric(&server, "ROLLBACKS", &format!("value counts {{ name value }} {WEEKS} {slices}")).await;
    assert_eq!((&found["value"], &found["counts"]), (&json!(2.0), &json!([{ "name": "DAYS", "value": 2.0 }])));
    assert_eq!(found["series"], json!([{ "value": 1.0 }, { "value": 1.0 }]));
    assert_eq!(by_repository(&found), both(1.0, 1.0));
    let found = metric(&server, "ROLLBACKS", "series(granularity: DAY) { value }").await;
    let days: f64 = found["series"].as_array().unwrap().iter().map(|point| point["value"].as_f64().unwrap()).sum();
    assert_eq!((found["series"].as_array().unwrap().len(), days), (14, 2.0), "a day without one is 0, not null");

    // p1 and p3, divided by the same weeks as the built-in velocity.
    let found = metric(&server, "MERGE_LOAD", "value numerator denominator").await;
    let velocity = metric(&server, "PULL_REQUEST_VELOCITY", "numerator denominator").await;
    assert_eq!((&found["numerator"], &velocity["numerator"]), (&json!(2.0), &json!(4.0)));
    assert_eq!(found["denominator"], velocity["denominator"]);
    assert_eq!(found["value"].as_f64().unwrap(), 2.0 / found["denominator"].as_f64().unwrap());
}

#[tokio::test]
async fn sums_spreads_and_shares_have_their_values() {
    let lake = lake().await;
    put_all(&lake).await;
    let server = server(&lake).await;
    reload(&server).await;
    let near = |value: &Value, wanted: f64| {
        assert!(value.as_f64().is_some_and(|value| (value - wanted).abs() < 1e-9), "{value}, not {wanted}");
    };
    // Three comments on p1 and p3, in the weeks in which they were deployed: by rule TIME p1 and p2 by d1, p3 and p4 by d3.
    let found = metric(&server, "COMMENT_LOAD", "value numerator denominator").await;
    near(&found["numerator"], 3.0);
    near(&found["value"], 3.0 / found["denominator"].as_f64().unwrap());
    let records = metric(&server, "COMMENT_LOAD", "records(first: 4) { nodes { id } }").await;
    let ids: Vec<_> = records["records"]["nodes"].as_array().unwrap().iter().map(|node| &node["id"]).collect();
    assert_eq!(ids, ["p3", "p4", "p1", "p2"], "the latest deployed first, of one deployment by id");

    // ada: none of p1 and p3, bo: both of p2 and p4. Mean 0.5, each 0.5 away from it; so it is in each week and repository.
    let fields =
        format!("value {WEEKS} breakdown(by: REPOSITORY) {{ key value }} records(first: 9) {{ nodes {{ id }} }}");
    let found = metric(&server, "UNREVIEWED_SPREAD", &fields).await;
    let parts = [&found["series"], &found["breakdown"]].map(|part| part.as_array().unwrap().clone()).concat();
    assert_eq!((parts.len(), found["records"]["nodes"].as_array().unwrap().len()), (4, 4), "{found}");
    parts.iter().chain([&found]).for_each(|part| near(&part["value"], 0.5));

    // Lines: ada web 40, api 60; bo web 80, api 20.
    let fields = "value breakdown(by: REPOSITORY) { key value share } records(first: 9) { nodes { id } }";
    let found = metric(&server, "CHANGED_FTE", fields).await;
    near(&found["value"], 2.0);
    let slices = found["breakdown"].as_array().unwrap();
    let keys: Vec<_> = slices.iter().map(|slice| slice["key"].as_str().unwrap()).collect();
    assert_eq!((keys, found["records"]["nodes"].as_array().unwrap().len()), (vec!["api", "web"], 4), "{found}");
    near(&slices[0]["value"], 0.6 + 0.2);
    near(&slices[1]["value"], 0.4 + 0.8);
    near(&slices[1]["share"], 0.6);
}

/// A field of the page of its part of the catalogue, and a name that settings of teams may use.
#[tokio::test]
async fn pages_and_settings_of_teams_know_them() {
    let lake = lake().await;
    put_all(&lake).await;
    let server = server(&lake).await;
    let document = |metric: &str| {
        let text = format!(
            "[[trees]]\nname = 'Org'\n[[teams]]\npath = 'guild'\nsettings = {{ people_filter = {{ {metric} = true }} }}"
        );
        json!({ "input": { "document": text, "dryRun": true } })
    };
    let apply = "mutation($input: ApplyDocumentInput!) { applyDocument(input: $input) { userErrors { field } } }";
    let faults = async |metric: &str| {
        let answer = server.graphql(apply, document(metric)).await;
        answer["data"]["applyDocument"]["userErrors"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
    };
    assert_eq!(faults("REVIEW_WAIT").await.len(), 1, "not known yet");
    reload(&server).await;
    assert_eq!(faults("REVIEW_WAIT").await, [] as [Value; 0]);
    assert_eq!(faults("NO_SUCH_METRIC").await.len(), 1);
    let page = asked(
        &server,
        "{ organization { productivity(period: { between: { from: \"2026-03-02\", to: \"2026-03-16\" } }) {
            reviewWait { value } unreviewedShare { value } } } }",
    );
    let page = page.await["organization"]["productivity"].clone();
    assert_eq!(page, json!({ "reviewWait": { "value": 36_000.0 }, "unreviewedShare": { "value": 0.5 } }));
}
