//! One table of the Parquet contract, as declared in `schema/tables/<name>.toml`.
//! What is stored, and nothing about how it is read or written.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use include_dir::Dir;
use serde::Deserialize;

/// A table of the contract: its columns, which of them is the event time, how files are sorted.
#[derive(Debug, Clone)]
pub struct Table {
    pub name: String,
    pub description: String,
    /// Column whose month partitions the table; `None`: one partition.
    pub event_time: Option<String>,
    /// Columns that files are sorted by.
    pub sort: Vec<String>,
    /// Written by Throughline itself; refused in landing.
    pub internal: bool,
    /// The columns every table has (`source, id, updated_at, deleted, url`), then its own.
    pub columns: Vec<Column>,
    schema: SchemaRef,
}

/// A column of a table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// May not be null, except in a tombstone, which needs only `source`, `id` and `updated_at`.
    #[serde(default)]
    pub required: bool,
    pub description: String,
    /// The only values allowed; empty: any.
    #[serde(default)]
    pub values: Vec<String>,
    /// The smallest number allowed.
    pub min: Option<i64>,
}

/// The types the contract knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum ColumnType {
    #[serde(rename = "string")]
    String,
    #[serde(rename = "timestamp")]
    Timestamp,
    #[serde(rename = "int")]
    Int,
    #[serde(rename = "float")]
    Float,
    #[serde(rename = "bool")]
    Bool,
    #[serde(rename = "list<string>")]
    StringList,
}

/// The columns that every table starts with, and the key of every row: (`source`, `id`).
pub const COMMON: [&str; 5] = ["source", "id", "updated_at", "deleted", "url"];

impl Table {
    /// Every declared table, sorted by name.
    pub fn load_all(schema: &Dir<'_>) -> Result<Vec<Table>> {
        let parse = |(name, text)| Table::parse(name, text).with_context(|| format!("schema/tables/{name}.toml"));
        super::declarations(schema, "tables")?.into_iter().map(parse).collect()
    }

    /// Reads one declaration. Errors name the key.
    pub fn parse(name: &str, text: &str) -> Result<Table> {
        let declared: Declaration = toml::from_str(text)?;
        let columns: Vec<Column> = common_columns().into_iter().chain(declared.columns).collect();
        let position = |column: &str| columns.iter().position(|c| c.name == column);
        if let Some(event) = &declared.event_time {
            let found = position(event).with_context(|| format!("event_time: no column {event:?}"))?;
            ensure!(columns[found].kind == ColumnType::Timestamp, "event_time: {event:?} is not a timestamp");
        }
        for column in &declared.sort {
            ensure!(position(column).is_some(), "sort: no column {column:?}");
        }
        for (i, column) in columns.iter().enumerate() {
            ensure!(position(&column.name) == Some(i), "columns: {:?} stands twice", column.name);
        }
        let fields: Vec<Field> = columns.iter().map(Column::field).collect();
        Ok(Table {
            name: name.to_owned(),
            description: declared.description,
            event_time: declared.event_time,
            sort: declared.sort,
            internal: declared.internal,
            columns,
            schema: Arc::new(Schema::new(fields)),
        })
    }

    /// The Arrow schema of the table's rows, in the order of `columns`. All fields are nullable, since a tombstone
    /// may leave out everything but its key.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl Column {
    /// The column as an Arrow field.
    pub fn field(&self) -> Field {
        Field::new(&self.name, self.kind.arrow(), true)
    }
}

impl ColumnType {
    /// The one Arrow type that a column of this type has in the lake.
    pub fn arrow(self) -> DataType {
        match self {
            ColumnType::String => DataType::Utf8,
            ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            ColumnType::Int => DataType::Int64,
            ColumnType::Float => DataType::Float64,
            ColumnType::Bool => DataType::Boolean,
            ColumnType::StringList => DataType::List(Arc::new(Field::new("item", DataType::Utf8, true))),
        }
    }

    /// The type's name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            ColumnType::String => "string",
            ColumnType::Timestamp => "timestamp",
            ColumnType::Int => "int",
            ColumnType::Float => "float",
            ColumnType::Bool => "bool",
            ColumnType::StringList => "list<string>",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declaration {
    description: String,
    event_time: Option<String>,
    #[serde(default)]
    sort: Vec<String>,
    #[serde(default)]
    internal: bool,
    columns: Vec<Column>,
}

fn common_columns() -> Vec<Column> {
    let column = |name: &str, kind, required, description: &str| Column {
        name: name.to_owned(),
        kind,
        required,
        description: description.to_owned(),
        values: Vec::new(),
        min: None,
    };
    vec![
        column("source", ColumnType::String, true, "Name of the integration that the row comes from."),
        column("id", ColumnType::String, true, "Id of the row, unique within source and table."),
        column(
            "updated_at",
            ColumnType::Timestamp,
            true,
            "When the row was last changed at its source; the latest row of a (source, id) wins.",
        ),
        column("deleted", ColumnType::Bool, false, "True: the row is gone. Readers leave such rows out."),
        column("url", ColumnType::String, false, "Where a person can look at it."),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declared_table_loads() {
        let tables = Table::load_all(&crate::model::SCHEMA).expect("schema/tables loads");
        let internal: Vec<&str> = tables.iter().filter(|t| t.internal).map(|t| t.name.as_str()).collect();
        assert_eq!((tables.len() - internal.len(), internal), (17, vec!["edits", "ingestions"]));
        assert!(tables.iter().all(|t| COMMON.iter().zip(&t.columns).all(|(name, c)| *name == c.name)));
    }

    #[test]
    fn a_wrong_declaration_names_the_key() {
        let text = "description = \"x\"\nevent_time = \"at\"\ncolumns = []\n";
        let error = Table::parse("x", text).expect_err("no such column");
        assert_eq!(error.to_string(), "event_time: no column \"at\"");
    }
}
