//! Who was active in the sample company, and on which days. The expected numbers were counted in the CSV files.

use std::sync::Arc;

use throughline::clock::Clock;
use throughline::lake::Snapshot;
use throughline::model;
use throughline::query::activity::{ActivityKind, active, activity, identities};
use throughline::query::engine::{Engine, Limits};
use tokio::runtime::Handle;

use crate::company;

async fn engine() -> (Engine, Arc<Snapshot>) {
    let lake = company::sample(Clock::System).await;
    let limits = Limits { memory: 1 << 30, plans: 2, partitions: 2 };
    let engine = Engine::new(lake.clone(), Handle::current(), model::defaults().clone(), &limits).expect("an engine");
    let snapshot = lake.refresh().await.expect("a snapshot");
    (engine, snapshot)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn activity_of_the_sample_company() {
    let (engine, snapshot) = engine().await;
    let day = |text: &str| text.parse().expect("a date");
    let accounts = [("forge".to_owned(), "ann-at-home".to_owned()), ("tracker".to_owned(), "nobody".to_owned())];
    let days = activity(&engine, &snapshot, &accounts, (day("2026-01-01"), day("2026-07-10"))).await.expect("days");
    let counted = |kind| days.iter().filter_map(|day| day.items.get(&kind)).sum::<u64>();
    let kinds = [ActivityKind::Commit, ActivityKind::PullRequest, ActivityKind::Review, ActivityKind::Comment];
    assert_eq!(kinds.map(counted), [10, 4, 0, 4]);
    assert!(days.is_sorted_by_key(|day| day.day));
    let nobody = activity(&engine, &snapshot, &[], (day("2026-01-01"), day("2026-07-10"))).await.expect("days");
    assert!(nobody.is_empty());

    let all = active(&engine, &snapshot, &[], (day("2026-01-01"), day("2026-07-10"))).await.expect("accounts");
    let reviewers = [ActivityKind::Review];
    let some = active(&engine, &snapshot, &reviewers, (day("2026-01-01"), day("2026-07-10"))).await.expect("accounts");
    assert!(some.is_subset(&all) && some.len() < all.len());
    let before = active(&engine, &snapshot, &[], (day("2020-01-01"), day("2021-01-01"))).await.expect("accounts");
    assert!(before.is_empty());

    let (key, rows) = identities(&engine, &snapshot).await.expect("identities");
    assert_eq!(rows.iter().map(|batch| batch.num_rows()).sum::<usize>(), 19);
    assert_eq!(identities(&engine, &snapshot).await.expect("identities").0, key);
    let seen = throughline::people::Seen::read(key, &rows).expect("as the people room reads them");
    let home = seen.accounts.iter().find(|account| account.login == "ann-at-home").expect("is there");
    let items = days.iter().flat_map(|day| day.items.values()).sum::<u64>();
    assert_eq!((home.items as u64, home.email.as_deref()), (items, Some("applewick@example.org")));
}
