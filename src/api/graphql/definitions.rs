//! `LakeDefinitions`: what a lake itself says metrics mean, file by file.

use std::sync::Arc;

use async_graphql::{Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::definition::MetricDefinition;
use super::metric_name::MetricName;
use crate::lake::layout;
use crate::model::Catalogue;
use crate::model::definition::{self, Status};

/// The lake's own definitions, as one catalogue has them.
pub struct LakeDefinitions(pub Arc<Catalogue>);

/// The metrics that the lake declares itself, beside the built-in ones: a TOML file each in `definitions/metrics/`.
#[Object]
impl LakeDefinitions {
    /// The lake's own metrics that are in force, by part of the catalogue and name.
    async fn metrics(&self) -> Vec<MetricDefinition> {
        self.0.metrics().filter(|metric| self.0.is_own(&metric.name)).map(MetricDefinition).collect()
    }

    /// Every file, by path, also those that are refused.
    async fn files(&self) -> Vec<DefinitionFile> {
        self.0.files().iter().map(DefinitionFile::from).collect()
    }
}

/// A file of definitions and what became of it.
#[derive(SimpleObject)]
pub struct DefinitionFile {
    /// Path of the file in the lake.
    file: String,
    /// What became of it.
    status: Status,
    /// The metric that is in force by it; null where there is none.
    metric: Option<MetricName>,
    /// What is wrong with the file as it is now; null where nothing is.
    fault: Option<DefinitionFault>,
    /// When the file was last written.
    changed_at: DateTime<Utc>,
}

/// What is wrong with a file of definitions.
#[derive(SimpleObject)]
pub struct DefinitionFault {
    /// The key in the file, such as `stages.2.from`; null: the file as a whole.
    key: Option<String>,
    /// What is wrong.
    reason: String,
    /// What to do.
    remedy: String,
}

impl From<&definition::DefinitionFile> for DefinitionFile {
    fn from(file: &definition::DefinitionFile) -> DefinitionFile {
        let fault =
            file.fault.clone().map(|definition::Fault { key, reason, remedy }| DefinitionFault { key, reason, remedy });
        DefinitionFile {
            file: format!("{}/{}", layout::definitions_of_metrics(), file.file),
            status: file.status,
            metric: file.metric.map(MetricName::of),
            fault,
            changed_at: file.changed_at,
        }
    }
}
