//! `LicenceUse`: how many people count where a licence counts people.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};

use super::super::asking::Asking;
use super::super::error::internal;
use super::super::inputs::PeriodInput;
use super::super::relay::{Connection, Paging};
use super::contributor::Contributor;
use crate::people::Directory;
use crate::people::identity;
use crate::query::activity::active;

/// Who counts.
pub struct LicenceUse {
    directory: Arc<Directory>,
    counted: identity::LicenceUse,
}

/// Who counts where a licence counts people. Bots never do.
#[Object]
impl LicenceUse {
    /// People who were with the organisation in the period and have at least one account that wrote a commit, opened a pull
    /// request or reviewed one, whenever that was.
    async fn source_control(
        &self,
        #[graphql(desc = "How many from the start, up to 100; 20 where neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after the node of this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, up to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before the node of this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Contributor>>> {
        let paging = Paging { first, after, last, before };
        Some(Contributor::page(&self.directory, &self.counted.source_control, &paging))
    }

    /// People who did anything at all in the period.
    async fn active(
        &self,
        #[graphql(desc = "How many from the start, up to 100; 20 where neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after the node of this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, up to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before the node of this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Contributor>>> {
        Some(Contributor::page(&self.directory, &self.counted.active, &Paging { first, after, last, before }))
    }
}

/// Counts people over a period.
pub async fn licence_use(context: &Context<'_>, period: &PeriodInput) -> Result<LicenceUse> {
    let asking = Asking::of(context)?;
    let period = period.resolve(asking, None)?;
    let directory = asking.directory().await?;
    asking.collector.count_plan();
    let accounts = active(&asking.engine, &asking.snapshot, &[], (period.from, period.to)).await;
    let accounts = accounts.map_err(|error| internal(&error))?;
    let accounts = accounts.iter().map(|(source, login)| (source.as_str(), login.as_str()));
    let counted = identity::licence_use(&directory.resolved, period.from..period.to, accounts);
    Ok(LicenceUse { directory, counted })
}
