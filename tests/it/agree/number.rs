//! Numbers of a metric, cut into slices and buckets, and when two of them are the same.

use std::collections::BTreeMap;

use throughline::model::metric::{Denominator, Kind, Statistic};
use throughline::model::{Dimension, Granularity, Metric};

/// The statistics of a duration that are compared.
pub const STATISTICS: [Statistic; 3] = [Statistic::Mean, Statistic::Median, Statistic::P90];

/// How a metric is cut.
#[derive(Debug, Clone)]
pub struct Cut {
    /// The dimension of the slices; none: the whole.
    pub dimension: Option<Dimension>,
    /// By every length of bucket too, not only over the whole period.
    pub in_buckets: bool,
}

/// A slice in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The key of the slice, null for rows without one; none where the whole is asked for.
    pub key: Option<Option<String>>,
    /// None: the whole period.
    pub unit: Option<Granularity>,
    /// First day of the bucket within the period.
    pub start: String,
}

/// What a door says of one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// Each of [`STATISTICS`] of a duration, else the one value. None where a door cannot tell.
    pub values: Option<Vec<Option<f64>>>,
    pub numerator: f64,
    pub sample_size: u64,
}

pub type Numbers = BTreeMap<Place, Number>;

impl Number {
    /// What differs from what another door says; `None` there is what it does not mention: a number of no rows.
    pub fn differs(&self, there: Option<&Number>, metric: &Metric) -> Option<String> {
        let nothing = Number::of_nothing(metric);
        let there = there.unwrap_or(&nothing);
        let same_values = match (&self.values, &there.values) {
            (Some(a), Some(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| close(*a, *b)),
            _ => true,
        };
        let same =
            same_values && close(Some(self.numerator), Some(there.numerator)) && self.sample_size == there.sample_size;
        (!same).then(|| format!("{self:?} and {there:?}"))
    }

    /// A number of no rows.
    fn of_nothing(metric: &Metric) -> Number {
        let values = match &metric.kind {
            Kind::Duration { .. } => Some(vec![None; STATISTICS.len()]),
            Kind::Formula { denominator: Denominator::Aggregate(_), .. } => Some(vec![None]),
            Kind::Formula { denominator: Denominator::DeveloperWeeks, .. } => None,
            Kind::Formula { zero_filled: false, .. } => Some(vec![None]),
            Kind::Formula { .. } | Kind::Shares { .. } => Some(vec![Some(0.0)]),
        };
        Number { values, numerator: 0.0, sample_size: 0 }
    }
}

/// DataFusion's percentile_cont interpolates in millionths of the distance between two values, which may be far apart.
fn close(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-5 * a.abs().max(1.0),
        (a, b) => a == b,
    }
}

#[test]
fn a_difference_is_seen() {
    let metric = throughline::model::metric("CHANGE_FAILURE_RATE").unwrap();
    let number = |value, numerator, sample_size| Number { values: Some(vec![value]), numerator, sample_size };
    let half = number(Some(0.5), 1.0, 2);
    assert_eq!(half.differs(Some(&half), metric), None);
    assert_eq!(number(None, 0.0, 0).differs(None, metric), None);
    for other in
        [number(Some(0.51), 1.0, 2), number(None, 1.0, 2), number(Some(0.5), 2.0, 2), number(Some(0.5), 1.0, 3)]
    {
        assert!(half.differs(Some(&other), metric).is_some(), "{other:?}");
    }
    assert!(half.differs(None, metric).is_some());
}
