//! Two writers on one table, each with a handle of its own: no commit is lost, no key stands twice.

use std::sync::Arc;

use throughline::lake::{Lake, merge};

use super::rows::{Row, file, latest, row, stored, things};
use crate::s3::{self, Fault};

/// Two handles, three tasks each, that merge overlapping files at once.
async fn race(one: Lake, two: Lake) {
    const FILES: i64 = 18;
    let rows = |number: i64| -> Vec<Row> {
        (0..40).map(|i| row(&format!("{:03}", (number * 7 + i) % 90), number % 5, i % 3 * 31, number)).collect()
    };
    let start = Arc::new(tokio::sync::Barrier::new(6));
    let tasks: Vec<_> = (0..6)
        .map(|task| {
            let lake = if task % 2 == 0 { one.clone() } else { two.clone() };
            let start = Arc::clone(&start);
            tokio::spawn(async move {
                start.wait().await;
                let (mut retries, mut versions, mut inserted) = (0, Vec::new(), 0);
                for number in (task..FILES).step_by(6) {
                    let merged = merge(&lake, &things(), vec![file(&number.to_string(), &rows(number))]).await.unwrap();
                    retries += merged.retries;
                    versions.extend(merged.version);
                    inserted += merged.files[0].inserted;
                }
                (retries, versions, inserted)
            })
        })
        .collect();
    let (mut retries, mut versions, mut inserted) = (0, Vec::new(), 0);
    for task in tasks {
        let (lost, made, added) = task.await.unwrap();
        retries += lost;
        versions.extend(made);
        inserted += added;
    }
    versions.sort_unstable();
    let expected: Vec<u64> = (0..versions.len() as u64).collect();
    assert_eq!(versions, expected, "every version has one writer");
    let held = stored(&one).await;
    assert_eq!(held, latest((0..FILES).flat_map(rows)));
    assert_eq!(inserted, held.len() as u64, "every key was inserted once");
    assert_eq!(stored(&two).await, held);
    assert!(retries > 0, "the writers never met, so nothing was shown");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_writers_on_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Lake::open(folder.path().to_str().unwrap());
    race(open().await.unwrap(), open().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_writers_on_s3() {
    let server = s3::start().await;
    let open = || Lake::open_with("s3://lake/some/prefix", server.options());
    race(open().await.unwrap(), open().await.unwrap()).await;
}

/// Each merge touches a file in every month, and moves a row from each month to the next: the writers always collide.
#[tokio::test(flavor = "multi_thread")]
async fn two_writers_whose_updates_touch_every_month_on_s3() {
    const MONTHS: i64 = 18;
    let server = s3::start().await;
    let open = || Lake::open_with("s3://lake/years", server.options());
    let (one, two) = (open().await.unwrap(), open().await.unwrap());
    let id = |month: i64, number: i64| format!("{month:02}-{number}");
    let first: Vec<Row> =
        (0..MONTHS).flat_map(|month| (0..10).map(move |n| row(&id(month, n), 0, month * 31, n))).collect();
    merge(&one, &things(), vec![file("first", &first)]).await.unwrap();
    let update = |time: i64| -> Vec<Row> {
        let of_month = |month: i64| {
            let moved = row(&id(month, 9), time, (month + time) % MONTHS * 31, time);
            [row(&id(month, time % 9), time, month * 31, 100 + time), moved]
        };
        (0..MONTHS).flat_map(of_month).collect()
    };
    let write = async |lake: Lake, first: i64| {
        let mut retries = 0;
        for time in (first..=6).step_by(2) {
            let merged = merge(&lake, &things(), vec![file(&time.to_string(), &update(time))]).await.unwrap();
            retries += merged.retries;
        }
        retries
    };
    let (lost_by_one, lost_by_two) = tokio::join!(write(one.clone(), 1), write(two.clone(), 2));
    let expected = latest(first.into_iter().chain((1..=6).flat_map(update)));
    assert_eq!(stored(&one).await, expected);
    assert_eq!(stored(&two).await, expected);
    let files = &one.snapshot().await.unwrap().tables["things"].files;
    let months: std::collections::BTreeSet<_> = files.iter().map(|file| file.month.clone()).collect();
    assert_eq!(months.len(), MONTHS as usize, "{files:?}");
    assert!(lost_by_one + lost_by_two > 0, "the writers never met, so nothing was shown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_ignores_conditions_is_refused() {
    let server = s3::start_bad(Fault::IgnoresConditions).await;
    let lake = Lake::open_with("s3://lake/x", server.options()).await.unwrap();
    let error = merge(&lake, &things(), vec![file("one", &[row("a", 1, 0, 1)])]).await.unwrap_err();
    assert!(error.to_string().contains("conditional writes"), "{error:?}");
    assert!(stored(&lake).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_got_lost_is_known_for_ones_own() {
    let server = s3::start_bad(Fault::LosesCommitAnswers).await;
    let lake = Lake::open_with("s3://lake/x", server.options()).await.unwrap();
    for version in 0..2 {
        let name = version.to_string();
        let merged = merge(&lake, &things(), vec![file(&name, &[row(&name, 1, 0, 1)])]).await.unwrap();
        assert_eq!((merged.version, merged.retries, merged.files[0].inserted), (Some(version), 0, 1));
    }
    assert_eq!(stored(&lake).await, [row("0", 1, 0, 1), row("1", 1, 0, 1)]);
}

#[tokio::test]
async fn a_store_that_refuses_is_named_with_a_remedy() {
    let server = s3::start().await;
    let wrong_key = server.options().into_iter().chain([("AWS_ACCESS_KEY_ID".to_owned(), "wrong".to_owned())]);
    let error = Lake::open_with("s3://lake/x", wrong_key).await.unwrap_err();
    let text = format!("{error:#}");
    assert!(text.contains("s3://lake/x") && text.contains("AWS_ACCESS_KEY_ID"), "{text}");
    assert!(!text.contains("not-a-secret"), "{text}");
}
