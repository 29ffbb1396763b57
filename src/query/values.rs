//! Which values the fields have that settings of teams test: for showing what a condition means before it is set.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use arrow::array::AsArray;
use datafusion::execution::context::SessionContext;

use super::engine::Engine;
use crate::lake::{Snapshot, scan};

/// Every value of a field of `model::attribution::SOURCE_FIELDS`, in order.
///
/// # Errors
/// When the lake cannot be read, or there is no such field.
pub async fn values(engine: &Engine, snapshot: &Arc<Snapshot>, field: &str) -> Result<Vec<String>> {
    let context = SessionContext::new_with_state(engine.context().state());
    scan::register_tables(engine.lake(), snapshot, &context)?;
    let mut found = BTreeSet::new();
    for batch in engine.collect(context.sql(sql(field)?).await?).await? {
        let column = batch.column(0).as_string_opt::<i32>().context("a value is not Utf8")?;
        found.extend(column.iter().flatten().map(str::to_owned));
    }
    Ok(found.into_iter().collect())
}

fn sql(field: &str) -> Result<&'static str> {
    Ok(match field {
        "repository" => {
            "SELECT name FROM repositories UNION SELECT repository FROM pull_requests \
             UNION SELECT repository FROM deployments UNION SELECT repository FROM deployment_commits \
             UNION SELECT repository FROM commits"
        }
        "service" => {
            "SELECT service FROM repositories UNION SELECT service FROM deployments \
             UNION SELECT service FROM incidents"
        }
        "project" => {
            "SELECT project FROM repositories UNION SELECT project FROM deployments \
             UNION SELECT project FROM incidents UNION SELECT project FROM issues"
        }
        "environment" => "SELECT DISTINCT environment FROM deployments",
        "branch" => "SELECT base_branch FROM pull_requests UNION SELECT branch FROM builds",
        "label" => {
            "SELECT unnest(labels) AS label FROM pull_requests UNION SELECT unnest(labels) FROM incidents \
             UNION SELECT unnest(labels) FROM issues"
        }
        "pipeline" => "SELECT pipeline FROM deployments UNION SELECT pipeline FROM builds",
        "board" => "SELECT DISTINCT board FROM sprints",
        "type" => "SELECT DISTINCT type FROM issues",
        "priority" => "SELECT DISTINCT priority FROM issues",
        "component" => "SELECT DISTINCT unnest(components) AS component FROM issues",
        _ => bail!("no field {field:?} of sources"),
    })
}

#[cfg(test)]
mod tests {
    use crate::model::attribution::SOURCE_FIELDS;

    #[test]
    fn every_field_of_sources_has_values() {
        for field in SOURCE_FIELDS {
            assert!(super::sql(field).is_ok(), "{field}");
        }
    }
}
