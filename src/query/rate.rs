//! Judges an answer by a published scheme, or by the thresholds of a profile. The bands are data (`model::rating`); here is only what they are held against.

use std::borrow::Cow;

use super::answer::{Answer, Number};
use super::question::Question;
use crate::model::Granularity;
use crate::model::metric::Statistic;
use crate::model::profile::StageInForce;
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

/// How a scheme judges the metric of a question; `None` where it does not know the metric. Where a profile sets no
/// thresholds, those of DORA_2023 take their place.
pub fn rating(question: &Question, scheme: Scheme) -> Option<Cow<'static, Rating>> {
    let metric = question.metric;
    let published = |scheme| metric.ratings.iter().find(|rating| rating.scheme == scheme).map(Cow::Borrowed);
    if scheme != Scheme::Profile {
        return published(scheme);
    }
    match question.in_force().thresholds(metric) {
        [] => published(Scheme::Dora2023),
        bands => Some(Cow::Owned(Rating { scheme, statistic: None, bands: bands.to_vec(), steps: None, linear: None })),
    }
}

/// The judgement; `None` where the metric has no such scheme, or there is no value to judge.
pub fn rate(answer: &Answer, scheme: Scheme) -> Option<Rated> {
    let question = answer.question();
    let rating = rating(question, scheme)?;
    let scheme = rating.scheme;
    let statistic = rating.statistic.or(question.in_force().statistic(question.metric)).unwrap_or(Statistic::Mean);
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

/// The judgement of a stage by the thresholds of the profile; `None` where there are none, or there is no value.
pub fn rate_stage(stage: &StageInForce<'_>, number: &Number, statistic: Statistic) -> Option<Rated> {
    let value = number.value(statistic).filter(|_| !stage.thresholds.is_empty())?;
    let level = stage.thresholds.iter().find(|band| band.holds(value)).map_or(Level::Low, |band| band.level);
    Some(Rated { scheme: Scheme::Profile, level: Some(level), score: None })
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
