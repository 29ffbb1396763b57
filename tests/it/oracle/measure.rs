//! The six delivery metrics over a window, a scope and a slice of it: pick the items, count them, done.

use super::calendar::{Granularity, Period};
use super::facts::{Change, Deployed, Facts, Trouble};
use super::record::At;
use super::rest::{Closed, open_seconds};
use super::statistics::{Statistic, line};

/// A delivery metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    Frequency,
    LeadTime,
    FailureRate,
    RecoveryTime,
    RestoreTime,
    ReworkRate,
}

/// What a metric is asked of.
#[derive(Debug, Clone, PartialEq)]
pub enum Scope {
    Organization,
    Repository(String),
    Service(String),
}

/// What a breakdown slices by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    Repository,
    Service,
    Environment,
    Contributor,
}

/// One thing that a metric counts, at the instant it belongs to. In `parts` stand the total and then each stage: the
/// seconds of a duration, or 1 and 0 for yes and no; none where it is not known.
#[derive(Debug, Clone)]
pub struct Item {
    pub at: At,
    pub parts: Vec<Option<f64>>,
    pub repositories: Vec<String>,
    pub service: Option<String>,
    pub environment: Option<String>,
    /// Source and login.
    pub contributor: Option<(String, String)>,
}

/// A metric's value and what explains it.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    metric: Metric,
    /// The known values, each.
    known: Vec<f64>,
    pub numerator: f64,
    pub denominator: f64,
    pub sample_size: usize,
    pub coverage: Option<f64>,
    pub absent: Option<&'static str>,
}

impl Metric {
    pub const ALL: [Metric; 6] = [
        Metric::Frequency,
        Metric::LeadTime,
        Metric::FailureRate,
        Metric::RecoveryTime,
        Metric::RestoreTime,
        Metric::ReworkRate,
    ];
    /// Names of the parts after the first, where the metric has stages.
    pub const STAGES: [&'static str; 4] = ["CODING", "REVIEW", "BUILD", "DEPLOYMENT"];

    /// The metric's name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Frequency => "DEPLOYMENT_FREQUENCY",
            Metric::LeadTime => "LEAD_TIME_FOR_CHANGES",
            Metric::FailureRate => "CHANGE_FAILURE_RATE",
            Metric::RecoveryTime => "FAILED_DEPLOYMENT_RECOVERY_TIME",
            Metric::RestoreTime => "TIME_TO_RESTORE_SERVICE",
            Metric::ReworkRate => "DEPLOYMENT_REWORK_RATE",
        }
    }

    /// Whether its value is a statistic of durations.
    pub fn is_duration(self) -> bool {
        matches!(self, Metric::LeadTime | Metric::RecoveryTime | Metric::RestoreTime)
    }

    /// Everything that the metric can count, at any time.
    pub fn items(self, facts: &Facts) -> Vec<Item> {
        let shipped = |d: &&Deployed| d.production && d.status == "SUCCESS";
        let ended = |d: &&Deployed| d.production && ["SUCCESS", "FAILURE"].contains(&d.status);
        let yes = |yes: bool| if yes { 1.0 } else { 0.0 };
        match self {
            Metric::Frequency => facts.deployments.iter().filter(shipped).filter_map(|d| d.item(1.0)).collect(),
            Metric::FailureRate => {
                facts.deployments.iter().filter(shipped).filter_map(|d| d.item(yes(d.failed))).collect()
            }
            Metric::ReworkRate => {
                facts.deployments.iter().filter(ended).filter_map(|d| d.item(yes(d.rework))).collect()
            }
            Metric::LeadTime => facts.changes.iter().filter(|c| !c.bot).filter_map(|c| c.item(&facts.closed)).collect(),
            Metric::RecoveryTime => facts.incidents.iter().filter_map(|i| i.item(i.broken_at, &facts.closed)).collect(),
            Metric::RestoreTime => facts.incidents.iter().filter_map(|i| i.item(i.created_at, &facts.closed)).collect(),
        }
    }
}

impl Deployed {
    fn item(&self, value: f64) -> Option<Item> {
        Some(Item {
            at: self.finished_at?,
            parts: vec![Some(value)],
            repositories: self.repositories.clone(),
            service: self.service.clone(),
            environment: self.environment.clone(),
            contributor: None,
        })
    }
}

impl Change {
    fn item(&self, closed: &Closed) -> Option<Item> {
        let between = |from, to| open_seconds(from, to, closed);
        Some(Item {
            at: self.deployed_at?,
            parts: vec![
                between(self.first_commit_at, self.deployed_at),
                between(self.first_commit_at, self.opened_at),
                between(self.opened_at, self.merged_at),
                between(self.merged_at, self.last_build_finished_at),
                between(self.last_build_finished_at.or(self.merged_at), self.deployed_at),
            ],
            repositories: vec![self.repository.clone()],
            service: self.service.clone(),
            environment: self.environment.clone(),
            contributor: Some((self.source.clone(), self.author.clone())),
        })
    }
}

impl Trouble {
    fn item(&self, from: Option<At>, closed: &Closed) -> Option<Item> {
        Some(Item {
            at: self.resolved_at?,
            parts: vec![open_seconds(from, self.resolved_at, closed)],
            repositories: self.repositories.clone(),
            service: self.service.clone(),
            environment: self.environment.clone(),
            contributor: None,
        })
    }
}

impl Item {
    /// Whether the item belongs to the scope.
    pub fn is_of(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Organization => true,
            Scope::Repository(name) => self.repositories.contains(name),
            Scope::Service(name) => self.service.as_ref() == Some(name),
        }
    }

    /// The slices that the item is in; what belongs to nobody is in the slice of none.
    pub fn slices(&self, by: Dimension) -> Vec<Option<String>> {
        match by {
            Dimension::Repository if self.repositories.is_empty() => vec![None],
            Dimension::Repository => self.repositories.iter().cloned().map(Some).collect(),
            Dimension::Service => vec![self.service.clone()],
            Dimension::Environment => vec![self.environment.clone()],
            Dimension::Contributor => {
                // Nobody says whose the accounts are, so each is a person of its own.
                vec![self.contributor.as_ref().map(|(source, login)| format!("account:{source}/{login}"))]
            }
        }
    }
}

impl Dimension {
    /// The dimension's name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Dimension::Repository => "REPOSITORY",
            Dimension::Service => "SERVICE",
            Dimension::Environment => "ENVIRONMENT",
            Dimension::Contributor => "CONTRIBUTOR",
        }
    }
}

/// Measures one part (0: the total) of items that lie in the period. `deployed` says whether anything was deployed to
/// production there.
pub fn measure(metric: Metric, items: &[Item], part: usize, period: &Period, deployed: bool) -> Measured {
    let eligible: Vec<&Item> = items.iter().filter(|item| period.holds(item.at)).collect();
    let known: Vec<f64> = eligible.iter().filter_map(|item| item.parts[part]).collect();
    let denominator = if metric == Metric::Frequency { period.days() } else { known.len() as f64 };
    let reason = match metric {
        Metric::Frequency => None,
        Metric::FailureRate | Metric::ReworkRate => Some("NO_DEPLOYMENTS"),
        Metric::LeadTime if !deployed => Some("NO_DEPLOYMENTS"),
        _ => Some("NO_DATA"),
    };
    Measured {
        metric,
        numerator: known.iter().sum(),
        denominator,
        sample_size: known.len(),
        coverage: (!eligible.is_empty()).then(|| known.len() as f64 / eligible.len() as f64),
        absent: reason.filter(|_| known.is_empty()),
        known,
    }
}

/// Measures a metric of a scope over a period.
pub fn ask(facts: &Facts, metric: Metric, scope: &Scope, period: &Period) -> Measured {
    let mut items = metric.items(facts);
    items.retain(|item| item.is_of(scope));
    let deployments = Metric::Frequency.items(facts);
    let deployed = deployments.iter().any(|item| item.is_of(scope) && period.holds(item.at));
    measure(metric, &items, 0, period, deployed)
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

/// Slope and intercept per bucket over the whole buckets with a value, and how many those are.
pub fn trend(
    facts: &Facts,
    metric: Metric,
    scope: &Scope,
    period: &Period,
    by: Granularity,
    now: At,
) -> (Option<(f64, f64)>, usize) {
    let buckets = period.buckets(by, now);
    let whole = buckets.iter().enumerate().filter(|(_, bucket)| !bucket.partial);
    let points: Vec<(f64, f64)> =
        whole.filter_map(|(x, b)| Some((x as f64, ask(facts, metric, scope, &b.within).value(None)?))).collect();
    (line(&points), points.len())
}
