//! Facts, computed from one snapshot and kept under `derived/`. What a fact means stands in `schema/facts/`; what is
//! asked of it is the planner's business.

mod ancestry;
mod build;
mod compute;
mod fragment;
mod key;
mod lineage;
mod manifest;
mod monthly;
mod next_shipment;
mod once;
mod rework;
mod sweep;

pub use build::limit_memory;
pub use compute::{compute, register, schema, session_config};
pub use key::key;
pub use sweep::sweep;

use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::lake::{DataFile, Lake, Snapshot, layout, scan};
use crate::model::{self, Fact};

/// A fact as it is in one snapshot: files that never change.
#[derive(Debug, Clone)]
pub struct FactVersion {
    /// Names the definition and the table versions that the rows come from.
    pub key: String,
    pub files: Vec<DataFile>,
    pub schema: SchemaRef,
    pub rows: u64,
}

impl FactVersion {
    /// The fact as a table. The session must know the lake's store (`lake::scan::register_store`).
    pub fn provider(&self, lake: &Lake) -> Arc<dyn TableProvider> {
        scan::provider(lake, Arc::clone(&self.schema), &self.files)
    }
}

/// The fact in this snapshot: found under `derived/`, else computed and kept there.
///
/// Whoever asks while it is being computed in this process waits for it; of two processes that compute it, the first to
/// finish is believed. Fails when a table cannot be read, the memory for building is too small, or the store refuses.
pub async fn fact(lake: &Lake, snapshot: &Snapshot, fact: &Fact) -> Result<FactVersion> {
    find_or_build(lake, snapshot, fact).await
}

fn find_or_build<'a>(lake: &'a Lake, snapshot: &'a Snapshot, fact: &'a Fact) -> BoxFuture<'a, Result<FactVersion>> {
    async move {
        let key = key(snapshot, fact)?;
        let cell = once::cell(lake, &fact.name, &key);
        let version = cell.get_or_try_init(async || {
            let kept = manifest::read(lake, &fact.name, &layout::derived(&fact.name, &key)).await?;
            let files = match kept {
                Some(files) => files,
                None => build_version(lake, snapshot, fact, &key).await?,
            };
            let rows = files.iter().map(|file| file.rows).sum();
            anyhow::Ok(FactVersion { key: key.clone(), files, schema: schema(fact).await?, rows })
        });
        let version = version.await.with_context(|| format!("fact {} cannot be had", fact.name))?;
        Ok(version.clone())
    }
    .boxed()
}

async fn build_version(lake: &Lake, snapshot: &Snapshot, fact: &Fact, key: &str) -> Result<Vec<DataFile>> {
    let mut inputs = Vec::new();
    for name in &fact.inputs.facts {
        let input = model::fact(name).with_context(|| format!("no fact {name}"))?;
        inputs.push((name.as_str(), find_or_build(lake, snapshot, input).await?));
    }
    match fragment::fragments(snapshot, fact)?.as_slice() {
        [] => build::build(lake, snapshot, fact, key, &inputs).await,
        fragments => monthly::build(lake, snapshot, fact, key, &inputs, fragments).await,
    }
}

#[cfg(test)]
mod tests;
