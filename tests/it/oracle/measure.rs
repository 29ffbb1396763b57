//! A metric over a window, a scope and a slice of it: pick the items, count them, done.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use throughline::model::{self, Dimension, Fact};

use super::Oracle;
use super::calendar::{Granularity, Period, day_start};
use super::choices::Choices;
use super::item::{By, Item, Scope};
use super::metric::{Metric, Shape};
use super::statistics::{Statistic, line};
use super::whose::{Account, Membership, Seen, Span};

/// A metric's value and what explains it.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    metric: Metric,
    /// The known values, each.
    known: Vec<f64>,
    pub numerator: f64,
    pub denominator: f64,
    pub sample_size: usize,
    pub eligible: usize,
    /// The share of items with a known value.
    pub coverage: Option<f64>,
    pub absent: Option<&'static str>,
}

/// What is asked of a metric, beside its period.
#[derive(Debug, Clone)]
pub struct Ask {
    pub metric: Metric,
    pub scope: Scope,
    pub membership: Membership,
    /// Where days begin.
    pub zone: Tz,
    /// The whole period, where a window is a part of it: whether anything can be counted is asked of the whole.
    pub over: Option<Period>,
    /// Only what has one of these keys in each of these dimensions, which are not of people.
    pub filter: Vec<(Dimension, Vec<String>)>,
}

impl Ask {
    /// A metric of a scope; everything belongs to the team that its person was in when it happened. In UTC.
    pub fn new(metric: Metric, scope: Scope) -> Ask {
        Ask { metric, scope, membership: Membership::AtEvent, zone: Tz::UTC, over: None, filter: Vec::new() }
    }
}

impl Oracle {
    /// Everything that a question can count, at any time.
    pub fn items(&self, ask: &Ask) -> Vec<Item> {
        let fields = fields(ask.metric);
        let mut all = Vec::new();
        for (number, era) in self.eras.iter().enumerate() {
            let to = self.eras.get(number + 1).map_or(i64::MAX, |next| next.from);
            let mut items = ask.metric.items(&era.facts, &era.choices);
            for item in &mut items {
                // What settings can test is what the fact declares.
                item.place.retain(|field, _| fields.contains(field));
                if item.is_day {
                    item.at = day_start(ask.zone, item.at.date_naive());
                }
            }
            items.retain(|item| {
                let at = item.at.timestamp_micros();
                era.from <= at && at < to && self.counts(ask, item, &era.choices)
            });
            all.extend(items);
        }
        all
    }

    fn counts(&self, ask: &Ask, item: &Item, choices: &Choices) -> bool {
        let has = |keys: &[String], wanted: &[String]| keys.iter().any(|key| wanted.contains(key));
        let passes = ask.filter.iter().all(|(dimension, wanted)| has(item.keys(*dimension), wanted));
        let is_listed = || item.account.as_ref().is_some_and(|(_, login)| choices.bots.contains(login));
        let is_bots = item.bot.is_some() && is_listed() || self.people.is_bots(item);
        let name = |account: &Option<Account>| account.as_ref().map(|account| self.people.name(account));
        let is_own = item.not_of.is_some() && name(&item.not_of) == name(&item.account);
        passes && !is_bots && !is_own && self.people.is_of(item, &ask.scope, ask.metric.name(), ask.membership)
    }

    /// The number of a question over a window.
    pub fn ask(&self, ask: &Ask, window: &Period) -> Measured {
        self.measure(ask, &self.items(ask), 0, window, None)
    }

    /// Measures one part (0: the total) of items that lie in a window, or of those of them in one slice.
    pub fn measure(
        &self,
        ask: &Ask,
        items: &[Item],
        part: usize,
        window: &Period,
        slice: Option<(By, Option<&str>)>,
    ) -> Measured {
        let whole: Vec<&Item> = items.iter().filter(|item| item.is_in(window)).collect();
        let in_slice =
            |item: &&Item| slice.is_none_or(|(by, key)| self.slices(ask, item, by).contains(&key.map(str::to_owned)));
        let eligible: Vec<&Item> = whole.iter().copied().filter(in_slice).collect();
        let known: Vec<f64> = eligible.iter().filter_map(|item| item.parts[part]).collect();
        let total: f64 = known.iter().sum();
        let is_duration = ask.metric.is_duration();
        let sample_size = if is_duration { known.len() } else { eligible.iter().filter(|item| item.known).count() };
        let weeks = || self.people.weeks(&ask.scope, slice, instants(window), ask.membership);
        let groups = || by_group(&eligible, |item| item.group.clone());
        let groups_of_people = || {
            let name = |item: &Item| item.account.as_ref().map(|account| self.people.name(account));
            by_group(&eligible, |item| format!("{:?} {}", name(item), item.group)).len() as f64
        };
        let (numerator, denominator) = match ask.metric.shape() {
            Shape::Duration => (total, known.len() as f64),
            Shape::Sum => (total, 1.0),
            Shape::PerDay => (total, window.days()),
            Shape::PerDeveloper => (total, weeks()),
            Shape::GroupsPerDeveloper => (groups_of_people(), weeks()),
            Shape::Quotient => (total, eligible.iter().map(|item| item.below).sum()),
            Shape::PerGroup => (total, groups().len() as f64),
            Shape::Spread => spread(groups().into_values()).map_or((0.0, 0.0), |spread| (spread, 1.0)),
            Shape::Shares => (self.shares(&eligible, &whole), 1.0),
        };
        let fact = fact(ask.metric);
        let seen = Seen { metric: ask.metric.name(), of_people: fact.person.is_some(), fields: &fields(ask.metric) };
        let is_configured =
            self.people.is_configured(&ask.scope, &seen, instants(ask.over.as_ref().unwrap_or(window)), ask.membership);
        let denominator = if is_configured || is_duration { denominator } else { 0.0 };
        let deployed = || {
            let asked = Ask { metric: Metric::Frequency, ..ask.clone() };
            self.items(&asked).iter().any(|item| item.is_in(window))
        };
        let of_place = matches!(ask.scope, Scope::Repository(_) | Scope::Service(_));
        let reason = match ask.metric {
            metric if metric.is_per_developer() && of_place => "NOT_APPLICABLE",
            metric if metric.is_per_developer() || !is_configured => "NOT_CONFIGURED",
            Metric::LeadTime if part == 0 && !deployed() => "NO_DEPLOYMENTS",
            metric => metric.absent(),
        };
        Measured {
            metric: ask.metric,
            numerator,
            denominator,
            sample_size,
            eligible: eligible.len(),
            coverage: (!eligible.is_empty()).then(|| sample_size as f64 / eligible.len() as f64),
            absent: (denominator == 0.0).then_some(reason),
            known,
        }
    }

    /// The slices that an item is in.
    pub fn slices(&self, ask: &Ask, item: &Item, by: By) -> BTreeSet<Option<String>> {
        self.people.slices(item, by, &ask.scope, ask.metric.name(), ask.membership)
    }

    /// Slope and intercept per bucket over the whole buckets with a value, and how many those are.
    pub fn trend(&self, ask: &Ask, period: &Period, by: Granularity) -> (Option<(f64, f64)>, usize) {
        let buckets = period.buckets(by, self.now);
        let whole = buckets.iter().enumerate().filter(|(_, bucket)| !bucket.partial);
        let points: Vec<(f64, f64)> =
            whole.filter_map(|(x, b)| Some((x as f64, self.ask(ask, &b.within).value(None)?))).collect();
        (line(&points), points.len())
    }

    /// Of each person the share of the whole work that is in the slice, added up.
    fn shares(&self, slice: &[&Item], whole: &[&Item]) -> f64 {
        let mut done = BTreeMap::<String, f64>::new();
        for item in whole {
            if let Some(account) = &item.account {
                *done.entry(self.people.name(account)).or_default() += item.parts[0].unwrap_or(0.0);
            }
        }
        let share = |item: &&Item| {
            let all = done[&self.people.name(item.account.as_ref()?)];
            (all > 0.0).then(|| item.parts[0].unwrap_or(0.0) / all)
        };
        slice.iter().filter_map(share).sum()
    }
}

impl Item {
    /// Whether it belongs to a window.
    pub fn is_in(&self, window: &Period) -> bool {
        window.holds(self.at)
    }
}

impl Measured {
    /// The value. The statistic matters for durations only, where the median is meant if none is given.
    pub fn value(&self, statistic: Option<Statistic>) -> Option<f64> {
        if self.metric.is_duration() {
            statistic.unwrap_or(Statistic::Median).of(&self.known)
        } else {
            (self.denominator > 0.0).then(|| self.numerator / self.denominator)
        }
    }

    /// How much the value has changed against an earlier one, as a share of that.
    pub fn change(&self, before: &Measured, statistic: Option<Statistic>) -> Option<f64> {
        let (now, before) = (self.value(statistic)?, before.value(statistic)?);
        (before != 0.0).then(|| (now - before) / before)
    }
}

/// The fact that a metric declares.
pub fn fact(metric: Metric) -> &'static Fact {
    let metric = model::metric(metric.name()).expect("a metric of the catalogue");
    model::fact(&metric.fact).expect("a metric is of a fact")
}

/// The fields that settings of teams can test of what a metric counts.
fn fields(metric: Metric) -> Vec<&'static str> {
    fact(metric).fields.iter().map(|(field, _)| field.as_str()).collect()
}

/// What is above and below the line, by group.
fn by_group(items: &[&Item], group: impl Fn(&Item) -> String) -> BTreeMap<String, (f64, f64)> {
    let mut groups = BTreeMap::<String, (f64, f64)>::new();
    for item in items {
        let (above, below) = groups.entry(group(item)).or_default();
        *above += item.parts[0].unwrap_or(0.0);
        *below += item.below;
    }
    groups
}

/// The standard deviation of quotients, as of a whole population; none of those that divide by nothing.
fn spread(groups: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let quotients: Vec<f64> = groups.filter(|(_, below)| *below > 0.0).map(|(above, below)| above / below).collect();
    let count = quotients.len() as f64;
    let mean = quotients.iter().sum::<f64>() / count;
    (count > 0.0).then(|| (quotients.iter().map(|q| (q - mean).powi(2)).sum::<f64>() / count).sqrt())
}

/// From the first instant of a window to that of the day after it, in microseconds.
pub fn instants(window: &Period) -> Span {
    let start = |day| day_start(window.zone, day).timestamp_micros();
    (start(window.from), start(window.to))
}
