//! The step behind code rework: how many of the lines that a commit deletes from a file had been written to it not long
//! before.
//!
//! Rows come repository by repository, there in the order in which they were written. A file is followed through its
//! renames. What history by file can tell is a bound: of the lines that a commit deletes, as many may be young as were
//! written to that file in the days before.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use anyhow::Result;
use arrow::array::{Array, ArrayRef, AsArray, Int64Builder, RecordBatch, StringArray, StringBuilder};
use arrow::array::{BooleanArray, Int64Array, TimestampMicrosecondArray, TimestampMicrosecondBuilder};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef, TimeUnit, TimestampMicrosecondType};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::{DataFrame, SessionContext};
use futures::stream::try_unfold;
use futures::{StreamExt, TryStreamExt};

/// The ages, in days, up to which lines count as young.
pub const DAYS: [i64; 6] = [7, 14, 21, 30, 60, 90];

const DAY_MICROS: i64 = 86_400_000_000;

/// Columns of the fact: those of the SELECT that say what was done, and for each age the lines reworked.
pub fn schema() -> SchemaRef {
    let field = |name: &str, kind| Field::new(name, kind, true);
    let mut fields = vec![
        field("commit", DataType::Utf8),
        field("path", DataType::Utf8),
        field("previous_path", DataType::Utf8),
        field("authored_at", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))),
        field("additions", DataType::Int64),
        field("deletions", DataType::Int64),
    ];
    fields.extend(DAYS.map(|days| field(&format!("rework_{days}_days"), DataType::Int64)));
    Arc::new(Schema::new(fields))
}

/// The rows of the fact. `written` has (repository, authored_at, commit, path, previous_path, additions, deletions, writes), in the
/// order of the first four.
pub async fn follow(ctx: &SessionContext, written: DataFrame) -> Result<DataFrame> {
    let plan = written.create_physical_plan().await?;
    let table = StreamingTable::try_new(schema(), vec![Arc::new(Followed { plan, schema: schema() })])?;
    Ok(ctx.read_table(Arc::new(table))?)
}

/// The rows, computed while the SELECT's come in.
#[derive(Debug)]
struct Followed {
    plan: Arc<dyn ExecutionPlan>,
    schema: SchemaRef,
}

impl PartitionStream for Followed {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, ctx: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (plan, schema) = (Arc::clone(&self.plan), Arc::clone(&self.schema));
        let rows = async move {
            // The SELECT ends with ORDER BY: one stream, in order.
            let input = execute_stream(plan, ctx)?;
            Ok::<_, DataFusionError>(try_unfold((input, Some(Walk::default())), async |(mut input, walk)| {
                let Some(mut walk) = walk else { return Ok(None) };
                Ok(Some(match input.next().await.transpose()? {
                    Some(batch) => {
                        walk.take(&batch)?;
                        (walk.given()?, (input, Some(walk)))
                    }
                    None => {
                        walk.end_moment();
                        (walk.given()?, (input, None))
                    }
                }))
            }))
        };
        Box::pin(RecordBatchStreamAdapter::new(schema, futures::stream::once(rows).try_flatten()))
    }
}

/// What is known while walking through one repository after the other.
#[derive(Default)]
struct Walk {
    repository: Option<String>,
    /// The file that each path is at this moment.
    names: HashMap<String, usize>,
    files: Vec<File>,
    /// Rows of one moment: none of them was written before another.
    moment: Vec<Row>,
    given: Given,
}

/// Lines written to a file: when, and how many there had been in all by then.
#[derive(Default)]
struct File {
    writings: Vec<(i64, i64)>,
}

struct Row {
    at: Option<i64>,
    commit: String,
    path: String,
    previous_path: Option<String>,
    additions: i64,
    deletions: i64,
    /// Whether its lines count as written, and its rename as done; else it says again what others said.
    writes: bool,
}

impl File {
    /// Lines written after a moment.
    fn since(&self, moment: i64) -> i64 {
        let before = self.writings.partition_point(|(at, _)| *at <= moment);
        let total = self.writings.last().map_or(0, |(_, total)| *total);
        total - before.checked_sub(1).map_or(0, |last| self.writings[last].1)
    }

    fn write(&mut self, at: i64, lines: i64) {
        let total = self.writings.last().map_or(0, |(_, total)| *total);
        self.writings.push((at, total + lines));
    }
}

impl Walk {
    fn take(&mut self, batch: &RecordBatch) -> Result<(), DataFusionError> {
        let columns = Columns::of(batch)?;
        for row in 0..batch.num_rows() {
            let repository = columns.repository.is_valid(row).then(|| columns.repository.value(row));
            let at = columns.authored_at.is_valid(row).then(|| columns.authored_at.value(row));
            let same_repository = repository == self.repository.as_deref();
            if !same_repository || self.moment.first().is_some_and(|first| first.at != at) {
                self.end_moment();
            }
            if !same_repository {
                self.repository = repository.map(str::to_owned);
                self.names.clear();
                self.files.clear();
            }
            self.moment.push(columns.row(row, at));
        }
        Ok(())
    }

    /// Gives the rows of the moment, and remembers what they wrote.
    fn end_moment(&mut self) {
        let rows = std::mem::take(&mut self.moment);
        let Some(at) = rows.first().and_then(|row| row.at) else {
            rows.iter().for_each(|row| self.given.add(row, None));
            return;
        };
        for row in &rows {
            let file = self.names.get(row.previous_path.as_ref().unwrap_or(&row.path)).map(|file| &self.files[*file]);
            let young = |days| row.deletions.min(file.map_or(0, |file| file.since(at - days * DAY_MICROS)));
            self.given.add(row, Some(DAYS.map(young)));
        }
        // The same change under another sha (rebased, picked) has the author's time and the lines, and was written once.
        let (mut known, mut written) = (HashSet::new(), Vec::new());
        for row in rows.iter().filter(|row| row.writes) {
            if known.insert((&row.path, &row.previous_path, row.additions, row.deletions)) {
                written.push(row);
            }
        }
        self.rename(&written);
        for row in written {
            let file = self.file(&row.path);
            self.files[file].write(at, row.additions);
        }
    }

    /// Moves files to their new paths. All leave before any arrives: two may change places. A file whose old path is not
    /// known begins anew.
    fn rename(&mut self, rows: &[&Row]) {
        let renames = || rows.iter().filter_map(|row| Some((row.previous_path.as_ref()?, row)));
        let mut left = HashMap::new();
        for (from, _) in renames() {
            if let Some(file) = self.names.remove(from) {
                left.insert(from, file);
            }
        }
        for (from, row) in renames() {
            match left.get(from) {
                Some(file) => self.names.insert(row.path.clone(), *file),
                None => self.names.remove(&row.path),
            };
        }
    }

    fn file(&mut self, path: &str) -> usize {
        if let Some(file) = self.names.get(path) {
            return *file;
        }
        self.files.push(File::default());
        self.names.insert(path.to_owned(), self.files.len() - 1);
        self.files.len() - 1
    }

    /// The rows done so far.
    fn given(&mut self) -> Result<RecordBatch, DataFusionError> {
        std::mem::take(&mut self.given).finish()
    }
}

/// The columns of a batch of the SELECT.
struct Columns<'b> {
    repository: &'b StringArray,
    authored_at: &'b TimestampMicrosecondArray,
    commit: &'b StringArray,
    path: &'b StringArray,
    previous_path: &'b StringArray,
    additions: &'b Int64Array,
    deletions: &'b Int64Array,
    writes: &'b BooleanArray,
}

impl<'b> Columns<'b> {
    fn of(batch: &'b RecordBatch) -> Result<Columns<'b>, DataFusionError> {
        let column = |name: &str| {
            batch.column_by_name(name).ok_or_else(|| DataFusionError::Internal(format!("written files have no {name}")))
        };
        Ok(Columns {
            repository: column("repository")?.as_string(),
            authored_at: column("authored_at")?.as_primitive::<TimestampMicrosecondType>(),
            commit: column("commit")?.as_string(),
            path: column("path")?.as_string(),
            previous_path: column("previous_path")?.as_string(),
            additions: column("additions")?.as_primitive::<Int64Type>(),
            deletions: column("deletions")?.as_primitive::<Int64Type>(),
            writes: column("writes")?.as_boolean(),
        })
    }

    fn row(&self, row: usize, at: Option<i64>) -> Row {
        Row {
            at,
            commit: self.commit.value(row).to_owned(),
            path: self.path.value(row).to_owned(),
            previous_path: self.previous_path.is_valid(row).then(|| self.previous_path.value(row).to_owned()),
            additions: self.additions.value(row),
            deletions: self.deletions.value(row),
            writes: self.writes.is_valid(row) && self.writes.value(row),
        }
    }
}

/// Rows of the fact in the making.
struct Given {
    commit: StringBuilder,
    path: StringBuilder,
    previous_path: StringBuilder,
    authored_at: TimestampMicrosecondBuilder,
    additions: Int64Builder,
    deletions: Int64Builder,
    rework: [Int64Builder; DAYS.len()],
}

impl Default for Given {
    fn default() -> Given {
        Given {
            commit: StringBuilder::new(),
            path: StringBuilder::new(),
            previous_path: StringBuilder::new(),
            authored_at: TimestampMicrosecondBuilder::new().with_timezone("UTC"),
            additions: Int64Builder::new(),
            deletions: Int64Builder::new(),
            rework: Default::default(),
        }
    }
}

impl Given {
    fn add(&mut self, row: &Row, rework: Option<[i64; DAYS.len()]>) {
        self.commit.append_value(&row.commit);
        self.path.append_value(&row.path);
        self.previous_path.append_option(row.previous_path.as_ref());
        self.authored_at.append_option(row.at);
        self.additions.append_value(row.additions);
        self.deletions.append_value(row.deletions);
        for (place, lines) in self.rework.iter_mut().enumerate() {
            lines.append_option(rework.map(|rework| rework[place]));
        }
    }

    fn finish(mut self) -> Result<RecordBatch, DataFusionError> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.commit.finish()),
            Arc::new(self.path.finish()),
            Arc::new(self.previous_path.finish()),
            Arc::new(self.authored_at.finish()),
            Arc::new(self.additions.finish()),
            Arc::new(self.deletions.finish()),
        ];
        columns.extend(self.rework.iter_mut().map(|lines| Arc::new(lines.finish()) as ArrayRef));
        Ok(RecordBatch::try_new(schema(), columns)?)
    }
}
