//! CSV as people write it, read by a table's declaration into Arrow rows. Every error names file, line and column.
//! What the rows mean is checked by intake, as for any other file; where they go is the caller's business.
//!
//! The header names columns of the table, in any order; columns left out are null, and so is an empty cell. Lists
//! are written `a;b`, times in RFC 3339, booleans `true` and `false`.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail, ensure};
use arrow::array::{
    ArrayRef, BooleanBuilder, Float64Builder, Int64Builder, ListBuilder, RecordBatch, StringBuilder,
    TimestampMicrosecondBuilder, new_null_array,
};
use chrono::DateTime;
use csv::{ReaderBuilder, StringRecord};

use crate::model::{Column, ColumnType, Table};

/// Reads `text` into rows of exactly `table.schema()`, in the order of the file. `file` is what errors call it.
///
/// # Errors
/// The first fault, as `file:line:column: what is wrong`: an unknown or repeated column, a row that is too short or
/// too long, a cell that is not of its column's type or not one of its allowed values, a required cell that is empty
/// (in a tombstone only the key is required).
pub fn read(table: &Table, file: &str, text: &str) -> Result<RecordBatch> {
    let mut reader = ReaderBuilder::new().from_reader(text.as_bytes());
    let header = reader.headers().with_context(|| format!("{file}:1"))?.clone();
    let places = places(table, &header).with_context(|| format!("{file}:1"))?;
    let mut rows = Vec::new();
    for record in reader.records() {
        // The parser's own message tells the line and what is wrong with it.
        let record = record.map_err(|error| anyhow!("{file}: {error}"))?;
        rows.push(record);
    }
    let deleted = table.columns.iter().zip(&places).find(|(c, _)| c.name == "deleted").and_then(|(_, place)| *place);
    let columns = table
        .columns
        .iter()
        .zip(&places)
        .map(|(column, place)| match place {
            Some(place) => cells(column, *place, deleted, &rows, file),
            None => Ok(new_null_array(&column.kind.arrow(), rows.len())),
        })
        .collect::<Result<Vec<_>>>()?;
    RecordBatch::try_new(table.schema(), columns).with_context(|| file.to_owned())
}

/// For each column of the table, its place in the file.
fn places(table: &Table, header: &StringRecord) -> Result<Vec<Option<usize>>> {
    for (i, name) in header.iter().enumerate() {
        ensure!(table.column(name).is_some(), "{name}: table {} has no such column", table.name);
        ensure!(header.iter().take(i).all(|earlier| earlier != name), "{name}: the column stands twice");
    }
    table
        .columns
        .iter()
        .map(|column| {
            let place = header.iter().position(|name| name == column.name);
            ensure!(place.is_some() || !column.required, "{}: the required column is missing", column.name);
            Ok(place)
        })
        .collect()
}

/// One column of all rows. `deleted` is the place of the column that marks a tombstone.
fn cells(column: &Column, place: usize, deleted: Option<usize>, rows: &[StringRecord], file: &str) -> Result<ArrayRef> {
    let mut values = Values::new(column.kind, rows.len());
    for row in rows {
        let cell = row.get(place).unwrap_or_default();
        let is_key = matches!(column.name.as_str(), "source" | "id" | "updated_at");
        let tombstone = deleted.and_then(|d| row.get(d)) == Some("true");
        check(column, cell, is_key || !tombstone).and_then(|()| values.push(cell)).map_err(|error| {
            let line = row.position().map_or(0, csv::Position::line);
            anyhow!("{file}:{line}:{}: {error}", column.name)
        })?;
    }
    Ok(values.finish())
}

/// Holds a cell against what the column allows beyond its type.
fn check(column: &Column, cell: &str, needed: bool) -> Result<()> {
    if cell.is_empty() {
        ensure!(!(column.required && needed), "a value is required");
        return Ok(());
    }
    if !column.values.is_empty() && !column.values.iter().any(|value| value == cell) {
        bail!("{cell:?} is not one of {}", column.values.join(", "));
    }
    if let (Some(min), Ok(number)) = (column.min, cell.parse::<f64>()) {
        ensure!(number >= min as f64, "{cell} is less than {min}");
    }
    Ok(())
}

/// A column under construction, one builder for each type the contract knows.
enum Values {
    String(StringBuilder),
    Timestamp(TimestampMicrosecondBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Bool(BooleanBuilder),
    StringList(ListBuilder<StringBuilder>),
}

impl Values {
    fn new(kind: ColumnType, rows: usize) -> Values {
        match kind {
            ColumnType::String => Values::String(StringBuilder::with_capacity(rows, rows * 16)),
            ColumnType::Timestamp => {
                Values::Timestamp(TimestampMicrosecondBuilder::with_capacity(rows).with_timezone("UTC"))
            }
            ColumnType::Int => Values::Int(Int64Builder::with_capacity(rows)),
            ColumnType::Float => Values::Float(Float64Builder::with_capacity(rows)),
            ColumnType::Bool => Values::Bool(BooleanBuilder::with_capacity(rows)),
            ColumnType::StringList => Values::StringList(ListBuilder::with_capacity(StringBuilder::new(), rows)),
        }
    }

    fn push(&mut self, cell: &str) -> Result<()> {
        let given = (!cell.is_empty()).then_some(cell);
        match self {
            Values::String(values) => values.append_option(given),
            Values::Timestamp(values) => values.append_option(given.map(micros).transpose()?),
            Values::Int(values) => values.append_option(given.map(|c| parsed::<i64>(c, "whole number")).transpose()?),
            Values::Float(values) => values.append_option(given.map(|c| parsed::<f64>(c, "number")).transpose()?),
            Values::Bool(values) => {
                values.append_option(given.map(|c| parsed::<bool>(c, "boolean (true or false)")).transpose()?);
            }
            Values::StringList(values) => match given {
                Some(list) => values.append_value(list.split(';').map(|item| Some(item.trim()))),
                None => values.append_null(),
            },
        }
        Ok(())
    }

    fn finish(self) -> ArrayRef {
        match self {
            Values::String(mut values) => Arc::new(values.finish()),
            Values::Timestamp(mut values) => Arc::new(values.finish()),
            Values::Int(mut values) => Arc::new(values.finish()),
            Values::Float(mut values) => Arc::new(values.finish()),
            Values::Bool(mut values) => Arc::new(values.finish()),
            Values::StringList(mut values) => Arc::new(values.finish()),
        }
    }
}

fn micros(cell: &str) -> Result<i64> {
    let time = DateTime::parse_from_rfc3339(cell).map_err(|error| anyhow!("{cell:?} is no RFC 3339 time: {error}"))?;
    Ok(time.timestamp_micros())
}

fn parsed<T: std::str::FromStr>(cell: &str, kind: &str) -> Result<T> {
    cell.parse().map_err(|_| anyhow!("{cell:?} is no {kind}"))
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::TimestampMicrosecondType;

    use super::*;
    use crate::model::table;

    fn pull_requests(text: &str) -> Result<RecordBatch> {
        read(table("pull_requests").expect("a table of the contract"), "pr.csv", text)
    }

    #[test]
    fn cells_become_values_of_their_columns() {
        let batch = pull_requests(
            "id,source,updated_at,repository,author,state,created_at,labels,draft,number\n\
             1,forge,2026-01-05T09:00:00Z,r,ann,OPEN,2026-01-05T10:00:00+01:00,bug;small,true,7\n\
             2,forge,2026-01-05T09:00:00Z,r,ann,OPEN,2026-01-05T09:00:00.5Z,,,\n",
        )
        .expect("the rows are right");
        assert_eq!(batch.schema(), table("pull_requests").expect("a table of the contract").schema());
        let created = batch["created_at"].as_primitive::<TimestampMicrosecondType>();
        assert_eq!(created.value(1) - created.value(0), 500_000, "an offset is taken off");
        let labels = batch["labels"].as_list::<i32>();
        assert_eq!(labels.value(0).as_string::<i32>().iter().flatten().collect::<Vec<_>>(), ["bug", "small"]);
        assert!(
            labels.is_null(1) && batch["draft"].is_null(1) && batch["number"].is_null(1) && batch["url"].is_null(0)
        );
    }

    #[test]
    fn a_tombstone_needs_only_its_key() {
        let text = "source,id,updated_at,deleted,repository,author,state,created_at\n\
                    forge,1,2026-01-05T09:00:00Z,true,,,,\n";
        assert_eq!(pull_requests(text).expect("a tombstone is a row").num_rows(), 1);
    }

    #[test]
    fn faults_name_file_line_and_column() {
        let head = "source,id,updated_at,repository,author,state,created_at,additions\n";
        let good = "forge,1,2026-01-05T09:00:00Z,r,ann,OPEN,2026-01-05T09:00:00Z,1\n";
        let wrong = |row: &str| pull_requests(&format!("{head}{good}{row}\n")).expect_err("a fault").to_string();
        assert_eq!(
            wrong("forge,2,2026-01-05T09:00:00Z,r,ann,DONE,2026-01-05T09:00:00Z,1"),
            "pr.csv:3:state: \"DONE\" is not one of OPEN, MERGED, CLOSED"
        );
        assert_eq!(
            wrong("forge,2,2026-01-05T09:00:00Z,r,,OPEN,2026-01-05T09:00:00Z,1"),
            "pr.csv:3:author: a value is required"
        );
        assert_eq!(
            wrong("forge,2,2026-01-05T09:00:00Z,r,ann,OPEN,2026-01-05T09:00:00Z,-1"),
            "pr.csv:3:additions: -1 is less than 0"
        );
        assert_eq!(
            wrong("forge,2,2026-01-05T09:00:00Z,r,ann,OPEN,2026-01-05T09:00:00Z,1.5"),
            "pr.csv:3:additions: \"1.5\" is no whole number"
        );
        assert!(wrong("forge,2,2026-01-05,r,ann,OPEN,2026-01-05T09:00:00Z,1").starts_with("pr.csv:3:updated_at: "));
        assert!(wrong("forge,2").contains("line: 3"), "a short row");
    }

    #[test]
    fn the_header_is_held_against_the_table() {
        let fault = |header: &str| format!("{:#}", pull_requests(header).expect_err("a wrong header"));
        assert_eq!(fault("source,id,colour\n"), "pr.csv:1: colour: table pull_requests has no such column");
        assert_eq!(fault("source,id,id\n"), "pr.csv:1: id: the column stands twice");
        assert_eq!(fault("source,id\n"), "pr.csv:1: updated_at: the required column is missing");
    }
}
