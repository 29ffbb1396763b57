//! `local_midnight(day, zone)`: the instant at which a calendar day begins in a time zone. For facts whose rows belong to
//! a day of somebody's own calendar, whatever zone a question is asked in: such a day is written as its midnight in UTC.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use chrono::DateTime;
use chrono_tz::Tz;
use datafusion::common::{Result, ScalarValue, exec_err, plan_datafusion_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use crate::clock::midnight;

/// The function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct LocalMidnight {
    signature: Signature,
}

impl LocalMidnight {
    pub fn new() -> LocalMidnight {
        LocalMidnight { signature: Signature::exact(vec![instant(), DataType::Utf8], Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for LocalMidnight {
    fn name(&self) -> &str {
        "local_midnight"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(instant())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let ColumnarValue::Scalar(ScalarValue::Utf8(Some(zone))) = &args.args[1] else {
            return exec_err!("local_midnight: the time zone must be a text, such as 'Europe/Berlin'");
        };
        let zone: Tz = zone.parse().map_err(|_| plan_datafusion_err!("local_midnight: no time zone {zone:?}"))?;
        let days: ArrayRef = args.args[0].to_array(args.number_rows)?;
        let days = days.as_primitive::<TimestampMicrosecondType>();
        let mut known = HashMap::new();
        let begins: TimestampMicrosecondArray = (0..days.len())
            .map(|row| {
                let micros = days.is_valid(row).then(|| days.value(row))?;
                *known.entry(micros).or_insert_with(|| {
                    let day = DateTime::from_timestamp_micros(micros)?.date_naive();
                    Some(midnight(day, zone).timestamp_micros())
                })
            })
            .collect();
        Ok(ColumnarValue::Array(Arc::new(begins.with_timezone("UTC"))))
    }
}

fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}
