//! From a directory to entries.

use chrono::NaiveDate;

use super::refer::People;
use super::shape::{DatedMember, File, MemberEntry, ProfileEntry, TeamEntry, TreeEntry};
use crate::people::directory::{Directory, TeamNode, Tree};
use crate::people::document::{IDENTITY_RULES, Membership, Settings};
use crate::people::profiles;

/// Everything of a directory that a document holds.
pub fn file(directory: &Directory) -> File {
    let people = People::new(directory);
    let records = &directory.records;
    let mut members: Vec<Vec<(String, &Membership)>> = vec![Vec::new(); directory.org.teams.len()];
    for (contributor, memberships) in &records.memberships {
        let Some(person) = directory.person(contributor) else { continue };
        let name = people.name(person);
        for span in memberships.spans.iter().filter(|span| span.manual && lasts(span.to, directory.today)) {
            if let Some(team) = directory.org.by_id.get(&span.team) {
                members[*team].push((name.clone(), span));
            }
        }
    }
    let teams = directory.org.teams.iter().zip(members).filter(|(team, _)| lasts(team.team.to, directory.today));
    File {
        identity: records.rules.get(IDENTITY_RULES).map(|rules| rules.as_ref().clone()),
        profiles: profiles::listed(records).map(|(id, profile)| ProfileEntry::of(id, profile)).collect(),
        trees: directory.org.trees.iter().map(|one| tree(directory, one)).collect(),
        teams: teams.map(|(node, members)| team(directory, &people, node, members)).collect(),
    }
}

/// Not over on a day.
pub fn lasts(to: Option<NaiveDate>, day: NaiveDate) -> bool {
    to.is_none_or(|to| to > day)
}

fn tree(directory: &Directory, tree: &Tree) -> TreeEntry {
    let definition = &tree.definition;
    TreeEntry {
        id: Some(tree.id.clone()),
        name: definition.name.clone(),
        order: Some(definition.order),
        levels: Some(definition.levels.clone()).filter(|levels| !levels.is_empty()),
        stable_ids: Some(definition.stable_ids.clone()).filter(|ids| !ids.is_empty()),
        by_manager: definition.by_manager.then_some(true),
        filter: definition.filter.clone(),
        profiles: Some(profiles::names(&directory.records, &definition.profiles))
            .filter(|profiles| !profiles.is_empty()),
        // What is built comes from the contributors; what is kept by hand, from here.
        complete: (definition.levels.is_empty() && !definition.by_manager).then_some(true),
    }
}

fn team(
    directory: &Directory,
    people: &People<'_>,
    node: &TeamNode,
    mut members: Vec<(String, &Membership)>,
) -> TeamEntry {
    let team = &node.team;
    members.sort_by(|(a, one), (b, other)| (a, one.from, one.to).cmp(&(b, other.from, other.to)));
    let member = |(person, span): (String, &Membership)| match (span.from, span.to, span.shared) {
        (None, None, false) => MemberEntry::Person(person),
        (from, to, shared) => MemberEntry::Dated(DatedMember { person, from, to, shared }),
    };
    TeamEntry {
        id: Some(node.id.clone()),
        tree: (node.tree > 0).then(|| directory.org.trees[node.tree].definition.name.clone()),
        path: node.path.clone(),
        name: Some(team.name.clone()),
        stable_id: team.stable_id.clone(),
        manager: team.manager.as_ref().map(|manager| people.name_of(manager)),
        squad: team.squad.then_some(true),
        rule: team.rule.clone(),
        from: team.from,
        to: team.to,
        settings: directory.records.settings.get(&node.id).map(|settings| Settings {
            profiles: profiles::names(&directory.records, &settings.profiles),
            ..settings.as_ref().clone()
        }),
        members: Some(members.into_iter().map(member).collect()).filter(|members: &Vec<_>| !members.is_empty()),
    }
}
