//! To which nodes of the org trees a row belongs: by the person whose it is, by the place where it happened. Pure; plans
//! ask it through `functions::placement`.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::attribution::{MOST_LEVELS, Node};
use crate::model::condition::{Matcher, Operator};
use crate::model::{Attribution, Fact};

/// A node that a row directly belongs to, and everything above it, upwards.
pub type Path = Vec<u32>;

/// Gives the values of a field of a row; `None`: rows of its kind have no such field.
pub type Place<'p, 'v> = dyn Fn(&str) -> Option<Vec<&'v str>> + 'p;

/// How rows of one fact, counted by one metric, belong to nodes.
#[derive(Debug)]
pub struct Belonging {
    attribution: Arc<Attribution>,
    has_person: bool,
    /// By node: whether its people do not matter.
    sources_alone: Vec<bool>,
    /// Conditions that decide by themselves, with the nodes that have them.
    conditions: Vec<(Arc<Matcher>, Vec<u32>)>,
    /// Conditions that can hold only where a field has a value, by field and value; the others.
    anchored: HashMap<String, HashMap<String, Vec<usize>>>,
    unanchored: Vec<usize>,
    /// By node: whether something of its own can be counted.
    counts: Vec<bool>,
}

impl Belonging {
    /// For rows of a fact, where settings of teams say something of the metric.
    pub fn new(attribution: Arc<Attribution>, fact: &Fact, metric: &str) -> Belonging {
        let has_person = fact.person.is_some();
        let fields: Vec<&str> = fact.fields.iter().map(|(field, _)| field.as_str()).collect();
        let off = |node: &Node| node.people_filter.get(metric) == Some(&false);
        let sources_alone: Vec<bool> = attribution.nodes.iter().map(|node| !has_person || off(node)).collect();
        let mut conditions: Vec<(Arc<Matcher>, Vec<u32>)> = Vec::new();
        let mut known: HashMap<*const Matcher, usize> = HashMap::new();
        for (number, node) in attribution.nodes.iter().enumerate().filter(|(number, _)| sources_alone[*number]) {
            let Some(sources) = node.sources.as_ref().filter(|sources| tells(sources, &fields)) else { continue };
            // Teams that inherit share a condition.
            let place = *known.entry(Arc::as_ptr(sources)).or_insert(conditions.len());
            if place == conditions.len() {
                conditions.push((Arc::clone(sources), Vec::new()));
            }
            conditions[place].1.push(number as u32);
        }
        let mut anchored = HashMap::<String, HashMap<String, Vec<usize>>>::new();
        let mut unanchored = Vec::new();
        for (place, (condition, _)) in conditions.iter().enumerate() {
            let Some(anchors) = anchors(condition, &fields) else {
                unanchored.push(place);
                continue;
            };
            for (field, value) in anchors {
                let places = anchored.entry(field.to_owned()).or_default().entry(value.to_owned()).or_default();
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
        let mut counts: Vec<bool> = sources_alone.iter().map(|alone| !alone).collect();
        for node in conditions.iter().flat_map(|(_, nodes)| nodes) {
            counts[*node as usize] = true;
        }
        Belonging { attribution, has_person, sources_alone, conditions, anchored, unanchored, counts }
    }

    /// Whether anything can be counted of a node or of what was below it between two instants.
    pub fn is_configured(&self, node: u32, from: i64, to: i64) -> bool {
        let reaches =
            |below: &Node| below.above.iter().any(|span| span.node == node && span.from < to && from < span.to);
        self.attribution.nodes.iter().zip(&self.counts).any(|(below, counts)| *counts && reaches(below))
    }

    /// Whether where a row happened decides by itself for some node.
    pub fn asks_for_place(&self) -> bool {
        !self.conditions.is_empty()
    }

    /// The nodes for which where a row happened decides by itself, and does so in its favour.
    pub fn placed(&self, place: &Place<'_, '_>) -> Vec<u32> {
        let mut candidates = self.unanchored.clone();
        for (field, by_value) in &self.anchored {
            let values = place(field).unwrap_or_default();
            candidates.extend(values.iter().filter_map(|value| by_value.get(*value)).flatten());
        }
        candidates.sort_unstable();
        candidates.dedup();
        let holding =
            candidates.into_iter().map(|c| &self.conditions[c]).filter(|(m, _)| m.matches(place) == Some(true));
        holding.flat_map(|(_, nodes)| nodes).copied().collect()
    }

    /// Ways up from every node that a row directly belongs to at an instant. `placed` is what [`Belonging::placed`] gave.
    pub fn paths(&self, person: Option<u32>, at: i64, placed: &[u32], place: &Place<'_, '_>) -> Vec<Path> {
        let mut direct: Vec<u32> = Vec::new();
        if let Some(person) = person.filter(|_| self.has_person) {
            let counts = |node: &u32| {
                let sources = &self.attribution.nodes[*node as usize].sources;
                !self.sources_alone[*node as usize]
                    && sources.as_ref().is_none_or(|sources| sources.matches(place) != Some(false))
            };
            direct.extend(self.attribution.direct_at(person, at).filter(counts));
        }
        direct.extend(placed);
        direct.sort_unstable();
        direct.dedup();
        direct.retain(|node| self.attribution.exists_at(*node, at));
        direct.into_iter().map(|node| self.path(node, at)).collect()
    }

    fn path(&self, node: u32, at: i64) -> Path {
        let mut path = vec![node];
        while let Some(parent) = self.attribution.parent_at(path[path.len() - 1], at) {
            path.push(parent);
            if path.len() > MOST_LEVELS {
                break;
            }
        }
        path
    }
}

/// Whether a condition says anything of rows that have these fields.
fn tells(condition: &Matcher, fields: &[&str]) -> bool {
    match condition {
        Matcher::All(parts) | Matcher::Any(parts) => parts.is_empty() || parts.iter().any(|part| tells(part, fields)),
        Matcher::Test { field, .. } => fields.contains(&field.as_str()),
    }
}

/// Fields and values of which a row must have one for the condition to hold; `None`: it may hold of any row.
fn anchors<'m>(condition: &'m Matcher, fields: &[&str]) -> Option<Vec<(&'m str, &'m str)>> {
    match condition {
        Matcher::Test { field, operator: Operator::Equals, values, .. } if fields.contains(&field.as_str()) => {
            Some(values.iter().map(|value| (field.as_str(), value.as_str())).collect())
        }
        Matcher::Test { .. } => None,
        Matcher::All(parts) => parts.iter().find_map(|part| anchors(part, fields)),
        Matcher::Any(parts) => {
            let telling: Vec<_> = parts.iter().filter(|part| tells(part, fields)).collect();
            if telling.is_empty() {
                return None;
            }
            let each = telling.into_iter().map(|part| anchors(part, fields));
            Some(each.collect::<Option<Vec<_>>>()?.concat())
        }
    }
}
