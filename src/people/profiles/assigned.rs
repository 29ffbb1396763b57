//! Whose profile is whose: of a team its own, else that of the nearest team above that has one, else its org tree's. For all
//! that is no team the default org tree's holds.

use crate::model::profile::{Kind, Profile};
use crate::model::{Defaults, Effective};
use crate::people::directory::Directory;
use crate::people::records::Records;

/// The profile of one kind that holds, and where it is assigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    pub kind: Kind,
    /// Its id; of one that is built in, the name of the kind.
    pub profile: String,
    pub origin: Origin,
}

/// Where a profile is assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: it is built in.
    BuiltIn,
    /// Index of the org tree.
    Tree(usize),
    /// Index of the team.
    Team(usize),
}

/// The profiles that hold for a team (an index), or for all that is no team, one of each kind in their order.
pub fn assigned(directory: &Directory, team: Option<usize>) -> Vec<Assigned> {
    Kind::ALL.iter().map(|kind| one(directory, team, *kind)).collect()
}

fn one(directory: &Directory, team: Option<usize>, kind: Kind) -> Assigned {
    let org = &directory.org;
    let line = std::iter::successors(team, |team| org.teams[*team].parent);
    for team in line {
        let settings = directory.records.settings.get(&org.teams[team].id);
        if let Some(profile) = settings.and_then(|settings| settings.profiles.get(&kind)) {
            return Assigned { kind, profile: profile.clone(), origin: Origin::Team(team) };
        }
    }
    tree(directory, team.map_or(0, |team| org.teams[team].tree), kind)
}

/// The profiles that hold for an org tree (an index) and its teams that have none of their own.
pub fn of_tree(directory: &Directory, index: usize) -> Vec<Assigned> {
    Kind::ALL.iter().map(|kind| tree(directory, index, *kind)).collect()
}

fn tree(directory: &Directory, index: usize, kind: Kind) -> Assigned {
    let set = directory.org.trees.get(index).and_then(|tree| tree.definition.profiles.get(&kind));
    match set {
        Some(profile) => Assigned { kind, profile: profile.clone(), origin: Origin::Tree(index) },
        None => Assigned { kind, profile: kind.name().to_owned(), origin: Origin::BuiltIn },
    }
}

/// What holds for a team (an index), or for all that is no team.
pub fn effective(directory: &Directory, defaults: &Defaults, team: Option<usize>) -> Effective {
    let ids: Vec<String> = assigned(directory, team).into_iter().map(|assigned| assigned.profile).collect();
    composed(directory, defaults, [&ids[0], &ids[1], &ids[2]])
}

/// What profiles of these ids come to, one of each kind in their order. An id that is none stands for what is built in.
pub fn composed(directory: &Directory, defaults: &Defaults, ids: [&str; 3]) -> Effective {
    let stored = |id: &str| directory.records.profiles.get_key_value(id);
    let profiles = ids.map(|id| stored(id).map(|(id, profile)| (id.as_str(), profile.as_ref() as &Profile)));
    Effective::compose(defaults, profiles, directory.zone)
}

/// Ids of the org trees and of the teams that a profile is assigned to.
pub fn places(records: &Records, profile: &str) -> (Vec<String>, Vec<String>) {
    let is_it = |ids: &std::collections::BTreeMap<Kind, String>| ids.values().any(|id| id == profile);
    let trees = records.trees.iter().filter(|(_, tree)| is_it(&tree.profiles)).map(|(id, _)| id.clone());
    let teams = records.settings.iter().filter(|(_, settings)| is_it(&settings.profiles)).map(|(id, _)| id.clone());
    (trees.collect(), teams.collect())
}
