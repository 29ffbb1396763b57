//! The verdict on one file: its rows in the lake's types, or every reason why not. Pure: fed with batches.

use anyhow::{Context, Result, bail};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, new_null_array};
use chrono::{DateTime, Utc};

use crate::model::Table;

use super::cast::{cast, decoded_size};
use super::columns::{From, Mapping};
use super::faults::Faults;
use super::limits::Limits;
use super::pages::too_large;
use super::reason::{Kind, Reason};
use super::rules::Rules;

/// What came out of a file.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Rows in the file.
    pub rows_read: u64,
    /// Rows with a fault; all of them where the fault is in the file.
    pub refused: u64,
    /// Why it is refused; none: it is good.
    pub reasons: Vec<Reason>,
    pub notices: Vec<String>,
    /// The rows, exactly `Table::schema()`; none where the file is refused or only checked.
    pub rows: Vec<RecordBatch>,
    /// Bytes of `rows`, roughly.
    pub decoded_bytes: u64,
}

impl Verdict {
    /// A file that is refused before a row of it was seen.
    pub fn refused(reasons: Vec<Reason>) -> Verdict {
        Verdict { reasons, ..Verdict::default() }
    }

    /// Whether it can be merged.
    pub fn is_good(&self) -> bool {
        self.reasons.is_empty()
    }
}

/// Takes a file's batches one after the other.
pub struct Judge<'a> {
    table: &'a Table,
    rules: Vec<Rules<'a>>,
    /// For each column of the table, its position in the batches.
    from: Vec<Option<usize>>,
    missing: Vec<bool>,
    deleted: Option<usize>,
    limits: Limits,
    keeps_rows: bool,
    faults: Faults,
    verdict: Verdict,
}

/// Batches whose strings take more than this are cut in half before they are cast.
const CAST_AT_ONCE_BYTES: u64 = 256 << 20;

impl<'a> Judge<'a> {
    /// `mapping` is of the file's schema, while the batches hold only the `projected` columns of the file, in that order.
    /// `keeps_rows`: false to validate only.
    pub fn new(
        table: &'a Table,
        mapping: Mapping,
        projected: &[usize],
        now: DateTime<Utc>,
        limits: &Limits,
        keeps_rows: bool,
    ) -> Judge<'a> {
        let place = |from: &From| match from {
            From::File(at) => projected.iter().position(|p| p == at),
            From::Missing | From::WrongType(_) | From::Ambiguous => None,
        };
        let from: Vec<Option<usize>> = mapping.from.iter().map(place).collect();
        let deleted = table.columns.iter().position(|c| c.name == "deleted").and_then(|at| from[at]);
        Judge {
            table,
            rules: table.columns.iter().enumerate().map(|(i, column)| Rules::new(column, i, now)).collect(),
            from,
            missing: mapping.from.iter().map(|from| *from == From::Missing).collect(),
            deleted,
            limits: limits.clone(),
            keeps_rows,
            faults: Faults::default(),
            verdict: Verdict { reasons: mapping.reasons, notices: mapping.notices, ..Verdict::default() },
        }
    }

    /// Judges one batch. False: enough is known, the rest need not be read.
    ///
    /// Errors: none that a file can cause.
    pub fn batch(&mut self, batch: &RecordBatch) -> Result<bool> {
        let sizes = batch.columns().iter().map(|column| decoded_size(column));
        let (bytes, longest) = sizes.fold((0, 0), |(sum, most), (n, l)| (sum + n, l.max(most)));
        self.verdict.rows_read += batch.num_rows() as u64;
        self.verdict.decoded_bytes += bytes;
        if self.verdict.decoded_bytes > self.limits.max_decoded_bytes {
            let found = format!("{} bytes or more when decoded", self.verdict.decoded_bytes);
            self.refuse(too_large(found, format!("{} bytes", self.limits.max_decoded_bytes)));
            return Ok(false);
        }
        if longest > self.limits.max_value_bytes {
            let column = batch.columns().iter().position(|column| decoded_size(column).1 == longest);
            let name = column.map(|at| batch.schema_ref().field(at).name().clone()).unwrap_or_default();
            let allowed = format!("{} bytes for each value", self.limits.max_value_bytes);
            let reason =
                Reason::file(Kind::TooLarge, format!("a value of {longest} bytes"), allowed, "Shorten the text.");
            self.refuse(reason.about(&name));
            return Ok(false);
        }
        self.part(batch, bytes)?;
        Ok(true)
    }

    /// One more reason, about the file as a whole.
    pub fn refuse(&mut self, reason: Reason) {
        self.verdict.reasons.push(reason);
    }

    /// The verdict on all that was seen. `rows_read` as the footer says, where not all was decoded.
    pub fn finish(mut self, rows_read: u64) -> Verdict {
        let whole = !self.verdict.reasons.is_empty();
        self.verdict.rows_read = rows_read;
        self.verdict.refused = if whole { rows_read } else { self.faults.refused() };
        self.verdict.reasons.extend(self.faults.reasons(self.table));
        if !self.verdict.reasons.is_empty() {
            self.verdict.rows.clear();
        }
        self.verdict
    }

    fn part(&mut self, batch: &RecordBatch, bytes: u64) -> Result<()> {
        let rows = batch.num_rows();
        if bytes > CAST_AT_ONCE_BYTES && rows > 1 {
            let half = rows / 2;
            self.part(&batch.slice(0, half), bytes / 2)?;
            return self.part(&batch.slice(half, rows - half), bytes / 2);
        }
        let deleted = match self.deleted {
            Some(at) => batch.column(at).as_boolean_opt().cloned(),
            None => None,
        };
        self.faults.begin(rows);
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.table.columns.len());
        for (position, column) in self.table.columns.iter().enumerate() {
            let rules = &self.rules[position];
            let Some(at) = self.from[position] else {
                if self.missing[position] {
                    rules.missing(rows, deleted.as_ref(), &mut self.faults);
                }
                columns.push(new_null_array(&column.kind.arrow(), rows));
                continue;
            };
            let before = batch.column(at);
            let faults = &mut self.faults;
            let array = cast(before, column.kind, &mut |row, kind, value| faults.note(position, kind, row, value))
                .with_context(|| format!("column {}", column.name))?;
            rules.apply(&array, before, deleted.as_ref(), &mut self.faults);
            columns.push(array);
        }
        self.faults.end();
        if !self.keeps_rows || !self.faults.is_empty() || !self.verdict.reasons.is_empty() {
            self.verdict.rows.clear();
            return Ok(());
        }
        if columns.iter().any(|column| column.len() != rows) {
            bail!("a cast changed the number of rows");
        }
        self.verdict.rows.push(RecordBatch::try_new(self.table.schema(), columns)?);
        Ok(())
    }
}
