//! Who belongs to which node of the org trees, and when: the one relation that turns an account, or the place something
//! happened in, into teams. It is made from people and settings, and read by plans; neither knows the other.
//!
//! Times are microseconds since 1970 UTC, half-open; `ALWAYS` where nothing bounds them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use super::condition::Matcher;

/// From the beginning to the end of time.
pub const ALWAYS: (i64, i64) = (i64::MIN, i64::MAX);
/// The most levels that an org tree has at any time.
pub const MOST_LEVELS: usize = 64;

/// What a team's settings test: fields of rows. A fact has some of them. The last four are of issues: board of their
/// sprints, type, priority, component.
pub const SOURCE_FIELDS: [&str; 11] = [
    "repository",
    "service",
    "project",
    "environment",
    "branch",
    "label",
    "pipeline",
    "board",
    "type",
    "priority",
    "component",
];

/// The relation, at one state of people and settings.
#[derive(Debug, Default)]
pub struct Attribution {
    /// Changes when anything in it does.
    pub id: String,
    /// Ids of the org trees; a node's tree is an index into this.
    pub trees: Vec<String>,
    pub nodes: Vec<Node>,
    pub people: Vec<Person>,
    accounts: HashMap<Arc<str>, HashMap<Arc<str>, u32>>,
    /// Logins by source of bots' accounts that people have.
    bots: HashMap<String, HashSet<String>>,
    nodes_by_key: HashMap<String, u32>,
    people_by_key: HashMap<String, u32>,
    members: OnceLock<Vec<Vec<Stay>>>,
    children: OnceLock<Vec<Vec<(i64, i64)>>>,
}

/// A person's time at or below a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stay {
    pub person: u32,
    pub from: i64,
    pub to: i64,
}

/// A node of an org tree, whenever it existed.
#[derive(Debug, Clone, Default)]
pub struct Node {
    /// Id of the team.
    pub key: String,
    pub name: String,
    pub tree: u32,
    /// When there was such a team; `None`: always.
    pub exists: Option<(i64, i64)>,
    /// Under which nodes it was, and when. At any time at most one, and never under itself.
    pub parents: Vec<Span>,
    /// Which rows are its own by where they happened; `None`: nothing is set, neither here nor above.
    pub sources: Option<Arc<Matcher>>,
    /// Metrics (by name) of which the people filter is switched off (false) or on (true) for this team.
    pub people_filter: BTreeMap<String, bool>,
    /// Itself, while it exists, and everything above it, each with the times in which it was above. Filled by [`Attribution::new`].
    pub above: Vec<Span>,
}

/// A time spent at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub node: u32,
    pub from: i64,
    pub to: i64,
}

/// A contributor.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// Id of the contributor.
    pub key: String,
    pub is_bot: bool,
    /// When the person was with the organisation.
    pub present: (i64, i64),
    /// Nodes that the person was directly at, in any order; they may overlap.
    pub direct: Vec<Span>,
    /// Logins by source: (`source`, `login`).
    pub accounts: Vec<(String, String)>,
}

impl Attribution {
    /// Closes the nodes over what is above them. `parents` and `direct` hold indices into `nodes`.
    pub fn new(id: String, trees: Vec<String>, mut nodes: Vec<Node>, people: Vec<Person>) -> Attribution {
        let above: Vec<Vec<Span>> = (0..nodes.len()).map(|node| above(&nodes, node as u32)).collect();
        for (node, above) in nodes.iter_mut().zip(above) {
            node.above = above;
        }
        let mut accounts: HashMap<Arc<str>, HashMap<Arc<str>, u32>> = HashMap::new();
        for (number, person) in people.iter().enumerate() {
            for (source, login) in &person.accounts {
                let of_source = match accounts.get_mut(source.as_str()) {
                    Some(known) => known,
                    None => accounts.entry(Arc::from(source.as_str())).or_default(),
                };
                of_source.insert(Arc::from(login.as_str()), number as u32);
            }
        }
        let nodes_by_key = nodes.iter().enumerate().map(|(i, node)| (node.key.clone(), i as u32)).collect();
        let people_by_key = people.iter().enumerate().map(|(i, person)| (person.key.clone(), i as u32)).collect();
        Attribution { id, trees, nodes, people, accounts, nodes_by_key, people_by_key, ..Attribution::default() }
    }

    /// The same, with accounts (`source`, `login`) that are bots' although people have them.
    pub fn with_bots(mut self, accounts: impl IntoIterator<Item = (String, String)>) -> Attribution {
        for (source, login) in accounts {
            self.bots.entry(source).or_default().insert(login);
        }
        self
    }

    /// The node of a team.
    pub fn node(&self, key: &str) -> Option<u32> {
        self.nodes_by_key.get(key).copied()
    }

    /// A contributor by id.
    pub fn person(&self, key: &str) -> Option<u32> {
        self.people_by_key.get(key).copied()
    }

    /// The contributor that an account belongs to.
    pub fn person_of(&self, source: &str, login: &str) -> Option<u32> {
        self.accounts.get(source)?.get(login).copied()
    }

    /// Whether an account is a bot's; `None`: it belongs to nobody.
    pub fn is_bot(&self, source: &str, login: &str) -> Option<bool> {
        let person = self.person_of(source, login)?;
        let own = || self.bots.get(source).is_some_and(|logins| logins.contains(login));
        Some(self.people[person as usize].is_bot || own())
    }

    /// Nodes that a person was directly at, at an instant.
    pub fn direct_at(&self, person: u32, at: i64) -> impl Iterator<Item = u32> + '_ {
        let direct = &self.people[person as usize].direct;
        direct.iter().filter(move |span| span.from <= at && at < span.to).map(|span| span.node)
    }

    /// A node and everything above it at an instant, appended to `found` without repeating what is there.
    pub fn add_above(&self, node: u32, at: i64, found: &mut Vec<u32>) {
        for span in &self.nodes[node as usize].above {
            if span.from <= at && at < span.to && !found.contains(&span.node) {
                found.push(span.node);
            }
        }
    }

    /// The node above a node at an instant.
    pub fn parent_at(&self, node: u32, at: i64) -> Option<u32> {
        let parents = &self.nodes[node as usize].parents;
        parents.iter().find(|span| span.from <= at && at < span.to).map(|span| span.node)
    }

    /// Whether there is such a team at an instant.
    pub fn exists_at(&self, node: u32, at: i64) -> bool {
        self.nodes[node as usize].exists.is_none_or(|(from, to)| from <= at && at < to)
    }

    /// Whether a node has nothing below it at an instant.
    pub fn is_leaf_at(&self, node: u32, at: i64) -> bool {
        !self.children(node).iter().any(|(from, to)| *from <= at && at < *to)
    }

    /// The times at which a node has another below it, one for each of those; they may overlap.
    pub fn children(&self, node: u32) -> &[(i64, i64)] {
        let children = self.children.get_or_init(|| {
            let mut children = vec![Vec::new(); self.nodes.len()];
            for below in &self.nodes {
                let (from, to) = below.exists.unwrap_or(ALWAYS);
                for span in &below.parents {
                    children[span.node as usize].push((span.from.max(from), span.to.min(to)));
                }
            }
            children
        });
        &children[node as usize]
    }

    /// Who was at or below a node, and when, by person; the times of one person may overlap. Bots are left out.
    pub fn members(&self, node: u32) -> &[Stay] {
        let members = self.members.get_or_init(|| {
            let mut members = vec![Vec::new(); self.nodes.len()];
            for (number, person) in self.people.iter().enumerate().filter(|(_, person)| !person.is_bot) {
                for direct in &person.direct {
                    for above in &self.nodes[direct.node as usize].above {
                        let (from, to) = (above.from.max(direct.from), above.to.min(direct.to));
                        if from < to {
                            members[above.node as usize].push(Stay { person: number as u32, from, to });
                        }
                    }
                }
            }
            members
        });
        &members[node as usize]
    }

    /// Person-microseconds spent at or below a node (`None`: in the organisation) within a window; bots left out, and a
    /// person counted once at a time.
    pub fn person_micros(&self, node: Option<u32>, from: i64, to: i64) -> i128 {
        match node {
            None => {
                let people = self.people.iter().filter(|person| !person.is_bot);
                people.map(|person| covered(vec![person.present], from, to)).sum()
            }
            Some(node) => spent(self.members(node).iter().copied(), from, to),
        }
    }
}

/// Everything above a node, with the times. The graph has no circle at any instant, so the walk ends.
fn above(nodes: &[Node], node: u32) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    let (from, to) = nodes[node as usize].exists.unwrap_or(ALWAYS);
    let mut waiting = vec![(Span { node, from, to }, 0)];
    while let Some((span, level)) = waiting.pop() {
        found.push(span);
        if level == MOST_LEVELS {
            continue;
        }
        for parent in &nodes[span.node as usize].parents {
            let (from, to) = (span.from.max(parent.from), span.to.min(parent.to));
            if from < to {
                waiting.push((Span { node: parent.node, from, to }, level + 1));
            }
        }
    }
    found.sort_unstable();
    found
}

/// Person-microseconds of stays within a window, a person counted once at a time. The stays of one person follow each other.
pub fn spent(stays: impl IntoIterator<Item = Stay>, from: i64, to: i64) -> i128 {
    let (mut total, mut person, mut spans) = (0, None, Vec::new());
    for stay in stays {
        if person != Some(stay.person) {
            total += covered(std::mem::take(&mut spans), from, to);
            person = Some(stay.person);
        }
        spans.push((stay.from, stay.to));
    }
    total + covered(spans, from, to)
}

/// How much of a window intervals cover, each instant counted once.
fn covered(mut spans: Vec<(i64, i64)>, from: i64, to: i64) -> i128 {
    spans.sort_unstable();
    let (mut total, mut reached) = (0_i128, from);
    for (start, end) in spans {
        let (start, end) = (start.max(reached), end.min(to));
        if start < end {
            total += i128::from(end) - i128::from(start);
            reached = end;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(node: u32, from: i64, to: i64) -> Span {
        Span { node, from, to }
    }

    #[test]
    fn a_team_that_moves_leaves_its_history_where_it_was() {
        let node = |key: &str, parents: Vec<Span>| Node { key: key.into(), parents, ..Node::default() };
        let nodes = vec![
            node("a", vec![]),
            node("b", vec![]),
            node("team", vec![span(0, i64::MIN, 100), span(1, 100, i64::MAX)]),
        ];
        let person = Person {
            key: "ann".into(),
            present: ALWAYS,
            direct: vec![span(2, 50, 200), span(2, 150, 300)],
            accounts: vec![("forge".into(), "ann".into())],
            ..Person::default()
        };
        let attribution = Attribution::new("1".into(), vec!["t".into()], nodes, vec![person]);
        let at = |instant| {
            let mut found = Vec::new();
            for node in attribution.direct_at(0, instant) {
                attribution.add_above(node, instant, &mut found);
            }
            found.sort_unstable();
            found
        };
        assert_eq!(at(49), [0; 0]);
        assert_eq!(at(99), [0, 2]);
        assert_eq!(at(100), [1, 2]);
        assert_eq!(at(180), [1, 2]);
        assert_eq!(attribution.person_of("forge", "ann"), Some(0));
        assert_eq!(attribution.person_of("forge", "bob"), None);
        assert_eq!((attribution.is_bot("forge", "ann"), attribution.is_bot("forge", "bob")), (Some(false), None));
        assert_eq!(attribution.person_micros(Some(0), 0, 1_000), 50);
        assert_eq!(attribution.person_micros(Some(1), 0, 1_000), 200);
        assert_eq!(attribution.person_micros(Some(2), 0, 1_000), 250);
        assert_eq!(attribution.person_micros(None, 0, 1_000), 1_000);
        let with_a_bot = attribution.with_bots([("forge".to_owned(), "ann".to_owned())]);
        assert_eq!(with_a_bot.is_bot("forge", "ann"), Some(true));
        assert_eq!(with_a_bot.person_micros(None, 0, 1_000), 1_000, "she is a person all the same");
    }
}
