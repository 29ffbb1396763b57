//! Aggregates that need sums by a key of their own within each group:
//! `tally(key, weight)` gives them all, as a list of (key, sum), for shares of somebody's work;
//! `spread(key, numerator, denominator)` gives the population standard deviation, over the keys, of the quotient of two
//! sums: how much sprints differ, say. Its keys are texts, of which 64 bits of a hash are kept. Keys whose denominator is not above 0 are left out; null where none is left.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, ListArray, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Float64Type, Int64Type};
use datafusion::common::{Result, ScalarValue, internal_datafusion_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Expr, Signature, Volatility};
use sha2::{Digest, Sha256};

/// The expression `tally(key, weight)`.
pub fn tally(key: Expr, weight: Expr) -> Expr {
    AggregateUDF::from(Tally::sums()).call(vec![key, weight])
}

/// One of the two functions.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Tally {
    signature: Signature,
    /// Sums beside the key: 1 for `tally`, 2 for `spread`.
    sums: usize,
}

impl Tally {
    pub fn sums() -> Tally {
        Tally { signature: signature(1), sums: 1 }
    }

    pub fn spread() -> Tally {
        Tally { signature: signature(2), sums: 2 }
    }
}

fn signature(sums: usize) -> Signature {
    let key = if sums == 1 { DataType::Int64 } else { DataType::Utf8 };
    let types = [key].into_iter().chain(std::iter::repeat_n(DataType::Float64, sums));
    Signature::exact(types.collect(), Volatility::Immutable)
}

impl AggregateUDFImpl for Tally {
    fn name(&self) -> &str {
        if self.sums == 1 { "tally" } else { "spread" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(if self.sums == 1 { DataType::List(item(1)) } else { DataType::Float64 })
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let state = DataType::List(item(self.sums));
        Ok(vec![Arc::new(Field::new(format!("{}[sums]", args.name), state, true))])
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Sums { sums: self.sums, by_key: BTreeMap::new() }))
    }
}

/// Sums by key, in the order of the keys.
#[derive(Debug)]
struct Sums {
    sums: usize,
    by_key: BTreeMap<i64, [f64; 2]>,
}

impl Sums {
    fn add(&mut self, keys: &Int64Array, weights: &[ArrayRef]) {
        for row in (0..keys.len()).filter(|row| keys.is_valid(*row)) {
            let sums = self.by_key.entry(keys.value(row)).or_default();
            for (sum, weight) in sums.iter_mut().zip(weights) {
                let weight = weight.as_primitive::<Float64Type>();
                *sum += if weight.is_valid(row) { weight.value(row) } else { 0.0 };
            }
        }
    }

    /// A list with one value: the keys and their sums.
    fn list(&self) -> Result<ScalarValue> {
        let keys: ArrayRef = Arc::new(Int64Array::from_iter_values(self.by_key.keys().copied()));
        let sum = |place: usize| -> ArrayRef {
            Arc::new(Float64Array::from_iter_values(self.by_key.values().map(|sums| sums[place])))
        };
        let columns = [keys].into_iter().chain((0..self.sums).map(sum)).collect();
        let rows = StructArray::try_new(fields(self.sums), columns, None)?;
        let offsets = OffsetBuffer::from_lengths([rows.len()]);
        Ok(ScalarValue::List(Arc::new(ListArray::try_new(item(self.sums), offsets, Arc::new(rows), None)?)))
    }

    fn spread(&self) -> Option<f64> {
        let quotients: Vec<f64> = self.by_key.values().filter(|sums| sums[1] > 0.0).map(|s| s[0] / s[1]).collect();
        let number = quotients.len() as f64;
        let mean = quotients.iter().sum::<f64>() / number;
        let variance = quotients.iter().map(|quotient| (quotient - mean).powi(2)).sum::<f64>() / number;
        (!quotients.is_empty()).then(|| variance.sqrt())
    }
}

impl Accumulator for Sums {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        match values[0].as_string_opt::<i32>() {
            Some(texts) => self.add(&texts.iter().map(|text| text.map(hash)).collect(), &values[1..]),
            None => self.add(values[0].as_primitive::<Int64Type>(), &values[1..]),
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let lists = states[0].as_list::<i32>();
        for list in (0..lists.len()).filter(|row| lists.is_valid(*row)).map(|row| lists.value(row)) {
            let rows = list.as_struct_opt().ok_or_else(|| internal_datafusion_err!("sums by key are no structs"))?;
            self.add(rows.column(0).as_primitive::<Int64Type>(), &rows.columns()[1..]);
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        if self.sums == 1 { self.list() } else { Ok(ScalarValue::Float64(self.spread())) }
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.list()?])
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.by_key.len() * 2 * size_of::<(i64, [f64; 2])>()
    }
}

/// The first 64 bits of a hash of a text.
fn hash(text: &str) -> i64 {
    Sha256::digest(text).iter().take(8).fold(0_i64, |number, byte| number << 8 | i64::from(*byte))
}

fn fields(sums: usize) -> Fields {
    let key = Field::new("key", DataType::Int64, false);
    let sum = |place| Field::new(format!("sum_{place}"), DataType::Float64, false);
    [key].into_iter().chain((0..sums).map(sum)).collect()
}

fn item(sums: usize) -> FieldRef {
    Arc::new(Field::new("item", DataType::Struct(fields(sums)), true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::StringArray;

    #[test]
    fn sums_by_key_merge_in_any_order() {
        let column = |values: &[f64]| Arc::new(Float64Array::from(values.to_vec())) as ArrayRef;
        let keys = |keys: &[&str]| Arc::new(StringArray::from(keys.to_vec())) as ArrayRef;
        let mut left = Sums { sums: 2, by_key: BTreeMap::new() };
        left.update_batch(&[keys(&["a", "b"]), column(&[8.0, 5.0]), column(&[10.0, 10.0])]).expect("takes in");
        let state = left.state().expect("gives its state").remove(0).to_array().expect("an array");
        let mut right = Sums { sums: 2, by_key: BTreeMap::new() };
        right.update_batch(&[keys(&["b", "c"]), column(&[5.0, 9.0]), column(&[0.0, 0.0])]).expect("takes in");
        right.merge_batch(&[state]).expect("merges");
        // 8 of 10 and 10 of 10; the third has nothing to divide by. Mean 0.9, each 0.1 away from it.
        assert!((right.spread().expect("two keys") - 0.1).abs() < 1e-12);
        assert_eq!(Sums { sums: 2, by_key: BTreeMap::new() }.spread(), None);
    }
}
