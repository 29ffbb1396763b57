//! Pages: each a part of the catalogue, over one period, with a field for each metric. The fields are made from the
//! catalogue; each is `metric` by another name, and is planned as that is.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{Deprecation, MetaField, MetaType, MetaTypeId, Registry};
use async_graphql::resolver_utils::{ContainerType, resolve_container};
use async_graphql::{
    Context, ContextSelectionSet, MergedObject, Object, ObjectType, OutputType, Positioned, ServerResult, Value,
    parser::types::Field,
};

use super::asking::Asking;
use super::building;
use super::measured::Asked;
use super::metric::Metric;
use super::number::Period;
use super::overall::OverallFields;
use super::selection::children;
use crate::model::metric::Category;
use crate::model::{Catalogue, Metric as Entry};

/// What DORA measures of delivery: how fast and how safely changes reach production.
#[derive(MergedObject)]
pub struct DoraPage(PageFields, OverallFields, MetricFields<Delivery>);

/// How much work gets done, and how long it waits.
#[derive(MergedObject)]
pub struct ProductivityPage(PageFields, MetricFields<Productivity>);

/// What the work is for.
#[derive(MergedObject)]
pub struct BusinessAlignmentPage(PageFields, MetricFields<BusinessAlignment>);

/// How well plans of sprints hold.
#[derive(MergedObject)]
pub struct SprintsPage(PageFields, MetricFields<Sprints>);

/// How builds fare.
#[derive(MergedObject)]
pub struct CiPage(PageFields, MetricFields<Ci>);

/// What every page has beside metrics.
pub struct PageFields(Arc<Asked>);

/// The metrics of one part of the catalogue, each a field.
pub struct MetricFields<P> {
    asked: Arc<Asked>,
    part: PhantomData<P>,
}

/// A part of the catalogue.
pub trait Part: Send + Sync + 'static {
    const CATEGORY: Category;
    /// Name of the type that holds its fields. No client ever sees it: pages are merged of it.
    const HOLDER: &'static str;
}

macro_rules! parts {
    ($($part:ident),*) => { $(
        pub struct $part;

        impl Part for $part {
            const CATEGORY: Category = Category::$part;
            const HOLDER: &'static str = concat!(stringify!($part), "Metrics");
        }
    )* };
}
parts!(Delivery, Productivity, BusinessAlignment, Sprints, Ci);

impl DoraPage {
    pub fn new(asked: Asked) -> DoraPage {
        let asked = Arc::new(asked);
        DoraPage(PageFields(Arc::clone(&asked)), OverallFields(Arc::clone(&asked)), MetricFields::new(asked))
    }
}

macro_rules! plain_pages {
    ($($page:ident),*) => { $(
        impl $page {
            pub fn new(asked: Asked) -> $page {
                let asked = Arc::new(asked);
                $page(PageFields(Arc::clone(&asked)), MetricFields::new(asked))
            }
        }
    )* };
}
plain_pages!(ProductivityPage, BusinessAlignmentPage, SprintsPage, CiPage);

/// What every page has beside metrics.
#[Object]
impl PageFields {
    /// The period that is computed, as dates in its time zone.
    async fn period(&self) -> Period {
        Period(self.0.period)
    }
}

impl<P: Part> MetricFields<P> {
    fn new(asked: Arc<Asked>) -> MetricFields<P> {
        MetricFields { asked, part: PhantomData }
    }

    fn entries(catalogue: &Catalogue) -> impl Iterator<Item = &'static Entry> + '_ {
        catalogue.metrics().filter(|metric| metric.category == P::CATEGORY)
    }

    fn describe(registry: &mut Registry) -> MetaType {
        let ty = Option::<Metric>::create_type_info(registry);
        let mut fields = IndexMap::new();
        let catalogue = building::catalogue();
        for metric in Self::entries(&catalogue) {
            let name = field_name(&metric.name);
            // Of two names that differ in underscores alone, the first has the field; `metric` knows both.
            fields.entry(name.clone()).or_insert_with(|| field(name, metric, ty.clone()));
        }
        MetaType::Object {
            name: P::HOLDER.to_owned(),
            description: None,
            fields,
            cache_control: Default::default(),
            extends: false,
            shareable: false,
            resolvable: true,
            inaccessible: false,
            interface_object: false,
            tags: Vec::new(),
            keys: None,
            visible: None,
            is_subscription: false,
            rust_typename: Some(std::any::type_name::<Self>()),
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        }
    }
}

/// The name of a metric as a field: "deploymentFrequency".
fn field_name(metric: &str) -> String {
    let mut name = String::with_capacity(metric.len());
    for (place, word) in metric.split('_').filter(|word| !word.is_empty()).enumerate() {
        let (first, rest) = word.split_at(if place == 0 { 0 } else { 1 });
        name.push_str(first);
        name.push_str(&rest.to_ascii_lowercase());
    }
    name
}

fn field(name: String, metric: &Entry, ty: String) -> MetaField {
    MetaField {
        name,
        description: Some(metric.description.clone()),
        args: IndexMap::new(),
        ty,
        deprecation: Deprecation::NoDeprecated,
        cache_control: Default::default(),
        external: false,
        requires: None,
        provides: None,
        visible: None,
        shareable: false,
        inaccessible: false,
        tags: Vec::new(),
        override_from: None,
        compute_complexity: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

impl<P: Part> OutputType for MetricFields<P> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(P::HOLDER)
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, Self::describe)
    }

    async fn resolve(&self, context: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(context, self).await
    }
}

impl<P: Part> ContainerType for MetricFields<P> {
    async fn resolve_field(&self, context: &Context<'_>) -> ServerResult<Option<Value>> {
        let name = context.item.node.name.node.as_str();
        let asking = Asking::of(context).map_err(|error| error.into_server_error(context.item.pos))?;
        let found = Self::entries(&asking.catalogue).find(|metric| field_name(&metric.name) == name);
        let Some(metric) = found else { return Ok(None) };
        let registered = Metric::register(asking, self.asked.question(metric), &children(&[context.field()]));
        let selection = context.with_selection_set(&context.item.node.selection_set);
        OutputType::resolve(&Some(registered), &selection, context.item).await.map(Some)
    }
}

impl<P: Part> ObjectType for MetricFields<P> {}

#[cfg(test)]
mod tests {
    use super::field_name;

    #[test]
    fn fields_are_named_as_fields_are() {
        assert_eq!(field_name("DEPLOYMENT_FREQUENCY"), "deploymentFrequency");
        assert_eq!(field_name("CI"), "ci");
        assert_eq!(field_name("P90_OF__AGE"), "p90OfAge");
    }
}
