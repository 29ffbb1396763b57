//! Who stands where at the end: units are teams, their projects are groups, neighbouring groups are divisions; and who
//! leads each. The lead of a team is who of it was numbered first; so, of the leads below, for what is above.

use std::collections::{BTreeMap, HashMap};

use super::names;
use super::people::Organisation;
use super::unit::Unit;

const GROUPS_PER_DIVISION: usize = 5;

/// The organisation as it stands. People and units are numbered as in the simulation.
#[derive(Debug)]
pub struct Chart {
    /// By unit: number and name of its group.
    groups: Vec<(usize, String)>,
    team_leads: Vec<Option<u32>>,
    group_leads: HashMap<usize, u32>,
    division_leads: HashMap<usize, u32>,
    head: Option<u32>,
}

/// Something above units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub name: String,
    pub lead: Option<u32>,
}

impl Chart {
    /// `projects`: how many there may be.
    pub fn new(org: &Organisation, units: &[Unit], projects: usize) -> Chart {
        let numbers: HashMap<String, usize> = (0..=projects).map(|number| (names::project(number), number)).collect();
        let group = |unit: &Unit| (numbers.get(&unit.project).copied().unwrap_or(projects), unit.project.clone());
        let groups: Vec<(usize, String)> = units.iter().map(group).collect();
        let mut team_leads = vec![None; units.len()];
        for (index, person) in org.people.iter().enumerate().filter(|(_, person)| person.left.is_none()) {
            team_leads[person.home].get_or_insert(index as u32);
        }
        let (mut group_leads, mut division_leads) = (HashMap::new(), HashMap::new());
        for ((group, _), lead) in groups.iter().zip(&team_leads) {
            for (leads, number) in [(&mut group_leads, *group), (&mut division_leads, division(*group))] {
                if let Some(lead) = lead {
                    leads.entry(number).and_modify(|first: &mut u32| *first = (*lead).min(*first)).or_insert(*lead);
                }
            }
        }
        let head = division_leads.values().copied().min();
        Chart { groups, team_leads, group_leads, division_leads, head }
    }

    /// Divisions by number.
    pub fn divisions(&self) -> BTreeMap<usize, Node> {
        let node = |number| Node { name: names::division(number), lead: self.division_leads.get(&number).copied() };
        self.groups.iter().map(|(group, _)| division(*group)).map(|number| (number, node(number))).collect()
    }

    /// Groups by the number of their division and their own.
    pub fn groups(&self) -> BTreeMap<(usize, usize), Node> {
        let node =
            |group: usize, name: &str| Node { name: name.to_owned(), lead: self.group_leads.get(&group).copied() };
        self.groups.iter().map(|(group, name)| ((division(*group), *group), node(*group, name))).collect()
    }

    pub fn team_lead(&self, unit: usize) -> Option<u32> {
        self.team_leads[unit]
    }

    /// Names of the division and the group of a unit.
    pub fn above(&self, unit: usize) -> (String, &str) {
        let (group, name) = &self.groups[unit];
        (names::division(division(*group)), name)
    }

    /// Whom somebody of a unit reports to: the nearest lead who is somebody else. Leads of what is above lead what is
    /// below, too, so that no circle can come about.
    pub fn manager(&self, person: u32, unit: usize) -> Option<u32> {
        let (group, _) = &self.groups[unit];
        let leads = [
            self.team_leads[unit],
            self.group_leads.get(group).copied(),
            self.division_leads.get(&division(*group)).copied(),
            self.head,
        ];
        leads.into_iter().flatten().find(|lead| *lead != person)
    }
}

fn division(group: usize) -> usize {
    group / GROUPS_PER_DIVISION
}
