//! `duration(from, to)`: the microseconds between two instants, null where either is null or `to` is before `from`.
//! A negative duration is never clamped: it is unknown.
//!
//! `working_time(from, to)` is the same without the days of rest of a business calendar, in a time zone that the session
//! has fixed.

use std::sync::Arc;

use arrow::array::{Array, AsArray, Int64Array, PrimitiveArray};
use arrow::compute::{max, min};
use arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::query::working_time::WorkingTime;

type Instants = PrimitiveArray<TimestampMicrosecondType>;

/// The expression `duration(from, to)`; with a calendar, `working_time(from, to)`.
pub fn duration(from: Expr, to: Expr, working: Option<Arc<WorkingTime>>) -> Expr {
    ScalarUDF::from(Duration::new(working)).call(vec![from, to])
}

/// The function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Duration {
    signature: Signature,
    working: Option<Arc<WorkingTime>>,
}

impl Duration {
    /// `working_time` by a calendar; without one, `duration`.
    pub fn new(working: Option<Arc<WorkingTime>>) -> Duration {
        let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        Duration { signature: Signature::exact(vec![instant.clone(), instant], Volatility::Immutable), working }
    }
}

impl ScalarUDFImpl for Duration {
    fn name(&self) -> &str {
        if self.working.is_some() { "working_time" } else { "duration" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let from = arrays[0].as_primitive::<TimestampMicrosecondType>();
        let to = arrays[1].as_primitive::<TimestampMicrosecondType>();
        let durations = match &self.working {
            None => each(from, to, |from, to| Some(to - from).filter(|micros| *micros >= 0)),
            Some(working) => worked(from, to, working),
        };
        Ok(ColumnarValue::Array(Arc::new(durations)))
    }
}

/// What `between` gives of each pair; null where either is.
fn each(from: &Instants, to: &Instants, between: impl Fn(i64, i64) -> Option<i64>) -> Int64Array {
    let known = |row: &usize| from.is_valid(*row) && to.is_valid(*row);
    (0..from.len()).map(|row| known(&row).then(|| between(from.value(row), to.value(row))).flatten()).collect()
}

fn worked(from: &Instants, to: &Instants, working: &WorkingTime) -> Int64Array {
    let first = min(from).into_iter().chain(min(to)).min();
    let last = max(from).into_iter().chain(max(to)).max();
    match first.zip(last) {
        Some((first, last)) => {
            let days = working.days(first..=last);
            each(from, to, |from, to| days.between(from, to))
        }
        None => Int64Array::new_null(from.len()),
    }
}
