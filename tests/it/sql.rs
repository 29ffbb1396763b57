//! A second meaning for every metric: `tests/cases/sql/<metric>.sql` is plain SQL over the tables as they are stored,
//! written from the definition without a look at the facts. Each is run over the sample company and held against what
//! GraphQL answers for the first half of 2026 and for each of its months.
//!
//! A file tells in its comments the `metric:`, the `columns:` it returns besides `month` (null: the whole period), and
//! the `scope:`, a field of `Query`; without one it is the organization. A file of several metrics names no metric but
//! writes its columns `METRIC.column`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use datafusion::prelude::SessionContext;
use serde_json::{Value, json};
use throughline::clock::Clock;
use throughline::lake::{Lake, scan};
use throughline::model;

use crate::company;
use crate::server::Server;

/// Numbers by month ("2026-03"; empty: the whole period), in the order of the file's columns.
type Months = BTreeMap<String, Vec<f64>>;

#[tokio::test]
async fn metrics_agree_with_sql_over_the_tables() {
    let clock = Clock::Fixed("2026-07-10T00:00:00Z".parse().expect("a time"));
    let lake = company::sample(clock).await;
    let server = Server::start_with(lake.clone(), |config| config.clock = clock).await;
    let mut files: Vec<_> = std::fs::read_dir("tests/cases/sql")
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry of the folder").path())
        .collect();
    files.sort();
    let mut checked = BTreeSet::new();
    for file in files {
        checked.extend(check(&server, &lake, &file).await);
    }
    let without: Vec<_> = model::metrics().iter().filter(|metric| !checked.contains(&metric.name)).collect();
    assert!(without.is_empty(), "no case: {:?}", without.iter().map(|metric| &metric.name).collect::<Vec<_>>());
}

/// Checks one file; returns the metrics that it is about.
async fn check(server: &Server, lake: &Lake, file: &Path) -> BTreeSet<String> {
    let name = file.display();
    let sql = std::fs::read_to_string(file).expect("a case is UTF-8");
    let told = |key: &str| sql.lines().find_map(|line| line.strip_prefix(&format!("-- {key}: ")));
    let columns: Vec<_> = told("columns").unwrap_or_else(|| panic!("{name}: no `-- columns:`")).split(' ').collect();
    let by_sql = run(lake, &sql, &columns).await;
    assert_eq!(by_sql.len(), 7, "{name}: the whole and six months");
    // The metric of each column, the column's place among what the file returns, and what it is called of the metric.
    let mut metrics: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
    for (place, column) in columns.iter().enumerate() {
        let (metric, column) = match (told("metric"), column.split_once('.')) {
            (Some(metric), None) => (metric, *column),
            (None, Some(parts)) => parts,
            _ => panic!("{name}: {column}: of which metric?"),
        };
        metrics.entry(metric).or_default().push((place, column));
    }
    for (metric, columns) in &metrics {
        let asked: Vec<_> = columns.iter().map(|(_, column)| *column).collect();
        let by_graphql = ask(server, metric, told("scope").unwrap_or("organization"), &asked).await;
        for (month, expected) in &by_sql {
            for ((place, column), found) in columns.iter().zip(&by_graphql[month]) {
                let expected = expected[*place];
                // A point of a series tells no coverage; anything else that is missing is a fault.
                let untold = *column == "coverage" && !month.is_empty();
                let close = untold || (expected - found).abs() <= 1e-9 * expected.abs();
                assert!(close, "{name}: {metric}: {month:?}: {column} is {expected} by SQL, {found} by GraphQL");
            }
        }
    }
    metrics.keys().map(|metric| (*metric).to_owned()).collect()
}

async fn run(lake: &Lake, sql: &str, columns: &[&str]) -> Months {
    let ctx = SessionContext::new();
    scan::register_store(lake, &ctx);
    let snapshot = lake.snapshot().await.expect("a snapshot");
    scan::register_tables(lake, &snapshot, &ctx).expect("the tables of the lake");
    let batches = ctx.sql(sql).await.expect("the SQL is right").collect().await.expect("the SQL runs");
    let mut months = Months::new();
    for batch in batches {
        let month = cast(&batch["month"], &DataType::Utf8).expect("text");
        for row in 0..batch.num_rows() {
            let month = if month.is_null(row) { "" } else { month.as_string::<i32>().value(row) };
            let numbers = columns.iter().map(|column| {
                let column = cast(&batch[*column], &DataType::Float64).expect("a number");
                column.as_primitive::<Float64Type>().value(row)
            });
            months.insert(month.to_owned(), numbers.collect());
        }
    }
    months
}

async fn ask(server: &Server, metric: &str, scope: &str, columns: &[&str]) -> Months {
    let field = |column: &&str| match *column {
        "mean" | "median" => format!("{column}: value(statistic: {})", column.to_uppercase()),
        other => other.to_owned(),
    };
    let whole: Vec<_> = columns.iter().map(field).collect();
    let point: Vec<_> = columns.iter().filter(|c| **c != "coverage").map(field).collect();
    let query = format!(
        "{{ at: {scope} {{ metric(name: {metric}, period: {{ between: {{ from: \"2026-01-01\", to: \"2026-07-01\" }} }}) \
         {{ {} series(granularity: MONTH) {{ start {} }} }} }} }}",
        whole.join(" "),
        point.join(" ")
    );
    let answer = server.graphql(&query, json!({})).await;
    let found = &answer["data"]["at"]["metric"];
    let numbers =
        |of: &Value| columns.iter().map(|column| of[*column].as_f64().unwrap_or(f64::NAN)).collect::<Vec<_>>();
    let series = found["series"].as_array().unwrap_or_else(|| panic!("{metric}: no series in {answer}"));
    let mut months: Months =
        series.iter().map(|p| (p["start"].as_str().expect("a date")[..7].to_owned(), numbers(p))).collect();
    let whole = numbers(found);
    assert!(whole.iter().all(|number| number.is_finite()), "{metric}: {answer}");
    months.insert(String::new(), whole);
    months
}
