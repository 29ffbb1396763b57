//! Casts a decoded column to the column's type in the lake, value by value, and notes each that would lose something.
//! Which types are accepted at all is decided in `columns`.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use arrow::array::{
    Array, ArrayRef, AsArray, FixedSizeListArray, GenericListArray, Int32Array, ListArray, ListBuilder,
    OffsetSizeTrait, StringBuilder, StringViewArray, new_null_array,
};
use arrow::compute::{cast as arrow_cast, take};
use arrow::datatypes::DataType;

use crate::model::ColumnType;

use super::numbers::{floats, ints};
use super::reason::Kind;
use super::times::times;

/// Told of each value that cannot be cast: the row of the batch, what is wrong, and how to show the value.
pub type Note<'a> = dyn FnMut(usize, Kind, &dyn Fn() -> String) + 'a;

/// Casts `array` to `wanted.arrow()`. A value that does not fit becomes null and is noted.
///
/// Errors: a type that `columns::castable` does not accept.
pub fn cast(array: &ArrayRef, wanted: ColumnType, note: &mut Note<'_>) -> Result<ArrayRef> {
    if *array.data_type() == DataType::Null {
        return Ok(new_null_array(&wanted.arrow(), array.len()));
    }
    Ok(match wanted {
        ColumnType::String => arrow_cast(array, &DataType::Utf8)?,
        ColumnType::Timestamp => times(array, note)?,
        ColumnType::Int => ints(array, note)?,
        ColumnType::Float => floats(array, note)?,
        ColumnType::Bool => Arc::clone(array),
        ColumnType::StringList => lists(array)?,
    })
}

/// How many bytes the column takes when it is held as the lake's type, and its longest string.
/// Cheap, and done before the cast: a view of a repeated string is small, its copies need not be.
pub fn decoded_size(array: &dyn Array) -> (u64, u64) {
    let fixed = array.len() as u64 * 8;
    match array.data_type() {
        DataType::Utf8View => {
            let (sum, longest) = lengths(array.as_string_view());
            (fixed + sum, longest)
        }
        DataType::List(_) => list_size(array.as_list::<i32>()),
        DataType::LargeList(_) => list_size(array.as_list::<i64>()),
        DataType::FixedSizeList(_, _) => {
            let (sum, longest) = decoded_size(array.as_fixed_size_list().values());
            (fixed + sum, longest)
        }
        _ => (fixed.max(array.get_array_memory_size() as u64), 0),
    }
}

fn lengths(views: &StringViewArray) -> (u64, u64) {
    // The low 32 bits of a view are its length; a null's are not defined.
    let length = |i: usize| if views.is_null(i) { 0 } else { u64::from(views.views()[i] as u32) };
    (0..views.len()).map(length).fold((0, 0), |(sum, longest), n| (sum + n, longest.max(n)))
}

fn list_size<O: OffsetSizeTrait>(lists: &GenericListArray<O>) -> (u64, u64) {
    // A slice of a list array still holds all values; only those between its own offsets count.
    let offsets = lists.value_offsets();
    let (first, last) = (offsets[0].as_usize(), offsets[lists.len()].as_usize());
    let (sum, longest) = decoded_size(&lists.values().slice(first, last - first));
    (lists.len() as u64 * 8 + sum, longest)
}

/// Lists of any kind as plain lists of plain strings. A null inside a list says nothing and is left out.
fn lists(array: &ArrayRef) -> Result<ArrayRef> {
    let plain: ListArray = match array.data_type() {
        DataType::FixedSizeList(_, _) => from_fixed(array.as_fixed_size_list())?,
        DataType::List(_) => array.as_list::<i32>().clone(),
        DataType::LargeList(item) | DataType::ListView(item) | DataType::LargeListView(item) => {
            arrow_cast(array, &DataType::List(Arc::clone(item)))?.as_list::<i32>().clone()
        }
        other => bail!("{other} is no list"),
    };
    let values = arrow_cast(plain.values(), &DataType::Utf8)?;
    let values = values.as_string::<i32>();
    let mut builder = ListBuilder::with_capacity(StringBuilder::new(), plain.len());
    for row in 0..plain.len() {
        if plain.is_null(row) {
            builder.append_null();
            continue;
        }
        let offsets = plain.value_offsets();
        for at in offsets[row] as usize..offsets[row + 1] as usize {
            if values.is_valid(at) {
                builder.values().append_value(values.value(at));
            }
        }
        builder.append(true);
    }
    Ok(Arc::new(builder.finish()))
}

fn from_fixed(lists: &FixedSizeListArray) -> Result<ListArray> {
    let item = match lists.data_type() {
        DataType::FixedSizeList(item, _) => Arc::clone(item),
        other => bail!("{other} is no list"),
    };
    // Null lists may hide values; taking only the valid ones keeps offsets and values together.
    let width = lists.value_length();
    let mut at: Vec<i32> = Vec::new();
    let mut offsets = vec![0_i32];
    for row in 0..lists.len() {
        if lists.is_valid(row) {
            let first = lists.value_offset(row);
            at.extend(first..first + width);
        }
        offsets.push(i32::try_from(at.len()).context("too many list items")?);
    }
    let values = take(lists.values(), &Int32Array::from(at), None)?;
    Ok(ListArray::try_new(item, arrow::buffer::OffsetBuffer::new(offsets.into()), values, lists.nulls().cloned())?)
}

#[cfg(test)]
mod tests {
    use arrow::array::{DictionaryArray, StringArray};
    use arrow::datatypes::{Field, Int8Type};

    use super::*;

    fn cleanly(array: ArrayRef, wanted: ColumnType) -> ArrayRef {
        let mut faults = 0;
        let cast = cast(&array, wanted, &mut |_, _, _| faults += 1).expect("castable");
        assert_eq!(faults, 0);
        assert_eq!(*cast.data_type(), wanted.arrow());
        cast
    }

    #[test]
    fn dictionaries_and_views_become_plain_strings() {
        let words: DictionaryArray<Int8Type> = vec![Some("a"), None, Some("a")].into_iter().collect();
        let expected: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("a")]));
        assert_eq!(&cleanly(Arc::new(words), ColumnType::String), &expected);
        let views = StringViewArray::from(vec![Some("a"), None, Some("a")]);
        assert_eq!(decoded_size(&views), (8 * 3 + 2, 1));
        assert_eq!(&cleanly(Arc::new(views), ColumnType::String), &expected);
    }

    #[test]
    fn lists_of_every_kind_become_plain_lists_without_nulls() {
        let mut builder = ListBuilder::new(StringBuilder::new());
        builder.append_value([Some("a"), None]);
        builder.append_null();
        builder.append_value([Some("b"), Some("c")]);
        let list: ArrayRef = Arc::new(builder.finish());
        let mut builder = ListBuilder::new(StringBuilder::new());
        builder.append_value([Some("a")]);
        builder.append_null();
        builder.append_value([Some("b"), Some("c")]);
        let expected: ArrayRef = Arc::new(builder.finish());
        let item = Arc::new(Field::new("item", DataType::Utf8, true));
        for kind in [
            DataType::List(Arc::clone(&item)),
            DataType::LargeList(Arc::clone(&item)),
            DataType::ListView(Arc::clone(&item)),
            DataType::FixedSizeList(Arc::clone(&item), 2),
        ] {
            let array = arrow_cast(&list, &kind).expect("a list of another kind");
            assert_eq!(&cleanly(array, ColumnType::StringList), &expected, "{kind}");
        }
    }

    #[test]
    fn a_column_of_nulls_has_any_type() {
        for wanted in [ColumnType::String, ColumnType::Timestamp, ColumnType::Int, ColumnType::StringList] {
            assert_eq!(cleanly(new_null_array(&DataType::Null, 2), wanted).null_count(), 2);
        }
    }
}
