//! How much time developers of a scope spent in it: what rates "per developer per week" are divided by.

use std::collections::HashSet;
use std::sync::Arc;

use super::calendar::Period;
use super::functions::placement::Slicing;
use super::question::{Question, Scope};
use crate::model::attribution::{ALWAYS, MOST_LEVELS, Stay, spent};
use crate::model::{Attribution, Dimension, Membership};

const MICROS_PER_WEEK: f64 = 7.0 * 86_400.0 * 1e6;

/// The developers of one scope.
#[derive(Debug)]
pub struct Developers {
    attribution: Arc<Attribution>,
    whose: Whose,
    /// Only these count, where the question is narrowed to them.
    only: Option<HashSet<u32>>,
    /// Whoever belongs at this instant belongs all the time.
    current: Option<i64>,
}

#[derive(Debug, Clone, Copy)]
enum Whose {
    Organization,
    Node(u32),
    Person(u32),
}

impl Developers {
    /// Those of a question's scope; `None` where such a scope has none, say a repository.
    pub fn of(question: &Question, attribution: &Arc<Attribution>, now_micros: i64) -> Option<Developers> {
        let whose = match &question.scope {
            Scope::Organization => Whose::Organization,
            Scope::Key(Dimension::Team, key) => Whose::Node(attribution.node(key)?),
            Scope::Key(Dimension::Contributor, key) => Whose::Person(attribution.person(key)?),
            Scope::Key(..) => return None,
        };
        let only = question.filter.0.get(&Dimension::Contributor);
        let only = only.map(|keys| keys.iter().filter_map(|key| attribution.person(key)).collect());
        let current = (question.membership == Membership::Current).then_some(now_micros);
        Some(Developers { attribution: Arc::clone(attribution), whose, only, current })
    }

    /// Person-weeks within a window: of the whole scope, or of a slice of it. Slices by kinds of work are
    /// the work of them all; 0 where a slice is nobody's or a place's.
    pub fn weeks(&self, window: Period, slice: Option<(Slicing, Option<&str>)>) -> f64 {
        let stays = match slice {
            None => self.of_scope(None),
            Some((Slicing::Column(dimension), _)) if dimension.is_of_kinds() => self.of_scope(None),
            Some((_, None)) => Vec::new(),
            Some((Slicing::Column(_), _)) => Vec::new(),
            Some((Slicing::Person, Some(key))) => {
                self.attribution.person(key).map_or(Vec::new(), |person| self.of_scope(Some(person)))
            }
            Some((Slicing::Team { .. } | Slicing::Level { .. }, Some(key))) => {
                self.attribution.node(key).map_or(Vec::new(), |node| self.of_slice(slice.map(|(s, _)| s), node))
            }
        };
        let mut stays: Vec<Stay> = stays
            .into_iter()
            .filter(|stay| self.only.as_ref().is_none_or(|only| only.contains(&stay.person)))
            .collect();
        if let Some(now) = self.current {
            stays.retain(|stay| stay.from <= now && now < stay.to);
            for stay in &mut stays {
                (stay.from, stay.to) = self.present(stay.person);
            }
        }
        let instants = window.instants();
        spent(stays, instants.start, instants.end) as f64 / MICROS_PER_WEEK
    }

    /// Stays in the scope, by person; of one person alone where it is given.
    fn of_scope(&self, person: Option<u32>) -> Vec<Stay> {
        let people = &self.attribution.people;
        let always = |number: u32| {
            let (from, to) = self.present(number);
            Some(Stay { person: number, from, to }).filter(|_| !people[number as usize].is_bot)
        };
        match (self.whose, person) {
            (Whose::Organization, None) => (0..people.len() as u32).filter_map(always).collect(),
            (Whose::Organization, Some(person)) => always(person).into_iter().collect(),
            (Whose::Person(own), asked) => always(own).filter(|_| asked.is_none_or(|a| a == own)).into_iter().collect(),
            (Whose::Node(node), None) => self.attribution.members(node).to_vec(),
            (Whose::Node(node), Some(person)) => of_person(self.attribution.members(node), person).to_vec(),
        }
    }

    /// Stays at or below a node, while it is a slice of the scope.
    fn of_slice(&self, slicing: Option<Slicing>, node: u32) -> Vec<Stay> {
        let nodes = &self.attribution.nodes;
        let times = match slicing {
            Some(Slicing::Level { level, .. }) => self.times_at_level(node, level),
            _ => {
                let leaf = without(nodes[node as usize].exists.unwrap_or(ALWAYS), self.attribution.children(node));
                match self.whose {
                    Whose::Node(scope) => {
                        let above = nodes[node as usize].above.iter().filter(|span| span.node == scope);
                        let above: Vec<_> = above.map(|span| (span.from, span.to)).collect();
                        leaf.iter().flat_map(|leaf| above.iter().filter_map(|span| meet(*leaf, *span))).collect()
                    }
                    Whose::Organization | Whose::Person(_) => leaf,
                }
            }
        };
        let members = self.attribution.members(node);
        let members = match self.whose {
            Whose::Person(person) => of_person(members, person),
            Whose::Organization | Whose::Node(_) => members,
        };
        let clip = |stay: &Stay| {
            let within = |time: &(i64, i64)| meet((stay.from, stay.to), *time);
            let person = stay.person;
            times.iter().filter_map(within).map(|(from, to)| Stay { person, from, to }).collect::<Vec<_>>()
        };
        members.iter().flat_map(clip).collect()
    }

    /// When a node is so many levels below the scope; of the organisation, so many from the top.
    fn times_at_level(&self, node: u32, level: u32) -> Vec<(i64, i64)> {
        let nodes = &self.attribution.nodes;
        let steps = match self.whose {
            Whose::Node(_) => level,
            Whose::Organization | Whose::Person(_) => level.saturating_sub(1),
        };
        let mut reached = vec![(node, nodes[node as usize].exists.unwrap_or(ALWAYS))];
        for _ in 0..steps.min(MOST_LEVELS as u32 + 1) {
            let up = |(node, time): &(u32, (i64, i64))| {
                let parents = nodes[*node as usize].parents.iter();
                parents.filter_map(|span| Some((span.node, meet(*time, (span.from, span.to))?))).collect::<Vec<_>>()
            };
            reached = reached.iter().flat_map(up).collect();
        }
        let counts = |(node, time): (u32, (i64, i64))| match self.whose {
            Whose::Node(scope) => {
                if node == scope {
                    vec![time]
                } else {
                    Vec::new()
                }
            }
            Whose::Organization | Whose::Person(_) => {
                let parents: Vec<_> = nodes[node as usize].parents.iter().map(|span| (span.from, span.to)).collect();
                without(time, &parents)
            }
        };
        reached.into_iter().flat_map(counts).collect()
    }

    fn present(&self, person: u32) -> (i64, i64) {
        self.attribution.people[person as usize].present
    }
}

/// The stays of one person; they are ordered by person.
fn of_person(stays: &[Stay], person: u32) -> &[Stay] {
    let from = stays.partition_point(|stay| stay.person < person);
    let to = stays.partition_point(|stay| stay.person <= person);
    &stays[from..to]
}

fn meet(a: (i64, i64), b: (i64, i64)) -> Option<(i64, i64)> {
    Some((a.0.max(b.0), a.1.min(b.1))).filter(|(from, to)| from < to)
}

/// What is left of a time without others.
fn without(time: (i64, i64), others: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let mut others = others.to_vec();
    others.sort_unstable();
    let (mut left, mut reached) = (Vec::new(), time.0);
    for (from, to) in others {
        left.extend(meet((reached, from), time));
        reached = reached.max(to);
    }
    left.extend(meet((reached, time.1), time));
    left
}
