//! Compaction, vacuum, checkpoints, and what a reader sees through a session.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, new_null_array};
use chrono::TimeDelta;
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;
use object_store::path::Path;
use throughline::lake::{Incoming, Lake, compact, merge, scan};

use super::rows::{DAY, file, row, stored, things};

async fn parquet_files(lake: &Lake) -> usize {
    let all: Vec<_> = lake.store().list(Some(&Path::from("tables/things"))).try_collect().await.unwrap();
    all.iter().filter(|file| file.location.as_ref().contains("month=")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_small_merges_leave_few_files_and_readable_history() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path().to_str().unwrap()).await.unwrap();
    let mut expected = Vec::new();
    for i in 0..25 {
        let row = row(&format!("{i:02}"), 1, i % 3, i);
        merge(&lake, &things(), vec![file(&i.to_string(), std::slice::from_ref(&row))]).await.unwrap();
        expected.push(row);
    }
    assert_eq!(stored(&lake).await, expected);
    let snapshot = lake.snapshot().await.unwrap();
    assert_eq!(snapshot.tables["things"].version, 24);
    assert_eq!(snapshot.tables["things"].files.len(), 1, "small files are taken along");
    let checkpoint = Path::from("tables/things/_delta_log/00000000000000000020.checkpoint.parquet");
    assert!(object_store::ObjectStoreExt::head(&lake.store(), &checkpoint).await.is_ok());
    let fresh = Lake::open(folder.path().to_str().unwrap()).await.unwrap();
    assert_eq!(stored(&fresh).await, expected, "a reader that starts at the checkpoint");
    assert_eq!(fresh.snapshot().await.unwrap().id, snapshot.id);

    assert_eq!(parquet_files(&lake).await, 25);
    let kept = compact::vacuum(&lake, &things(), TimeDelta::days(7)).await.unwrap();
    assert_eq!(kept.files, 0, "a week's files stay for readers");
    let vacuumed = compact::vacuum(&lake, &things(), TimeDelta::seconds(-60)).await.unwrap();
    assert_eq!(vacuumed.files, 24);
    assert_eq!(parquet_files(&lake).await, 1);
    assert_eq!(stored(&lake).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_joins_the_files_of_a_month() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path().to_str().unwrap()).await.unwrap();
    // Each larger than what a merge takes along: the files before are more than twice its size.
    for (name, rows) in [("a", 180_000), ("b", 85_000), ("c", 40_000)] {
        let rows: Vec<_> = (0..rows).map(|i| row(&format!("{name}{i:06}"), 1, i % 9, i)).collect();
        merge(&lake, &things(), vec![file(name, &rows)]).await.unwrap();
    }
    let early = compact::compact(&lake, &things()).await.unwrap();
    assert_eq!((early.version, early.files_before), (None, 3), "three files are few");
    let rows: Vec<_> = (0..17_000).map(|i| row(&format!("d{i:06}"), 1, i % 9, i)).collect();
    merge(&lake, &things(), vec![file("d", &rows)]).await.unwrap();
    let before = stored(&lake).await;
    let loose = lake.snapshot().await.unwrap();
    let compacted = compact::compact(&lake, &things()).await.unwrap();
    assert_eq!((compacted.files_before, compacted.files_after), (4, 1));
    assert!(compacted.version.is_some());
    assert_eq!(stored(&lake).await, before);
    assert_eq!(compact::compact(&lake, &things()).await.unwrap().version, None);
    let fresh = Lake::open(folder.path().to_str().unwrap()).await.unwrap();
    for lake in [&lake, &fresh] {
        let joined = lake.snapshot().await.unwrap();
        assert_eq!((joined.tables["things"].version, joined.tables["things"].contents), (4, 3));
        assert_eq!(joined.id, loose.id, "the rows are the same");
        assert_eq!(joined.tables["things"].months, loose.tables["things"].months, "in every month");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_sees_exactly_the_snapshot() {
    let lake = Lake::open("memory://").await.unwrap();
    let rows: Vec<_> = (0..1000).map(|i| row(&format!("{i:04}"), 1, i, i)).collect();
    merge(&lake, &things(), vec![file("one", &rows)]).await.unwrap();
    let pinned = lake.snapshot().await.unwrap();
    merge(&lake, &things(), vec![file("two", &[row("0000", 2, 0, 1_000_000)])]).await.unwrap();

    let ctx = SessionContext::new();
    scan::register_store(&lake, &ctx);
    let provider = scan::provider(&lake, things().schema(), &pinned.tables["things"].files);
    ctx.register_table("things", provider).unwrap();
    let sql = format!(
        "SELECT sum(value) AS total, count(*) AS rows FROM things WHERE happened_at >= arrow_cast({}, 'Timestamp(µs, \"UTC\")')",
        900 * DAY
    );
    let batches = ctx.sql(&sql).await.unwrap().collect().await.unwrap();
    let text = arrow::util::pretty::pretty_format_batches(&batches).unwrap().to_string();
    assert!(text.contains("| 94950 | 100  |"), "{text}");
    let all = ctx.sql("SELECT count(*) AS n, max(value) AS m FROM things").await.unwrap().collect().await.unwrap();
    let text = arrow::util::pretty::pretty_format_batches(&all).unwrap().to_string();
    assert!(text.contains("| 1000 | 999 |"), "{text}");

    let empty = scan::provider(&lake, things().schema(), &[]);
    let none = ctx.read_table(empty).unwrap().select_columns(&["value", "id"]).unwrap().count().await.unwrap();
    assert_eq!(none, 0);
    let ctx = SessionContext::new();
    scan::register_store(&lake, &ctx);
    scan::register_tables(&lake, &pinned, &ctx).unwrap();
    let builds = ctx.sql("SELECT count(*) FROM builds WHERE id = 'x'").await.unwrap().collect().await.unwrap();
    assert_eq!(builds[0].num_rows(), 1, "a table that was never written is empty");
}

#[tokio::test]
async fn a_snapshot_is_as_old_as_it_may_be() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Lake::open(folder.path().to_str().unwrap());
    let (lake, other) = (open().await.unwrap(), open().await.unwrap());
    lake.refresh_after(std::time::Duration::from_secs(3600));
    let before = lake.snapshot().await.unwrap();
    merge(&other, &things(), vec![file("one", &[row("a", 1, 0, 1)])]).await.unwrap();
    assert_eq!(lake.snapshot().await.unwrap().id, before.id, "it was read within the hour");
    lake.refresh_after(std::time::Duration::ZERO);
    assert_eq!(lake.snapshot().await.unwrap().id, other.snapshot().await.unwrap().id);
}

#[tokio::test]
async fn a_table_without_event_time_lies_in_one_folder() {
    let table = throughline::model::table("accounts").unwrap();
    let account = |updated_at: i64, name: &str| {
        let schema = table.schema();
        let columns = schema.fields().iter().map(|field| match field.name().as_str() {
            "source" | "id" | "login" => Arc::new(StringArray::from(vec!["ann"])) as ArrayRef,
            "name" => Arc::new(StringArray::from(vec![name])),
            "updated_at" => Arc::new(TimestampMicrosecondArray::from(vec![updated_at]).with_timezone("UTC")),
            _ => new_null_array(field.data_type(), 1),
        });
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns.collect()).unwrap();
        Incoming { file: name.to_owned(), rows: vec![batch] }
    };
    let lake = Lake::open("memory://").await.unwrap();
    merge(&lake, table, vec![account(2, "Ann")]).await.unwrap();
    merge(&lake, table, vec![account(1, "Old"), account(3, "New")]).await.unwrap();
    let snapshot = lake.snapshot().await.unwrap();
    let files = &snapshot.tables["accounts"].files;
    assert!(files[0].path.as_ref().starts_with("tables/accounts/part-") && files[0].month.is_none(), "{files:?}");
    let ctx = SessionContext::new();
    scan::register_store(&lake, &ctx);
    scan::register_tables(&lake, &snapshot, &ctx).unwrap();
    let names = ctx.sql("SELECT name FROM accounts").await.unwrap().collect().await.unwrap();
    let text = arrow::util::pretty::pretty_format_batches(&names).unwrap().to_string();
    assert!(text.contains("| New  |") && text.lines().count() == 5, "{text}");
}

#[tokio::test]
async fn a_table_grows_a_column() {
    let lake = Lake::open("memory://").await.unwrap();
    merge(&lake, &things(), vec![file("one", &[row("a", 1, 0, 1), row("b", 1, 0, 1)])]).await.unwrap();
    let wide = throughline::model::Table::parse(
        "things",
        r#"
        description = "Things."
        event_time = "happened_at"
        sort = ["happened_at"]
        [[columns]]
        name = "happened_at"
        type = "timestamp"
        description = "When."
        [[columns]]
        name = "colours"
        type = "list<string>"
        description = "New."
        [[columns]]
        name = "value"
        type = "int"
        description = "What."
        "#,
    )
    .unwrap();
    let narrow = file("two", &[row("a", 2, 0, 2)]).rows.remove(0);
    let mut columns = narrow.columns().to_vec();
    columns.insert(6, new_null_array(wide.schema().field(6).data_type(), 1));
    let batch = RecordBatch::try_new(wide.schema(), columns).unwrap();
    let incoming = Incoming { file: "two".to_owned(), rows: vec![batch] };
    merge(&lake, &wide, vec![incoming]).await.unwrap();
    assert_eq!(stored(&lake).await, [row("a", 2, 0, 2), row("b", 1, 0, 1)]);
    // Written by the older declaration again: nothing is lost, and the log keeps the column.
    merge(&lake, &things(), vec![file("three", &[row("c", 2, 0, 2)])]).await.unwrap();
    let ctx = SessionContext::new();
    scan::register_store(&lake, &ctx);
    let files = lake.refresh().await.unwrap().tables["things"].files.to_vec();
    ctx.register_table("things", scan::provider(&lake, wide.schema(), &files)).unwrap();
    let counted = ctx.sql("SELECT count(*) - count(colours) AS n FROM things").await.unwrap().collect().await.unwrap();
    let text = arrow::util::pretty::pretty_format_batches(&counted).unwrap().to_string();
    assert!(text.contains("| 3 |"), "{text}");
}

#[tokio::test]
async fn a_table_that_was_deleted_by_hand_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path().to_str().unwrap()).await.unwrap();
    for i in 0..12 {
        merge(&lake, &things(), vec![file("x", &[row("a", i, 0, i)])]).await.unwrap();
    }
    std::fs::remove_dir_all(folder.path().join("tables/things")).unwrap();
    let other = Lake::open(folder.path().to_str().unwrap()).await.unwrap();
    merge(&other, &things(), vec![file("y", &[row("b", 1, 0, 1)])]).await.unwrap();
    let merged = merge(&lake, &things(), vec![file("z", &[row("c", 1, 0, 1)])]).await.unwrap();
    assert_eq!(merged.version, Some(1));
    assert_eq!(stored(&lake).await, [row("b", 1, 0, 1), row("c", 1, 0, 1)]);
}

#[tokio::test]
async fn a_month_is_known_by_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path().to_str().unwrap()).await.unwrap();
    let months = async |lake: &Lake| lake.refresh().await.unwrap().tables["things"].months.clone();
    let (january, february) = (Some("1970-01".to_owned()), Some("1970-02".to_owned()));
    merge(&lake, &things(), vec![file("one", &[row("a", 1, 0, 1), row("b", 1, 0, 1), row("c", 1, 40, 1)])])
        .await
        .unwrap();
    let first = months(&lake).await;
    assert_eq!(first.keys().collect::<Vec<_>>(), [&january, &february]);

    // One row more in one month.
    merge(&lake, &things(), vec![file("two", &[row("d", 1, 40, 1)])]).await.unwrap();
    let second = months(&lake).await;
    assert_eq!(second[&january], first[&january]);
    assert_ne!(second[&february], first[&february]);

    // A row goes from one month to the other: both have other rows.
    merge(&lake, &things(), vec![file("three", &[row("a", 2, 40, 1)])]).await.unwrap();
    let third = months(&lake).await;
    assert!(third[&january] != second[&january] && third[&february] != second[&february]);

    // However often the rows are only written anew, and whoever reads, from the log's start or from a checkpoint.
    for _ in 0..12 {
        let rewritten = compact::compact_from(&lake, &things(), 1).await.unwrap();
        assert_eq!((rewritten.files_before, rewritten.files_after), (2, 2));
    }
    assert_eq!(months(&lake).await, third);
    let checkpoint = Path::from("tables/things/_delta_log/00000000000000000010.checkpoint.parquet");
    assert!(object_store::ObjectStoreExt::head(&lake.store(), &checkpoint).await.is_ok());
    assert_eq!(months(&Lake::open(folder.path().to_str().unwrap()).await.unwrap()).await, third);

    // The last row of a month goes: nothing of it is left.
    merge(&lake, &things(), vec![file("four", &[row("b", 2, 40, 1)])]).await.unwrap();
    assert_eq!(months(&lake).await.keys().collect::<Vec<_>>(), [&february]);
}
