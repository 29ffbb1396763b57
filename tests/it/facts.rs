//! Facts through a real lake: kept once, found again, built anew when what they read has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use chrono::{TimeDelta, Utc};
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;
use object_store::path::Path;
use throughline::lake::{Incoming, Lake, layout, merge, scan};
use throughline::model::{self, Fact};
use throughline::query::facts::{self, FactVersion};

/// A row, told as text: columns and values.
pub type Row<'a> = &'a [(&'a str, &'a str)];

/// Merges rows, told as text, into a table; `source` and `updated_at` are given.
pub async fn put(lake: &Lake, table: &str, rows: &[Row<'_>]) {
    let table = model::table(table).unwrap();
    let columns = table.columns.iter().map(|column| {
        let value = |row: &Row<'_>| {
            let told = row.iter().find(|(name, _)| *name == column.name).map(|(_, value)| value.to_string());
            told.or(match column.name.as_str() {
                "source" => Some("forge".to_owned()),
                "updated_at" => Some("2026-01-01T00:00:00Z".to_owned()),
                _ => None,
            })
        };
        let text: ArrayRef = Arc::new(StringArray::from_iter(rows.iter().map(value)));
        if text.null_count() == rows.len() {
            return arrow::array::new_null_array(&column.kind.arrow(), rows.len());
        }
        cast(&text, &column.kind.arrow()).unwrap()
    });
    let batch = RecordBatch::try_new(table.schema(), columns.collect()).unwrap();
    merge(lake, table, vec![Incoming { file: uuid::Uuid::new_v4().to_string(), rows: vec![batch] }]).await.unwrap();
}

/// Two merged pull requests, one of them deployed.
async fn shop(lake: &Lake) {
    let pull = |id: &'static str, merged: &'static str, commit: &'static str| {
        [
            ("id", id),
            ("repository", "shop"),
            ("author", "ann"),
            ("state", "MERGED"),
            ("created_at", "2026-03-01T00:00:00Z"),
            ("merged_at", merged),
            ("merge_commit", commit),
        ]
    };
    put(lake, "pull_requests", &[&pull("2", "2026-03-09T00:00:00Z", "n"), &pull("1", "2026-03-02T00:00:00Z", "m")])
        .await;
    put(
        lake,
        "deployments",
        &[&[
            ("id", "d"),
            ("repository", "shop"),
            ("tier", "PRODUCTION"),
            ("status", "SUCCESS"),
            ("commit", "m"),
            ("finished_at", "2026-03-03T00:00:00Z"),
        ]],
    )
    .await;
}

fn changes() -> &'static Fact {
    model::fact("changes").unwrap()
}

async fn version(lake: &Lake) -> FactVersion {
    facts::fact(lake, &lake.refresh().await.unwrap(), changes()).await.unwrap()
}

/// Which deployment shipped which change.
async fn shipped(lake: &Lake, version: &FactVersion) -> BTreeMap<String, Option<String>> {
    let ctx = SessionContext::new();
    scan::register_store(lake, &ctx);
    let rows = ctx.read_table(version.provider(lake)).unwrap().select_columns(&["id", "deployment"]).unwrap();
    let batches = rows.collect().await.unwrap();
    let pair = |batch: &RecordBatch, row| {
        let text = |column: usize| batch.column(column).as_string::<i32>();
        let deployment = (!text(1).is_null(row)).then(|| text(1).value(row).to_owned());
        (text(0).value(row).to_owned(), deployment)
    };
    batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| pair(batch, row))).collect()
}

pub async fn files_under(lake: &Lake, folder: &Path) -> BTreeSet<Path> {
    let found: Vec<_> = lake.store().list(Some(folder)).try_collect().await.unwrap();
    found.into_iter().map(|file| file.location).collect()
}

fn told(pairs: &[(&str, Option<&str>)]) -> BTreeMap<String, Option<String>> {
    pairs.iter().map(|(id, deployment)| (id.to_string(), deployment.map(str::to_owned))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_lake_has_every_fact_with_no_rows() {
    let lake = Lake::open("memory://").await.unwrap();
    let snapshot = lake.snapshot().await.unwrap();
    for fact in model::facts() {
        let version = facts::fact(&lake, &snapshot, fact).await.unwrap();
        assert_eq!((version.rows, version.files.len()), (0, 0), "{}", fact.name);
        assert_eq!(version.schema.fields().len(), fact.columns.len(), "{}", fact.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_is_kept_until_what_it_reads_changes() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path().to_str().unwrap()).await.unwrap();
    shop(&lake).await;
    let first = version(&lake).await;
    assert_eq!(shipped(&lake, &first).await, told(&[("1", Some("d")), ("2", None)]));

    // Another process finds the same files.
    let other = Lake::open(folder.path().to_str().unwrap()).await.unwrap();
    let found = version(&other).await;
    assert_eq!((&found.key, &found.files, &found.schema), (&first.key, &first.files, &first.schema));

    // A table that the fact does not read changes nothing; one that it reads does.
    put(&lake, "sprints", &[&[("id", "1"), ("name", "one")]]).await;
    assert_eq!(version(&lake).await.key, first.key);
    put(&lake, "deployment_changes", &[&[("id", "1"), ("deployment", "d"), ("commit", "n")]]).await;
    let second = version(&lake).await;
    assert_ne!(second.key, first.key);
    assert_eq!(shipped(&lake, &second).await, told(&[("1", Some("d")), ("2", Some("d"))]));
    // The older version is still there for whoever reads it.
    assert_eq!(shipped(&lake, &first).await, told(&[("1", Some("d")), ("2", None)]));

    // Gone are old versions that the newest snapshot does not use, and nothing else.
    let snapshot = lake.refresh().await.unwrap();
    assert_eq!(facts::sweep(&lake, &snapshot, Utc::now(), TimeDelta::hours(1)).await.unwrap(), 0, "all are young");
    let removed = facts::sweep(&lake, &snapshot, Utc::now() + TimeDelta::hours(2), TimeDelta::hours(1)).await.unwrap();
    assert_eq!(removed, 4, "resolved_deployments, ancestry, shipments and changes were built anew");
    assert!(files_under(&lake, &layout::derived("changes", &first.key)).await.is_empty());
    assert_eq!(shipped(&lake, &second).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn tombstones_are_no_changes() {
    let lake = Lake::open("memory://").await.unwrap();
    shop(&lake).await;
    put(&lake, "pull_requests", &[&[("id", "2"), ("updated_at", "2026-04-01T00:00:00Z"), ("deleted", "true")]]).await;
    assert_eq!(shipped(&lake, &version(&lake).await).await, told(&[("1", Some("d"))]));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_that_build_one_is_believed() {
    let folder = tempfile::tempdir().unwrap();
    let open = || async { Lake::open(folder.path().to_str().unwrap()).await.unwrap() };
    let (one, two) = (open().await, open().await);
    shop(&one).await;
    let (a, b, c) = tokio::join!(version(&one), version(&two), version(&one));
    assert_eq!((&a.files, &a.key), (&b.files, &b.key));
    assert_eq!(a.files, c.files);
    let mut expected: BTreeSet<Path> = a.files.iter().map(|file| file.path.clone()).collect();
    let folder = layout::derived("changes", &a.key);
    expected.insert(layout::manifest(&folder));
    assert_eq!(files_under(&one, &folder).await, expected, "the loser tidied up");
}
