//! Judges an answer by a published scheme. The bands are data (`model::rating`); here is only what they are held against.

use super::answer::Answer;
use crate::model::Granularity;
use crate::model::metric::Statistic;
use crate::model::rating::{Band, Level, Per, Rating, Scheme};

/// Days in half a year.
const HALF_YEAR_DAYS: f64 = 182.625;

/// A judgement: a tier, or a score from 0 to 10.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rated {
    pub scheme: Scheme,
    pub level: Option<Level>,
    pub score: Option<f64>,
}

/// The series that a scheme judges beside the value.
pub fn granularities(rating: &Rating) -> impl Iterator<Item = Granularity> + '_ {
    rating.bands.iter().filter_map(|band| match band.per {
        Some(Per::Week) => Some(Granularity::Week),
        Some(Per::Month) => Some(Granularity::Month),
        Some(Per::HalfYear) | None => None,
    })
}

/// The judgement; `None` where the metric has no such scheme, or there is no value to judge.
pub fn rate(answer: &Answer, scheme: Scheme) -> Option<Rated> {
    let metric = answer.question().metric;
    let rating = metric.ratings.iter().find(|rating| rating.scheme == scheme)?;
    let statistic = rating.statistic.or(metric.statistic()).unwrap_or(Statistic::Mean);
    let value = answer.total().value(statistic)?;
    let score = match (&rating.steps, &rating.linear) {
        (Some(steps), _) => Some(steps.score(value)),
        (None, Some(linear)) => Some(linear.score(value)),
        (None, None) => None,
    };
    let level = score.is_none().then(|| {
        let holds = |band: &&Band| band.holds(judged(answer, band).unwrap_or(value));
        rating.bands.iter().find(holds).map_or(Level::Low, |band| band.level)
    });
    Some(Rated { scheme, level, score })
}

/// What a band is held against, where that is not the metric's value.
fn judged(answer: &Answer, band: &Band) -> Option<f64> {
    let name = band.count.as_deref()?;
    match band.per? {
        Per::Week => Some(median_of_whole(answer.count_series(name, Granularity::Week))),
        Per::Month => Some(median_of_whole(answer.count_series(name, Granularity::Month))),
        Per::HalfYear => {
            let count = answer.counts().into_iter().find(|(n, _)| *n == name)?.1;
            let half_years = (answer.question().period.days() as f64 / HALF_YEAR_DAYS).max(1.0);
            Some(count / half_years)
        }
    }
}

/// The median over the whole buckets; over all where none is whole.
fn median_of_whole(series: Vec<(super::calendar::Bucket, f64)>) -> f64 {
    let whole: Vec<f64> = series.iter().filter(|(bucket, _)| !bucket.partial).map(|(_, count)| *count).collect();
    let mut counts = if whole.is_empty() { series.into_iter().map(|(_, count)| count).collect() } else { whole };
    counts.sort_by(f64::total_cmp);
    match counts.len() {
        0 => 0.0,
        n if n % 2 == 1 => counts[n / 2],
        n => (counts[n / 2 - 1] + counts[n / 2]) / 2.0,
    }
}
