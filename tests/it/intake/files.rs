//! Makes Parquet files for the tests: rows as JSON values, in any Arrow type that a writer may choose.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, BinaryArray, BooleanArray, Float64Array, Int64Array, ListBuilder, RecordBatch, StringArray,
    StringBuilder, TimestampMicrosecondArray, TimestampSecondArray, new_null_array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use serde_json::{Value, json};
use throughline::model::{self, ColumnType};

/// The columns of a file: name, Arrow type as `kind` reads it, one value for each row.
pub type Columns = Vec<(String, String, Vec<Value>)>;

/// Rows that are good: the key and the required columns of a table.
pub fn good(table: &str, rows: usize) -> Columns {
    let table = model::table(table).expect("a table of the contract");
    let columns = table.columns.iter().filter(|column| column.required);
    columns
        .map(|column| {
            let value = |row: usize| match column.kind {
                ColumnType::String if column.name == "source" => json!("test"),
                ColumnType::String if !column.values.is_empty() => json!(column.values[0]),
                ColumnType::String => json!(format!("{}-{}", column.name, row + 1)),
                ColumnType::Timestamp => json!(format!("2026-03-{:02}T12:00:00Z", row % 28 + 1)),
                ColumnType::Int | ColumnType::Float => json!(row),
                ColumnType::Bool => json!(false),
                ColumnType::StringList => json!(["x"]),
            };
            let kind = match column.kind {
                ColumnType::String => "utf8",
                ColumnType::Timestamp => "timestamp(us,UTC)",
                ColumnType::Int => "int64",
                ColumnType::Float => "float64",
                ColumnType::Bool => "bool",
                ColumnType::StringList => "list",
            };
            (column.name.clone(), kind.to_owned(), (0..rows).map(value).collect())
        })
        .collect()
}

/// Replaces a column, or adds it.
pub fn set(columns: &mut Columns, name: &str, kind: &str, values: Vec<Value>) {
    let column = (name.to_owned(), kind.to_owned(), values);
    match columns.iter_mut().find(|(other, ..)| other == name) {
        Some(place) => *place = column,
        None => columns.push(column),
    }
}

/// One batch of the columns.
pub fn batch(columns: &Columns) -> RecordBatch {
    let arrays: Vec<ArrayRef> = columns.iter().map(|(_, kind, values)| array(kind, values)).collect();
    let fields: Vec<Field> = columns
        .iter()
        .zip(&arrays)
        .map(|((name, ..), array)| Field::new(name, array.data_type().clone(), true))
        .collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("columns of one length")
}

/// The bytes of a Parquet file.
pub fn parquet(columns: &Columns) -> Vec<u8> {
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    write(&batch(columns), properties)
}

/// The bytes of a Parquet file, written with some properties.
pub fn write(batch: &RecordBatch, properties: WriterProperties) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).expect("a writer");
    writer.write(batch).expect("written");
    writer.close().expect("closed");
    bytes
}

/// JSON values as an array of the type named.
fn array(kind: &str, values: &[Value]) -> ArrayRef {
    let texts = || -> ArrayRef { Arc::new(StringArray::from_iter(values.iter().map(Value::as_str))) };
    let numbers = || -> ArrayRef { Arc::new(Int64Array::from_iter(values.iter().map(Value::as_i64))) };
    let floats = || -> ArrayRef {
        // JSON has no NaN; the text "NaN" stands for it.
        let value = |v: &Value| v.as_f64().or_else(|| v.as_str().and_then(|text| text.parse().ok()));
        Arc::new(Float64Array::from_iter(values.iter().map(value)))
    };
    let lists = || -> ArrayRef {
        let mut builder = ListBuilder::new(StringBuilder::new());
        for value in values {
            match value.as_array() {
                Some(items) => builder.append_value(items.iter().map(Value::as_str)),
                None => builder.append_null(),
            }
        }
        Arc::new(builder.finish())
    };
    let to = |array: ArrayRef, kind: DataType| cast(&array, &kind).expect("a cast for the test");
    let item = || Arc::new(Field::new("item", DataType::Utf8, true));
    match kind {
        "null" => new_null_array(&DataType::Null, values.len()),
        "utf8" => texts(),
        "large_utf8" => to(texts(), DataType::LargeUtf8),
        "utf8_view" => to(texts(), DataType::Utf8View),
        "dictionary" => to(texts(), DataType::Dictionary(Box::new(DataType::Int16), Box::new(DataType::Utf8))),
        "binary" => Arc::new(BinaryArray::from_iter(values.iter().map(|v| v.as_str().map(str::as_bytes)))),
        "bool" => Arc::new(BooleanArray::from_iter(values.iter().map(Value::as_bool))),
        "int64" => numbers(),
        "int8" => to(numbers(), DataType::Int8),
        "uint64" => Arc::new(arrow::array::UInt64Array::from_iter(values.iter().map(Value::as_u64))),
        "float64" => floats(),
        "float32" => to(floats(), DataType::Float32),
        "decimal(10,2)" => to(floats(), DataType::Decimal128(10, 2)),
        "list" => lists(),
        "large_list" => to(lists(), DataType::LargeList(item())),
        "list_int" => {
            let list = lists();
            to(list, DataType::List(Arc::new(Field::new("item", DataType::Int64, true))))
        }
        "date32" => to(texts(), DataType::Date32),
        "date64" => to(to(texts(), DataType::Date32), DataType::Date64),
        "micros" => Arc::new(TimestampMicrosecondArray::from_iter(values.iter().map(Value::as_i64))),
        "seconds" => Arc::new(TimestampSecondArray::from_iter(values.iter().map(Value::as_i64))),
        other => {
            let inside = other.strip_prefix("timestamp(").and_then(|rest| rest.strip_suffix(')'));
            let (unit, zone) = match inside.expect("a known type").split_once(',') {
                Some((unit, zone)) => (unit, Some(zone.into())),
                None => (inside.expect("a known type"), None),
            };
            let unit = match unit {
                "s" => TimeUnit::Second,
                "ms" => TimeUnit::Millisecond,
                "us" => TimeUnit::Microsecond,
                "ns" => TimeUnit::Nanosecond,
                other => panic!("no unit {other}"),
            };
            to(to(texts(), DataType::Timestamp(unit, Some("UTC".into()))), DataType::Timestamp(unit, zone))
        }
    }
}

/// A value of a batch as JSON, to compare with.
pub fn value(array: &ArrayRef, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Utf8 => json!(array.as_string::<i32>().value(row)),
        DataType::Boolean => json!(array.as_boolean().value(row)),
        DataType::Int64 => json!(array.as_primitive::<arrow::datatypes::Int64Type>().value(row)),
        DataType::Float64 => json!(array.as_primitive::<arrow::datatypes::Float64Type>().value(row)),
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            (0..items.len()).map(|i| value(&items, i)).collect()
        }
        DataType::Timestamp(_, _) => {
            let micros = array.as_primitive::<arrow::datatypes::TimestampMicrosecondType>().value(row);
            let at = chrono::DateTime::from_timestamp_micros(micros).expect("in range");
            json!(at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
        }
        other => panic!("{other} is no type of the lake"),
    }
}
