//! Teams and what is above them, over all days: the shape of the org trees that everything else here stands on. A team is
//! under another one only on days on which both exist. Making a forest proves that the documents fit together.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::days::Days;
use super::path;
use crate::model::attribution::MOST_LEVELS;
use crate::people::document::Team;
use crate::people::fault::{Code, Fault};
use crate::people::records::Records;

/// Every team of every tree.
#[derive(Debug)]
pub struct Forest<'r> {
    /// By id.
    pub teams: Vec<Stem<'r>>,
    numbers: HashMap<&'r str, usize>,
}

/// A team, and where it stood.
#[derive(Debug)]
pub struct Stem<'r> {
    pub id: &'r str,
    pub team: &'r Arc<Team>,
    pub exists: Days,
    /// Teams (numbers) that it was under, in order of the days.
    pub parents: Vec<(usize, Days)>,
}

impl<'r> Forest<'r> {
    /// The forest of records.
    ///
    /// # Errors
    /// A team of an unknown tree, under an unknown team or one of another tree, under two at once, under itself at
    /// any time, or too deep.
    pub fn new(records: &'r Records) -> Result<Forest<'r>, Fault> {
        let stem = |(id, team): (&'r String, &'r Arc<Team>)| {
            let exists = Days::new(team.from, team.to);
            Stem { id: id.as_str(), team, exists, parents: Vec::new() }
        };
        let teams: Vec<Stem> = records.teams.iter().map(stem).collect();
        let numbers = teams.iter().enumerate().map(|(number, stem)| (stem.id, number)).collect();
        let mut forest = Forest { teams, numbers };
        for number in 0..forest.teams.len() {
            let team = &forest.teams[number].team;
            if !records.trees.contains_key(&team.tree) {
                let message = format!("team {:?} is of the org tree {:?}, which is not there", team.name, team.tree);
                return Err(Fault::new(Code::NotFound, message));
            }
            forest.teams[number].parents = forest.parents_of(number)?;
        }
        // What is below a circle is found to be too deep; the circle itself is the better answer.
        let faults = (0..forest.teams.len()).filter_map(|number| forest.wrong_above(number));
        match faults.min_by_key(|fault| fault.code != Code::CircularReference) {
            Some(fault) => Err(fault),
            None => Ok(forest),
        }
    }

    /// The number of a team.
    pub fn number(&self, id: &str) -> Option<usize> {
        self.numbers.get(id).copied()
    }

    /// The team that a team is under on a day; `None`: it is at the top.
    pub fn parent(&self, team: usize, day: NaiveDate) -> Option<usize> {
        self.teams[team].parents.iter().find(|(_, days)| days.contains(day)).map(|(parent, _)| *parent)
    }

    /// A team and what it is under on a day, from itself up.
    pub fn up(&self, team: usize, day: NaiveDate) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(team), move |team| self.parent(*team, day))
    }

    /// Names from the top on a day.
    pub fn path(&self, team: usize, day: NaiveDate) -> String {
        let mut names: Vec<String> = self.up(team, day).map(|team| path::slug(&self.teams[team].team.name)).collect();
        names.reverse();
        names.join("/")
    }

    /// Teams that are under a team on a day (`None`: at the top of the tree), by number.
    pub fn children(&self, tree: &str, parent: Option<usize>, day: NaiveDate) -> impl Iterator<Item = usize> + '_ {
        let of_tree = move |team: &usize, tree: &str| self.teams[*team].team.tree == tree;
        let tree = tree.to_owned();
        (0..self.teams.len()).filter(move |team| {
            of_tree(team, &tree) && self.teams[*team].exists.contains(day) && self.parent(*team, day) == parent
        })
    }

    /// Placements of a team on days on which both exist.
    fn parents_of(&self, number: usize) -> Result<Vec<(usize, Days)>, Fault> {
        let Stem { team, exists, .. } = &self.teams[number];
        let mut parents = Vec::with_capacity(team.parents.len());
        for placement in &team.parents {
            let parent = self.number(&placement.parent).filter(|parent| self.teams[*parent].team.tree == team.tree);
            let parent = parent.ok_or_else(|| {
                let message =
                    format!("team {:?} is under {:?}, which is no team of its tree", team.name, placement.parent);
                Fault::new(Code::NotFound, message)
            })?;
            let days = Days::new(placement.from, placement.to).meet(*exists).meet(self.teams[parent].exists);
            if !days.is_empty() {
                parents.push((parent, days));
            }
        }
        parents.sort_unstable_by_key(|(_, days)| *days);
        match parents.windows(2).find(|two| !two[0].1.meet(two[1].1).is_empty()) {
            Some(two) => {
                let names = [two[0].0, two[1].0].map(|parent| &self.teams[parent].team.name);
                let message = format!("team {:?} would be under {:?} and {:?} at once", team.name, names[0], names[1]);
                Err(Fault::new(Code::Conflict, message))
            }
            None => Ok(parents),
        }
    }

    /// What is wrong above a team: it would stand above itself on some day, or there is too much above it.
    fn wrong_above(&self, team: usize) -> Option<Fault> {
        let mut waiting = vec![(team, Days::ALWAYS, 0)];
        while let Some((above, days, level)) = waiting.pop() {
            if above == team && level > 0 {
                let name = &self.teams[team].team.name;
                let since = days.from().map_or(String::new(), |day| format!(" from {day} on"));
                let message = format!("team {name:?} would stand above itself{since}");
                return Some(Fault::new(Code::CircularReference, message));
            }
            if level > MOST_LEVELS {
                let message = format!("{:?}: more than {MOST_LEVELS} levels", self.teams[team].team.name);
                return Some(Fault::new(Code::TooMany, message));
            }
            let parents = self.teams[above].parents.iter().map(|(parent, parents)| (*parent, parents.meet(days)));
            waiting
                .extend(parents.filter(|(_, days)| !days.is_empty()).map(|(parent, days)| (parent, days, level + 1)));
        }
        None
    }
}
