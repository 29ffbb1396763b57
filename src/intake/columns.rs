//! Maps the columns of a file to those of its table, and says how each is to be decoded.
//! Looks at types only; values are for `cast` and `rules`.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Schema, TimeUnit};

use crate::model::{ColumnType, Table};

use super::faults::accepted;
use super::reason::{Kind, Reason};

/// Where the values of one column of the table come from.
#[derive(Debug, Clone, PartialEq)]
pub enum From {
    /// The file's root column at this position.
    File(usize),
    /// The file has no such column.
    Missing,
    /// The file has it with a type that cannot be cast without loss; its name.
    WrongType(String),
    /// The file has it twice; which one is meant is not known.
    Ambiguous,
}

/// What a file's schema means for the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// One for each column of the table, in its order.
    pub from: Vec<From>,
    /// Faults of the schema itself.
    pub reasons: Vec<Reason>,
    pub notices: Vec<String>,
}

/// Maps a file's Arrow schema to the table's columns, by name.
pub fn map(table: &Table, file: &Schema) -> Mapping {
    let mut positions: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, field) in file.fields().iter().enumerate() {
        positions.entry(field.name()).or_default().push(i);
    }
    let mut mapping = Mapping { from: Vec::new(), reasons: Vec::new(), notices: Vec::new() };
    for column in &table.columns {
        let from = match positions.get(column.name.as_str()).map(Vec::as_slice) {
            None => From::Missing,
            Some([at]) => {
                let found = file.field(*at).data_type();
                if castable(found, column.kind) { From::File(*at) } else { From::WrongType(found.to_string()) }
            }
            Some(several) => {
                let times = several.len();
                let reason = Reason::file(
                    Kind::DuplicateColumn,
                    format!("stands {times} times in the file"),
                    "each column once",
                    "Leave out or rename the others.",
                );
                mapping.reasons.push(reason.about(&column.name));
                From::Ambiguous
            }
        };
        // Wrong in an optional column is wrong too: nulls would hide what the file says.
        if let From::WrongType(found) = &from {
            let reason = Reason::file(
                Kind::WrongType,
                format!("has type {found}"),
                accepted(column.kind),
                "Write the column with one of these types.",
            );
            mapping.reasons.push(reason.about(&column.name));
        }
        if let From::File(at) = from
            && let DataType::Timestamp(_, None) = file.field(at).data_type()
        {
            mapping.notices.push(format!("column {}: has no time zone and is read as UTC", column.name));
        }
        mapping.from.push(from);
    }
    for (name, at) in &positions {
        if table.column(name).is_none() {
            let near = table.columns.iter().find(|c| c.name.eq_ignore_ascii_case(name));
            let hint = near.map(|c| format!(" (names are case-sensitive: {}?)", c.name)).unwrap_or_default();
            let times = if at.len() > 1 { format!(", {} times", at.len()) } else { String::new() };
            mapping.notices.push(format!("column {name}: not part of the table, left out{times}{hint}"));
        }
    }
    mapping
}

/// Whether values of a file's type can be cast to the column's type where they fit.
pub fn castable(found: &DataType, wanted: ColumnType) -> bool {
    use DataType::*;
    if *found == Null {
        return true;
    }
    match wanted {
        ColumnType::String => is_text(found),
        ColumnType::Timestamp => matches!(found, Timestamp(_, _) | Date32 | Date64) || is_text(found),
        ColumnType::Int | ColumnType::Float => found.is_numeric(),
        ColumnType::Bool => *found == Boolean,
        ColumnType::StringList => match found {
            List(item) | LargeList(item) | ListView(item) | LargeListView(item) | FixedSizeList(item, _) => {
                is_text(item.data_type()) || *item.data_type() == Null
            }
            _ => false,
        },
    }
}

fn is_text(found: &DataType) -> bool {
    match found {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => is_text(value),
        _ => false,
    }
}

/// The schema to decode with. Strings become views, so that a value that repeats a million times in a few bytes
/// of Parquet is still held once; the old INT96 timestamps are read in microseconds, which do not overflow.
pub fn decoding(file: &Schema, is_int96: impl Fn(usize) -> bool) -> Schema {
    let fields: Vec<FieldRef> = file
        .fields()
        .iter()
        .enumerate()
        .map(|(i, field)| {
            let kind = match field.data_type() {
                DataType::Timestamp(TimeUnit::Nanosecond, zone) if is_int96(i) => {
                    DataType::Timestamp(TimeUnit::Microsecond, zone.clone())
                }
                other => as_views(other),
            };
            Arc::new(field.as_ref().clone().with_data_type(kind))
        })
        .collect();
    Schema::new_with_metadata(fields, file.metadata().clone())
}

fn as_views(kind: &DataType) -> DataType {
    let item =
        |field: &FieldRef| -> FieldRef { Arc::new(Field::clone(field).with_data_type(as_views(field.data_type()))) };
    match kind {
        text if is_text(text) => DataType::Utf8View,
        DataType::List(field) => DataType::List(item(field)),
        DataType::LargeList(field) => DataType::LargeList(item(field)),
        DataType::ListView(field) => DataType::ListView(item(field)),
        DataType::LargeListView(field) => DataType::LargeListView(item(field)),
        DataType::FixedSizeList(field, n) => DataType::FixedSizeList(item(field), *n),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(fields: &[(&str, DataType)]) -> Schema {
        Schema::new(fields.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect::<Vec<_>>())
    }

    #[test]
    fn columns_are_found_by_name_and_what_is_left_over_is_told() {
        let table = Table::parse(
            "t",
            "description = \"t\"\n[[columns]]\nname = \"size\"\ntype = \"int\"\ndescription = \"size\"\n",
        )
        .expect("parses");
        let file = schema(&[
            ("Size", DataType::Int8),
            ("updated_at", DataType::Timestamp(TimeUnit::Second, None)),
            ("source", DataType::Int64),
            ("id", DataType::Utf8),
            ("id", DataType::Utf8),
        ]);
        let mapping = map(&table, &file);
        let wrong = From::WrongType("Int64".into());
        assert_eq!(mapping.from, [wrong, From::Ambiguous, From::File(1), From::Missing, From::Missing, From::Missing]);
        let kinds: Vec<Kind> = mapping.reasons.iter().map(|r| r.kind).collect();
        assert_eq!(kinds, [Kind::WrongType, Kind::DuplicateColumn]);
        assert_eq!(
            mapping.notices,
            [
                "column updated_at: has no time zone and is read as UTC",
                "column Size: not part of the table, left out (names are case-sensitive: size?)"
            ]
        );
    }

    #[test]
    fn what_is_not_in_the_contract_is_not_guessed() {
        assert!(!castable(&DataType::Int64, ColumnType::String));
        assert!(!castable(&DataType::Int64, ColumnType::Timestamp));
        assert!(!castable(&DataType::Utf8, ColumnType::Int));
        assert!(!castable(&DataType::Int8, ColumnType::Bool));
        assert!(!castable(&DataType::Utf8, ColumnType::StringList));
    }
}
