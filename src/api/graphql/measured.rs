//! `Measurable`: what metrics can be asked of. `Measured` holds the two fields that every such type has; the
//! interface's fields are taken from it, so they are declared once.

use std::borrow::Cow;

use async_graphql::registry::{MetaType, MetaTypeId, Registry};
use async_graphql::{
    Context, ContextSelectionSet, Object, OutputType, Positioned, Result, SelectionField, ServerResult, Value,
    parser::types::Field,
};

use super::asking::Asking;
use super::error::bad_input;
use super::inputs::{MetricFilter, PeriodInput};
use super::metric::Metric;
use super::metric_name::MetricName;
use super::selection::children;
use crate::model::Membership;
use crate::query::question::{Question, Scope, Wants};

/// Name of the interface.
pub const MEASURABLE: &str = "Measurable";
/// The most metrics that one `metrics` field takes.
const METRICS: usize = 50;

/// The fields of everything that metrics can be asked of.
pub struct Measured(pub Scope);

/// Anything that metrics can be asked of: the organisation, a repository, a service.
#[Object]
impl Measured {
    /// One metric of it.
    async fn metric(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which metric.")] name: MetricName,
        #[graphql(desc = "Over which period.")] period: PeriodInput,
        #[graphql(desc = "Which rows count; left out: all.")] filter: Option<MetricFilter>,
        #[graphql(desc = "Which team a person's item belongs to.", default_with = "Membership::AtEvent")]
        membership: Membership,
        #[graphql(desc = "IANA time zone that days begin and end in; left out: the organisation's.")] timezone: Option<
            String,
        >,
    ) -> Option<Result<Metric>> {
        let selection = children(&[context.field()]);
        Some(self.register(context, name, &period, (filter.as_ref(), membership), timezone.as_deref(), &selection))
    }

    /// Several metrics of it, in the order of their names.
    async fn metrics(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which metrics, 50 at most.")] names: Vec<MetricName>,
        #[graphql(desc = "Over which period.")] period: PeriodInput,
        #[graphql(desc = "Which rows count; left out: all.")] filter: Option<MetricFilter>,
        #[graphql(desc = "Which team a person's item belongs to.", default_with = "Membership::AtEvent")]
        membership: Membership,
        #[graphql(desc = "IANA time zone that days begin and end in; left out: the organisation's.")] timezone: Option<
            String,
        >,
    ) -> Option<Result<Vec<Metric>>> {
        if names.len() > METRICS {
            return Some(Err(bad_input(format!("names: {} metrics; {METRICS} at most", names.len()))));
        }
        let selection = children(&[context.field()]);
        let register = |name| {
            self.register(context, name, &period, (filter.as_ref(), membership), timezone.as_deref(), &selection)
        };
        Some(names.into_iter().map(register).collect())
    }
}

impl Measured {
    fn register(
        &self,
        context: &Context<'_>,
        name: MetricName,
        period: &PeriodInput,
        (filter, membership): (Option<&MetricFilter>, Membership),
        timezone: Option<&str>,
        selection: &[SelectionField<'_>],
    ) -> Result<Metric> {
        let asking = Asking::of(context)?;
        let question = Question {
            metric: name.0,
            scope: self.0.clone(),
            period: period.resolve(asking, timezone)?,
            filter: filter.map(MetricFilter::resolve).unwrap_or_default(),
            membership,
            wants: Wants::default(),
        };
        Metric::register(asking, question, selection)
    }
}

/// The interface in the schema. No field returns it as such; fragments on it work through `implements`.
pub struct Measurable;

impl Measurable {
    /// The types that implement it.
    pub const TYPES: [&str; 3] = ["Organization", "Repository", "Service"];
}

impl OutputType for Measurable {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(MEASURABLE)
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Interface, |registry| {
            let (description, fields) = match registry.create_fake_output_type::<Measured>() {
                MetaType::Object { description, fields, .. } => (description, fields),
                _ => Default::default(),
            };
            // Only a holder of the fields; no client is ever to see it.
            registry.types.remove(&*Measured::type_name());
            for name in Self::TYPES {
                registry.add_implements(name, MEASURABLE);
            }
            MetaType::Interface {
                name: MEASURABLE.to_owned(),
                description,
                fields,
                possible_types: Self::TYPES.iter().map(|name| (*name).to_owned()).collect(),
                extends: false,
                inaccessible: false,
                tags: Vec::new(),
                keys: None,
                visible: None,
                rust_typename: Some(std::any::type_name::<Self>()),
                directive_invocations: Vec::new(),
                requires_scopes: Vec::new(),
            }
        })
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::Null)
    }
}
