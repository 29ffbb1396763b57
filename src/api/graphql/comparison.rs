//! `MetricComparison`: a metric beside itself over another period.

use async_graphql::{Context, Object, Result};

use super::metric::Metric;
use crate::model::metric::Statistic;

/// A metric now, and over the period that it is compared to.
pub struct MetricComparison {
    pub now: Metric,
    pub then: Metric,
}

/// A metric beside itself over another period.
#[Object]
impl MetricComparison {
    /// The metric over the other period.
    async fn metric(&self) -> &Metric {
        &self.then
    }

    /// The value minus that of the other period, in the metric's unit. Null where either has none.
    async fn difference(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which statistic of a distribution; left out: the one the definition shows.")]
        statistic: Option<Statistic>,
    ) -> Option<Result<f64>> {
        let both = self.both(context, statistic).await;
        both.map(|both| both.map(|(now, then)| now - then)).transpose()
    }

    /// The difference relative to the other period's value: 0.1 is 10 % more. Null where either has no value, or the other
    /// one is 0.
    async fn change(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which statistic of a distribution; left out: the one the definition shows.")]
        statistic: Option<Statistic>,
    ) -> Option<Result<f64>> {
        let both = self.both(context, statistic).await;
        both.map(|both| both.and_then(|(now, then)| relative(now, then))).transpose()
    }
}

impl MetricComparison {
    async fn both(&self, context: &Context<'_>, statistic: Option<Statistic>) -> Result<Option<(f64, f64)>> {
        let now = self.now.value_of(context, statistic).await?;
        Ok(now.zip(self.then.value_of(context, statistic).await?))
    }
}

/// How much more a value is than an earlier one, relative to that; `None` where that is 0.
pub fn relative(now: f64, then: f64) -> Option<f64> {
    (then != 0.0).then(|| (now - then) / then)
}
