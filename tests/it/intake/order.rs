//! The order in which files come never matters: late, early, twice, together or one by one.

use serde_json::{Value, json};
use throughline::lake::Lake;

use super::files::{Columns, good, set};
use super::lakes::{self, column, put_rows, take_in};

/// A pull request: id, updated_at, created_at, title; without a title it is a tombstone.
type Row<'a> = (&'a str, &'a str, &'a str, Option<&'a str>);

fn pull_requests(rows: &[Row<'_>]) -> Columns {
    let mut columns = good("pull_requests", rows.len());
    let all = |value: fn(&Row<'_>) -> Value| rows.iter().map(value).collect::<Vec<_>>();
    set(&mut columns, "id", "utf8", all(|row| json!(row.0)));
    set(&mut columns, "updated_at", "utf8", all(|row| json!(row.1)));
    set(&mut columns, "created_at", "utf8", all(|row| json!(row.2)));
    set(&mut columns, "title", "utf8", all(|row| json!(row.3)));
    set(&mut columns, "deleted", "bool", all(|row| json!(row.3.is_none())));
    columns
}

const MARCH: &str = "2026-03-05T00:00:00Z";
const APRIL: &str = "2026-04-05T00:00:00Z";

/// Four files about three pull requests: 1 changes its month, 2 is deleted and an older row of it comes again,
/// 3 has two rows of the same time.
fn story() -> Vec<Columns> {
    vec![
        pull_requests(&[
            ("1", "2026-03-05T10:00:00Z", MARCH, Some("first")),
            ("2", "2026-03-05T10:00:00Z", MARCH, Some("second")),
        ]),
        pull_requests(&[
            ("1", "2026-04-06T10:00:00Z", APRIL, Some("moved")),
            ("2", "2026-04-01T00:00:00Z", MARCH, None),
        ]),
        pull_requests(&[
            ("2", "2026-03-20T00:00:00Z", MARCH, Some("late")),
            ("3", "2026-03-20T00:00:00Z", MARCH, Some("this")),
        ]),
        pull_requests(&[
            ("3", "2026-03-20T00:00:00Z", MARCH, Some("that")),
            ("1", "2026-03-06T10:00:00Z", MARCH, Some("between")),
        ]),
    ]
}

fn orders(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![vec![]];
    }
    let insert = |order: Vec<usize>| (0..=order.len()).map(move |at| [&order[..at], &[n - 1], &order[at..]].concat());
    orders(n - 1).into_iter().flat_map(insert).collect()
}

#[tokio::test]
async fn any_order_gives_the_same_table() {
    let story = story();
    let together = Lake::open("memory://").await.expect("a lake");
    for (i, file) in story.iter().enumerate() {
        put_rows(&together, &format!("pull_requests/{i}.parquet"), file).await;
    }
    take_in(&together).await;
    let expected = lakes::rows(&together, "pull_requests").await;
    let titles = column(&together, "pull_requests", &["id", "title", "created_at", "deleted"]).await;
    assert_eq!(titles[0], [json!("1"), json!("moved"), json!(APRIL), json!(false)]);
    assert_eq!(titles[1], [json!("2"), Value::Null, json!(MARCH), json!(true)]);
    assert_eq!(titles.len(), 3, "the row that changed its month stands once");
    for order in orders(story.len()) {
        let lake = Lake::open("memory://").await.expect("a lake");
        for at in &order {
            put_rows(&lake, &format!("pull_requests/{at}.parquet"), &story[*at]).await;
            take_in(&lake).await;
        }
        assert_eq!(lakes::rows(&lake, "pull_requests").await, expected, "order {order:?}");
    }
}

#[tokio::test]
async fn a_tombstone_needs_only_its_key_and_may_come_first() {
    let lake = Lake::open("memory://").await.expect("a lake");
    let mut tombstone = good("pull_requests", 1);
    tombstone.retain(|(name, ..)| ["source", "id", "updated_at"].contains(&name.as_str()));
    set(&mut tombstone, "deleted", "bool", vec![json!(true)]);
    set(&mut tombstone, "updated_at", "utf8", vec![json!("2026-05-01T00:00:00Z")]);
    put_rows(&lake, "pull_requests/gone.parquet", &tombstone).await;
    assert!(!take_in(&lake).await[0].is_refused());
    put_rows(&lake, "pull_requests/row.parquet", &good("pull_requests", 1)).await;
    let outcome = take_in(&lake).await;
    assert_eq!((outcome[0].inserted, outcome[0].unchanged), (0, 1), "older than its end");
    assert_eq!(column(&lake, "pull_requests", &["deleted", "title"]).await, [[json!(true), Value::Null]]);
}
