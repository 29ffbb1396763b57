//! `MetricName`: an enum whose values and descriptions are the catalogue's entries in `schema/metrics/`.

use std::borrow::Cow;

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{Deprecation, MetaEnumValue, MetaType, MetaTypeId, Registry};
use async_graphql::{
    ContextSelectionSet, InputType, InputValueError, InputValueResult, Name, OutputType, Positioned, ServerResult,
    Value, parser::types::Field,
};

use crate::model::{self, Metric};

/// A metric of the catalogue, by name.
#[derive(Debug, Clone, Copy)]
pub struct MetricName(pub &'static Metric);

impl MetricName {
    fn describe(_: &mut Registry) -> MetaType {
        let values = model::metrics().iter().map(|metric| (metric.name.clone(), value(metric)));
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
        let name = match &value {
            Some(Value::Enum(name)) => name.as_str(),
            Some(Value::String(name)) => name.as_str(),
            _ => return Err(InputValueError::expected_type(value.unwrap_or_default())),
        };
        model::metric(name).map(MetricName).ok_or_else(|| InputValueError::custom(format!("no metric {name:?}")))
    }

    fn to_value(&self) -> Value {
        Value::Enum(Name::new(&self.0.name))
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
        Ok(Value::Enum(Name::new(&self.0.name)))
    }
}
