//! Everybody as an account, there from the day of the first thing it did to that of the last: what holds before anybody
//! said who they are.

use std::collections::BTreeMap;

use super::facts::is_bot;
use super::record::At;
use super::whose::{Account, People, Someone};
use super::world::World;

const DAY_MICROS: i64 = 86_400_000_000;

/// The accounts of a world as people.
pub fn alone(world: &World) -> People {
    let mut did = BTreeMap::<Account, Vec<At>>::new();
    let mut note = |source: &str, login: &Option<String>, at: Option<At>| {
        if let Some(login) = login.as_ref().filter(|login| !login.is_empty()) {
            did.entry((source.to_owned(), login.clone())).or_default().extend(at);
        }
    };
    for row in &world.accounts {
        note(&row.source, &Some(row.own.login.clone()), None);
    }
    for row in &world.commits {
        note(&row.source, &Some(row.own.author.clone()), row.own.authored_at);
    }
    for row in &world.pull_request_commits {
        let author = row.own.author.as_ref();
        let has_commits = world.commits.iter().any(|c| c.source == row.source && Some(&c.own.author) == author);
        if !has_commits {
            note(&row.source, &row.own.author, row.own.authored_at);
        }
    }
    for row in &world.pull_requests {
        note(&row.source, &Some(row.own.author.clone()), row.own.created_at);
    }
    for row in &world.reviews {
        note(&row.source, &Some(row.own.reviewer.clone()), row.own.submitted_at);
    }
    for row in &world.comments {
        note(&row.source, &Some(row.own.author.clone()), row.own.created_at);
    }
    for row in &world.issues {
        note(&row.source, &row.own.reporter, row.own.created_at);
        note(&row.source, &row.own.assignee, row.own.completed_at.or(row.own.started_at));
    }
    for row in world.issue_transitions.iter().filter(|t| t.own.field == "ASSIGNEE") {
        note(&row.source, &row.own.from_value, None);
        note(&row.source, &row.own.to_value, None);
    }
    let someone = |((source, login), times): (Account, Vec<At>)| {
        let day = |at: &At| at.timestamp_micros().div_euclid(DAY_MICROS);
        let (first, last) = (times.iter().map(day).min(), times.iter().map(day).max());
        Someone {
            key: format!("account:{source}/{login}"),
            bot: is_bot(world, &source, &login),
            present: first.zip(last).map_or((0, 0), |(first, last)| (first * DAY_MICROS, (last + 1) * DAY_MICROS)),
            stays: Vec::new(),
            accounts: vec![(source, login)],
        }
    };
    People { people: did.into_iter().map(someone).collect(), ..People::default() }
}
