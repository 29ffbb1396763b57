//! Pages of rows in every order: walked to the end they hold every row once, in that order.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::asked::{self, FROM, TO, list, text};
use crate::server::Server;

/// Metrics, and what their rows are ordered by: a column of each type, some with many nulls, some with many equal values.
const PAGES: [(&str, &[&str]); 2] = [
    (
        "LEAD_TIME_FOR_CHANGES",
        &[
            "at",
            "value",
            "weight",
            "CODING",
            "BUILD",
            "id",
            "title",
            "labels",
            "number",
            "lines_changed",
            "merged_at",
            "first_comment_at",
            "author_is_bot",
            "link_rule",
        ],
    ),
    (
        "CHANGE_FAILURE_RATE",
        &["value", "weight", "repositories", "certain_failures", "latest_failure_age_seconds", "ref"],
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_hold_every_row_once_in_every_order() {
    let server = asked::server().await;
    for (name, fields) in PAGES {
        let everything = walk(&server, name, None, 1_000).await.len();
        assert!(everything > 100, "{name}: {everything} rows");
        for field in fields {
            for direction in ["ASC", "DESC"] {
                let place = format!("{name} by {field} {direction}");
                let order = json!({ "field": field, "direction": direction });
                let whole = walk(&server, name, Some(&order), 1_000).await;
                let paged = walk(&server, name, Some(&order), 61).await;
                assert_eq!(whole, paged, "{place}: pages are parts of the whole");
                let ids: BTreeSet<&String> = whole.iter().map(|(id, ..)| id).collect();
                assert_eq!((ids.len(), whole.len()), (everything, everything), "{place}: every row once");
                in_order(&place, field, direction == "DESC", &whole);
            }
        }
    }
}

#[tokio::test]
async fn a_cursor_is_of_its_order_and_a_field_is_there() {
    let server = asked::server().await;
    let page = |order: Value, after: Value| json!({ "name": PAGES[0].0, "first": 2, "after": after, "order": order });
    let ask = async |variables: Value| server.graphql(&query(), variables).await;
    let first = ask(page(json!({ "field": "value", "direction": "ASC" }), Value::Null)).await;
    let cursor = &first["data"]["organization"]["metric"]["records"]["pageInfo"]["endCursor"];
    for (order, after) in [
        (json!({ "field": "value", "direction": "DESC" }), cursor.clone()),
        (Value::Null, cursor.clone()),
        (Value::Null, json!("nonsense")),
        (json!({ "field": "colour" }), Value::Null),
    ] {
        let answer = ask(page(order, after)).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    }
}

fn query() -> String {
    format!(
        "query ($name: MetricName!, $first: Int!, $after: String, $order: RecordOrder) {{ organization {{
            metric(name: $name, period: {{ between: {{ from: \"{FROM}\", to: \"{TO}\" }} }}) {{
                records(first: $first, after: $after, orderBy: $order) {{
                    totalCount pageInfo {{ hasNextPage endCursor }}
                    nodes {{ source id at value weight stages {{ name seconds }} fields {{ name value }} }}
                }}
            }}
        }} }}"
    )
}

/// Every row on the way: its id, its time, and what it may be ordered by.
async fn walk(server: &Server, name: &str, order: Option<&Value>, first: usize) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    let mut after = Value::Null;
    loop {
        let variables = json!({ "name": name, "first": first, "after": after, "order": order });
        let answer = server.graphql(&query(), variables).await;
        assert!(answer.get("errors").is_none(), "{order:?}: {}", answer["errors"]);
        let page = &answer["data"]["organization"]["metric"]["records"];
        for node in list(&page["nodes"]) {
            found.push((format!("{}/{}", text(&node["source"]), text(&node["id"])), text(&node["at"]), node.clone()));
        }
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"], found.len());
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Rows with a value are in order, those without come last, and of equal ones the newer comes first.
fn in_order(place: &str, field: &str, descending: bool, rows: &[(String, String, Value)]) {
    let keys: Vec<Option<Key>> = rows.iter().map(|(_, at, node)| key(field, at, node)).collect();
    for (pair, rows) in keys.windows(2).zip(rows.windows(2)) {
        let fine = match (&pair[0], &pair[1]) {
            (None, Some(_)) => false,
            (Some(_), None) => true,
            (Some(a), Some(b)) if a != b => (a > b) == descending,
            _ => (&rows[1].1, &rows[0].0) <= (&rows[0].1, &rows[1].0),
        };
        assert!(fine, "{place}: {} before {}", rows[0].2, rows[1].2);
    }
}

#[derive(Debug, PartialEq, PartialOrd)]
enum Key {
    Number(f64),
    Text(String),
}

fn key(field: &str, at: &str, node: &Value) -> Option<Key> {
    let named = |list: &Value, name: &str, value: &str| {
        let found = list.as_array()?.iter().find(|item| item["name"] == name)?;
        Some(found[value].clone())
    };
    let value = match field {
        "at" => Value::from(at),
        "value" | "weight" => node[field].clone(),
        _ => named(&node["stages"], field, "seconds").or_else(|| named(&node["fields"], field, "value"))?,
    };
    match &value {
        Value::Null => None,
        Value::Number(number) => number.as_f64().map(Key::Number),
        other => {
            let text = other.as_str()?;
            Some(text.parse().map_or_else(|_| Key::Text(text.to_owned()), Key::Number))
        }
    }
}
