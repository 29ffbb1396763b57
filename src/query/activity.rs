//! Who did what on which day, by account: for calendars of activity and for counting who was active. Whom the accounts
//! belong to is the people room's business.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use chrono::{DateTime, NaiveDate, NaiveTime};
use datafusion::common::ScalarValue;
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

/// Whose activity is asked for, and of which days.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `source` and `login` of each account.
    pub accounts: BTreeSet<(String, String)>,
    /// Half-open.
    pub days: (NaiveDate, NaiveDate),
}

/// With more accounts than this, all rows of the period are read: a longer list costs more than it saves.
const LISTED: usize = 1_000;

/// Items by account, day and kind.
type Days = HashMap<(String, String), BTreeMap<(NaiveDate, ActivityKind), u64>>;

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
    days: (NaiveDate, NaiveDate),
) -> Result<Vec<ActiveDay>> {
    let asked = [Asked { accounts: accounts.iter().cloned().collect(), days }];
    Ok(activities(engine, snapshot, &asked).await?.pop().unwrap_or_default())
}

/// The days on which somebody did something, for each of those asked about, by one plan for all.
pub async fn activities(engine: &Engine, snapshot: &Arc<Snapshot>, asked: &[Asked]) -> Result<Vec<Vec<ActiveDay>>> {
    let mut logins = BTreeMap::<&str, BTreeSet<&str>>::new();
    for (source, login) in asked.iter().flat_map(|asked| &asked.accounts) {
        logins.entry(source).or_default().insert(login);
    }
    let from = asked.iter().map(|asked| asked.days.0).min();
    let to = asked.iter().map(|asked| asked.days.1).max();
    let (Some(from), Some(to), false) = (from, to, logins.is_empty()) else {
        return Ok(vec![Vec::new(); asked.len()]);
    };
    let of_source = |(source, logins): (&&str, &BTreeSet<&str>)| {
        let one_of = col("login").in_list(logins.iter().map(|login| lit(*login)).collect(), false);
        col("source").eq(lit(*source)).and(one_of)
    };
    let theirs = logins
        .iter()
        .map(of_source)
        .reduce(Expr::or)
        .filter(|_| logins.values().map(BTreeSet::len).sum::<usize>() <= LISTED);
    let rows = theirs.into_iter().fold(within(from, to), Expr::and);
    let provider = engine.fact(snapshot, fact("activity")?).await?;
    let frame = engine.context().read_table(provider)?.filter(rows)?;
    let mut days = Days::new();
    for batch in engine.collect(frame.select_columns(&["day", "source", "login", "kind", "items"])?).await? {
        read(&batch, &mut days)?;
    }
    Ok(asked.iter().map(|asked| asked.of(&days)).collect())
}

impl Asked {
    fn of(&self, days: &Days) -> Vec<ActiveDay> {
        let mut found = BTreeMap::<NaiveDate, BTreeMap<ActivityKind, u64>>::new();
        for of_account in self.accounts.iter().filter_map(|account| days.get(account)) {
            for ((day, kind), items) in
                of_account.iter().filter(|((day, _), _)| (self.days.0..self.days.1).contains(day))
            {
                *found.entry(*day).or_default().entry(*kind).or_default() += items;
            }
        }
        found.into_iter().map(|(day, items)| ActiveDay { day, items }).collect()
    }
}

fn read(batch: &RecordBatch, days: &mut Days) -> Result<()> {
    let text = |i: usize| batch.column(i).as_string_opt::<i32>().context("a text of the activity is not Utf8");
    let (sources, logins, kinds) = (text(1)?, text(2)?, text(3)?);
    let at = batch.column(0).as_primitive_opt::<TimestampMicrosecondType>().context("day is no timestamp")?;
    let items = batch.column(4).as_primitive_opt::<Int64Type>().context("items is not Int64")?;
    for row in 0..batch.num_rows() {
        let day = DateTime::from_timestamp_micros(at.value(row)).context("a day out of range")?.date_naive();
        let kind = ActivityKind::ALL.iter().find(|kind| kind.name() == kinds.value(row));
        let kind = *kind.with_context(|| format!("no kind of activity {:?}", kinds.value(row)))?;
        let account = (sources.value(row).to_owned(), logins.value(row).to_owned());
        *days.entry(account).or_default().entry((day, kind)).or_default() += items.value(row).unsigned_abs();
    }
    Ok(())
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
