//! A number from its rows, in the plainest way, by what the definition says it is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use throughline::model::Metric;
use throughline::model::metric::{Denominator, Kind};

use super::asked::list;

/// What of a number its rows tell.
#[derive(Debug)]
pub struct Found {
    pub eligible: u64,
    pub known: u64,
    pub numerator: Option<f64>,
    /// `None`: it is not made of rows.
    pub denominator: Option<f64>,
    pub mean: Option<f64>,
    pub median: Option<f64>,
}

/// From the rows of a number; `whole`: those of the whole that it is a slice of, for shares.
pub fn recomputed(metric: &Metric, rows: &[Value], whole: Option<&[Value]>) -> Found {
    let number = |row: &Value, field: &str| row[field].as_f64();
    let eligible = rows.len() as u64;
    let (mut mean, mut median) = (None, None);
    let known = rows.iter().filter(|row| row["excluded"].is_null());
    let (numerator, denominator) = match &metric.kind {
        Kind::Duration { .. } => {
            let mut seconds: Vec<f64> = rows.iter().filter_map(|row| number(row, "value")).collect();
            assert_eq!(seconds.len(), known.clone().count(), "a row without a value says why");
            seconds.sort_by(f64::total_cmp);
            let sum: f64 = seconds.iter().sum();
            if !seconds.is_empty() {
                let middle = (seconds.len() - 1) as f64 / 2.0;
                median = Some((seconds[middle.floor() as usize] + seconds[middle.ceil() as usize]) / 2.0);
                mean = Some(sum / seconds.len() as f64);
            }
            (Some(sum), Some(seconds.len() as f64))
        }
        Kind::Shares { .. } => {
            let (own, of) = (by_key(rows, "value"), by_key(whole.unwrap_or(rows), "value"));
            let share = |(key, weight): (&String, &f64)| of.get(key).filter(|of| **of > 0.0).map(|of| weight / of);
            (Some(own.iter().filter_map(share).sum()), Some(1.0))
        }
        Kind::Formula { numerator, denominator, .. } => {
            let sql = numerator.to_lowercase();
            let top = if sql.contains("spread(") {
                spread(rows)
            } else if sql.contains("distinct") {
                Some(distinct(rows, "value", "key"))
            } else if ["avg(", "max(", "min(", "stddev"].iter().any(|function| sql.contains(function)) {
                None
            } else {
                Some(rows.iter().filter_map(|row| number(row, "value")).sum())
            };
            let bottom = match denominator {
                Denominator::Days | Denominator::DeveloperWeeks => None,
                Denominator::One => Some(1.0),
                Denominator::Aggregate(sql) if sql.to_lowercase().contains("distinct") => {
                    Some(distinct(rows, "weight", "weightKey"))
                }
                Denominator::Aggregate(_) => Some(rows.iter().filter_map(|row| number(row, "weight")).sum()),
            };
            (top, bottom)
        }
    };
    Found { eligible, known: known.count() as u64, numerator, denominator, mean, median }
}

/// Keys of the rows that add something.
fn distinct(rows: &[Value], value: &str, key: &str) -> f64 {
    let counted = rows.iter().filter(|row| row[value].as_f64().is_some_and(|added| added > 0.0));
    counted.map(|row| row[key].as_str().expect("a key")).collect::<BTreeSet<_>>().len() as f64
}

fn by_key(rows: &[Value], field: &str) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    for row in rows {
        if let Some(key) = row["key"].as_str() {
            *sums.entry(key.to_owned()).or_default() += row[field].as_f64().unwrap_or(0.0);
        }
    }
    sums
}

/// Standard deviation, over the keys, of the quotient of two sums.
fn spread(rows: &[Value]) -> Option<f64> {
    let (top, bottom) = (by_key(rows, "value"), by_key(rows, "weight"));
    let quotients: Vec<f64> = top.iter().filter(|(key, _)| bottom[*key] > 0.0).map(|(k, v)| v / bottom[k]).collect();
    let count = quotients.len() as f64;
    let mean = quotients.iter().sum::<f64>() / count;
    let variance = quotients.iter().map(|quotient| (quotient - mean) * (quotient - mean)).sum::<f64>() / count;
    (count > 0.0).then(|| variance.sqrt())
}

/// Holds a number's own fields against its rows.
pub fn check(place: &str, metric: &Metric, number: &Value, whole: Option<&[Value]>) {
    let rows = list(&number["records"]["nodes"]);
    assert_eq!(number["records"]["totalCount"], rows.len(), "{place}: totalCount");
    let found = recomputed(metric, rows, whole);
    let same = |field: &str, expected: Option<f64>| {
        let Some(expected) = expected else { return };
        let told = number[field].as_f64();
        let close = told.is_some_and(|told| (told - expected).abs() <= 1e-9 * expected.abs().max(1.0));
        assert!(close, "{place}: {field} is {}, its rows say {expected}", number[field]);
    };
    // Where an item is several rows, rows do not tell how many items there are.
    if metric.items.is_none() {
        assert_eq!(number["sampleSize"], found.known, "{place}: sampleSize");
        if number.get("coverage").is_some() {
            same("coverage", (found.eligible > 0).then(|| found.known as f64 / found.eligible as f64));
        }
    }
    // What has no value of nothing has no denominator either.
    let valued = !number["value"].is_null();
    if valued {
        same("numerator", found.numerator);
        same("denominator", found.denominator);
        same("mean", found.mean);
        same("median", found.median);
    } else {
        assert!(found.mean.is_none() && found.median.is_none(), "{place}: rows have a value that the number lacks");
    }
}
