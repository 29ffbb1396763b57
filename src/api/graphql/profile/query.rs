//! What can be asked of profiles.

use async_graphql::{Context, ID, Object, Result};

use super::super::asking::Asking;
use super::object::{Profile, profile_key};
use super::preview::{ProfileChangeInput, ProfilePreview, ProfilePreviewInput, preview};
use crate::model::profile::Kind;
use crate::people::profiles;

/// The part of `Query` that is about profiles.
#[derive(Default)]
pub struct ProfileQuery;

#[Object]
impl ProfileQuery {
    /// Every profile, those that are built in first.
    async fn profiles(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only those of this kind.")] kind: Option<Kind>,
    ) -> Option<Result<Vec<Profile>>> {
        let found = async {
            let all = Profile::all(&Asking::of(context)?.directory().await?);
            Ok(all.into_iter().filter(|profile| kind.is_none_or(|kind| profile.kind_of() == kind)).collect())
        };
        Some(found.await)
    }

    /// A profile, by id or name; null where there is none.
    async fn profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id, or the name; of one that is built in, the name of its kind.")] id: ID,
    ) -> Option<Result<Profile>> {
        let found = async {
            let directory = Asking::of(context)?.directory().await?;
            let found = profiles::find(&directory.records, &profile_key(&id));
            Ok(found.and_then(|(id, _)| Profile::by_key(&directory, &id)))
        };
        found.await.transpose()
    }

    /// Which numbers a change of profiles would change, and by how much. Nothing is stored; what is shown is what is seen
    /// after the change.
    async fn profile_preview(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The change.")] change: ProfileChangeInput,
        #[graphql(desc = "Which numbers are looked at.")] of: ProfilePreviewInput,
    ) -> Option<Result<ProfilePreview>> {
        Some(preview(context, &change, &of).await)
    }
}
