//! A lake in memory, told in lines: `table key=value ...`, one row each. Lists are `a,b`; a value that is left out is
//! null; `source` is "s" where none is given.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, ListBuilder, RecordBatch, StringArray, StringBuilder};
use arrow::compute::cast;
use arrow::util::display::array_value_to_string;
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;

use crate::model::{self, ColumnType, Fact, Table};
use crate::query::facts::{compute, register, schema, session_config};

/// The rows of a fact over the lake that `lines` tell: for each `id`, the values of the asked columns.
pub async fn rows(fact: &str, columns: &[&str], lines: &str) -> BTreeMap<String, Vec<String>> {
    let has_id = model::fact(fact).expect("a declared fact").column("id").is_some();
    rows_by(fact, &[if has_id { "id" } else { "commit" }], columns, lines).await
}

/// The same by other columns, with a space between their values.
pub async fn rows_by(fact: &str, key: &[&str], columns: &[&str], lines: &str) -> BTreeMap<String, Vec<String>> {
    let ctx = session(lines);
    let mut found = BTreeMap::new();
    let wanted = closure(fact);
    for input in model::facts().iter().filter(|fact| wanted.contains(fact.name.as_str())) {
        let batches = fact_batches(&ctx, input).await;
        if input.name == fact {
            for batch in &batches {
                let text = |column: &str, row| {
                    let column = batch.column_by_name(column).unwrap_or_else(|| panic!("no column {column}"));
                    let text = array_value_to_string(column, row).expect("prints");
                    // The tests' days are all of March 2026: 2026-03-07T10:00:00Z is "7T10:00".
                    let short = text.strip_prefix("2026-03-").and_then(|t| t.strip_suffix(":00Z"));
                    short.map_or(text.clone(), |t| t.trim_start_matches('0').to_owned())
                };
                for row in 0..batch.num_rows() {
                    let values = columns.iter().map(|column| text(column, row)).collect();
                    let key: Vec<String> = key.iter().map(|column| text(column, row)).collect();
                    assert_eq!(found.insert(key.join(" "), values), None, "a row of {fact} stands twice");
                }
            }
            return found;
        }
    }
    panic!("no fact {fact}")
}

/// A fact and all that it reads.
fn closure(fact: &str) -> BTreeSet<&str> {
    let inputs = &model::fact(fact).expect("a declared fact").inputs.facts;
    inputs.iter().flat_map(|input| closure(input)).chain([fact]).collect()
}

/// Computes a fact and registers it for those that read it.
async fn fact_batches(ctx: &SessionContext, fact: &Fact) -> Vec<RecordBatch> {
    let frame = compute(ctx, fact).await.unwrap_or_else(|error| panic!("{error:#}"));
    let declared = schema(fact).await.expect("plans");
    let batches = frame.collect().await.unwrap_or_else(|error| panic!("{}: {error}", fact.name));
    let rows =
        |b: &RecordBatch| RecordBatch::try_new(declared.clone(), b.columns().to_vec()).expect("the fact's types");
    let batches: Vec<RecordBatch> = batches.iter().map(rows).collect();
    let table = MemTable::try_new(declared, vec![batches.clone()]).expect("batches of one schema");
    register(ctx, &fact.name, Arc::new(table)).expect("registers");
    batches
}

fn session(lines: &str) -> SessionContext {
    let mut told: BTreeMap<&str, Vec<BTreeMap<&str, &str>>> = BTreeMap::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (table, values) = line.split_once(' ').expect("a table and its values");
        let values = values.split_whitespace().map(|pair| pair.split_once('=').expect("key=value")).collect();
        told.entry(table).or_default().push(values);
    }
    let ctx = SessionContext::new_with_config(session_config().with_target_partitions(2));
    for table in model::tables() {
        let rows = told.remove(table.name.as_str()).unwrap_or_default();
        let batch = batch(table, &rows);
        let table_of = MemTable::try_new(table.schema(), vec![vec![batch]]).expect("the table's schema");
        ctx.register_table(table.name.as_str(), Arc::new(table_of)).expect("registers");
    }
    assert!(told.is_empty(), "unknown tables: {told:?}");
    ctx
}

fn batch(table: &Table, rows: &[BTreeMap<&str, &str>]) -> RecordBatch {
    for key in rows.iter().flat_map(BTreeMap::keys) {
        assert!(table.column(key).is_some(), "{} has no column {key}", table.name);
    }
    let columns = table.columns.iter().map(|column| {
        let values: Vec<Option<String>> = rows.iter().map(|row| value(row, &column.name, column.kind)).collect();
        array(column.kind, values)
    });
    RecordBatch::try_new(table.schema(), columns.collect()).expect("the table's schema")
}

fn value(row: &BTreeMap<&str, &str>, column: &str, kind: ColumnType) -> Option<String> {
    match (row.get(column), column) {
        (Some(value), _) if kind == ColumnType::Timestamp => {
            let (day, time) = value.split_once('T').unwrap_or((value, "00:00"));
            Some(format!("2026-03-{day:0>2}T{time}:00Z"))
        }
        (Some(value), _) => Some((*value).to_owned()),
        (None, "source") => Some("s".to_owned()),
        (None, _) => None,
    }
}

fn array(kind: ColumnType, values: Vec<Option<String>>) -> ArrayRef {
    if kind != ColumnType::StringList {
        let text: ArrayRef = Arc::new(StringArray::from(values));
        let array = cast(&text, &kind.arrow()).expect("casts");
        assert_eq!(array.null_count(), text.null_count(), "not a {}: {:?}", kind.name(), text.as_string::<i32>());
        return array;
    }
    let mut lists = ListBuilder::new(StringBuilder::new());
    for value in values {
        let is_null = value.is_none();
        value.iter().flat_map(|value| value.split(',')).for_each(|item| lists.values().append_value(item));
        lists.append(!is_null);
    }
    Arc::new(lists.finish())
}
