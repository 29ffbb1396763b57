//! `RecordConnection`: rows behind a number, or left out of it, by page.

use async_graphql::{ComplexObject, Context, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::asking::Asking;
use super::error::{bad_input, internal};
use super::people::{Contributor, OrderDirection};
use super::relay::{PageInfo, cursor, page_size, read_cursor};
use crate::model::exclusion::Excluded;
use crate::model::{self, Metric};
use crate::query::records::{self, After, Asked, LinkTo, Order, Page, SortKey};

/// The most rows of a page.
const MOST: i32 = 1_000;

/// Rows behind a number.
#[derive(SimpleObject, Default)]
#[graphql(complex)]
pub struct RecordConnection {
    /// The rows with their cursors.
    edges: Vec<RecordEdge>,
    /// Where the page stands.
    page_info: PageInfo,
    /// How many rows there are, on all pages.
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

/// By what rows are ordered. Rows without a value come last; ties are broken by time, the newest first, then source and id.
#[derive(InputObject, Debug, Clone)]
pub struct RecordOrder {
    /// `at`, `value`, `weight`, the name of a stage, or a column of the row, as `MetricDefinition.recordColumns` lists them.
    pub field: String,
    /// The direction.
    #[graphql(default_with = "OrderDirection::Desc")]
    pub direction: OrderDirection,
}

/// Which page of rows is wanted.
pub struct Paging {
    pub first: i32,
    pub after: Option<String>,
    pub order: Option<RecordOrder>,
}

/// A row behind a number, or left out of it.
#[derive(Clone)]
pub struct Record(records::Record);

/// A named value of a row.
#[derive(SimpleObject)]
pub struct RecordField {
    /// Name of the column.
    name: &'static str,
    /// Its value as text; times in RFC 3339, lists with ", " between their items.
    value: Option<String>,
}

/// The length of one stage of a row.
#[derive(SimpleObject)]
pub struct RecordStage {
    /// Name of the stage.
    name: &'static str,
    /// Its length in seconds; null where unknown.
    seconds: Option<f64>,
}

/// What a row was linked to, and by which rule.
#[derive(Clone)]
pub struct RecordLink(LinkTo);

impl RecordOrder {
    /// The order of a metric's rows; where it is left out, the newest first.
    pub fn resolve(order: Option<&RecordOrder>, metric: &Metric) -> Result<Order> {
        let Some(RecordOrder { field, direction }) = order else { return Ok(Order::newest()) };
        let fact = model::fact(&metric.fact).ok_or_else(|| bad_input("this metric has no fact"))?;
        let order = Order::new(metric, fact, field, *direction == OrderDirection::Desc);
        order.map_err(|error| bad_input(format!("orderBy.field: {error}")))
    }
}

impl RecordConnection {
    /// A page of rows; none where `asked` is none, since nothing is known then. `total`: how many there are on all pages.
    pub async fn page(
        context: &Context<'_>,
        metric: &'static Metric,
        asked: Option<Asked>,
        paging: Paging,
        total: u64,
    ) -> Result<RecordConnection> {
        let asking = Asking::of(context)?;
        let limit = page_size(paging.first, MOST)?;
        let order = RecordOrder::resolve(paging.order.as_ref(), metric)?;
        let after = paging.after.as_deref().map(|cursor| read_after(cursor, &order)).transpose()?;
        let has_previous_page = after.is_some();
        let Some(asked) = asked else { return Ok(RecordConnection::default()) };
        asking.spend(limit as u64)?;
        let page = Page { order, after, limit: limit + 1 };
        let mut rows = asking.collector.records(&asked, &page).await.map_err(|error| internal(&error))?;
        let has_next_page = rows.len() > limit;
        rows.truncate(limit);
        let edge = |row: records::Record| RecordEdge { cursor: cursor_of(&row.place(&page.order)), node: Record(row) };
        let edges: Vec<_> = rows.into_iter().map(edge).collect();
        let page_info = PageInfo {
            has_next_page,
            has_previous_page,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        };
        Ok(RecordConnection { edges, page_info, total_count: total })
    }
}

fn cursor_of(place: &After) -> String {
    let After { order, key, at_micros, source, id } = place;
    cursor(&[order, &key.to_string(), &at_micros.to_string(), source, id])
}

fn read_after(cursor: &str, wanted: &Order) -> Result<After> {
    let [order, key, at, source, id] = read_cursor::<5>(cursor)?;
    if order != wanted.to_string() {
        return Err(bad_input(format!(
            "after: the cursor is of a page ordered by {order}, and this one is by {wanted}"
        )));
    }
    let read = SortKey::parse(&key).zip(at.parse().ok());
    let (key, at_micros) = read.ok_or_else(|| bad_input("after: no cursor of this connection"))?;
    Ok(After { order, key, at_micros, source, id })
}

/// A row: a change, a deployment, an incident, whatever the metric counts.
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

    /// The time that places the row in the period: the metric's, or the row's own where it lacks that.
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

    /// The account that did the work, a login of `loginSource`.
    async fn login(&self) -> Option<&str> {
        self.0.login.as_deref()
    }

    /// The integration that the account is of; mostly that of the row.
    async fn login_source(&self) -> &str {
        &self.0.login_source
    }

    /// The person whose account that is; null where the row is nobody's.
    async fn contributor(&self, context: &Context<'_>) -> Option<Result<Contributor>> {
        let login = self.0.login.as_deref()?;
        let found = async {
            let directory = Asking::of(context)?.directory().await?;
            let attribution = &directory.attribution;
            let person = attribution.person_of(&self.0.login_source, login);
            let key = person.map(|person| attribution.people[person as usize].key.as_str());
            Ok(key.and_then(|key| Contributor::by_key(&directory, key)))
        };
        found.await.transpose()
    }

    /// Seconds of a duration, null where unknown, without the days that the metric's `calendar` leaves out. Of other metrics what the
    /// row adds to the numerator: 1 or 0 where rows are counted, else its part of the sum.
    async fn value(&self) -> Option<f64> {
        self.0.value
    }

    /// What the row adds to the denominator; null where that is not made of rows: days of the period, time of developers.
    async fn weight(&self) -> Option<f64> {
        self.0.weight
    }

    /// Rows with the same key are counted once, say one day of one person; null where each row counts by itself.
    async fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// The denominator counts rows with the same key of this kind once; null where each row counts by itself.
    async fn weight_key(&self) -> Option<&str> {
        self.0.weight_key.as_deref()
    }

    /// Why the row has no part in the value; null: it has.
    async fn excluded(&self) -> Option<Excluded> {
        self.0.reason.map(|(reason, _)| reason)
    }

    /// The same in words: what holds of the row.
    async fn excluded_because(&self) -> Option<&str> {
        self.0.reason.map(|(_, because)| because)
    }

    /// The length of each stage; empty where the metric has none.
    async fn stages(&self) -> Vec<RecordStage> {
        self.0.stages.iter().map(|(name, seconds)| RecordStage { name, seconds: *seconds }).collect()
    }

    /// What it was linked to, and by which rule: the deployment that shipped it, say.
    async fn links(&self) -> Vec<RecordLink> {
        self.0.links.iter().cloned().map(RecordLink).collect()
    }

    /// Columns of the row, the most telling first. Without names: every one that has a value.
    async fn fields(
        &self,
        #[graphql(desc = "These columns, in this order, also where they are empty.")] names: Option<Vec<String>>,
    ) -> Result<Vec<RecordField>> {
        let shown = |field: &records::Field| RecordField { name: field.name, value: field.value.clone() };
        let Some(names) = names else {
            return Ok(self.0.fields.iter().filter(|field| field.value.is_some()).map(shown).collect());
        };
        let find = |name: &String| {
            let found = self.0.fields.iter().find(|field| field.name == name);
            found.map(shown).ok_or_else(|| bad_input(format!("names: the row has no column {name:?}")))
        };
        names.iter().map(find).collect()
    }
}

/// What a row was linked to.
#[Object]
impl RecordLink {
    /// Name of the link.
    async fn name(&self) -> &str {
        &self.0.link.name
    }

    /// What the other is to the row.
    async fn title(&self) -> &str {
        &self.0.link.title
    }

    /// Integration that the other comes from.
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// Id of the other within its source.
    async fn id(&self) -> &str {
        &self.0.id
    }

    /// The rule that found it; null where there is but one.
    async fn rule(&self) -> Option<&str> {
        self.0.rule.as_deref()
    }

    /// The other's time.
    async fn at(&self) -> Option<DateTime<Utc>> {
        self.0.at
    }
}
