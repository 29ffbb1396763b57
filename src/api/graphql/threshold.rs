//! `MetricThreshold`: a limit by which a scheme judges a metric, as a front end draws it.

use async_graphql::SimpleObject;

use crate::model::metric::Statistic;
use crate::model::rating::{Level, Per, Rating, Scheme, Steps};

/// A limit by which a scheme judges a metric. One of `below`, `atMost`, `atLeast` and `exactly` is given.
#[derive(Debug, Default, SimpleObject)]
pub struct MetricThreshold {
    /// The scheme; null where a profile made it.
    scheme: Option<Scheme>,
    /// The statistic that is judged; null where the value is no distribution.
    statistic: Option<Statistic>,
    /// The tier that meets the limit; what meets none is LOW. Null where the scheme scores.
    level: Option<Level>,
    /// The score of what meets the limit and no better one; what meets none scores 0. Null where the scheme has tiers.
    score: Option<f64>,
    /// Met below this value.
    below: Option<f64>,
    /// Met up to this value.
    at_most: Option<f64>,
    /// Met from this value on.
    at_least: Option<f64>,
    /// The value that has exactly this score; between two of them scores lie on the straight line.
    exactly: Option<f64>,
    /// The count that is judged in place of the value; null: the value itself.
    count: Option<String>,
    /// What the count is taken per: WEEK and MONTH are medians over those, HALF_YEAR is the mean.
    per: Option<&'static str>,
}

impl MetricThreshold {
    /// All limits of a rating, the best first. `shown` is the statistic of the metric where the rating names none.
    pub fn all(rating: &Rating, shown: Option<Statistic>) -> Vec<MetricThreshold> {
        let (scheme, statistic) = (Some(rating.scheme), rating.statistic.or(shown));
        let bands = rating.bands.iter().map(|band| MetricThreshold {
            level: Some(band.level),
            below: band.below,
            at_most: band.at_most,
            at_least: band.at_least,
            count: band.count.clone(),
            per: band.per.map(per),
            ..MetricThreshold::default()
        });
        let steps = rating.steps.iter().flat_map(|steps| {
            let (Steps::Below(limits) | Steps::AtLeast(limits)) = steps;
            let is_below = matches!(steps, Steps::Below(_));
            limits.iter().enumerate().rev().map(move |(place, limit)| MetricThreshold {
                score: Some(2.0 * (place + 1) as f64),
                below: is_below.then_some(*limit),
                at_least: (!is_below).then_some(*limit),
                ..MetricThreshold::default()
            })
        });
        let ends = rating.linear.iter().flat_map(|line| [(10.0, line.ten_at), (0.0, line.zero_at)]);
        let ends = ends.map(|(score, value)| MetricThreshold {
            score: Some(score),
            exactly: Some(value),
            ..MetricThreshold::default()
        });
        bands.chain(steps).chain(ends).map(|limit| MetricThreshold { scheme, statistic, ..limit }).collect()
    }
}

fn per(per: Per) -> &'static str {
    match per {
        Per::Week => "WEEK",
        Per::Month => "MONTH",
        Per::HalfYear => "HALF_YEAR",
    }
}
