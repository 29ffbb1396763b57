//! What intake did with each file: the rows of the table `ingestions`, and the set of files that it holds already.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::{
    ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray, new_null_array,
};
use chrono::{DateTime, SecondsFormat, Utc};
use datafusion::prelude::{SessionContext, col};
use futures::TryStreamExt;
use object_store::path::Path;
use serde::{Serialize, Serializer};

use crate::lake::{DataFile, Incoming, Lake, Snapshot, merge, scan};
use crate::model::{self, Table};

/// The outcome of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ingestion {
    /// Identity of the file: its path, size and entity tag.
    pub id: String,
    /// Path below the lake's root.
    pub file: String,
    /// The folder below `landing/`; none: it lies in no folder.
    pub table: Option<String>,
    pub status: Status,
    pub rows_read: u64,
    pub inserted: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Rows with a fault.
    pub refused: u64,
    /// Size of the file.
    pub bytes: u64,
    #[serde(serialize_with = "rfc3339")]
    pub started_at: DateTime<Utc>,
    pub took_ms: u64,
    /// How often the commit was tried again because another writer came first.
    pub retries: u32,
    /// Version of the table that holds its rows, where this run made one.
    pub table_version: Option<u64>,
    /// Every reason of a refusal, one a line.
    pub error: Option<String>,
    /// What was let pass, one a line.
    pub notices: Option<String>,
}

/// Whether the rows of a file are in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    Applied,
    Refused,
}

impl Ingestion {
    /// Whether nothing of the file is in the lake.
    pub fn is_refused(&self) -> bool {
        self.status == Status::Refused
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Status::Applied => "APPLIED",
            Status::Refused => "REFUSED",
        })
    }
}

/// One line for a terminal, then each reason and notice on its own.
impl fmt::Display for Ingestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ingestion { file, status, rows_read, inserted, updated, unchanged, refused, .. } = self;
        write!(f, "{file}: {status}, {rows_read} rows")?;
        match status {
            Status::Applied => write!(f, " ({inserted} inserted, {updated} updated, {unchanged} unchanged)")?,
            Status::Refused => write!(f, " ({refused} with a fault)")?,
        }
        self.error.iter().flat_map(|text| text.lines()).try_for_each(|line| write!(f, "\n  fault: {line}"))?;
        self.notices.iter().flat_map(|text| text.lines()).try_for_each(|line| write!(f, "\n  notice: {line}"))
    }
}

/// Writes outcomes to the table, in one commit. Writing the same file's again replaces it.
pub async fn record(lake: &Lake, outcomes: &[Ingestion], now: DateTime<Utc>) -> Result<()> {
    if outcomes.is_empty() {
        return Ok(());
    }
    let table = table();
    let rows = vec![batch(table, outcomes, now)?];
    let incoming = Incoming { file: format!("ingestions of {}", outcomes[0].id), rows };
    merge(lake, table, vec![incoming]).await.context("the outcomes of intake could not be recorded")?;
    Ok(())
}

/// The identities of all recorded files, kept between runs and brought up to date by what is new in the table.
#[derive(Debug, Default)]
pub struct Recorded {
    ids: HashSet<String>,
    /// The Delta table and its data files that `ids` comes from.
    of: Option<(String, BTreeSet<Path>)>,
}

impl Recorded {
    /// Whether a file needs nothing more.
    pub fn contains(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// Reads what the snapshot has and this has not. Data files never change, so a known one is not read again; where one
    /// is gone (compaction, a row that somebody removed so that a file is taken in again) all are read.
    pub async fn refresh(&mut self, lake: &Lake, snapshot: &Snapshot) -> Result<()> {
        let Some(version) = snapshot.tables.get(&table().name) else {
            *self = Recorded::default();
            return Ok(());
        };
        let current: BTreeSet<Path> = version.files.iter().map(|file| file.path.clone()).collect();
        let known = match self.of.take() {
            Some((id, files)) if id == version.id && files.is_subset(&current) => files,
            _ => {
                self.ids.clear();
                BTreeSet::new()
            }
        };
        let new: Vec<DataFile> = version.files.iter().filter(|file| !known.contains(&file.path)).cloned().collect();
        // On an error `of` stays empty, and the next time all are read.
        self.ids.extend(ids(lake, &new).await.context("the table ingestions cannot be read")?);
        self.of = Some((version.id.clone(), current));
        Ok(())
    }
}

async fn ids(lake: &Lake, files: &[DataFile]) -> Result<Vec<String>> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let ctx = SessionContext::new();
    scan::register_store(lake, &ctx);
    let rows = ctx.read_table(scan::provider(lake, table().schema(), files))?;
    let rows = rows.filter(col("deleted").is_not_true())?.select_columns(&["id"])?;
    let batches: Vec<RecordBatch> = rows.execute_stream().await?.try_collect().await?;
    let mut ids = Vec::new();
    for batch in batches {
        let column = arrow::compute::cast(batch.column(0), &arrow::datatypes::DataType::Utf8)?;
        ids.extend(column.as_string::<i32>().iter().flatten().map(str::to_owned));
    }
    Ok(ids)
}

fn table() -> &'static Table {
    model::table("ingestions").expect("ingestions is a table of the model")
}

fn batch(table: &Table, outcomes: &[Ingestion], now: DateTime<Utc>) -> Result<RecordBatch> {
    fn texts<'a, T: AsRef<str>>(all: &'a [Ingestion], value: impl Fn(&'a Ingestion) -> Option<T>) -> ArrayRef {
        Arc::new(all.iter().map(value).collect::<StringArray>())
    }
    let ints = |value: fn(&Ingestion) -> Option<u64>| -> ArrayRef {
        let value = |outcome| value(outcome).map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        Arc::new(outcomes.iter().map(value).collect::<Int64Array>())
    };
    let times = |value: &dyn Fn(&Ingestion) -> DateTime<Utc>| -> ArrayRef {
        let micros = outcomes.iter().map(|outcome| Some(value(outcome).timestamp_micros()));
        Arc::new(micros.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
    };
    let columns = table.columns.iter().map(|column| match column.name.as_str() {
        "source" => texts(outcomes, |_| Some("intake")),
        "id" => texts(outcomes, |o| Some(&o.id)),
        "updated_at" => times(&|_| now),
        "file" => texts(outcomes, |o| Some(&o.file)),
        "table" => texts(outcomes, |o| o.table.as_ref()),
        "status" => texts(outcomes, |o| Some(o.status.to_string())),
        "rows_read" => ints(|o| Some(o.rows_read)),
        "inserted" => ints(|o| Some(o.inserted)),
        "updated" => ints(|o| Some(o.updated)),
        "unchanged" => ints(|o| Some(o.unchanged)),
        "refused" => ints(|o| Some(o.refused)),
        "bytes" => ints(|o| Some(o.bytes)),
        "started_at" => times(&|o| o.started_at),
        "took_ms" => ints(|o| Some(o.took_ms)),
        "retries" => ints(|o| Some(u64::from(o.retries))),
        "table_version" => ints(|o| o.table_version),
        "error" => texts(outcomes, |o| o.error.as_ref()),
        "notices" => texts(outcomes, |o| o.notices.as_ref()),
        _ => new_null_array(&column.kind.arrow(), outcomes.len()),
    });
    Ok(RecordBatch::try_new(table.schema(), columns.collect())?)
}

fn rfc3339<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_fills_every_column_that_the_table_requires() {
        let outcome = Ingestion {
            id: "1".into(),
            file: "landing/x.parquet".into(),
            table: None,
            status: Status::Refused,
            rows_read: 3,
            inserted: 0,
            updated: 0,
            unchanged: 0,
            refused: 2,
            bytes: 100,
            started_at: DateTime::UNIX_EPOCH,
            took_ms: 5,
            retries: 0,
            table_version: None,
            error: Some("a\nb".into()),
            notices: None,
        };
        let batch = batch(table(), std::slice::from_ref(&outcome), DateTime::UNIX_EPOCH).expect("a batch");
        for (column, array) in table().columns.iter().zip(batch.columns()) {
            assert!(!column.required || array.null_count() == 0, "{}", column.name);
        }
        let text = "landing/x.parquet: REFUSED, 3 rows (2 with a fault)\n  fault: a\n  fault: b";
        assert_eq!(outcome.to_string(), text);
    }
}
