//! `RecordConnection`: the rows behind a number, by page.

use async_graphql::{ComplexObject, Context, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::asking::Asking;
use super::error::{bad_input, internal, shared};
use super::relay::{PageInfo, cursor, page_size, read_cursor};
use crate::query::collector::Ticket;
use crate::query::question::Question;
use crate::query::records::{self, After};

/// Rows behind a number.
#[derive(SimpleObject, Default)]
#[graphql(complex)]
pub struct RecordConnection {
    /// The rows with their cursors.
    edges: Vec<RecordEdge>,
    /// Where the page stands.
    page_info: PageInfo,
    /// How many rows there are behind the number, on all pages.
    total_count: u64,
}

#[ComplexObject]
impl RecordConnection {
    /// The rows alone.
    async fn nodes(&self) -> Vec<Record> {
        self.edges.iter().map(|edge| edge.node.clone()).collect()
    }
}

/// A row and its cursor.
#[derive(SimpleObject, Clone)]
pub struct RecordEdge {
    /// Cursor of the row.
    cursor: String,
    /// The row.
    node: Record,
}

/// A row behind a number.
#[derive(Clone)]
pub struct Record(records::Record);

/// A named value of a row.
#[derive(SimpleObject)]
pub struct RecordField {
    /// Name of the column, as the glossary describes it.
    name: String,
    /// Its value as text; times in RFC 3339.
    value: String,
}

/// The length of one stage of a row.
#[derive(SimpleObject)]
pub struct RecordStage {
    /// Name of the stage.
    name: &'static str,
    /// Its length in seconds; null where unknown.
    seconds: Option<f64>,
}

impl RecordConnection {
    /// The `first` rows after a cursor; none where `ticket` is none, since there is no number then.
    pub async fn page(
        context: &Context<'_>,
        question: &Question,
        ticket: Option<&Ticket>,
        first: i32,
        after: Option<String>,
    ) -> Result<RecordConnection> {
        let asking = Asking::of(context)?;
        let size = page_size(first, 1_000)?;
        let after = after.as_deref().map(read_after).transpose()?;
        let Some(ticket) = ticket else { return Ok(RecordConnection::default()) };
        asking.spend(size as u64)?;
        let rows = asking.collector.records(question, after.as_ref(), size + 1);
        let (rows, answer) = futures::future::join(rows, ticket.answer()).await;
        let (mut rows, total) = (rows.map_err(|e| internal(&e))?, answer.map_err(shared)?.total());
        let has_next_page = rows.len() > size;
        rows.truncate(size);
        let edges: Vec<_> =
            rows.into_iter().map(Record).map(|node| RecordEdge { cursor: node.cursor(), node }).collect();
        let page_info = PageInfo {
            has_next_page,
            has_previous_page: after.is_some(),
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        };
        Ok(RecordConnection { edges, page_info, total_count: total.eligible })
    }
}

impl Record {
    fn cursor(&self) -> String {
        cursor(&[&self.0.at.timestamp_micros().to_string(), &self.0.source, &self.0.id])
    }
}

fn read_after(cursor: &str) -> Result<After> {
    let [at, source, id] = read_cursor::<3>(cursor)?;
    let at_micros = at.parse().map_err(|_| bad_input("after: no cursor of this connection"))?;
    Ok(After { at_micros, source, id })
}

/// A row behind a number: a change, a deployment, an incident.
#[Object]
impl Record {
    /// Integration that the row comes from.
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// Id of the row within its source.
    async fn id(&self) -> &str {
        &self.0.id
    }

    /// The time that places the row in the period.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// What a person calls it.
    async fn title(&self) -> Option<&str> {
        self.0.title.as_deref()
    }

    /// Where a person can look at it.
    async fn url(&self) -> Option<&str> {
        self.0.url.as_deref()
    }

    /// The account that did the work, by login.
    async fn contributor(&self) -> Option<&str> {
        self.0.contributor.as_deref()
    }

    /// Seconds of a duration, null where unknown, without the days that the metric's `calendar` leaves out; 1 or 0 where the row counts in the numerator or not.
    async fn value(&self) -> Option<f64> {
        self.0.value
    }

    /// The length of each stage; empty where the metric has none.
    async fn stages(&self) -> Vec<RecordStage> {
        self.0.stages.iter().map(|(name, seconds)| RecordStage { name, seconds: *seconds }).collect()
    }

    /// Every column of the row that has a value.
    async fn fields(&self) -> Vec<RecordField> {
        self.0.fields.iter().map(|(name, value)| RecordField { name: name.clone(), value: value.clone() }).collect()
    }
}
