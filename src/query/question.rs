//! A question: one metric, of one scope, over one period, and which of its numbers are wanted.

use std::collections::{BTreeMap, BTreeSet};

use super::calendar::Period;
use crate::model::{Dimension, Granularity, Metric};

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    pub metric: &'static Metric,
    pub scope: Scope,
    pub period: Period,
    pub filter: Filter,
    pub wants: Wants,
}

/// Of whom it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    Organization,
    /// Whatever has this key in this dimension: a repository or a service by name.
    Key(Dimension, String),
}

/// Which rows count: in each dimension one of these keys. Empty: all rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Filter(pub BTreeMap<Dimension, BTreeSet<String>>);

/// Which numbers are wanted beside the whole period's.
#[derive(Debug, Clone, Default)]
pub struct Wants {
    pub series: BTreeSet<Granularity>,
    /// By dimension: the series wanted of each slice.
    pub breakdowns: BTreeMap<Dimension, BTreeSet<Granularity>>,
    pub stages: bool,
    pub counts: bool,
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
    /// How many cells its plan fills for each slice of data: the measure of its cost.
    pub fn cost(&self) -> u64 {
        let series = |units: &BTreeSet<Granularity>| units.iter().map(|u| self.period.count_buckets(*u)).sum::<u64>();
        let slices: u64 = self.wants.breakdowns.values().map(|units| 1 + series(units)).sum();
        1 + series(&self.wants.series) + 10 * slices
    }
}
