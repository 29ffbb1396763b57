//! Binds the SQL text of a definition to a fact: parsed by DataFusion, `$parameters` replaced by values.
//!
//! Where a profile has several versions within the time that is asked about, a row is judged by the version in force at its
//! own time: what the text comes to under each of them stands in a CASE over that time. Aggregates stay whole; what they
//! look at is what differs.

use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::datatypes::{DataType, Schema};
use chrono_tz::Tz;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, ScalarValue, plan_datafusion_err, plan_err};
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::expr::Placeholder;
use datafusion::logical_expr::{Case, Expr, ExprSchemable, lit};

use super::condition::account;
use super::functions::{contributor, duration};
use super::question::Question;
use super::working_time::WorkingTime;
use crate::model::profile::{Kind, Segment, Value};
use crate::model::{Attribution, BusinessCalendar, Effective, Fact, Metric};

/// By what rows are judged.
pub struct Judge<'a> {
    pub profile: &'a Effective,
    /// Whose parameters hold, where each kind of profile has its own.
    pub kind: Kind,
    /// SQL over the fact: the time of a row, by which it belongs to a version.
    pub time: &'a str,
    /// Times that matter, half-open, in microseconds since 1970 UTC.
    pub reach: Range<i64>,
}

/// The function that says whose an account is.
const CONTRIBUTOR: &str = "contributor";

/// What text is bound with.
pub struct Binder<'a> {
    context: &'a SessionContext,
    fact: &'a Fact,
    attribution: Option<&'a Arc<Attribution>>,
    schema: DFSchema,
    kind: Kind,
    /// Versions in force, oldest first; at least one.
    segments: &'a [Segment],
    time: Expr,
    zone: Tz,
}

impl<'a> Judge<'a> {
    /// The rows of a question.
    pub fn of(question: &'a Question) -> Judge<'a> {
        let Question { metric, profile, .. } = question;
        Judge { profile, kind: Kind::of(metric), time: &metric.time, reach: question.reach() }
    }
}

impl<'a> Binder<'a> {
    /// A binder over the columns of a fact. `attribution` says whom accounts belong to, where that is known.
    pub fn new(
        context: &'a SessionContext,
        fact: &'a Fact,
        schema: &Schema,
        judge: Judge<'a>,
        zone: Tz,
        attribution: Option<&'a Arc<Attribution>>,
    ) -> Result<Binder<'a>> {
        let schema = DFSchema::try_from(schema.clone())?;
        let Judge { profile, kind, time, reach } = judge;
        let segments = profile.within(&reach);
        let mut binder = Binder { context, fact, attribution, schema, kind, segments, time: lit(true), zone };
        binder.time = binder.time_of(time)?;
        Ok(binder)
    }

    /// The fact whose columns are bound.
    pub fn fact(&self) -> &'a Fact {
        self.fact
    }

    /// The time of a row.
    pub fn time(&self) -> Expr {
        self.time.clone()
    }

    /// Whether an expression gives a list.
    pub fn is_list(&self, expr: &Expr) -> Result<bool> {
        Ok(matches!(expr.get_type(&self.schema)?, DataType::List(_)))
    }

    /// The expression that a text stands for. Errors quote the text.
    pub fn bind(&self, sql: &str) -> Result<Expr> {
        let parsed = self.parse(sql)?;
        self.judged(parsed).with_context(|| format!("in SQL {sql:?}"))
    }

    /// The microseconds of a metric's duration, or of its stage at a place, without the days of rest that the profile leaves out;
    /// null where the profile has the stage off.
    pub fn duration(&self, metric: &'static Metric, stage: Option<usize>) -> Result<Expr> {
        let of = |segment: &Segment| -> Result<Expr> {
            let bounds = match stage {
                None => segment.bounds(metric),
                Some(stage) => {
                    segment.stage(metric, &metric.stages()[stage]).map(|in_force| (in_force.from, in_force.to))
                }
            };
            let Some((from, to)) = bounds else { return Ok(lit(ScalarValue::Int64(None))) };
            let bound = |sql: &str| self.parse(sql).and_then(|parsed| self.under(segment, parsed));
            let working = |calendar: &BusinessCalendar| Arc::new(WorkingTime::new(calendar.clone(), self.zone));
            Ok(duration(bound(from)?, bound(to)?, segment.calendar(metric).map(working)))
        };
        Ok(self.by_time(self.segments.iter().map(of).collect::<Result<_>>()?))
    }

    /// The two milestones of a metric's duration; null where it is none.
    pub fn milestones(&self, metric: &'static Metric) -> Result<[Expr; 2]> {
        let of = |pick: fn((&str, &str)) -> String| -> Result<Expr> {
            let milestone = |segment: &Segment| match segment.bounds(metric).map(pick) {
                Some(sql) => self.under(segment, self.parse(&sql)?),
                None => Ok(lit(ScalarValue::Null)),
            };
            Ok(self.by_time(self.segments.iter().map(milestone).collect::<Result<_>>()?))
        };
        Ok([of(|(from, _)| from.to_owned())?, of(|(_, to)| to.to_owned())?])
    }

    fn parse(&self, sql: &str) -> Result<Expr> {
        self.context
            .parse_sql_expr(&self.fact.written_out(sql), &self.schema)
            .with_context(|| format!("in SQL {sql:?}"))
    }

    /// The time of a row, which may itself depend on parameters: what a version says it is, if that lies in the version's own time.
    fn time_of(&self, sql: &str) -> Result<Expr> {
        let parsed = self.parse(sql)?;
        let times = self.segments.iter().map(|segment| self.under(segment, parsed.clone()));
        let times: Vec<Expr> = times.collect::<Result<_>>().with_context(|| format!("in SQL {sql:?}"))?;
        if times.iter().all(|time| *time == times[0]) {
            return Ok(times[0].clone());
        }
        let last = times.len() - 1;
        let cases = times.into_iter().enumerate().map(|(place, time)| {
            let after = (place > 0).then(|| time.clone().gt_eq(instant(self.segments[place].starts())));
            let before = (place < last).then(|| time.clone().lt(instant(self.segments[place + 1].starts())));
            let within = after.into_iter().chain(before).reduce(Expr::and).unwrap_or_else(|| lit(true));
            (Box::new(within), Box::new(time))
        });
        Ok(Expr::Case(Case::new(None, cases.collect(), None)))
    }

    /// The expression with values in place of parameters, a row judged by the version in force at its time.
    fn judged(&self, parsed: Expr) -> Result<Expr> {
        let under = self.segments.iter().map(|segment| self.under(segment, parsed.clone()));
        let under: Vec<Expr> = under.collect::<Result<_>>()?;
        if under.iter().all(|expr| *expr == under[0]) {
            return Ok(under[0].clone());
        }
        if !has_aggregate(&parsed)? {
            return Ok(self.by_time(under));
        }
        let below = parsed.map_children(|child| Ok(Transformed::yes(self.judged(child).map_err(into_plan_error)?)));
        Ok(below?.data)
    }

    /// One of several expressions, one for each version in force, by the time of the row.
    fn by_time(&self, mut under: Vec<Expr>) -> Expr {
        let last = under.pop().unwrap_or_else(|| lit(ScalarValue::Null));
        let mut cases = Vec::new();
        let mut otherwise = last;
        // From the last version backwards, so that versions that come to the same are one case.
        for (place, expr) in under.into_iter().enumerate().rev() {
            let same_as_after = cases.last().map_or(&otherwise, |(_, after): &(usize, Expr)| after) == &expr;
            if !same_as_after {
                cases.push((place, expr));
            }
        }
        if cases.is_empty() {
            return otherwise;
        }
        cases.reverse();
        let whens = cases.into_iter().map(|(place, expr)| {
            let until = self.time.clone().lt(instant(self.segments[place + 1].starts()));
            (Box::new(until), Box::new(expr))
        });
        otherwise = Expr::Case(Case::new(None, whens.collect(), Some(Box::new(otherwise))));
        otherwise
    }

    /// The expression with the values of one version in place of parameters.
    fn under(&self, segment: &Segment, parsed: Expr) -> Result<Expr> {
        let bound = parsed.transform(|expr| match expr {
            Expr::Placeholder(Placeholder { ref id, .. }) => Ok(Transformed::yes(self.parameter(segment, id)?)),
            // Of two accounts of a row it can be asked whether they are one person's.
            Expr::ScalarFunction(f) if f.name() == CONTRIBUTOR => match <[Expr; 2]>::try_from(f.args) {
                Ok(account) => Ok(Transformed::yes(contributor(self.attribution, account))),
                Err(_) => plan_err!("{CONTRIBUTOR}: takes a source and a login"),
            },
            other => Ok(Transformed::no(other)),
        });
        Ok(bound?.data)
    }

    fn parameter(&self, segment: &Segment, id: &str) -> datafusion::common::Result<Expr> {
        let name = id.trim_start_matches('$');
        if name == "timezone" {
            return Ok(lit(self.zone.name()));
        }
        if name == "contributor" {
            let account = account(self.fact).map_err(|error| plan_datafusion_err!("$contributor: {error}"))?;
            return Ok(contributor(self.attribution, account));
        }
        match segment.parameter(self.kind, name) {
            Some(Value::Boolean(holds)) => Ok(lit(*holds)),
            Some(Value::Number(number)) => Ok(lit(*number)),
            Some(Value::Text(text)) => Ok(lit(text.as_str())),
            Some(Value::Texts(texts)) => {
                let texts: Vec<ScalarValue> = texts.iter().map(|t| ScalarValue::from(t.as_str())).collect();
                Ok(lit(ScalarValue::List(ScalarValue::new_list_nullable(&texts, &DataType::Utf8))))
            }
            None => match segment.classification(name) {
                Some(classification) => Ok(lit(classification.write())),
                None => plan_err!("no parameter {id}; schema/profile.toml and schema/classifications list them"),
            },
        }
    }
}

fn instant(micros: i64) -> Expr {
    lit(ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into())))
}

fn has_aggregate(expr: &Expr) -> Result<bool> {
    let mut found = false;
    expr.apply(|expr| {
        found |= matches!(expr, Expr::AggregateFunction(_));
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

fn into_plan_error(error: anyhow::Error) -> datafusion::error::DataFusionError {
    datafusion::error::DataFusionError::Plan(format!("{error:#}"))
}

#[cfg(test)]
mod tests;
