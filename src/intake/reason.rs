//! Why a file is refused: one `Reason` for each column and kind of fault, in words that a person can act on.

use std::fmt;

use serde::Serialize;

/// What kind of fault it is. The names are part of the report under `rejected/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// Lies outside any table's folder.
    NotInATable,
    /// The folder is no table of the contract.
    UnknownTable,
    /// The table is written by Throughline itself.
    InternalTable,
    /// The name does not end in `.parquet`.
    NotAParquetName,
    NotParquet,
    /// Begins like Parquet and does not end like it.
    Truncated,
    Encrypted,
    /// The decoder gave up: damaged, or a feature that is not supported.
    Unreadable,
    TooLarge,
    NoRows,
    MissingColumn,
    DuplicateColumn,
    WrongType,
    Null,
    EmptyKey,
    NotATime,
    TimeOutOfRange,
    InTheFuture,
    NotAllowed,
    BelowMinimum,
    NotFinite,
    /// A number that the column's type cannot hold exactly.
    Inexact,
    NotUtf8,
}

/// One reason to refuse a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    pub kind: Kind,
    /// The column it is about; none: the file as a whole.
    pub column: Option<Box<str>>,
    /// How many rows are concerned; 0 where the fault is not in rows.
    pub count: u64,
    /// The first few of those rows; the file's first row is 1.
    pub rows: Vec<u64>,
    pub found: String,
    pub allowed: String,
    pub remedy: &'static str,
}

impl Reason {
    /// A reason about the file as a whole.
    pub fn file(kind: Kind, found: impl Into<String>, allowed: impl Into<String>, remedy: &'static str) -> Reason {
        Reason { kind, column: None, count: 0, rows: Vec::new(), found: found.into(), allowed: allowed.into(), remedy }
    }

    /// The same about one column.
    pub fn about(mut self, column: &str) -> Reason {
        self.column = Some(column.into());
        self
    }
}

/// One line: what was found and where, what is allowed, what to do.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(column) = &self.column {
            write!(f, "column {column}: ")?;
        }
        f.write_str(&self.found)?;
        if self.count > 0 {
            let rows: Vec<String> = self.rows.iter().map(u64::to_string).collect();
            let more = if self.count > self.rows.len() as u64 { ", ..." } else { "" };
            let noun = if self.count == 1 { "row" } else { "rows" };
            write!(f, " in {} {noun} ({}{more})", self.count, rows.join(", "))?;
        }
        write!(f, "; allowed: {}. {}", self.allowed, self.remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_reads_as_a_sentence() {
        let mut reason = Reason::file(Kind::Null, "null", "a value", "Write one.").about("author");
        reason.count = 9;
        reason.rows = vec![1, 4, 7];
        assert_eq!(reason.to_string(), "column author: null in 9 rows (1, 4, 7, ...); allowed: a value. Write one.");
    }
}
