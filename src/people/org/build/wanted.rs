//! The tree that the contributors call for: a node for each value of each level, and below them one for each manager.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::NaiveDate;

use super::level::{self, Group};
use super::reporting::{Lines, nearest_managers};
use crate::model::attribution::MOST_LEVELS;
use crate::people::directory::{Person, Resolved};
use crate::people::document::{Attribute, OrgTree};
use crate::people::fault::Fault;
use crate::people::org::{path, rule};

/// The tree, and who is where in it.
#[derive(Debug, Default)]
pub struct Wanted {
    /// What is above a team comes before it.
    pub teams: Vec<WantedTeam>,
    /// By person: the team.
    pub at: Vec<Option<usize>>,
    /// People whom the filter lets in and who have no place: without the first level, or alone.
    pub unmatched: Vec<usize>,
    pub cycles: Vec<Vec<usize>>,
    /// Managers below the deepest level.
    pub too_deep: Vec<usize>,
}

#[derive(Debug)]
pub struct WantedTeam {
    pub name: String,
    pub parent: Option<usize>,
    /// 0: at the top.
    pub level: usize,
    /// The person who leads it.
    pub manager: Option<usize>,
    pub stable_id: Option<String>,
    /// How many are directly in it.
    pub people: usize,
    /// Somebody in it or below it is with the organisation on the day or later.
    live: bool,
    /// What tells it from a namesake beside it.
    mark: String,
}

struct Build<'a> {
    definition: &'a OrgTree,
    resolved: &'a Resolved,
    managers: Vec<Option<usize>>,
    /// By person: the number of the group that was looked at last.
    group: Vec<usize>,
    day: NaiveDate,
    wanted: Wanted,
}

impl Wanted {
    /// The tree of a definition as of a day. Those who left before it have a place where somebody else still is.
    ///
    /// # Errors
    /// When the filter cannot be used.
    pub fn new(definition: &OrgTree, resolved: &Resolved, day: NaiveDate) -> Result<Wanted, Fault> {
        let people = rule::selected(definition.filter.as_ref(), resolved)?;
        let mut in_tree = vec![false; resolved.people.len()];
        for person in &people {
            in_tree[*person] = true;
        }
        let managers: Vec<Option<usize>> = resolved.people.iter().map(|person| person.manager).collect();
        let managers = nearest_managers(&managers, &in_tree);
        let wanted = Wanted { at: vec![None; in_tree.len()], ..Wanted::default() };
        let mut build = Build { definition, resolved, managers, group: vec![usize::MAX; in_tree.len()], day, wanted };
        build.levels(&people);
        let mut wanted = build.wanted;
        let is_live = |person: usize| is_live(&resolved.people[person], day);
        wanted.prune(is_live);
        wanted.unmatched = people.into_iter().filter(|p| wanted.at[*p].is_none() && is_live(*p)).collect();
        wanted.settle_ids();
        wanted.settle_names();
        Ok(wanted)
    }

    /// The path of each team.
    pub fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = Vec::with_capacity(self.teams.len());
        for team in &self.teams {
            paths.push(path::below(team.parent.map(|parent| paths[parent].as_str()), &team.name));
        }
        paths
    }

    /// Takes away teams in which nobody is any more; those who left go up to what remains.
    fn prune(&mut self, is_live: impl Fn(usize) -> bool) {
        for (person, team) in self.at.iter().enumerate() {
            if let Some(team) = team.filter(|_| is_live(person)) {
                self.teams[team].live = true;
            }
        }
        for number in (0..self.teams.len()).rev() {
            if let Some(parent) = self.teams[number].parent.filter(|_| self.teams[number].live) {
                self.teams[parent].live = true;
            }
        }
        // What is above a live team is live, so the numbers of those that stay are known when they are needed.
        let mut stays: Vec<Option<usize>> = Vec::with_capacity(self.teams.len());
        let mut kept: Vec<WantedTeam> = Vec::new();
        for mut team in std::mem::take(&mut self.teams) {
            let parent = team.parent.and_then(|parent| stays[parent]);
            stays.push(if team.live { Some(kept.len()) } else { parent });
            if team.live {
                team.parent = parent;
                kept.push(team);
            }
        }
        self.teams = kept;
        for place in &mut self.at {
            *place = place.and_then(|team| stays[team]);
            if let Some(team) = *place {
                self.teams[team].people += 1;
            }
        }
    }

    /// A stable id that several teams of a level claim is that of the largest.
    fn settle_ids(&mut self) {
        let mut sizes: Vec<usize> = self.teams.iter().map(|team| team.people).collect();
        for number in (0..self.teams.len()).rev() {
            if let Some(parent) = self.teams[number].parent {
                sizes[parent] += sizes[number];
            }
        }
        let mut owners: HashMap<(usize, String), usize> = HashMap::new();
        for (number, team) in self.teams.iter().enumerate() {
            if let Some(id) = &team.stable_id {
                let owner = owners.entry((team.level, id.clone())).or_insert(number);
                *owner = if sizes[number] > sizes[*owner] { number } else { *owner };
            }
        }
        for (number, team) in self.teams.iter_mut().enumerate() {
            let is_owner = |id: &String| owners.get(&(team.level, id.clone())) == Some(&number);
            team.stable_id = team.stable_id.take().filter(is_owner);
        }
    }

    /// Gives namesakes beside each other names that differ.
    fn settle_names(&mut self) {
        let mut namesakes: HashMap<(Option<usize>, String), Vec<usize>> = HashMap::new();
        for (number, team) in self.teams.iter().enumerate() {
            namesakes.entry((team.parent, path::slug(&team.name))).or_default().push(number);
        }
        for number in namesakes.into_values().filter(|teams| teams.len() > 1).flatten() {
            let team = &mut self.teams[number];
            team.name = format!("{} ({})", team.name, team.mark);
        }
    }
}

impl Build<'_> {
    fn levels(&mut self, people: &[usize]) {
        let mut groups: Vec<(Option<usize>, usize, Vec<usize>)> = vec![(None, 0, people.to_vec())];
        let mut number = 0;
        while let Some((team, level, people)) = groups.pop() {
            for person in &people {
                self.group[*person] = number;
            }
            if let Some(team) = team {
                self.wanted.teams[team].manager = self.leader(&people, number);
            }
            match self.definition.levels.get(level) {
                Some(attribute) => {
                    let below = self.split(team, level, attribute, people);
                    groups.extend(below.into_iter().map(|(team, people)| (Some(team), level + 1, people)));
                }
                None if self.definition.by_manager => self.reporting(team, level, &people, number),
                None => self.stay(team, &people),
            }
            number += 1;
        }
    }

    fn stay(&mut self, team: Option<usize>, people: &[usize]) {
        for person in people {
            self.wanted.at[*person] = team;
        }
    }

    /// A team for each value of a level. Who has none stays above.
    fn split(
        &mut self,
        above: Option<usize>,
        level: usize,
        attribute: &str,
        people: Vec<usize>,
    ) -> Vec<(usize, Vec<usize>)> {
        let resolved = self.resolved;
        let value = |person: usize, attribute: &str| {
            let value = match resolved.people[person].attributes.get(attribute)? {
                Attribute::Text(text) => Cow::Borrowed(text.trim()),
                other => Cow::Owned(rule::text(other)),
            };
            Some(value).filter(|value| !value.is_empty())
        };
        let id_attribute = self.definition.stable_ids.get(attribute);
        let id = |person: usize| value(person, id_attribute?);
        let (groups, rest) = level::split(&people, |person| value(person, attribute), id);
        self.stay(above, &rest);
        let mut found = Vec::with_capacity(groups.len());
        for Group { people, name, stable_id, mark } in groups {
            found.push((self.wanted.teams.len(), people));
            let team =
                WantedTeam { name, parent: above, level, manager: None, stable_id, people: 0, live: false, mark };
            self.wanted.teams.push(team);
        }
        found
    }

    /// A team for each manager with reports in a group; everybody else is at the manager's.
    fn reporting(&mut self, above: Option<usize>, level: usize, people: &[usize], group: usize) {
        let manager = |person: usize| self.managers[person].filter(|manager| self.group[*manager] == group);
        let id = |person: usize| self.resolved.people[person].id.as_str();
        let lines = Lines::new(people, manager, |a, b| id(a) < id(b));
        let mut waiting: Vec<(usize, Option<usize>, usize)> =
            lines.tops.iter().rev().map(|top| (*top, above, level)).collect();
        while let Some((person, above, level)) = waiting.pop() {
            let reports = lines.reports.get(&person);
            let leads = reports.is_some() && level <= MOST_LEVELS;
            if reports.is_some() && !leads {
                self.wanted.too_deep.push(person);
            }
            let team = if leads { Some(self.lead(person, above, level)) } else { above };
            self.wanted.at[person] = team;
            waiting
                .extend(reports.into_iter().flatten().rev().map(|report| (*report, team, level + usize::from(leads))));
        }
        self.wanted.cycles.extend(lines.cycles);
    }

    fn lead(&mut self, person: usize, parent: Option<usize>, level: usize) -> usize {
        let Person { id, name, external_id, emails, .. } = &self.resolved.people[person];
        let local = emails.first().and_then(|email| email.split('@').next());
        let mark = external_id.as_deref().or(local).unwrap_or(id).to_owned();
        let name = if path::slug(name).is_empty() { mark.clone() } else { name.trim().to_owned() };
        let (manager, stable_id) = (Some(person), None);
        self.wanted.teams.push(WantedTeam { name, parent, level, manager, stable_id, people: 0, live: false, mark });
        self.wanted.teams.len() - 1
    }

    /// Who leads a group: the one who reports to nobody in it and has reports there; or the one outside to whom all such
    /// report.
    fn leader(&self, people: &[usize], group: usize) -> Option<usize> {
        let here: Vec<usize> =
            people.iter().copied().filter(|person| is_live(&self.resolved.people[*person], self.day)).collect();
        let is_top = |person: &usize| self.managers[*person].is_none_or(|manager| self.group[manager] != group);
        let mut tops = here.iter().copied().filter(is_top);
        let first = tops.next()?;
        match tops.next() {
            None if here.len() > 1 => Some(first),
            None => self.managers[first],
            Some(second) => {
                let manager = self.managers[first]?;
                let same = |person: usize| self.managers[person] == Some(manager);
                (same(second) && tops.all(same)).then_some(manager)
            }
        }
    }
}

/// Still with the organisation on a day, or later.
pub fn is_live(person: &Person, day: NaiveDate) -> bool {
    person.ends.is_none_or(|ends| ends > day)
}
