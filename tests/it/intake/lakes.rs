//! Lakes for the tests, and what is in them.

use std::time::Duration;

use arrow::array::RecordBatch;
use datafusion::prelude::{SessionContext, col};
use object_store::ObjectStoreExt;
use object_store::path::Path;
use serde_json::{Map, Value};
use tempfile::TempDir;
use throughline::clock::Clock;
use throughline::intake::{Ingestion, Limits, run_within};
use throughline::lake::{Lake, scan};
use throughline::model;

use super::cases;
use super::files::{self, Columns};

/// An empty lake in a folder that lives as long as the guard.
pub async fn on_disk() -> (TempDir, Lake) {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = Lake::open(folder.path().to_str().expect("a path")).await.expect("a lake");
    (folder, lake)
}

/// Drops a file below `landing/`.
pub async fn put(lake: &Lake, below_landing: &str, bytes: Vec<u8>) {
    let path = Path::from(format!("landing/{below_landing}"));
    lake.store().put(&path, bytes.into()).await.expect("put");
}

/// Drops a Parquet file below `landing/`.
pub async fn put_rows(lake: &Lake, below_landing: &str, columns: &Columns) {
    put(lake, below_landing, files::parquet(columns)).await;
}

/// The clock of the tests.
pub fn clock() -> Clock {
    Clock::Fixed(cases::now())
}

/// One run that does not wait for files that are cut off.
pub async fn take_in(lake: &Lake) -> Vec<Ingestion> {
    let limits = Limits { settle: Duration::ZERO, ..Limits::default() };
    run_within(lake, clock(), &limits, |_| {}).await.expect("a run")
}

/// All rows of a table, tombstones included, sorted by key.
pub async fn rows(lake: &Lake, table: &str) -> Vec<Map<String, Value>> {
    let snapshot = lake.refresh().await.expect("a snapshot");
    let table = model::table(table).expect("a table");
    let ctx = SessionContext::new();
    scan::register_store(lake, &ctx);
    let files = snapshot.tables.get(&table.name).map(|version| version.files.as_slice()).unwrap_or_default();
    let all = ctx.read_table(scan::provider(lake, table.schema(), files)).expect("a table");
    let sorted = all.sort_by(vec![col("source"), col("id")]).expect("sorted");
    let batches: Vec<RecordBatch> = sorted.collect().await.expect("rows");
    let row = |batch: &RecordBatch, row: usize| {
        let schema = batch.schema();
        let values = schema.fields().iter().zip(batch.columns());
        values.map(|(field, array)| (field.name().clone(), files::value(array, row))).collect()
    };
    batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |i| row(batch, i))).collect()
}

/// Some columns of all rows of a table.
pub async fn column(lake: &Lake, table: &str, names: &[&str]) -> Vec<Vec<Value>> {
    let pick = |row: &Map<String, Value>| names.iter().map(|name| row[*name].clone()).collect();
    rows(lake, table).await.iter().map(pick).collect()
}
