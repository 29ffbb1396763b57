//! `IngestionConnection`: what intake did with each file, newest first.

use std::collections::HashSet;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use async_graphql::{ComplexObject, Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use datafusion::common::{JoinType, ScalarValue};
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, col, lit};

use super::asking::Asking;
use super::error::{bad_input, internal};
use super::node::{GlobalId, Kind};
use super::relay::{PageInfo, cursor, page_size, read_cursor};
use crate::lake::{DataFile, TableVersion, scan};
use crate::model;
use crate::query::engine::Engine;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum IngestionStatus {
    /// Its rows are in the table.
    Applied,
    /// It has a fault; nothing of it is visible.
    Refused,
}

/// Files that intake took up.
#[derive(SimpleObject, Default)]
#[graphql(complex)]
pub struct IngestionConnection {
    /// The files with their cursors.
    edges: Vec<IngestionEdge>,
    /// Where the page stands.
    page_info: PageInfo,
    /// How many files there are, on all pages.
    total_count: u64,
}

/// A file and its cursor.
#[derive(SimpleObject, Clone)]
pub struct IngestionEdge {
    /// Cursor of the file.
    cursor: String,
    /// The file.
    node: Ingestion,
}

#[ComplexObject]
impl IngestionConnection {
    /// The files alone.
    async fn nodes(&self) -> Vec<Ingestion> {
        self.edges.iter().map(|edge| edge.node.clone()).collect()
    }
}

/// What intake did with one file.
#[derive(Clone)]
pub struct Ingestion {
    key: String,
    file: String,
    table: Option<String>,
    status: IngestionStatus,
    rows_read: i64,
    inserted: i64,
    updated: i64,
    unchanged: i64,
    refused: i64,
    bytes: i64,
    started_at: DateTime<Utc>,
    took_ms: i64,
    retries: i64,
    table_version: Option<i64>,
    error: Option<String>,
    notices: Option<String>,
}

/// What intake did with one dropped file.
#[Object]
impl Ingestion {
    /// Global id.
    pub async fn id(&self) -> ID {
        GlobalId::new(Kind::Ingestion, &self.key).encode()
    }

    /// Path of the file below the lake.
    async fn file(&self) -> &str {
        &self.file
    }

    /// Table it was for.
    async fn table(&self) -> Option<&str> {
        self.table.as_deref()
    }

    /// What became of it.
    async fn status(&self) -> IngestionStatus {
        self.status
    }

    /// Rows in the file.
    async fn rows_read(&self) -> i64 {
        self.rows_read
    }

    /// Rows that were new.
    async fn inserted(&self) -> i64 {
        self.inserted
    }

    /// Rows that replaced an earlier one, tombstones included.
    async fn updated(&self) -> i64 {
        self.updated
    }

    /// Rows that were there already, or older than what was there.
    async fn unchanged(&self) -> i64 {
        self.unchanged
    }

    /// Rows with a fault; a file with one is refused whole.
    async fn refused(&self) -> i64 {
        self.refused
    }

    /// Size of the file in bytes.
    async fn bytes(&self) -> f64 {
        self.bytes as f64
    }

    /// When intake took it up.
    async fn started_at(&self) -> DateTime<Utc> {
        self.started_at
    }

    /// How long it took, in milliseconds.
    async fn took_ms(&self) -> i64 {
        self.took_ms
    }

    /// How often the commit was tried again because another writer came first.
    async fn retries(&self) -> i64 {
        self.retries
    }

    /// Version of the table that holds its rows.
    async fn table_version(&self) -> Option<i64> {
        self.table_version
    }

    /// Why it was refused: every reason, one a line.
    async fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// What was noticed and let pass, one a line.
    async fn notices(&self) -> Option<&str> {
        self.notices.as_deref()
    }
}

/// One page of files, newest first.
pub async fn page(
    context: &Context<'_>,
    status: Option<IngestionStatus>,
    table: Option<String>,
    first: i32,
    after: Option<String>,
) -> Result<IngestionConnection> {
    let asking = Asking::of(context)?;
    let size = page_size(first, 100)?;
    let mut condition = wanted(status, table.as_deref())?;
    let all = condition.clone();
    if let Some(after) = &after {
        let [at, key] = read_cursor::<2>(after)?;
        let at: i64 = at.parse().map_err(|_| bad_input("after: no cursor of this connection"))?;
        let at = lit(ScalarValue::TimestampMicrosecond(Some(at), Some("UTC".into())));
        let same = col("started_at").eq(at.clone()).and(col("id").gt(lit(key)));
        condition = condition.and(col("started_at").lt(at).or(same));
    }
    let (rows, total) = read(asking, condition, all, size + 1).await.map_err(|error| internal(&error))?;
    let has_next_page = rows.len() > size;
    let edge = |node: Ingestion| {
        let cursor = cursor(&[&node.started_at.timestamp_micros().to_string(), &node.key]);
        IngestionEdge { cursor, node }
    };
    let edges: Vec<_> = rows.into_iter().take(size).map(edge).collect();
    let page_info = PageInfo {
        has_next_page,
        has_previous_page: after.is_some(),
        start_cursor: edges.first().map(|edge| edge.cursor.clone()),
        end_cursor: edges.last().map(|edge| edge.cursor.clone()),
    };
    Ok(IngestionConnection { edges, page_info, total_count: total })
}

/// One file by its key.
pub async fn find(context: &Context<'_>, key: &str) -> Result<Option<Ingestion>> {
    let condition = col("id").eq(lit(key));
    let (rows, _) =
        read(Asking::of(context)?, condition.clone(), condition, 1).await.map_err(|error| internal(&error))?;
    Ok(rows.into_iter().next())
}

/// The condition on files with an outcome and for a table, where they are given.
pub fn wanted(status: Option<IngestionStatus>, table: Option<&str>) -> Result<Expr> {
    let mut condition = col("deleted").is_not_true();
    if let Some(status) = status {
        let name = match status {
            IngestionStatus::Applied => "APPLIED",
            IngestionStatus::Refused => "REFUSED",
        };
        condition = condition.and(col("status").eq(lit(name)));
    }
    if let Some(table) = table {
        if model::table(table).is_none() {
            return Err(bad_input(format!("table: no table {table:?}; `lake {{ tables {{ name }} }}` lists them")));
        }
        condition = condition.and(col("table").eq(lit(table)));
    }
    Ok(condition)
}

/// The files that one version of the table has and an earlier one had not, in the order in which intake took them up.
///
/// Told from the data files that came and went: no clock is asked, and a row that was only written anew is no news.
pub async fn between(
    engine: &Engine,
    before: Option<&TableVersion>,
    after: Option<&TableVersion>,
    condition: Expr,
) -> anyhow::Result<Vec<Ingestion>> {
    let (Some(table), Some(after)) = (model::table("ingestions"), after) else { return Ok(Vec::new()) };
    // Of a table that was made anew all is news; the files of the old one are gone.
    let before: &[DataFile] = before.filter(|before| before.id == after.id).map_or(&[], |before| &before.files);
    let paths = |files: &[DataFile]| files.iter().map(|file| file.path.clone()).collect::<HashSet<_>>();
    let (had, has) = (paths(before), paths(&after.files));
    let came: Vec<_> = after.files.iter().filter(|file| !had.contains(&file.path)).cloned().collect();
    let went: Vec<_> = before.iter().filter(|file| !has.contains(&file.path)).cloned().collect();
    if came.is_empty() {
        return Ok(Vec::new());
    }
    let rows = |files: &[DataFile]| engine.context().read_table(scan::provider(engine.lake(), table.schema(), files));
    let mut news = rows(&came)?.filter(condition)?;
    if !went.is_empty() {
        let known = rows(&went)?.select(vec![col("id").alias("known")])?;
        news = news.join(known, JoinType::LeftAnti, &["id"], &["known"], None)?;
    }
    let news = news.sort(vec![col("started_at").sort(true, false), col("id").sort(true, false)])?;
    let batches = engine.collect(news).await?;
    let read = |batch| (0..RecordBatch::num_rows(batch)).filter_map(move |row| Ingestion::read(batch, row));
    Ok(batches.iter().flat_map(read).collect())
}

async fn read(asking: &Asking, condition: Expr, all: Expr, limit: usize) -> anyhow::Result<(Vec<Ingestion>, u64)> {
    let (Some(table), Some(version)) = (model::table("ingestions"), asking.snapshot.tables.get("ingestions")) else {
        return Ok((Vec::new(), 0));
    };
    let engine = &asking.engine;
    let frame = || engine.context().read_table(scan::provider(engine.lake(), table.schema(), &version.files));
    let order = vec![col("started_at").sort(false, false), col("id").sort(true, false)];
    let page = frame()?.filter(condition)?.sort(order)?.limit(0, Some(limit))?;
    let total = frame()?.filter(all)?.aggregate(vec![], vec![count(lit(1))])?;
    let (page, total) = futures::future::try_join(engine.collect(page), engine.collect(total)).await?;
    let mut rows = Vec::new();
    for batch in &page {
        for row in 0..batch.num_rows() {
            rows.extend(Ingestion::read(batch, row));
        }
    }
    let total = total.first().map_or(0, |batch| batch.column(0).as_primitive::<Int64Type>().value(0));
    Ok((rows, total.unsigned_abs()))
}

impl Ingestion {
    fn read(batch: &RecordBatch, row: usize) -> Option<Ingestion> {
        let text = |name: &str| {
            let column = batch.column_by_name(name)?.as_string_opt::<i32>()?;
            column.is_valid(row).then(|| column.value(row).to_owned())
        };
        let number = |name: &str| {
            let column = batch.column_by_name(name)?.as_primitive_opt::<Int64Type>()?;
            column.is_valid(row).then(|| column.value(row))
        };
        let started = batch.column_by_name("started_at")?.as_primitive_opt::<TimestampMicrosecondType>()?;
        Some(Ingestion {
            key: text("id")?,
            file: text("file")?,
            table: text("table"),
            status: if text("status")? == "APPLIED" { IngestionStatus::Applied } else { IngestionStatus::Refused },
            rows_read: number("rows_read")?,
            inserted: number("inserted")?,
            updated: number("updated")?,
            unchanged: number("unchanged")?,
            refused: number("refused")?,
            bytes: number("bytes")?,
            started_at: DateTime::from_timestamp_micros(started.value(row))?,
            took_ms: number("took_ms")?,
            retries: number("retries")?,
            table_version: number("table_version"),
            error: text("error"),
            notices: text("notices"),
        })
    }
}
