//! The GraphQL schema. Resolvers register questions and point into answers; what a metric means is not known here.
//!
//! Whatever can fail is `Option<Result<T>>`: then a failed field is null beside an error, and takes no neighbour along.

mod asking;
mod building;
mod business_calendar;
mod comparison;
mod date;
mod definition;
mod definitions;
mod drill;
mod error;
mod freshness;
mod industry;
mod ingestion;
mod inputs;
mod lake;
mod measured;
mod metric;
mod metric_name;
mod mutation;
mod node;
mod number;
mod order;
mod overall;
mod page;
mod people;
mod profile;
mod record;
mod relay;
mod scopes;
mod selection;
mod siblings;
mod subscription;
mod threshold;

use std::sync::Arc;

use async_graphql::{Context, ID, MergedObject, Object, Result, Schema, SchemaBuilder};

pub use asking::{Asking, Settings};
pub use subscription::SubscriptionRoot;

use crate::model::metric::Category;
use crate::model::{Catalogue, Dimension, Metric};
use definition::MetricDefinition;
use error::internal;
use ingestion::{IngestionConnection, IngestionStatus};
use lake::Lake;
use measured::Measurable;
pub(super) use measured::Under;
use mutation::Mutation;
use node::{GlobalId, Kind, Node};
use people::{Contributor, OrgTree, PeopleQuery, Team};
pub(super) use people::{find_contributor, find_people, find_team, tree_key};
pub(super) use profile::ProfileParameterInput;
use profile::{Profile, ProfileQuery};
use scopes::{Organization, Repository, Service};

/// The schema's type.
pub type ThroughlineSchema = Schema<Query, Mutation, SubscriptionRoot>;

/// The schema of the built-in metrics, to which the door adds limits and data.
pub fn schema() -> SchemaBuilder<Query, Mutation, SubscriptionRoot> {
    schema_of(&Catalogue::built_in())
}

/// The schema of the metrics of a catalogue.
pub fn schema_of(catalogue: &Arc<Catalogue>) -> SchemaBuilder<Query, Mutation, SubscriptionRoot> {
    building::with(catalogue, || {
        Schema::build(Query::default(), Mutation::default(), SubscriptionRoot)
            .register_output_type::<Measurable>()
            .extension(order::InOrder)
    })
}

/// Everything that can be asked. All fields of a request answer from one snapshot of the lake.
#[derive(MergedObject, Default)]
pub struct Query(MetricQuery, PeopleQuery, ProfileQuery);

/// The part of `Query` that is about metrics and the lake.
#[derive(Default)]
pub struct MetricQuery;

#[Object]
impl MetricQuery {
    /// Anything by its global id; null where there is no such thing.
    async fn node(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "A global id, as any `id` field gives it.")] id: ID,
    ) -> Option<Result<Node>> {
        find(context, GlobalId::decode(&id)?).await.transpose()
    }

    /// The whole organisation.
    async fn organization(&self) -> Organization {
        Organization::new()
    }

    /// A repository; null where neither a table nor an event names it.
    async fn repository(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Name of the repository.")] name: String,
    ) -> Option<Result<Repository>> {
        let known = is_known(context, Dimension::Repository, &name).await;
        known.map(|known| known.then(|| Repository::new(name))).transpose()
    }

    /// A service; null where neither a table nor an event names it.
    async fn service(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Name of the service.")] name: String,
    ) -> Option<Result<Service>> {
        let known = is_known(context, Dimension::Service, &name).await;
        known.map(|known| known.then(|| Service::new(name))).transpose()
    }

    /// The catalogue: what each metric means.
    async fn metric_definitions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only this part of the catalogue.")] category: Option<Category>,
    ) -> Result<Vec<MetricDefinition>> {
        let wanted = |metric: &&'static Metric| category.is_none_or(|category| metric.category == category);
        Ok(Asking::of(context)?.catalogue.metrics().filter(wanted).map(MetricDefinition).collect())
    }

    /// What intake did with each dropped file, newest first.
    async fn ingestions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only files with this outcome.")] status: Option<IngestionStatus>,
        #[graphql(desc = "Only files for this table.")] table: Option<String>,
        #[graphql(desc = "How many files, up to 100.", default = 20)] first: i32,
        #[graphql(desc = "The `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<IngestionConnection>> {
        Some(ingestion::page(context, status, table, first, after).await)
    }

    /// The tables of the lake, as this request sees them.
    async fn lake(&self, context: &Context<'_>) -> Result<Lake> {
        Ok(Lake(Asking::of(context)?.snapshot.clone()))
    }
}

async fn find(context: &Context<'_>, id: GlobalId) -> Result<Option<Node>> {
    Ok(match id.kind {
        Kind::Organization => Some(Node::Organization(Organization::new())),
        Kind::Repository => {
            is_known(context, Dimension::Repository, &id.key).await?.then(|| Node::Repository(Repository::new(id.key)))
        }
        Kind::Service => {
            is_known(context, Dimension::Service, &id.key).await?.then(|| Node::Service(Service::new(id.key)))
        }
        Kind::Contributor => {
            Contributor::by_key(&Asking::of(context)?.directory().await?, &id.key).map(Node::Contributor)
        }
        Kind::Team => Team::by_key(&Asking::of(context)?.directory().await?, &id.key).map(Node::Team),
        Kind::OrgTree => OrgTree::by_key(&Asking::of(context)?.directory().await?, &id.key).map(Node::OrgTree),
        Kind::Profile => Profile::by_key(&Asking::of(context)?.directory().await?, &id.key).map(Node::Profile),
        Kind::Ingestion => ingestion::find(context, &id.key).await?.map(Node::Ingestion),
    })
}

async fn is_known(context: &Context<'_>, dimension: Dimension, key: &str) -> Result<bool> {
    let asking = Asking::of(context)?;
    let names = asking.engine.names(&asking.snapshot).await.map_err(|error| internal(&error))?;
    Ok(names.contains(dimension, key))
}
