//! The table `edits`, read and written: what changes made of each document, in their order. The state at any time is what
//! the edits up to then made.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray, new_null_array,
};
use arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use chrono::{DateTime, Utc};
use datafusion::common::ScalarValue;
use datafusion::dataframe::DataFrame;
use datafusion::prelude::{Expr, SessionContext, col, lit};
use futures::TryStreamExt;
use object_store::path::Path;

use super::document::Kind;
use super::draft::Edit;
use super::records::Records;
use crate::lake::{DataFile, Lake, Snapshot, append, scan};
use crate::model::{self, Table};

/// Who makes a change, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    pub actor: String,
    pub door: Door,
}

/// Through which door a change comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
pub enum Door {
    /// The GraphQL API.
    Graphql,
    /// A plain HTTP address.
    Http,
    /// The command line.
    Cli,
    /// The server itself.
    System,
}

/// What is said of a change beside its edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// Number of the change.
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub author: Author,
    /// What is done, in UPPER_SNAKE.
    pub action: String,
    /// The change in a sentence.
    pub summary: String,
}

/// One row of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub door: Door,
    pub action: String,
    pub summary: Option<String>,
    pub edit: Edit,
}

/// The records as they were read last, brought up to date by what is new in the table.
#[derive(Debug, Default)]
pub struct Newest {
    records: Arc<Records>,
    /// The Delta table and its data files that `records` comes from.
    of: Option<(String, BTreeSet<Path>)>,
}

impl Door {
    const ALL: [Door; 4] = [Door::Graphql, Door::Http, Door::Cli, Door::System];

    /// The word in `edits.door`.
    pub fn name(self) -> &'static str {
        match self {
            Door::Graphql => "GRAPHQL",
            Door::Http => "HTTP",
            Door::Cli => "CLI",
            Door::System => "SYSTEM",
        }
    }
}

impl Newest {
    /// The records of a snapshot. Data files never change, and rows are only ever added, so of new files only the changes
    /// that are not known yet count; where the snapshot is older than what is known, all is read anew.
    pub async fn at(&mut self, lake: &Lake, snapshot: &Snapshot) -> Result<Arc<Records>> {
        let Some(version) = snapshot.tables.get(&table().name) else {
            *self = Newest::default();
            return Ok(Arc::clone(&self.records));
        };
        let current: BTreeSet<Path> = version.files.iter().map(|file| file.path.clone()).collect();
        let known = match self.of.take() {
            Some((id, files)) if id == version.id && files == current => {
                self.of = Some((id, files));
                return Ok(Arc::clone(&self.records));
            }
            Some((id, files)) if id == version.id => files,
            _ => {
                self.records = Arc::default();
                BTreeSet::new()
            }
        };
        let new: Vec<DataFile> = version.files.iter().filter(|file| !known.contains(&file.path)).cloned().collect();
        let newest_of = |entries: &[Entry]| entries.iter().map(|entry| entry.seq).max().unwrap_or(0);
        let mut entries = read(lake, &new, Some(col("seq").gt(lit(self.records.seq)))).await?;
        let all_known_are_there = known.is_subset(&current);
        if !all_known_are_there && newest_of(&entries) <= self.records.seq {
            // Files were joined, or the snapshot is an older one: only a whole reading tells.
            self.records = Arc::default();
            entries = read(lake, &version.files, None).await?;
        }
        let mut records = Records::clone(&self.records);
        replay(&mut records, entries)?;
        self.records = Arc::new(records);
        self.of = Some((version.id.clone(), current));
        Ok(Arc::clone(&self.records))
    }
}

/// The records as they were at a time.
pub async fn records_at(lake: &Lake, snapshot: &Snapshot, at: DateTime<Utc>) -> Result<Records> {
    let until = ScalarValue::TimestampMicrosecond(Some(at.timestamp_micros()), Some("UTC".into()));
    let mut records = Records::default();
    replay(&mut records, entries(lake, snapshot, Some(col("at").lt_eq(lit(until)))).await?)?;
    Ok(records)
}

/// The records as the change of a number left them.
pub async fn records_until(lake: &Lake, snapshot: &Snapshot, seq: i64) -> Result<Records> {
    let mut records = Records::default();
    replay(&mut records, entries(lake, snapshot, Some(col("seq").lt_eq(lit(seq)))).await?)?;
    Ok(records)
}

/// Entries of the journal that pass a filter on the columns of `edits`, by change, kind and key.
pub async fn entries(lake: &Lake, snapshot: &Snapshot, filter: Option<Expr>) -> Result<Vec<Entry>> {
    match snapshot.tables.get(&table().name) {
        None => Ok(Vec::new()),
        Some(version) => read(lake, &version.files, filter).await,
    }
}

/// Writes a change at exactly the snapshot's version of the table. Whether it was done: where
/// another change came first, nothing is written.
pub async fn write(lake: &Lake, snapshot: &Snapshot, heading: &Heading, edits: &[Edit]) -> Result<bool> {
    let read = snapshot.tables.get(&table().name).map(|version| version.version);
    let rows = batch(heading, edits)?;
    Ok(append(lake, table(), read, rows).await.context("the change could not be written")?.is_some())
}

fn replay(records: &mut Records, mut entries: Vec<Entry>) -> Result<()> {
    entries.retain(|entry| entry.seq > records.seq);
    for entry in &entries {
        let Edit { kind, key, value } = &entry.edit;
        records
            .apply(*kind, key, value.as_deref())
            .with_context(|| format!("change {} of the table edits", entry.seq))?;
    }
    records.seq = entries.last().map_or(records.seq, |entry| entry.seq);
    Ok(())
}

async fn read(lake: &Lake, files: &[DataFile], filter: Option<Expr>) -> Result<Vec<Entry>> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = frame(lake, files)?;
    if let Some(filter) = filter {
        rows = rows.filter(filter)?;
    }
    let mut entries = collect(rows).await?;
    entries.sort_by(|a, b| (a.seq, a.edit.kind, &a.edit.key).cmp(&(b.seq, b.edit.kind, &b.edit.key)));
    Ok(entries)
}

/// The rows of data files of the table.
pub(super) fn frame(lake: &Lake, files: &[DataFile]) -> Result<DataFrame> {
    let ctx = SessionContext::new();
    scan::register_store(lake, &ctx);
    Ok(ctx.read_table(scan::provider(lake, table().schema(), files))?)
}

/// The entries of a frame over the table, in its order.
pub(super) async fn collect(rows: DataFrame) -> Result<Vec<Entry>> {
    let batches: Vec<RecordBatch> = rows.execute_stream().await?.try_collect().await.context("the table edits")?;
    let mut entries = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in &batches {
        read_batch(batch, &mut entries)?;
    }
    Ok(entries)
}

fn read_batch(batch: &RecordBatch, entries: &mut Vec<Entry>) -> Result<()> {
    let column = |name: &str| batch.column_by_name(name).with_context(|| format!("edits has no {name}"));
    let texts = |name: &str| -> Result<ArrayRef> { Ok(arrow::compute::cast(column(name)?, &DataType::Utf8)?) };
    let (actor, door, action) = (texts("actor")?, texts("door")?, texts("action")?);
    let (summary, kind, key, value) = (texts("summary")?, texts("kind")?, texts("key")?, texts("value")?);
    let seq = column("seq")?.as_primitive_opt::<Int64Type>().context("edits.seq is not Int64")?;
    let at = column("at")?.as_primitive_opt::<TimestampMicrosecondType>().context("edits.at is no timestamp")?;
    let text = |array: &ArrayRef, row: usize| {
        let array = array.as_string::<i32>();
        array.is_valid(row).then(|| array.value(row).to_owned())
    };
    for row in 0..batch.num_rows() {
        let required = |array: &ArrayRef, name: &str| text(array, row).with_context(|| format!("edits.{name} is null"));
        let (door, kind) = (required(&door, "door")?, required(&kind, "kind")?);
        let edit = Edit {
            kind: Kind::ALL.into_iter().find(|k| k.name() == kind).with_context(|| format!("edits.kind: {kind:?}"))?,
            key: required(&key, "key")?,
            value: text(&value, row),
        };
        entries.push(Entry {
            seq: seq.value(row),
            at: DateTime::from_timestamp_micros(at.value(row)).context("edits.at is out of range")?,
            actor: required(&actor, "actor")?,
            door: Door::ALL.into_iter().find(|d| d.name() == door).with_context(|| format!("edits.door: {door:?}"))?,
            action: required(&action, "action")?,
            summary: text(&summary, row),
            edit,
        });
    }
    Ok(())
}

fn batch(heading: &Heading, edits: &[Edit]) -> Result<RecordBatch> {
    let Heading { seq, at, author, action, summary } = heading;
    let same = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text; edits.len()])) };
    let texts = |value: &dyn Fn(usize, &Edit) -> Option<String>| -> ArrayRef {
        Arc::new(edits.iter().enumerate().map(|(i, edit)| value(i, edit)).collect::<StringArray>())
    };
    let times = || -> ArrayRef {
        let micros = vec![at.timestamp_micros(); edits.len()];
        Arc::new(TimestampMicrosecondArray::from(micros).with_timezone("UTC"))
    };
    let columns = table().columns.iter().map(|column| match column.name.as_str() {
        "source" => same("throughline"),
        "id" => texts(&|i, _| Some(format!("{seq:010}-{i:06}"))),
        "updated_at" | "at" => times(),
        "seq" => Arc::new(Int64Array::from(vec![*seq; edits.len()])),
        "actor" => same(&author.actor),
        "door" => same(author.door.name()),
        "action" => same(action),
        "summary" => same(summary),
        "kind" => texts(&|_, edit| Some(edit.kind.name().to_owned())),
        "key" => texts(&|_, edit| Some(edit.key.clone())),
        "value" => texts(&|_, edit| edit.value.clone()),
        _ => new_null_array(&column.kind.arrow(), edits.len()),
    });
    Ok(RecordBatch::try_new(table().schema(), columns.collect())?)
}

pub(super) fn table() -> &'static Table {
    model::table(model::EDITS).expect("edits is a table of the model")
}
