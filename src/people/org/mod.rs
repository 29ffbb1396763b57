//! Org trees as they are today and ever were, the relation that plans read, and all that changes them: builds from what
//! is known of contributors, and edits by hand.

pub mod attribution;
pub mod build;
pub mod days;
pub mod edit;
pub mod forest;
pub mod members;
pub mod path;
pub mod rule;
pub mod settings;
#[cfg(test)]
pub(super) mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;
use chrono::NaiveDate;

pub use attribution::attribution;
use days::Days;
use forest::Forest;

use super::directory::{Org, ParentSpan, Resolved, TeamNode, Tree};
use super::records::Records;

/// The org trees of records, as they are on a day. A team that does not exist that day is shown as it was on its last
/// day, or will be on its first.
///
/// # Errors
/// When the documents contradict each other, which no change allows.
pub fn org(records: &Records, resolved: &Resolved, today: NaiveDate) -> Result<Org> {
    let forest = Forest::new(records)?;
    let mut spans = members::spans(records, resolved, &forest)?;
    let days: Vec<NaiveDate> = forest.teams.iter().map(|stem| stem.exists.nearest(today)).collect();
    let mut settings = settings::effective(records, &forest, &days);
    let paths: Vec<String> = days.iter().enumerate().map(|(team, day)| forest.path(team, *day)).collect();

    let mut trees: Vec<Tree> = records
        .trees
        .iter()
        .map(|(id, definition)| Tree { id: id.clone(), definition: Arc::clone(definition), roots: Vec::new() })
        .collect();
    trees.sort_by(|a, b| {
        let key = |tree: &Tree| (tree.definition.order, tree.definition.name.clone(), tree.id.clone());
        key(a).cmp(&key(b))
    });
    let tree_numbers: HashMap<&str, usize> = trees.iter().enumerate().map(|(i, tree)| (tree.id.as_str(), i)).collect();

    let closed = |stem: usize| !forest.teams[stem].exists.contains(today);
    let tree_of = |stem: usize| tree_numbers[forest.teams[stem].team.tree.as_str()];
    let mut order: Vec<usize> = (0..forest.teams.len()).collect();
    order.sort_by(|a, b| {
        let by_tree = tree_of(*a).cmp(&tree_of(*b));
        by_tree.then_with(|| path::order(&paths[*a], &paths[*b])).then_with(|| (closed(*a), a).cmp(&(closed(*b), b)))
    });
    let mut numbers = vec![0; order.len()];
    for (number, stem) in order.iter().enumerate() {
        numbers[*stem] = number;
    }

    let parent_span =
        |(parent, days): &(usize, Days)| ParentSpan { team: numbers[*parent], from: days.from(), to: days.to() };
    let node = |&stem: &usize| TeamNode {
        id: forest.teams[stem].id.to_owned(),
        team: Arc::clone(forest.teams[stem].team),
        tree: tree_of(stem),
        path: paths[stem].clone(),
        parent: forest.parent(stem, days[stem]).map(|parent| numbers[parent]),
        children: Vec::new(),
        parents: forest.teams[stem].parents.iter().map(parent_span).collect(),
        spans: std::mem::take(&mut spans[stem]),
        settings: std::mem::take(&mut settings[stem]),
        closed: closed(stem),
    };
    let mut teams: Vec<TeamNode> = order.iter().map(node).collect();

    let by_id = teams.iter().enumerate().map(|(number, team)| (team.id.clone(), number)).collect();
    let mut by_path: HashMap<String, Vec<usize>> = HashMap::new();
    for number in (0..teams.len()).filter(|number| !teams[*number].closed).collect::<Vec<_>>() {
        by_path.entry(teams[number].path.clone()).or_default().push(number);
        match teams[number].parent {
            Some(parent) => teams[parent].children.push(number),
            None => trees[teams[number].tree].roots.push(number),
        }
    }
    Ok(Org { trees, teams, by_id, by_path })
}
