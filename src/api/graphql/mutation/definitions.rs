//! Mutation that has the lake's own metrics read anew.

use async_graphql::{Context, Object, Result, SimpleObject};

use super::super::asking::Asking;
use super::super::definitions::LakeDefinitions;
use super::super::error::internal;

/// The lake's own metrics after their files were read.
#[derive(SimpleObject)]
pub struct ReloadDefinitionsPayload {
    /// Whether anything is otherwise than before.
    changed: bool,
    /// What is in force for requests that come now. This one goes on with what it began with.
    definitions: LakeDefinitions,
}

/// The part of `Mutation` that is about definitions.
#[derive(Default)]
pub struct DefinitionMutation;

#[Object]
impl DefinitionMutation {
    /// Reads the files of the lake's own metrics at once, as this server does by itself from time to time. A file that is
    /// wrong is refused alone: what was in force of it goes on.
    async fn reload_definitions(&self, context: &Context<'_>) -> Option<Result<ReloadDefinitionsPayload>> {
        let reloaded = async {
            let reloaded = Asking::of(context)?.reload().await.map_err(|error| internal(&error))?;
            let definitions = LakeDefinitions(reloaded.catalogue);
            Ok(ReloadDefinitionsPayload { changed: reloaded.is_changed, definitions })
        };
        Some(reloaded.await)
    }
}
