//! Whose profile is whose: of a team its own, else that of the nearest team above that has one, else its org tree's. For all
//! that is no team the default org tree's holds.
//!
//! Teams and trees stand as a directory has them; what is assigned, as the records say, which may be those of a draft.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use crate::model::profile::{Kind, Profile};
use crate::model::{Defaults, Effective};
use crate::people::directory::Org;
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
pub fn assigned(org: &Org, records: &Records, team: Option<usize>) -> Vec<Assigned> {
    Kind::ALL.iter().map(|kind| one(org, records, team, *kind)).collect()
}

fn one(org: &Org, records: &Records, team: Option<usize>, kind: Kind) -> Assigned {
    for team in std::iter::successors(team, |team| org.teams[*team].parent) {
        let settings = records.settings.get(&org.teams[team].id);
        if let Some(profile) = settings.and_then(|settings| settings.profiles.get(&kind)) {
            return Assigned { kind, profile: profile.clone(), origin: Origin::Team(team) };
        }
    }
    of_one_tree(org, records, team.map_or(0, |team| org.teams[team].tree), kind)
}

/// The profiles that hold for an org tree (an index) and its teams that have none of their own.
pub fn of_tree(org: &Org, records: &Records, tree: usize) -> Vec<Assigned> {
    Kind::ALL.iter().map(|kind| of_one_tree(org, records, tree, *kind)).collect()
}

/// The profiles that hold for all that is no team, by the records alone.
pub fn of_organization(records: &Records) -> Vec<Assigned> {
    let first = records.trees.iter().min_by_key(|(id, tree)| (tree.order, &tree.name, *id));
    let assigned = |kind: &Kind| match first.and_then(|(_, tree)| tree.profiles.get(kind)) {
        Some(profile) => Assigned { kind: *kind, profile: profile.clone(), origin: Origin::Tree(0) },
        None => Assigned { kind: *kind, profile: kind.name().to_owned(), origin: Origin::BuiltIn },
    };
    Kind::ALL.iter().map(assigned).collect()
}

fn of_one_tree(org: &Org, records: &Records, index: usize, kind: Kind) -> Assigned {
    let tree = org.trees.get(index).and_then(|tree| records.trees.get(&tree.id));
    match tree.and_then(|tree| tree.profiles.get(&kind)) {
        Some(profile) => Assigned { kind, profile: profile.clone(), origin: Origin::Tree(index) },
        None => Assigned { kind, profile: kind.name().to_owned(), origin: Origin::BuiltIn },
    }
}

/// What profiles of these ids come to, one of each kind in their order. An id that is none stands for what is built in.
/// Versions begin at midnight in `zone`.
pub fn composed(records: &Records, defaults: &Defaults, zone: Tz, ids: [&str; 3]) -> Effective {
    let stored = |id: &str| records.profiles.get_key_value(id);
    let profiles = ids.map(|id| stored(id).map(|(id, profile)| (id.as_str(), profile.as_ref() as &Profile)));
    Effective::compose(defaults, profiles, zone)
}

/// Ids of the org trees and of the teams that a profile is assigned to.
pub fn places(records: &Records, profile: &str) -> (Vec<String>, Vec<String>) {
    let is_it = |ids: &BTreeMap<Kind, String>| ids.values().any(|id| id == profile);
    let trees = records.trees.iter().filter(|(_, tree)| is_it(&tree.profiles)).map(|(id, _)| id.clone());
    let teams = records.settings.iter().filter(|(_, settings)| is_it(&settings.profiles)).map(|(id, _)| id.clone());
    (trees.collect(), teams.collect())
}
