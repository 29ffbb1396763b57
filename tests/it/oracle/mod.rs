//! An independent oracle: what every metric must be, computed the slow and literal way over random small lakes.
//!
//! It shares no code with `src/query` and no SQL with the facts: from the crate it takes the tables' schemas, the
//! words of settings and the declared conditions of classes, and nothing else. `world` holds rows, `generate` invents them.
//! `links` and `causes` say what belongs to what, `issue_history` and `sprints` what was when; `facts` and its kin are the
//! countable things, `metric` says which of them each metric counts, `whose` whose they are, and `measure` counts.
//! `agree` asks the real server the same questions; `plan_agree` asks its plans, of teams and with other parameters.
//!
//! # Asking it
//! ```ignore
//! let world = World::sample();                    // or `World::of_csv(folder)`, or `generate::scenario(seed).world`
//! let oracle = Oracle::new(&world, now);          // everybody is an account of its own, all choices are the defaults
//! let oracle = Oracle { people: People::of(&attribution), ..oracle };  // people and teams as an attribution has them
//! let ask = Ask::new(Metric::named("CODING_DAYS").unwrap(), Scope::Organization);
//! let number = oracle.number(&ask, &period, None);                              // the whole
//! let slice = oracle.number(&ask, &period, Some((Dimension::Service.into(), Some("shop"))));   // a slice; None: of nobody
//! let slices = oracle.slices_of(&ask, &period, Dimension::Service.into());      // all slices by key
//! number.value(None)                              // or of a statistic; `numerator`, `denominator`, `sample_size`, `coverage`
//! ```
//! `Period { from, to, zone }`, its `buckets(granularity, now)` are those of a series. `ask.membership` is AT_EVENT,
//! `ask.zone` UTC: set it where the period's is another.

mod agree;
mod alone;
mod builds;
mod by_hand;
mod by_hand_work;
pub mod calendar;
mod causes;
pub mod choices;
mod classes;
mod coding;
mod compare;
mod csv;
mod delivery;
mod door;
mod fact_agree;
mod facts;
mod files;
mod generate;
mod history;
mod issue_history;
pub mod item;
mod links;
pub mod measure;
pub mod metric;
mod moments;
mod plan_agree;
mod pulls;
mod question;
mod ratings;
mod record;
mod rest;
mod rework;
mod seeds;
mod shrink;
mod sprints;
mod staff;
pub mod statistics;
mod team_agree;
mod teams;
mod versions;
pub mod whose;
mod work;
pub mod world;

use std::collections::BTreeMap;

use calendar::Period;
use choices::Choices;
use facts::Facts;
use item::By;
use measure::{Ask, Measured};
use record::At;
use rest::Rest;
use whose::People;
use world::World;

/// Everything that numbers follow from.
#[derive(Debug, Clone)]
pub struct Oracle {
    /// In order; a thing is judged by the one that its own time lies in.
    eras: Vec<Era>,
    pub people: People,
    now: At,
}

/// A time in which the choices were the same.
#[derive(Debug, Clone)]
struct Era {
    /// In microseconds since 1970; it ends where the next begins.
    from: i64,
    choices: Choices,
    facts: Facts,
}

impl Oracle {
    /// Of a world, where nobody said who is who and which choices to make.
    pub fn new(world: &World, now: At) -> Oracle {
        Oracle::by(world, now, &[(i64::MIN, Choices::default())])
    }

    /// The same with choices, each from an instant on.
    pub fn by(world: &World, now: At, choices: &[(i64, Choices)]) -> Oracle {
        let era = |(from, choices): &(i64, Choices)| {
            let facts = facts::facts_by(world, choices);
            Era { from: *from, choices: choices.clone(), facts }
        };
        Oracle { eras: choices.iter().map(era).collect(), people: alone::alone(&world.latest()), now }
    }

    /// The same where nobody works on days of rest in a zone.
    pub fn resting(&self, rest: &Rest, zone: chrono_tz::Tz) -> Oracle {
        let mut oracle = self.clone();
        for era in &mut oracle.eras {
            era.facts = era.facts.clone().resting(rest, zone);
        }
        oracle
    }

    /// The number of a question over a period, or of one slice of it: of this key, or of what has none.
    pub fn number(&self, ask: &Ask, period: &Period, slice: Option<(By, Option<&str>)>) -> Measured {
        self.measure(ask, &self.items(ask), 0, period, slice)
    }

    /// The numbers of every slice that has something in the period, by key.
    pub fn slices_of(&self, ask: &Ask, period: &Period, by: By) -> BTreeMap<Option<String>, Measured> {
        let items = self.items(ask);
        let here = items.iter().filter(|item| item.is_in(period));
        let keys: std::collections::BTreeSet<_> = here.flat_map(|item| self.slices(ask, item, by)).collect();
        let measure = |key: Option<String>| {
            let measured = self.measure(ask, &items, 0, period, Some((by, key.as_deref())));
            (key, measured)
        };
        keys.into_iter().map(measure).collect()
    }
}
