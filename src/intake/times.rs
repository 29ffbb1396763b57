//! Timestamps of any unit and zone, dates and RFC 3339 strings, as microseconds UTC.

use std::sync::Arc;

use anyhow::Result;
use arrow::array::{Array, ArrayRef, AsArray, TimestampMicrosecondArray};
use arrow::compute::cast as arrow_cast;
use arrow::datatypes::{
    DataType, Date32Type, Date64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use chrono::{DateTime, SecondsFormat};

use super::cast::Note;
use super::reason::Kind;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// Casts to `Timestamp(us, UTC)`. Notes what is no time, and what is beyond 64 bits of microseconds.
pub fn times(array: &ArrayRef, note: &mut Note<'_>) -> Result<ArrayRef> {
    let scaled = |values: &dyn Fn(usize) -> i64, factor: i64, note: &mut Note<'_>| {
        collect(array.as_ref(), |row| {
            let value = values(row);
            let micros = value.checked_mul(factor);
            if micros.is_none() {
                note(row, Kind::TimeOutOfRange, &|| value.to_string());
            }
            micros
        })
    };
    let cast = match array.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => {
            let values = array.as_primitive::<TimestampSecondType>();
            scaled(&|row| values.value(row), MICROS_PER_SECOND, note)
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            let values = array.as_primitive::<TimestampMillisecondType>();
            scaled(&|row| values.value(row), 1_000, note)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let values = array.as_primitive::<TimestampMicrosecondType>();
            scaled(&|row| values.value(row), 1, note)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            let values = array.as_primitive::<TimestampNanosecondType>();
            collect(array.as_ref(), |row| Some(values.value(row).div_euclid(1_000)))
        }
        DataType::Date32 => {
            let values = array.as_primitive::<Date32Type>();
            scaled(&|row| i64::from(values.value(row)), MICROS_PER_DAY, note)
        }
        DataType::Date64 => {
            let values = array.as_primitive::<Date64Type>();
            scaled(&|row| values.value(row), 1_000, note)
        }
        _ => {
            let texts = arrow_cast(array, &DataType::Utf8View)?;
            let texts = texts.as_string_view();
            collect(texts, |row| {
                let text = texts.value(row);
                let parsed = DateTime::parse_from_rfc3339(text).ok();
                if parsed.is_none() {
                    note(row, Kind::NotATime, &|| super::rules::shown(text));
                }
                parsed.map(|at| at.timestamp_micros())
            })
        }
    };
    Ok(Arc::new(cast.with_timezone("UTC")))
}

/// A time as a person reads it; the number where no calendar reaches.
pub fn shown(micros: i64) -> String {
    match DateTime::from_timestamp_micros(micros) {
        Some(at) => at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        None => format!("{micros} us"),
    }
}

fn collect(array: &dyn Array, mut value: impl FnMut(usize) -> Option<i64>) -> TimestampMicrosecondArray {
    (0..array.len()).map(|row| if array.is_null(row) { None } else { value(row) }).collect()
}

#[cfg(test)]
mod tests {
    use arrow::array::{
        Date32Array, Date64Array, StringArray, TimestampMillisecondArray, TimestampNanosecondArray,
        TimestampSecondArray,
    };

    use super::*;

    /// 2026-03-01T12:00:00Z.
    const NOON: i64 = 1_772_366_400;

    type Faults = Vec<(usize, Kind, String)>;

    fn cast(array: impl Array + 'static) -> (Vec<Option<i64>>, Faults) {
        let mut faults = Faults::new();
        let array: ArrayRef = Arc::new(array);
        let cast = times(&array, &mut |row, kind, value| faults.push((row, kind, value()))).expect("castable");
        (cast.as_primitive::<TimestampMicrosecondType>().iter().collect(), faults)
    }

    #[test]
    fn every_unit_and_zone_is_the_same_instant() {
        let noon = vec![Some(NOON * 1_000_000)];
        assert_eq!(cast(TimestampSecondArray::from(vec![NOON])).0, noon);
        assert_eq!(cast(TimestampMillisecondArray::from(vec![NOON * 1_000]).with_timezone("Asia/Tokyo")).0, noon);
        assert_eq!(cast(TimestampNanosecondArray::from(vec![NOON * 1_000_000_000 + 999])).0, noon);
        let day = (NOON / 86_400) as i32;
        let midnight = vec![Some(i64::from(day) * MICROS_PER_DAY)];
        assert_eq!(cast(Date32Array::from(vec![day])).0, midnight);
        assert_eq!(cast(Date64Array::from(vec![i64::from(day) * 86_400_000])).0, midnight);
        let texts = ["2026-03-01T12:00:00Z", "2026-03-01T13:00:00+01:00", "2026-03-01T06:30:00.000-05:30"];
        assert_eq!(cast(StringArray::from(texts.to_vec())).0, [noon[0]; 3]);
    }

    #[test]
    fn what_is_no_time_is_noted_with_its_row() {
        let (values, faults) = cast(StringArray::from(vec![None, Some("2026-03-01"), Some("2026-03-01T12:00:00")]));
        assert_eq!(values, [None; 3]);
        let found: Vec<_> = faults.iter().map(|(row, kind, _)| (*row, *kind)).collect();
        assert_eq!(found, [(1, Kind::NotATime), (2, Kind::NotATime)]);
        let (_, faults) = cast(TimestampSecondArray::from(vec![i64::MAX]));
        assert_eq!(faults[0].1, Kind::TimeOutOfRange);
    }
}
