//! `IndustryComparison`: a score beside what was published about the whole industry.

use async_graphql::SimpleObject;

use crate::model::rating::Scheme;
use crate::model::{self, Benchmark};

/// The scheme of the figures that are shown where none is named.
pub const PUBLISHED: Scheme = Scheme::Dora2025;

/// A score beside the figure that was published about the whole industry, both on the scale of the scheme.
#[derive(Debug, Clone, SimpleObject)]
pub struct IndustryComparison {
    /// Whose scale it is.
    scheme: Scheme,
    /// What the figure is: a mean, and of whom.
    title: &'static str,
    /// Who published it.
    source: &'static str,
    /// The year that it is about.
    year: i32,
    /// The published figure.
    figure: f64,
    /// The score of what is compared; null where it has none.
    score: Option<f64>,
    /// The score minus the figure: above 0 is better than the figure. Null where there is no score.
    difference: Option<f64>,
}

impl IndustryComparison {
    /// A score beside one of a publication's figures.
    pub fn new(benchmark: &'static Benchmark, figure: f64, score: Option<f64>) -> IndustryComparison {
        let Benchmark { scheme, title, source, year, .. } = benchmark;
        let difference = score.map(|score| score - figure);
        IndustryComparison { scheme: *scheme, title, source, year: *year, figure, score, difference }
    }
}

/// What was published on the scale of a scheme.
pub fn published(scheme: Scheme) -> Option<&'static Benchmark> {
    model::benchmarks().iter().find(|benchmark| benchmark.scheme == scheme)
}
