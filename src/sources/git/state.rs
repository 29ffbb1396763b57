//! What was imported of a repository, so that the next run reads only what is new.
//! A small file in the lake, below `sources/git/`; without it everything is read again, which changes nothing.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use serde::{Deserialize, Serialize};

use crate::lake::layout;

/// The state of one repository of one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Sha by name of reference: everything that these reach is imported.
    pub refs: BTreeMap<String, String>,
    /// Up to where the default branch was read for changes; none where they were not asked for.
    pub changes_to: Option<String>,
    /// Commit by tag: releases that are imported.
    pub releases: BTreeMap<String, String>,
    pub branch: String,
    pub service: Option<String>,
    pub project: Option<String>,
    /// `updated_at` of the repository's row, seconds UTC.
    pub updated_at: i64,
}

impl State {
    /// The state that an earlier run left; none if there was no run, or if its file cannot be read.
    pub async fn load(store: &dyn ObjectStore, source: &str, repository: &str) -> Result<Option<State>> {
        let path = layout::git_state(source, repository);
        match store.get(&path).await {
            Ok(found) => Ok(serde_json::from_slice(&found.bytes().await?).ok()),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error).with_context(|| format!("reading {path}")),
        }
    }

    pub async fn save(&self, store: &dyn ObjectStore, source: &str, repository: &str) -> Result<()> {
        let path = layout::git_state(source, repository);
        let text = serde_json::to_vec_pretty(self)?;
        store.put(&path, PutPayload::from(text)).await.with_context(|| format!("writing {path}"))?;
        Ok(())
    }
}
