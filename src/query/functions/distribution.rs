//! `distribution(micros)`: number, sum, median, 75th, 90th and 95th percentile of durations, from one buffer.
//!
//! DataFusion's own percentiles keep a copy of the values each. Percentiles interpolate linearly (PERCENTILE_CONT). The
//! sum is an integer until the end, so that the order of the rows never shows.

use std::mem;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, FixedSizeListArray, Float64Array, Int64Array, ListArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type};
use datafusion::common::Result;
use datafusion::common::not_impl_err;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, Expr, GroupsAccumulator, Signature, Volatility,
};

/// Where each statistic stands in the result, in this order.
pub const STATISTICS: usize = 6;
/// The quantiles after number and sum.
const QUANTILES: [f64; 4] = [0.5, 0.75, 0.9, 0.95];
const MICROS_PER_SECOND: f64 = 1e6;

/// The expression `distribution(micros)`.
pub fn distribution(micros: Expr) -> Expr {
    AggregateUDF::from(Distribution::new()).call(vec![micros])
}

/// The aggregate function. Its result is a list of six: number of values, then sum and percentiles in seconds (null
/// where there is no value).
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Distribution {
    signature: Signature,
}

impl Distribution {
    pub fn new() -> Distribution {
        Distribution { signature: Signature::exact(vec![DataType::Int64], Volatility::Immutable) }
    }
}

impl AggregateUDFImpl for Distribution {
    fn name(&self) -> &str {
        "distribution"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::FixedSizeList(statistic_field(), STATISTICS as i32))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{}[values]", args.name), DataType::List(value_field()), true))])
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Buffers::default()))
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        not_impl_err!("distribution is for GROUP BY only")
    }
}

/// The values of each group.
#[derive(Debug, Default)]
struct Buffers {
    groups: Vec<Vec<i64>>,
    values: usize,
}

impl Buffers {
    fn grow(&mut self, groups: usize) {
        if self.groups.len() < groups {
            self.groups.resize_with(groups, Vec::new);
        }
    }

    fn emit(&mut self, emit_to: EmitTo) -> Vec<Vec<i64>> {
        let emitted = emit_to.take_needed(&mut self.groups);
        self.values -= emitted.iter().map(Vec::len).sum::<usize>();
        emitted
    }
}

impl GroupsAccumulator for Buffers {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.grow(total_num_groups);
        let micros = values[0].as_primitive::<Int64Type>();
        for (row, group) in group_indices.iter().enumerate() {
            let passes = opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
            if passes && micros.is_valid(row) {
                self.groups[*group].push(micros.value(row));
                self.values += 1;
            }
        }
        Ok(())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.grow(total_num_groups);
        let lists = values[0].as_list::<i32>();
        for (row, group) in group_indices.iter().enumerate() {
            if lists.is_valid(row) {
                let list = lists.value(row);
                let list = list.as_primitive::<Int64Type>();
                self.groups[*group].extend_from_slice(list.values());
                self.values += list.len();
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let groups = self.emit(emit_to);
        let mut statistics: Vec<Option<f64>> = Vec::with_capacity(groups.len() * STATISTICS);
        for group in groups {
            statistics.extend(describe(group));
        }
        let statistics = Arc::new(Float64Array::from(statistics));
        Ok(Arc::new(FixedSizeListArray::try_new(statistic_field(), STATISTICS as i32, statistics, None)?))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![lists(self.emit(emit_to))?])
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let micros = values[0].as_primitive::<Int64Type>();
        let groups = (0..micros.len())
            .map(|row| {
                let passes = opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
                if passes && micros.is_valid(row) { vec![micros.value(row)] } else { Vec::new() }
            })
            .collect();
        Ok(vec![lists(groups)?])
    }

    fn size(&self) -> usize {
        // Buffers double as they grow; counting each in full at every batch would cost more than it tells.
        self.groups.capacity() * mem::size_of::<Vec<i64>>() + 2 * self.values * mem::size_of::<i64>()
    }
}

/// Number, sum and percentiles, the latter in seconds.
fn describe(mut micros: Vec<i64>) -> [Option<f64>; STATISTICS] {
    let mut statistics = [None; STATISTICS];
    statistics[0] = Some(micros.len() as f64);
    if micros.is_empty() {
        return statistics;
    }
    micros.sort_unstable();
    let sum: i128 = micros.iter().map(|m| i128::from(*m)).sum();
    statistics[1] = Some(sum as f64 / MICROS_PER_SECOND);
    for (place, quantile) in statistics[2..].iter_mut().zip(QUANTILES) {
        *place = Some(percentile_cont(&micros, quantile) / MICROS_PER_SECOND);
    }
    statistics
}

/// The value at a quantile of ascending values, interpolated linearly between the two nearest.
fn percentile_cont(ascending: &[i64], quantile: f64) -> f64 {
    let rank = quantile * (ascending.len() - 1) as f64;
    let below = ascending[rank.floor() as usize];
    let above = ascending[rank.ceil() as usize];
    below as f64 + (above - below) as f64 * rank.fract()
}

fn lists(groups: Vec<Vec<i64>>) -> Result<ArrayRef> {
    let offsets = OffsetBuffer::from_lengths(groups.iter().map(Vec::len));
    let values: Int64Array = groups.into_iter().flatten().collect::<Vec<i64>>().into();
    Ok(Arc::new(ListArray::try_new(value_field(), offsets, Arc::new(values), None)?))
}

fn value_field() -> FieldRef {
    Arc::new(Field::new("item", DataType::Int64, true))
}

fn statistic_field() -> FieldRef {
    Arc::new(Field::new("item", DataType::Float64, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_interpolate_linearly() {
        let seconds = |s: i64| s * 1_000_000;
        let values = [10, 20, 30, 40].map(seconds).to_vec();
        // rank of the 90th percentile: 0.9 * 3 = 2.7, so 30 + 0.7 * 10
        assert_eq!(describe(values), [Some(4.0), Some(100.0), Some(25.0), Some(32.5), Some(37.0), Some(38.5)]);
    }

    #[test]
    fn nothing_has_no_statistics_but_a_number() {
        assert_eq!(describe(Vec::new()), [Some(0.0), None, None, None, None, None]);
    }

    #[test]
    fn the_state_is_what_was_taken_in() {
        let mut left = Buffers::default();
        let micros: ArrayRef = Arc::new(Int64Array::from(vec![Some(5), None, Some(7)]));
        left.update_batch(&[micros], &[0, 0, 1], None, 2).expect("takes in");
        let state = left.state(EmitTo::All).expect("gives its state");
        let mut right = Buffers::default();
        right.merge_batch(&state, &[1, 0], 2).expect("merges");
        assert_eq!(right.groups, [vec![7], vec![5]]);
        assert_eq!(right.values, 2);
    }
}
