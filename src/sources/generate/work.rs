//! What people begin in a month: changes, and the tickets they belong to.

use super::calendar::{DAY, HOUR, date, season};
use super::change::{self, Change, Comment, Kind, Who};
use super::people::Organisation;
use super::unit::Unit;

/// Changes that one person begins on one working day.
const CHANGES_PER_DAY: f64 = 0.42;

impl Unit {
    /// Plans what the unit's people and bots begin in `[from, until)`.
    pub fn begin_work(&mut self, org: &Organisation, from: i64, until: i64) {
        let team = org.teams.get(self.index).cloned().unwrap_or_default();
        for day in from.div_euclid(DAY)..until.div_euclid(DAY) {
            let busy = season(date(day));
            for &person in &team {
                // Who helps out in a second unit is in both teams, and does half in each.
                let who = org.person(person);
                let share = if who.home == self.index { 1.0 } else { 0.3 };
                if !org.works(person, day) {
                    continue;
                }
                if self.chance.happens(CHANGES_PER_DAY * who.pace * busy * share) {
                    self.begin_change(org, &team, person, day);
                }
                if self.chance.happens(0.12 * busy * share) {
                    let at = org.calendar.at(who.zone, day, self.chance.whole(9 * HOUR, 17 * HOUR));
                    self.plan_chore(person, &team, at);
                }
            }
        }
        self.begin_bumps(org, &team, from, until);
        for repository in &mut self.repositories {
            // Numbers follow the order of opening, as far as it is known.
            let mut fresh: Vec<&mut Change> =
                repository.changes.iter_mut().filter(|change| change.number == 0).collect();
            fresh.sort_by_key(|change| change.opened);
            for change in fresh {
                change.number = repository.next_number;
                repository.next_number += 1;
            }
        }
    }

    fn begin_change(&mut self, org: &Organisation, team: &[u32], person: u32, day: i64) {
        if self.repositories.is_empty() {
            return;
        }
        // The first repository of a service sees most of the work.
        let spread = self.chance.count(0.6).min(self.repositories.len() - 1);
        let second = self.chance.whole(8 * HOUR + 1800, 18 * HOUR);
        let begin = org.calendar.at(org.person(person).zone, day, second);
        let kind = match self.chance.index(20) {
            0..12 => Kind::Feature,
            12..17 => Kind::Fix,
            _ => Kind::Chore,
        };
        let mut change = change::plan(&mut self.chance, org, &self.manners, person, team, begin, kind);
        if self.chance.happens(0.68) {
            let key = self.ticket_for(&change, person, team);
            change.issues.push(key);
        }
        self.add_change(spread, change);
    }

    /// Takes a planned change into a repository: numbers its commits, lets the robot comment.
    pub fn add_change(&mut self, repository: usize, mut change: Change) {
        let repository = &mut self.repositories[repository];
        for commit in &mut change.commits {
            commit.n = repository.commit_number();
        }
        if repository.has_robot {
            let at = change.opened + 90;
            change.comments.insert(0, Comment { at, by: Who::Bot(1), inline: false, deleted: None });
            change.comments.sort_by_key(|comment| comment.at);
        }
        repository.changes.push(change);
    }

    fn begin_bumps(&mut self, org: &Organisation, team: &[u32], from: i64, until: i64) {
        for repository in 0..self.repositories.len() {
            for _ in 0..self.chance.count(1.5) {
                let begin = self.chance.whole(from, until - 1);
                let change = change::plan_bump(&mut self.chance, org, team, begin);
                self.add_change(repository, change);
            }
        }
    }
}
