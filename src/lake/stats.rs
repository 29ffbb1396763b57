//! What the Delta log says of a data file: number of rows, and the bounds of its key columns and timestamps.

use std::collections::BTreeMap;

use anyhow::Result;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::{max, max_string, min, min_string};
use arrow::datatypes::{DataType, TimestampMicrosecondType};
use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Longer strings make no bound, since a cut upper bound would be wrong.
const LONGEST_BOUND: usize = 128;

/// Facts about one file.
#[derive(Debug, Clone, Default)]
pub(super) struct FileStats {
    pub rows: u64,
    /// Rows with `deleted = true`.
    pub tombstones: u64,
    /// Delta's per-file statistics, as the log holds them.
    pub json: String,
}

/// Delta's per-file statistics.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct DeltaStats {
    pub num_records: Option<u64>,
    pub min_values: Map<String, Value>,
    pub max_values: Map<String, Value>,
    pub null_count: Map<String, Value>,
}

/// Collects the facts while batches are written.
#[derive(Debug, Default)]
pub(super) struct StatsBuilder {
    rows: u64,
    tombstones: u64,
    columns: BTreeMap<String, Bounds>,
}

#[derive(Debug, Default)]
struct Bounds {
    nulls: u64,
    text: Option<(String, String)>,
    time: Option<(i64, i64)>,
}

impl StatsBuilder {
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Bounds are kept for the key (`source`, `id`) and for every timestamp.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            let name = field.name();
            if name == "deleted" && field.data_type() == &DataType::Boolean {
                self.tombstones += column.as_boolean().true_count() as u64;
            }
            let is_key = matches!(name.as_str(), "source" | "id") && field.data_type() == &DataType::Utf8;
            if !is_key && !matches!(field.data_type(), DataType::Timestamp(..)) {
                continue;
            }
            let bounds = self.columns.entry(name.clone()).or_default();
            bounds.nulls += column.null_count() as u64;
            if is_key {
                let column = column.as_string::<i32>();
                if let (Some(low), Some(high)) = (min_string(column), max_string(column)) {
                    bounds.add_text(low, high);
                }
            } else if let Some(column) = column.as_primitive_opt::<TimestampMicrosecondType>()
                && let (Some(low), Some(high)) = (min(column), max(column))
            {
                let (least, greatest) = bounds.time.unwrap_or((low, high));
                bounds.time = Some((least.min(low), greatest.max(high)));
            }
        }
        Ok(())
    }

    pub fn finish(self) -> FileStats {
        let mut stats = DeltaStats { num_records: Some(self.rows), ..DeltaStats::default() };
        for (name, bounds) in self.columns {
            stats.null_count.insert(name.clone(), bounds.nulls.into());
            let bound = match (bounds.text, bounds.time) {
                (Some((low, high)), _) => {
                    (low.len() <= LONGEST_BOUND && high.len() <= LONGEST_BOUND).then(|| (low.into(), high.into()))
                }
                (None, Some((low, high))) => write_time(low).zip(write_time(high)),
                (None, None) => None,
            };
            if let Some((low, high)) = bound {
                stats.min_values.insert(name.clone(), low);
                stats.max_values.insert(name, high);
            }
        }
        let json = serde_json::to_string(&stats).expect("strings and numbers are always JSON");
        FileStats { rows: self.rows, tombstones: self.tombstones, json }
    }
}

impl Bounds {
    fn add_text(&mut self, low: &str, high: &str) {
        match &mut self.text {
            None => self.text = Some((low.to_owned(), high.to_owned())),
            Some((least, greatest)) => {
                if low < least.as_str() {
                    *least = low.to_owned();
                }
                if high > greatest.as_str() {
                    *greatest = high.to_owned();
                }
            }
        }
    }
}

impl DeltaStats {
    pub fn parse(json: &str) -> DeltaStats {
        // Statistics of another engine that cannot be read are as good as none.
        serde_json::from_str(json).unwrap_or_default()
    }

    /// Least and greatest value of a string column.
    pub fn text(&self, column: &str) -> Option<(String, String)> {
        let bound = |values: &Map<String, Value>| Some(values.get(column)?.as_str()?.to_owned());
        bound(&self.min_values).zip(bound(&self.max_values))
    }

    /// Least and greatest value of a timestamp column, in microseconds since 1970.
    pub fn time(&self, column: &str) -> Option<(i64, i64)> {
        let bound = |values: &Map<String, Value>| {
            let text = values.get(column)?.as_str()?;
            Some(DateTime::parse_from_rfc3339(text).ok()?.timestamp_micros())
        };
        bound(&self.min_values).zip(bound(&self.max_values))
    }
}

fn write_time(micros: i64) -> Option<Value> {
    let time = DateTime::from_timestamp_micros(micros)?;
    Some(time.to_rfc3339_opts(SecondsFormat::Micros, true).into())
}
