//! A question: one metric, of one scope, over one period, and which of its numbers are wanted.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::calendar::Period;
use crate::model::profile::Segment;
use crate::model::{Dimension, Effective, Granularity, Membership, Metric};

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    pub metric: &'static Metric,
    pub scope: Scope,
    pub period: Period,
    pub filter: Filter,
    /// Which team a person's row belongs to.
    pub membership: Membership,
    pub wants: Wants,
    /// What the metric means here, and when.
    pub profile: Arc<Effective>,
}

/// Of whom it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    Organization,
    /// Whatever has this key in this dimension: a repository or a service by name, a contributor or a team by id.
    Key(Dimension, String),
}

/// What a breakdown slices by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct By {
    pub dimension: Dimension,
    /// Id of the org tree, for TEAM and ORG_LEVEL; `None`: that of the scope, else the first.
    pub tree: Option<String>,
    /// For ORG_LEVEL: how many levels below the scope.
    pub level: u32,
}

/// Which rows count: in each dimension one of these keys; contributors by id. Empty: all rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Filter(pub BTreeMap<Dimension, BTreeSet<String>>);

/// Which numbers are wanted beside the whole period's.
#[derive(Debug, Clone, Default)]
pub struct Wants {
    pub series: BTreeSet<Granularity>,
    /// The series wanted of each slice.
    pub breakdowns: BTreeMap<By, BTreeSet<Granularity>>,
    pub stages: bool,
    pub counts: bool,
}

impl By {
    /// By a dimension; what does not matter to it is left out.
    pub fn new(dimension: Dimension, tree: Option<String>, level: u32) -> By {
        match dimension {
            Dimension::OrgLevel => By { dimension, tree, level },
            Dimension::Team => By { dimension, tree, level: 0 },
            _ => By { dimension, tree: None, level: 0 },
        }
    }
}

impl From<Dimension> for By {
    fn from(dimension: Dimension) -> By {
        By::new(dimension, None, 1)
    }
}

impl Scope {
    /// The dimension that the scope is a key of.
    pub fn dimension(&self) -> Option<Dimension> {
        match self {
            Scope::Organization => None,
            Scope::Key(dimension, _) => Some(*dimension),
        }
    }

    /// The key, where the scope has one.
    pub fn key(&self) -> Option<&str> {
        match self {
            Scope::Organization => None,
            Scope::Key(_, key) => Some(key),
        }
    }
}

impl Question {
    /// What is said of the period as a whole: by the versions in force on its last day.
    pub fn in_force(&self) -> &Segment {
        self.profile.at_the_end(&self.period.instants())
    }

    /// Its time, first instant to last, half-open.
    pub fn reach(&self) -> Range<i64> {
        self.period.instants()
    }

    /// Whether its plan must know whom accounts belong to.
    pub fn is_about_people(&self) -> bool {
        self.metric.is_per_developer()
            || self.metric.asks_for_contributors()
            || self.scope.dimension().is_some_and(Dimension::is_of_people)
            || self.filter.0.contains_key(&Dimension::Contributor)
            || self.wants.breakdowns.keys().any(|by| by.dimension.is_of_people())
    }

    /// How many cells its plan fills for each slice of data: the measure of its cost.
    pub fn cost(&self) -> u64 {
        let series = |units: &BTreeSet<Granularity>| units.iter().map(|u| self.period.count_buckets(*u)).sum::<u64>();
        let slices: u64 = self.wants.breakdowns.values().map(|units| 1 + series(units)).sum();
        1 + series(&self.wants.series) + 10 * slices
    }
}
