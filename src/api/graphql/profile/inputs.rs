//! What a profile is told to say: parameters, metrics, classifications as inputs.

use std::collections::BTreeMap;

use async_graphql::{InputObject, Result};

use super::super::asking::Asking;
use super::super::error::bad_input;
use super::super::metric_name::MetricName;
use super::super::people::ConditionInput;
use crate::model::classification::{Class, Classification, Hierarchy};
use crate::model::metric::{self, Statistic};
use crate::model::profile::{MetricValues, StageValues, Value};
use crate::model::rating::{Band, Level, Per};
use crate::people::{Code, Fault};

/// A parameter and its value: one of `number`, `text`, `texts`, `boolean` and `reset` is given.
#[derive(InputObject, Clone, Debug)]
pub struct ProfileParameterInput {
    /// Name of the parameter; `Profile.parameters` lists them.
    pub name: String,
    /// A number.
    pub number: Option<f64>,
    /// A text.
    pub text: Option<String>,
    /// A list of texts.
    pub texts: Option<Vec<String>>,
    /// Yes or no.
    pub boolean: Option<bool>,
    /// True: as it is built in.
    #[graphql(default)]
    pub reset: bool,
}

/// All that is said of a metric. What is left out is as it is built in.
#[derive(InputObject, Clone, Debug)]
pub struct ProfileMetricInput {
    /// The metric.
    pub metric: MetricName,
    /// False: it is not shown.
    pub is_enabled: Option<bool>,
    /// The statistic shown where none is asked for; durations only.
    pub statistic: Option<Statistic>,
    /// Tiers, best first; what fits none is LOW.
    #[graphql(default)]
    pub thresholds: Vec<ThresholdInput>,
    /// Stages of a duration. Those left out are as they are built in.
    #[graphql(default)]
    pub stages: Vec<ProfileStageInput>,
}

/// All that is said of a stage.
#[derive(InputObject, Clone, Debug)]
pub struct ProfileStageInput {
    /// Name of the stage.
    pub name: String,
    /// Whether it is shown.
    pub is_enabled: Option<bool>,
    /// The milestone that it begins with; `ProfileMetric.milestones` lists them.
    pub from: Option<String>,
    /// The milestone that it ends with.
    pub to: Option<String>,
    /// Tiers, best first; what fits none is LOW.
    #[graphql(default)]
    pub thresholds: Vec<ThresholdInput>,
}

/// A tier, and the one condition for it: one of `below`, `atMost` and `atLeast`.
#[derive(InputObject, Clone, Debug)]
pub struct ThresholdInput {
    /// The tier: ELITE, HIGH or MEDIUM.
    pub level: Level,
    /// Met below this value.
    pub below: Option<f64>,
    /// Met up to this value.
    pub at_most: Option<f64>,
    /// Met from this value on.
    pub at_least: Option<f64>,
    /// A count of the metric that is judged in place of its value; goes with `per`.
    pub count: Option<String>,
    /// What the count is taken per.
    pub per: Option<Per>,
}

/// A classification, in place of all that is built in of it.
#[derive(InputObject, Clone, Debug)]
pub struct ProfileClassificationInput {
    /// Name of the classification; `Profile.classifications` lists them.
    pub name: String,
    /// What it is for.
    #[graphql(default)]
    pub description: String,
    /// The class of whatever belongs to no other.
    #[graphql(default)]
    pub otherwise: String,
    /// The classes, the highest rank first.
    #[graphql(default)]
    pub classes: Vec<ProfileClassInput>,
    /// True: as it is built in.
    #[graphql(default)]
    pub reset: bool,
}

/// A class, and what belongs to it.
#[derive(InputObject, Clone, Debug)]
pub struct ProfileClassInput {
    /// Name of the class.
    pub name: String,
    /// What it is.
    #[graphql(default)]
    pub description: String,
    /// What belongs to it: type, status, label, priority, component, parent, epic, sprint, project, key, title, assignee.
    pub condition: ConditionInput,
    /// Which issues the condition reaches beside those of which it holds.
    #[graphql(default_with = "Hierarchy::OnlyMatches")]
    pub hierarchy: Hierarchy,
}

/// Name and value of a parameter; `None`: as it is built in.
pub fn parameter(input: &ProfileParameterInput) -> Result<(String, Option<Value>), Fault> {
    let ProfileParameterInput { name, number, text, texts, boolean, reset } = input.clone();
    let given =
        [number.map(Value::Number), text.map(Value::Text), texts.map(Value::Texts), boolean.map(Value::Boolean)];
    let mut given: Vec<Value> = given.into_iter().flatten().collect();
    match (given.pop(), given.is_empty(), reset) {
        (value, true, reset) if value.is_some() != reset => Ok((name, value)),
        _ => {
            let message = "give exactly one of number, text, texts, boolean and reset";
            Err(Fault::new(Code::InvalidValue, message).at(format!("parameters.{name}")))
        }
    }
}

/// Parameters that are changed for one question, checked as those of a profile are.
pub fn parameters(asking: &Asking, inputs: &[ProfileParameterInput]) -> Result<BTreeMap<String, Value>> {
    let defaults = asking.engine.defaults();
    let durations = || {
        let durations = asking.metrics().filter(|metric| matches!(metric.kind, metric::Kind::Duration { .. }));
        durations.map(|metric| metric.name.clone()).collect()
    };
    let one = |input: &ProfileParameterInput| {
        let (name, value) = parameter(input).map_err(|fault| fault.message)?;
        let declared = defaults.declared(&name).ok_or_else(|| {
            let known: Vec<&str> = defaults.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
            format!("there is no such parameter; there are {}", known.join(", "))
        })?;
        let value = value.map_or_else(|| Ok(declared.value.clone()), |value| declared.read(&value, &durations))?;
        Ok((name, value))
    };
    let checked = inputs
        .iter()
        .map(|input| one(input).map_err(|wrong: String| bad_input(format!("parameters.{}: {wrong}", input.name))));
    checked.collect()
}

/// Name of a metric, and what is said of it.
pub fn metric_values(input: &ProfileMetricInput) -> (String, MetricValues) {
    let bands = |inputs: &[ThresholdInput]| inputs.iter().map(ThresholdInput::read).collect();
    let stage = |stage: &ProfileStageInput| {
        let ProfileStageInput { name, is_enabled, from, to, thresholds } = stage.clone();
        (name, StageValues { enabled: is_enabled, from, to, thresholds: bands(&thresholds) })
    };
    let values = MetricValues {
        enabled: input.is_enabled,
        statistic: input.statistic,
        thresholds: bands(&input.thresholds),
        stages: input.stages.iter().map(stage).collect(),
    };
    (input.metric.name().to_owned(), values)
}

impl ThresholdInput {
    fn read(&self) -> Band {
        let ThresholdInput { level, below, at_most, at_least, count, per } = self.clone();
        Band { level, below, at_most, at_least, count, per }
    }
}

impl ProfileClassificationInput {
    /// Its name and what it says; `None`: as it is built in.
    pub fn read(&self) -> (String, Option<Classification>) {
        let class = |class: &ProfileClassInput| Class {
            name: class.name.clone(),
            description: class.description.clone(),
            condition: class.condition.read(),
            hierarchy: class.hierarchy,
        };
        let said = || Classification {
            description: self.description.clone(),
            otherwise: self.otherwise.clone(),
            classes: self.classes.iter().map(class).collect(),
        };
        (self.name.clone(), (!self.reset).then(said))
    }
}
