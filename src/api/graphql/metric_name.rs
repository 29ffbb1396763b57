//! `MetricName`: an enum whose values and descriptions are the entries of the catalogue that the schema is made of.
//!
//! A value is only a name: which metric it is, the request's own catalogue says.

use std::borrow::Cow;

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{Deprecation, MetaEnumValue, MetaType, MetaTypeId, Registry};
use async_graphql::{
    ContextSelectionSet, InputType, InputValueError, InputValueResult, Name, OutputType, Positioned, Result,
    ServerResult, Value, parser::types::Field,
};

use super::asking::Asking;
use super::building;
use super::error::bad_input;
use crate::model::Metric;

/// A metric of the catalogue, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricName(String);

impl MetricName {
    pub fn of(metric: &Metric) -> MetricName {
        MetricName(metric.name.clone())
    }

    pub fn name(&self) -> &str {
        &self.0
    }

    /// The metric of that name.
    pub fn metric(&self, asking: &Asking) -> Result<&'static Metric> {
        asking.catalogue.metric(&self.0).ok_or_else(|| bad_input(format!("there is no metric {}", self.0)))
    }

    fn describe(_: &mut Registry) -> MetaType {
        let catalogue = building::catalogue();
        let values = catalogue.metrics().map(|metric| (metric.name.clone(), value(metric)));
        MetaType::Enum {
            name: "MetricName".to_owned(),
            description: Some("A metric of the catalogue; `metricDefinitions` says what each means.".to_owned()),
            enum_values: values.collect::<IndexMap<_, _>>(),
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename: Some(std::any::type_name::<MetricName>()),
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        }
    }
}

fn value(metric: &Metric) -> MetaEnumValue {
    MetaEnumValue {
        name: metric.name.clone(),
        description: Some(metric.description.clone()),
        deprecation: Deprecation::NoDeprecated,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        directive_invocations: Vec::new(),
    }
}

impl InputType for MetricName {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("MetricName")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_input_type::<Self, _>(MetaTypeId::Enum, MetricName::describe)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        // Whether there is such a value was checked against the schema.
        match value {
            Some(Value::Enum(name)) => Ok(MetricName(name.to_string())),
            Some(Value::String(name)) => Ok(MetricName(name)),
            other => Err(InputValueError::expected_type(other.unwrap_or_default())),
        }
    }

    fn to_value(&self) -> Value {
        Value::Enum(Name::new(&self.0))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl OutputType for MetricName {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("MetricName")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Enum, MetricName::describe)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::Enum(Name::new(&self.0)))
    }
}
