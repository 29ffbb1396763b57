//! Teams of a document: which team that there is each entry means, and where it stands from the day on.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;

use super::export::lasts;
use super::import::{steps, tree_named};
use super::refer::People;
use super::shape::TeamEntry;
use crate::model::Condition;
use crate::people::directory::Directory;
use crate::people::document::{OrgTree, Placement, Team};
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};
use crate::people::fresh;
use crate::people::operations::{self, Outcome};
use crate::people::org::edit::team::placed;
use crate::people::org::forest::Forest;
use crate::people::org::rule;

/// An entry, and the team that it means.
pub struct Slot<'f> {
    pub entry: &'f TeamEntry,
    /// "teams[3]".
    pub place: String,
    /// Ids.
    pub tree: String,
    pub id: String,
    parent: Option<String>,
    name: String,
}

/// What the teams of a document are placed by.
pub struct Place<'a> {
    /// Trees of which the document names all teams.
    pub complete: &'a BTreeSet<String>,
    /// Whether a tree had no team yet.
    pub is_young: &'a dyn Fn(&str) -> bool,
    pub day: NaiveDate,
}

impl Place<'_> {
    /// Finds out which team each entry means.
    pub fn slots<'f>(&self, draft: &Draft, entries: &'f [TeamEntry]) -> Outcome<Vec<Slot<'f>>> {
        let mut faults = Vec::new();
        let mut named: Vec<(&TeamEntry, String, String, Vec<String>)> = Vec::with_capacity(entries.len());
        for (number, entry) in entries.iter().enumerate() {
            let place = format!("teams[{number}]");
            match (tree(draft, entry, &place), steps(entry, &place)) {
                (Ok(tree), Ok(steps)) => named.push((entry, place, tree, steps)),
                (tree, steps) => faults.extend(tree.err().into_iter().chain(steps.err())),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }

        let forest = Forest::new(draft.records()).map_err(|fault| vec![fault])?;
        let there = forest.teams.iter().enumerate().filter(|(_, stem)| lasts(stem.team.to, self.day));
        let (mut by_path, mut by_stable_id) = (HashMap::new(), HashMap::new());
        for (number, stem) in there {
            let tree = stem.team.tree.as_str();
            by_path.entry((tree, forest.path(number, stem.exists.nearest(self.day)))).or_insert(stem.id);
            if let Some(stable_id) = &stem.team.stable_id {
                by_stable_id.entry((tree, stable_id.as_str())).or_insert(stem.id);
            }
        }
        let mut found: Vec<Option<&str>> = vec![None; named.len()];
        let mut claimed: HashSet<&str> = HashSet::new();
        for (found, (entry, _, tree, _)) in found.iter_mut().zip(&named) {
            let of_tree = |id: &&str| forest.number(id).is_some_and(|stem| forest.teams[stem].team.tree == *tree);
            let by_id = entry.id.as_deref().filter(of_tree);
            let stable_id = entry.stable_id.as_deref();
            let by_stable_id = || by_stable_id.get(&(tree.as_str(), stable_id?)).copied();
            *found = by_id.or_else(by_stable_id).filter(|id| claimed.insert(id));
        }
        for (found, (_, _, tree, steps)) in found.iter_mut().zip(&named).filter(|(found, _)| found.is_none()) {
            let by_path = by_path.get(&(tree.as_str(), steps.join("/"))).copied();
            *found = by_path.filter(|id| claimed.insert(id));
        }

        let ids: Vec<String> = found.iter().map(|id| id.map_or_else(|| fresh::id('t'), str::to_owned)).collect();
        let mut by_entry: HashMap<(&str, &[String]), usize> = HashMap::new();
        for (number, (_, place, tree, steps)) in named.iter().enumerate() {
            if by_entry.insert((tree, steps), number).is_some() {
                let message = "the document has a team of this path already";
                faults.push(Fault::new(Code::DuplicateKey, message).at(format!("{place}.path")));
            }
        }
        let mut slots = Vec::with_capacity(named.len());
        for (number, (entry, place, tree, steps)) in named.iter().enumerate() {
            let (last, above) = steps.split_last().map_or(("", &[][..]), |(last, above)| (last.as_str(), above));
            let in_file = || by_entry.get(&(tree.as_str(), above)).map(|entry| ids[*entry].clone());
            let there = || {
                let id = by_path.get(&(tree.as_str(), above.join("/"))).filter(|_| !self.complete.contains(tree))?;
                Some((*id).to_owned()).filter(|id| !claimed.contains(id.as_str()))
            };
            let parent = if above.is_empty() { None } else { in_file().or_else(there) };
            if parent.is_none() && !above.is_empty() {
                let message = format!("there is no team {:?} above it; add an entry for it", above.join("/"));
                faults.push(Fault::new(Code::NotFound, message).at(format!("{place}.path")));
            }
            let before = found[number].and_then(|id| draft.get::<Team>(id)).map(|team| team.name.as_str());
            let is_same = |name: &&str| crate::people::org::path::slug(name) == last;
            let name = entry.name.as_deref().or(before.filter(is_same)).unwrap_or(last).trim().to_owned();
            slots.push(Slot { entry, place: place.clone(), tree: tree.clone(), id: ids[number].clone(), parent, name });
        }
        if faults.is_empty() { Ok(slots) } else { Err(faults) }
    }

    /// Puts the teams into the draft.
    pub fn put(
        &self,
        draft: &mut Draft,
        directory: &Directory,
        people: &People<'_>,
        slots: &[Slot<'_>],
    ) -> Outcome<()> {
        let records = draft.records().clone();
        let forest = Forest::new(&records).map_err(|fault| vec![fault])?;
        let mut faults = Vec::new();
        for slot in slots {
            match self.team(draft, directory, people, &forest, slot) {
                Ok(team) => draft.put(&slot.id, team),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    fn team(
        &self,
        draft: &mut Draft,
        directory: &Directory,
        people: &People<'_>,
        forest: &Forest<'_>,
        slot: &Slot<'_>,
    ) -> Result<Team, Fault> {
        let (entry, place) = (slot.entry, &slot.place);
        let parent = slot.parent.as_deref();
        let mut team = match forest.number(&slot.id) {
            None => {
                let from = entry.from.or((!(self.is_young)(&slot.tree)).then_some(self.day));
                let placement = |parent: &str| Placement { parent: parent.to_owned(), from, to: None };
                Team {
                    tree: slot.tree.clone(),
                    from,
                    parents: parent.map(placement).into_iter().collect(),
                    ..Team::default()
                }
            }
            Some(stem) => {
                let mut team = Team::clone(forest.teams[stem].team);
                let at = forest.teams[stem].exists.nearest(self.day);
                if forest.parent(stem, at).map(|parent| forest.teams[parent].id) != parent {
                    team.parents = placed(&team.parents, parent, self.day);
                }
                // A team of the document is there, also where it was closed.
                team.to = team.to.filter(|to| *to > self.day);
                team
            }
        };
        team.name.clone_from(&slot.name);
        team.from = entry.from.or(team.from);
        team.to = entry.to.or(team.to);
        if team.to.is_some_and(|to| team.from.is_some_and(|from| to < from)) {
            return Err(Fault::new(Code::InvalidValue, "the team would end before it begins").at(format!("{place}.to")));
        }
        team.squad = entry.squad.unwrap_or(team.squad);
        if let Some(stable_id) = &entry.stable_id {
            team.stable_id = Some(stable_id.trim().to_owned()).filter(|id| !id.is_empty());
        }
        match entry.manager.as_deref() {
            Some("") => team.manager = None,
            Some(manager) => {
                let field = format!("{place}.manager");
                let id = people.id(manager, &field)?;
                let is_same =
                    team.manager.as_ref().is_some_and(|before| people.find(before).is_some_and(|p| p.id == id));
                if !is_same {
                    team.manager = Some(operations::registered(draft, directory, &id, &field)?);
                }
            }
            None => {}
        }
        if let Some(rule) = entry.rule.clone() {
            let rule = Some(rule).filter(|rule| *rule != Condition::Any { any: Vec::new() });
            let field = || format!("{place}.rule");
            if rule.is_some() && !team.squad {
                return Err(
                    Fault::new(Code::Conflict, "only a squad has members by rule; add squad = true").at(field())
                );
            }
            if let Some(rule) = rule.as_ref().filter(|rule| team.rule.as_ref() != Some(rule)) {
                rule::check(rule, &directory.resolved).map_err(|fault| fault.at(field()))?;
            }
            team.rule = rule;
        }
        Ok(team)
    }
}

/// The id of the tree of an entry.
fn tree(draft: &Draft, entry: &TeamEntry, place: &str) -> Result<String, Fault> {
    let trees = &draft.records().trees;
    let first = || trees.iter().min_by_key(|(id, tree)| (tree.order, &tree.name, *id)).map(|(id, _)| id.clone());
    let found = match &entry.tree {
        Some(name) => tree_named(draft, name),
        None => first(),
    };
    found.ok_or_else(|| {
        let names: Vec<&str> = trees.values().map(|tree: &std::sync::Arc<OrgTree>| tree.name.as_str()).collect();
        let message = match &entry.tree {
            Some(name) => format!("there is no org tree {name:?}; there are: {}", names.join(", ")),
            None => "there is no org tree yet; add one under trees".to_owned(),
        };
        Fault::new(Code::NotFound, message).at(format!("{place}.tree"))
    })
}
