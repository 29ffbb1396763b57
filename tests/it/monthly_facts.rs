//! A fact that is kept by month has the rows of one that is built whole, whatever came late; and only the months that
//! changed are computed.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::TimestampMicrosecondType;
use arrow::util::pretty::pretty_format_batches;
use chrono::{TimeDelta, Utc};
use datafusion::prelude::{SessionConfig, SessionContext, ident};
use object_store::path::Path;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use throughline::lake::{Lake, Snapshot, compact, layout, scan};
use throughline::model::fact::Driver;
use throughline::model::{self, Fact};
use throughline::query::facts::{self, FactVersion};

use crate::facts::{files_under, put};

/// The fact `changes`, kept by month however few rows there are, or whole however many.
fn changes(by_month: bool) -> Fact {
    kept_so(model::fact("changes").unwrap(), by_month)
}

fn kept_so(fact: &Fact, by_month: bool) -> Fact {
    let fact = fact.clone();
    let driver = fact.driver.clone().map(|driver| Driver { from_rows: 0, ..driver });
    Fact { driver: driver.filter(|_| by_month), ..fact }
}

/// Months whose parts lie under `derived/`, and their keys.
async fn kept(lake: &Lake) -> BTreeSet<(String, String)> {
    let folder = layout::fact("changes").join("months");
    let part = |path: &Path| {
        let parts: Vec<_> = path.parts().map(|part| part.as_ref().to_owned()).collect();
        (parts[3].clone(), parts[4].clone())
    };
    files_under(lake, &folder).await.iter().filter(|path| path.as_ref().ends_with(".json")).map(part).collect()
}

/// All columns of all rows, by key.
async fn rows(lake: &Lake, version: &FactVersion) -> String {
    let ctx = SessionContext::new();
    scan::register_store(lake, &ctx);
    let frame = ctx.read_table(version.provider(lake)).unwrap();
    let sorted = frame.sort(vec![ident("source").sort(true, true), ident("id").sort(true, true)]).unwrap();
    pretty_format_batches(&sorted.collect().await.unwrap()).unwrap().to_string()
}

/// Each file is sorted as the fact declares.
async fn assert_sorted(lake: &Lake, fact: &Fact, version: &FactVersion) {
    let ctx = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
    scan::register_store(lake, &ctx);
    for file in &version.files {
        let file = scan::provider(lake, Arc::clone(&version.schema), std::slice::from_ref(file));
        let frame = ctx.read_table(file).unwrap().select_columns(&fact.sort()[..1]).unwrap();
        let batches = frame.collect().await.unwrap();
        let times: Vec<Option<i64>> = batches
            .iter()
            .flat_map(|batch| batch.column(0).as_primitive::<TimestampMicrosecondType>().iter().collect::<Vec<_>>())
            .collect();
        assert!(times.is_sorted(), "{times:?}");
    }
}

/// The fact in this snapshot by month and whole; they must be the same.
async fn both(lake: &Lake, snapshot: &Snapshot) -> FactVersion {
    both_of(lake, snapshot, model::fact("changes").unwrap()).await
}

async fn both_of(lake: &Lake, snapshot: &Snapshot, fact: &Fact) -> FactVersion {
    let monthly = facts::fact(lake, snapshot, &kept_so(fact, true)).await.unwrap();
    let whole = facts::fact(lake, snapshot, &kept_so(fact, false)).await.unwrap();
    assert_ne!(monthly.key, whole.key);
    assert_eq!(monthly.rows, whole.rows, "{}", fact.name);
    assert_eq!(rows(lake, &monthly).await, rows(lake, &whole).await, "{}", fact.name);
    assert_sorted(lake, fact, &monthly).await;
    monthly
}

/// What `changes` looks up beside pull requests.
async fn surroundings(lake: &Lake) {
    put(lake, "repositories", &[&[("id", "r0"), ("name", "repo0"), ("service", "pay"), ("project", "money")]]).await;
    put(lake, "accounts", &[&[("id", "a"), ("login", "renovate"), ("kind", "BOT")]]).await;
    put(
        lake,
        "issues",
        &[&[("id", "i"), ("key", "PAY-1"), ("project", "money"), ("created_at", "2025-12-01T00:00:00Z")]],
    )
    .await;
    for i in 0..30 {
        let (id, month, day) = (i.to_string(), i % 5 + 1, i % 27 + 1);
        let at = format!("2026-{month:02}-{day:02}T12:00:00Z");
        let (repository, commit) = (format!("repo{}", i % 3), format!("m{i}"));
        if i % 3 == 0 {
            let deployment = [
                ("id", id.as_str()),
                ("repository", &repository),
                ("tier", "PRODUCTION"),
                ("status", "SUCCESS"),
                ("started_at", &at),
                ("finished_at", &at),
            ];
            put(lake, "deployments", &[&deployment]).await;
            put(lake, "deployment_changes", &[&[("id", &id), ("deployment", &id), ("commit", &commit)]]).await;
        }
        let said = [
            ("id", id.as_str()),
            ("pull_request", &id),
            ("reviewer", "bea"),
            ("state", "APPROVED"),
            ("submitted_at", &at),
        ];
        put(lake, "reviews", &[&said]).await;
        put(
            lake,
            "pull_request_commits",
            &[&[("id", &id), ("pull_request", &id), ("commit", "c"), ("authored_at", &at)]],
        )
        .await;
    }
}

/// A pull request as it might be at some time: of any month, open, merged, or gone.
async fn pull(lake: &Lake, random: &mut StdRng, updated: i64) {
    let id = random.random_range(0..40).to_string();
    let updated_at = (chrono::DateTime::UNIX_EPOCH + TimeDelta::days(20_700 + updated)).to_rfc3339();
    let (month, day) = (random.random_range(1..7), random.random_range(1..28));
    let created = format!("2026-{month:02}-{day:02}T00:00:00Z");
    let merged = format!("2026-{:02}-{day:02}T10:00:00Z", month + random.random_range(0..2));
    let (repository, commit) = (format!("repo{}", random.random_range(0..4)), format!("m{id}"));
    let author = ["ann", "bea", "renovate", "helper[bot]"][random.random_range(0..4)];
    let mut row = vec![("id", id.as_str()), ("updated_at", updated_at.as_str())];
    match random.random_range(0..6) {
        0 => row.push(("deleted", "true")),
        kind => {
            row.extend([("repository", repository.as_str()), ("author", author), ("created_at", &created)]);
            match kind {
                1 => row.push(("state", "OPEN")),
                _ => row.extend([
                    ("state", "MERGED"),
                    ("merged_at", &merged),
                    ("merge_commit", &commit),
                    ("issues", "PAY-1"),
                ]),
            }
        }
    }
    put(lake, "pull_requests", &[&row]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn late_rows_give_what_a_whole_build_gives() {
    let lake = Lake::open("memory://").await.unwrap();
    surroundings(&lake).await;
    let table = model::table("pull_requests").unwrap();
    let mut random = StdRng::seed_from_u64(7);
    for i in 0..60 {
        pull(&lake, &mut random, i).await;
    }
    let mut before = lake.refresh().await.unwrap();
    let mut version = both(&lake, &before).await;
    let (mut reused, mut moved) = (0, 0);
    for step in 0..14 {
        let known = kept(&lake).await;
        for i in 0..random.random_range(1..4) {
            pull(&lake, &mut random, 100 + 10 * step + i).await;
        }
        if step % 3 == 1 {
            compact::compact_from(&lake, table, 1).await.unwrap();
        }
        if step == 6 {
            // Another input: every month is computed anew.
            let late =
                [("id", "late"), ("pull_request", "3"), ("author", "cem"), ("created_at", "2026-01-02T00:00:00Z")];
            put(&lake, "comments", &[&late]).await;
        }
        let snapshot = lake.refresh().await.unwrap();
        version = both(&lake, &snapshot).await;
        let months = |snapshot: &Snapshot| snapshot.tables["pull_requests"].months.clone();
        let (old, new) = (months(&before), months(&snapshot));
        let changed: BTreeSet<String> = new
            .iter()
            .filter(|(month, id)| step == 6 || old.get(month) != Some(id))
            .map(|(month, _)| month.clone().unwrap_or("none".to_owned()))
            .collect();
        let computed: BTreeSet<String> = kept(&lake).await.difference(&known).map(|(month, _)| month.clone()).collect();
        assert_eq!(computed, changed, "step {step}");
        reused += new.len() - changed.len();
        moved += usize::from(changed.len() > 1);
        before = snapshot;
    }
    assert!(reused > 20 && moved > 3 && version.rows > 10, "{reused} {moved} {}", version.rows);

    // Rows that only lie otherwise: the same version, found and not built.
    let known = kept(&lake).await;
    assert!(compact::compact_from(&lake, table, 1).await.unwrap().version.is_some());
    let snapshot = lake.refresh().await.unwrap();
    assert_eq!(snapshot.id, before.id);
    assert_eq!(facts::fact(&lake, &snapshot, &changes(true)).await.unwrap().key, version.key);
    assert_eq!(kept(&lake).await, known);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fact_with_a_driver_may_be_kept_by_month() {
    let lake = Lake::open("memory://").await.unwrap();
    surroundings(&lake).await;
    let mut random = StdRng::seed_from_u64(5);
    for i in 0..30 {
        pull(&lake, &mut random, i).await;
    }
    put(
        &lake,
        "commits",
        &[&[("id", "c0"), ("repository", "repo0"), ("author", "ann"), ("authored_at", "2026-01-01T00:00:00Z")]],
    )
    .await;
    for i in 0..20 {
        let (id, month, day) = (i.to_string(), i % 4 + 1, i % 27 + 1);
        let at = format!("2026-{month:02}-{day:02}T12:00:00Z");
        let author = ["ann", "renovate", "helper[bot]"][i % 3];
        put(&lake, "comments", &[&[("id", &id), ("pull_request", &id), ("author", author), ("created_at", &at)]]).await;
        let build =
            [("id", id.as_str()), ("pipeline", "ci"), ("commit", "c0"), ("status", "SUCCESS"), ("finished_at", &at)];
        put(&lake, "builds", &[&build[..if i % 5 == 0 { 4 } else { 5 }]]).await;
    }
    let drivers: Vec<&Fact> = model::facts().iter().filter(|fact| fact.driver.is_some()).collect();
    let names: BTreeSet<&str> = drivers.iter().map(|fact| fact.name.as_str()).collect();
    assert!(
        names.is_superset(&BTreeSet::from(["builds", "changes", "comments", "pull_requests", "reviews"])),
        "{names:?}"
    );
    let snapshot = lake.refresh().await.unwrap();
    let mut first = Vec::new();
    for fact in &drivers {
        first.push(both_of(&lake, &snapshot, fact).await);
    }
    // One row of each moves to another month, another goes.
    let (newer, moved) = (("updated_at", "2026-07-01T00:00:00Z"), "2026-06-15T00:00:00Z");
    put(&lake, "comments", &[&[("id", "1"), newer, ("pull_request", "1"), ("author", "ann"), ("created_at", moved)]])
        .await;
    let review = [("id", "1"), newer, ("pull_request", "1"), ("reviewer", "ann"), ("state", "COMMENTED")];
    put(&lake, "reviews", &[&[&review[..], &[("submitted_at", moved)]].concat()]).await;
    let build = [("id", "1"), newer, ("pipeline", "ci"), ("status", "FAILURE"), ("finished_at", moved)];
    put(&lake, "builds", &[&build]).await;
    for table in ["comments", "reviews", "builds"] {
        put(&lake, table, &[&[("id", "2"), newer, ("deleted", "true")]]).await;
    }
    let snapshot = lake.refresh().await.unwrap();
    for (fact, before) in drivers.iter().zip(first) {
        let after = both_of(&lake, &snapshot, fact).await;
        let shared = after.files.iter().filter(|file| before.files.contains(file)).count();
        // Those of which only the driver changed keep the months that it left alone.
        if ["comments", "reviews", "builds"].contains(&fact.name.as_str()) {
            assert!(shared > 1 && shared < after.files.len(), "{}: {shared} of {}", fact.name, after.files.len());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_newest_version_is_made_of_stays() {
    let lake = Lake::open("memory://").await.unwrap();
    surroundings(&lake).await;
    let merged = |id: &'static str, created: &'static str, updated: &'static str| {
        let fixed =
            [("repository", "repo0"), ("author", "ann"), ("state", "MERGED"), ("merged_at", "2026-05-01T00:00:00Z")];
        let mut row = vec![("id", id), ("created_at", created), ("updated_at", updated)];
        row.extend(fixed);
        row
    };
    let (march, april) = ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z");
    put(
        &lake,
        "pull_requests",
        &[&merged("1", march, "2026-05-01T00:00:00Z"), &merged("2", april, "2026-05-01T00:00:00Z")],
    )
    .await;
    let first = facts::fact(&lake, &lake.refresh().await.unwrap(), &changes(true)).await.unwrap();
    // Told apart by when they were written.
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    put(&lake, "pull_requests", &[&merged("3", april, "2026-05-01T00:00:00Z")]).await;
    let snapshot = lake.refresh().await.unwrap();
    let second = facts::fact(&lake, &snapshot, &changes(true)).await.unwrap();
    let shared: Vec<_> = first.files.iter().filter(|file| second.files.contains(file)).collect();
    assert_eq!((first.files.len(), second.files.len(), shared.len()), (2, 2, 1), "March is in both");
    assert!(shared[0].path.as_ref().starts_with("derived/changes/months/2026-03/"), "{shared:?}");

    // The declared fact is kept whole here, so neither version is of the newest snapshot: the first has been succeeded,
    // the second stays, with all it is made of.
    let later = Utc::now() + TimeDelta::hours(2);
    assert_eq!(facts::sweep(&lake, &snapshot, later, TimeDelta::hours(3)).await.unwrap(), 0, "all are young");
    assert_eq!(facts::sweep(&lake, &snapshot, later, TimeDelta::hours(1)).await.unwrap(), 2, "a version and its April");
    assert_eq!(rows(&lake, &second).await, rows(&lake, &both(&lake, &snapshot).await).await);
    assert!(
        !files_under(&lake, &layout::fact("changes"))
            .await
            .contains(&layout::manifest(&layout::derived("changes", &first.key)))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_that_build_months_one_is_believed() {
    let folder = tempfile::tempdir().unwrap();
    let open = || async { Lake::open(folder.path().to_str().unwrap()).await.unwrap() };
    let (one, two) = (open().await, open().await);
    let mut random = StdRng::seed_from_u64(11);
    for i in 0..30 {
        pull(&one, &mut random, i).await;
    }
    let version = async |lake: &Lake| facts::fact(lake, &lake.refresh().await.unwrap(), &changes(true)).await.unwrap();
    let (a, b) = tokio::join!(version(&one), version(&two));
    assert_eq!((&a.files, &a.key), (&b.files, &b.key));
    let parts = files_under(&one, &layout::fact("changes").join("months")).await;
    let data: BTreeSet<Path> = parts.into_iter().filter(|path| path.as_ref().ends_with(".parquet")).collect();
    assert_eq!(data, a.files.iter().map(|file| file.path.clone()).collect(), "the loser tidied up");
    assert_eq!(rows(&one, &a).await, rows(&two, &both(&two, &two.refresh().await.unwrap()).await).await);
}
