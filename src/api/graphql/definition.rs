//! `MetricDefinition`: an entry of the catalogue.

use async_graphql::{Context, Object, Result, SimpleObject};

use super::asking::Asking;
use super::metric_name::MetricName;
use super::threshold::MetricThreshold;
use crate::model::metric::{Better, Category, Statistic, Unit};
use crate::model::rating::Scheme;
use crate::model::{self, Metric};
use crate::query::records::columns::{Column, columns};

/// An entry of the catalogue.
pub struct MetricDefinition(pub &'static Metric);

/// A column of the rows behind a metric.
#[derive(SimpleObject)]
pub struct RecordColumn {
    /// Name of the column.
    name: String,
    /// What it holds.
    description: String,
}

/// What a metric means: the same everywhere it is asked.
#[Object]
impl MetricDefinition {
    /// Name of the metric.
    async fn name(&self) -> MetricName {
        MetricName::of(self.0)
    }

    /// The name as a person reads it.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// What it tells, in a sentence.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// What exactly is computed.
    async fn definition(&self) -> &str {
        &self.0.definition
    }

    /// The part of the catalogue that it belongs to.
    async fn category(&self) -> Category {
        self.0.category
    }

    /// The unit of its value.
    async fn unit(&self) -> Unit {
        self.0.unit
    }

    /// Which way it gets better.
    async fn better(&self) -> Better {
        self.0.better
    }

    /// The statistic that `value` is when none is asked for; null where the value is no distribution.
    async fn statistic(&self) -> Option<Statistic> {
        self.0.statistic()
    }

    /// The statistics that can be asked for; empty where the value is no distribution.
    async fn statistics(&self) -> &'static [Statistic] {
        if self.0.statistic().is_some() { Statistic::ALL } else { &[] }
    }

    /// Names of its stages, in order; empty where it is no duration.
    async fn stages(&self) -> Vec<&str> {
        self.0.stages().iter().map(|stage| stage.name.as_str()).collect()
    }

    /// The schemes that judge it.
    async fn ratings(&self) -> Vec<Scheme> {
        self.0.ratings.iter().map(|rating| rating.scheme).collect()
    }

    /// The columns of its rows in the order of a CSV: what `records` can be ordered by, and what `fields` of a row gives.
    async fn record_columns(&self) -> Vec<RecordColumn> {
        let Some(fact) = model::fact(&self.0.fact) else { return Vec::new() };
        let described = columns(self.0, fact, self.0.stages(), false).into_iter();
        described.map(|Column { name, description, .. }| RecordColumn { name, description }).collect()
    }

    /// The limits that schemes judge it by, the best of each first.
    async fn thresholds(
        &self,
        #[graphql(desc = "Only those of this scheme.")] scheme: Option<Scheme>,
    ) -> Vec<MetricThreshold> {
        let asked = self.0.ratings.iter().filter(|rating| scheme.is_none_or(|scheme| rating.scheme == scheme));
        asked.flat_map(|rating| MetricThreshold::all(rating, self.0.statistic())).collect()
    }

    /// Tables of the lake that it is computed from.
    async fn tables(&self) -> &[String] {
        &self.0.needs
    }

    /// Whether the lake itself declares it; false: it is built in.
    async fn is_custom(&self, context: &Context<'_>) -> Result<bool> {
        Ok(Asking::of(context)?.catalogue.is_own(&self.0.name))
    }

    /// Whose definition it is.
    async fn source(&self) -> &str {
        &self.0.source
    }
}
