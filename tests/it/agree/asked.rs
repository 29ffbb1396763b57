//! The numbers as GraphQL gives them: one request for a metric and a scope.

use serde_json::{Value, json};
use throughline::model::metric::Statistic;
use throughline::model::{Granularity, Metric};

use super::number::{Cut, Number, Numbers, Place, STATISTICS};
use super::scope::Scope;
use super::{FROM, TO};
use crate::server::Server;

/// The numbers of each cut.
pub async fn ask(server: &Server, metric: &Metric, scope: &Scope, cuts: &[Cut]) -> Vec<Numbers> {
    let (numbers, series) = (numbers(metric), series(metric));
    let mut fields = format!("{numbers} {series}");
    for (place, cut) in cuts.iter().enumerate() {
        if let Some(dimension) = cut.dimension {
            let series = if cut.in_buckets { series.as_str() } else { "" };
            let by = dimension.name();
            fields += &format!(" cut{place}: breakdown(by: {by}, first: 10000) {{ key {numbers} {series} }}");
        }
    }
    let (field, name) = (scope.field(), &metric.name);
    let query = format!(
        "{{ {field} {{ metric(name: {name}, period: {{ between: {{ from: \"{FROM}\", to: \"{TO}\" }} }}) {{ {fields} }} }} }}"
    );
    let answer = server.graphql(&query, json!({})).await;
    assert!(answer.get("errors").is_none(), "{name} of {scope:?}: {}", answer["errors"]);
    let answer = &answer["data"]["scope"]["metric"];
    let read = |(place, cut): (usize, &Cut)| {
        let mut found = Numbers::new();
        match cut.dimension {
            None => read(metric, answer, None, &mut found),
            Some(_) => {
                for slice in answer[format!("cut{place}")].as_array().expect("slices") {
                    read(metric, slice, Some(slice["key"].as_str().map(str::to_owned)), &mut found);
                }
            }
        }
        found
    };
    cuts.iter().enumerate().map(read).collect()
}

/// The fields of a number.
fn numbers(metric: &Metric) -> String {
    let value = |statistic: &Statistic| format!("{0}: value(statistic: {0})", statistic.name());
    match metric.statistic() {
        None => "value numerator sampleSize".to_owned(),
        Some(_) => format!("{} numerator sampleSize", STATISTICS.iter().map(value).collect::<Vec<_>>().join(" ")),
    }
}

/// The series of every length of bucket.
fn series(metric: &Metric) -> String {
    let numbers = numbers(metric);
    let one = |unit: &Granularity| format!("{0}: series(granularity: {0}) {{ start {numbers} }}", unit.name());
    Granularity::ALL.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Adds the numbers of a whole and, where they were asked for, of its buckets.
fn read(metric: &Metric, answer: &Value, key: Option<Option<String>>, found: &mut Numbers) {
    let number = |value: &Value| {
        let values = match metric.statistic() {
            None => vec![value["value"].as_f64()],
            Some(_) => STATISTICS.iter().map(|statistic| value[statistic.name()].as_f64()).collect(),
        };
        let sample_size = value["sampleSize"].as_u64().expect("a size");
        Number { values: Some(values), numerator: value["numerator"].as_f64().unwrap_or(0.0), sample_size }
    };
    found.insert(Place { key: key.clone(), unit: None, start: FROM.to_owned() }, number(answer));
    for unit in Granularity::ALL {
        for point in answer[unit.name()].as_array().into_iter().flatten() {
            let start = point["start"].as_str().expect("a day").to_owned();
            found.insert(Place { key: key.clone(), unit: Some(*unit), start }, number(point));
        }
    }
}
