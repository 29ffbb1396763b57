//! A build of an org tree: the teams that the contributors' attributes and reporting lines call for (`wanted`), set
//! against those that there are (`pair`), and the plan of what changes from a day on. A preview is a build on a draft that
//! is thrown away.

mod level;
mod pair;
mod place;
pub mod plan;
mod reporting;
mod wanted;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

pub use plan::Plan;
use plan::{Closed, Counts, Lost, Moved, Opened, Renamed};

use super::days::Days;
use super::edit::team::placed;
use super::edit::{Outcome, fits};
use super::forest::Forest;
use super::path;
use crate::people::directory::Resolved;
use crate::people::document::{OrgTree, Placement, Settings, Team};
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};
use crate::people::fresh;
use pair::Pairs;
use wanted::Wanted;

/// Builds an org tree of the draft, with effect from a day. `resolved` are the people of the draft. What was before that
/// day stays as it was; a tree without teams is built as if it had always been so.
pub fn build(draft: &mut Draft, resolved: &Resolved, tree: &str, day: NaiveDate) -> Outcome<Plan> {
    let Some(definition) = draft.get::<OrgTree>(tree).cloned() else {
        return Err(vec![Fault::new(Code::NotFound, format!("there is no org tree {tree:?}")).at("tree")]);
    };
    if definition.levels.is_empty() && !definition.by_manager {
        let message = "the org tree is kept by hand; give it levels, or let it follow the managers";
        return Err(vec![Fault::new(Code::Conflict, message).at("tree")]);
    }
    let wanted = Wanted::new(&definition, resolved, day).map_err(|fault| vec![fault.at("filter")])?;
    let records = draft.records().clone();
    let forest = Forest::new(&records).map_err(|fault| vec![fault])?;
    let built: Vec<usize> = (0..forest.teams.len())
        .filter(|stem| forest.teams[*stem].team.tree == tree && !forest.teams[*stem].team.squad)
        .collect();
    let first = built.is_empty();
    let homes = place::homes(&records, resolved, &forest, &built, day);
    let pairs = Pairs::new(&wanted, &forest, &built, resolved, &homes, day);

    let mut plan = Plan::new(tree, day, first, &wanted, resolved);
    let paths = wanted.paths();
    let new_id =
        |number: usize| pairs.of(number).map_or_else(|| fresh::id('t'), |(stem, _)| forest.teams[stem].id.to_owned());
    let ids: Vec<String> = (0..wanted.teams.len()).map(new_id).collect();
    let since = (!first).then_some(day);
    for (number, team) in wanted.teams.iter().enumerate() {
        let parent = team.parent.map(|parent| ids[parent].as_str());
        let manager = team.manager.map(|manager| resolved.people[manager].id.clone());
        let Some((stem, by)) = pairs.of(number) else {
            let placement = |parent: &str| Placement { parent: parent.to_owned(), from: since, to: None };
            let document = Team {
                tree: tree.to_owned(),
                name: team.name.clone(),
                stable_id: team.stable_id.clone(),
                manager,
                parents: parent.map(placement).into_iter().collect(),
                from: since,
                ..Team::default()
            };
            plan.added.push(Opened { id: ids[number].clone(), path: paths[number].clone(), people: team.people });
            draft.put(&ids[number], document);
            continue;
        };
        let before = &forest.teams[stem];
        let open = before.exists.since(day);
        let last = before.exists.nearest(day);
        let path_before = forest.path(stem, last);
        let mut document = Team::clone(before.team);
        if before.team.name != team.name {
            let (before, after) = (before.team.name.clone(), team.name.clone());
            plan.renamed.push(Renamed { id: ids[number].clone(), path: path_before.clone(), before, after, by });
            document.name = team.name.clone();
        }
        let parent_before = forest.parent(stem, last).map(|parent| forest.teams[parent].id);
        if parent_before != parent {
            let (before, after) = (path_before, paths[number].clone());
            plan.moved.push(Moved { id: ids[number].clone(), before, after, by });
        }
        if open.is_empty() {
            plan.reopened.push(Opened { id: ids[number].clone(), path: paths[number].clone(), people: team.people });
        }
        // A build by levels does not say who leads where nobody does clearly; then whoever was said to lead goes on.
        document.manager = manager.or(document.manager);
        document.stable_id = team.stable_id.clone().or(document.stable_id);
        document.from = document.from.map(|from| from.min(day));
        document.to = None;
        document.parents = placed(&document.parents, parent, day);
        draft.put(&ids[number], document);
    }

    close(draft, &mut plan, &forest, &built, &pairs, &homes);
    let team_of: HashMap<&str, usize> = ids.iter().enumerate().map(|(number, id)| (id.as_str(), number)).collect();
    let placing = place::Placing {
        wanted: &wanted,
        pairs: &pairs,
        resolved,
        ids: &ids,
        team_of: &team_of,
        paths: &paths,
        first,
        day,
    };
    placing.apply(draft, &mut plan, &forest, &built, &homes);
    fits(draft, "tree")?;
    plan.sort();
    Ok(plan)
}

/// Closes the built teams without a counterpart, and puts what was kept by hand below them where it can stay.
fn close(
    draft: &mut Draft,
    plan: &mut Plan,
    forest: &Forest<'_>,
    built: &[usize],
    pairs: &Pairs,
    homes: &BTreeMap<usize, place::Home>,
) {
    let day = plan.day;
    let is_open = |stem: usize| !forest.teams[stem].exists.since(day).is_empty();
    let closing = |stem: usize| !forest.teams[stem].team.squad && is_open(stem) && !pairs.is_taken(stem);
    for stem in built.iter().copied().filter(|stem| closing(*stem)) {
        let id = forest.teams[stem].id;
        let path = forest.path(stem, forest.teams[stem].exists.nearest(day));
        let mut document = Team::clone(forest.teams[stem].team);
        document.from = document.from.map(|from| from.min(day));
        document.to = Some(day);
        draft.put(id, document);
        let people = homes.values().filter(|home| home.stem == Some(stem)).count();
        plan.closed.push(Closed { id: id.to_owned(), path: path.clone(), people });
        let settings = draft.get::<Settings>(id).cloned().filter(|settings| *settings != Settings::default());
        let members = by_hand(draft, id, day);
        if settings.is_some() || !members.is_empty() {
            plan.lost.push(Lost { id: id.to_owned(), path, settings, members });
        }
    }
    for (stem, squad) in
        forest.teams.iter().enumerate().filter(|(_, stem)| stem.team.squad && stem.team.tree == plan.tree)
    {
        let at = squad.exists.nearest(day).max(day);
        let mut above = forest.up(stem, at).skip(1);
        if !is_open(stem) || !above.next().is_some_and(closing) {
            continue;
        }
        let heir = above.find(|above| !closing(*above));
        let mut document = Team::clone(squad.team);
        let heir_id = heir.map(|heir| forest.teams[heir].id);
        document.parents = placed(&document.parents, heir_id, day);
        draft.put(squad.id, document);
        let heir_path = heir.map(|heir| forest.path(heir, day));
        let after = path::below(heir_path.as_deref(), &squad.team.name);
        let (id, before, by) = (squad.id.to_owned(), forest.path(stem, at), plan::By::Hand);
        plan.moved.push(Moved { id, before, after, by });
    }
}

/// Contributor ids of members by hand of a team on a day or later.
fn by_hand(draft: &Draft, team: &str, day: NaiveDate) -> Vec<String> {
    let later = Days::ALWAYS.since(day);
    let documents = draft.records().memberships.iter();
    let is_member = documents.filter(|(_, memberships)| {
        let mut spans = memberships.spans.iter();
        spans.any(|span| span.team == team && span.manual && !Days::new(span.from, span.to).meet(later).is_empty())
    });
    is_member.map(|(contributor, _)| contributor.clone()).collect()
}

impl Plan {
    fn new(tree: &str, day: NaiveDate, first: bool, wanted: &Wanted, resolved: &Resolved) -> Plan {
        let id = |person: &usize| resolved.people[*person].id.clone();
        Plan {
            tree: tree.to_owned(),
            day,
            first,
            counts: Counts {
                teams: wanted.teams.len(),
                people: wanted.at.iter().flatten().count(),
                unmatched: wanted.unmatched.len(),
                cycles: wanted.cycles.len(),
            },
            unmatched: wanted.unmatched.iter().map(id).collect(),
            cycles: wanted.cycles.iter().map(|cycle| cycle.iter().map(id).collect()).collect(),
            too_deep: wanted.too_deep.iter().map(id).collect(),
            ..Plan::default()
        }
    }
}
