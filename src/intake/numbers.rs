//! Numbers of any width as 64-bit integers or floats, where nothing is lost.

use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Float64Array, Int64Array};
use arrow::compute::cast as arrow_cast;
use arrow::datatypes::{DataType, Decimal128Type, Decimal256Type, Float64Type, Int64Type, UInt64Type};

use super::cast::Note;
use super::reason::Kind;

/// From here on a 64-bit float no longer tells neighbouring integers apart.
const EXACT: i64 = 1 << 53;

/// Casts to `Int64`. Notes fractions, and what is out of range.
pub fn ints(array: &ArrayRef, note: &mut Note<'_>) -> Result<ArrayRef> {
    let cast: Int64Array = match array.data_type() {
        DataType::UInt64 => {
            let values = array.as_primitive::<UInt64Type>();
            collect(values, Kind::Inexact, note, |row| values.value(row), |v| i64::try_from(v).ok())
        }
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            let values = arrow_cast(array, &DataType::Float64)?;
            let values = values.as_primitive::<Float64Type>();
            let whole = |v: f64| (v.fract() == 0.0 && v.abs() <= EXACT as f64).then_some(v as i64);
            collect(values, Kind::Inexact, note, |row| values.value(row), whole)
        }
        kind if kind.is_decimal() => {
            let (values, scale) = decimals(array, note)?;
            let whole = |v: i128| match u32::try_from(scale) {
                Ok(digits) => {
                    let unit = 10_i128.checked_pow(digits)?;
                    (v % unit == 0).then(|| i64::try_from(v / unit).ok()).flatten()
                }
                Err(_) => {
                    let unit = 10_i128.checked_pow(u32::from(scale.unsigned_abs()))?;
                    i64::try_from(v.checked_mul(unit)?).ok()
                }
            };
            let shown = |row| values.value_as_string(row);
            let mut cast = Vec::with_capacity(values.len());
            for row in 0..values.len() {
                let value = values.is_valid(row).then(|| whole(values.value(row)));
                if value == Some(None) {
                    note(row, Kind::Inexact, &|| shown(row));
                }
                cast.push(value.flatten());
            }
            Int64Array::from(cast)
        }
        _ => return Ok(arrow_cast(array, &DataType::Int64)?),
    };
    Ok(Arc::new(cast))
}

/// Casts to `Float64`. Notes what is not finite, and integers beyond 2^53.
pub fn floats(array: &ArrayRef, note: &mut Note<'_>) -> Result<ArrayRef> {
    if array.data_type().is_integer() {
        let values = ints(array, note)?;
        let values = values.as_primitive::<Int64Type>();
        let exact = |v: i64| (-EXACT..=EXACT).contains(&v).then_some(v as f64);
        let cast: Float64Array = collect(values, Kind::Inexact, note, |row| values.value(row), exact);
        return Ok(Arc::new(cast));
    }
    let values = arrow_cast(array, &DataType::Float64)?;
    let values = values.as_primitive::<Float64Type>();
    let finite = |v: f64| v.is_finite().then_some(v);
    let cast: Float64Array = collect(values, Kind::NotFinite, note, |row| values.value(row), finite);
    Ok(Arc::new(cast))
}

/// Decimals of any width as 128 bits, with their scale. Notes those that need more.
fn decimals(array: &ArrayRef, note: &mut Note<'_>) -> Result<(Decimal128Array, i8)> {
    match array.data_type() {
        DataType::Decimal256(_, scale) => {
            let wide = array.as_primitive::<Decimal256Type>();
            let narrow: Decimal128Array = collect(wide, Kind::Inexact, note, |row| wide.value(row), |v| v.to_i128());
            Ok((narrow.with_precision_and_scale(38, (*scale).clamp(-38, 38))?, *scale))
        }
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale) => {
            let cast = arrow_cast(array, &DataType::Decimal128(*precision, *scale))?;
            let cast = cast.as_primitive_opt::<Decimal128Type>().context("a cast to Decimal128 gives Decimal128")?;
            Ok((cast.clone(), *scale))
        }
        other => anyhow::bail!("{other} is no decimal"),
    }
}

/// Each valid value converted; what cannot be is noted and becomes null.
fn collect<A, V, W>(
    array: &dyn Array,
    kind: Kind,
    note: &mut Note<'_>,
    value: impl Fn(usize) -> V,
    convert: impl Fn(V) -> Option<W>,
) -> A
where
    A: FromIterator<Option<W>>,
    V: Copy + std::fmt::Display,
{
    (0..array.len())
        .map(|row| {
            if array.is_null(row) {
                return None;
            }
            let value = value(row);
            let converted = convert(value);
            if converted.is_none() {
                note(row, kind, &|| value.to_string());
            }
            converted
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use arrow::array::{Decimal256Array, Float32Array, Int8Array, UInt64Array};

    use super::*;

    fn as_ints(array: impl Array + 'static) -> (Vec<Option<i64>>, Vec<String>) {
        let mut faults = Vec::new();
        let array: ArrayRef = Arc::new(array);
        let cast = ints(&array, &mut |row, _, value| faults.push(format!("{row}: {}", value()))).expect("castable");
        (cast.as_primitive::<Int64Type>().iter().collect(), faults)
    }

    fn as_floats(array: impl Array + 'static) -> (Vec<Option<f64>>, Vec<String>) {
        let mut faults = Vec::new();
        let array: ArrayRef = Arc::new(array);
        let cast = floats(&array, &mut |row, _, value| faults.push(format!("{row}: {}", value()))).expect("castable");
        (cast.as_primitive::<Float64Type>().iter().collect(), faults)
    }

    #[test]
    fn whole_numbers_pass_in_any_dress() {
        assert_eq!(as_ints(Int8Array::from(vec![Some(-1), None])), (vec![Some(-1), None], vec![]));
        assert_eq!(as_ints(Float32Array::from(vec![2.0])), (vec![Some(2)], vec![]));
        let decimal = Decimal128Array::from(vec![1200]).with_precision_and_scale(10, 2).expect("fits");
        assert_eq!(as_ints(decimal), (vec![Some(12)], vec![]));
        let decimal = Decimal256Array::from_iter_values([arrow::datatypes::i256::from(7)]);
        assert_eq!(as_ints(decimal.with_precision_and_scale(70, 0).expect("fits")), (vec![Some(7)], vec![]));
    }

    #[test]
    fn what_would_lose_something_is_noted() {
        assert_eq!(as_ints(UInt64Array::from(vec![1, u64::MAX])).1, ["1: 18446744073709551615"]);
        assert_eq!(as_ints(Float64Array::from(vec![0.5, f64::NAN, 1e300])).1.len(), 3);
        let decimal = Decimal128Array::from(vec![1250]).with_precision_and_scale(10, 2).expect("fits");
        assert_eq!(as_ints(decimal).1, ["0: 12.50"]);
        assert_eq!(as_floats(Int64Array::from(vec![EXACT, EXACT + 1])).1, ["1: 9007199254740993"]);
        assert_eq!(as_floats(Float64Array::from(vec![1.5, f64::INFINITY])).1, ["1: inf"]);
    }

    #[test]
    fn decimals_become_the_nearest_float() {
        let decimal = Decimal128Array::from(vec![15, 1]).with_precision_and_scale(10, 1).expect("fits");
        assert_eq!(as_floats(decimal).0, [Some(1.5), Some(0.1)]);
    }
}
