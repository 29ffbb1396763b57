//! Whose things are: accounts of people, people in teams, teams in teams, found by looking at every span for every
//! instant. Knows nothing of metrics.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use throughline::model::Dimension;
use throughline::model::condition::Matcher;

use super::item::{By, Item, Scope};
use super::teams::Rule;

/// Source and login.
pub type Account = (String, String);
/// Microseconds since 1970, `[from, to)`.
pub type Span = (i64, i64);
/// Values of the fields that settings of teams test; a field that is missing is none of such rows.
pub type Place = BTreeMap<&'static str, Vec<String>>;

/// Everybody, and every team there ever was.
#[derive(Debug, Clone, Default)]
pub struct People {
    /// Ids of the org trees.
    pub trees: Vec<String>,
    pub teams: Vec<Team>,
    pub people: Vec<Someone>,
}

#[derive(Debug, Clone)]
pub struct Someone {
    pub key: String,
    pub bot: bool,
    pub present: Span,
    /// Teams by number, and when.
    pub stays: Vec<(usize, Span)>,
    pub accounts: Vec<Account>,
}

#[derive(Debug, Clone)]
pub struct Team {
    pub key: String,
    pub tree: usize,
    pub exists: Span,
    /// The team above and when. No two at a time.
    pub placed: Vec<(usize, Span)>,
    pub sources: Option<Sources>,
    /// Metrics for which it does not matter whose something is.
    pub people_filter_off: Vec<String>,
}

/// Which rows are a team's by where they happened.
#[derive(Debug, Clone)]
pub enum Sources {
    Rule(Rule),
    Matcher(Arc<Matcher>),
}

/// Which team somebody is taken to be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    AtEvent,
    /// The one at this instant.
    Current(i64),
}

const KINDS: [Dimension; 7] = [
    Dimension::Size,
    Dimension::WorkType,
    Dimension::Complexity,
    Dimension::Category,
    Dimension::IssueType,
    Dimension::Priority,
    Dimension::Status,
];
const WEEK_MICROS: f64 = 7.0 * 86_400.0 * 1e6;

impl People {
    /// Whose an account is.
    pub fn owner(&self, account: &Account) -> Option<usize> {
        self.people.iter().position(|person| person.accounts.contains(account))
    }

    /// Who did something, as one name for all accounts of a person.
    pub fn name(&self, account: &Account) -> String {
        match self.owner(account) {
            Some(person) => format!("person {person}"),
            None => format!("account {}/{}", account.0, account.1),
        }
    }

    /// Whether something is a bot's: as we know the person, else as the tool says.
    pub fn is_bots(&self, item: &Item) -> bool {
        let owner = item.account.as_ref().and_then(|account| self.owner(account));
        item.bot.is_some_and(|told| owner.map_or(told, |owner| self.people[owner].bot))
    }

    /// Whether something belongs to a scope.
    pub fn is_of(&self, item: &Item, scope: &Scope, metric: &str, membership: Membership) -> bool {
        match scope {
            Scope::Organization => true,
            Scope::Repository(name) => item.keys(Dimension::Repository).contains(name),
            Scope::Service(name) => item.keys(Dimension::Service).contains(name),
            Scope::Contributor(key) => self.owner_of(item).is_some_and(|owner| self.people[owner].key == *key),
            Scope::Team(key) => {
                self.chains(item, metric, membership).iter().flatten().any(|team| self.teams[*team].key == *key)
            }
        }
    }

    /// The slices that something is in; what belongs to nobody is in the slice of none.
    pub fn slices(
        &self,
        item: &Item,
        by: By,
        scope: &Scope,
        metric: &str,
        membership: Membership,
    ) -> BTreeSet<Option<String>> {
        match by.dimension {
            Dimension::Contributor => [self.owner_of(item).map(|owner| self.people[owner].key.clone())].into(),
            Dimension::Team | Dimension::OrgLevel => {
                let stands = stands(micros(item), membership);
                self.slices_of_chains(&self.chains(item, metric, membership), by, scope, stands)
            }
            dimension if item.keys(dimension).is_empty() => [None].into(),
            dimension => item.keys(dimension).iter().cloned().map(Some).collect(),
        }
    }

    /// Person-weeks in a scope, or in a slice of it, within a window.
    pub fn weeks(&self, scope: &Scope, slice: Option<(By, Option<&str>)>, window: Span, membership: Membership) -> f64 {
        // Kinds of work are everybody's: their slices have the same people as the whole.
        let slice = slice.filter(|(by, _)| !KINDS.contains(&by.dimension));
        let edges = self.edges(window);
        let mut total = 0;
        for (number, person) in self.people.iter().enumerate().filter(|(_, person)| !person.bot) {
            for pair in edges.windows(2) {
                if self.is_there(number, person, pair[0], scope, slice, membership) {
                    total += pair[1] - pair[0];
                }
            }
        }
        total as f64 / WEEK_MICROS
    }

    fn is_there(
        &self,
        number: usize,
        person: &Someone,
        at: i64,
        scope: &Scope,
        slice: Option<(By, Option<&str>)>,
        membership: Membership,
    ) -> bool {
        let stands = stands(at, membership);
        let is_present = holds(person.present, at);
        let is_current = membership != Membership::AtEvent;
        let here = person.stays.iter().filter(|(_, span)| holds(*span, stands));
        let chains: Vec<Vec<usize>> = here.map(|(team, _)| self.chain(*team, stands)).collect();
        let with_us = is_present && (!is_current || holds(person.present, stands));
        // A slice of teams counts its members, whether or not they are with the organisation.
        let of_teams = slice.is_some_and(|(by, _)| matches!(by.dimension, Dimension::Team | Dimension::OrgLevel));
        let in_scope = match scope {
            Scope::Organization if of_teams => !is_current || is_present,
            Scope::Organization => with_us,
            Scope::Contributor(key) if self.people[number].key != *key => false,
            Scope::Contributor(_) if of_teams => !is_current || is_present,
            Scope::Contributor(_) => with_us,
            Scope::Team(key) => {
                let is_member = chains.iter().flatten().any(|team| self.teams[*team].key == *key);
                is_member && (!is_current || is_present)
            }
            Scope::Repository(_) | Scope::Service(_) => false,
        };
        in_scope
            && match slice {
                None => true,
                Some((_, None)) => false,
                Some((by, Some(key))) => match by.dimension {
                    Dimension::Contributor => person.key == key,
                    Dimension::Team | Dimension::OrgLevel => {
                        self.slices_of_chains(&chains, by, scope, stands).contains(&Some(key.to_owned()))
                    }
                    _ => false,
                },
            }
    }

    /// Whether anything can be counted of a scope in a window, of things that have these fields: where neither people nor
    /// settings say whose things are, nobody knows.
    pub fn is_configured(&self, scope: &Scope, seen: &Seen<'_>, window: Span, membership: Membership) -> bool {
        let Scope::Team(key) = scope else { return seen.of_people || !matches!(scope, Scope::Contributor(_)) };
        let counts = |team: &Team| {
            let by_people = seen.of_people && !team.people_filter_off.iter().any(|off| off == seen.metric);
            by_people || team.sources.as_ref().is_some_and(|sources| sources.tells(seen.fields))
        };
        let instants = match membership {
            Membership::Current(now) => vec![now],
            Membership::AtEvent => self.edges(window).into_iter().filter(|edge| *edge < window.1).collect(),
        };
        let is_below = |team: usize, at: i64| {
            let above = self.chain(team, at);
            holds(self.teams[team].exists, at) && above.iter().any(|above| self.teams[*above].key == *key)
        };
        let counting = (0..self.teams.len()).filter(|team| counts(&self.teams[*team]));
        let mut counting = counting.flat_map(|team| instants.iter().map(move |at| (team, *at)));
        counting.any(|(team, at)| is_below(team, at))
    }

    /// Every instant of a window at which anything may change, its ends included.
    fn edges(&self, window: Span) -> Vec<i64> {
        let stays = self.people.iter().flat_map(|p| p.stays.iter().map(|(_, span)| *span).chain([p.present]));
        let placed = self.teams.iter().flat_map(|t| t.placed.iter().map(|(_, span)| *span).chain([t.exists]));
        let edges: BTreeSet<i64> = stays.chain(placed).chain([window]).flat_map(|(from, to)| [from, to]).collect();
        edges.into_iter().filter(|edge| window.0 <= *edge && *edge <= window.1).collect()
    }

    fn owner_of(&self, item: &Item) -> Option<usize> {
        self.owner(item.account.as_ref()?)
    }

    /// The chains of something, each from a team that it is directly of, upwards.
    fn chains(&self, item: &Item, metric: &str, membership: Membership) -> Vec<Vec<usize>> {
        let at = stands(micros(item), membership);
        let owner = self.owner_of(item);
        let is_direct = |number: &usize| {
            let team = &self.teams[*number];
            if !holds(team.exists, at) {
                return false;
            }
            let here = team.sources.as_ref().map(|sources| sources.holds(&item.place));
            if !item.of_people || team.people_filter_off.iter().any(|off| off == metric) {
                return here == Some(Some(true));
            }
            let member = owner.is_some_and(|owner| {
                self.people[owner].stays.iter().any(|(team, span)| team == number && holds(*span, at))
            });
            member && here != Some(Some(false))
        };
        (0..self.teams.len()).filter(is_direct).map(|team| self.chain(team, at)).collect()
    }

    fn slices_of_chains(&self, chains: &[Vec<usize>], by: By, scope: &Scope, at: i64) -> BTreeSet<Option<String>> {
        let scope = match scope {
            Scope::Team(key) => self.teams.iter().position(|team| team.key == *key),
            _ => None,
        };
        let tree = by.tree.unwrap_or(scope.map_or(0, |team| self.teams[team].tree));
        let mut found = BTreeSet::new();
        for chain in chains.iter().filter(|chain| self.teams[chain[0]].tree == tree) {
            let top = match scope {
                None => Some(chain.len()),
                Some(scope) => chain.iter().position(|team| *team == scope),
            };
            let Some(top) = top else { continue };
            match by.dimension {
                Dimension::Team if self.is_leaf(chain[0], at) => {
                    found.insert(Some(self.teams[chain[0]].key.clone()));
                }
                Dimension::OrgLevel if top >= by.level => {
                    found.extend(chain.get(top - by.level).map(|team| Some(self.teams[*team].key.clone())));
                }
                _ => {}
            }
        }
        if found.is_empty() { [None].into() } else { found }
    }

    /// From a team upwards at an instant.
    fn chain(&self, team: usize, at: i64) -> Vec<usize> {
        let above = self.teams[team].placed.iter().find(|(_, span)| holds(*span, at));
        let above = above.map_or(Vec::new(), |(parent, _)| self.chain(*parent, at));
        [vec![team], above].concat()
    }

    fn is_leaf(&self, team: usize, at: i64) -> bool {
        !self.teams.iter().any(|other| other.placed.iter().any(|(parent, span)| *parent == team && holds(*span, at)))
    }
}

/// What kind of things a metric counts.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'f> {
    pub metric: &'f str,
    pub of_people: bool,
    /// Fields that settings can test of them.
    pub fields: &'f [&'f str],
}

impl Sources {
    fn tells(&self, fields: &[&str]) -> bool {
        match self {
            Sources::Rule(rule) => rule.tells(fields),
            Sources::Matcher(matcher) => tells(matcher, fields),
        }
    }

    /// Whether they hold; none: they say nothing of such rows.
    pub fn holds(&self, place: &Place) -> Option<bool> {
        match self {
            Sources::Rule(rule) => rule.holds(&|field| Some(place.get(field)?.iter().map(String::as_str).collect())),
            Sources::Matcher(matcher) => {
                matcher.matches(&|field| Some(place.get(field)?.iter().map(String::as_str).collect()))
            }
        }
    }
}

fn tells(matcher: &Matcher, fields: &[&str]) -> bool {
    match matcher {
        Matcher::All(parts) | Matcher::Any(parts) => parts.is_empty() || parts.iter().any(|part| tells(part, fields)),
        Matcher::Test { field, .. } => fields.contains(&field.as_str()),
    }
}

fn micros(item: &Item) -> i64 {
    item.at.timestamp_micros()
}

fn stands(at: i64, membership: Membership) -> i64 {
    match membership {
        Membership::AtEvent => at,
        Membership::Current(now) => now,
    }
}

fn holds(span: Span, at: i64) -> bool {
    span.0 <= at && at < span.1
}
