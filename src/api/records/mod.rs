//! Rows behind a number as CSV: the same as `records` and `excluded` of GraphQL give, in one file, read page by page.

pub mod address;
mod lines;

use std::sync::Arc;

use anyhow::Result;
use futures::StreamExt;
use futures::stream::BoxStream;

use crate::api::graphql::Asking;
use crate::model;
use crate::query::records::columns::columns;
use crate::query::records::{Page, Which};
use address::Address;
use lines::Lines;

/// Rows read at once.
const PAGE: usize = 5_000;

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The address is wrong; in words that name the remedy.
    #[error("{0}")]
    Address(String),
    #[error(transparent)]
    Failed(#[from] anyhow::Error),
}

/// A file, part by part. Whole lines; the first part begins with the names of the columns.
pub type File = BoxStream<'static, Result<String>>;

/// The rows that a query string names. The first part is made before this returns, so that what is wrong shows as such.
pub async fn csv(asking: Arc<Asking>, query: &str) -> Result<File, Refused> {
    let (asked, order) = Address::read(query).map_err(Refused::Address)?.resolve(&asking).await?;
    let metric = asked.question.metric;
    let fact = model::fact(&metric.fact).ok_or_else(|| anyhow::anyhow!("no fact {}", metric.fact))?;
    let stages = asked.question.in_force().stages(metric).map(|in_force| in_force.stage);
    let columns = columns(metric, fact, stages, asked.which != Which::Eligible);
    let directory = match &fact.person {
        Some(_) => Some(asking.directory().await.map_err(|error| anyhow::anyhow!(error.message))?),
        None => None,
    };
    let lines = Lines::new(columns, directory);
    let known = asking.missing_tables(metric).is_empty() && {
        let ticket = asking.collector.register(asked.question.clone());
        let answer = ticket.answer().await.map_err(|error| anyhow::anyhow!("{error:#}"))?;
        answer.is_configured() && answer.is_on()
    };
    let mut page = Page { order, after: None, limit: PAGE };
    let mut rows = if known { asking.collector.records(&asked, &page).await? } else { Vec::new() };
    let pages = async_stream::try_stream! {
        let mut header = true;
        loop {
            yield lines.write(&rows, header)?;
            header = false;
            let Some(last) = rows.last().filter(|_| rows.len() == PAGE) else { break };
            page.after = Some(last.place(&page.order));
            rows = asking.collector.records(&asked, &page).await?;
        }
    };
    Ok(pages.boxed())
}
