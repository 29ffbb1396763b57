//! `duration(from, to)`: the microseconds between two instants, null where either is null or `to` is before `from`.
//! A negative duration is never clamped: it is unknown.

use std::sync::Arc;

use arrow::array::{Array, AsArray, Int64Array};
use arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// The expression `duration(from, to)`.
pub fn duration(from: Expr, to: Expr) -> Expr {
    ScalarUDF::from(Duration::new()).call(vec![from, to])
}

/// The function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Duration {
    signature: Signature,
}

impl Duration {
    pub fn new() -> Duration {
        let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        Duration { signature: Signature::exact(vec![instant.clone(), instant], Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Duration {
    fn name(&self) -> &str {
        "duration"
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
        let durations: Int64Array = (0..from.len())
            .map(|row| {
                let known = from.is_valid(row) && to.is_valid(row);
                known.then(|| to.value(row) - from.value(row)).filter(|micros| *micros >= 0)
            })
            .collect();
        Ok(ColumnarValue::Array(Arc::new(durations)))
    }
}
