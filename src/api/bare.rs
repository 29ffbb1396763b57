//! The schema without metrics: what is in the lake.

use async_graphql::{Context, EmptyMutation, Object, Schema, SimpleObject, Subscription};
use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt};
use tokio_util::sync::CancellationToken;

use super::Scope;
use crate::lake::Lake;

/// See the module.
pub type Bare = Schema<Query, EmptyMutation, Events>;

/// Limits are the schema's: depth and cost.
pub fn schema(lake: Lake, max_depth: usize, max_complexity: usize) -> Bare {
    Schema::build(Query, EmptyMutation, Events { lake })
        .limit_depth(max_depth)
        .limit_complexity(max_complexity)
        .finish()
}

/// What can be asked.
pub struct Query;

#[Object]
impl Query {
    /// The tables behind the numbers.
    async fn lake(&self, ctx: &Context<'_>) -> LakeView {
        let snapshot = &ctx.data_unchecked::<Scope>().snapshot;
        let tables = snapshot.tables.iter().map(|(name, table)| TableView {
            name: name.clone(),
            rows: table.rows as f64,
            files: table.files.len() as i32,
            newest_event: table.newest_event,
        });
        LakeView { snapshot: snapshot.id.clone(), taken_at: snapshot.taken_at, tables: tables.collect() }
    }
}

/// The lake as this request sees it.
#[derive(SimpleObject)]
#[graphql(name = "Lake")]
pub struct LakeView {
    /// Equal ids mean equal contents.
    snapshot: String,
    /// When it was read.
    taken_at: DateTime<Utc>,
    /// Every table that was ever written.
    tables: Vec<TableView>,
}

/// One table.
#[derive(SimpleObject)]
#[graphql(name = "Table")]
pub struct TableView {
    /// Its name in the contract.
    name: String,
    /// Rows, without removed ones where their number is known.
    rows: f64,
    /// Data files.
    files: i32,
    /// Latest event in it.
    newest_event: Option<DateTime<Utc>>,
}

/// What can be watched.
pub struct Events {
    lake: Lake,
}

#[Subscription]
impl Events {
    /// The snapshot's id, now and whenever the lake changes.
    async fn lake_changed(&self, ctx: &Context<'_>) -> impl Stream<Item = String> {
        let cancel: CancellationToken = ctx.data_unchecked::<Scope>().cancel.clone();
        let mut newest = self.lake.subscribe();
        let ids = async_stream::stream! {
            loop {
                let id = newest.borrow_and_update().id.clone();
                yield id;
                if newest.changed().await.is_err() {
                    break;
                }
            }
        };
        ids.boxed().take_until(cancel.cancelled_owned())
    }
}
