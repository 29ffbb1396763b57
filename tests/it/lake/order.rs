//! Whatever the order and grouping in which rows come, the table ends up the same.

use proptest::collection::vec;
use proptest::prelude::*;
use throughline::lake::{Lake, compact, merge};

use super::rows::{DAY, Row, file, latest, stored, things};

fn any_row() -> impl Strategy<Value = Row> {
    let deleted = prop_oneof![3 => Just(None), 1 => Just(Some(false)), 1 => Just(Some(true))];
    let happened_at = prop_oneof![1 => Just(None), 5 => (0..120i64).prop_map(|day| Some(day * DAY))];
    (0..12u8, 0..4i64, deleted, happened_at, proptest::option::of(0..3i64)).prop_map(
        |(id, updated_at, deleted, happened_at, value)| Row {
            id: id.to_string(),
            updated_at,
            deleted,
            happened_at,
            value,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Files, and how many of them are merged at once each time; after some merges the table is compacted.
    #[test]
    fn any_order_gives_the_latest_rows(
        files in vec(vec(any_row(), 1..12), 1..8),
        groups in vec((1..4usize, any::<bool>()), 8),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (held, expected, told) = runtime.block_on(async {
            let lake = Lake::open("memory://").await.unwrap();
            let (mut next, mut told) = (0, 0);
            for (size, compacts) in groups {
                let end = files.len().min(next + size);
                let group: Vec<_> = (next..end).map(|i| file(&i.to_string(), &files[i])).collect();
                let merged = merge(&lake, &things(), group).await.unwrap();
                told += merged.files.iter().map(|file| file.inserted).sum::<u64>();
                for (counts, rows) in merged.files.iter().zip(&files[next..end]) {
                    assert_eq!(counts.inserted + counts.updated + counts.unchanged, rows.len() as u64);
                }
                if compacts {
                    compact::compact(&lake, &things()).await.unwrap();
                }
                next = end;
            }
            let rest: Vec<_> = (next..files.len()).map(|i| file(&i.to_string(), &files[i])).collect();
            let merged = merge(&lake, &things(), rest).await.unwrap();
            told += merged.files.iter().map(|file| file.inserted).sum::<u64>();
            (stored(&lake).await, latest(files.into_iter().flatten()), told)
        });
        prop_assert_eq!(told, held.len() as u64, "every key was inserted once");
        prop_assert_eq!(held, expected);
    }
}
