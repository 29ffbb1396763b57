//! The relation that plans read, made of people and org trees: days of the organisation's zone become instants here.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate, TimeDelta};
use chrono_tz::Tz;

use super::days::Days;
use super::members::presence;
use crate::clock::midnight;
use crate::model::attribution::{ALWAYS, Attribution, Node, Person, SOURCE_FIELDS, Span};
use crate::model::condition::{Condition, Matcher};
use crate::people::directory::{self, Org, Resolved, TeamNode};

/// The relation. Its nodes are numbered as `org.teams`, its people as `resolved.people`.
///
/// # Errors
/// When the sources of a team cannot be used, which no change allows.
pub fn attribution(id: String, resolved: &Resolved, org: &Org, zone: Tz) -> Result<Attribution> {
    let mut instants = Instants { zone, known: HashMap::new() };
    let mut matchers: HashMap<&Condition, Arc<Matcher>> = HashMap::new();
    let mut direct: Vec<Vec<Span>> = vec![Vec::new(); resolved.people.len()];
    let mut nodes = Vec::with_capacity(org.teams.len());
    for (number, team) in org.teams.iter().enumerate() {
        for span in &team.spans {
            direct[span.person].push(instants.span(number, Days::new(span.from, span.to)));
        }
        nodes.push(node(team, &mut instants, &mut matchers)?);
    }
    let people = resolved.people.iter().zip(direct).map(|(person, direct)| Person {
        key: person.id.clone(),
        is_bot: person.is_bot,
        present: present(person, resolved, &mut instants),
        direct,
        accounts: person
            .accounts
            .iter()
            .map(|index| &resolved.accounts[*index].seen)
            .map(|seen| (seen.source.clone(), seen.login.clone()))
            .collect(),
    });
    let people = people.collect();
    let trees = org.trees.iter().map(|tree| tree.id.clone()).collect();
    let bots = resolved.accounts.iter().filter(|account| account.is_bot && !resolved.people[account.person].is_bot);
    let bots = bots.map(|account| (account.seen.source.clone(), account.seen.login.clone()));
    Ok(Attribution::new(id, trees, nodes, people).with_bots(bots))
}

fn node<'o>(
    team: &'o TeamNode,
    instants: &mut Instants,
    matchers: &mut HashMap<&'o Condition, Arc<Matcher>>,
) -> Result<Node> {
    let sources = match &team.settings.sources {
        None => None,
        Some(condition) => Some(match matchers.get(condition) {
            Some(matcher) => Arc::clone(matcher),
            None => {
                let place = || format!("the sources of team {}", team.path);
                let matcher = Arc::new(condition.compile(&SOURCE_FIELDS).with_context(place)?);
                matchers.insert(condition, Arc::clone(&matcher));
                matcher
            }
        }),
    };
    let exists = Days::new(team.team.from, team.team.to);
    let parents = team.parents.iter();
    Ok(Node {
        key: team.id.clone(),
        name: team.team.name.clone(),
        tree: team.tree as u32,
        exists: (exists != Days::ALWAYS).then(|| instants.of(exists)),
        parents: parents.map(|span| instants.span(span.team, Days::new(span.from, span.to))).collect(),
        sources,
        people_filter: team.settings.people_filter.clone(),
        above: Vec::new(),
    })
}

/// When a person is with the organisation: of a registered one as HR says, of a detected one from the day of the first
/// item to the day of the last; never, where there is no item.
fn present(person: &directory::Person, resolved: &Resolved, instants: &mut Instants) -> (i64, i64) {
    if person.registered {
        return instants.of(presence(person));
    }
    let seen = || person.accounts.iter().map(|index| &resolved.accounts[*index].seen);
    let day = |micros: i64| Some(DateTime::from_timestamp_micros(micros)?.with_timezone(&instants.zone).date_naive());
    let first = seen().filter_map(|seen| seen.first).min().and_then(day);
    let last = seen().filter_map(|seen| seen.last).max().and_then(day);
    match (first, last.and_then(|day| day.checked_add_signed(TimeDelta::days(1)))) {
        (Some(first), Some(after)) => instants.of(Days::new(Some(first), Some(after))),
        _ => (0, 0),
    }
}

/// Days as instants; few days bound many spans.
struct Instants {
    zone: Tz,
    known: HashMap<NaiveDate, i64>,
}

impl Instants {
    fn of(&mut self, days: Days) -> (i64, i64) {
        (days.from().map_or(ALWAYS.0, |day| self.midnight(day)), days.to().map_or(ALWAYS.1, |day| self.midnight(day)))
    }

    fn span(&mut self, node: usize, days: Days) -> Span {
        let (from, to) = self.of(days);
        Span { node: node as u32, from, to }
    }

    fn midnight(&mut self, day: NaiveDate) -> i64 {
        let zone = self.zone;
        *self.known.entry(day).or_insert_with(|| midnight(day, zone).timestamp_micros())
    }
}
