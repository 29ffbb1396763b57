//! How a change of a table is spelled in the Delta log: one JSON action per line, as the Delta protocol says.
//! Only the plainest features are used (reader version 1, writer version 2), so that every engine reads the tables.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use deltalake_core::kernel::LogicalFileView;
use serde_json::{Value, json};
use uuid::Uuid;

use super::layout;
use super::log::Entry;
use super::rows_id::RowsId;
use super::write::Written;
use crate::clock::Clock;
use crate::model::{Column, ColumnType, Table};

/// The partition column. It is in the Delta schema, not in the files.
pub(super) const MONTH: &str = "month";
/// Tag of a file: how many of its rows are tombstones.
const TOMBSTONES: &str = "throughline.tombstones";
/// Tag of a file: what its rows are known by.
const ROWS: &str = "throughline.rows";
/// Key of the commit's metadata that holds what Throughline notes about it.
pub(super) const NOTE: &str = "throughline";

/// What one commit does.
pub(super) struct Change {
    /// As other engines show it: MERGE, OPTIMIZE.
    pub operation: &'static str,
    pub add: Vec<Written>,
    pub remove: Vec<Arc<Entry>>,
    /// False where the rows stay the same and only lie otherwise.
    pub data_change: bool,
    /// Kept in the commit, for whoever reads the history.
    pub note: Value,
}

/// The lines of a commit. `mark` tells it from every other.
pub(super) fn encode(change: &Change, version: u64, metadata: Option<Value>, mark: Uuid) -> Vec<u8> {
    let now_millis = Clock::System.now().timestamp_millis();
    let mut note = change.note.clone();
    if let Value::Object(note) = &mut note {
        note.insert("mark".to_owned(), mark.to_string().into());
    }
    let mut lines = vec![json!({"commitInfo": {
        "timestamp": now_millis,
        "operation": change.operation,
        "operationParameters": {},
        "readVersion": version.checked_sub(1),
        "isolationLevel": "Serializable",
        "isBlindAppend": false,
        "engineInfo": concat!("throughline/", env!("CARGO_PKG_VERSION")),
        NOTE: note,
    }})];
    if version == 0 {
        lines.push(json!({"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}));
    }
    lines.extend(metadata);
    lines.extend(change.remove.iter().map(|entry| {
        json!({"remove": {
            "path": entry.path,
            "deletionTimestamp": now_millis,
            "dataChange": change.data_change,
            "extendedFileMetadata": true,
            "partitionValues": entry.partition,
            "size": entry.file.size,
        }})
    }));
    let paths: Vec<String> = change.add.iter().map(relative).collect();
    lines.extend(change.add.iter().zip(&paths).zip(rows_ids(change, &paths)).map(|((written, path), rows)| {
        json!({"add": {
            "path": path,
            "partitionValues": partition_values(written),
            "size": written.file.size,
            "modificationTime": now_millis,
            "dataChange": change.data_change,
            "stats": written.stats.json,
            "tags": {TOMBSTONES: written.stats.tombstones.to_string(), ROWS: rows.to_string()},
        }})
    }));
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    lines.join("\n").into_bytes()
}

/// The folder of a month's files inside a table, by the convention that all engines know. `None`: the table has no
/// partitions, and its files lie in its own folder.
pub(super) fn month_folder(month: Option<&str>) -> String {
    format!("{MONTH}={}", month.unwrap_or("__HIVE_DEFAULT_PARTITION__"))
}

/// The `metaData` action of a new table.
pub(super) fn first_metadata(table: &Table) -> Value {
    let partitions: &[&str] = if table.event_time.is_some() { &[MONTH] } else { &[] };
    let mut fields: Vec<Value> = table.columns.iter().map(field).collect();
    if table.event_time.is_some() {
        let comment = json!({"comment": "Month of the event time, UTC."});
        fields.push(json!({"name": MONTH, "type": "string", "nullable": true, "metadata": comment}));
    }
    json!({"metaData": {
        "id": Uuid::new_v4().to_string(),
        "name": table.name,
        "description": table.description,
        "format": {"provider": "parquet", "options": {}},
        "schemaString": json!({"type": "struct", "fields": fields}).to_string(),
        "partitionColumns": partitions,
        "configuration": {},
        "createdTime": Clock::System.now().timestamp_millis(),
    }})
}

/// A table's `metaData` action with the columns of the contract that it lacks, which are null in its files.
pub(super) fn widen_metadata(mut metadata: Value, table: &Table) -> Result<Value> {
    let text = metadata["metaData"]["schemaString"].as_str().context("the table's metadata has no schema")?;
    let mut schema: Value = serde_json::from_str(text)?;
    let fields = schema["fields"].as_array_mut().context("the table's schema has no fields")?;
    for column in &table.columns {
        if !fields.iter().any(|field| field["name"] == column.name.as_str()) {
            fields.push(field(column));
        }
    }
    metadata["metaData"]["schemaString"] = schema.to_string().into();
    Ok(metadata)
}

/// Whether a commit says anything else than that rows lie otherwise now, or that files were cleaned away.
pub(super) fn changes_rows(commit: &[u8]) -> bool {
    commit.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).any(|line| {
        let Ok(action) = serde_json::from_slice::<Value>(line) else { return true };
        let moves = |kind: &str| action[kind]["dataChange"] == Value::Bool(false);
        !(action.get("commitInfo").is_some() || moves("add") || moves("remove"))
    })
}

/// What was noted on a file when it was written: the number of its tombstones, and what its rows are known by.
pub(super) fn noted(view: &LogicalFileView) -> (Option<u64>, Option<RowsId>) {
    // Delta-rs offers the tags only through the whole action.
    #[allow(deprecated)]
    let tags: HashMap<String, Option<String>> = view.add_action().tags.unwrap_or_default();
    let tag = |name: &str| tags.get(name)?.as_deref();
    (tag(TOMBSTONES).and_then(|text| text.parse().ok()), tag(ROWS).and_then(|text| text.parse().ok()))
}

/// What the rows of each added file are known by.
fn rows_ids(change: &Change, paths: &[String]) -> Vec<RowsId> {
    if change.data_change {
        return paths.iter().map(|path| RowsId::of_path(path)).collect();
    }
    let before = change.remove.iter().map(|entry| (entry.file.month.as_deref(), entry.rows_id));
    let months = change.add.iter().map(|written| written.file.month.as_deref());
    RowsId::moved(before, &months.zip(paths.iter().map(String::as_str)).collect::<Vec<_>>())
}

fn field(column: &Column) -> Value {
    let kind = match column.kind {
        ColumnType::String => json!("string"),
        ColumnType::Timestamp => json!("timestamp"),
        ColumnType::Int => json!("long"),
        ColumnType::Float => json!("double"),
        ColumnType::Bool => json!("boolean"),
        ColumnType::StringList => json!({"type": "array", "elementType": "string", "containsNull": true}),
    };
    json!({"name": column.name, "type": kind, "nullable": true, "metadata": {"comment": column.description}})
}

fn relative(written: &Written) -> String {
    // tables/<table>/ is two parts.
    let parts: Vec<_> = written.file.path.parts().skip(layout::tables("any").parts().count()).collect();
    parts.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join("/")
}

fn partition_values(written: &Written) -> Value {
    let partitioned = written.file.path.as_ref().contains(&format!("/{MONTH}="));
    if partitioned { json!({MONTH: written.file.month}) } else { json!({}) }
}
