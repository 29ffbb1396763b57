//! Conditions on the rows of a fact: keys of a dimension, a window of time, a metric's own filter.

use std::ops::Range;

use anyhow::{Context, Result};
use arrow::datatypes::{DataType, Schema};
use datafusion::common::ScalarValue;
use datafusion::functions_nested::expr_fn::array_has_any;
use datafusion::logical_expr::{Expr, col, lit};

use super::bind::Binder;
use super::question::Filter;
use crate::model::Dimension;
use crate::model::fact::Fact;

/// A metric's own filter and a question's, as one condition.
pub fn condition(
    own: Option<&str>,
    narrowed: &Filter,
    fact: &Fact,
    binder: &Binder<'_>,
    schema: &Schema,
) -> Result<Option<Expr>> {
    let mut conditions: Vec<Expr> = own.map(|sql| binder.bind(sql)).transpose()?.into_iter().collect();
    for (dimension, keys) in &narrowed.0 {
        conditions.push(has_key(fact, *dimension, keys.iter().map(String::as_str), schema)?);
    }
    Ok(conditions.into_iter().reduce(Expr::and))
}

/// Whether a row has one of these keys in a dimension.
pub fn has_key<'k>(
    fact: &Fact,
    dimension: Dimension,
    keys: impl IntoIterator<Item = &'k str>,
    schema: &Schema,
) -> Result<Expr> {
    let column = dimension_column(fact, dimension)?;
    if is_list(schema, column)? {
        let keys: Vec<ScalarValue> = keys.into_iter().map(ScalarValue::from).collect();
        let keys = lit(ScalarValue::List(ScalarValue::new_list_nullable(&keys, &DataType::Utf8)));
        return Ok(array_has_any(col(column), keys));
    }
    Ok(col(column).in_list(keys.into_iter().map(lit).collect(), false))
}

/// The column of a fact that a dimension is; an error that a caller can show where it has none.
pub fn dimension_column(fact: &Fact, dimension: Dimension) -> Result<&str> {
    let column = fact.dimensions.iter().find(|(own, _)| *own == dimension).map(|(_, column)| column.as_str());
    column.with_context(|| format!("{} has no dimension {}", fact.name, dimension.name()))
}

/// Whether a column holds several keys.
pub fn is_list(schema: &Schema, column: &str) -> Result<bool> {
    Ok(matches!(schema.field_with_name(column)?.data_type(), DataType::List(_)))
}

/// Whether a time lies in a half-open window, in microseconds since 1970 UTC.
pub fn time_within(time: &str, reach: &Range<i64>) -> Expr {
    let instant = |micros| lit(ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into())));
    col(time).gt_eq(instant(reach.start)).and(col(time).lt(instant(reach.end)))
}
