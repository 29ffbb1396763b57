//! Which repositories and services there are: whatever a table names.

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::AsArray;
use datafusion::execution::context::SessionContext;

use super::engine::Engine;
use crate::lake::{Snapshot, scan};
use crate::model::Dimension;

/// The names of one snapshot.
#[derive(Debug, Default)]
pub struct Names {
    repositories: HashSet<String>,
    services: HashSet<String>,
}

const REPOSITORIES: &str = "SELECT name FROM repositories UNION SELECT repository FROM pull_requests \
    UNION SELECT repository FROM deployments UNION SELECT repository FROM deployment_commits \
    UNION SELECT repository FROM commits";
const SERVICES: &str =
    "SELECT service FROM repositories UNION SELECT service FROM deployments UNION SELECT service FROM incidents";

impl Names {
    /// Reads the names from the tables of a snapshot.
    pub async fn read(engine: &Engine, snapshot: &Arc<Snapshot>) -> Result<Names> {
        let context = SessionContext::new_with_state(engine.context().state());
        scan::register_tables(engine.lake(), snapshot, &context)?;
        let read = async |sql: &str| {
            let mut names = HashSet::new();
            for batch in engine.collect(context.sql(sql).await?).await? {
                let column = batch.column(0).as_string_opt::<i32>().context("a name is not Utf8")?;
                names.extend(column.iter().flatten().map(str::to_owned));
            }
            anyhow::Ok(names)
        };
        Ok(Names { repositories: read(REPOSITORIES).await?, services: read(SERVICES).await? })
    }

    /// Whether a repository or service has this name.
    pub fn contains(&self, dimension: Dimension, name: &str) -> bool {
        match dimension {
            Dimension::Repository => self.repositories.contains(name),
            Dimension::Service => self.services.contains(name),
            _ => false,
        }
    }
}
