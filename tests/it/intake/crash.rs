//! Kills intake for real, again and again, and lets two processes at one lake: nothing is lost, nothing applied twice.

use std::ops::Range;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use serde_json::{Map, Value, json};
use throughline::lake::Lake;

use super::files::{good, set};
use super::lakes::{self, on_disk, put_rows};

/// Files with keys of their own; all files; rows of each.
const FILES: usize = 40;
const ALL: usize = FILES + 7;
const ROWS: usize = 60;
const ROUNDS: usize = 15;

/// Many files of two tables, each with keys of its own, some that all change the same keys, and a bad one. Drops those
/// whose number is in `which`.
async fn drop_files(lake: &Lake, which: Range<usize>) {
    for i in which {
        if i < FILES {
            let table = ["pull_requests", "reviews"][i % 2];
            let mut columns = good(table, ROWS);
            set(&mut columns, "id", "utf8", (0..ROWS).map(|row| json!(format!("{i}-{row}"))).collect());
            let months = (0..ROWS).map(|row| json!(format!("2025-{:02}-01T00:00:00Z", row % 12 + 1))).collect();
            let event = if table == "reviews" { "submitted_at" } else { "created_at" };
            set(&mut columns, event, "timestamp(us,UTC)", months);
            put_rows(lake, &format!("{table}/own-{i:02}.parquet"), &columns).await;
        } else if i < ALL - 1 {
            let mut columns = good("comments", ROWS);
            let day = |row: usize| json!(format!("2026-01-{:02}T00:00:00Z", (i * 7 + row) % 28 + 1));
            set(&mut columns, "updated_at", "timestamp(us,UTC)", (0..ROWS).map(day).collect());
            set(&mut columns, "author", "utf8", vec![json!(format!("of file {i}")); ROWS]);
            put_rows(lake, &format!("comments/shared-{i}.parquet"), &columns).await;
        } else {
            put_rows(lake, "reviews/bad.parquet", &good("comments", 2)).await;
        }
    }
}

fn start(lake: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_throughline"))
        .args(["intake", "--lake"])
        .arg(format!("file://{}", lake.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts")
}

/// Runs to the end. One file is refused, so the exit code says 1.
fn finish(lake: &Path) {
    let status = start(lake).wait().expect("it ends");
    assert_eq!(status.code(), Some(1), "one file is refused");
}

/// Everything that must not depend on crashes: the tables, and what is said of each file. Files that share keys may count
/// them otherwise when they are merged in other company; their rows add up nevertheless.
async fn contents(lake: &Lake) -> Vec<Vec<Map<String, Value>>> {
    let mut all = Vec::new();
    for table in ["pull_requests", "reviews", "comments"] {
        all.push(lakes::rows(lake, table).await);
    }
    let mut ingestions = lakes::rows(lake, "ingestions").await;
    for row in &mut ingestions {
        let volatile = ["id", "updated_at", "started_at", "took_ms", "retries", "table_version"];
        row.retain(|name, _| !volatile.contains(&name.as_str()));
        if row["table"] == "comments" {
            let count = |name: &str| row[name].as_u64().expect("a count");
            assert_eq!(count("inserted") + count("updated") + count("unchanged"), count("rows_read"));
            row.retain(|name, _| !["inserted", "updated", "unchanged"].contains(&name.as_str()));
        }
    }
    ingestions.sort_by_key(|row| row["file"].to_string());
    all.push(ingestions);
    all
}

/// What one run that nobody disturbs makes, and how long it takes.
async fn undisturbed() -> (Vec<Vec<Map<String, Value>>>, Duration) {
    let (folder, lake) = on_disk().await;
    drop_files(&lake, 0..ALL).await;
    let since = Instant::now();
    finish(folder.path());
    let whole = since.elapsed();
    let expected = contents(&lake).await;
    assert_eq!(expected.iter().map(Vec::len).collect::<Vec<_>>(), [20 * ROWS, 20 * ROWS, ROWS, ALL]);
    (expected, whole)
}

#[tokio::test]
async fn a_kill_at_any_moment_loses_nothing_and_applies_nothing_twice() {
    let (expected, whole) = undisturbed().await;
    let seed = std::env::var("SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(7);
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let (folder, lake) = on_disk().await;
    let mut killed = 0;
    for round in 0..ROUNDS {
        // Each round has something new to do, so that each kill can hit a commit or what follows it.
        drop_files(&lake, ALL * round / ROUNDS..ALL * (round + 1) / ROUNDS).await;
        let mut child = start(folder.path());
        tokio::time::sleep(whole.mul_f64(random.random_range(0.05..1.0))).await;
        // SIGKILL: nothing of the process runs after it.
        child.kill().expect("killed");
        let status = child.wait().expect("it ends");
        killed += usize::from(status.code().is_none());
    }
    assert!(killed >= ROUNDS / 3, "{killed} of {ROUNDS} runs were cut off");
    finish_after_all(folder.path());
    assert_eq!(contents(&lake).await, expected, "seed {seed}");
}

/// The last run may have nothing left to refuse.
fn finish_after_all(lake: &Path) {
    let status = start(lake).wait().expect("it ends");
    assert!(matches!(status.code(), Some(0 | 1)), "{status}");
}

#[tokio::test]
async fn two_processes_on_one_lake_share_the_work() {
    let (expected, _) = undisturbed().await;
    let (folder, lake) = on_disk().await;
    drop_files(&lake, 0..ALL).await;
    let children: Vec<Child> = (0..2).map(|_| start(folder.path())).collect();
    // One of three is killed in the middle of it.
    let mut third = start(folder.path());
    tokio::time::sleep(Duration::from_millis(300)).await;
    third.kill().expect("killed");
    third.wait().expect("it ends");
    for mut child in children {
        let status = child.wait().expect("it ends");
        assert!(matches!(status.code(), Some(0 | 1)), "{status}");
    }
    finish_after_all(folder.path());
    assert_eq!(contents(&lake).await, expected);
}
