//! Which rows a number is about, as expressions over its fact: those of the period, those that the metric counts, and why it
//! leaves out the others.

use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::datatypes::Schema;
use chrono::{DateTime, Utc};
use datafusion::functions_nested::expr_fn::{array_has, cardinality};
use datafusion::logical_expr::{Case, Expr, cast, col, lit};
use datafusion::prelude::coalesce;

use super::contribution::Contribution;
use crate::model::exclusion::Excluded;
use crate::model::{Attribution, Fact, Metric};
use crate::query::bind::{Binder, Judge};
use crate::query::condition::{condition, has_key, key_of, time_within};
use crate::query::engine::Engine;
use crate::query::plan::Plan;
use crate::query::question::{By, Filter, Question};

/// The expressions of one question. Conditions are about scope, slice, the question's own filter and period too.
pub struct Terms {
    /// The time that places a row in the period: the metric's, or the row's own where it lacks that.
    pub moment: Expr,
    /// Whether a row is of the period, by `moment`.
    pub of_period: Expr,
    /// Whether the metric counts it.
    pub eligible: Expr,
    /// A number that [`reason`] reads: why a row of the period has no part in the value. Null: it has.
    pub reason: Expr,
    pub contribution: Contribution,
}

impl Terms {
    pub fn new(
        engine: &Engine,
        fact: &'static Fact,
        schema: &Schema,
        question: &Question,
        slice: Option<&(By, Option<String>)>,
        known: Option<&Arc<Attribution>>,
        now: DateTime<Utc>,
    ) -> Result<Terms> {
        let metric = question.metric;
        let binder = Binder::new(engine.context(), fact, schema, Judge::of(question), question.period.zone, known)?;
        let time = binder.time();
        let own = fact.time.as_deref().filter(|own| *own != metric.time).map(col);
        let moment = match &own {
            Some(own) => coalesce(vec![time.clone(), own.clone()]),
            None => time.clone(),
        };

        let mut belongs: Vec<Expr> = condition(None, &question.filter, &binder, known)?.into_iter().collect();
        if let Some((dimension, key)) = question.scope.dimension().zip(question.scope.key())
            && !dimension.is_of_people()
        {
            belongs.push(has_key(dimension, [key], &binder)?);
        }
        if let Some((by, key)) = slice.filter(|(by, _)| !by.dimension.is_of_people()) {
            belongs.push(in_slice(by, key.as_deref(), &binder)?);
        }
        let people = Plan::counts(fact, moment.clone(), question, slice, known.cloned(), now)?;
        belongs.extend(people);

        let reach = question.period.instants();
        let within = time_within(time.clone(), &reach);
        let of_period = match own {
            Some(own) => within.clone().or(time.clone().is_null().and(time_within(own, &reach))),
            None => within.clone(),
        };
        let keeps = metric.filters.iter().map(|filter| {
            let bound = condition(Some(&filter.keep), &Filter::default(), &binder, known)?;
            bound.with_context(|| format!("{:?} is no condition", filter.keep))
        });
        let keeps = keeps.collect::<Result<Vec<Expr>>>()?;
        let contribution = Contribution::new(question, &binder)?;
        let all = |first: Expr, others: &[Expr]| others.iter().cloned().fold(first, Expr::and);
        Ok(Terms {
            of_period: all(of_period, &belongs),
            eligible: all(all(within, &belongs), &keeps),
            reason: why(&keeps, time, &contribution),
            moment,
            contribution,
        })
    }
}

/// The number of the first reason that holds: places of the metric's conditions, then NO_TIME, UNKNOWN_VALUE and NEGATIVE.
fn why(keeps: &[Expr], time: Expr, contribution: &Contribution) -> Expr {
    let mut cases: Vec<(Expr, i32)> =
        keeps.iter().enumerate().map(|(place, keep)| (keep.clone().is_not_true(), place as i32)).collect();
    let after = keeps.len() as i32;
    cases.push((time.is_null(), after));
    let missing = contribution.milestones.iter().map(|(_, milestone)| milestone.clone().is_null());
    if let Some(missing) = missing.chain(contribution.unknown.clone()).reduce(Expr::or) {
        cases.push((missing, after + 1));
    }
    if !contribution.milestones.is_empty() {
        cases.push((contribution.value.clone().is_null(), after + 2));
    }
    let cases = cases.into_iter().map(|(holds, code)| (Box::new(holds), Box::new(lit(code))));
    Expr::Case(Case::new(None, cases.collect(), None))
}

/// What a number of [`Terms::reason`] says: the reason, and what holds of the row.
pub fn reason(metric: &'static Metric, code: i32) -> Option<(Excluded, &'static str)> {
    let filters = metric.filters.iter().map(|filter| (filter.reason, filter.because()));
    let others = [Excluded::NoTime, Excluded::UnknownValue, Excluded::Negative];
    let because = |reason: Excluded| match (reason, metric.statistic()) {
        (Excluded::UnknownValue, None) => "what the value is computed from is not known",
        _ => reason.because(),
    };
    filters.chain(others.map(|reason| (reason, because(reason)))).nth(usize::try_from(code).ok()?)
}

/// The numbers that say a reason.
pub fn codes(metric: &'static Metric, wanted: Excluded) -> impl Iterator<Item = i32> {
    (0..)
        .map_while(move |code| Some((code, reason(metric, code)?)))
        .filter(move |(_, (r, _))| *r == wanted)
        .map(|(c, _)| c)
}

/// Whether a row is in a slice by a dimension of the fact; without a key, whether it has none.
fn in_slice(by: &By, key: Option<&str>, binder: &Binder<'_>) -> Result<Expr> {
    let own = key_of(by.dimension, binder)?;
    Ok(match (key, binder.is_list(&own)?) {
        (Some(key), true) => array_has(own, lit(key)),
        (None, true) => {
            own.clone().is_null().or(cast(cardinality(own), arrow::datatypes::DataType::Int64).eq(lit(0_i64)))
        }
        (Some(key), false) => own.eq(lit(key)),
        (None, false) => own.is_null(),
    })
}
