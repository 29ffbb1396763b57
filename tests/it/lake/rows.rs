//! A small table of the contract's kind, rows for it, and how the tests read a lake back.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use datafusion::prelude::SessionContext;
use throughline::lake::{Incoming, Lake, scan};
use throughline::model::Table;

/// A day, in microseconds.
pub const DAY: i64 = 86_400_000_000;

/// A row: key, when it was updated, when it happened, what it says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    pub id: String,
    pub updated_at: i64,
    pub deleted: Option<bool>,
    pub happened_at: Option<i64>,
    pub value: Option<i64>,
}

/// A row of the id that happened at day `day` of 1970.
pub fn row(id: &str, updated_at: i64, day: i64, value: i64) -> Row {
    Row { id: id.to_owned(), updated_at, deleted: None, happened_at: Some(day * DAY), value: Some(value) }
}

/// A table with an event time, a sort order and one value.
pub fn things() -> Table {
    let text = r#"
        description = "Things."
        event_time = "happened_at"
        sort = ["happened_at"]
        [[columns]]
        name = "happened_at"
        type = "timestamp"
        description = "When."
        [[columns]]
        name = "value"
        type = "int"
        description = "What."
    "#;
    Table::parse("things", text).unwrap()
}

pub fn batch(rows: &[Row]) -> RecordBatch {
    let time = |values: Vec<Option<i64>>| Arc::new(TimestampMicrosecondArray::from(values).with_timezone("UTC"));
    let strings = |values: Vec<Option<&str>>| Arc::new(StringArray::from(values));
    let columns: Vec<ArrayRef> = vec![
        strings(rows.iter().map(|_| Some("test")).collect()),
        strings(rows.iter().map(|row| Some(row.id.as_str())).collect()),
        time(rows.iter().map(|row| Some(row.updated_at)).collect()),
        Arc::new(BooleanArray::from_iter(rows.iter().map(|row| row.deleted))),
        strings(rows.iter().map(|_| None).collect()),
        time(rows.iter().map(|row| row.happened_at).collect()),
        Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.value))),
    ];
    RecordBatch::try_new(things().schema(), columns).unwrap()
}

pub fn file(name: &str, rows: &[Row]) -> Incoming {
    Incoming { file: name.to_owned(), rows: vec![batch(rows)] }
}

/// All rows that the newest version's files hold, tombstones included, sorted by id.
pub async fn stored(lake: &Lake) -> Vec<Row> {
    let snapshot = lake.refresh().await.unwrap();
    let files = snapshot.tables.get("things").map(|table| table.files.to_vec()).unwrap_or_default();
    let ctx = SessionContext::new();
    scan::register_store(lake, &ctx);
    let batches = ctx.read_table(scan::provider(lake, things().schema(), &files)).unwrap().collect().await.unwrap();
    let mut rows: Vec<Row> = batches.iter().flat_map(rows_of).collect();
    rows.sort();
    rows
}

/// Latest wins, the simple way: what the table must hold after these rows came in any order.
pub fn latest(rows: impl IntoIterator<Item = Row>) -> Vec<Row> {
    let mut best: BTreeMap<String, Row> = BTreeMap::new();
    for row in rows {
        let entry = best.entry(row.id.clone()).or_insert_with(|| row.clone());
        // Columns in the order of the schema; None is least, as in the row encoding.
        let rank = |row: &Row| (row.updated_at, row.deleted, row.happened_at, row.value);
        if rank(&row) > rank(entry) {
            *entry = row;
        }
    }
    best.into_values().collect()
}

fn rows_of(batch: &RecordBatch) -> Vec<Row> {
    let time = |name: &str| batch.column_by_name(name).unwrap().as_primitive::<TimestampMicrosecondType>().clone();
    let ids = batch.column_by_name("id").unwrap().as_string::<i32>();
    let deleted = batch.column_by_name("deleted").unwrap().as_boolean();
    let values = batch.column_by_name("value").unwrap().as_primitive::<Int64Type>();
    let (updated, happened) = (time("updated_at"), time("happened_at"));
    let happened: Vec<Option<i64>> = happened.iter().collect();
    (0..batch.num_rows())
        .map(|i| Row {
            id: ids.value(i).to_owned(),
            updated_at: updated.value(i),
            deleted: deleted.iter().nth(i).unwrap(),
            happened_at: happened[i],
            value: values.iter().nth(i).unwrap(),
        })
        .collect()
}
