//! From a number down to its rows: what a metric, a slice and a point share.

use std::sync::Arc;

use async_graphql::{Context, Result, SimpleObject};

use super::asking::Asking;
use super::error::internal;
use super::record::{Paging, RecordConnection, RecordOrder};
use crate::api::records::address;
use crate::model::exclusion::Excluded;
use crate::query::calendar::Period;
use crate::query::explain;
use crate::query::question::{By, Question};
use crate::query::records::{Asked, Exclusion, Which};

/// What counting the rows that are left out adds to the cost of a request.
const COST: u64 = 20;

/// A number, as its rows are found.
#[derive(Clone)]
pub struct Drill {
    question: Arc<Question>,
    slice: Option<Arc<(By, Option<String>)>>,
    window: Period,
    /// Rows behind the number; `None`: nothing is known of it.
    total: Option<u64>,
}

/// Rows that a number leaves out for one reason.
#[derive(SimpleObject)]
pub struct MetricExclusion {
    /// The reason.
    reason: Excluded,
    /// How many rows.
    count: u64,
    /// What that means, with the numbers, in a sentence.
    explanation: String,
}

impl Drill {
    /// The number of a whole period; `total` is `None` where nothing is known of it.
    pub fn new(question: Question, total: Option<u64>) -> Drill {
        Drill { window: question.period, question: Arc::new(question), slice: None, total }
    }

    /// The number of one bucket of it.
    pub fn within(&self, window: Period, total: u64) -> Drill {
        Drill { window, total: self.total.map(|_| total), ..self.clone() }
    }

    /// Whether anything is known of the number, if only that it is zero.
    pub fn is_known(&self) -> bool {
        self.total.is_some()
    }

    /// The number of one slice of it.
    pub fn of(&self, by: &By, key: Option<&str>, total: u64) -> Drill {
        let slice = Some(Arc::new((by.clone(), key.map(str::to_owned))));
        Drill { slice, total: self.total.map(|_| total), ..self.clone() }
    }

    fn asked(&self, which: Which) -> Asked {
        let question = Question { period: self.window, ..Question::clone(&self.question) };
        Asked { question, slice: self.slice.as_deref().cloned(), which }
    }

    /// A page of the rows behind the number.
    pub async fn records(&self, context: &Context<'_>, paging: Paging) -> Result<RecordConnection> {
        let asked = self.total.map(|_| self.asked(Which::Eligible));
        RecordConnection::page(context, self.question.metric, asked, paging, self.total.unwrap_or(0)).await
    }

    /// A page of the rows that the number leaves out; `exclusions` says how many there are, where that is asked for.
    pub async fn left_out(
        &self,
        context: &Context<'_>,
        reason: Option<Excluded>,
        paging: Paging,
        exclusions: &[Exclusion],
    ) -> Result<RecordConnection> {
        let asked = self.total.map(|_| self.asked(Which::LeftOut(reason)));
        let wanted = exclusions.iter().filter(|exclusion| reason.is_none_or(|reason| exclusion.reason == reason));
        let total = wanted.map(|exclusion| exclusion.count).sum();
        RecordConnection::page(context, self.question.metric, asked, paging, total).await
    }

    /// How many rows the number leaves out, by reason; none where nothing is known of it.
    pub async fn exclusions(&self, context: &Context<'_>) -> Result<Vec<Exclusion>> {
        if self.total.is_none() {
            return Ok(Vec::new());
        }
        let asking = Asking::of(context)?;
        asking.spend(COST)?;
        asking.collector.exclusions(&self.asked(Which::LeftOut(None))).await.map_err(|error| internal(&error))
    }

    /// The same, with sentences.
    pub fn explained(&self, exclusions: &[Exclusion]) -> Vec<MetricExclusion> {
        let explained = exclusions.iter().map(|exclusion| MetricExclusion {
            reason: exclusion.reason,
            count: exclusion.count,
            explanation: explain::sentence(&self.question, exclusion),
        });
        explained.collect()
    }

    /// Where the same rows are as CSV.
    pub async fn csv(
        &self,
        context: &Context<'_>,
        order: Option<&RecordOrder>,
        left_out: Option<Excluded>,
    ) -> Result<String> {
        let order = RecordOrder::resolve(order, self.question.metric)?;
        let which = left_out.map_or(Which::Eligible, |reason| Which::LeftOut(Some(reason)));
        let held = Asking::of(context)?.effective(&self.question.scope).await?;
        Ok(address::path(&self.asked(which), &order, &held))
    }
}
