//! Whole runs: what becomes of good and bad files, and what is said about them.

use std::time::Duration;

use object_store::ObjectStoreExt;
use object_store::path::Path;
use serde_json::{Value, json};
use throughline::intake::{self, Ingestion, Limits, Status, run_within};

use super::files::{self, good, set};
use super::lakes::{self, column, on_disk, put, put_rows, take_in};

fn counts(outcome: &Ingestion) -> (Status, u64, u64, u64, u64) {
    (outcome.status, outcome.rows_read, outcome.inserted, outcome.updated, outcome.unchanged)
}

#[tokio::test]
async fn a_file_is_applied_once_however_often_it_is_dropped() {
    let (_folder, lake) = on_disk().await;
    put_rows(&lake, "reviews/a.parquet", &good("reviews", 40)).await;
    let first = take_in(&lake).await;
    assert_eq!(counts(&first[0]), (Status::Applied, 40, 40, 0, 0));
    assert_eq!((first[0].file.as_str(), first[0].table.as_deref()), ("landing/reviews/a.parquet", Some("reviews")));
    assert!(first[0].table_version.is_some() && first[0].error.is_none());
    let held = lakes::rows(&lake, "reviews").await;
    assert_eq!(held.len(), 40);

    assert_eq!(take_in(&lake).await, [], "nothing is new");
    put_rows(&lake, "reviews/deeper/b.parquet", &good("reviews", 40)).await;
    let again = take_in(&lake).await;
    assert_eq!(counts(&again[0]), (Status::Applied, 40, 0, 0, 40));
    assert_eq!(again[0].table_version, None, "no version was made");
    assert_eq!(lakes::rows(&lake, "reviews").await, held);

    let recorded = column(&lake, "ingestions", &["file", "status", "rows_read", "inserted", "unchanged"]).await;
    assert_eq!(recorded.len(), 2);
    assert!(recorded.contains(&vec![
        json!("landing/reviews/a.parquet"),
        json!("APPLIED"),
        json!(40),
        json!(40),
        json!(0)
    ]));
}

#[tokio::test]
async fn a_crash_between_commit_and_record_changes_nothing_but_the_time() {
    let (folder, lake) = on_disk().await;
    put_rows(&lake, "reviews/a.parquet", &good("reviews", 40)).await;
    take_in(&lake).await;
    let mut later = good("reviews", 50);
    set(&mut later, "updated_at", "utf8", vec![json!("2026-05-01T00:00:00Z"); 50]);
    put_rows(&lake, "reviews/b.parquet", &later).await;
    let before = take_in(&lake).await;
    assert_eq!(counts(&before[0]), (Status::Applied, 50, 10, 40, 0));
    let (held, ingestions) =
        (lakes::rows(&lake, "reviews").await, column(&lake, "ingestions", &["id", "inserted"]).await);

    // What such a crash leaves: the rows are there, the record is not.
    std::fs::remove_dir_all(folder.path().join("tables/ingestions")).expect("removed");
    let after = take_in(&lake).await;
    assert_eq!(
        after.iter().map(counts).collect::<Vec<_>>()[1],
        counts(&before[0]),
        "the counts are those of the commit"
    );
    assert_eq!(counts(&after[0]), (Status::Applied, 40, 40, 0, 0));
    assert_eq!(lakes::rows(&lake, "reviews").await, held);
    assert_eq!(column(&lake, "ingestions", &["id", "inserted"]).await, ingestions);
}

#[tokio::test]
async fn a_file_that_changed_is_another_file() {
    let (_folder, lake) = on_disk().await;
    put_rows(&lake, "reviews/a.parquet", &good("reviews", 2)).await;
    take_in(&lake).await;
    put_rows(&lake, "reviews/a.parquet", &good("reviews", 3)).await;
    assert_eq!(counts(&take_in(&lake).await[0]), (Status::Applied, 3, 1, 0, 2));
}

#[tokio::test]
async fn bad_files_are_refused_whole_and_the_rest_goes_on() {
    let (_folder, lake) = on_disk().await;
    let whole = files::parquet(&good("reviews", 10));
    let mut one_bad_row = good("reviews", 10);
    set(&mut one_bad_row, "state", "utf8", (0..10).map(|i| json!(if i == 3 { "" } else { "APPROVED" })).collect());
    put(&lake, "reviews/cut.parquet", whole[..whole.len() / 2].to_vec()).await;
    put_rows(&lake, "reviews/one_bad_row.parquet", &one_bad_row).await;
    put_rows(&lake, "reviews/empty.parquet", &good("reviews", 0)).await;
    put_rows(&lake, "revews/x.parquet", &good("reviews", 1)).await;
    put_rows(&lake, "ingestions/x.parquet", &good("reviews", 1)).await;
    put(&lake, "reviews/notes.txt", b"hello".to_vec()).await;
    put(&lake, "readme.md", b"hello".to_vec()).await;
    put(&lake, "reviews/_SUCCESS", Vec::new()).await;
    put(&lake, "reviews/.tmp/x.parquet", b"half".to_vec()).await;
    put_rows(&lake, "comments/good.parquet", &good("comments", 5)).await;
    put_rows(&lake, "reviews/good.parquet", &good("reviews", 10)).await;

    let outcomes = take_in(&lake).await;
    let mut told: Vec<(&str, Status)> = outcomes.iter().map(|o| (o.file.as_str(), o.status)).collect();
    told.sort_by_key(|(file, _)| *file);
    let (applied, refused) = (Status::Applied, Status::Refused);
    assert_eq!(
        told,
        [
            ("landing/comments/good.parquet", applied),
            ("landing/ingestions/x.parquet", refused),
            ("landing/readme.md", refused),
            ("landing/revews/x.parquet", refused),
            ("landing/reviews/cut.parquet", refused),
            ("landing/reviews/empty.parquet", refused),
            ("landing/reviews/good.parquet", applied),
            ("landing/reviews/notes.txt", refused),
            ("landing/reviews/one_bad_row.parquet", refused),
        ]
    );
    assert_eq!(lakes::rows(&lake, "reviews").await.len(), 10, "of the refused file nothing is visible");
    assert_eq!(lakes::rows(&lake, "comments").await.len(), 5);

    let report = report(&lake, "rejected/reviews/one_bad_row.parquet.json").await;
    assert_eq!((&report["rows"], &report["refused_rows"]), (&json!(10), &json!(1)));
    assert_eq!(report["reasons"][0]["kind"], "NOT_ALLOWED");
    assert_eq!(report["reasons"][0]["column"], "state");
    assert_eq!(report["reasons"][0]["rows"], json!([4]));
    let refusal = outcomes.iter().find(|o| o.file.ends_with("one_bad_row.parquet")).expect("an outcome");
    assert_eq!((refusal.refused, refusal.inserted), (1, 0));
    assert!(refusal.error.as_deref().is_some_and(|text| text.starts_with("column state: \"\" in 1 row (4);")));
    self::report(&lake, "rejected/revews/x.parquet.json").await;
    self::report(&lake, "rejected/_/readme.md.json").await;

    assert_eq!(take_in(&lake).await, [], "a refusal is final until the file changes");
    put_rows(&lake, "reviews/one_bad_row.parquet", &good("reviews", 11)).await;
    assert_eq!(counts(&take_in(&lake).await[0]), (Status::Applied, 11, 1, 0, 10));
}

async fn report(lake: &throughline::lake::Lake, path: &str) -> Value {
    let found = lake.store().get(&Path::from(path)).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_slice(&found.bytes().await.expect("bytes")).expect("JSON")
}

#[tokio::test]
async fn values_arrive_as_they_were_meant() {
    let (_folder, lake) = on_disk().await;
    let mut columns = good("issues", 2);
    set(&mut columns, "updated_at", "utf8", vec![json!("2026-03-01T13:00:00+01:00"), json!("2026-03-01T12:00:00.25Z")]);
    set(&mut columns, "created_at", "timestamp(ns,Asia/Tokyo)", vec![json!("2026-02-01T12:00:00Z"); 2]);
    set(&mut columns, "completed_at", "date32", vec![json!("2026-02-03"), Value::Null]);
    set(&mut columns, "story_points", "decimal(10,2)", vec![json!(1.5), Value::Null]);
    set(&mut columns, "labels", "large_list", vec![json!(["bug", null, "ui"]), Value::Null]);
    set(&mut columns, "key", "dictionary", vec![json!("A-1"), json!("A-1")]);
    set(&mut columns, "epic", "null", vec![Value::Null, Value::Null]);
    set(&mut columns, "weather", "utf8", vec![json!("sunny"), json!("rain")]);
    put_rows(&lake, "issues/a.parquet", &columns).await;
    let outcomes = take_in(&lake).await;
    assert_eq!(outcomes[0].notices.as_deref(), Some("column weather: not part of the table, left out"));
    let names = ["updated_at", "created_at", "completed_at", "story_points", "labels", "key", "epic"];
    let found = column(&lake, "issues", &names).await;
    let noon = "2026-02-01T12:00:00Z";
    assert_eq!(
        json!(found),
        json!([
            ["2026-03-01T12:00:00Z", noon, "2026-02-03T00:00:00Z", 1.5, ["bug", "ui"], "A-1", null],
            ["2026-03-01T12:00:00.250Z", noon, null, null, null, "A-1", null],
        ])
    );
}

#[tokio::test]
async fn a_file_that_is_still_being_copied_is_waited_for() {
    let (folder, lake) = on_disk().await;
    let whole = files::parquet(&good("reviews", 10));
    put(&lake, "reviews/slow.parquet", whole[..100].to_vec()).await;
    put(&lake, "reviews/broken.parquet", whole[..100].to_vec()).await;
    let limits = Limits { settle: Duration::from_millis(1500), ..Limits::default() };
    let copying = async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        std::fs::write(folder.path().join("landing/reviews/slow.parquet"), &whole).expect("written");
    };
    let (outcomes, ()) = tokio::join!(run_within(&lake, lakes::clock(), &limits, |_| {}), copying);
    let mut told: Vec<(String, Status)> = outcomes.expect("a run").into_iter().map(|o| (o.file, o.status)).collect();
    told.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        told,
        [
            ("landing/reviews/broken.parquet".to_owned(), Status::Refused),
            ("landing/reviews/slow.parquet".to_owned(), Status::Applied)
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_meet_apply_each_file_once() {
    let (folder, lake) = on_disk().await;
    // The same folder opened anew is what another process would have.
    let other = throughline::lake::Lake::open(folder.path().to_str().expect("a path")).await.expect("a lake");
    for i in 0..12 {
        let mut columns = good("reviews", 50);
        let ids = (0..50).map(|row| json!(format!("{i}-{row}"))).collect();
        set(&mut columns, "id", "utf8", ids);
        put_rows(&lake, &format!("reviews/{i}.parquet"), &columns).await;
    }
    let runs = [lake.clone(), lake.clone(), other.clone(), other]
        .map(|lake| tokio::spawn(async move { intake::run(&lake, lakes::clock(), |_| {}).await.expect("a run") }));
    for run in runs {
        run.await.expect("no panic");
    }
    assert_eq!(lakes::rows(&lake, "reviews").await.len(), 600);
    let recorded = column(&lake, "ingestions", &["status", "inserted", "updated", "unchanged"]).await;
    assert_eq!(recorded, vec![vec![json!("APPLIED"), json!(50), json!(0), json!(0)]; 12]);
}

#[tokio::test]
async fn progress_ends_at_the_whole() {
    let (_folder, lake) = on_disk().await;
    put_rows(&lake, "reviews/a.parquet", &good("reviews", 3)).await;
    put_rows(&lake, "comments/a.parquet", &good("comments", 3)).await;
    put(&lake, "x.txt", b"x".to_vec()).await;
    let last = std::sync::Mutex::new(None);
    let limits = Limits { settle: Duration::ZERO, ..Limits::default() };
    let seen = |progress: &intake::Progress| *last.lock().expect("not poisoned") = Some(progress.clone());
    run_within(&lake, lakes::clock(), &limits, seen).await.expect("a run");
    let last = last.into_inner().expect("not poisoned").expect("it was called");
    assert_eq!((last.files, last.files_done), (3, 3));
    assert_eq!(last.bytes, last.bytes_done);
}
