//! In which order rows come, and where a page begins. Rows are ordered by one column, those without a value last; ties by time, the
//! newest first, then source and id. So a page can begin after any row, whatever was added since.

use std::fmt::{Display, Formatter};

use anyhow::Result;
use arrow::datatypes::{DataType, Schema};
use datafusion::common::ScalarValue;
use datafusion::functions_nested::expr_fn::array_to_string;
use datafusion::logical_expr::{Expr, SortExpr, cast, col, lit};

use super::contribution::Contribution;
use crate::model::{Fact, Metric};

/// The column that rows are ordered by.
pub const SORT: &str = "record_sort";

/// An order of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    by: By,
    name: String,
    descending: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    At,
    Value,
    Weight,
    Stage(usize),
    Column,
}

/// There is nothing of this name to order by.
#[derive(Debug, thiserror::Error)]
#[error("there is no {field:?} to order by; there are {known}")]
pub struct NoSuchField {
    field: String,
    known: String,
}

/// The row after which a page begins.
#[derive(Debug, Clone, PartialEq)]
pub struct After {
    /// The order that its page was in, in words.
    pub order: String,
    pub key: SortKey,
    pub at_micros: i64,
    pub source: String,
    pub id: String,
}

/// By what a row is ordered.
#[derive(Debug, Clone, PartialEq)]
pub enum SortKey {
    Null,
    Int(i64),
    Float(f64),
    Text(String),
}

impl Order {
    /// By time, the newest first.
    pub fn newest() -> Order {
        Order { by: By::At, name: "at".to_owned(), descending: true }
    }

    /// By `at`, `value` or `weight`, a stage, or a column of the fact.
    pub fn new(metric: &Metric, fact: &Fact, field: &str, descending: bool) -> Result<Order, NoSuchField> {
        let stage = || metric.stages().iter().position(|stage| stage.name == field).map(By::Stage);
        let by = match field {
            "at" => Some(By::At),
            "value" => Some(By::Value),
            "weight" => Some(By::Weight),
            _ => stage().or_else(|| fact.column(field).map(|_| By::Column)),
        };
        let known = || {
            let stages = metric.stages().iter().map(|stage| stage.name.as_str());
            let columns = fact.columns.iter().map(|column| column.name.as_str());
            ["at", "value", "weight"].into_iter().chain(stages).chain(columns).collect::<Vec<_>>().join(", ")
        };
        let by = by.ok_or_else(|| NoSuchField { field: field.to_owned(), known: known() })?;
        Ok(Order { by, name: field.to_owned(), descending })
    }

    /// Name of what it is by.
    pub fn field(&self) -> &str {
        &self.name
    }

    /// Whether the greatest comes first.
    pub fn is_descending(&self) -> bool {
        self.descending
    }

    /// What rows are ordered by: Int64, Float64 or Utf8.
    pub(super) fn key(&self, at: &Expr, contribution: &Contribution, schema: &Schema) -> Result<Expr> {
        Ok(match self.by {
            By::At => cast(at.clone(), DataType::Int64),
            By::Value => contribution.value.clone(),
            By::Weight => contribution.weight.clone().unwrap_or_else(|| lit(ScalarValue::Float64(None))),
            By::Stage(place) => {
                let stage = contribution.stages.get(place).cloned().flatten();
                stage.unwrap_or_else(|| lit(ScalarValue::Float64(None)))
            }
            By::Column => {
                let field = schema.field_with_name(&self.name)?;
                comparable(col(field.name()), field.data_type())
            }
        })
    }

    /// Whether a row comes after another.
    pub(super) fn is_after(&self, after: &After, at: Expr) -> Expr {
        let instant = lit(ScalarValue::TimestampMicrosecond(Some(after.at_micros), Some("UTC".into())));
        let (source, id) = (lit(after.source.as_str()), lit(after.id.as_str()));
        let same_source = col("source").eq(source.clone()).and(col("id").gt(id));
        let same_time = at.clone().eq(instant.clone()).and(col("source").gt(source).or(same_source));
        let tied = at.lt(instant).or(same_time);
        let key = || col(SORT);
        let known = match &after.key {
            SortKey::Null => return key().is_null().and(tied),
            SortKey::Int(number) => lit(*number),
            SortKey::Float(number) => lit(*number),
            SortKey::Text(text) => lit(text.as_str()),
        };
        let further = if self.descending { key().lt(known.clone()) } else { key().gt(known.clone()) };
        further.or(key().is_null()).or(key().eq(known).and(tied))
    }

    pub(super) fn sort(&self, at: Expr) -> Vec<SortExpr> {
        let ties = [at.sort(false, false), col("source").sort(true, false), col("id").sort(true, false)];
        [col(SORT).sort(!self.descending, false)].into_iter().chain(ties).collect()
    }
}

/// The order in words.
impl Display for Order {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, if self.descending { "DESC" } else { "ASC" })
    }
}

/// A column as one of the three types that a cursor can hold.
fn comparable(column: Expr, kind: &DataType) -> Expr {
    match kind {
        DataType::List(_) => array_to_string(column, lit(", ")),
        DataType::Boolean | DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => {
            cast(column, DataType::Int64)
        }
        kind if kind.is_integer() => cast(column, DataType::Int64),
        kind if kind.is_numeric() => cast(column, DataType::Float64),
        _ => cast(column, DataType::Utf8),
    }
}

/// As a cursor holds it. A float keeps all of its bits.
impl Display for SortKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            SortKey::Null => write!(f, "n"),
            SortKey::Int(number) => write!(f, "i{number}"),
            SortKey::Float(number) => write!(f, "f{:016x}", number.to_bits()),
            SortKey::Text(text) => write!(f, "t{text}"),
        }
    }
}

impl SortKey {
    /// What [`SortKey::to_string`] gave.
    pub fn parse(text: &str) -> Option<SortKey> {
        let (kind, rest) = text.split_at_checked(1)?;
        match kind {
            "n" => rest.is_empty().then_some(SortKey::Null),
            "i" => rest.parse().ok().map(SortKey::Int),
            "f" => u64::from_str_radix(rest, 16).ok().map(|bits| SortKey::Float(f64::from_bits(bits))),
            "t" => Some(SortKey::Text(rest.to_owned())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model;

    #[test]
    fn keys_come_back_from_their_text() {
        let texts = ["", "n", "i7", "ä\u{1f600}"].map(|text| SortKey::Text(text.to_owned()));
        let floats = [0.1 + 0.2, -0.0, f64::MAX].map(SortKey::Float);
        for key in [SortKey::Null, SortKey::Int(i64::MIN)].into_iter().chain(texts).chain(floats) {
            assert_eq!(SortKey::parse(&key.to_string()), Some(key));
        }
        for wrong in ["", "x", "ix", "nn", "fz", "ä"] {
            assert_eq!(SortKey::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_order_is_by_a_column_a_stage_or_the_value() {
        let metric = model::metric("LEAD_TIME_FOR_CHANGES").expect("a metric");
        let fact = model::fact(&metric.fact).expect("its fact");
        for field in ["at", "value", "CODING", "labels", "deployed_at"] {
            assert_eq!(Order::new(metric, fact, field, false).expect("an order").to_string(), format!("{field} ASC"));
        }
        let error = Order::new(metric, fact, "colour", true).expect_err("no such column").to_string();
        assert!(error.contains("\"colour\"") && error.contains("lines_changed"), "{error}");
    }
}
