//! What an issue was at any instant: its status, assignee and points, by walking its changes in order.

use std::collections::BTreeMap;

use super::record::{At, Row};
use super::world::{Issue, Transition, World};

/// A value and from when until when it held; none: since ever, and still.
#[derive(Debug, Clone)]
pub struct Spell {
    pub since: Option<At>,
    pub until: Option<At>,
    pub value: Option<String>,
}

/// The values of a field of an issue, in order; empty: no change of it is known. What was before the first change is
/// the first.
pub fn spells(world: &World, issue: &Row<Issue>, field: &str) -> Vec<Spell> {
    let mut changes: Vec<&Row<Transition>> = world
        .issue_transitions
        .iter()
        .filter(|t| is_of(t, issue) && t.own.field == field && t.own.at.is_some())
        .collect();
    changes.sort_by_key(|t| (t.own.at, t.id.clone()));
    let Some(first) = changes.first() else { return Vec::new() };
    let mut spells = vec![Spell { since: None, until: first.own.at, value: first.own.from_value.clone() }];
    for (number, change) in changes.iter().enumerate() {
        let until = changes.get(number + 1).and_then(|next| next.own.at);
        spells.push(Spell { since: change.own.at, until, value: change.own.to_value.clone() });
    }
    spells
}

/// The spell that holds at an instant: of several changes at once, the last.
pub fn at(spells: &[Spell], at: At) -> Option<&Spell> {
    spells.iter().rev().find(|spell| spell.since.is_none_or(|since| since <= at))
}

/// What each status of each source means: TO_DO, IN_PROGRESS or DONE.
pub fn meanings(world: &World) -> BTreeMap<(String, String), &'static str> {
    let mut said = BTreeMap::<(String, String), BTreeMap<&'static str, usize>>::new();
    for issue in &world.issues {
        if let (Some(status), Some(category)) = (&issue.own.status, issue.own.category) {
            *said.entry((issue.source.clone(), status.clone())).or_default().entry(category).or_default() += 1;
        }
    }
    let changed = world.issue_transitions.iter().filter(|t| t.own.field == "STATUS");
    let named =
        changed.flat_map(|t| [&t.own.from_value, &t.own.to_value].map(|value| (t.source.clone(), value.clone())));
    let now = world.issues.iter().map(|i| (i.source.clone(), i.own.status.clone()));
    let all = named.chain(now).filter_map(|(source, status)| Some((source, status?)));
    let meaning = |key: (String, String)| {
        let votes = said.get(&key).and_then(|votes| {
            let most = votes.values().max()?;
            votes.iter().find(|(_, count)| *count == most).map(|(category, _)| *category)
        });
        let meaning = votes.unwrap_or(usual(&key.1));
        (key, meaning)
    };
    all.map(meaning).collect()
}

/// What a status means by its name.
fn usual(status: &str) -> &'static str {
    match status.trim().to_lowercase().as_str() {
        "to do" | "backlog" => "TO_DO",
        "done" => "DONE",
        _ => "IN_PROGRESS",
    }
}

fn is_of(transition: &Row<Transition>, issue: &Row<Issue>) -> bool {
    transition.source == issue.source && transition.own.issue == issue.id
}
