//! Reads landing files back and asks them SQL.

use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use throughline::model;

/// Every file below a folder, sorted by path.
pub async fn files(store: &dyn ObjectStore, folder: &str) -> Vec<(String, Bytes)> {
    let listed: Vec<_> = store.list(Some(&Path::from(folder))).try_collect().await.expect("a listing");
    let mut files = Vec::new();
    for meta in listed {
        let bytes = store.get(&meta.location).await.expect("listed").bytes().await.expect("readable");
        files.push((meta.location.to_string(), bytes));
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    files
}

/// The batches of one landing file.
pub fn batches(bytes: Bytes) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).expect("Parquet").build().expect("a reader");
    reader.map(|batch| batch.expect("a batch")).collect()
}

/// All landing rows: `<table>_all` as they were dropped, and `<table>`, where the latest row wins and tombstones are out.
pub async fn session(store: &dyn ObjectStore) -> SessionContext {
    let session = SessionContext::new();
    for table in model::tables().iter().filter(|table| !table.internal) {
        let mut rows = Vec::new();
        for (path, bytes) in files(store, &format!("landing/{}", table.name)).await {
            for batch in batches(bytes) {
                assert_eq!(batch.schema(), table.schema(), "{path}");
                rows.push(batch);
            }
        }
        let all = MemTable::try_new(table.schema(), vec![rows]).expect("a table");
        session.register_table(format!("{}_all", table.name), Arc::new(all)).expect("registered");
        let latest = format!(
            "select * except (place) from (select *, row_number() over (partition by source, id order by updated_at desc) \
             as place from {}_all) where place = 1 and not coalesce(deleted, false)",
            table.name
        );
        // Worked out once, for all the questions to come.
        let rows = session.sql(&latest).await.expect("a query").collect().await.expect("rows");
        let latest = MemTable::try_new(table.schema(), vec![rows]).expect("a table");
        session.register_table(table.name.as_str(), Arc::new(latest)).expect("registered");
    }
    session
}

/// The answer as text, one row a line, columns separated by " | ".
pub async fn ask(session: &SessionContext, sql: &str) -> String {
    let batches = session.sql(sql).await.expect(sql).collect().await.expect(sql);
    let table = pretty_format_batches(&batches).expect("text").to_string();
    let lines = table.lines().filter(|line| line.starts_with('|')).skip(1);
    let cells = |line: &str| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>().join(" | ");
    lines.map(cells).collect::<Vec<_>>().join("\n")
}

/// The one number that a query answers with.
pub async fn number(session: &SessionContext, sql: &str) -> f64 {
    ask(session, sql).await.parse().unwrap_or_else(|_| panic!("no number from {sql}"))
}
