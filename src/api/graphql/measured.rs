//! `Measurable`: what metrics can be asked of. `Measured` holds the fields that every such type has; the
//! interface's fields are taken from it, so they are declared once.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::registry::{MetaType, MetaTypeId, Registry};
use async_graphql::{
    Context, ContextSelectionSet, ID, Object, OutputType, Positioned, Result, ServerResult, Value, parser::types::Field,
};

use super::asking::Asking;
use super::error::bad_input;
use super::inputs::{MetricFilter, PeriodInput};
use super::metric::Metric;
use super::metric_name::MetricName;
use super::node::{GlobalId, Kind};
use super::page::{BusinessAlignmentPage, CiPage, DoraPage, ProductivityPage, SprintsPage};
use super::profile::{ProfileParameterInput, parameters, profile_key};
use super::selection::children;
use crate::model::{self, Dimension, Effective, Membership};
use crate::people::profiles;
use crate::query::calendar::Period;
use crate::query::question::{Filter, Question, Scope, Wants};

/// Name of the interface.
pub const MEASURABLE: &str = "Measurable";
/// The most metrics that one `metrics` field takes.
const METRICS: usize = 50;

/// The fields of everything that metrics can be asked of.
#[derive(Clone)]
pub struct Measured(pub Scope);

/// Anything that metrics can be asked of: the organisation, a team, a contributor, a repository, a service.
#[Object]
impl Measured {
    /// One metric of it.
    #[allow(clippy::too_many_arguments)]
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
        #[graphql(desc = "A profile in place of the one of its kind that holds, by id or name.")] profile: Option<ID>,
        #[graphql(desc = "Parameters to change for this question alone.")] parameters: Option<
            Vec<ProfileParameterInput>,
        >,
    ) -> Option<Result<Metric>> {
        let selection = children(&[context.field()]);
        let registered = async {
            let asked = Asked::resolve(
                context,
                &self.0,
                &period,
                filter.as_ref(),
                membership,
                timezone.as_deref(),
                Under { profile, parameters },
            )
            .await?;
            let asking = Asking::of(context)?;
            Metric::register(asking, asked.question(name.metric(asking)?), &selection)
        };
        Some(registered.await)
    }

    /// Several metrics of it, in the order of their names.
    #[allow(clippy::too_many_arguments)]
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
        #[graphql(desc = "A profile in place of the one of its kind that holds, by id or name.")] profile: Option<ID>,
        #[graphql(desc = "Parameters to change for this question alone.")] parameters: Option<
            Vec<ProfileParameterInput>,
        >,
    ) -> Option<Result<Vec<Metric>>> {
        if names.len() > METRICS {
            return Some(Err(bad_input(format!("names: {} metrics; {METRICS} at most", names.len()))));
        }
        let selection = children(&[context.field()]);
        let registered = async {
            let asked = Asked::resolve(
                context,
                &self.0,
                &period,
                filter.as_ref(),
                membership,
                timezone.as_deref(),
                Under { profile, parameters },
            )
            .await?;
            let asking = Asking::of(context)?;
            let register =
                |name: MetricName| Metric::register(asking, asked.question(name.metric(asking)?), &selection);
            names.into_iter().map(register).collect()
        };
        Some(registered.await)
    }

    /// What DORA measures of delivery, each metric a field.
    #[allow(clippy::too_many_arguments)]
    async fn dora(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Over which period.")] period: PeriodInput,
        #[graphql(desc = "Which rows count; left out: all.")] filter: Option<MetricFilter>,
        #[graphql(desc = "Which team a person's item belongs to.", default_with = "Membership::AtEvent")]
        membership: Membership,
        #[graphql(desc = "IANA time zone that days begin and end in; left out: the organisation's.")] timezone: Option<
            String,
        >,
        #[graphql(desc = "A profile in place of the one of its kind that holds, by id or name.")] profile: Option<ID>,
        #[graphql(desc = "Parameters to change for this question alone.")] parameters: Option<
            Vec<ProfileParameterInput>,
        >,
    ) -> Option<Result<DoraPage>> {
        let asked = Asked::resolve(
            context,
            &self.0,
            &period,
            filter.as_ref(),
            membership,
            timezone.as_deref(),
            Under { profile, parameters },
        )
        .await;
        Some(asked.map(DoraPage::new))
    }

    /// How much work gets done, and how long it waits, each metric a field.
    #[allow(clippy::too_many_arguments)]
    async fn productivity(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Over which period.")] period: PeriodInput,
        #[graphql(desc = "Which rows count; left out: all.")] filter: Option<MetricFilter>,
        #[graphql(desc = "Which team a person's item belongs to.", default_with = "Membership::AtEvent")]
        membership: Membership,
        #[graphql(desc = "IANA time zone that days begin and end in; left out: the organisation's.")] timezone: Option<
            String,
        >,
        #[graphql(desc = "A profile in place of the one of its kind that holds, by id or name.")] profile: Option<ID>,
        #[graphql(desc = "Parameters to change for this question alone.")] parameters: Option<
            Vec<ProfileParameterInput>,
        >,
    ) -> Option<Result<ProductivityPage>> {
        let asked = Asked::resolve(
            context,
            &self.0,
            &period,
            filter.as_ref(),
            membership,
            timezone.as_deref(),
            Under { profile, parameters },
        )
        .await;
        Some(asked.map(ProductivityPage::new))
    }

    /// What the work is for, each metric a field.
    #[allow(clippy::too_many_arguments)]
    async fn business_alignment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Over which period.")] period: PeriodInput,
        #[graphql(desc = "Which rows count; left out: all.")] filter: Option<MetricFilter>,
        #[graphql(desc = "Which team a person's item belongs to.", default_with = "Membership::AtEvent")]
        membership: Membership,
        #[graphql(desc = "IANA time zone that days begin and end in; left out: the organisation's.")] timezone: Option<
            String,
        >,
        #[graphql(desc = "A profile in place of the one of its kind that holds, by id or name.")] profile: Option<ID>,
        #[graphql(desc = "Parameters to change for this question alone.")] parameters: Option<
            Vec<ProfileParameterInput>,
        >,
    ) -> Option<Result<BusinessAlignmentPage>> {
        let asked = Asked::resolve(
            context,
            &self.0,
            &period,
            filter.as_ref(),
            membership,
            timezone.as_deref(),
            Under { profile, parameters },
        )
        .await;
        Some(asked.map(BusinessAlignmentPage::new))
    }

    /// How well plans of sprints hold, each metric a field.
    #[allow(clippy::too_many_arguments)]
    async fn sprints(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Over which period.")] period: PeriodInput,
        #[graphql(desc = "Which rows count; left out: all.")] filter: Option<MetricFilter>,
        #[graphql(desc = "Which team a person's item belongs to.", default_with = "Membership::AtEvent")]
        membership: Membership,
        #[graphql(desc = "IANA time zone that days begin and end in; left out: the organisation's.")] timezone: Option<
            String,
        >,
        #[graphql(desc = "A profile in place of the one of its kind that holds, by id or name.")] profile: Option<ID>,
        #[graphql(desc = "Parameters to change for this question alone.")] parameters: Option<
            Vec<ProfileParameterInput>,
        >,
    ) -> Option<Result<SprintsPage>> {
        let asked = Asked::resolve(
            context,
            &self.0,
            &period,
            filter.as_ref(),
            membership,
            timezone.as_deref(),
            Under { profile, parameters },
        )
        .await;
        Some(asked.map(SprintsPage::new))
    }

    /// How builds fare, each metric a field.
    #[allow(clippy::too_many_arguments)]
    async fn ci(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Over which period.")] period: PeriodInput,
        #[graphql(desc = "Which rows count; left out: all.")] filter: Option<MetricFilter>,
        #[graphql(desc = "Which team a person's item belongs to.", default_with = "Membership::AtEvent")]
        membership: Membership,
        #[graphql(desc = "IANA time zone that days begin and end in; left out: the organisation's.")] timezone: Option<
            String,
        >,
        #[graphql(desc = "A profile in place of the one of its kind that holds, by id or name.")] profile: Option<ID>,
        #[graphql(desc = "Parameters to change for this question alone.")] parameters: Option<
            Vec<ProfileParameterInput>,
        >,
    ) -> Option<Result<CiPage>> {
        let asked = Asked::resolve(
            context,
            &self.0,
            &period,
            filter.as_ref(),
            membership,
            timezone.as_deref(),
            Under { profile, parameters },
        )
        .await;
        Some(asked.map(CiPage::new))
    }
}

/// What a question is asked under, where not under what holds.
pub struct Under {
    pub profile: Option<ID>,
    pub parameters: Option<Vec<ProfileParameterInput>>,
}

impl Under {
    /// What metrics of a scope mean then.
    pub async fn effective(&self, asking: &Asking, scope: &Scope) -> Result<Arc<Effective>> {
        let held = match &self.profile {
            None => asking.effective(scope).await?,
            Some(text) => {
                let directory = asking.directory().await?;
                let found = profiles::find(&directory.records, &profile_key(text));
                let (id, kind) =
                    found.ok_or_else(|| bad_input(format!("profile: there is no profile {:?}", text.as_str())))?;
                asking.held(&directory, &directory.records, scope, Some((kind, &id)))
            }
        };
        match self.parameters.as_deref() {
            None | Some([]) => Ok(held),
            Some(changed) => Ok(Arc::new(held.with(&parameters(asking, changed)?))),
        }
    }
}

/// The scope that a global id is of; `None`: nothing is measured of it.
pub fn measured(id: &GlobalId) -> Option<Scope> {
    let dimension = match id.kind {
        Kind::Organization => return Some(Scope::Organization),
        Kind::Repository => Dimension::Repository,
        Kind::Service => Dimension::Service,
        Kind::Contributor => Dimension::Contributor,
        Kind::Team => Dimension::Team,
        Kind::OrgTree | Kind::Ingestion | Kind::Profile => return None,
    };
    Some(Scope::Key(dimension, id.key.clone()))
}

/// The arguments that all metrics of a field share.
pub struct Asked {
    pub scope: Scope,
    pub period: Period,
    filter: Filter,
    membership: Membership,
    profile: Arc<Effective>,
}

impl Asked {
    async fn resolve(
        context: &Context<'_>,
        scope: &Scope,
        period: &PeriodInput,
        filter: Option<&MetricFilter>,
        membership: Membership,
        timezone: Option<&str>,
        under: Under,
    ) -> Result<Asked> {
        let asking = Asking::of(context)?;
        let filter = match filter {
            None => Filter::default(),
            Some(filter) => filter.resolve(asking).await?,
        };
        // The teams beside a team are looked up when its metrics register, which cannot wait.
        if matches!(scope, Scope::Key(Dimension::Team, _)) {
            asking.directory().await?;
        }
        let (period, profile) = (period.resolve(asking, timezone)?, under.effective(asking, scope).await?);
        Ok(Asked { scope: scope.clone(), period, filter, membership, profile })
    }

    /// The question about one metric.
    pub fn question(&self, metric: &'static model::Metric) -> Question {
        let Asked { scope, period, filter, membership, profile } = self;
        Question {
            metric,
            scope: scope.clone(),
            period: *period,
            filter: filter.clone(),
            membership: *membership,
            wants: Wants::default(),
            profile: Arc::clone(profile),
        }
    }
}

/// The interface in the schema. No field returns it as such; fragments on it work through `implements`.
pub struct Measurable;

impl Measurable {
    /// The types that implement it.
    pub const TYPES: [&str; 5] = ["Organization", "Team", "Contributor", "Repository", "Service"];
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
                // A type that the fields themselves lead to (a slice has a team) was made before they were known.
                if let Some(MetaType::Object { fields: known, .. }) = registry.types.get_mut(name) {
                    for (field, meta) in &fields {
                        known.entry(field.clone()).or_insert_with(|| meta.clone());
                    }
                }
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
