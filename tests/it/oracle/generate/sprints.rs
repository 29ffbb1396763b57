//! Sprints of a random world, completed, open and overlapping, and how issues went in and out of them, as rows of
//! `sprint_issues`, as transitions, or as both.

use chrono::Duration;
use rand::Rng;

use super::super::record::{At, Row};
use super::super::world::*;
use super::Author;

impl Author {
    pub fn sprints(&mut self) {
        for source in ["tracker", "github"] {
            for number in 0..self.pick(&[1, 2, 4]) {
                let starts = self.moment();
                let ends = starts + Duration::hours(self.pick(&[24, 168, 168, 336]));
                let completed = self.pick(&[None, Some(ends), Some(ends + Duration::hours(5)), Some(ends)]);
                let own = Sprint {
                    board: self.pick(&[Some("Pay"), Some("Pay"), Some("Ops"), None]).map(str::to_owned),
                    name: format!("Sprint {number}"),
                    state: self.pick(&[None, Some("closed"), Some("active")]).map(str::to_owned),
                    starts_at: if self.one_in(12) { None } else { Some(starts) },
                    ends_at: if self.one_in(8) { None } else { Some(ends) },
                    completed_at: completed,
                };
                let row = self.row(source, format!("sp{number}"), own);
                self.members(&row, starts, ends);
                self.world.sprints.push(row);
            }
        }
    }

    /// Puts issues into a sprint: before it starts, soon after, late; takes some out, and some of those in again.
    fn members(&mut self, sprint: &Row<Sprint>, starts: At, ends: At) {
        let theirs = self.world.issues.iter().filter(|i| i.source == sprint.source);
        let issues: Vec<(String, String)> = theirs.map(|i| (i.id.clone(), i.own.key.clone())).collect();
        for (issue, _) in issues {
            if self.one_in(2) {
                continue;
            }
            let grace = self.pick(&[0, 1, 86_400, 86_401, 3_600]);
            let added = match self.rng.random_range(0..6) {
                0..=2 => starts - Duration::hours(self.rng.random_range(0..50)),
                3 => starts + Duration::seconds(grace),
                _ => self.after(starts, 200),
            };
            let spells = if self.one_in(4) { 2 } else { 1 };
            let (by_rows, by_moves) = self.pick(&[(true, false), (true, false), (false, true), (true, true)]);
            let mut from = added;
            for spell in 0..spells {
                let out = if spell + 1 < spells || self.one_in(3) { Some(self.after(from, 100)) } else { None };
                if by_rows {
                    let own = SprintIssue {
                        sprint: sprint.id.clone(),
                        issue: issue.clone(),
                        added_at: Some(from),
                        removed_at: out,
                    };
                    let row = self.row(&sprint.source, format!("{}-{issue}-{spell}", sprint.id), own);
                    self.world.sprint_issues.push(row);
                }
                if by_moves {
                    self.moved(sprint, &issue, spell, from, out);
                }
                from = out.map_or(from, |out| self.after(out, 60));
            }
            self.estimated(sprint, &issue, starts, ends);
        }
    }

    fn moved(&mut self, sprint: &Row<Sprint>, issue: &str, spell: usize, from: At, out: Option<At>) {
        let name = |way: &str| format!("{}-{way}{spell}", sprint.id);
        let before = self.pick(&[None, None, Some("sp9")]);
        let value = sprint.id.as_str();
        self.transition(&sprint.source, issue, &name("in"), from, "SPRINT", before, Some(value));
        if let Some(out) = out {
            let after = self.pick(&[None, None, Some("sp0")]);
            self.transition(&sprint.source, issue, &name("out"), out, "SPRINT", Some(value), after);
        }
    }

    /// Story points that change around a sprint.
    fn estimated(&mut self, sprint: &Row<Sprint>, issue: &str, starts: At, ends: At) {
        for number in 0..self.pick(&[0, 0, 0, 1, 2]) {
            let at = self.pick(&[starts, starts + Duration::hours(30), ends, ends + Duration::hours(9)]);
            let at = if self.one_in(2) { at } else { self.moment() };
            let (from, to) = (self.points(), self.points());
            let name = format!("{}-p{number}", sprint.id);
            self.transition(&sprint.source, issue, &name, at, "POINTS", from, to);
        }
    }

    fn points(&mut self) -> Option<&'static str> {
        self.pick(&[None, Some("1"), Some("2"), Some("3.5"), Some("5"), Some("8")])
    }
}
