//! The rows behind a number, and those that it leaves out: by page, in any order, or counted by reason. Which rows these are
//! stands in `terms`, what a row adds to the number in `contribution`.

pub mod columns;
mod contribution;
mod exclusions;
mod order;
mod read;
mod terms;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use datafusion::catalog::TableProvider;
use datafusion::logical_expr::{Expr, col, lit};

use super::attribution::AttributionSource;
use super::engine::Engine;
use super::question::{By, Question, Wants};
use crate::lake::Snapshot;
use crate::model::exclusion::Excluded;
use crate::model::fact::Link;
use crate::model::{self, Attribution, Fact};

pub use exclusions::{Exclusion, exclusions};
pub use order::{After, NoSuchField, Order, SortKey};
use terms::Terms;

/// Which rows are asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The question that the number answers; its period is the bucket, where the number is a point's.
    pub question: Question,
    /// The slice of a breakdown that the number is of, by its key; `None`: the whole.
    pub slice: Option<(By, Option<String>)>,
    pub which: Which,
}

/// Rows behind the number, or left out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that the metric counts, also where their value is not known.
    Eligible,
    /// Those of the period without a part in the value, for one reason or for any.
    LeftOut(Option<Excluded>),
}

/// A part of the rows.
#[derive(Debug, Clone)]
pub struct Page {
    pub order: Order,
    /// The row before the first of the page; `None`: the page is the first.
    pub after: Option<After>,
    /// Rows at most.
    pub limit: usize,
}

/// A row behind a number, or left out of it.
#[derive(Debug, Clone)]
pub struct Record {
    pub source: String,
    pub id: String,
    /// The time that places the row in a period: the metric's, or the row's own where it lacks that.
    pub at: DateTime<Utc>,
    pub title: Option<String>,
    pub url: Option<String>,
    /// The account that it belongs to, a login of `login_source`.
    pub login: Option<String>,
    /// The integration that the account is of; mostly the row's own.
    pub login_source: String,
    /// Seconds of a duration; else what the row adds to the numerator. `None` where unknown.
    pub value: Option<f64>,
    /// Rows of one key are counted once.
    pub key: Option<String>,
    /// What the row adds to the denominator; `None` where that is not made of rows.
    pub weight: Option<f64>,
    /// Rows of one such key are counted once by the denominator.
    pub weight_key: Option<String>,
    /// Why it has no part in the value, and what holds of it then; `None`: it has.
    pub reason: Option<(Excluded, &'static str)>,
    /// Seconds of each stage that the profile has on, in declared order.
    pub stages: Vec<(&'static str, Option<f64>)>,
    /// What it was linked to.
    pub links: Vec<LinkTo>,
    /// Every column of the fact, in the order of [`columns::columns`].
    pub fields: Vec<Field>,
    /// By what it is ordered.
    pub sort: SortKey,
}

/// What a row was linked to.
#[derive(Debug, Clone)]
pub struct LinkTo {
    pub link: &'static Link,
    pub id: String,
    pub source: String,
    pub rule: Option<String>,
    pub at: Option<DateTime<Utc>>,
}

/// A column of the fact and its value.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: &'static str,
    /// As text; times in RFC 3339, lists with ", " between their items.
    pub value: Option<String>,
    /// Whether the value is text that somebody wrote, and no number or time.
    pub is_text: bool,
}

impl Record {
    /// Where the page after this row begins, in an order.
    pub fn place(&self, order: &Order) -> After {
        After {
            order: order.to_string(),
            key: self.sort.clone(),
            at_micros: self.at.timestamp_micros(),
            source: self.source.clone(),
            id: self.id.clone(),
        }
    }
}

impl Asked {
    fn fact(&self) -> Result<&'static Fact> {
        let name = &self.question.metric.fact;
        model::fact(name).with_context(|| format!("no fact {name}"))
    }

    /// The question with nothing wanted beside its number, but the breakdown that the slice is of.
    fn plain(&self) -> Question {
        let breakdowns = self.slice.iter().map(|(by, _)| (by.clone(), BTreeSet::new())).collect::<BTreeMap<_, _>>();
        Question { wants: Wants { breakdowns, ..Wants::default() }, ..self.question.clone() }
    }
}

/// A page of rows.
pub async fn page(
    engine: &Engine,
    snapshot: &Arc<Snapshot>,
    asked: &Asked,
    page: &Page,
    now: DateTime<Utc>,
    attribution: &AttributionSource,
) -> Result<Vec<Record>> {
    let Prepared { fact, provider, terms } = Prepared::new(engine, snapshot, asked, now, attribution).await?;
    let schema = provider.schema();
    let rows = match asked.which {
        Which::Eligible => terms.eligible,
        Which::LeftOut(None) => terms.of_period.and(terms.reason.clone().is_not_null()),
        Which::LeftOut(Some(reason)) => {
            let codes = terms::codes(asked.question.metric, reason).map(lit).collect();
            terms.of_period.and(terms.reason.clone().in_list(codes, false))
        }
    };
    let sort = page.order.key(&terms.moment, &terms.contribution, &schema)?;
    let mut columns: Vec<Expr> = schema.fields().iter().map(|field| col(field.name())).collect();
    columns.extend([
        terms.moment.alias(read::AT),
        terms.reason.alias(read::REASON),
        sort.alias(order::SORT),
        terms.contribution.value.alias(read::VALUE),
    ]);
    let others = [
        (read::KEY, terms.contribution.key),
        (read::WEIGHT, terms.contribution.weight),
        (read::WEIGHT_KEY, terms.contribution.weight_key),
    ];
    columns.extend(others.into_iter().filter_map(|(name, expr)| Some(expr?.alias(name))));
    let stages = terms.contribution.stages.into_iter().enumerate();
    columns.extend(stages.filter_map(|(place, stage)| Some(stage?.alias(read::stage(place)))));
    let mut frame = engine.context().read_table(provider)?.filter(rows)?.select(columns)?;
    if let Some(after) = &page.after {
        frame = frame.filter(page.order.is_after(after, col(read::AT)))?;
    }
    let frame = frame.sort(page.order.sort(col(read::AT)))?.limit(0, Some(page.limit))?;
    let mut records = Vec::new();
    for batch in engine.collect(frame).await? {
        read::read(&batch, asked.question.metric, fact, &mut records)?;
    }
    Ok(records)
}

/// What a plan of rows is made of.
struct Prepared {
    fact: &'static Fact,
    provider: Arc<dyn TableProvider>,
    terms: Terms,
}

impl Prepared {
    async fn new(
        engine: &Engine,
        snapshot: &Arc<Snapshot>,
        asked: &Asked,
        now: DateTime<Utc>,
        attribution: &AttributionSource,
    ) -> Result<Prepared> {
        let (fact, question) = (asked.fact()?, asked.plain());
        let provider = engine.fact(snapshot, fact).await?;
        let known: Option<Arc<Attribution>> =
            engine.attribution(snapshot, fact, std::slice::from_ref(&question), attribution).await?;
        let slice = asked.slice.as_ref();
        let terms = Terms::new(engine, fact, &provider.schema(), &question, slice, known.as_ref(), now)?;
        Ok(Prepared { fact, provider, terms })
    }
}
