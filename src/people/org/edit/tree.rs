//! Org trees by hand: made, defined anew, removed.

use std::collections::BTreeSet;

use super::{Outcome, name};
use crate::people::directory::Directory;
use crate::people::document::{Memberships, OrgTree, Settings, Team};
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};
use crate::people::fresh;
use crate::people::org::rule;

/// Makes an org tree, without teams, and gives its id. It comes after the others unless its order says otherwise.
pub fn create(draft: &mut Draft, directory: &Directory, mut tree: OrgTree) -> Outcome<String> {
    let id = fresh::id('o');
    tree = checked(draft, directory, &id, tree)?;
    draft.put(&id, tree);
    Ok(id)
}

/// Gives an org tree another name, place or definition. Teams change with the next build.
pub fn redefine(draft: &mut Draft, directory: &Directory, id: &str, tree: OrgTree) -> Outcome<()> {
    exists(draft, id)?;
    let tree = checked(draft, directory, id, tree)?;
    draft.put(id, tree);
    Ok(())
}

/// Removes an org tree with its teams, their settings and the memberships in them, as if it had never been. What it was
/// stays in the audit.
pub fn delete(draft: &mut Draft, id: &str) -> Outcome<()> {
    exists(draft, id)?;
    let of_tree = draft.records().teams.iter().filter(|(_, team)| team.tree == id);
    let teams: BTreeSet<String> = of_tree.map(|(team, _)| team.clone()).collect();
    for team in &teams {
        draft.remove::<Team>(team);
        draft.remove::<Settings>(team);
    }
    let touched = draft.records().memberships.iter().filter(|(_, m)| m.spans.iter().any(|s| teams.contains(&s.team)));
    for (contributor, mut memberships) in touched.map(|(c, m)| (c.clone(), Memberships::clone(m))).collect::<Vec<_>>() {
        memberships.spans.retain(|span| !teams.contains(&span.team));
        super::member::put(draft, &contributor, memberships);
    }
    draft.remove::<OrgTree>(id);
    Ok(())
}

/// The next free place in the order of the trees.
pub fn next_order(draft: &Draft) -> u32 {
    draft.records().trees.values().map(|tree| tree.order + 1).max().unwrap_or(0)
}

fn exists(draft: &Draft, id: &str) -> Outcome<()> {
    match draft.get::<OrgTree>(id) {
        Some(_) => Ok(()),
        None => Err(vec![Fault::new(Code::NotFound, format!("there is no org tree {id:?}"))]),
    }
}

fn checked(draft: &Draft, directory: &Directory, id: &str, mut tree: OrgTree) -> Outcome<OrgTree> {
    let mut faults = Vec::new();
    match name(&tree.name, "name") {
        Ok(name) => tree.name = name,
        Err(fault) => faults.push(fault),
    }
    let same_name = |other: &OrgTree| other.name.to_lowercase() == tree.name.to_lowercase();
    if draft.records().trees.iter().any(|(other, document)| other != id && same_name(document)) {
        faults.push(Fault::new(Code::DuplicateKey, format!("there is an org tree {:?}", tree.name)).at("name"));
    }
    // What a tree tests already may test attributes that nobody has any more.
    let before = draft.get::<OrgTree>(id);
    let people = &directory.resolved.people;
    let known: BTreeSet<&str> = people.iter().flat_map(|person| person.attributes.keys()).map(String::as_str).collect();
    let unknown = |attribute: &String| {
        let tested =
            before.is_some_and(|b| b.levels.contains(attribute) || b.stable_ids.values().any(|a| a == attribute));
        (!known.contains(attribute.as_str()) && !tested).then(|| {
            let known = known.iter().copied().collect::<Vec<_>>().join(", ");
            let message = format!("no contributor has the attribute {attribute:?}; there are: {known}");
            Fault::new(Code::InvalidValue, message)
        })
    };
    for (number, level) in tree.levels.iter().enumerate() {
        faults.extend(unknown(level).map(|fault| fault.at(format!("levels[{number}]"))));
        if tree.levels[..number].contains(level) {
            faults.push(
                Fault::new(Code::DuplicateKey, format!("{level:?} is a level twice")).at(format!("levels[{number}]")),
            );
        }
    }
    for (level, attribute) in &tree.stable_ids {
        let field = format!("stableIds.{level}");
        if !tree.levels.contains(level) {
            let message = format!("{level:?} is no level of the tree");
            faults.push(Fault::new(Code::InvalidValue, message).at(field.clone()));
        }
        faults.extend(unknown(attribute).map(|fault| fault.at(field)));
    }
    match &tree.filter {
        Some(filter) if before.is_none_or(|before| before.filter.as_ref() != Some(filter)) => {
            faults.extend(rule::check(filter, &directory.resolved).err().map(|fault| fault.at("filter")));
        }
        _ => {}
    }
    if faults.is_empty() { Ok(tree) } else { Err(faults) }
}
