//! Counts the faults of a file's rows while its batches go by, and turns them into reasons at the end.
//! Keeps the first few of each column and kind, so that a million bad rows cost no more than ten.

use std::collections::BTreeMap;

use crate::model::{Column, ColumnType, Table};

use super::reason::{Kind, Reason};

/// How many row numbers, and how many different values, a reason shows.
const SHOWN: usize = 5;

/// The faults found in one file so far.
#[derive(Debug, Default)]
pub struct Faults {
    /// Rows of the batches before this one.
    before: u64,
    /// For each row of this batch, whether it has a fault.
    bad: Vec<bool>,
    refused: u64,
    /// By column (its position in the table) and kind.
    found: BTreeMap<(usize, Kind), Found>,
}

#[derive(Debug, Default)]
struct Found {
    count: u64,
    rows: Vec<u64>,
    values: Vec<String>,
}

impl Faults {
    /// A batch of that many rows begins.
    pub fn begin(&mut self, rows: usize) {
        self.bad = vec![false; rows];
    }

    /// The batch is done.
    pub fn end(&mut self) {
        self.before += self.bad.len() as u64;
        self.refused += self.bad.iter().filter(|bad| **bad).count() as u64;
    }

    /// A fault in a row of this batch. `value` is asked for only while it would be shown.
    pub fn note(&mut self, column: usize, kind: Kind, row: usize, value: impl FnOnce() -> String) {
        self.bad[row] = true;
        let found = self.found.entry((column, kind)).or_default();
        found.count += 1;
        if found.rows.len() < SHOWN {
            found.rows.push(self.before + row as u64 + 1);
            let value = value();
            if !found.values.contains(&value) {
                found.values.push(value);
            }
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Rows with at least one fault.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// One reason for each column and kind, in the order of the table's columns.
    pub fn reasons(self, table: &Table) -> Vec<Reason> {
        self.found
            .into_iter()
            .map(|((position, kind), found)| {
                let column = &table.columns[position];
                let (allowed, remedy) = words(kind, column);
                Reason {
                    kind,
                    column: Some(column.name.as_str().into()),
                    count: found.count,
                    rows: found.rows,
                    found: found.values.join(", "),
                    allowed,
                    remedy,
                }
            })
            .collect()
    }
}

/// What is allowed in the column, and what to do.
fn words(kind: Kind, column: &Column) -> (String, &'static str) {
    let (allowed, remedy): (String, &'static str) = match kind {
        Kind::MissingColumn if is_key(column) => ("a value in every row".into(), "Add the column."),
        Kind::MissingColumn => ("a value in every row that is not a tombstone".into(), "Add the column."),
        Kind::Null if is_key(column) => ("a value in every row".into(), "Fill it in, or leave these rows out."),
        Kind::Null => (
            "a value in every row that is not a tombstone".into(),
            "Fill it in, leave these rows out, or set deleted = true if they are gone.",
        ),
        Kind::EmptyKey => ("text that is not empty".into(), "Give every row its source and its id."),
        Kind::NotATime => (
            "RFC 3339 with an offset, such as 2026-03-01T12:00:00Z".into(),
            "Write a timestamp column, or RFC 3339 strings.",
        ),
        Kind::TimeOutOfRange => (
            "1970-01-01 up to, and without, 2200-01-01, UTC".into(),
            "Correct it, or write null where it is not known.",
        ),
        Kind::InTheFuture => (
            "at most 2 days after the time of intake".into(),
            "The latest updated_at wins, so a future one would hide all later changes. Correct it.",
        ),
        Kind::NotAllowed => (column.values.join(", "), "Write one of the allowed values, in capitals."),
        Kind::BelowMinimum => {
            (format!("{} or more", column.min.unwrap_or_default()), "Correct it, or write null where it is not known.")
        }
        Kind::NotFinite => ("a finite number".into(), "Write null where the number is not known."),
        Kind::Inexact if column.kind == ColumnType::Int => {
            ("whole numbers of 64 bits (floats: up to 2^53)".into(), "Round it in the export, or write integers.")
        }
        Kind::Inexact => ("integers up to 2^53, or floats".into(), "Write the column as a 64-bit float."),
        Kind::TooLarge => ("strings within the limit for one value".into(), "Shorten the text."),
        // These are said about the file, with words of their own.
        _ => (accepted(column.kind).into(), "Correct the file."),
    };
    (allowed, remedy)
}

fn is_key(column: &Column) -> bool {
    super::rules::KEYS.contains(&column.name.as_str())
}

/// The Arrow and Parquet types that a column of the contract accepts.
pub fn accepted(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::String => "string (plain, large, view or dictionary)",
        ColumnType::Timestamp => "timestamp of any unit and zone, date, or RFC 3339 string",
        ColumnType::Int => "integer of any width, or whole float or decimal",
        ColumnType::Float => "float of any width, integer or decimal",
        ColumnType::Bool => "boolean",
        ColumnType::StringList => "list of strings (plain, large, view or fixed size)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_once_and_numbered_from_one_over_batches() {
        let table = crate::model::table("reviews").expect("reviews");
        let mut faults = Faults::default();
        for _ in 0..3 {
            faults.begin(4);
            faults.note(0, Kind::Null, 1, || "null".into());
            faults.note(1, Kind::EmptyKey, 1, || "\"\"".into());
            faults.note(1, Kind::EmptyKey, 3, || "\"\"".into());
            faults.end();
        }
        assert_eq!(faults.refused(), 6);
        let reasons = faults.reasons(table);
        assert_eq!(reasons[0].rows, [2, 6, 10]);
        assert_eq!((reasons[1].count, reasons[1].rows.as_slice()), (6, [2, 4, 6, 8, 10].as_slice()));
    }
}
