//! What clients can subscribe to: changes of the lake, files as intake finishes them.

use async_graphql::{Context, Result, Subscription};
use async_stream::stream;
use futures::Stream;

use super::asking::Asking;
use super::error::internal;
use super::ingestion::{self, Ingestion, IngestionStatus};
use super::lake::Lake;
use crate::lake::{self, Snapshot};

/// What a client can be told of as it happens.
pub struct SubscriptionRoot;

/// What a client can be told of as it happens.
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

    /// Each file as its outcome is recorded, whichever server on this lake took it in.
    async fn ingestions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only files with this outcome.")] status: Option<IngestionStatus>,
        #[graphql(desc = "Only files for this table.")] table: Option<String>,
    ) -> Result<impl Stream<Item = Result<Ingestion>>> {
        let asking = Asking::of(context)?;
        let condition = ingestion::wanted(status, table.as_deref())?;
        let recorded = |snapshot: &Snapshot| snapshot.tables.get("ingestions").cloned();
        let (engine, mut seen) = (asking.engine.clone(), recorded(&asking.snapshot));
        let mut snapshots = engine.lake().subscribe();
        Ok(stream! {
            loop {
                let newest = recorded(&snapshots.borrow_and_update());
                match ingestion::between(&engine, seen.as_ref(), newest.as_ref(), condition.clone()).await {
                    Ok(files) => {
                        seen = newest;
                        for file in files {
                            yield Ok(file);
                        }
                    }
                    // Told at the next change, if it can be read by then.
                    Err(error) => yield Err(internal(&error)),
                }
                if snapshots.changed().await.is_err() {
                    return;
                }
            }
        })
    }
}
