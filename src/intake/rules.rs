//! What the contract asks of the values of a row, after the cast: keys, required columns, allowed values, ranges.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::datatypes::{Float64Type, Int64Type, TimestampMicrosecondType};
use chrono::{DateTime, Duration, Utc};

use crate::model::{Column, ColumnType};

use super::faults::Faults;
use super::reason::Kind;
use super::times;

/// The columns that even a tombstone must have.
pub const KEYS: [&str; 3] = ["source", "id", "updated_at"];

/// 2200-01-01T00:00:00Z, the first instant that is too late. The first that is not too early is 1970-01-01.
const TOO_LATE_US: i64 = 7_258_118_400_000_000;

/// The rules of one column.
pub struct Rules<'a> {
    column: &'a Column,
    position: usize,
    is_key: bool,
    /// The latest `updated_at` that is believed, in microseconds.
    latest_us: i64,
}

impl<'a> Rules<'a> {
    /// `position` is the column's in its table. `now` bounds `updated_at`: the latest wins, so one from the far future
    /// would win for ever. Two days leave room for clocks that are wrong and zones that were forgotten.
    pub fn new(column: &'a Column, position: usize, now: DateTime<Utc>) -> Rules<'a> {
        let is_key = KEYS.contains(&column.name.as_str());
        Rules { column, position, is_key, latest_us: (now + Duration::days(2)).timestamp_micros() }
    }

    /// Notes the faults of one batch. `array` has the lake's type; `before` is the column as the file had it, so that a
    /// value that failed to cast is not reported a second time as null. `deleted`: which rows are tombstones.
    pub fn apply(&self, array: &ArrayRef, before: &dyn Array, deleted: Option<&BooleanArray>, faults: &mut Faults) {
        if self.column.required && before.logical_null_count() > 0 {
            let nulls = before.logical_nulls();
            for row in 0..array.len() {
                let null = nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
                if null && (self.is_key || !is_deleted(deleted, row)) {
                    faults.note(self.position, Kind::Null, row, || "null".into());
                }
            }
        }
        match self.column.kind {
            ColumnType::String => self.strings(array, faults),
            ColumnType::Timestamp => self.times(array, faults),
            ColumnType::Int => self.ints(array, faults),
            ColumnType::Float => self.floats(array, faults),
            ColumnType::Bool | ColumnType::StringList => {}
        }
    }

    /// Notes that the column is not in the file, for every row that needs it.
    pub fn missing(&self, rows: usize, deleted: Option<&BooleanArray>, faults: &mut Faults) {
        if !self.column.required {
            return;
        }
        for row in 0..rows {
            if self.is_key || !is_deleted(deleted, row) {
                faults.note(self.position, Kind::MissingColumn, row, || "missing".into());
            }
        }
    }

    fn strings(&self, array: &ArrayRef, faults: &mut Faults) {
        let strings = array.as_string::<i32>();
        let values = &self.column.values;
        if !self.is_key && values.is_empty() {
            return;
        }
        for row in (0..strings.len()).filter(|row| strings.is_valid(*row)) {
            let value = strings.value(row);
            if self.is_key && value.is_empty() {
                faults.note(self.position, Kind::EmptyKey, row, || shown(value));
            }
            if !values.is_empty() && !values.iter().any(|allowed| allowed == value) {
                faults.note(self.position, Kind::NotAllowed, row, || shown(value));
            }
        }
    }

    fn times(&self, array: &ArrayRef, faults: &mut Faults) {
        let times = array.as_primitive::<TimestampMicrosecondType>();
        let bounds_future = self.column.name == "updated_at";
        for row in (0..times.len()).filter(|row| times.is_valid(*row)) {
            let at = times.value(row);
            if !(0..TOO_LATE_US).contains(&at) {
                faults.note(self.position, Kind::TimeOutOfRange, row, || times::shown(at));
            } else if bounds_future && at > self.latest_us {
                faults.note(self.position, Kind::InTheFuture, row, || times::shown(at));
            }
        }
    }

    fn ints(&self, array: &ArrayRef, faults: &mut Faults) {
        let Some(min) = self.column.min else { return };
        let ints = array.as_primitive::<Int64Type>();
        for row in (0..ints.len()).filter(|row| ints.is_valid(*row)) {
            let value = ints.value(row);
            if value < min {
                faults.note(self.position, Kind::BelowMinimum, row, || value.to_string());
            }
        }
    }

    fn floats(&self, array: &ArrayRef, faults: &mut Faults) {
        let Some(min) = self.column.min else { return };
        let floats = array.as_primitive::<Float64Type>();
        for row in (0..floats.len()).filter(|row| floats.is_valid(*row)) {
            let value = floats.value(row);
            if value < min as f64 {
                faults.note(self.position, Kind::BelowMinimum, row, || value.to_string());
            }
        }
    }
}

fn is_deleted(deleted: Option<&BooleanArray>, row: usize) -> bool {
    deleted.is_some_and(|deleted| deleted.is_valid(row) && deleted.value(row))
}

/// A string value in quotes, cut to what fits a line.
pub fn shown(value: &str) -> String {
    const LONGEST: usize = 60;
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}...", &value[..end]),
        None => format!("{value:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_instant_is_the_one_that_is_documented() {
        assert_eq!(times::shown(TOO_LATE_US), "2200-01-01T00:00:00Z");
    }

    #[test]
    fn long_values_are_cut_between_characters() {
        assert_eq!(shown("a\nb"), "\"a\\nb\"");
        assert_eq!(shown(&"é".repeat(70)), format!("\"{}\"...", "é".repeat(60)));
    }
}
