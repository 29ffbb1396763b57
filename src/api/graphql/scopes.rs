//! The things that metrics are asked of: the organisation, a repository, a service.

use async_graphql::{Context, ID, MergedObject, Object, Result};

use super::asking::Asking;
use super::business_calendar::BusinessCalendar;
use super::measured::Measured;
use super::node::{GlobalId, Kind};
use crate::model::Dimension;
use crate::query::question::Scope;

/// The whole organisation.
#[derive(MergedObject)]
pub struct Organization(OrganizationFields, Measured);

/// A source repository.
#[derive(MergedObject)]
pub struct Repository(RepositoryFields, Measured);

/// A service that is deployed.
#[derive(MergedObject)]
pub struct Service(ServiceFields, Measured);

impl Organization {
    pub fn new() -> Organization {
        Organization(OrganizationFields, Measured(Scope::Organization))
    }

    /// The global id, for the `Node` interface.
    pub async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(GlobalId::new(Kind::Organization, "").encode())
    }
}

impl Repository {
    pub fn new(name: String) -> Repository {
        let scope = Scope::Key(Dimension::Repository, name.clone());
        Repository(RepositoryFields { name }, Measured(scope))
    }

    /// The global id, for the `Node` interface.
    pub async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(GlobalId::new(Kind::Repository, &self.0.name).encode())
    }
}

impl Service {
    pub fn new(name: String) -> Service {
        let scope = Scope::Key(Dimension::Service, name.clone());
        Service(ServiceFields { name }, Measured(scope))
    }

    /// The global id, for the `Node` interface.
    pub async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(GlobalId::new(Kind::Service, &self.0.name).encode())
    }
}

/// What an organisation has beside its metrics.
pub struct OrganizationFields;

#[Object]
impl OrganizationFields {
    /// Global id.
    async fn id(&self) -> ID {
        GlobalId::new(Kind::Organization, "").encode()
    }

    /// Name of the organisation, as the server is configured.
    async fn name(&self, context: &Context<'_>) -> Result<String> {
        Ok(Asking::of(context)?.settings.organization.clone())
    }

    /// The IANA time zone that periods and buckets are cut in where a query names none.
    async fn timezone(&self, context: &Context<'_>) -> Result<String> {
        Ok(Asking::of(context)?.settings.zone.name().to_owned())
    }

    /// The days that durations leave out, as the server is configured; null where durations are wall-clock time.
    async fn calendar(&self, context: &Context<'_>) -> Option<Result<BusinessCalendar>> {
        Asking::of(context).map(|asking| BusinessCalendar::of(asking.engine.defaults().calendar())).transpose()
    }
}

/// What a repository has beside its metrics.
pub struct RepositoryFields {
    name: String,
}

#[Object]
impl RepositoryFields {
    /// Global id.
    async fn id(&self) -> ID {
        GlobalId::new(Kind::Repository, &self.name).encode()
    }

    /// Name of the repository.
    async fn name(&self) -> &str {
        &self.name
    }
}

/// What a service has beside its metrics.
pub struct ServiceFields {
    name: String,
}

#[Object]
impl ServiceFields {
    /// Global id.
    async fn id(&self) -> ID {
        GlobalId::new(Kind::Service, &self.name).encode()
    }

    /// Name of the service.
    async fn name(&self) -> &str {
        &self.name
    }
}
