//! Changes of people and settings: none is lost and none is made of an older state, whoever else writes.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use throughline::clock::Clock;
use throughline::lake::{Lake, compact};
use throughline::model;
use throughline::people::document::Contributor;
use throughline::people::records::Records;
use throughline::people::{Author, Code, Door, Fault, People, Seen};

const WRITERS: usize = 4;
const CHANGES: usize = 6;

fn author() -> Author {
    Author { actor: "tester".to_owned(), door: Door::Cli }
}

fn at(day: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).expect("a time") + TimeDelta::days(day)
}

async fn people(folder: &std::path::Path, clock: Clock) -> People {
    let lake = Lake::open(&folder.display().to_string()).await.expect("the lake opens");
    People::new(lake, chrono_tz::UTC, clock)
}

async fn records(people: &People) -> Arc<Records> {
    let snapshot = people.lake().refresh().await.expect("a snapshot");
    people.records(&snapshot).await.expect("records")
}

/// Adds a contributor, and counts all of them in the name of one called "counter".
async fn add(people: &People, id: &str) {
    let (author, seen) = (author(), Arc::new(Seen::default()));
    let changed = people.change(&author, "TEST", "adds one", &seen, |draft, _| {
        draft.put(id, Contributor { name: id.to_owned(), ..Contributor::default() });
        let others = draft.records().contributors.keys().filter(|key| *key != "counter").count();
        draft.put("counter", Contributor { name: others.to_string(), ..Contributor::default() });
        Ok(())
    });
    assert!(changed.await.expect("it is written").expect("no fault").seq.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_of_several_servers_lose_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let servers = [people(folder.path(), Clock::System).await, people(folder.path(), Clock::System).await];
    let writers = (0..WRITERS).map(|writer| {
        let people = servers[writer % servers.len()].clone();
        tokio::spawn(async move {
            for change in 0..CHANGES {
                add(&people, &format!("{writer}-{change}")).await;
            }
        })
    });
    for writer in futures::future::join_all(writers).await {
        writer.expect("a writer ends well");
    }
    for people in &servers {
        let records = records(people).await;
        assert_eq!(records.contributors.len(), WRITERS * CHANGES + 1);
        // Each change counted all before it, hence was made of them.
        assert_eq!(records.contributors["counter"].name, (WRITERS * CHANGES).to_string());
        assert_eq!(records.seq, (WRITERS * CHANGES) as i64);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_earlier_state_can_be_read_also_after_a_compaction() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut watching = people(folder.path(), Clock::System).await;
    for day in 0..12 {
        let people = people(folder.path(), Clock::Fixed(at(10 * day))).await;
        add(&people, &format!("p{day}")).await;
        assert_eq!(records(&watching).await.seq, day + 1, "what was read before is brought up to date");
    }
    let table = model::table("edits").expect("a table");
    let lake = watching.lake().clone();
    compact::compact(&lake, table).await.expect("it is compacted");
    for round in 0..2 {
        let snapshot = lake.refresh().await.expect("a snapshot");
        for day in 0..12 {
            let then = watching.records_at(&snapshot, at(10 * day)).await.expect("records");
            assert_eq!((then.seq, then.contributors.len()), (day + 1, day as usize + 2));
        }
        assert_eq!(watching.records_at(&snapshot, at(-1)).await.expect("records").seq, 0);
        assert_eq!(records(&watching).await.contributors.len(), 13, "round {round}");
        watching = people(folder.path(), Clock::System).await;
    }
}

#[tokio::test]
async fn a_fault_writes_nothing_and_no_difference_is_no_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let people = people(folder.path(), Clock::System).await;
    add(&people, "ann").await;
    let (author, seen) = (author(), Arc::new(Seen::default()));
    let refused = people.change(&author, "TEST", "half of it", &seen, |draft, _| {
        draft.put("bob", Contributor::default());
        Err::<(), _>(vec![Fault::new(Code::NotFound, "nobody")])
    });
    assert_eq!(refused.await.expect("it runs").expect_err("a fault")[0].code, Code::NotFound);
    let same = people.change(&author, "TEST", "the same", &seen, |draft, _| {
        let ann = draft.get::<Contributor>("ann").cloned().unwrap_or_default();
        draft.put("ann", ann);
        Ok(())
    });
    assert_eq!(same.await.expect("it runs").expect("no fault").seq, None);
    let records = records(&people).await;
    assert_eq!((records.seq, records.contributors.contains_key("bob")), (1, false));
}
