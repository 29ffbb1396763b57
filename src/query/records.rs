//! The rows behind a number: newest first, by page.

use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type, Schema, TimestampMicrosecondType};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::{DateTime, SecondsFormat, Utc};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, cast, col, lit, when};

use super::attribution::AttributionSource;
use super::bind::{Binder, Judge};
use super::condition;
use super::engine::Engine;
use super::plan::Plan;
use super::question::Question;
use crate::lake::Snapshot;
use crate::model;
use crate::model::Dimension;
use crate::model::metric::Kind;

/// A row behind a number.
#[derive(Debug, Clone)]
pub struct Record {
    pub source: String,
    pub id: String,
    /// The time that places the row in a period.
    pub at: DateTime<Utc>,
    pub title: Option<String>,
    pub url: Option<String>,
    pub contributor: Option<String>,
    /// Seconds of a duration, `None` where unknown; 1 or 0 for a row that the numerator counts or not.
    pub value: Option<f64>,
    /// Seconds of each stage, in declared order.
    pub stages: Vec<(&'static str, Option<f64>)>,
    /// Every column of the fact that is not null, as text.
    pub fields: Vec<(String, String)>,
}

/// Where a page begins: after this row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    pub at_micros: i64,
    pub source: String,
    pub id: String,
}

/// The next `limit` rows of a question after a row.
pub async fn records(
    engine: &Engine,
    snapshot: &Arc<Snapshot>,
    question: &Question,
    now: DateTime<Utc>,
    attribution: &AttributionSource,
    after: Option<&After>,
    limit: usize,
) -> Result<Vec<Record>> {
    let metric = question.metric;
    let fact = model::fact(&metric.fact).with_context(|| format!("no fact {}", metric.fact))?;
    let provider = engine.fact(snapshot, fact).await?;
    let schema = provider.schema();
    let known = engine.attribution(snapshot, fact, std::slice::from_ref(question), attribution).await?;
    let people = known.clone();
    let zone = question.period.zone;
    let binder = Binder::new(engine.context(), fact, &schema, Judge::of(question), zone, people.as_ref())?;
    let time = binder.time();
    let mut rows = condition::time_within(time.clone(), &question.period.instants());
    let own = metric.filter.as_deref();
    if let Some(filter) = condition::condition(own, &question.filter, &binder, known.as_ref())? {
        rows = rows.and(filter);
    }
    if let Some((dimension, key)) = question.scope.dimension().zip(question.scope.key()) {
        rows = rows.and(match dimension.is_of_people() {
            true => Plan::counts(fact, time.clone(), question, known, now)?,
            false => condition::has_key(dimension, [key], &binder)?,
        });
    }
    if let Some(after) = after {
        rows = rows.and(is_after(time.clone(), after));
    }
    let value = match &metric.kind {
        Kind::Duration { .. } => binder.duration(metric, None)?,
        Kind::Formula { numerator, .. } => counted(binder.bind(numerator)?)?,
        Kind::Shares { weight, .. } => cast(binder.bind(weight)?, DataType::Float64),
    };
    let mut columns: Vec<Expr> = schema.fields().iter().map(|field| col(field.name())).collect();
    columns.push(time.clone().alias("record_at"));
    columns.push(value.alias("record_value"));
    for (place, stage) in metric.stages().iter().enumerate() {
        if question.in_force().stage(metric, stage).is_some() {
            columns.push(binder.duration(metric, Some(place))?.alias(format!("record_stage_{place}")));
        }
    }
    let frame = engine.context().read_table(provider)?.filter(rows)?.select(columns)?;
    let order = vec![col("record_at").sort(false, false), col("source").sort(true, false), col("id").sort(true, false)];
    let frame = frame.sort(order)?.limit(0, Some(limit))?;
    let mut records = Vec::new();
    for batch in engine.collect(frame).await? {
        read(&batch, &schema, question, fact, &mut records)?;
    }
    Ok(records)
}

fn is_after(time: Expr, after: &After) -> Expr {
    let at = lit(ScalarValue::TimestampMicrosecond(Some(after.at_micros), Some("UTC".into())));
    let (source, id) = (lit(after.source.as_str()), lit(after.id.as_str()));
    let same_source = col("source").eq(source.clone()).and(col("id").gt(id));
    let same_time = time.clone().eq(at.clone()).and(col("source").gt(source).or(same_source));
    time.lt(at).or(same_time)
}

/// 1 where the one aggregate of a numerator counts the row, else 0.
fn counted(numerator: Expr) -> Result<Expr> {
    let filter = match numerator.unalias_nested().data {
        Expr::AggregateFunction(aggregate) => aggregate.params.filter,
        other => anyhow::bail!("{other} is not an aggregate"),
    };
    let one = lit(1.0_f64);
    Ok(match filter {
        Some(filter) => when(*filter, one).otherwise(lit(0.0_f64))?,
        None => cast(one, DataType::Float64),
    })
}

fn read(
    batch: &RecordBatch,
    schema: &Schema,
    question: &Question,
    fact: &model::fact::Fact,
    records: &mut Vec<Record>,
) -> Result<()> {
    let metric = question.metric;
    let column = |name: &str| batch.column_by_name(name).with_context(|| format!("no column {name}"));
    let text = |name: &str, row: usize| anyhow::Ok(string(column(name)?, row));
    let optional = |name: &Option<String>, row: usize| match name {
        Some(name) => text(name, row),
        None => Ok(None),
    };
    let at = column("record_at")?.as_primitive_opt::<TimestampMicrosecondType>().context("time is no timestamp")?;
    let contributor = fact.dimensions.iter().find(|(own, _)| *own == Dimension::Contributor).map(|(_, c)| c.clone());
    let formats = FormatOptions::new();
    let formatters = (schema.fields().iter())
        .map(|field| {
            Ok((field.name(), column(field.name())?, ArrayFormatter::try_new(column(field.name())?, &formats)?))
        })
        .collect::<Result<Vec<_>>>()?;
    for row in 0..batch.num_rows() {
        let stages = (metric.stages().iter().enumerate())
            .filter(|(_, stage)| question.in_force().stage(metric, stage).is_some())
            .map(|(place, stage)| Ok((stage.name.as_str(), seconds(column(&format!("record_stage_{place}"))?, row))))
            .collect::<Result<Vec<_>>>()?;
        let fields = (formatters.iter().filter(|(_, array, _)| array.is_valid(row)))
            .map(|(name, array, formatter)| ((*name).clone(), shown(array, formatter, row)))
            .collect();
        records.push(Record {
            source: text("source", row)?.unwrap_or_default(),
            id: text("id", row)?.unwrap_or_default(),
            at: DateTime::from_timestamp_micros(at.value(row)).context("a time out of range")?,
            title: optional(&fact.title, row)?,
            url: optional(&fact.url, row)?,
            contributor: optional(&contributor, row)?,
            value: seconds(column("record_value")?, row),
            stages,
            fields,
        });
    }
    Ok(())
}

fn string(column: &ArrayRef, row: usize) -> Option<String> {
    let strings = column.as_string_opt::<i32>()?;
    strings.is_valid(row).then(|| strings.value(row).to_owned())
}

/// Microseconds as seconds; a float as it is.
fn seconds(column: &ArrayRef, row: usize) -> Option<f64> {
    if !column.is_valid(row) {
        return None;
    }
    match column.as_primitive_opt::<Int64Type>() {
        Some(micros) => Some(micros.value(row) as f64 / 1e6),
        None => column.as_primitive_opt::<Float64Type>().map(|floats| floats.value(row)),
    }
}

/// A value as text; instants in RFC 3339.
fn shown(array: &ArrayRef, formatter: &ArrayFormatter<'_>, row: usize) -> String {
    let instant = array.as_primitive_opt::<TimestampMicrosecondType>();
    match instant.and_then(|instants| DateTime::from_timestamp_micros(instants.value(row))) {
        Some(at) => at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        None => formatter.value(row).to_string(),
    }
}
