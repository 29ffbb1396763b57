//! What one merge does: counts, moves between months, tombstones, ties, and what other engines see in the log.

use object_store::ObjectStoreExt;
use object_store::path::Path;
use serde_json::Value;
use throughline::lake::{FileCounts, Lake, merge, recorded_counts};

use super::rows::{Row, file, latest, row, stored, things};

fn counts(file: &str, inserted: u64, updated: u64, unchanged: u64) -> FileCounts {
    FileCounts { file: file.to_owned(), inserted, updated, unchanged }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_say_what_became_of_every_row() {
    let lake = Lake::open("memory://").await.unwrap();
    let table = things();
    let first = [row("a", 1, 0, 1), row("b", 1, 40, 1), row("b", 1, 40, 1)];
    let merged = merge(&lake, &table, vec![file("one", &first)]).await.unwrap();
    assert_eq!((merged.version, merged.retries), (Some(0), 0));
    assert_eq!(merged.files, [counts("one", 2, 0, 1)]);

    let again = merge(&lake, &table, vec![file("one", &first)]).await.unwrap();
    assert_eq!(again.version, None, "the same file changes nothing");
    assert_eq!(again.files, [counts("one", 0, 0, 3)]);

    let two = [row("a", 2, 0, 2), row("c", 1, 0, 1)];
    let three = [row("a", 1, 0, 9), row("b", 0, 40, 9), row("c", 2, 0, 2)];
    let merged = merge(&lake, &table, vec![file("two", &two), file("three", &three)]).await.unwrap();
    assert_eq!(merged.files, [counts("two", 0, 1, 1), counts("three", 1, 0, 2)]);
    assert_eq!(stored(&lake).await, [row("a", 2, 0, 2), row("b", 1, 40, 1), row("c", 2, 0, 2)]);

    let recorded = recorded_counts(&lake, &table, &["two", "one", "never"]).await.unwrap();
    let expected = [counts("two", 0, 1, 1), counts("one", 2, 0, 1)].map(|counts| (counts.file.clone(), counts));
    assert_eq!(recorded, expected.into());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_moves_its_row_to_another_month() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path().to_str().unwrap()).await.unwrap();
    let table = things();
    merge(&lake, &table, vec![file("one", &[row("a", 1, 0, 1), row("b", 1, 0, 1)])]).await.unwrap();
    let unknown = Row { happened_at: None, ..row("b", 2, 0, 2) };
    merge(&lake, &table, vec![file("two", &[row("a", 2, 35, 2), unknown.clone()])]).await.unwrap();
    assert_eq!(stored(&lake).await, [row("a", 2, 35, 2), unknown]);
    let snapshot = lake.snapshot().await.unwrap();
    let months: Vec<_> = snapshot.tables["things"].files.iter().map(|file| file.month.as_deref()).collect();
    assert_eq!(months, [Some("1970-02"), None]);
    let paths: Vec<_> = snapshot.tables["things"].files.iter().map(|file| file.path.to_string()).collect();
    assert!(paths[0].starts_with("tables/things/month=1970-02/part-"), "{paths:?}");
    assert!(paths[1].starts_with("tables/things/month=__HIVE_DEFAULT_PARTITION__/part-"), "{paths:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tombstone_keeps_older_rows_out() {
    let lake = Lake::open("memory://").await.unwrap();
    let table = things();
    let gone = Row { deleted: Some(true), happened_at: None, value: None, ..row("a", 5, 0, 0) };
    merge(&lake, &table, vec![file("one", &[row("a", 1, 0, 1), row("b", 1, 0, 1)])]).await.unwrap();
    let merged = merge(&lake, &table, vec![file("two", std::slice::from_ref(&gone))]).await.unwrap();
    assert_eq!(merged.files, [counts("two", 0, 1, 0)]);
    let merged = merge(&lake, &table, vec![file("late", &[row("a", 4, 0, 4)])]).await.unwrap();
    assert_eq!(merged.version, None);
    assert_eq!(stored(&lake).await, [gone, row("b", 1, 0, 1)]);
    let snapshot = lake.snapshot().await.unwrap();
    let table = &snapshot.tables["things"];
    assert_eq!((table.rows, table.tombstones), (1, Some(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_times_are_decided_by_content() {
    let rows = [row("a", 1, 0, 7), row("a", 1, 33, 3), row("a", 1, 33, 5)];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let lake = Lake::open("memory://").await.unwrap();
        for i in order {
            merge(&lake, &things(), vec![file(&i.to_string(), &rows[i..=i])]).await.unwrap();
        }
        assert_eq!(stored(&lake).await, latest(rows.clone()), "{order:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_what_other_engines_expect() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path().to_str().unwrap()).await.unwrap();
    let (first, last) = (row("a", 1_000_001, 0, 1), row("z", 2_000_000, 3, 1));
    merge(&lake, &things(), vec![file("one", &[last, first])]).await.unwrap();
    let path = Path::from("tables/things/_delta_log/00000000000000000000.json");
    let text = lake.store().get(&path).await.unwrap().bytes().await.unwrap();
    let lines: Vec<Value> =
        text.split(|byte| *byte == b'\n').map(|line| serde_json::from_slice(line).unwrap()).collect();
    assert_eq!(lines[0]["commitInfo"]["operation"], "MERGE");
    assert_eq!(lines[1]["protocol"], serde_json::json!({"minReaderVersion": 1, "minWriterVersion": 2}));
    assert_eq!(lines[2]["metaData"]["partitionColumns"], serde_json::json!(["month"]));
    let add = &lines[3]["add"];
    assert_eq!(add["partitionValues"]["month"], "1970-01");
    let stats: Value = serde_json::from_str(add["stats"].as_str().unwrap()).unwrap();
    assert_eq!(stats["numRecords"], 2);
    assert_eq!((&stats["minValues"]["id"], &stats["maxValues"]["id"]), (&"a".into(), &"z".into()));
    assert_eq!(stats["minValues"]["updated_at"], "1970-01-01T00:00:01.000001Z");
    assert_eq!(stats["maxValues"]["happened_at"], "1970-01-04T00:00:00.000000Z");
    assert_eq!(stats["nullCount"]["happened_at"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_do_not_fit_are_refused_whole() {
    let lake = Lake::open("memory://").await.unwrap();
    let mut incoming = file("odd", &[row("a", 1, 0, 1)]);
    incoming.rows[0] = incoming.rows[0].project(&[0, 1, 2]).unwrap();
    let error = merge(&lake, &things(), vec![file("good", &[row("b", 1, 0, 1)]), incoming]).await.unwrap_err();
    assert!(error.to_string().contains("odd"), "{error}");
    assert!(stored(&lake).await.is_empty());
}
