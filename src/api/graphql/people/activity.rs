//! `ActivityDay`: what a contributor did on each day. The fields of one level that ask are answered by one plan.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::SimpleObject;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};

use super::super::asking::Asking;
use super::super::date::Date;
use crate::query::activity::{ActiveDay, ActivityKind, Asked, activities};
use crate::query::calendar::Period;

/// Passes over the fields of a level before its plan is made.
const PASSES: usize = 4;

/// What a contributor did on one day.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub struct ActivityDay {
    /// The day; of a commit, as it was for its author.
    date: Date,
    /// Everything counted.
    items: u64,
    /// Commits written.
    commits: u64,
    /// Pull requests opened.
    pull_requests: u64,
    /// Reviews given.
    reviews: u64,
    /// Comments on pull requests.
    comments: u64,
    /// Issues reported, done or begun.
    issues: u64,
}

impl From<&ActiveDay> for ActivityDay {
    fn from(active: &ActiveDay) -> ActivityDay {
        let of = |kind: ActivityKind| active.items.get(&kind).copied().unwrap_or_default();
        ActivityDay {
            date: Date(active.day),
            items: active.items.values().sum(),
            commits: of(ActivityKind::Commit),
            pull_requests: of(ActivityKind::PullRequest),
            reviews: of(ActivityKind::Review),
            comments: of(ActivityKind::Comment),
            issues: of(ActivityKind::Issue),
        }
    }
}

type Outcome = Result<Arc<HashMap<usize, Vec<ActiveDay>>>, Arc<anyhow::Error>>;
type Batch = Shared<BoxFuture<'static, Outcome>>;

/// The questions of one request.
#[derive(Default)]
pub struct Activity(Mutex<State>);

#[derive(Default)]
struct State {
    asked: usize,
    waiting: Vec<(usize, Asked)>,
    batches: HashMap<usize, Batch>,
}

impl Activity {
    /// Days of a period on which one of these accounts (source, login) did something, in order.
    pub async fn days(
        &self,
        asking: &Asking,
        accounts: BTreeSet<(String, String)>,
        period: &Period,
    ) -> Result<Vec<ActivityDay>, Arc<anyhow::Error>> {
        let number = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let number = state.asked;
            state.asked += 1;
            state.waiting.push((number, Asked { accounts, days: (period.from, period.to) }));
            number
        };
        for _ in 0..PASSES {
            tokio::task::yield_now().await;
        }
        let answered = self.batch(asking, number).await?;
        Ok(answered.get(&number).into_iter().flatten().map(ActivityDay::from).collect())
    }

    fn batch(&self, asking: &Asking, number: usize) -> Batch {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(batch) = state.batches.get(&number) {
            return batch.clone();
        }
        let (numbers, asked): (Vec<usize>, Vec<Asked>) = std::mem::take(&mut state.waiting).into_iter().unzip();
        asking.collector.count_plan();
        let (engine, snapshot, all) = (asking.engine.clone(), Arc::clone(&asking.snapshot), numbers.clone());
        let answer = async move {
            let days = activities(&engine, &snapshot, &asked).await?;
            Ok(Arc::new(all.into_iter().zip(days).collect()))
        };
        let batch = answer.map(|answer: anyhow::Result<_>| answer.map_err(Arc::new)).boxed().shared();
        state.batches.extend(numbers.into_iter().map(|number| (number, batch.clone())));
        batch
    }
}
