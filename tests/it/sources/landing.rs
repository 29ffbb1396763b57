//! The writer of landing files: what goes in comes out, cut where it was asked to be.

use std::sync::Arc;

use object_store::memory::InMemory;
use object_store::path::Path;
use throughline::model;
use throughline::sources::landing::{Landing, LandingWriter, Written};
use throughline::sources::rows::Rows;

use super::support::{batches, files};

fn accounts(from: usize, to: usize) -> arrow::array::RecordBatch {
    let mut rows = Rows::new(model::table("accounts").expect("a table"));
    for n in from..to {
        let (id, name) = (format!("a{n}"), format!("Person {n}"));
        rows.row("test", &id, n as i64).text("login", id.as_str()).text("name", name.as_str());
    }
    rows.take().expect("a batch")
}

#[tokio::test]
async fn cuts_follow_rows_and_not_batches() {
    let table = model::table("accounts").expect("a table");
    let mut stores = Vec::new();
    for step in [7, 25] {
        let store = Arc::new(InMemory::new());
        let mut writer = LandingWriter::new(store.clone(), &Path::from("landing"), table, "test", "people", 10);
        for from in (0..25).step_by(step) {
            writer.push(accounts(from, (from + step).min(25))).await.expect("pushed");
        }
        let written = writer.finish().await.expect("written");
        assert_eq!((written.files, written.rows), (3, 25));
        stores.push(files(store.as_ref(), "").await);
    }
    let rows = |files: &[(String, bytes::Bytes)]| -> Vec<(String, Vec<_>)> {
        files.iter().map(|(path, bytes)| (path.clone(), batches(bytes.clone()))).collect()
    };
    assert_eq!(rows(&stores[0]), rows(&stores[1]));
    let paths: Vec<&str> = stores[0].iter().map(|(path, _)| path.as_str()).collect();
    let path = |n| format!("landing/accounts/test/people-0000{n}.parquet");
    assert_eq!(paths, [path(0), path(1), path(2)]);
    let read = batches(stores[0][1].1.clone());
    assert_eq!(arrow::compute::concat_batches(&table.schema(), &read).expect("one batch"), accounts(10, 20));
}

#[tokio::test]
async fn a_cut_ends_only_files_that_are_worth_it() {
    let table = model::table("accounts").expect("a table");
    let store = Arc::new(InMemory::new());
    let mut landing = Landing::new(store.clone(), Path::from("landing"), "people");
    landing.push(table, "test", accounts(0, 5)).await.expect("pushed");
    landing.cut(6).await.expect("nothing to cut");
    landing.push(table, "test", accounts(5, 8)).await.expect("pushed");
    landing.cut(6).await.expect("cut");
    landing.push(table, "test", accounts(8, 9)).await.expect("pushed");
    landing.push(table, "other", accounts(0, 0)).await.expect("no rows, no file");
    let written = landing.finish().await.expect("written");
    let bytes = written["accounts"].bytes;
    assert_eq!(written["accounts"], Written { files: 2, rows: 9, bytes });
    let rows: Vec<usize> = files(store.as_ref(), "landing")
        .await
        .into_iter()
        .map(|(_, bytes)| batches(bytes).iter().map(|batch| batch.num_rows()).sum())
        .collect();
    assert_eq!(rows, [8, 1]);
}
