//! Conditions on the rows of a fact: keys of a dimension, a window of time, a metric's own filter.

use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{ScalarValue, plan_datafusion_err};
use datafusion::functions_nested::expr_fn::array_has_any;
use datafusion::logical_expr::{Expr, col, lit};

use super::bind::Binder;
use super::functions::{is_bot, is_person};
use super::question::Filter;
use crate::model::fact::Fact;
use crate::model::{Attribution, Dimension};

/// A metric's own filter and a question's, as one condition. With an attribution, bots are those that people say are.
pub fn condition(
    own: Option<&str>,
    narrowed: &Filter,
    binder: &Binder<'_>,
    attribution: Option<&Arc<Attribution>>,
) -> Result<Option<Expr>> {
    let fact = binder.fact();
    let own = own.map(|sql| binder.bind(sql)).transpose()?;
    let own = own.map(|filter| match attribution {
        Some(attribution) => with_bots(filter, fact, attribution),
        None => Ok(filter),
    });
    let mut conditions: Vec<Expr> = own.transpose()?.into_iter().collect();
    for (dimension, keys) in &narrowed.0 {
        let keys = keys.iter().map(String::as_str);
        conditions.push(match dimension {
            Dimension::Contributor => {
                let attribution = attribution.context("a filter by contributors needs their attribution")?;
                is_person(attribution, keys, account(fact)?)
            }
            dimension => has_key(*dimension, keys, binder)?,
        });
    }
    Ok(conditions.into_iter().reduce(Expr::and))
}

/// The filter, in which the column that says what the tool says of bots is what people say of them.
fn with_bots(filter: Expr, fact: &Fact, attribution: &Arc<Attribution>) -> Result<Expr> {
    let Some(bot) = &fact.bot else { return Ok(filter) };
    let replaced = filter.transform(|expr| match &expr {
        Expr::Column(column) if column.name == *bot => {
            let [source, login] = account(fact).map_err(|error| plan_datafusion_err!("{error}"))?;
            Ok(Transformed::new(is_bot(attribution, [source, login], expr), true, TreeNodeRecursion::Jump))
        }
        _ => Ok(Transformed::no(expr)),
    });
    Ok(replaced?.data)
}

/// Source and login of the account that a row belongs to.
pub fn account(fact: &Fact) -> Result<[Expr; 2]> {
    let person = fact.person.as_ref().with_context(|| format!("rows of {} are nobody's", fact.name))?;
    Ok([col(&fact.person_source), col(person)])
}

/// Whether a fact can be asked by a dimension; an error that a caller can show where it cannot.
pub fn has_dimension(fact: &Fact, dimension: Dimension) -> Result<()> {
    match dimension {
        Dimension::Team | Dimension::OrgLevel if fact.person.is_some() || !fact.fields.is_empty() => Ok(()),
        Dimension::Contributor if fact.person.is_some() => Ok(()),
        _ => dimension_sql(fact, dimension).map(drop),
    }
}

/// Whether a row has one of these keys in a dimension.
pub fn has_key<'k>(dimension: Dimension, keys: impl IntoIterator<Item = &'k str>, binder: &Binder<'_>) -> Result<Expr> {
    let own = key_of(dimension, binder)?;
    if binder.is_list(&own)? {
        let keys: Vec<ScalarValue> = keys.into_iter().map(ScalarValue::from).collect();
        let keys = lit(ScalarValue::List(ScalarValue::new_list_nullable(&keys, &DataType::Utf8)));
        return Ok(array_has_any(own, keys));
    }
    Ok(own.in_list(keys.into_iter().map(lit).collect(), false))
}

/// The key of a row in a dimension, or a list of keys; an error that a caller can show where the fact has none.
pub fn key_of(dimension: Dimension, binder: &Binder<'_>) -> Result<Expr> {
    binder.bind(dimension_sql(binder.fact(), dimension)?)
}

fn dimension_sql(fact: &Fact, dimension: Dimension) -> Result<&str> {
    fact.dimension(dimension).with_context(|| format!("{} has no dimension {}", fact.name, dimension.name()))
}

/// Whether a time lies in a half-open window, in microseconds since 1970 UTC.
pub fn time_within(time: Expr, reach: &Range<i64>) -> Expr {
    let instant = |micros| lit(ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into())));
    time.clone().gt_eq(instant(reach.start)).and(time.lt(instant(reach.end)))
}
