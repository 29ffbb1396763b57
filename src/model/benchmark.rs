//! Published figures about the whole industry, as declared in `schema/benchmarks.toml`: what a rating scheme's scores
//! are held against. How a value gets its score is said in `rating`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use include_dir::Dir;
use serde::Deserialize;

use super::metric::Metric;
use super::rating::{Rating, Scheme};

/// Figures of one publication, on the scale of one scheme.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benchmark {
    pub scheme: Scheme,
    /// The year that they are about.
    pub year: i32,
    /// What each figure is: a mean, and of whom.
    pub title: String,
    /// Who published them, and where.
    pub source: String,
    /// The figure of all of them together.
    pub overall: f64,
    /// The score of each metric, by name.
    pub scores: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declaration {
    benchmarks: Vec<Benchmark>,
}

impl Benchmark {
    /// Every publication, one for each scheme at most. Errors name scheme and metric.
    pub fn load_all(schema: &Dir<'_>, metrics: &[Metric]) -> Result<Vec<Benchmark>> {
        let file = schema.get_file("benchmarks.toml").context("schema/benchmarks.toml is missing")?;
        let text = file.contents_utf8().context("schema/benchmarks.toml: not UTF-8")?;
        let Declaration { benchmarks } = toml::from_str(text).context("schema/benchmarks.toml")?;
        for (place, benchmark) in benchmarks.iter().enumerate() {
            let scheme = benchmark.scheme.name();
            let before = &benchmarks[..place];
            ensure!(before.iter().all(|other| other.scheme != benchmark.scheme), "{scheme}: declared twice");
            for (name, score) in &benchmark.scores {
                let metric = metrics.iter().find(|metric| metric.name == *name);
                let metric = metric.with_context(|| format!("{scheme}: no metric {name}"))?;
                let scored = |rating: &Rating| rating.scheme == benchmark.scheme && rating.bands.is_empty();
                ensure!(metric.ratings.iter().any(scored), "{scheme}: the scheme gives {name} no score");
                ensure!((0.0..=10.0).contains(score), "{scheme}: {name}: {score} is not from 0 to 10");
            }
        }
        Ok(benchmarks)
    }
}

#[cfg(test)]
mod tests {
    use crate::model;

    #[test]
    fn figures_are_of_metrics_that_have_scores() {
        let [dora] = model::benchmarks() else { panic!("one publication") };
        assert_eq!(dora.scores.len(), 5);
        let mean = dora.scores.values().sum::<f64>() / 5.0;
        assert!((mean - dora.overall).abs() < 0.05, "the mean of the five is {mean}");
    }
}
