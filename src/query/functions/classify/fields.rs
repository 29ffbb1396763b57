//! The named values that `classify` is given: columns of texts and of lists of texts, and the JSON of ancestors.

use std::collections::BTreeSet;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, exec_err, plan_datafusion_err};
use datafusion::logical_expr::ColumnarValue;
use serde_json::{Map, Value};

use crate::model::ColumnType;
use crate::model::classification::FIELDS;

/// Names that are no fields.
const ANCESTORS: &str = "ancestors";
const IS_LEAF: &str = "is_leaf";

/// The values of a batch.
pub struct Fields {
    columns: Vec<(&'static str, Column)>,
    ancestors: Option<(ListArray, StringArray)>,
    leaves: Option<BooleanArray>,
}

enum Column {
    Text(StringArray),
    /// A list, and the flat array that all of its rows share.
    Texts(ListArray, StringArray),
}

/// The fields of an issue above a row.
pub struct Ancestor(Map<String, Value>);

impl Fields {
    /// Reads pairs of a name and a value. Errors name what is wrong.
    pub fn read(pairs: &[ColumnarValue], rows: usize) -> Result<Fields> {
        let mut fields = Fields { columns: Vec::new(), ancestors: None, leaves: None };
        for pair in pairs.chunks_exact(2) {
            let ColumnarValue::Scalar(ScalarValue::Utf8(Some(name))) = &pair[0] else {
                return exec_err!("classify: the name of a value must be a text");
            };
            let array = pair[1].to_array(rows)?;
            match name.as_str() {
                ANCESTORS => fields.ancestors = Some(lists(name, &array)?),
                IS_LEAF => fields.leaves = Some(cast(&array, &DataType::Boolean)?.as_boolean().clone()),
                name => {
                    let known = FIELDS.into_iter().find(|field| *field == name);
                    let known = known.ok_or_else(|| {
                        plan_datafusion_err!(
                            "classify: no field {name:?}; there are {}, {ANCESTORS} and {IS_LEAF}",
                            FIELDS.join(", ")
                        )
                    })?;
                    let column = match array.data_type() {
                        DataType::List(_) => lists(name, &array).map(|(lists, texts)| Column::Texts(lists, texts))?,
                        _ => Column::Text(cast(&array, &DataType::Utf8)?.as_string::<i32>().clone()),
                    };
                    fields.columns.push((known, column));
                }
            }
        }
        Ok(fields)
    }

    /// The values of a field of a row, those that are null left out; `None`: rows of this kind have no such field.
    pub fn values(&self, field: &str, row: usize) -> Option<Vec<&str>> {
        let (_, column) = self.columns.iter().find(|(name, _)| *name == field)?;
        Some(column.values(row).collect())
    }

    /// Writes a text that rows have in common whose values of these fields are the same.
    pub fn write_key(&self, of: &BTreeSet<&'static str>, row: usize, key: &mut String) {
        for (_, column) in self.columns.iter().filter(|(name, _)| of.contains(name)) {
            for value in column.values(row) {
                key.push_str(value);
                key.push('\u{1f}');
            }
            key.push('\u{1e}');
        }
    }

    /// The JSON of the issues above a row, the nearest first.
    pub fn ancestors(&self, row: usize) -> impl Iterator<Item = &str> {
        self.ancestors.iter().flat_map(move |(lists, texts)| in_list(lists, texts, row))
    }

    /// Whether no issue is below a row; so it is where nobody knows.
    pub fn is_leaf(&self, row: usize) -> bool {
        self.leaves.as_ref().is_none_or(|leaves| leaves.is_null(row) || leaves.value(row))
    }
}

impl Ancestor {
    /// Reads the JSON of an issue above.
    pub fn read(json: &str) -> Result<Ancestor> {
        let object = serde_json::from_str(json)
            .map_err(|error| plan_datafusion_err!("classify: an ancestor is no JSON object: {error}"))?;
        Ok(Ancestor(object))
    }

    /// The values of a field, as [`Fields::values`] gives those of a row; `None`: it is not told.
    pub fn values(&self, field: &str) -> Option<Vec<&str>> {
        // Lists have the plural of the field for a key: labels, components.
        let value = self
            .0
            .get(field)
            .or_else(|| self.0.iter().find(|(key, _)| key.strip_suffix('s') == Some(field)).map(|(_, v)| v));
        Some(match value? {
            Value::String(text) => vec![text],
            Value::Array(texts) => texts.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        })
    }
}

impl Column {
    fn values(&self, row: usize) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Column::Text(texts) => Box::new(texts.is_valid(row).then(|| texts.value(row)).into_iter()),
            Column::Texts(lists, texts) => Box::new(in_list(lists, texts, row)),
        }
    }
}

fn in_list<'t>(lists: &ListArray, texts: &'t StringArray, row: usize) -> impl Iterator<Item = &'t str> + use<'t> {
    let places = match lists.is_valid(row) {
        true => lists.value_offsets()[row] as usize..lists.value_offsets()[row + 1] as usize,
        false => 0..0,
    };
    places.filter(|place| texts.is_valid(*place)).map(|place| texts.value(place))
}

fn lists(name: &str, array: &ArrayRef) -> Result<(ListArray, StringArray)> {
    let cast = cast(array, &ColumnType::StringList.arrow());
    let cast = cast.map_err(|error| plan_datafusion_err!("classify: {name} is no list of texts: {error}"))?;
    let lists = cast.as_list::<i32>().clone();
    let texts = lists.values().as_string::<i32>().clone();
    Ok((lists, texts))
}
