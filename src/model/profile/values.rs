//! One version's choices. What it does not say is as it is built in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Value;
use crate::model::Classification;
use crate::model::metric::Statistic;
use crate::model::rating::Band;

/// Choices, as they are stored and exchanged.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Values {
    /// By name of the parameter.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Value>,
    /// By name of the metric.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, MetricValues>,
    /// By name of the classification; each in place of all that is built in.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub classifications: BTreeMap<String, Classification>,
}

/// What is chosen for a metric.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricValues {
    /// False: it is not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The statistic shown when none is asked for; durations only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistic: Option<Statistic>,
    /// Tiers, best first; what fits none is LOW. Empty: as published.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<Band>,
    /// By name of the stage.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub stages: BTreeMap<String, StageValues>,
}

/// What is chosen for a stage of a duration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StageValues {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The milestones that bound it: columns of the metric's fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<Band>,
}

impl Values {
    /// Whether everything is as it is built in.
    pub fn is_empty(&self) -> bool {
        *self == Values::default()
    }
}
