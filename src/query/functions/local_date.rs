//! `local_date(instant, zone)`: the calendar day that it is in a time zone.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Date32Array};
use arrow::datatypes::{DataType, Date32Type, TimeUnit, TimestampMicrosecondType};
use chrono::DateTime;
use chrono_tz::Tz;
use datafusion::common::{Result, ScalarValue, exec_err, plan_datafusion_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

/// The function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct LocalDate {
    signature: Signature,
}

impl LocalDate {
    pub fn new() -> LocalDate {
        let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        LocalDate { signature: Signature::exact(vec![instant, DataType::Utf8], Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for LocalDate {
    fn name(&self) -> &str {
        "local_date"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Date32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let ColumnarValue::Scalar(ScalarValue::Utf8(Some(zone))) = &args.args[1] else {
            return exec_err!("local_date: the time zone must be a text, such as 'Europe/Berlin'");
        };
        let zone: Tz = zone.parse().map_err(|_| plan_datafusion_err!("local_date: no time zone {zone:?}"))?;
        let instants: ArrayRef = args.args[0].to_array(args.number_rows)?;
        let instants = instants.as_primitive::<TimestampMicrosecondType>();
        let days: Date32Array = (0..instants.len())
            .map(|row| {
                let micros = instants.is_valid(row).then(|| instants.value(row))?;
                let local = DateTime::from_timestamp_micros(micros)?.with_timezone(&zone);
                Some(Date32Type::from_naive_date(local.date_naive()))
            })
            .collect();
        Ok(ColumnarValue::Array(Arc::new(days)))
    }
}
