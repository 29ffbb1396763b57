//! `Metric`: a question that was registered, and the numbers of its answer. Its resolvers only point into the answer.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SelectionField};
use tokio::sync::OnceCell;

use super::asking::Asking;
use super::business_calendar::BusinessCalendar;
use super::comparison::{MetricComparison, relative};
use super::definition::MetricDefinition;
use super::drill::{Drill, MetricExclusion};
use super::error::{bad_input, shared};
use super::freshness::Freshness;
use super::industry::{IndustryComparison, PUBLISHED, published};
use super::inputs::PeriodInput;
use super::number::{MetricCount, MetricPoint, MetricSlice, MetricStage, Period, Rating, Trend};
use super::people::{OrgTree, tree_key};
use super::profile::Profile;
use super::record::{Paging, RecordConnection, RecordOrder};
use super::selection::{self, Selected};
use super::siblings::{MetricSiblings, Peers};
use crate::model::attribution::MOST_LEVELS;
use crate::model::exclusion::Excluded;
use crate::model::metric::{Absent, Better, Statistic};
use crate::model::rating::Scheme;
use crate::model::{self, Dimension, Granularity};
use crate::query::answer::{Answer, Number};
use crate::query::collector::Ticket;
use crate::query::explain::{self, Told};
use crate::query::question::{Question, Wants};
use crate::query::rate::{self, Rated};
use crate::query::records::Exclusion;
use crate::query::{calendar, condition, trend};

/// The most slices that a breakdown gives when `first` is left out, and at all.
const SLICES: (i32, i32) = (100, 10_000);
/// The deepest level that a breakdown gives.
const LEVELS: i32 = MOST_LEVELS as i32;

/// One metric of one scope over one period.
#[derive(Clone)]
pub struct Metric {
    question: Question,
    ticket: Ticket,
    previous: Option<Arc<Metric>>,
    /// The metric that explains an absent value, and how.
    companion: Option<(Ticket, Absent)>,
    /// What the number leaves out, once a field asked for it.
    exclusions: OnceCell<Result<Vec<Exclusion>>>,
    /// The same over other periods.
    compared: HashMap<calendar::Period, Metric>,
    /// The same of the teams beside a team.
    peers: Option<Arc<Peers>>,
}

impl Metric {
    /// Registers a question as it stands.
    pub fn ask(asking: &Asking, question: Question) -> Result<Metric> {
        asking.spend(question.cost())?;
        let ticket = asking.collector.register(question.clone());
        let (previous, companion, compared, peers, exclusions) = Default::default();
        Ok(Metric { question, ticket, previous, companion, compared, peers, exclusions })
    }

    /// Registers a question; `selection` are the fields selected of it.
    pub fn register(asking: &Asking, mut question: Question, selection: &[SelectionField<'_>]) -> Result<Metric> {
        let selected = Selected::read(&question, selection);
        let fact = model::fact(&question.metric.fact).ok_or_else(|| bad_input("this metric has no fact"))?;
        for dimension in question.filter.0.keys() {
            condition::has_dimension(fact, *dimension).map_err(|error| bad_input(format!("filter: {error}")))?;
        }
        question.wants = selected.wants;
        // A dimension that the fact does not have is an error of the breakdown alone.
        question.wants.breakdowns.retain(|by, _| condition::has_dimension(fact, by.dimension).is_ok());
        let mut metric = Metric::ask(asking, question)?;
        let question = &metric.question;
        let over = |period: calendar::Period| Question { period, wants: Wants::default(), ..question.clone() };
        let previous = match selected.previous {
            None => None,
            Some(fields) => {
                let period = question.period.previous().map_err(bad_input)?;
                Some(Arc::new(Metric::register(asking, over(period), &fields)?))
            }
        };
        // A period that is none is an error of the comparison alone.
        let mut others = HashMap::<calendar::Period, Vec<SelectionField<'_>>>::new();
        for (period, fields) in selected.compared {
            if let Ok(period) = period.resolve(asking, Some(question.period.zone.name())) {
                others.entry(period).or_default().extend(fields);
            }
        }
        let compared = (others.into_iter())
            .map(|(period, fields)| Ok((period, Metric::register(asking, over(period), &fields)?)))
            .collect::<Result<_>>()?;
        let directory = asking.known_directory().filter(|_| selected.siblings);
        let peers = match directory {
            Some(directory) => Peers::register(asking, &directory.attribution, question)?,
            None => None,
        };
        let explains = question.metric.absent_where_zero.as_ref().filter(|_| selected.absent);
        let companion = explains.and_then(|explains| {
            let metric = asking.catalogue.metric(&explains.metric)?;
            let question = Question { metric, wants: Wants::default(), ..question.clone() };
            Some((asking.collector.register(question), explains.reason))
        });
        (metric.previous, metric.companion, metric.compared, metric.peers) = (previous, companion, compared, peers);
        Ok(metric)
    }

    /// Which way it gets better.
    pub fn better(&self) -> Better {
        self.question.metric.better
    }

    async fn answer(&self) -> Result<Arc<Answer>> {
        self.ticket.answer().await.map_err(shared)
    }

    fn statistic(&self, asked: Option<Statistic>) -> Statistic {
        asked.or(self.question.in_force().statistic(self.question.metric)).unwrap_or(Statistic::Mean)
    }

    /// Whether the lake has the tables that the metric needs.
    fn is_collected(&self, asking: &Asking) -> bool {
        asking.missing_tables(self.question.metric).is_empty()
    }

    /// Whether anything is known of it, if only that it is zero: the lake has the tables, and of a team it is known which
    /// rows are its own.
    async fn is_known(&self, context: &Context<'_>) -> Result<bool> {
        let answer = self.answer().await?;
        Ok(self.is_collected(Asking::of(context)?) && answer.is_configured() && answer.is_on())
    }

    /// The numbers of the whole period.
    async fn number(&self, context: &Context<'_>) -> Result<Option<Number>> {
        Ok(if self.is_known(context).await? { Some(self.answer().await?.total()) } else { None })
    }

    /// The value; the definition's own statistic where none is asked for.
    pub async fn value_of(&self, context: &Context<'_>, statistic: Option<Statistic>) -> Result<Option<f64>> {
        Ok(self.number(context).await?.and_then(|number| number.value(self.statistic(statistic))))
    }

    /// How a scheme judges the value.
    pub async fn rated(&self, context: &Context<'_>, scheme: Scheme) -> Result<Option<Rated>> {
        let known = self.is_known(context).await?;
        Ok(if known { rate::rate(self.answer().await?.as_ref(), scheme) } else { None })
    }

    /// The statistic that is shown where none is asked for; `None` where the value is no distribution.
    pub fn shown_statistic(&self) -> Option<Statistic> {
        self.question.in_force().statistic(self.question.metric)
    }

    /// How many items the value is computed from.
    pub async fn known(&self, context: &Context<'_>) -> Result<u64> {
        Ok(self.number(context).await?.map_or(0, |number| number.known))
    }

    async fn points(&self, context: &Context<'_>, granularity: Granularity) -> Result<Vec<MetricPoint>> {
        let (points, statistic) = (self.answer().await?.series(granularity), self.statistic(None));
        let drill = self.drill(context).await?;
        Ok(points.into_iter().map(|point| MetricPoint::new(point, statistic, &drill)).collect())
    }

    /// The way down to the rows.
    async fn drill(&self, context: &Context<'_>) -> Result<Drill> {
        let total = self.number(context).await?.map(|number| number.rows);
        Ok(Drill::new(self.question.clone(), total))
    }

    /// How many rows the number leaves out; counted once for all fields.
    async fn left_out(&self, context: &Context<'_>) -> Result<&[Exclusion]> {
        let counted = self.exclusions.get_or_init(async || self.drill(context).await?.exclusions(context).await).await;
        counted.as_deref().map_err(Clone::clone)
    }

    pub async fn absent_reason(&self, context: &Context<'_>) -> Result<Option<Absent>> {
        if !self.is_collected(Asking::of(context)?) {
            return Ok(Some(Absent::NotCollected));
        }
        if self.value_of(context, None).await?.is_some() {
            return Ok(None);
        }
        if let Some(reason) = self.answer().await?.absent() {
            return Ok(Some(reason));
        }
        if let Some((ticket, reason)) = &self.companion {
            let explains = ticket.answer().await.map_err(shared)?;
            if explains.is_configured() && explains.total().numerator == 0.0 {
                return Ok(Some(*reason));
            }
        }
        Ok(Some(self.question.metric.absent))
    }
}

/// The value of one metric, and everything that explains it: what it was computed from, how much of that is known, how
/// fresh it is, how it was before, and the rows behind it.
#[Object]
impl Metric {
    /// What the metric means.
    async fn definition(&self) -> MetricDefinition {
        MetricDefinition(self.question.metric)
    }

    /// What the metric was asked with: the profile of its kind that holds for the team, or the organisation, or that was
    /// asked for.
    async fn profile(&self, context: &Context<'_>) -> Option<Result<Profile>> {
        let found = async {
            let directory = Asking::of(context)?.directory().await?;
            let kind = model::profile::Kind::of(self.question.metric);
            Ok(Profile::by_key(&directory, self.question.profile.profile(kind)))
        };
        found.await.transpose()
    }

    /// The period that was computed, as dates in its time zone.
    async fn period(&self) -> Period {
        Period(self.question.period)
    }

    /// The days that the value leaves out, with those of its stages and records; null where it is wall-clock time, or no
    /// duration.
    async fn calendar(&self) -> Option<BusinessCalendar> {
        self.question.in_force().calendar(self.question.metric).and_then(BusinessCalendar::of)
    }

    /// The value over the whole period, computed from its rows. Null has a reason: see `absent`.
    async fn value(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Which statistic of a distribution; left out: the one the definition shows. A ratio or a rate has one value, whatever is asked here."
        )]
        statistic: Option<Statistic>,
    ) -> Option<Result<f64>> {
        self.value_of(context, statistic).await.transpose()
    }

    /// Why there is no value; null where there is one.
    async fn absent(&self, context: &Context<'_>) -> Option<Result<Absent>> {
        self.absent_reason(context).await.transpose()
    }

    /// What the value is a quotient of: the sum of the known durations in seconds, or the number counted.
    async fn numerator(&self, context: &Context<'_>) -> Option<Result<f64>> {
        self.number(context).await.map(|number| number.map(|n| n.numerator)).transpose()
    }

    /// What the value is divided by: the known durations, the rows, or the days of the period.
    async fn denominator(&self, context: &Context<'_>) -> Option<Result<f64>> {
        self.number(context).await.map(|number| number.map(|n| n.denominator)).transpose()
    }

    /// How many items the value is computed from.
    async fn sample_size(&self, context: &Context<'_>) -> Option<Result<u64>> {
        Some(self.number(context).await.map(|number| number.map_or(0, |n| n.known)))
    }

    /// The share of eligible items whose value is known, 0 to 1; null where no item is eligible.
    async fn coverage(&self, context: &Context<'_>) -> Option<Result<f64>> {
        self.number(context).await.map(|number| number.and_then(|n| n.coverage())).transpose()
    }

    /// Further numbers of the same rows: the deployments themselves, the days with one, what is unresolved. Null where the
    /// metric is not collected.
    async fn counts(&self, context: &Context<'_>) -> Option<Result<Vec<MetricCount>>> {
        let declared = &self.question.metric.counts;
        let described = |name: &str| declared.iter().find(|c| c.name == name).map(|c| c.description.clone());
        let counts = async {
            if !self.is_known(context).await? {
                return Ok(None);
            }
            let counts = self.answer().await?.counts().into_iter();
            Ok(Some(counts.map(|(name, value)| MetricCount { name, value, description: described(name) }).collect()))
        };
        counts.await.transpose()
    }

    /// How a scheme judges the value, a published one or the profile's own; null where the scheme does not know the metric, or there is no value.
    async fn rating(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The scheme.")] scheme: Scheme,
    ) -> Option<Result<Rating>> {
        self.rated(context, scheme).await.transpose().map(|rated| rated.map(Rating))
    }

    /// The same metric over the period before: as many days, or as many whole months, just before this one.
    async fn previous(&self) -> Option<&Metric> {
        self.previous.as_deref()
    }

    /// How the value changed against the period before, relative to it: 0.1 is 10 % more. Null where either has no
    /// value, or the earlier one is 0.
    async fn change(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which statistic of a distribution; left out: the one the definition shows.")]
        statistic: Option<Statistic>,
    ) -> Option<Result<f64>> {
        let change = async {
            let Some(previous) = &self.previous else { return Ok(None) };
            let (now, before) =
                (self.value_of(context, statistic).await?, previous.value_of(context, statistic).await?);
            Ok(now.zip(before).and_then(|(now, before)| relative(now, before)))
        };
        change.await.transpose()
    }

    /// The same metric over another period, and the difference between the two.
    async fn compared_to(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The other period, in the same time zone.")] period: PeriodInput,
    ) -> Option<Result<MetricComparison>> {
        let compare = || {
            let zone = self.question.period.zone.name();
            let then = self.compared.get(&period.resolve(Asking::of(context)?, Some(zone))?);
            let then = then.ok_or_else(|| bad_input("period: it was not planned"))?;
            Ok(MetricComparison { now: self.clone(), then: then.clone() })
        };
        Some(compare())
    }

    /// Where the team stands among the teams of its level; null where the metric is of no team, or of one that does not
    /// exist when the period ends.
    async fn siblings(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which statistic of a distribution; left out: the one the definition shows.")]
        statistic: Option<Statistic>,
    ) -> Option<Result<MetricSiblings>> {
        let peers = self.peers.as_ref()?;
        Some(MetricSiblings::gather(context, self, peers, statistic).await)
    }

    /// The score beside the figure that was published about the whole industry; null where nothing was of this metric.
    async fn industry(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The scheme whose scale both stand on.", default_with = "PUBLISHED")] scheme: Scheme,
    ) -> Option<Result<IndustryComparison>> {
        let benchmark = published(scheme)?;
        let figure = *benchmark.scores.get(&self.question.metric.name)?;
        let rated = self.rated(context, scheme).await;
        let compared =
            |rated: Option<Rated>| IndustryComparison::new(benchmark, figure, rated.and_then(|rated| rated.score));
        Some(rated.map(compared))
    }

    /// The straight line through the whole buckets that have a value. Null with fewer than two of them.
    async fn trend(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The length of a bucket.")] granularity: Granularity,
        #[graphql(desc = "Which statistic of a distribution; left out: the one the definition shows.")]
        statistic: Option<Statistic>,
    ) -> Option<Result<Trend>> {
        let statistic = self.statistic(statistic);
        let fit = async {
            let series = self.points(context, granularity).await?;
            let whole = series.iter().enumerate().filter(|(_, point)| !point.point.bucket.partial);
            let points: Vec<_> = whole.filter_map(|(i, point)| Some((i, point.of(statistic)?))).collect();
            Ok(trend::fit(&points).map(Trend))
        };
        fit.await.transpose()
    }

    /// The metric by calendar bucket, oldest first, without gaps. Counts of an empty bucket are 0; ratios and durations
    /// are null.
    async fn series(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The length of a bucket.")] granularity: Granularity,
    ) -> Option<Result<Vec<MetricPoint>>> {
        Some(self.points(context, granularity).await)
    }

    /// The metric by the keys of a dimension, most rows first; empty where the metric is not collected. Rows that belong to no
    /// key are the slice with the key null. A row that belongs to two keys counts in both, so slices may add up to more than the whole.
    async fn breakdown(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The dimension.")] by: Dimension,
        #[graphql(desc = "How many slices at most, up to 10,000.", default_with = "SLICES.0")] first: i32,
        #[graphql(
            desc = "For TEAM and ORG_LEVEL: id of the org tree; left out: that of the team, else the default one."
        )]
        org_tree: Option<ID>,
        #[graphql(desc = "For ORG_LEVEL: how many levels below.", default = 1)] level: i32,
    ) -> Option<Result<Vec<MetricSlice>>> {
        let slices = async {
            if !(1..=SLICES.1).contains(&first) {
                return Err(bad_input(format!("first: {first} is not from 1 to {}", SLICES.1)));
            }
            if !(1..=LEVELS).contains(&level) {
                return Err(bad_input(format!("level: {level} is not from 1 to {LEVELS}")));
            }
            let fact = model::fact(&self.question.metric.fact).ok_or_else(|| bad_input("this metric has no fact"))?;
            condition::has_dimension(fact, by).map_err(|_| {
                bad_input(format!("by: {} cannot be broken down by {}", self.question.metric.name, by.name()))
            })?;
            let directory = match by.is_of_people() {
                true => Some(Asking::of(context)?.directory().await?),
                false => None,
            };
            if let (Some(tree), Some(directory)) = (&org_tree, &directory)
                && OrgTree::by_key(directory, &tree_key(tree)).is_none()
            {
                return Err(bad_input(format!("orgTree: there is no org tree {:?}", tree.as_str())));
            }
            if !self.is_known(context).await? {
                return Ok(Vec::new());
            }
            let by = selection::by(by, org_tree.as_ref(), Some(level));
            let (answer, statistic) = (self.answer().await?, self.statistic(None));
            let slices = answer.slices(&by).into_iter().take(first as usize);
            let drill = self.drill(context).await?;
            Ok(slices
                .map(|slice| MetricSlice {
                    drill: drill.of(&by, slice.key.as_deref(), slice.number.rows),
                    answer: Arc::clone(&answer),
                    by: by.clone(),
                    directory: directory.clone(),
                    key: slice.key,
                    number: slice.number,
                    statistic,
                })
                .collect())
        };
        Some(slices.await)
    }

    /// The parts of a duration that the profile has on, in order, each with its own number of known items; null where the metric is no duration.
    async fn stages(&self) -> Option<Result<Vec<MetricStage>>> {
        if self.question.metric.stages().is_empty() {
            return None;
        }
        let (statistic, stages) = (self.statistic(None), self.question.in_force().stages(self.question.metric));
        Some(self.answer().await.map(|answer| {
            let numbers = stages.zip(answer.stages());
            numbers.map(|(stage, number)| MetricStage::new(&stage, number, statistic)).collect()
        }))
    }

    /// The rows behind the number, newest first unless `orderBy` says otherwise; none where the metric is not collected. Those without a
    /// known value are among them. What they add up to is the number; see `value`, `weight` and `key` of a row.
    async fn records(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many rows, up to 1,000.", default = 50)] first: i32,
        #[graphql(desc = "The `endCursor` of the page before.")] after: Option<String>,
        #[graphql(desc = "The order; left out: the newest first.")] order_by: Option<RecordOrder>,
    ) -> Option<Result<RecordConnection>> {
        let page =
            async { self.drill(context).await?.records(context, Paging { first, after, order: order_by }).await };
        Some(page.await)
    }

    /// Where the rows are as CSV, with every column: a path of this server.
    async fn records_csv(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The order; left out: the newest first.")] order_by: Option<RecordOrder>,
        #[graphql(desc = "The rows that are left out for this reason, in place of those behind the number.")]
        excluded: Option<Excluded>,
    ) -> Option<Result<String>> {
        Some(async { self.drill(context).await?.csv(context, order_by.as_ref(), excluded).await }.await)
    }

    /// The rows of the period that have no part in the value, in the same scope and by the same filter: those that the metric does not
    /// count, those that lack the time it goes by, and those whose value is not known. Only the last are among `records`; all others and
    /// `records` together are all rows of the period.
    async fn excluded(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only for this reason; left out: for any.")] reason: Option<Excluded>,
        #[graphql(desc = "How many rows, up to 1,000.", default = 50)] first: i32,
        #[graphql(desc = "The `endCursor` of the page before.")] after: Option<String>,
        #[graphql(desc = "The order; left out: the newest first.")] order_by: Option<RecordOrder>,
    ) -> Option<Result<RecordConnection>> {
        let page = async {
            let paging = Paging { first, after, order: order_by };
            let exclusions = match context.look_ahead().field("totalCount").exists() {
                true => self.left_out(context).await?,
                false => &[],
            };
            self.drill(context).await?.left_out(context, reason, paging, exclusions).await
        };
        Some(page.await)
    }

    /// How many rows of the period have no part in the value, and why; empty where the metric is not collected.
    async fn exclusions(&self, context: &Context<'_>) -> Option<Result<Vec<MetricExclusion>>> {
        Some(async { Ok(self.drill(context).await?.explained(self.left_out(context).await?)) }.await)
    }

    /// Why there is no value and what can be done about it; or what the value was computed from, and what it leaves out.
    async fn explanation(&self, context: &Context<'_>) -> Option<Result<String>> {
        let explained = async {
            let (absent, number) = (self.absent_reason(context).await?, self.number(context).await?);
            let told = Told {
                question: &self.question,
                absent,
                number: number.as_ref(),
                missing: &Asking::of(context)?.missing_tables(self.question.metric),
                exclusions: self.left_out(context).await?,
            };
            Ok(explain::explanation(&told))
        };
        Some(explained.await)
    }

    /// How new the data is that the value is computed from.
    async fn freshness(&self, context: &Context<'_>) -> Result<Freshness> {
        Ok(Freshness::of(Asking::of(context)?, &self.question.metric.needs))
    }
}
