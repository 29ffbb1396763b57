//! The parts of a `Metric`: period, counts, points, slices, stages, trend, rating. Each points into the answer.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::{Context, Object, Result};

use super::date::Date;
use super::drill::Drill;
use super::people::{Contributor, Team};
use super::record::{Paging, RecordConnection, RecordOrder};
use crate::model::metric::{Stage, Statistic};
use crate::model::profile::StageInForce;
use crate::model::rating::{Level, Scheme};
use crate::model::{Dimension, Granularity};
use crate::people::Directory;
use crate::query::answer::{Answer, Number, Point};
use crate::query::question::By;
use crate::query::rate::{self, Rated};
use crate::query::{calendar, trend};

/// A half-open run of days in a time zone.
pub struct Period(pub calendar::Period);

/// The days that a value is computed over.
#[Object]
impl Period {
    /// First day.
    async fn from(&self) -> Date {
        Date(self.0.from)
    }

    /// The day after the last one.
    async fn to(&self) -> Date {
        Date(self.0.to)
    }

    /// Calendar days between the two.
    async fn days(&self) -> u64 {
        self.0.days()
    }

    /// The IANA time zone that days begin and end in.
    async fn timezone(&self) -> &'static str {
        self.0.zone.name()
    }
}

/// A named number beside a metric's value.
#[derive(async_graphql::SimpleObject)]
pub struct MetricCount {
    /// Name of the count.
    pub name: &'static str,
    /// What is counted.
    pub description: Option<String>,
    /// How many.
    pub value: f64,
}

/// A bucket of a series.
pub struct MetricPoint {
    pub point: Point,
    pub statistic: Statistic,
    drill: Drill,
}

impl MetricPoint {
    /// A bucket of the number that `drill` is of.
    pub fn new(point: Point, statistic: Statistic, drill: &Drill) -> MetricPoint {
        let drill = drill.within(point.bucket.days, point.number.rows);
        MetricPoint { point, statistic, drill }
    }

    /// One statistic of the bucket; none of what is not collected, of which nothing is known, not even that it is zero.
    pub fn of(&self, statistic: Statistic) -> Option<f64> {
        self.point.number.value(statistic).filter(|_| self.drill.is_known())
    }
}

/// The metric in one calendar bucket.
#[Object]
impl MetricPoint {
    /// First day of the bucket that lies in the period.
    async fn start(&self) -> Date {
        Date(self.point.bucket.days.from)
    }

    /// The day after the last one.
    async fn end(&self) -> Date {
        Date(self.point.bucket.days.to)
    }

    /// Whether the period or the present cuts the bucket.
    async fn partial(&self) -> bool {
        self.point.bucket.partial
    }

    /// The value in this bucket.
    async fn value(
        &self,
        #[graphql(desc = "Which statistic of a distribution; left out: the one the definition shows.")]
        statistic: Option<Statistic>,
    ) -> Option<f64> {
        self.of(statistic.unwrap_or(self.statistic))
    }

    /// What the value is a quotient of.
    async fn numerator(&self) -> f64 {
        self.point.number.numerator
    }

    /// What the value is divided by.
    async fn denominator(&self) -> f64 {
        self.point.number.denominator
    }

    /// How many items the value is computed from.
    async fn sample_size(&self) -> u64 {
        self.point.number.known
    }

    /// The rows behind the point, as `records` of the metric gives them.
    async fn records(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many rows, up to 1,000.", default = 50)] first: i32,
        #[graphql(desc = "The `endCursor` of the page before.")] after: Option<String>,
        #[graphql(desc = "The order; left out: the newest first.")] order_by: Option<RecordOrder>,
    ) -> Option<Result<RecordConnection>> {
        Some(self.drill.records(context, Paging { first, after, order: order_by }).await)
    }

    /// Where the rows are as CSV: a path of this server.
    async fn records_csv(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The order; left out: the newest first.")] order_by: Option<RecordOrder>,
    ) -> Option<Result<String>> {
        Some(self.drill.csv(context, order_by.as_ref(), None).await)
    }
}

/// One key of a breakdown.
pub struct MetricSlice {
    pub answer: Arc<Answer>,
    pub by: By,
    /// Of slices by people or teams.
    pub directory: Option<Arc<Directory>>,
    pub key: Option<String>,
    pub number: Number,
    pub statistic: Statistic,
    pub drill: Drill,
}

/// The metric for one key of a dimension.
#[Object]
impl MetricSlice {
    /// The key, null for the rows that belong to none: a name, or the plain id of a team or contributor.
    async fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The share of the whole that this slice is: its numerator divided by that of all rows, slices or not. Null where
    /// the whole is 0, and for durations, whose whole is no sum of parts. A row in two slices counts in both.
    async fn share(&self) -> Option<f64> {
        let whole = self.answer.total().numerator;
        (whole != 0.0 && self.answer.question().metric.statistic().is_none()).then(|| self.number.numerator / whole)
    }

    /// The key as a person reads it: of a team its path, of a contributor the name.
    async fn label(&self) -> String {
        let Some(key) = &self.key else { return "(none)".to_owned() };
        let known = self.directory.as_ref().and_then(|directory| match self.by.dimension {
            Dimension::Contributor => directory.person(key).map(|person| person.name.clone()),
            _ => directory.team(key).map(|team| team.path.clone()),
        });
        known.unwrap_or_else(|| key.clone())
    }

    /// The team, in a breakdown by teams.
    async fn team(&self) -> Option<Team> {
        let of_teams = matches!(self.by.dimension, Dimension::Team | Dimension::OrgLevel);
        Team::by_key(self.directory.as_ref().filter(|_| of_teams)?, self.key.as_deref()?)
    }

    /// The contributor, in a breakdown by contributors.
    async fn contributor(&self) -> Option<Contributor> {
        let of_people = self.by.dimension == Dimension::Contributor;
        Contributor::by_key(self.directory.as_ref().filter(|_| of_people)?, self.key.as_deref()?)
    }

    /// The value of the slice.
    async fn value(
        &self,
        #[graphql(desc = "Which statistic of a distribution; left out: the one the definition shows.")]
        statistic: Option<Statistic>,
    ) -> Option<f64> {
        self.number.value(statistic.unwrap_or(self.statistic))
    }

    /// What the value is a quotient of.
    async fn numerator(&self) -> f64 {
        self.number.numerator
    }

    /// What the value is divided by.
    async fn denominator(&self) -> f64 {
        self.number.denominator
    }

    /// How many items the value is computed from.
    async fn sample_size(&self) -> u64 {
        self.number.known
    }

    /// The share of eligible items whose value is known.
    async fn coverage(&self) -> Option<f64> {
        self.number.coverage()
    }

    /// The slice by calendar bucket.
    async fn series(&self, #[graphql(desc = "The length of a bucket.")] granularity: Granularity) -> Vec<MetricPoint> {
        let points = self.answer.slice_series(&self.by, self.key.as_deref(), granularity).into_iter();
        points.map(|point| MetricPoint::new(point, self.statistic, &self.drill)).collect()
    }

    /// The rows behind the slice, as `records` of the metric gives them.
    async fn records(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many rows, up to 1,000.", default = 50)] first: i32,
        #[graphql(desc = "The `endCursor` of the page before.")] after: Option<String>,
        #[graphql(desc = "The order; left out: the newest first.")] order_by: Option<RecordOrder>,
    ) -> Option<Result<RecordConnection>> {
        Some(self.drill.records(context, Paging { first, after, order: order_by }).await)
    }

    /// Where the rows are as CSV: a path of this server.
    async fn records_csv(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The order; left out: the newest first.")] order_by: Option<RecordOrder>,
    ) -> Option<Result<String>> {
        Some(self.drill.csv(context, order_by.as_ref(), None).await)
    }
}

/// A part of a duration.
pub struct MetricStage {
    stage: &'static Stage,
    from: String,
    to: String,
    number: Number,
    statistic: Statistic,
    rating: Option<Rated>,
}

impl MetricStage {
    /// A stage as the profile bounds it.
    pub fn new(in_force: &StageInForce<'_>, number: Number, statistic: Statistic) -> MetricStage {
        let rating = rate::rate_stage(in_force, &number, statistic);
        let (from, to) = (in_force.from.to_owned(), in_force.to.to_owned());
        MetricStage { stage: in_force.stage, from, to, number, statistic, rating }
    }
}

/// The time between two milestones, within a duration.
#[Object]
impl MetricStage {
    /// Name of the stage.
    async fn name(&self) -> &str {
        &self.stage.name
    }

    /// The stage as a person reads it.
    async fn title(&self) -> &str {
        &self.stage.title
    }

    /// Which milestones bound it.
    async fn description(&self) -> Cow<'_, str> {
        match self.from == self.stage.from && self.to == self.stage.to {
            true => Cow::Borrowed(&self.stage.description),
            false => Cow::Owned(format!("{} to {}, as the profile says.", self.from, self.to)),
        }
    }

    /// How the profile's thresholds for the stage judge it; null where there are none, or there is no value.
    async fn rating(&self) -> Option<Rating> {
        self.rating.map(Rating)
    }

    /// The value of the stage, in seconds. Percentiles of stages do not add up to that of the whole.
    async fn value(
        &self,
        #[graphql(desc = "Which statistic; left out: the one the definition shows.")] statistic: Option<Statistic>,
    ) -> Option<f64> {
        self.number.value(statistic.unwrap_or(self.statistic))
    }

    /// How many items have both milestones in order.
    async fn sample_size(&self) -> u64 {
        self.number.known
    }

    /// The share of the metric's items that have both milestones in order.
    async fn coverage(&self) -> Option<f64> {
        self.number.coverage()
    }
}

/// A straight line through a series.
pub struct Trend(pub trend::Trend);

/// The line of least squares through a series.
#[Object]
impl Trend {
    /// How much the value changes from one bucket to the next.
    async fn slope(&self) -> f64 {
        self.0.slope
    }

    /// The line's value at the first bucket.
    async fn intercept(&self) -> f64 {
        self.0.intercept
    }

    /// How many buckets had a value.
    async fn points(&self) -> usize {
        self.0.points
    }
}

/// A judgement.
pub struct Rating(pub Rated);

/// How a published scheme judges a value.
#[Object]
impl Rating {
    /// The scheme.
    async fn scheme(&self) -> Scheme {
        self.0.scheme
    }

    /// The tier; null where the scheme has none.
    async fn level(&self) -> Option<Level> {
        self.0.level
    }

    /// The score from 0 to 10; null where the scheme has none.
    async fn score(&self) -> Option<f64> {
        self.0.score
    }
}
