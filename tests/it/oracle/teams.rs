//! Invented organisations: teams that move, come and go, people in several of them, settings that say which places are
//! whose. Everything changes at midnight UTC, and who belongs where on a day is found by walking, day by day.

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

/// Days are numbered from the first of 2026. `[from, to)`.
pub type Days = (i64, i64);
pub const EVER: Days = (-1_000, 1_000);
/// Days on which something happens.
pub const STORY: i64 = 120;

pub const REPOSITORIES: [&str; 4] = ["shop", "pay", "mail", "site"];
pub const LABELS: [&str; 3] = ["fix", "feature", "team-pay"];
pub const BRANCHES: [&str; 2] = ["main", "release/1"];
pub const PIPELINES: [&str; 2] = ["ship", "ship-eu"];
/// A metric of changes and one of deployments that settings may say something of.
pub const SWITCHED: [&str; 2] = ["PULL_REQUEST_CYCLE_TIME", "DEPLOYMENT_FREQUENCY"];

#[derive(Debug, Clone)]
pub struct Team {
    pub tree: usize,
    pub exists: Days,
    /// The team above and when. No two at a time.
    pub placed: Vec<(usize, Days)>,
    pub sources: Option<Rule>,
    pub people_filter_off: Vec<&'static str>,
}

#[derive(Debug, Clone)]
pub struct Someone {
    pub bot: bool,
    pub present: Days,
    pub stays: Vec<(usize, Days)>,
    pub accounts: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub enum Rule {
    All(Vec<Rule>),
    Any(Vec<Rule>),
    Is(&'static str, Vec<&'static str>),
    IsNot(&'static str, Vec<&'static str>),
    Begins(&'static str, &'static str),
}

#[derive(Debug, Clone)]
pub struct Organization {
    pub trees: usize,
    pub teams: Vec<Team>,
    pub people: Vec<Someone>,
}

/// A row of a fact: a change or a deployment.
#[derive(Debug, Clone)]
pub struct Row {
    pub source: &'static str,
    pub login: String,
    /// What the tool says.
    pub bot: bool,
    /// Microseconds since 1970: merged or finished, and deployed.
    pub at: i64,
    pub deployed_at: Option<i64>,
    /// The place; a field that is missing is none of such rows.
    pub place: Vec<(&'static str, Vec<&'static str>)>,
}

impl Organization {
    pub fn invent(rng: &mut ChaCha8Rng) -> Organization {
        let trees = rng.random_range(1..=2);
        let mut teams: Vec<Team> = Vec::new();
        for number in 0..rng.random_range(1..=9) {
            let tree = rng.random_range(0..trees);
            let exists = if rng.random_ratio(1, 4) { days(rng) } else { EVER };
            let above: Vec<usize> = (0..number).filter(|above| teams[*above].tree == tree).collect();
            let cut = rng.random_range(0..STORY);
            let placed = [(EVER.0, cut), (cut, EVER.1)].into_iter().filter_map(|span| {
                let parent = *above.choose(rng)?;
                let span = meet(meet(span, exists)?, teams[parent].exists)?;
                rng.random_ratio(4, 5).then_some((parent, span))
            });
            let placed: Vec<_> = placed.collect();
            let sources = rng.random_ratio(1, 3).then(|| Rule::invent(rng, 2, &FIELDS));
            let people_filter_off = SWITCHED.into_iter().filter(|_| rng.random_ratio(1, 5)).collect();
            teams.push(Team { tree, exists, placed, sources, people_filter_off });
        }
        let mut people = Vec::new();
        for number in 0..rng.random_range(1..=6) {
            let stays = (0..rng.random_range(0..=4)).filter_map(|_| {
                let team = rng.random_range(0..teams.len());
                let span = if rng.random_ratio(1, 3) { EVER } else { days(rng) };
                Some((team, meet(span, teams[team].exists)?))
            });
            let stays = stays.collect();
            let accounts = (0..rng.random_range(1..=2)).map(|n| (sources()[n].to_owned(), format!("p{number}")));
            let accounts = accounts.collect();
            let present = if rng.random_ratio(1, 3) { days(rng) } else { EVER };
            people.push(Someone { bot: rng.random_ratio(1, 8), present, stays, accounts });
        }
        Organization { trees, teams, people }
    }

    /// Whose an account is.
    pub fn owner(&self, source: &str, login: &str) -> Option<usize> {
        self.people.iter().position(|person| person.accounts.iter().any(|(s, l)| s == source && l == login))
    }

    /// From a team upwards on a day.
    pub fn chain(&self, team: usize, day: i64) -> Vec<usize> {
        let above = self.teams[team].placed.iter().find(|(_, span)| holds(*span, day));
        let above = above.map_or(Vec::new(), |(parent, _)| self.chain(*parent, day));
        [vec![team], above].concat()
    }

    pub fn is_leaf(&self, team: usize, day: i64) -> bool {
        !self.teams.iter().any(|other| other.placed.iter().any(|(parent, span)| *parent == team && holds(*span, day)))
    }

    /// The chains of a row, from each team that it is directly of on a day. `of_people`: such rows are somebody's.
    pub fn chains(&self, row: &Row, metric: &str, of_people: bool, day: i64) -> Vec<Vec<usize>> {
        let owner = self.owner(row.source, &row.login).filter(|_| of_people);
        let is_direct = |number: &usize| {
            let team = &self.teams[*number];
            if !holds(team.exists, day) {
                return false;
            }
            let here = team.sources.as_ref().map(|rule| rule.holds(&|field| row.values_of(field)));
            if !of_people || team.people_filter_off.contains(&metric) {
                return here == Some(Some(true));
            }
            let member = owner.is_some_and(|owner| {
                self.people[owner].stays.iter().any(|(team, span)| team == number && holds(*span, day))
            });
            member && here != Some(Some(false))
        };
        (0..self.teams.len()).filter(is_direct).map(|team| self.chain(team, day)).collect()
    }

    /// Chains of the teams that a person is directly in on a day, whatever happens where.
    pub fn stays(&self, person: usize, day: i64) -> Vec<Vec<usize>> {
        let here = self.people[person].stays.iter().filter(|(_, span)| holds(*span, day));
        here.map(|(team, _)| self.chain(*team, day)).collect()
    }
}

/// Fields that rules test, with values to test them for.
pub type Fields = [(&'static str, &'static [&'static str])];

const FIELDS: [(&str, &[&str]); 5] = [
    ("label", &LABELS),
    ("branch", &BRANCHES),
    ("pipeline", &PIPELINES),
    ("repository", &REPOSITORIES),
    ("repository", &REPOSITORIES),
];

impl Rule {
    /// A rule over some fields, so many levels deep at most.
    pub fn invent(rng: &mut ChaCha8Rng, depth: u32, fields: &Fields) -> Rule {
        let parts =
            |rng: &mut ChaCha8Rng| (0..rng.random_range(0..=3)).map(|_| Rule::invent(rng, depth - 1, fields)).collect();
        if depth > 0 && rng.random_ratio(1, 2) {
            return if rng.random() { Rule::All(parts(rng)) } else { Rule::Any(parts(rng)) };
        }
        let (field, values) = *fields.choose(rng).expect("not empty");
        let some = |rng: &mut ChaCha8Rng| {
            let mut some: Vec<&str> = values.iter().copied().filter(|_| rng.random()).collect();
            some.push(values.choose(rng).expect("not empty"));
            some
        };
        match rng.random_range(0..4) {
            0 => Rule::IsNot(field, some(rng)),
            1 => Rule::Begins(field, &values.choose(rng).expect("not empty")[..2]),
            _ => Rule::Is(field, some(rng)),
        }
    }

    /// Whether it holds of something with such values; none: it says nothing of such rows. A field that is none of theirs
    /// has none.
    pub fn holds<'v>(&self, has: &dyn Fn(&str) -> Option<Vec<&'v str>>) -> Option<bool> {
        match self {
            Rule::All(parts) | Rule::Any(parts) => {
                let said: Vec<bool> = parts.iter().filter_map(|part| part.holds(has)).collect();
                let all = matches!(self, Rule::All(_));
                let outcome = if all { said.iter().all(|yes| *yes) } else { said.iter().any(|yes| *yes) };
                (parts.is_empty() || !said.is_empty()).then_some(outcome)
            }
            Rule::Is(field, values) => Some(has(field)?.iter().any(|value| values.contains(value))),
            Rule::IsNot(field, values) => Some(!has(field)?.iter().any(|value| values.contains(value))),
            Rule::Begins(field, start) => Some(has(field)?.iter().any(|value| value.starts_with(start))),
        }
    }

    /// Whether it says anything of rows that have these fields.
    pub fn tells(&self, fields: &[&str]) -> bool {
        match self {
            Rule::All(parts) | Rule::Any(parts) => parts.is_empty() || parts.iter().any(|part| part.tells(fields)),
            Rule::Is(field, _) | Rule::IsNot(field, _) | Rule::Begins(field, _) => fields.contains(field),
        }
    }

    /// As settings are written.
    pub fn document(&self) -> Value {
        let parts = |parts: &[Rule]| parts.iter().map(Rule::document).collect::<Vec<_>>();
        match self {
            Rule::All(all) => json!({ "all": parts(all) }),
            Rule::Any(any) => json!({ "any": parts(any) }),
            Rule::Is(field, values) => json!({ "field": field, "operator": "EQUALS", "values": values }),
            Rule::IsNot(field, values) => json!({ "field": field, "operator": "NOT_EQUALS", "values": values }),
            Rule::Begins(field, start) => json!({ "field": field, "operator": "STARTS_WITH", "values": [start] }),
        }
    }
}

impl Row {
    /// A change (with labels and a branch it went to), or a deployment (with a pipeline, and perhaps of several repositories).
    pub fn invent(rng: &mut ChaCha8Rng, change: bool) -> Row {
        let first = 1_767_225_600_000_000_i64; // 2026-01-01
        let at = first + rng.random_range(0..STORY * 86_400) * 1_000_000;
        let mut several = |from: &[&'static str], most: usize| {
            let count = rng.random_range(0..=most);
            from.choose_multiple(rng, count).copied().collect::<Vec<_>>()
        };
        let (labels, branch, pipeline) = (several(&LABELS, 2), several(&BRANCHES, 1), several(&PIPELINES, 1));
        let mut repositories = several(&REPOSITORIES, if change { 1 } else { 2 });
        if change && repositories.is_empty() {
            repositories.push("shop");
        }
        let mut place = vec![("label", labels), ("branch", branch), ("repository", repositories)];
        if !change {
            place.push(("pipeline", pipeline));
        }
        Row {
            source: sources()[rng.random_range(0..2)],
            login: format!("p{}", rng.random_range(0..7)),
            bot: rng.random_ratio(1, 8),
            at,
            deployed_at: rng.random_ratio(3, 4).then(|| at + rng.random_range(0..20 * 86_400) * 1_000_000),
            place,
        }
    }

    pub fn values(&self, field: &str) -> &[&'static str] {
        self.place.iter().find(|(known, _)| *known == field).map_or(&[], |(_, values)| values)
    }

    fn values_of(&self, field: &str) -> Option<Vec<&'static str>> {
        self.place.iter().find(|(known, _)| *known == field).map(|(_, values)| values.clone())
    }
}

pub fn holds(span: Days, day: i64) -> bool {
    span.0 <= day && day < span.1
}

fn sources() -> [&'static str; 2] {
    ["forge", "git"]
}

fn days(rng: &mut ChaCha8Rng) -> Days {
    let from = rng.random_range(-10..STORY);
    (from, from + rng.random_range(1..STORY))
}

fn meet(a: Days, b: Days) -> Option<Days> {
    Some((a.0.max(b.0), a.1.min(b.1))).filter(|(from, to)| from < to)
}
