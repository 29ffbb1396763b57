//! What one row adds to a number: seconds of a duration, 1 for something counted, a part of a sum. From the values of all rows
//! the number can be computed again.

use anyhow::{Context, Result};
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::expr::{AggregateFunction, AggregateFunctionParams};
use datafusion::logical_expr::{Expr, cast, lit, when};

use crate::model::metric::{Denominator, Kind};
use crate::query::bind::Binder;
use crate::query::question::Question;

/// Expressions over the fact for one metric. Numbers are Float64, keys Utf8.
pub struct Contribution {
    /// Seconds of a duration; else what is added to the numerator. Null where unknown.
    pub value: Expr,
    /// Rows of one key are counted once.
    pub key: Option<Expr>,
    /// What is added to the denominator, where that is made of rows.
    pub weight: Option<Expr>,
    /// Rows of one such key are counted once by the denominator.
    pub weight_key: Option<Expr>,
    /// Seconds of each stage of the metric, in declared order; `None`: the profile has it off.
    pub stages: Vec<Option<Expr>>,
    /// The two milestones of a duration, as the profile in force at the end writes them; without one the value is not known.
    pub milestones: Vec<(String, Expr)>,
    /// Whether the value is not known although nothing of `milestones` is missing or in the wrong order.
    pub unknown: Option<Expr>,
}

impl Contribution {
    /// Of the rows of a question's metric.
    pub fn new(question: &Question, binder: &Binder<'_>) -> Result<Contribution> {
        let metric = question.metric;
        let seconds = |stage: Option<usize>| -> Result<Expr> {
            Ok(cast(binder.duration(metric, stage)?, DataType::Float64) / lit(1e6))
        };
        match &metric.kind {
            Kind::Duration { stages, .. } => {
                let is_on = |stage| question.in_force().stage(metric, stage).is_some();
                let stages = stages.iter().enumerate();
                let stages = stages.map(|(place, stage)| is_on(stage).then(|| seconds(Some(place))).transpose());
                let (from, to) = question.in_force().bounds(metric).context("a duration has bounds")?;
                let texts = [from.to_owned(), to.to_owned()];
                Ok(Contribution {
                    stages: stages.collect::<Result<_>>()?,
                    milestones: texts.into_iter().zip(binder.milestones(metric)?).collect(),
                    ..Contribution::plain(seconds(None)?)
                })
            }
            Kind::Shares { of, weight } => Ok(Contribution {
                key: Some(cast(binder.bind(of)?, DataType::Utf8)),
                ..Contribution::plain(cast(binder.bind(weight)?, DataType::Float64))
            }),
            Kind::Formula { numerator, denominator, .. } => {
                let added = Added::by(binder.bind(numerator)?).with_context(|| format!("in {numerator:?}"))?;
                let divisor = match denominator {
                    Denominator::Aggregate(sql) => {
                        Some(Added::by(binder.bind(sql)?).with_context(|| format!("in {sql:?}"))?)
                    }
                    Denominator::Days | Denominator::DeveloperWeeks | Denominator::One => None,
                };
                let (weight, weight_key) = divisor.map_or((None, None), |divisor| (Some(divisor.value), divisor.key));
                let known = metric.known.as_deref().map(|known| binder.bind(known)).transpose()?;
                let value = match &known {
                    Some(known) => when(known.clone(), added.value).end()?,
                    None => added.value,
                };
                Ok(Contribution {
                    key: added.key,
                    weight: added.weight.or(weight),
                    weight_key,
                    unknown: known.map(Expr::is_not_true),
                    ..Contribution::plain(value)
                })
            }
        }
    }

    fn plain(value: Expr) -> Contribution {
        let (stages, milestones) = (Vec::new(), Vec::new());
        Contribution { value, key: None, weight: None, weight_key: None, stages, milestones, unknown: None }
    }
}

/// What a row adds to an aggregate.
struct Added {
    value: Expr,
    key: Option<Expr>,
    weight: Option<Expr>,
}

impl Added {
    /// Of an expression with one aggregate in it.
    fn by(expr: Expr) -> Result<Added> {
        let mut found = None;
        let row = expr.transform(|expr| match expr {
            Expr::AggregateFunction(AggregateFunction { func, params }) => {
                let added = Added::of(func.name(), params)?;
                let value = added.value.clone();
                found = Some(added);
                Ok(Transformed::yes(value))
            }
            other => Ok(Transformed::no(other)),
        })?;
        let added = found.context("there is no aggregate")?;
        Ok(Added { value: cast(row.data.unalias_nested().data, DataType::Float64), ..added })
    }

    fn of(function: &str, params: AggregateFunctionParams) -> datafusion::common::Result<Added> {
        let counts = params.filter.map(|filter| *filter);
        let mut arguments = params.args.into_iter();
        let mut next = || arguments.next().unwrap_or_else(|| lit(ScalarValue::Null));
        let number = |expr: Expr| cast(expr, DataType::Float64);
        let text = |expr: Expr| cast(expr, DataType::Utf8);
        let counted = |counts: Option<Expr>, value: Expr, otherwise: Option<f64>| match counts {
            Some(counts) => when(counts, value).otherwise(lit(ScalarValue::Float64(otherwise))),
            None => Ok(value),
        };
        Ok(match function {
            "count" => {
                let first = next();
                #[expect(deprecated, reason = "it is what `count(*)` is parsed to")]
                let everything = matches!(first, Expr::Literal(..) | Expr::Wildcard { .. });
                let there = (!everything).then(|| first.clone().is_not_null());
                let counts = counts.into_iter().chain(there).reduce(Expr::and);
                let key = params.distinct.then(|| match &counts {
                    Some(counts) => when(counts.clone(), text(first)).end(),
                    None => Ok(text(first)),
                });
                Added { value: counted(counts, lit(1.0_f64), Some(0.0))?, key: key.transpose()?, weight: None }
            }
            "sum" => Added { value: counted(counts, number(next()), Some(0.0))?, key: None, weight: None },
            "spread" => {
                let (key, numerator, denominator) = (text(next()), number(next()), number(next()));
                let value = counted(counts.clone(), numerator, None)?;
                Added { value, key: Some(key), weight: Some(counted(counts, denominator, None)?) }
            }
            _ => Added { value: counted(counts, number(next()), None)?, key: None, weight: None },
        })
    }
}
