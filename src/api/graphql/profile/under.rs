//! What a question is asked under, where that is not what holds: another profile of a kind, or single parameters changed.

use std::sync::Arc;

use async_graphql::{ID, Result};

use super::super::asking::Asking;
use super::super::error::bad_input;
use super::inputs::{ProfileParameterInput, parameters};
use super::object::profile_key;
use crate::model::Effective;
use crate::people::profiles;
use crate::query::question::Scope;

/// What a question is asked under.
#[derive(Default)]
pub struct Under {
    /// In place of the profile of its kind that holds, by id or name.
    pub profile: Option<ID>,
    pub parameters: Option<Vec<ProfileParameterInput>>,
}

impl Under {
    /// What metrics of a scope mean under it.
    pub async fn effective(&self, asking: &Asking, scope: &Scope) -> Result<Arc<Effective>> {
        let held = match &self.profile {
            None => asking.effective(scope).await?,
            Some(text) => {
                let directory = asking.directory().await?;
                let found = profiles::find(&directory.records, &profile_key(text));
                let (id, kind) =
                    found.ok_or_else(|| bad_input(format!("profile: there is no profile {:?}", text.as_str())))?;
                let held = asking.held(&directory, &directory.records, scope, Some((kind, &id)));
                Arc::new(held.asked_for(kind))
            }
        };
        match self.parameters.as_deref() {
            None | Some([]) => Ok(held),
            Some(changed) => Ok(Arc::new(held.with(&parameters(asking, changed)?))),
        }
    }
}
