//! `cells(time, ...)`: the cells of a plan that a row belongs to. It has one argument per *part* of the plan: the
//! instant that places the row, null where the row is not eligible. Made anew for every plan, since it holds the windows.

use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, AsArray, Int32Builder, ListBuilder};
use arrow::datatypes::{DataType, Field, TimestampMicrosecondType};
use datafusion::common::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

/// The number of a cell within its plan.
pub type Cell = i32;

/// The function, for one plan.
#[derive(Debug)]
pub struct Cells {
    signature: Signature,
    parts: Vec<Intervals>,
}

/// The windows of one part, cut into intervals in which the cells are the same.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Intervals {
    /// Where intervals begin, ascending; the first interval begins with the first bound.
    bounds: Vec<i64>,
    /// The cells of the interval that begins with the bound of the same index.
    cells: Vec<Vec<Cell>>,
}

impl Intervals {
    /// Cuts half-open windows (microseconds since 1970 UTC) into intervals.
    pub fn new(windows: &[(Range<i64>, Cell)]) -> Intervals {
        let mut bounds: Vec<i64> = windows.iter().flat_map(|(w, _)| [w.start, w.end]).collect();
        bounds.sort_unstable();
        bounds.dedup();
        let mut cells = vec![Vec::new(); bounds.len()];
        for (window, cell) in windows {
            let first = bounds.partition_point(|bound| *bound < window.start);
            let last = bounds.partition_point(|bound| *bound < window.end);
            for interval in &mut cells[first..last] {
                interval.push(*cell);
            }
        }
        Intervals { bounds, cells }
    }

    /// The cells of an instant.
    pub fn at(&self, instant: i64) -> &[Cell] {
        match self.bounds.partition_point(|bound| *bound <= instant) {
            0 => &[],
            after => &self.cells[after - 1],
        }
    }
}

impl Cells {
    pub fn new(parts: Vec<Intervals>) -> Cells {
        Cells { signature: Signature::variadic_any(Volatility::Immutable), parts }
    }
}

impl PartialEq for Cells {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

impl Eq for Cells {}

impl Hash for Cells {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts.hash(state);
    }
}

impl ScalarUDFImpl for Cells {
    fn name(&self) -> &str {
        "cells"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::List(Arc::new(Field::new("item", DataType::Int32, true))))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let times = args.args.iter().map(|arg| arg.to_array(args.number_rows)).collect::<Result<Vec<_>>>()?;
        let times: Vec<_> = times.iter().map(|time| time.as_primitive::<TimestampMicrosecondType>()).collect();
        let mut lists = ListBuilder::new(Int32Builder::with_capacity(args.number_rows * 2));
        for row in 0..args.number_rows {
            for (part, time) in self.parts.iter().zip(&times) {
                if time.is_valid(row) {
                    lists.values().append_slice(part.at(time.value(row)));
                }
            }
            lists.append(true);
        }
        Ok(ColumnarValue::Array(Arc::new(lists.finish())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_half_open_and_may_overlap() {
        let intervals = Intervals::new(&[(0..10, 1), (10..20, 2), (0..20, 3), (30..40, 4)]);
        let at = |instant| intervals.at(instant).to_vec();
        assert_eq!(at(-1), [0; 0]);
        assert_eq!(at(0), [1, 3]);
        assert_eq!(at(9), [1, 3]);
        assert_eq!(at(10), [2, 3]);
        assert_eq!(at(20), [0; 0]);
        assert_eq!(at(39), [4]);
        assert_eq!(at(40), [0; 0]);
    }
}
