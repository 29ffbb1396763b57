//! Where plans get from whom accounts belong to: it is asked for only where a question needs it, once for a request.

use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::{Array, AsArray};
use arrow::datatypes::TimestampMicrosecondType;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};

use super::activity::identities;
use super::engine::Engine;
use crate::lake::Snapshot;
use crate::model::Attribution;
use crate::model::attribution::Person;

const DAY_MICROS: i64 = 86_400_000_000;

/// Gives the attribution, whoever makes it.
pub type AttributionSource = Shared<BoxFuture<'static, Result<Arc<Attribution>, Arc<anyhow::Error>>>>;

/// A source that makes the attribution when it is first awaited.
pub fn source(make: impl Future<Output = Result<Arc<Attribution>>> + Send + 'static) -> AttributionSource {
    make.map(|made| made.map_err(Arc::new)).boxed().shared()
}

/// The attribution of a source.
pub async fn of(source: &AttributionSource) -> Result<Arc<Attribution>> {
    source.clone().await.map_err(|error| anyhow::Error::new(NotTold(error)))
}

/// An error that several questions share.
#[derive(Debug, thiserror::Error)]
#[error("whom accounts belong to cannot be told")]
struct NotTold(#[source] Arc<anyhow::Error>);

/// Everybody is an account, there from the day (in UTC) of the first item to that of the last, and in no team: what holds
/// before anybody said who they are. Ids are `account:<source>/<login>`.
pub fn accounts_alone(engine: Engine, snapshot: Arc<Snapshot>) -> AttributionSource {
    source(async move {
        let (key, batches) = identities(&engine, &snapshot).await?;
        let mut people = Vec::new();
        for batch in &batches {
            let column = |name: &str| batch.column_by_name(name).with_context(|| format!("identities has no {name}"));
            let text = |name: &str| column(name)?.as_string_opt::<i32>().context("an account is no text");
            let (sources, logins) = (text("source")?, text("login")?);
            let bots = column("is_bot")?.as_boolean_opt().context("is_bot is no boolean")?;
            let time = |name: &str| {
                column(name)?.as_primitive_opt::<TimestampMicrosecondType>().context("an item has no time")
            };
            let (first, last) = (time("first_at")?, time("last_at")?);
            people.extend((0..batch.num_rows()).map(|row| {
                let (source, login) = (sources.value(row).to_owned(), logins.value(row).to_owned());
                let key = format!("account:{source}/{login}");
                let accounts = vec![(source, login)];
                let present = match first.is_valid(row) && last.is_valid(row) {
                    true => (day(first.value(row)) * DAY_MICROS, (day(last.value(row)) + 1) * DAY_MICROS),
                    false => (0, 0),
                };
                Person { key, is_bot: bots.value(row), present, direct: Vec::new(), accounts }
            }));
        }
        people.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(Arc::new(Attribution::new(key, Vec::new(), Vec::new(), people)))
    })
}

fn day(micros: i64) -> i64 {
    micros.div_euclid(DAY_MICROS)
}
