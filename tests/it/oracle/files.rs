//! A world as landing files: rows of a table, in any order, split at random into Parquet files.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, ListBuilder, RecordBatch, StringArray, StringBuilder,
    TimestampMicrosecondArray,
};
use arrow::datatypes::Schema;
use parquet::arrow::ArrowWriter;
use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use throughline::model;
use throughline::model::ColumnType;

use super::record::Cell;
use super::world::World;

/// The cells of one row.
pub type Line = Vec<(&'static str, Cell)>;

/// One landing file.
pub struct LandingFile {
    /// Below `landing/`: table, perhaps a folder, and name.
    pub path: String,
    pub rows: RecordBatch,
}

/// The world's rows in at most `most` files a table, both rows and files in random order.
pub fn landing_files(world: &World, rng: &mut ChaCha8Rng, most: usize) -> Vec<LandingFile> {
    let mut files = Vec::new();
    for (table, mut rows) in world.tables() {
        rows.shuffle(rng);
        let mut parts: BTreeMap<usize, Vec<Line>> = BTreeMap::new();
        let count = rng.random_range(1..=most);
        for row in rows {
            parts.entry(rng.random_range(0..count)).or_default().push(row);
        }
        for (part, rows) in parts {
            let folder = ["", "2024/", "deep/er/"][rng.random_range(0..3)];
            let path = format!("{table}/{folder}part-{part}-{:08x}.parquet", rng.random::<u32>());
            files.push(LandingFile { path, rows: batch(table, &rows) });
        }
    }
    files.shuffle(rng);
    files
}

impl LandingFile {
    /// The file as Parquet.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, self.rows.schema(), None).expect("the schema is writable");
        writer.write(&self.rows).expect("rows can be written");
        writer.close().expect("a file can be closed");
        bytes
    }
}

/// Rows with the columns that the table's schema has.
pub fn batch(table: &str, rows: &[Line]) -> RecordBatch {
    let table = model::table(table).expect("a table of the contract");
    for (name, _) in rows.iter().flatten() {
        assert!(table.column(name).is_some(), "{}: no column {name}", table.name);
    }
    let columns = table.columns.iter().map(|column| {
        let cells: Vec<Option<&Cell>> =
            rows.iter().map(|row| row.iter().find(|(name, _)| *name == column.name).map(|(_, cell)| cell)).collect();
        array(column.kind, &cells)
    });
    let schema: Arc<Schema> = table.schema();
    RecordBatch::try_new(schema, columns.collect()).expect("the columns are the schema's")
}

fn array(kind: ColumnType, cells: &[Option<&Cell>]) -> ArrayRef {
    let cells = cells.iter().map(|cell| cell.unwrap_or(&Cell::None));
    match kind {
        ColumnType::String => Arc::new(StringArray::from_iter(cells.map(|cell| match cell {
            Cell::Text(text) => Some(text),
            _ => None,
        }))),
        ColumnType::Timestamp => {
            let micros = cells.map(|cell| if let Cell::At(at) = cell { Some(at.timestamp_micros()) } else { None });
            Arc::new(TimestampMicrosecondArray::from_iter(micros).with_timezone("UTC"))
        }
        ColumnType::Int => {
            Arc::new(Int64Array::from_iter(cells.map(|cell| if let Cell::Int(int) = cell { Some(*int) } else { None })))
        }
        ColumnType::Bool => Arc::new(BooleanArray::from_iter(
            cells.map(|cell| if let Cell::Flag(flag) = cell { Some(*flag) } else { None }),
        )),
        ColumnType::StringList => {
            let mut lists = ListBuilder::new(StringBuilder::new());
            for cell in cells {
                match cell {
                    Cell::List(items) => lists.append_value(items.iter().map(Some)),
                    _ => lists.append_null(),
                }
            }
            Arc::new(lists.finish())
        }
        ColumnType::Float => Arc::new(Float64Array::from_iter(
            cells.map(|cell| if let Cell::Float(float) = cell { Some(*float) } else { None }),
        )),
    }
}
