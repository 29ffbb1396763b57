//! From entries to a draft: profiles and trees first, then teams from the top, then settings and members.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use super::export::lasts;
use super::member;
use super::profile;
use super::refer::People;
use super::shape::{File, TeamEntry, TreeEntry};
use super::team::{Place, Slot};
use crate::model::Condition;
use crate::people::directory::Directory;
use crate::people::document::{OrgTree, Settings, Team};
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};
use crate::people::operations::{self, Outcome};
use crate::people::org::edit::{settings, tree};
use crate::people::org::forest::Forest;
use crate::people::org::path;
use crate::people::profiles;

/// Makes the draft as a document says.
pub fn apply(draft: &mut Draft, directory: &Directory, file: File, day: NaiveDate) -> Outcome<()> {
    let people = People::new(directory);
    let mut faults = Vec::new();
    if let Some(rules) = file.identity
        && rules != draft.records().identity_rules()
    {
        faults.extend(under(operations::set_rules(draft, directory, rules), "identity"));
    }
    faults.extend(profile::apply(draft, file.profiles).err().unwrap_or_default());
    let young: BTreeSet<String> = young(draft);
    let mut complete = BTreeSet::new();
    let mut named = BTreeSet::new();
    for (number, entry) in file.trees.into_iter().enumerate() {
        let place = format!("trees[{number}]");
        let closes = entry.complete == Some(true);
        match one_tree(draft, directory, entry) {
            Ok(id) if !named.insert(id.clone()) => {
                faults.push(Fault::new(Code::DuplicateKey, "the document has this tree already").at(place));
            }
            Ok(id) => complete.extend(closes.then_some(id)),
            Err(wrong) => faults.extend(wrong.into_iter().map(|fault| in_file(fault.under(&place)))),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }

    let is_young = |tree: &str| young.contains(tree) || !directory.records.trees.contains_key(tree);
    let place = Place { complete: &complete, is_young: &is_young, day };
    let slots = place.slots(draft, &file.teams)?;
    place.put(draft, directory, &people, &slots)?;
    let claimed: BTreeSet<&str> = slots.iter().map(|slot| slot.id.as_str()).collect();
    close_others(draft, &complete, &claimed, day);
    fits(draft, &slots, day)?;

    for slot in &slots {
        let Some(wanted) = &slot.entry.settings else { continue };
        let place = format!("{}.settings", slot.place);
        match profiles::ids(draft.records(), &wanted.profiles) {
            Err(wrong) => faults.extend(wrong.into_iter().map(|fault| in_file(fault.under(&place)))),
            Ok(profiles) => {
                let wanted = Settings { profiles, ..wanted.clone() };
                if draft.get::<Settings>(&slot.id).cloned().unwrap_or_default() != wanted {
                    faults.extend(under(settings::set(draft, &slot.id, wanted), &place));
                }
            }
        }
    }
    faults.extend(member::apply(draft, directory, &people, &slots, &is_young, day).err().unwrap_or_default());
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Faults of an operation, at a place of the document.
fn under(outcome: Outcome<()>, place: &str) -> Vec<Fault> {
    let faults = outcome.err().unwrap_or_default();
    faults.into_iter().map(|fault| in_file(fault.under(place))).collect()
}

/// A fault with its field as documents spell it.
fn in_file(mut fault: Fault) -> Fault {
    for (field, key) in [("stableId", "stable_id"), ("peopleFilter", "people_filter"), ("sameLogins", "same_logins")] {
        fault.field = fault.field.map(|text| text.replace(field, key));
    }
    fault
}

/// Trees without a team. What comes into them has always been there.
fn young(draft: &Draft) -> BTreeSet<String> {
    let old: BTreeSet<&String> = draft.records().teams.values().map(|team| &team.tree).collect();
    draft.records().trees.keys().filter(|tree| !old.contains(tree)).cloned().collect()
}

fn one_tree(draft: &mut Draft, directory: &Directory, entry: TreeEntry) -> Outcome<String> {
    let known = entry.id.filter(|id| draft.get::<OrgTree>(id).is_some()).or_else(|| tree_named(draft, &entry.name));
    let before = known.as_ref().and_then(|id| draft.get::<OrgTree>(id)).cloned();
    let fresh = || OrgTree { order: tree::next_order(draft), ..OrgTree::default() };
    let mut tree = before.clone().unwrap_or_else(fresh);
    tree.name = entry.name;
    tree.order = entry.order.unwrap_or(tree.order);
    tree.levels = entry.levels.unwrap_or(tree.levels);
    tree.stable_ids = entry.stable_ids.unwrap_or(tree.stable_ids);
    tree.by_manager = entry.by_manager.unwrap_or(tree.by_manager);
    if let Some(named) = entry.profiles {
        tree.profiles = profiles::ids(draft.records(), &named)?;
    }
    if let Some(filter) = entry.filter {
        tree.filter = Some(filter).filter(|filter| *filter != Condition::All { all: Vec::new() });
    }
    match known {
        Some(id) if before.as_ref() == Some(&tree) => Ok(id),
        Some(id) => tree::redefine(draft, directory, &id, tree).map(|()| id),
        None => tree::create(draft, directory, tree),
    }
}

/// The id of the tree of a name.
pub fn tree_named(draft: &Draft, name: &str) -> Option<String> {
    let same = |tree: &OrgTree| tree.name.to_lowercase() == name.trim().to_lowercase();
    draft.records().trees.iter().find(|(_, tree)| same(tree)).map(|(id, _)| id.clone())
}

/// Closes what complete trees have and the document does not name.
fn close_others(draft: &mut Draft, complete: &BTreeSet<String>, claimed: &BTreeSet<&str>, day: NaiveDate) {
    let is_other = |(id, team): &(&String, &std::sync::Arc<Team>)| {
        complete.contains(&team.tree) && !claimed.contains(id.as_str()) && lasts(team.to, day)
    };
    let others = draft.records().teams.iter().filter(is_other).map(|(id, team)| (id.clone(), Team::clone(team)));
    for (id, mut team) in others.collect::<Vec<_>>() {
        team.to = Some(team.from.map_or(day, |from| from.max(day)));
        draft.put(&id, team);
    }
}

/// Proves that the teams fit together, and that none of the document has a namesake beside it.
fn fits(draft: &Draft, slots: &[Slot<'_>], day: NaiveDate) -> Outcome<()> {
    let forest = Forest::new(draft.records()).map_err(|fault| vec![fault.at("teams")])?;
    let mut paths: HashMap<(&str, String), usize> = HashMap::new();
    for stem in forest.teams.iter().enumerate().filter(|(_, stem)| stem.exists.contains(day)) {
        *paths.entry((stem.1.team.tree.as_str(), forest.path(stem.0, day))).or_default() += 1;
    }
    let twice = |slot: &&Slot<'_>| {
        let at = forest.number(&slot.id).filter(|stem| forest.teams[*stem].exists.contains(day));
        at.is_some_and(|stem| paths[&(slot.tree.as_str(), forest.path(stem, day))] > 1)
    };
    let message = "another team has this path; give one of them another name";
    let fault = |slot: &Slot<'_>| Fault::new(Code::DuplicateKey, message).at(format!("{}.path", slot.place));
    let faults: Vec<Fault> = slots.iter().filter(twice).map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The steps of a path as teams' paths have them.
pub fn steps(entry: &TeamEntry, place: &str) -> Result<Vec<String>, Fault> {
    let steps: Vec<String> = entry.path.split('/').map(path::slug).collect();
    if steps.iter().any(String::is_empty) {
        let message =
            format!("{:?} is no path; write the names from the top, such as \"engineering/payments\"", entry.path);
        return Err(Fault::new(Code::RequiredValueMissing, message).at(format!("{place}.path")));
    }
    let last = steps.last().cloned().unwrap_or_default();
    match entry.name.as_ref().map(|name| path::slug(name)).filter(|slug| *slug != last) {
        None => Ok(steps),
        Some(slug) => {
            let message = format!("the path ends in {last:?}, and the name makes {slug:?}; write the new one in both");
            Err(Fault::new(Code::Conflict, message).at(format!("{place}.name")))
        }
    }
}
