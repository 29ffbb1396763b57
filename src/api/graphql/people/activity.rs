//! `ActivityDay`: what a contributor did on each day. The fields of one level that ask are answered by one plan.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use async_graphql::SimpleObject;
use chrono::{DateTime, NaiveDate};
use datafusion::common::ScalarValue;
use datafusion::prelude::{col, lit};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};

use super::super::asking::Asking;
use super::super::date::Date;
use crate::lake::Snapshot;
use crate::model;
use crate::query::calendar::Period;
use crate::query::engine::Engine;

/// The fact whose rows are counted.
const ACTIVITY: &str = "activity";
/// With more logins than this, all rows of the period are read: a longer list costs more than it saves.
const LISTED_LOGINS: usize = 1_000;
/// Passes over the fields of a level before its plan is made.
const PASSES: usize = 4;

/// What a contributor did on one day.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub struct ActivityDay {
    /// The day; of a commit, as it was for its author.
    date: Date,
    /// Everything counted.
    items: i64,
    /// Commits written.
    commits: i64,
    /// Pull requests opened.
    pull_requests: i64,
    /// Reviews given.
    reviews: i64,
    /// Comments on pull requests.
    comments: i64,
    /// Issues reported, done or begun.
    issues: i64,
}

/// An account: source and login.
type Account = (String, String);

/// What one field asks for.
#[derive(Clone)]
struct Wanted {
    accounts: BTreeSet<Account>,
    from: NaiveDate,
    to: NaiveDate,
}

type Outcome = Result<Vec<ActivityDay>, Arc<anyhow::Error>>;
type Batch = Shared<BoxFuture<'static, Arc<HashMap<usize, Outcome>>>>;

/// The questions of one request.
#[derive(Default)]
pub struct Activity(Mutex<State>);

#[derive(Default)]
struct State {
    asked: usize,
    waiting: Vec<(usize, Wanted)>,
    batches: HashMap<usize, Batch>,
}

impl Activity {
    /// Days of a period on which one of these accounts did something, in order.
    pub async fn days(&self, asking: &Asking, accounts: BTreeSet<Account>, period: &Period) -> Outcome {
        let wanted = Wanted { accounts, from: period.from, to: period.to };
        let number = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.asked += 1;
            let number = state.asked;
            state.waiting.push((number, wanted));
            number
        };
        for _ in 0..PASSES {
            tokio::task::yield_now().await;
        }
        let outcomes = self.batch(asking, number).await;
        outcomes.get(&number).cloned().unwrap_or_else(|| Ok(Vec::new()))
    }

    fn batch(&self, asking: &Asking, number: usize) -> Batch {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(batch) = state.batches.get(&number) {
            return batch.clone();
        }
        let waiting = std::mem::take(&mut state.waiting);
        let numbers: Vec<usize> = waiting.iter().map(|(number, _)| *number).collect();
        asking.collector.count_plan();
        let batch = answer(asking.engine.clone(), Arc::clone(&asking.snapshot), waiting).boxed().shared();
        state.batches.extend(numbers.into_iter().map(|number| (number, batch.clone())));
        batch
    }
}

async fn answer(
    engine: Engine,
    snapshot: Arc<Snapshot>,
    waiting: Vec<(usize, Wanted)>,
) -> Arc<HashMap<usize, Outcome>> {
    let read = read(&engine, &snapshot, &waiting).await.map_err(Arc::new);
    let outcome = |wanted: &Wanted| match &read {
        Ok(days) => Ok(days_of(days, wanted)),
        Err(error) => Err(Arc::clone(error)),
    };
    Arc::new(waiting.iter().map(|(number, wanted)| (*number, outcome(wanted))).collect())
}

/// Kind and items of an account's day.
type Days = HashMap<Account, BTreeMap<NaiveDate, Vec<(String, i64)>>>;

async fn read(engine: &Engine, snapshot: &Arc<Snapshot>, waiting: &[(usize, Wanted)]) -> Result<Days> {
    let wanted = || waiting.iter().map(|(_, wanted)| wanted);
    let (Some(from), Some(to)) = (wanted().map(|w| w.from).min(), wanted().map(|w| w.to).max()) else {
        return Ok(Days::new());
    };
    let logins: BTreeSet<&str> = wanted().flat_map(|w| &w.accounts).map(|(_, login)| login.as_str()).collect();
    if logins.is_empty() {
        return Ok(Days::new());
    }
    let fact = model::fact(ACTIVITY).with_context(|| format!("no fact {ACTIVITY}"))?;
    let mut rows = engine.context().read_table(engine.fact(snapshot, fact).await?)?;
    rows = rows.filter(col("day").gt_eq(midnight(from)).and(col("day").lt(midnight(to))))?;
    if logins.len() <= LISTED_LOGINS {
        rows = rows.filter(col("login").in_list(logins.iter().map(|login| lit(*login)).collect(), false))?;
    }
    let rows = rows.select_columns(&["day", "source", "login", "kind", "items"])?;
    let mut days = Days::new();
    for batch in engine.collect(rows).await? {
        read_batch(&batch, &mut days)?;
    }
    Ok(days)
}

/// Days stand in the fact as their midnight in UTC.
fn midnight(day: NaiveDate) -> datafusion::prelude::Expr {
    let micros = day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros();
    lit(ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into())))
}

fn read_batch(batch: &RecordBatch, days: &mut Days) -> Result<()> {
    let text = |i: usize| batch.column(i).as_string_opt::<i32>().context("a text of the activity is not Utf8");
    let (source, login, kind) = (text(1)?, text(2)?, text(3)?);
    let day = batch.column(0).as_primitive_opt::<TimestampMicrosecondType>().context("activity.day is no timestamp")?;
    let items = batch.column(4).as_primitive_opt::<Int64Type>().context("activity.items is not Int64")?;
    for row in (0..batch.num_rows()).filter(|row| day.is_valid(*row)) {
        let date = DateTime::from_timestamp_micros(day.value(row)).context("activity.day is out of range")?.date_naive();
        let account = (source.value(row).to_owned(), login.value(row).to_owned());
        let of_day = days.entry(account).or_default().entry(date).or_default();
        of_day.push((kind.value(row).to_owned(), items.value(row)));
    }
    Ok(())
}

fn days_of(days: &Days, wanted: &Wanted) -> Vec<ActivityDay> {
    let mut found = BTreeMap::<NaiveDate, ActivityDay>::new();
    for of_account in wanted.accounts.iter().filter_map(|account| days.get(account)) {
        for (date, kinds) in of_account.range(wanted.from..wanted.to) {
            let day = found.entry(*date).or_insert_with(|| ActivityDay {
                date: Date(*date),
                items: 0,
                commits: 0,
                pull_requests: 0,
                reviews: 0,
                comments: 0,
                issues: 0,
            });
            for (kind, items) in kinds {
                day.items += items;
                match kind.as_str() {
                    "COMMIT" => day.commits += items,
                    "PULL_REQUEST" => day.pull_requests += items,
                    "REVIEW" => day.reviews += items,
                    "COMMENT" => day.comments += items,
                    "ISSUE" => day.issues += items,
                    _ => {}
                }
            }
        }
    }
    found.into_values().collect()
}
