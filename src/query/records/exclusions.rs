//! How many rows of a period a number leaves out, and why.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::AsArray;
use arrow::datatypes::{DataType, Int32Type, Int64Type};
use chrono::{DateTime, Utc};
use datafusion::functions_aggregate::expr_fn::{count, sum};
use datafusion::logical_expr::{Expr, cast, col, lit};

use super::terms::reason;
use super::{Asked, Prepared};
use crate::lake::Snapshot;
use crate::model::exclusion::Excluded;
use crate::query::attribution::AttributionSource;
use crate::query::engine::Engine;

/// The rows that a number leaves out for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    pub reason: Excluded,
    /// How many rows.
    pub count: u64,
    /// What holds of them, each with the number of rows, in the order in which it was looked at; for UNKNOWN_VALUE the milestones that are missing,
    /// as the metric writes them. A row may lack both.
    pub details: Vec<(String, u64)>,
}

/// The rows of the period that have no part in a number, by reason, in the order of the reasons.
pub async fn exclusions(
    engine: &Engine,
    snapshot: &Arc<Snapshot>,
    asked: &Asked,
    now: DateTime<Utc>,
    attribution: &AttributionSource,
) -> Result<Vec<Exclusion>> {
    let Prepared { provider, terms, .. } = Prepared::new(engine, snapshot, asked, now, attribution).await?;
    let milestones = terms.contribution.milestones;
    let mut columns = vec![terms.reason.clone().alias("reason")];
    let missing = |place: usize| format!("missing_{place}");
    for (place, (_, milestone)) in milestones.iter().enumerate() {
        columns.push(cast(milestone.clone().is_null(), DataType::Int64).alias(missing(place)));
    }
    let mut counts: Vec<Expr> = vec![count(lit(1_i64)).alias("rows")];
    counts.extend((0..milestones.len()).map(|place| sum(col(missing(place))).alias(format!("without_{place}"))));
    let frame = engine.context().read_table(provider)?.filter(terms.of_period.and(terms.reason.is_not_null()))?;
    let frame = frame.select(columns)?.aggregate(vec![col("reason")], counts)?;
    let mut found = BTreeMap::<i32, Vec<u64>>::new();
    for batch in engine.collect(frame).await? {
        let codes = batch.column(0).as_primitive_opt::<Int32Type>().context("a reason is not Int32")?;
        for row in 0..batch.num_rows() {
            let number = |column: usize| -> Result<u64> {
                let numbers = batch.column(column).as_primitive_opt::<Int64Type>().context("a count is not Int64")?;
                Ok(numbers.value(row).try_into()?)
            };
            let numbers = (1..batch.num_columns()).map(number).collect::<Result<Vec<_>>>()?;
            found.insert(codes.value(row), numbers);
        }
    }
    let mut exclusions = BTreeMap::<Excluded, Exclusion>::new();
    for (code, numbers) in found {
        let (reason, because) =
            reason(asked.question.metric, code).context("a reason that the metric does not have")?;
        let exclusion = exclusions.entry(reason).or_insert(Exclusion { reason, count: 0, details: Vec::new() });
        exclusion.count += numbers[0];
        if reason == Excluded::UnknownValue && !milestones.is_empty() {
            let lacking = milestones.iter().zip(&numbers[1..]).filter(|(_, rows)| **rows > 0);
            exclusion.details.extend(lacking.map(|((milestone, _), rows)| (milestone.clone(), *rows)));
        } else {
            exclusion.details.push((because.to_owned(), numbers[0]));
        }
    }
    Ok(exclusions.into_values().collect())
}
