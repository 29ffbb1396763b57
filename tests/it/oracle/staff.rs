//! Teams and people of a random world: an invented organisation whose people have the world's accounts, as the oracle
//! has it and as the crate does.

use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveTime, Utc};
use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use throughline::model::attribution::{ALWAYS, Node, Person, SOURCE_FIELDS, Span as NodeSpan};
use throughline::model::{Attribution, Condition};

use super::metric::Metric;
use super::record::At;
use super::teams::{Days, EVER, Organization, Rule, STORY};
use super::whose::{People, Someone, Sources, Span, Team};

/// Accounts of random worlds that people may have; the others are nobody's.
const ACCOUNTS: [(&str, &str); 10] = [
    ("github", "ann"),
    ("github", "bob"),
    ("github", "ci"),
    ("github", "stranger"),
    ("gitlab", "gina"),
    ("gitlab", "ci"),
    ("tracker", "ann"),
    ("tracker", "gina"),
    ("tracker", "bob"),
    ("tracker", "triage"),
];

/// What settings of teams name.
const PLACES: [(&str, &[&str]); 11] = [
    ("repository", &["acme/app", "acme/lib", "acme/web"]),
    ("repository", &["acme/app", "acme/api"]),
    ("service", &["checkout", "search"]),
    ("project", &["shop", "PAY", "OPS"]),
    ("label", &["bug", "hotfixes", "urgent"]),
    ("branch", &["main", "topic"]),
    ("pipeline", &["ci", "nightly"]),
    ("board", &["Pay", "Ops"]),
    ("type", &["Story", "Bug", "Epic"]),
    ("priority", &["High", "Low"]),
    ("component", &["till", "shelf"]),
];

impl People {
    /// People and teams around a scene. Everything changes at midnight UTC.
    pub fn invent(rng: &mut ChaCha8Rng, scene: At) -> People {
        let organization = Organization::invent(rng);
        let mut accounts = ACCOUNTS.map(|(source, login)| (source.to_owned(), login.to_owned())).to_vec();
        accounts.shuffle(rng);
        let first = scene.date_naive().and_time(NaiveTime::MIN).and_utc() - Duration::days(STORY / 2);
        let places: Vec<_> = PLACES.into_iter().filter(|(field, _)| SOURCE_FIELDS.contains(field)).collect();
        let teams = organization.teams.iter().enumerate().map(|(number, team)| Team {
            key: format!("n{number}"),
            tree: team.tree,
            exists: span(first, team.exists),
            placed: team.placed.iter().map(|(above, days)| (*above, span(first, *days))).collect(),
            sources: rng.random_ratio(1, 3).then(|| Sources::Rule(Rule::invent(rng, 2, &places))),
            people_filter_off: (0..rng.random_range(0..10))
                .map(|_| Metric::ALL[rng.random_range(0..Metric::ALL.len())].name().to_owned())
                .collect(),
        });
        let teams = teams.collect();
        let people = organization.people.iter().enumerate().map(|(number, person)| Someone {
            key: format!("p{number}"),
            bot: person.bot,
            present: span(first, person.present),
            stays: person.stays.iter().map(|(team, days)| (*team, span(first, *days))).collect(),
            accounts: (0..rng.random_range(1..=3)).filter_map(|_| accounts.pop()).collect(),
        });
        let trees = (0..organization.trees).map(|tree| format!("t{tree}")).collect();
        People { people: people.collect(), teams, trees }
    }

    /// The same in the words of the crate.
    pub fn attribution(&self) -> Attribution {
        let span = |(node, (from, to)): &(usize, Span)| NodeSpan { node: *node as u32, from: *from, to: *to };
        let node = |team: &Team| Node {
            key: team.key.clone(),
            tree: team.tree as u32,
            exists: (team.exists != ALWAYS).then_some(team.exists),
            parents: team.placed.iter().map(span).collect(),
            sources: team.sources.as_ref().map(|sources| match sources {
                Sources::Matcher(matcher) => Arc::clone(matcher),
                Sources::Rule(rule) => {
                    let condition: Condition = serde_json::from_value(rule.document()).expect("a condition");
                    Arc::new(condition.compile(&SOURCE_FIELDS).expect("compiles"))
                }
            }),
            people_filter: team.people_filter_off.iter().map(|metric| (metric.clone(), false)).collect(),
            ..Node::default()
        };
        let person = |person: &Someone| Person {
            key: person.key.clone(),
            is_bot: person.bot,
            present: person.present,
            direct: person.stays.iter().map(span).collect(),
            accounts: person.accounts.clone(),
        };
        let (nodes, people) = (self.teams.iter().map(node).collect(), self.people.iter().map(person).collect());
        Attribution::new("invented".into(), self.trees.clone(), nodes, people)
    }

    /// People and teams as the crate knows them.
    pub fn of(attribution: &Attribution) -> People {
        let span = |span: &NodeSpan| (span.node as usize, (span.from, span.to));
        let team = |node: &Node| Team {
            key: node.key.clone(),
            tree: node.tree as usize,
            exists: node.exists.unwrap_or(ALWAYS),
            placed: node.parents.iter().map(span).collect(),
            sources: node.sources.clone().map(Sources::Matcher),
            people_filter_off: node
                .people_filter
                .iter()
                .filter(|(_, on)| !**on)
                .map(|(name, _)| name.clone())
                .collect(),
        };
        let someone = |person: &Person| Someone {
            key: person.key.clone(),
            bot: person.is_bot,
            present: person.present,
            stays: person.direct.iter().map(span).collect(),
            accounts: person.accounts.clone(),
        };
        People {
            trees: attribution.trees.clone(),
            teams: attribution.nodes.iter().map(team).collect(),
            people: attribution.people.iter().map(someone).collect(),
        }
    }
}

fn span(first: DateTime<Utc>, (from, to): Days) -> Span {
    let instant = |day: i64, bound: i64| match day {
        edge if edge == EVER.0 || edge == EVER.1 => bound,
        day => (first + Duration::days(day)).timestamp_micros(),
    };
    (instant(from, ALWAYS.0), instant(to, ALWAYS.1))
}
