//! The pages of `data/queries/`: each is one request of at most 60 lines, is answered over the sample company as the file beside
//! it says, and takes one plan for each fact that its metrics are of. `BLESS=1` writes the answers anew; their numbers are
//! those that golden cases, views and the oracle are held against.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use throughline::clock::Clock;
use throughline::model;

use crate::company;
use crate::golden::{NOW, compare};
use crate::server::Server;

/// The most lines of a query.
const LINES: usize = 60;
const PAGES: [&str; 4] = ["dora", "productivity", "business_alignment", "sprints"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_one_request_and_one_plan_for_each_fact() {
    let clock = Clock::Fixed(NOW.parse().unwrap());
    let server = Server::start_with(company::sample(clock).await, |config| config.clock = clock).await;
    server.app.make_sample_people().await.unwrap();
    let mut faults = Vec::new();
    for page in PAGES {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("data/queries/{page}.graphql"));
        let query = std::fs::read_to_string(&file).unwrap();
        assert!(query.lines().count() <= LINES, "{page}: more than {LINES} lines");
        let body = json!({ "query": query, "extensions": { "explain": true } });
        let mut answer = server.graphql_with(body).await;
        assert!(answer.get("errors").is_none(), "{page}: {}", answer["errors"]);
        let facts = facts_of(&query);
        assert!(!facts.is_empty(), "{page} asks for no metric");
        assert_eq!(answer["extensions"]["plans"], json!(facts.len()), "{page}: plans, of {facts:?}");
        answer.as_object_mut().unwrap().remove("extensions");
        let beside = file.with_extension("json");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&beside, serde_json::to_string_pretty(&answer).unwrap() + "\n").unwrap();
        }
        let mut expected: Value = serde_json::from_str(&std::fs::read_to_string(&beside).unwrap()).unwrap();
        order_teams(&mut expected);
        order_teams(&mut answer);
        let mut differ = Vec::new();
        compare("", &expected, &answer, &mut differ);
        faults.extend(differ.into_iter().map(|fault| format!("{page}: {fault}")));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Brings slices of teams into the order of their labels: those of equal size come by id, which each lake makes its own.
fn order_teams(answer: &mut Value) {
    match answer {
        Value::Object(fields) => fields.values_mut().for_each(order_teams),
        Value::Array(items) => {
            items.sort_by_key(|item| item["label"].as_str().unwrap_or_default().to_owned());
            items.iter_mut().for_each(order_teams);
        }
        _ => {}
    }
}

/// The facts of the metrics that a query names as fields.
fn facts_of(query: &str) -> BTreeSet<&'static str> {
    let words: BTreeSet<&str> = query.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let field = |metric: &str| {
        let mut words = metric.split('_').map(str::to_lowercase);
        let first = words.next().unwrap_or_default();
        words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
    };
    let named = model::metrics().iter().filter(|metric| words.contains(field(&metric.name).as_str()));
    named.map(|metric| metric.fact.as_str()).collect()
}
