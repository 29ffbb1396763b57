//! `any_match(texts, pattern)`: whether any text of a list matches a regular expression, letter case ignored.
//! Never null: no list, or an empty one, matches nothing.

use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray};
use arrow::datatypes::{DataType, Field};
use datafusion::common::{Result, ScalarValue, exec_err, plan_datafusion_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use regex::RegexBuilder;

/// The function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct AnyMatch {
    signature: Signature,
}

impl AnyMatch {
    pub fn new() -> AnyMatch {
        let texts = DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)));
        AnyMatch { signature: Signature::exact(vec![texts, DataType::Utf8], Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for AnyMatch {
    fn name(&self) -> &str {
        "any_match"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let ColumnarValue::Scalar(ScalarValue::Utf8(Some(pattern))) = &args.args[1] else {
            return exec_err!("any_match: the pattern must be a text");
        };
        let pattern = RegexBuilder::new(pattern)
            .case_insensitive(true)
            .build()
            .map_err(|error| plan_datafusion_err!("any_match: {error}"))?;
        let lists = args.args[0].to_array(args.number_rows)?;
        let lists = lists.as_list::<i32>();
        // Each text is looked at once, in the flat array that all lists share, and most are the same few: the last verdict is kept.
        let texts = lists.values().as_string::<i32>();
        let mut last = (String::new(), pattern.is_match(""));
        let mut is_match = |place: usize| {
            if texts.is_null(place) {
                return false;
            }
            let text = texts.value(place);
            if last.0 != text {
                last = (text.to_owned(), pattern.is_match(text));
            }
            last.1
        };
        let offsets = lists.value_offsets();
        let matches: BooleanArray = (0..lists.len())
            .map(|row| {
                let (from, to) = (offsets[row] as usize, offsets[row + 1] as usize);
                Some(lists.is_valid(row) && (from..to).any(&mut is_match))
            })
            .collect();
        Ok(ColumnarValue::Array(Arc::new(matches)))
    }
}
