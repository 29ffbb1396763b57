//! Ratings by scheme, straight from the published bands. Only those that follow from one value; a frequency's bands of
//! deploy-days are in `bands_of_days`.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::calendar::{Granularity, Period};
use super::item::Item;
use super::measure::Measured;
use super::metric::Metric;
use super::record::At;
use super::statistics::percentile;

const HOUR: f64 = 3_600.0;
const DAY: f64 = 24.0 * HOUR;
const HALF_YEAR_DAYS: f64 = 365.25 / 2.0;

/// A level of the schemes with tiers, or a score of the one with points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rating {
    Level(&'static str),
    Score(f64),
}

/// The rating of a value by a scheme; none where the scheme has no word on the metric, or there is no value.
pub fn rate(scheme: &str, metric: Metric, measured: &Measured) -> Option<Rating> {
    let value = measured.value(None)?;
    let duration = metric.is_duration();
    match (scheme, metric) {
        ("DORA_2021", Metric::LeadTime) => Some(level(value, &[HOUR, 7.0 * DAY, 180.0 * DAY], duration)),
        ("DORA_2023", Metric::LeadTime) => Some(level(value, &[DAY, 7.0 * DAY, 30.0 * DAY], duration)),
        ("DORA_2021" | "DORA_2023", Metric::RecoveryTime | Metric::RestoreTime) => {
            Some(level(value, &[HOUR, DAY, 7.0 * DAY], duration))
        }
        ("DORA_2021", Metric::FailureRate) => Some(level(value, &[0.15, 0.20, 0.30], duration)),
        ("DORA_2023", Metric::FailureRate) => Some(level(value, &[0.05, 0.10, 0.15], duration)),
        ("DORA_2025", Metric::FailureRate | Metric::ReworkRate) => Some(Rating::Score(10.0 * (1.0 - value))),
        ("DORA_2025", Metric::LeadTime | Metric::RecoveryTime) => {
            let below = [180.0 * DAY, 30.0 * DAY, 7.0 * DAY, DAY, HOUR];
            Some(answer(below.iter().filter(|bound| value < **bound).count()))
        }
        ("DORA_2025", Metric::Frequency) => {
            let days = [HALF_YEAR_DAYS, 365.25 / 12.0, 7.0, 1.0, 1.0 / 24.0];
            Some(answer(days.iter().filter(|days| measured.numerator * **days >= measured.denominator).count()))
        }
        _ => None,
    }
}

/// The first of six ordered answers scores 0, the last 10.
fn answer(number: usize) -> Rating {
    Rating::Score(2.0 * number as f64)
}

/// Durations must be below a bound, rates may be at it.
fn level(value: f64, bounds: &[f64; 3], below: bool) -> Rating {
    let within = |bound: &f64| if below { value < *bound } else { value <= *bound };
    Rating::Level(bounds.iter().position(within).map_or("LOW", |place| ["ELITE", "HIGH", "MEDIUM"][place]))
}

/// The level of a deployment frequency: deploy-days in the median week and month of the period, and in half a year.
pub fn bands_of_days(scheme: &str, items: &[Item], period: &Period, now: At) -> Rating {
    let days: BTreeSet<NaiveDate> = items
        .iter()
        .filter(|item| period.holds(item.at))
        .map(|item| item.at.with_timezone(&period.zone).date_naive())
        .collect();
    let week = median(period, &days, Granularity::Week, now);
    let month = median(period, &days, Granularity::Month, now);
    // Half a year is longer than most periods: the count of all of it, or of each half-year of it.
    let half = days.len() as f64 / (period.days() / HALF_YEAR_DAYS).max(1.0);
    let (high, medium) = if scheme == "DORA_2021" { (month, half) } else { (week, month) };
    let reached = [week >= 5.0, high >= 1.0, medium >= 1.0];
    Rating::Level(reached.iter().position(|yes| *yes).map_or("LOW", |place| ["ELITE", "HIGH", "MEDIUM"][place]))
}

/// The median number of the given days in a whole bucket of the period; in any bucket, where none is whole.
fn median(period: &Period, days: &BTreeSet<NaiveDate>, by: Granularity, now: At) -> f64 {
    let mut buckets = period.buckets(by, now);
    if buckets.iter().any(|bucket| !bucket.partial) {
        buckets.retain(|bucket| !bucket.partial);
    }
    let within = |period: &Period| days.iter().filter(|day| period.from <= **day && **day < period.to).count() as f64;
    let counts: Vec<f64> = buckets.iter().map(|bucket| within(&bucket.within)).collect();
    percentile(&counts, 0.5).unwrap_or(0.0)
}
