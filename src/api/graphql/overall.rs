//! `OverallScore`: the scores of several metrics in one.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};

use super::asking::Asking;
use super::industry::{IndustryComparison, PUBLISHED, published};
use super::measured::Asked;
use super::metric::Metric;
use super::metric_name::MetricName;
use super::selection::want_rating;
use crate::model::rating::Scheme;
use crate::model::{self, Benchmark};

/// What DORA's page has beside the metrics.
pub struct OverallFields(pub Arc<Asked>);

/// The mean of the scores of the metrics that a scheme scores.
#[derive(SimpleObject)]
pub struct OverallScore {
    /// Whose scale it is.
    scheme: Scheme,
    /// From 0 to 10; null where one of the metrics has no score.
    score: Option<f64>,
    /// Metrics without a score, which the mean would need.
    missing: Vec<MetricName>,
    /// The score beside that of the whole industry.
    industry: IndustryComparison,
}

/// What DORA's page has beside the metrics.
#[Object]
impl OverallFields {
    /// The mean of DORA's five scores of 2025.
    async fn overall(&self, context: &Context<'_>) -> Option<Result<OverallScore>> {
        let benchmark = published(PUBLISHED)?;
        let score = async {
            let asking = Asking::of(context)?;
            let metrics = benchmark.scores.keys().filter_map(|name| model::metric(name));
            let asked = metrics.map(|metric| {
                let mut question = self.0.question(metric);
                let mut wants = std::mem::take(&mut question.wants);
                want_rating(&mut wants, &question, benchmark.scheme);
                question.wants = wants;
                Ok((metric, Metric::ask(asking, question)?))
            });
            let asked = asked.collect::<Result<Vec<_>>>()?;
            let mut scores = Vec::new();
            for (metric, answer) in asked {
                let rated = answer.rated(context, benchmark.scheme).await?;
                scores.push((MetricName::of(metric), rated.and_then(|rated| rated.score)));
            }
            Ok(OverallScore::of(benchmark, &scores))
        };
        Some(score.await)
    }
}

impl OverallScore {
    fn of(benchmark: &'static Benchmark, scores: &[(MetricName, Option<f64>)]) -> OverallScore {
        let missing = scores.iter().filter(|(_, score)| score.is_none()).map(|(name, _)| name.clone()).collect();
        let all: Option<Vec<f64>> = scores.iter().map(|(_, score)| *score).collect();
        let score = all.filter(|all| !all.is_empty()).map(|all| all.iter().sum::<f64>() / all.len() as f64);
        let industry = IndustryComparison::new(benchmark, benchmark.overall, score);
        OverallScore { scheme: benchmark.scheme, score, missing, industry }
    }
}
