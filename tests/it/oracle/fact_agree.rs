//! The facts and the oracle must agree, row by row, on random worlds. No lake: the latest rows lie in memory.
//!
//! `ORACLE_CASES` and `ORACLE_SEED` choose the worlds, as in `agree`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;
use throughline::model;
use throughline::query::facts::{compute, register, session_config};

use super::causes::CauseRule;
use super::facts::{Facts, Key, facts, seconds};
use super::files::batch;
use super::generate::scenario;
use super::record::At;
use super::seeds::{rerun, seeds};
use super::shrink::shrink;
use super::world::World;

/// The columns that are compared of each row.
type Rows = BTreeMap<Key, Vec<(&'static str, String)>>;

const FACTS: [&str; 3] = ["changes", "deployments", "incidents"];

#[test]
fn the_facts_and_the_oracle_agree() {
    for seed in seeds(8) {
        let world = scenario(seed).world;
        if difference(&world).is_some() {
            let deadline = Instant::now() + Duration::from_secs(60);
            let small = shrink(&world, deadline, |world| difference(world).is_some()).latest();
            let line = difference(&small).expect("a shrunken world still differs");
            panic!("{}\n{line}\n\n{}", rerun(seed), small.text());
        }
    }
}

/// The first row that differs.
fn difference(world: &World) -> Option<String> {
    let expected = expected(&facts(world));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let found = runtime.block_on(computed(&world.latest(), &FACTS));
    FACTS.iter().zip(&expected).find_map(|(fact, rows)| {
        let names: Vec<&str> = rows.values().next()?.iter().map(|(name, _)| *name).collect();
        let found = rows_of(&found[*fact], &names);
        if found.len() != rows.len() {
            return Some(format!("{fact}: expected {} rows, got {}", rows.values().len(), found.len()));
        }
        rows.iter().find_map(|(key, row)| {
            let other: Option<Vec<_>> = found.iter().find(|(k, _)| k == key).map(|(_, row)| row.clone());
            let other = other.unwrap_or_default();
            let lines = row.iter().zip(&other).filter(|((_, value), other)| value != *other);
            let lines: Vec<String> = lines.map(|((n, v), o)| format!("  {n}: expected {v}, got {o}")).collect();
            (!lines.is_empty() || other.is_empty()).then(|| format!("{fact} {key:?}\n{}", lines.join("\n")))
        })
    })
}

/// The rows of some facts, and of those that they read, as the crate computes them.
pub async fn computed(world: &World, wanted: &[&str]) -> BTreeMap<String, Vec<RecordBatch>> {
    let mut needed: BTreeSet<&str> = wanted.iter().copied().collect();
    for fact in model::facts().iter().rev() {
        if needed.contains(fact.name.as_str()) {
            needed.extend(fact.inputs.facts.iter().map(String::as_str));
        }
    }
    let ctx = SessionContext::new_with_config(session_config());
    let worlds: BTreeMap<_, _> = world.tables().into_iter().collect();
    for table in model::tables() {
        let rows = worlds.get(table.name.as_str()).map_or(&[][..], Vec::as_slice);
        let memory = MemTable::try_new(table.schema(), vec![vec![batch(&table.name, rows)]]).expect("the schema fits");
        ctx.register_table(table.name.as_str(), Arc::new(memory)).expect("a new name");
    }
    let mut found = BTreeMap::new();
    for fact in model::facts().iter().filter(|fact| needed.contains(fact.name.as_str())) {
        let frame = compute(&ctx, fact).await.unwrap_or_else(|error| panic!("{}: {error:#}", fact.name));
        let schema = Arc::clone(frame.schema().inner());
        let batches = frame.collect().await.unwrap_or_else(|error| panic!("{}: {error:#}", fact.name));
        let schema = batches.first().map_or(schema, RecordBatch::schema);
        let memory = MemTable::try_new(schema, vec![batches.clone()]).expect("the schema fits");
        register(&ctx, &fact.name, Arc::new(memory)).expect("a new name");
        found.insert(fact.name.clone(), batches);
    }
    found
}

fn rows_of(batches: &[RecordBatch], names: &[&str]) -> Vec<(Key, Vec<String>)> {
    let of_batch = |batch: &RecordBatch| {
        let column = |name: &str| texts(batch.column_by_name(name).unwrap_or_else(|| panic!("no column {name}")));
        let (sources, ids) = (column("source"), column("id"));
        let columns: Vec<Vec<String>> = names.iter().map(|name| column(name)).collect();
        let row = |n: usize| columns.iter().map(|values| values[n].clone()).collect();
        (0..batch.num_rows()).map(|n| ((sources[n].clone(), ids[n].clone()), row(n))).collect::<Vec<_>>()
    };
    batches.iter().flat_map(of_batch).collect()
}

/// Values as text: instants in microseconds, lists in order and apart by commas, "-" for none.
fn texts(array: &dyn Array) -> Vec<String> {
    let array = match array.data_type() {
        DataType::Timestamp(..) => cast(array, &DataType::Int64).expect("an instant is a number"),
        DataType::Utf8View | DataType::LargeUtf8 => cast(array, &DataType::Utf8).expect("text is text"),
        _ => arrow::array::make_array(array.to_data()),
    };
    let text = |n: usize| match array.data_type() {
        _ if array.is_null(n) => "-".to_owned(),
        DataType::Utf8 => array.as_string::<i32>().value(n).to_owned(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(n).to_string(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(n).to_string(),
        DataType::Boolean => array.as_boolean().value(n).to_string(),
        DataType::List(_) => texts(&array.as_list::<i32>().value(n)).join(","),
        other => panic!("unforeseen type {other}"),
    };
    (0..array.len()).map(text).collect()
}

/// The same rows as the oracle has them.
fn expected(facts: &Facts) -> [Rows; 3] {
    let text = |value: &Option<String>| value.clone().unwrap_or("-".to_owned());
    let at = |value: Option<At>| value.map_or("-".to_owned(), |at| at.timestamp_micros().to_string());
    let list = |value: &[String]| if value.is_empty() { "-".to_owned() } else { value.join(",") };
    let rule = |value: Option<String>| value.map_or("-".to_owned(), |rule| rule.to_uppercase());
    let id = |key: &Option<Key>| key.as_ref().map_or("-".to_owned(), |(_, id)| id.clone());
    let source = |key: &Option<Key>| key.as_ref().map_or("-".to_owned(), |(source, _)| source.clone());
    let changes = facts.changes.iter().map(|c| {
        let row = vec![
            ("service", text(&c.pull.service)),
            ("author_is_bot", c.pull.bot.to_string()),
            ("link_rule", rule(c.rule.map(|rule| format!("{rule:?}")))),
            ("deployment", id(&c.deployment)),
            ("deployment_source", source(&c.deployment)),
            ("deployment_environment", text(&c.environment)),
            ("first_commit_at", at(c.first_commit_at)),
            ("opened_at", at(c.pull.opened_at)),
            ("merged_at", at(c.pull.merged_at)),
            ("last_build_finished_at", at(c.last_build_finished_at)),
            ("deployed_at", at(c.deployed_at)),
        ];
        (c.pull.key.clone(), row)
    });
    let sorted = |values: BTreeSet<&String>| list(&values.into_iter().cloned().collect::<Vec<_>>());
    let deployments = facts.deployments.iter().map(|d| {
        let shipped: Vec<_> = facts.changes.iter().filter(|c| c.deployment.as_ref() == Some(&d.key)).collect();
        let blamed = facts.incidents.iter().filter(|i| i.cause.as_ref() == Some(&d.key));
        let (latest, certain): (Vec<_>, Vec<_>) = blamed.partition(|i| i.rule == Some(CauseRule::Latest));
        let ages = latest.iter().filter_map(|i| seconds(i.compared_at, i.created_at)).min_by(f64::total_cmp);
        let row = vec![
            ("repositories", list(&d.repositories)),
            ("service", text(&d.service)),
            ("environment", text(&d.environment)),
            ("finished_at", at(d.finished_at)),
            ("changes", shipped.len().to_string()),
            ("change_labels", sorted(shipped.iter().flat_map(|c| &c.pull.labels).collect())),
            ("change_branches", sorted(shipped.iter().filter_map(|c| c.pull.head_branch.as_ref()).collect())),
            ("certain_failures", certain.len().to_string()),
            ("latest_failure_age_seconds", ages.map_or("-".to_owned(), |age| age.to_string())),
        ];
        (d.key.clone(), row)
    });
    let incidents = facts.incidents.iter().map(|i| {
        let age = seconds(i.compared_at, i.created_at).map_or("-".to_owned(), |age| age.to_string());
        let row = vec![
            ("cause_rule", rule(i.rule.map(|rule| format!("{rule:?}")))),
            ("cause_source", source(&i.cause)),
            ("cause_deployment", id(&i.cause)),
            ("cause_finished_at", at(i.compared_at)),
            ("cause_age_seconds", age),
            ("repositories", list(&i.repositories)),
            ("environment", text(&i.environment)),
            ("resolved_at", at(i.resolved_at)),
        ];
        (i.key.clone(), row)
    });
    [changes.collect(), deployments.collect(), incidents.collect()]
}
