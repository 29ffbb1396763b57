//! The people of the organisation: who is there, where they live, what they work on, month by month.

use chrono::{Datelike, NaiveDate};

use super::calendar::{Calendar, DAY, day_number, zone_weights};
use super::names;
use super::out::{ACCOUNTS, Out, TRACKER_ACCOUNTS};
use super::random::{Chance, mix};

/// Accounts that are no people: login, and the kind that the code host tells.
pub const BOTS: [(&str, Option<&str>); 3] =
    [("bumper[bot]", Some("BOT")), ("lint-robot", Some("BOT")), ("merge-helper[bot]", None)];

/// What all parts of the simulation may read during a month.
#[derive(Debug, Clone)]
pub struct Organisation {
    pub seed: u64,
    pub calendar: Calendar,
    pub people: Vec<Person>,
    /// By unit: the people who work on it this month.
    pub teams: Vec<Vec<u32>>,
}

#[derive(Debug, Clone)]
pub struct Person {
    /// Login at the code host.
    pub login: String,
    /// Login at the tracker, where people go by their e-mail.
    pub email: String,
    pub name: String,
    pub zone: u8,
    /// How much this person does, 1 being usual.
    pub pace: f64,
    /// Unit that this person works on, and the one helped out in now and then.
    pub home: usize,
    pub second: usize,
    pub left: Option<i64>,
}

impl Organisation {
    /// Lets people come, go and move at the start of a month, and says so in `out`. `units` are those that exist by
    /// then; `headcount` is how many people there should be.
    pub fn advance(&mut self, chance: &mut Chance, month: NaiveDate, units: usize, headcount: usize, out: &mut Out) {
        let today = day_number(month);
        let reorganisation = matches!(month.month(), 2 | 9);
        let first = self.people.is_empty();
        for (index, person) in self.people.iter_mut().enumerate().filter(|(_, person)| person.left.is_none()) {
            if chance.happens(0.009) {
                person.left = Some(today);
            } else if chance.happens(if reorganisation { 0.12 } else { 0.01 }) {
                person.second = person.home;
                person.home = chance.index(units);
            } else if chance.happens(0.001) {
                person.name = format!("{} {}", names::person(index).0, names::person(index + 1_000_000).1);
                write_account(person, today * DAY, out);
            }
        }
        let present = self.people.iter().filter(|person| person.left.is_none()).count();
        for _ in present..headcount {
            let person = newcomer(chance, self.people.len(), units);
            write_account(&person, today * DAY, out);
            self.people.push(person);
        }
        if first {
            for (login, kind) in BOTS {
                out.row(ACCOUNTS, login, today * DAY).text("login", login).text("kind", kind);
            }
        }
        self.teams = vec![Vec::new(); units];
        for (index, person) in self.people.iter().enumerate().filter(|(_, person)| person.left.is_none()) {
            self.teams[person.home].push(index as u32);
            if person.second != person.home && mix(self.seed, index as u64, today as u64).is_multiple_of(8) {
                self.teams[person.second].push(index as u32);
            }
        }
    }

    pub fn person(&self, index: u32) -> &Person {
        &self.people[index as usize]
    }

    /// Whether a person works on a day: a working day where they live (and now and then another), and not in one of
    /// about four weeks off a year.
    pub fn works(&self, index: u32, day: i64) -> bool {
        let vacation = mix(self.seed ^ 0x7661_6361, u64::from(index), (day + 3).div_euclid(7) as u64) % 100 < 8;
        let extra = mix(self.seed ^ 0x6578_7472, u64::from(index), day as u64) % 100 < 5;
        !vacation && (extra || self.calendar.is_working(self.person(index).zone, day))
    }

    /// `at`, or where that is no working time for the person, the next moment that is. Some work late now and then.
    pub fn when_working(&self, at: i64, index: u32, chance: &mut Chance) -> i64 {
        if chance.happens(0.05) { at } else { self.calendar.next_working(self.person(index).zone, at) }
    }
}

fn newcomer(chance: &mut Chance, index: usize, units: usize) -> Person {
    let (given, family) = names::person(index);
    let login = format!("{}{}{}", given[..1].to_lowercase(), family.to_lowercase(), index + 1);
    let email = format!("{}.{}{}@example.com", given.to_lowercase(), family.to_lowercase(), index + 1);
    let home = chance.index(units);
    // Three in four live where their unit is at home.
    let zone = if chance.happens(0.75) { home_zone(home) } else { zone(chance.index(100)) };
    let pace = chance.around(1.0, 0.35).clamp(0.3, 2.5);
    let second = chance.index(units);
    Person { login, email, name: format!("{given} {family}"), zone, pace, home, second, left: None }
}

/// The time zone where a unit's people mostly live.
pub fn home_zone(unit: usize) -> u8 {
    zone(mix(11, unit as u64, 1) as usize % 100)
}

fn zone(percent: usize) -> u8 {
    let mut rest = percent;
    for (index, weight) in zone_weights().into_iter().enumerate() {
        if rest < weight {
            return index as u8;
        }
        rest -= weight;
    }
    0
}

fn write_account(person: &Person, at: i64, out: &mut Out) {
    out.row(ACCOUNTS, &person.login, at)
        .text("login", person.login.as_str())
        .text("name", person.name.as_str())
        .text("email", person.email.as_str())
        .text("kind", "USER");
    out.row(TRACKER_ACCOUNTS, &person.email, at)
        .text("login", person.email.as_str())
        .text("name", person.name.as_str())
        .text("email", person.email.as_str());
}
