//! Who did what on which day, by account: for calendars of activity and for counting who was active. Whom the accounts
//! belong to is the people room's business.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use chrono::{DateTime, NaiveDate, NaiveTime};
use datafusion::common::ScalarValue;
use datafusion::functions_aggregate::sum::sum;
use datafusion::logical_expr::{Expr, col, lit};

use super::engine::Engine;
use super::facts;
use crate::lake::Snapshot;
use crate::model::words::words;
use crate::model::{self, Fact};

words! {
    /// What an account did.
    #[graphql(name = "ActivityKind")]
    ActivityKind {
        /// Wrote a commit.
        Commit = "COMMIT",
        /// Opened a pull request.
        PullRequest = "PULL_REQUEST",
        /// Reviewed a pull request.
        Review = "REVIEW",
        /// Commented on a pull request.
        Comment = "COMMENT",
        /// Reported an issue, or did it as its assignee.
        Issue = "ISSUE",
    }
}

/// What was done on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveDay {
    pub day: NaiveDate,
    /// Kinds with at least one item, in declared order.
    pub items: BTreeMap<ActivityKind, u64>,
}

/// Every account that a snapshot names, as rows of the fact `identities`, and a key that changes when they may have.
pub async fn identities(engine: &Engine, snapshot: &Arc<Snapshot>) -> Result<(String, Vec<RecordBatch>)> {
    let fact = fact("identities")?;
    let key = facts::key(snapshot, fact)?;
    let frame = engine.context().read_table(engine.fact(snapshot, fact).await?)?;
    Ok((key, engine.collect(frame).await?))
}

/// The days of `[from, to)` on which accounts (`source`, `login`) did something, oldest first; days without are left out.
pub async fn activity(
    engine: &Engine,
    snapshot: &Arc<Snapshot>,
    accounts: &[(String, String)],
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<ActiveDay>> {
    let mut logins = BTreeMap::<&str, Vec<Expr>>::new();
    for (source, login) in accounts {
        logins.entry(source).or_default().push(lit(login.as_str()));
    }
    let of_source = |(source, logins): (&str, Vec<Expr>)| {
        let one_of = col("login").in_list(logins, false);
        col("source").eq(lit(source)).and(one_of)
    };
    let Some(theirs) = logins.into_iter().map(of_source).reduce(Expr::or) else { return Ok(Vec::new()) };
    let provider = engine.fact(snapshot, fact("activity")?).await?;
    let frame = engine.context().read_table(provider)?.filter(within(from, to).and(theirs))?;
    let frame = frame.aggregate(vec![col("day"), col("kind")], vec![sum(col("items")).alias("items")])?;
    let frame = frame.select(vec![col("day"), col("kind"), col("items")])?;
    let mut days = BTreeMap::<NaiveDate, BTreeMap<ActivityKind, u64>>::new();
    for batch in engine.collect(frame).await? {
        let at = batch.column(0).as_primitive_opt::<TimestampMicrosecondType>().context("day is no timestamp")?;
        let kinds = batch.column(1).as_string_opt::<i32>().context("kind is not Utf8")?;
        let items = batch.column(2).as_primitive_opt::<Int64Type>().context("items is not Int64")?;
        for row in 0..batch.num_rows() {
            let day = DateTime::from_timestamp_micros(at.value(row)).context("a day out of range")?.date_naive();
            let kind = ActivityKind::ALL.iter().find(|kind| kind.name() == kinds.value(row));
            let kind = *kind.with_context(|| format!("no kind of activity {:?}", kinds.value(row)))?;
            *days.entry(day).or_default().entry(kind).or_default() += items.value(row).unsigned_abs();
        }
    }
    Ok(days.into_iter().map(|(day, items)| ActiveDay { day, items }).collect())
}

/// The accounts (`source`, `login`) that did something of these kinds (none given: of any) on a day of `[from, to)`.
pub async fn active(
    engine: &Engine,
    snapshot: &Arc<Snapshot>,
    kinds: &[ActivityKind],
    (from, to): (NaiveDate, NaiveDate),
) -> Result<BTreeSet<(String, String)>> {
    let mut rows = within(from, to);
    if !kinds.is_empty() {
        rows = rows.and(col("kind").in_list(kinds.iter().map(|kind| lit(kind.name())).collect(), false));
    }
    let provider = engine.fact(snapshot, fact("activity")?).await?;
    let frame = engine.context().read_table(provider)?.filter(rows)?;
    let frame = frame.select(vec![col("source"), col("login")])?.distinct()?;
    let mut accounts = BTreeSet::new();
    for batch in engine.collect(frame).await? {
        let sources = batch.column(0).as_string_opt::<i32>().context("source is not Utf8")?;
        let logins = batch.column(1).as_string_opt::<i32>().context("login is not Utf8")?;
        let pairs = (0..batch.num_rows()).map(|row| (sources.value(row).to_owned(), logins.value(row).to_owned()));
        accounts.extend(pairs);
    }
    Ok(accounts)
}

fn fact(name: &str) -> Result<&'static Fact> {
    model::fact(name).with_context(|| format!("no fact {name}"))
}

fn within(from: NaiveDate, to: NaiveDate) -> Expr {
    let midnight = |day: NaiveDate| {
        let micros = day.and_time(NaiveTime::MIN).and_utc().timestamp_micros();
        lit(ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into())))
    };
    col("day").gt_eq(midnight(from)).and(col("day").lt(midnight(to)))
}
