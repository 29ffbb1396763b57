//! Rows of one table, set column by column and taken as a record batch.
//! Knows the contract's types; says nothing about where the rows go.

use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::{
    ArrayBuilder, ArrayRef, BooleanBuilder, Float64Builder, Int64Builder, ListBuilder, RecordBatch, StringBuilder,
    TimestampMicrosecondBuilder,
};

use crate::model::{ColumnType, Table};

/// Rows being built. Columns that a row does not set are null.
pub struct Rows {
    table: &'static Table,
    columns: Vec<Values>,
    rows: usize,
}

/// One row being set. It ends when it is dropped. Naming the columns in the order of their declaration is cheapest.
pub struct Row<'a> {
    rows: &'a mut Rows,
    /// Where the next column is looked for first.
    next: usize,
}

enum Values {
    Text(StringBuilder),
    Time(TimestampMicrosecondBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Bool(BooleanBuilder),
    List(ListBuilder<StringBuilder>),
}

impl Rows {
    pub fn new(table: &'static Table) -> Rows {
        Rows { table, columns: table.columns.iter().map(|column| Values::new(column.kind)).collect(), rows: 0 }
    }

    pub fn table(&self) -> &'static Table {
        self.table
    }

    pub fn len(&self) -> usize {
        self.rows
    }

    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Begins a row with its key and its `updated_at` (microseconds UTC).
    pub fn row(&mut self, source: &str, id: &str, updated_at: i64) -> Row<'_> {
        self.rows += 1;
        Row { rows: self, next: 0 }.text("source", source).text("id", id).time("updated_at", updated_at)
    }

    /// The rows so far as one batch of `Table::schema()`; none remain.
    pub fn take(&mut self) -> Result<RecordBatch> {
        self.rows = 0;
        let arrays = self.columns.iter_mut().map(Values::finish).collect();
        RecordBatch::try_new(self.table.schema(), arrays).with_context(|| format!("rows of {}", self.table.name))
    }
}

impl Row<'_> {
    /// A text column.
    pub fn text<'v>(mut self, column: &str, value: impl Into<Option<&'v str>>) -> Self {
        match self.column(column) {
            Values::Text(builder) => builder.append_option(value.into()),
            other => other.mistyped(column),
        }
        self
    }

    /// A timestamp column, in microseconds UTC.
    pub fn time(mut self, column: &str, value: impl Into<Option<i64>>) -> Self {
        match self.column(column) {
            Values::Time(builder) => builder.append_option(value.into()),
            other => other.mistyped(column),
        }
        self
    }

    /// A column of whole numbers.
    pub fn int(mut self, column: &str, value: impl Into<Option<i64>>) -> Self {
        match self.column(column) {
            Values::Int(builder) => builder.append_option(value.into()),
            other => other.mistyped(column),
        }
        self
    }

    /// A column of numbers.
    pub fn float(mut self, column: &str, value: impl Into<Option<f64>>) -> Self {
        match self.column(column) {
            Values::Float(builder) => builder.append_option(value.into()),
            other => other.mistyped(column),
        }
        self
    }

    /// A column of truth values.
    pub fn flag(mut self, column: &str, value: impl Into<Option<bool>>) -> Self {
        match self.column(column) {
            Values::Bool(builder) => builder.append_option(value.into()),
            other => other.mistyped(column),
        }
        self
    }

    /// A column of lists of texts.
    pub fn list<S: AsRef<str>>(mut self, column: &str, values: impl IntoIterator<Item = S>) -> Self {
        match self.column(column) {
            Values::List(builder) => {
                for value in values {
                    builder.values().append_value(value.as_ref());
                }
                builder.append(true);
            }
            other => other.mistyped(column),
        }
        self
    }

    /// The builder of a column. A name that the table does not declare, or a second value for one column, is a
    /// mistake of the caller's code, not of its data.
    fn column(&mut self, name: &str) -> &mut Values {
        let table = self.rows.table;
        let found = (self.next..table.columns.len())
            .chain(0..self.next)
            .find(|&i| table.columns[i].name == name)
            .unwrap_or_else(|| panic!("table {} declares no column {name:?}", table.name));
        self.next = found + 1;
        let before = self.rows.rows - 1;
        let values = &mut self.rows.columns[found];
        assert!(values.len() == before, "column {name:?} of {} is set twice in one row", table.name);
        values
    }
}

impl Drop for Row<'_> {
    fn drop(&mut self) {
        let rows = self.rows.rows;
        for values in &mut self.rows.columns {
            if values.len() < rows {
                values.append_null();
            }
        }
    }
}

impl Values {
    fn new(kind: ColumnType) -> Values {
        match kind {
            ColumnType::String => Values::Text(StringBuilder::new()),
            ColumnType::Timestamp => Values::Time(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
            ColumnType::Int => Values::Int(Int64Builder::new()),
            ColumnType::Float => Values::Float(Float64Builder::new()),
            ColumnType::Bool => Values::Bool(BooleanBuilder::new()),
            ColumnType::StringList => Values::List(ListBuilder::new(StringBuilder::new())),
        }
    }

    fn len(&self) -> usize {
        match self {
            Values::Text(builder) => builder.len(),
            Values::Time(builder) => builder.len(),
            Values::Int(builder) => builder.len(),
            Values::Float(builder) => builder.len(),
            Values::Bool(builder) => builder.len(),
            Values::List(builder) => builder.len(),
        }
    }

    fn append_null(&mut self) {
        match self {
            Values::Text(builder) => builder.append_null(),
            Values::Time(builder) => builder.append_null(),
            Values::Int(builder) => builder.append_null(),
            Values::Float(builder) => builder.append_null(),
            Values::Bool(builder) => builder.append_null(),
            Values::List(builder) => builder.append(false),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Values::Text(builder) => Arc::new(builder.finish()),
            Values::Time(builder) => Arc::new(builder.finish()),
            Values::Int(builder) => Arc::new(builder.finish()),
            Values::Float(builder) => Arc::new(builder.finish()),
            Values::Bool(builder) => Arc::new(builder.finish()),
            Values::List(builder) => Arc::new(builder.finish()),
        }
    }

    fn mistyped(&self, column: &str) -> ! {
        let kind = match self {
            Values::Text(_) => ColumnType::String,
            Values::Time(_) => ColumnType::Timestamp,
            Values::Int(_) => ColumnType::Int,
            Values::Float(_) => ColumnType::Float,
            Values::Bool(_) => ColumnType::Bool,
            Values::List(_) => ColumnType::StringList,
        };
        panic!("column {column:?} is a {}", kind.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Array, AsArray};

    #[test]
    fn columns_left_out_are_null_and_order_is_free() {
        let mut rows = Rows::new(crate::model::table("commits").expect("a table"));
        rows.row("git", "a", 1).text("author", "x@example.com").text("repository", "r").list("parents", ["b", "c"]);
        rows.row("git", "b", 2).flag("is_merge", false);
        let batch = rows.take().expect("a batch");
        assert_eq!((batch.num_rows(), rows.len()), (2, 0));
        assert_eq!(batch.column_by_name("repository").expect("declared").as_string::<i32>().value(0), "r");
        let parents = batch.column_by_name("parents").expect("declared").as_list::<i32>();
        assert_eq!((parents.value(0).len(), parents.is_null(1)), (2, true));
        assert!(batch.column_by_name("author").expect("declared").is_null(1));
    }

    #[test]
    #[should_panic(expected = "declares no column")]
    fn a_wrong_name_is_a_mistake_of_the_code() {
        Rows::new(crate::model::table("commits").expect("a table")).row("git", "a", 1).text("auther", "x");
    }
}
