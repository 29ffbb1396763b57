//! What clients can subscribe to: changes of the lake, files as intake finishes them.

use async_graphql::{Context, Result, Subscription};
use async_stream::stream;
use futures::Stream;

use super::lake::Lake;
use crate::lake;

/// What a client can be told of as it happens.
pub struct SubscriptionRoot;

#[Subscription(name = "Subscription")]
impl SubscriptionRoot {
    /// The lake, each time one of its tables changed.
    async fn lake_changed(&self, context: &Context<'_>) -> Result<impl Stream<Item = Lake>> {
        let mut snapshots = context.data::<lake::Lake>()?.subscribe();
        snapshots.mark_unchanged();
        Ok(stream! {
            let mut last = snapshots.borrow().id.clone();
            while snapshots.changed().await.is_ok() {
                let snapshot = snapshots.borrow_and_update().clone();
                if snapshot.id != last {
                    last.clone_from(&snapshot.id);
                    yield Lake(snapshot);
                }
            }
        })
    }
}
