//! The whole catalogue, asked of everything: a number or a clear reason, never an error; and always the rows that make it.

use std::collections::BTreeSet;

use datafusion::arrow::array::AsArray;
use datafusion::prelude::{coalesce, col, lit};
use regex::{Captures, Regex};
use serde_json::Value;
use throughline::model::metric::Kind;
use throughline::model::profile;
use throughline::model::{self, Dimension, Fact, Metric};
use throughline::query::condition::has_dimension;

use super::asked::{self, FROM, TO, list, metric, text};
use super::recompute::check;
use crate::server::Server;

const ROWS: &str = "records(first: 1000) { totalCount nodes { source id value weight key weightKey excluded } }";
const NUMBERS: &str =
    "value mean: value(statistic: MEAN) median: value(statistic: MEDIAN) numerator denominator sampleSize";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_metric_gives_a_number_or_a_reason_everywhere() {
    let server = asked::server().await;
    let scopes = asked::scopes(&server).await;
    let mut numbers = 0;
    for metric in model::metrics() {
        for (name, id) in &scopes {
            let selection = "value absent explanation sampleSize coverage exclusions { reason count explanation }";
            let number = asked::metric(&server, id, &metric.name, selection).await;
            let place = format!("{} of {name}", metric.name);
            assert_eq!(number["value"].is_null(), !number["absent"].is_null(), "{place}: {number}");
            assert!(text(&number["explanation"]).ends_with('.'), "{place}: {number}");
            numbers += usize::from(!number["value"].is_null());
            let scope = name.split(' ').next().unwrap();
            let fact = model::fact(&metric.fact).unwrap();
            let dimension = match scope {
                "organization" => None,
                "teams" => Some(Dimension::Team),
                "contributors" => Some(Dimension::Contributor),
                "storefront" => Some(Dimension::Repository),
                "shop" => Some(Dimension::Service),
                _ => continue,
            };
            let has_meaning = dimension.is_none_or(|dimension| has_dimension(fact, dimension).is_ok());
            if !has_meaning {
                assert_eq!(number["absent"], "NOT_APPLICABLE", "{place}: {number}");
            }
        }
    }
    assert!(numbers > model::metrics().len(), "{numbers} numbers in all");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_make_up_every_number() {
    let server = asked::server().await;
    let scopes = asked::scopes(&server).await;
    let kinds = ["organization", "storefront", "shop", "teams", "contributors"];
    for definition in model::metrics() {
        let fact = model::fact(&definition.fact).unwrap();
        for kind in kinds {
            // Of teams and contributors the second of each: a node with people of its own.
            let mut of_kind = scopes.iter().filter(|(name, _)| name.split(' ').next() == Some(kind));
            let (name, id) = of_kind.clone().nth(1).or(of_kind.next()).unwrap();
            let place = format!("{} of {name}", definition.name);
            let selection = format!(
                "{NUMBERS} coverage absent {ROWS} excluded(first: 1000) {{ totalCount nodes {{ source id excluded }} }}
                 exclusions {{ reason count }} series(granularity: QUARTER) {{ {NUMBERS} {ROWS} }}"
            );
            let number = metric(&server, id, &definition.name, &selection).await;
            if ["NOT_APPLICABLE", "NOT_CONFIGURED", "NOT_COLLECTED"].iter().any(|reason| number["absent"] == *reason) {
                let known = number["numerator"].is_number();
                assert!(known || list(&number["records"]["nodes"]).is_empty(), "{place}: rows of nothing known");
                if !known {
                    continue;
                }
            }
            check(&place, definition, &number, None);
            for point in list(&number["series"]) {
                check(&format!("{place}, a quarter"), definition, point, None);
            }
            partition(&server, &place, definition, fact, kind, &number).await;
        }
        slices(&server, definition, fact, &scopes[0].1).await;
    }
}

/// Every row of the period is behind the number, or left out for a reason that is counted.
async fn partition(
    server: &Server,
    place: &str,
    metric: &'static Metric,
    fact: &'static Fact,
    kind: &str,
    number: &Value,
) {
    let ids = |rows: &Value, wanted: &dyn Fn(&Value) -> bool| -> BTreeSet<(String, String)> {
        let rows = list(rows).iter().filter(|row| wanted(row));
        rows.map(|row| (text(&row["source"]), text(&row["id"]))).collect()
    };
    let unknown = |row: &Value| row["excluded"] == "UNKNOWN_VALUE" || row["excluded"] == "NEGATIVE";
    let (behind, out) = (&number["records"]["nodes"], &number["excluded"]["nodes"]);
    assert_eq!(ids(behind, &unknown), ids(out, &unknown), "{place}: what lowers the coverage");
    let (behind, out) = (ids(behind, &|_| true), ids(out, &|row| !unknown(row)));
    assert!(behind.is_disjoint(&out), "{place}: a row is behind the number and left out");
    assert_eq!(number["excluded"]["totalCount"], list(&number["excluded"]["nodes"]).len(), "{place}");
    for exclusion in list(&number["exclusions"]) {
        let rows = list(&number["excluded"]["nodes"]).iter();
        let rows = rows.filter(|row| row["excluded"] == exclusion["reason"]).count();
        assert_eq!(exclusion["count"], rows, "{place}: {}", exclusion["reason"]);
    }
    if kind == "organization" {
        let all: BTreeSet<_> = behind.union(&out).cloned().collect();
        assert_eq!(all, of_period(server, metric, fact).await, "{place}: all rows of the period");
    }
}

/// Source and id of the fact's rows in the period: by the metric's time, by their own where they lack it.
async fn of_period(server: &Server, metric: &Metric, fact: &'static Fact) -> BTreeSet<(String, String)> {
    let engine = server.app.engine();
    let snapshot = server.app.lake.snapshot().await.unwrap();
    let frame = engine.context().read_table(engine.fact(&snapshot, fact).await.unwrap()).unwrap();
    let time = frame.parse_sql_expr(&as_built_in(&fact.written_out(&metric.time))).unwrap();
    let own = fact.time.as_ref().map(col);
    let moment = coalesce([time].into_iter().chain(own).collect());
    let day = |day: &str| frame.parse_sql_expr(&format!("TIMESTAMPTZ '{day}T00:00:00Z'")).unwrap();
    let within = moment.clone().gt_eq(day(FROM)).and(moment.lt(day(TO))).and(lit(true));
    let rows = frame.filter(within).unwrap().select_columns(&["source", "id"]).unwrap();
    let mut found = BTreeSet::new();
    let mut count = 0;
    for batch in engine.collect(rows).await.unwrap() {
        let column = |place: usize| batch.column(place).as_string::<i32>().clone();
        let (sources, ids) = (column(0), column(1));
        count += batch.num_rows();
        found.extend((0..batch.num_rows()).map(|row| (sources.value(row).to_owned(), ids.value(row).to_owned())));
    }
    assert_eq!(found.len(), count, "rows of {} are told by source and id", fact.name);
    found
}

/// SQL with what is built in, in the place of parameters.
fn as_built_in(sql: &str) -> String {
    let parameter = Regex::new(r"\$([a-z_]+)").unwrap();
    let value = |captures: &Captures<'_>| match (&captures[1], model::defaults().get(&captures[1])) {
        ("timezone", _) => "'UTC'".to_owned(),
        (_, Some(profile::Value::Boolean(holds))) => holds.to_string(),
        (_, Some(profile::Value::Number(number))) => number.to_string(),
        (_, Some(profile::Value::Text(text))) => format!("'{text}'"),
        (_, Some(profile::Value::Texts(texts))) => {
            format!("make_array({})", texts.iter().map(|text| format!("'{text}'")).collect::<Vec<_>>().join(", "))
        }
        (name, None) => panic!("no parameter {name}"),
    };
    parameter.replace_all(sql, value).into_owned()
}

/// The slices of every breakdown, and their quarters.
async fn slices(server: &Server, definition: &'static Metric, fact: &'static Fact, id: &str) {
    let whole = metric(server, id, &definition.name, &format!("numerator {ROWS}")).await;
    if whole["numerator"].is_null() {
        return;
    }
    let all = list(&whole["records"]["nodes"]).as_slice();
    for by in Dimension::ALL.iter().filter(|by| has_dimension(fact, **by).is_ok()) {
        let series = match by {
            Dimension::Team | Dimension::Repository | Dimension::Category => {
                format!("series(granularity: QUARTER) {{ {NUMBERS} {ROWS} }}")
            }
            _ => String::new(),
        };
        let selection = format!("breakdown(by: {}, first: 2) {{ key {NUMBERS} coverage {ROWS} {series} }}", by.name());
        let number = metric(server, id, &definition.name, &selection).await;
        for slice in list(&number["breakdown"]) {
            let place = format!("{} by {}: {}", definition.name, by.name(), slice["key"]);
            check(&place, definition, slice, Some(all));
            // A share within a quarter is one of that quarter's whole.
            if !matches!(definition.kind, Kind::Shares { .. }) {
                for point in slice["series"].as_array().into_iter().flatten() {
                    check(&format!("{place}, a quarter"), definition, point, None);
                }
            }
        }
    }
}
