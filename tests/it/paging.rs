//! Pages of records: walked to the end they hold every row once, newest first, and as many as `totalCount` says.

use std::collections::BTreeSet;

use serde_json::json;
use throughline::clock::Clock;

use crate::company;
use crate::server::Server;

const QUERY: &str = r#"
query ($first: Int!, $after: String) {
  organization {
    metric(name: LEAD_TIME_FOR_CHANGES, period: { between: { from: "2026-01-01", to: "2026-07-10" } }) {
      records(first: $first, after: $after) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes { source id at }
      }
    }
  }
}"#;

#[tokio::test]
async fn pages_hold_every_row_once() {
    let clock = Clock::Fixed("2026-07-10T00:00:00Z".parse().expect("a time"));
    let server = Server::start_with(company::sample(clock).await, |config| config.clock = clock).await;
    // Changes that were deployed, and not by a bot: many share their time, since one deployment ships several.
    let expected: BTreeSet<String> = include_str!("../cases/facts/changes.csv")
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .filter(|cells| cells[3] == "false" && !cells[6].is_empty())
        .map(|cells| format!("{}/{}", cells[0], cells[1]))
        .collect();
    for first in [1_000, 7] {
        let mut found: Vec<(String, String)> = Vec::new();
        let mut after = None;
        loop {
            let answer = server.graphql(QUERY, json!({ "first": first, "after": after })).await;
            let page = &answer["data"]["organization"]["metric"]["records"];
            assert_eq!(page["totalCount"], expected.len(), "{answer}");
            for node in page["nodes"].as_array().expect("nodes") {
                let text = |key: &str| node[key].as_str().expect("text").to_owned();
                found.push((text("at"), format!("{}/{}", text("source"), text("id"))));
            }
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = Some(page["pageInfo"]["endCursor"].clone());
        }
        assert!(found.windows(2).all(|pair| pair[0].0 >= pair[1].0), "newest first");
        assert_eq!(found.len(), expected.len(), "pages of {first}: no row twice");
        assert_eq!(found.into_iter().map(|(_, id)| id).collect::<BTreeSet<_>>(), expected, "pages of {first}");
    }
}
