//! What a profile comes to on a day: parameters, metrics, classifications, each with what is built in beside it.

use async_graphql::SimpleObject;

use super::super::asking::Asking;
use super::super::definition::MetricDefinition;
use super::super::people::Condition;
use super::super::threshold::MetricThreshold;
use crate::model::classification::{Class, Classification, Hierarchy};
use crate::model::metric::{Stage, Statistic};
use crate::model::profile::{Kind, MetricValues, Parameter, Segment, Type, Value, milestones};
use crate::model::rating::{Band, Rating, Scheme};
use crate::model::{Metric, profile};

/// A parameter that metrics refer to, and its value.
#[derive(SimpleObject)]
pub struct ProfileParameter {
    /// Name of the parameter.
    pub name: String,
    /// What it decides.
    description: String,
    /// What its value is.
    #[graphql(name = "type")]
    of: Type,
    /// The value that holds.
    value: ProfileParameterValue,
    /// The value that is built in.
    default: ProfileParameterValue,
    /// Whether the two are the same.
    is_default: bool,
    /// The smallest number allowed; null: any.
    min: Option<f64>,
    /// The largest number allowed; null: any.
    max: Option<f64>,
    /// The only values allowed, as JSON texts; empty: any.
    allowed: Vec<String>,
    /// What its texts are; null: any text.
    format: Option<&'static str>,
}

/// The value of a parameter; one of `number`, `text`, `texts` and `boolean` is there.
#[derive(SimpleObject)]
pub struct ProfileParameterValue {
    /// A number.
    number: Option<f64>,
    /// A text.
    text: Option<String>,
    /// A list of texts.
    texts: Option<Vec<String>>,
    /// Yes or no.
    boolean: Option<bool>,
    /// The value as JSON text, whatever it is.
    json: String,
}

/// How a profile shows a metric.
#[derive(SimpleObject)]
pub struct ProfileMetric {
    #[graphql(skip)]
    metric: &'static Metric,
    /// The metric.
    definition: MetricDefinition,
    /// Whether it is shown. One that is not has no value: it is NOT_CONFIGURED.
    is_enabled: bool,
    /// The statistic shown where none is asked for; null where the value is no distribution.
    statistic: Option<Statistic>,
    /// The tiers that the profile sets, best first; empty: those of DORA_2023 hold, where they know the metric.
    thresholds: Vec<MetricThreshold>,
    /// The stages, in order; empty where it has none.
    stages: Vec<ProfileStage>,
    /// What stages may begin and end with: instants of the metric's rows.
    milestones: Vec<&'static str>,
}

/// How a profile bounds a stage of a duration.
#[derive(SimpleObject)]
pub struct ProfileStage {
    /// Name of the stage.
    name: &'static str,
    /// The name as a person reads it.
    title: &'static str,
    /// Whether it is shown.
    is_enabled: bool,
    /// The milestone that it begins with, or SQL where the definition has more than a milestone.
    from: String,
    /// The milestone that it ends with.
    to: String,
    /// The tiers that the profile sets, best first.
    thresholds: Vec<MetricThreshold>,
}

/// Ranked classes that rows are put into.
#[derive(SimpleObject)]
pub struct ProfileClassification {
    /// Name of the classification.
    pub name: String,
    /// What it is for.
    description: String,
    /// The class of whatever belongs to no other.
    otherwise: String,
    /// The classes, the highest rank first. A row belongs to the first that holds of it.
    classes: Vec<ProfileClass>,
    /// Whether it is as it is built in.
    is_default: bool,
}

/// A class, and what belongs to it.
#[derive(SimpleObject)]
pub struct ProfileClass {
    /// Name of the class.
    name: String,
    /// What it is.
    description: String,
    /// What belongs to it.
    condition: Condition,
    /// Which issues the condition reaches beside those of which it holds.
    hierarchy: Hierarchy,
}

impl ProfileMetric {
    pub fn name(&self) -> &str {
        &self.metric.name
    }
}

/// Every parameter of a kind, as a segment has it.
pub fn parameters(asking: &Asking, kind: Kind, segment: &Segment) -> Vec<ProfileParameter> {
    let shown = |declared: &Parameter| {
        let value = segment.parameter(kind, &declared.name).unwrap_or(&declared.value);
        ProfileParameter {
            name: declared.name.clone(),
            description: declared.description.clone(),
            of: declared.of,
            value: ProfileParameterValue::from(value),
            default: ProfileParameterValue::from(&declared.value),
            is_default: *value == declared.value,
            min: declared.min,
            max: declared.max,
            allowed: declared.values.iter().map(Value::shown).collect(),
            format: declared.format.map(profile::Format::in_words),
        }
    };
    asking.engine.defaults().of(kind).map(shown).collect()
}

/// Every metric of a kind, as a segment has it.
pub fn metrics(asking: &Asking, kind: Kind, segment: &Segment) -> Vec<ProfileMetric> {
    let of_kind = asking.metrics().filter(|metric| Kind::of(metric) == kind);
    of_kind.map(|metric| shown(segment, metric)).collect()
}

fn shown(segment: &Segment, metric: &'static Metric) -> ProfileMetric {
    let statistic = segment.statistic(metric);
    let chosen = segment.of(Kind::of(metric)).metrics.get(&metric.name);
    ProfileMetric {
        metric,
        definition: MetricDefinition(metric),
        is_enabled: segment.is_on(metric),
        statistic,
        thresholds: thresholds(segment.thresholds(metric), statistic),
        stages: metric.stages().iter().map(|stage| staged(segment, metric, stage, chosen)).collect(),
        milestones: if metric.stages().is_empty() { Vec::new() } else { milestones(metric) },
    }
}

fn staged(
    segment: &Segment,
    metric: &'static Metric,
    stage: &'static Stage,
    chosen: Option<&MetricValues>,
) -> ProfileStage {
    let chosen = chosen.and_then(|chosen| chosen.stages.get(&stage.name)).cloned().unwrap_or_default();
    ProfileStage {
        name: &stage.name,
        title: &stage.title,
        is_enabled: segment.stage(metric, stage).is_some(),
        from: chosen.from.unwrap_or_else(|| stage.from.clone()),
        to: chosen.to.unwrap_or_else(|| stage.to.clone()),
        thresholds: thresholds(&chosen.thresholds, segment.statistic(metric)),
    }
}

fn thresholds(bands: &[Band], statistic: Option<Statistic>) -> Vec<MetricThreshold> {
    let (scheme, bands) = (Scheme::Profile, bands.to_vec());
    MetricThreshold::all(&Rating { scheme, statistic: None, bands, steps: None, linear: None }, statistic)
}

/// Every classification of a kind, as a segment has it.
pub fn classifications(asking: &Asking, kind: Kind, segment: &Segment) -> Vec<ProfileClassification> {
    let built_in = &asking.engine.defaults().classifications;
    let class = |class: &Class| ProfileClass {
        name: class.name.clone(),
        description: class.description.clone(),
        condition: Condition::new(&class.condition),
        hierarchy: class.hierarchy,
    };
    let shown = |(name, one): (&String, &Classification)| ProfileClassification {
        name: name.clone(),
        description: one.description.clone(),
        otherwise: one.otherwise.clone(),
        classes: one.classes.iter().map(class).collect(),
        is_default: built_in.get(name) == Some(one),
    };
    segment.of(kind).classifications.iter().map(shown).collect()
}

impl From<&Value> for ProfileParameterValue {
    fn from(value: &Value) -> ProfileParameterValue {
        let none = ProfileParameterValue { number: None, text: None, texts: None, boolean: None, json: value.shown() };
        match value.clone() {
            Value::Boolean(boolean) => ProfileParameterValue { boolean: Some(boolean), ..none },
            Value::Number(number) => ProfileParameterValue { number: Some(number), ..none },
            Value::Text(text) => ProfileParameterValue { text: Some(text), ..none },
            Value::Texts(texts) => ProfileParameterValue { texts: Some(texts), ..none },
        }
    }
}
