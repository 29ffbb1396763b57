//! When everybody was in which team: what the simulation does with people, month by month, kept as days. A person's home
//! is the unit that they work on. Beside it they are shared members where they help out for a month, and where work of
//! theirs is merged: who moves on stays a shared member until the last of it is, and nobody leaves before that.
//!
//! Days are days since 1970, spans half-open. Memory holds a few spans for each person.

use super::calendar::{DAY, HOUR, day_number};
use super::people::Organisation;
use super::random::mix;

/// The longest that somebody of the first month has been there before, in days.
const LONGEST_BEFORE: u64 = 2500;
/// How far clocks are behind UTC at most, and ahead of it.
const WEST: i64 = 12 * HOUR;
const EAST: i64 = 14 * HOUR;

/// Everybody who is or was there, numbered as the organisation's people.
#[derive(Debug, Default)]
pub struct Roster {
    careers: Vec<Career>,
    /// The month that is being simulated.
    from: i64,
    to: i64,
}

/// A person's time with the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employment {
    pub from: i64,
    /// The day after the last one; `None`: still there.
    pub to: Option<i64>,
    /// In which units. At any time in one as at home; spans in the same unit do not overlap.
    pub stays: Vec<Stay>,
}

/// A time in a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    pub unit: usize,
    pub from: i64,
    /// `None`: still there.
    pub to: Option<i64>,
    /// The home is elsewhere.
    pub shared: bool,
}

#[derive(Debug)]
struct Career {
    joined: i64,
    left: Option<i64>,
    /// Units, each with the day since when it is the home.
    homes: Vec<(usize, i64)>,
    /// Spans in units for other reasons; no two of a unit touch.
    beside: Vec<(usize, i64, i64)>,
}

impl Roster {
    /// Takes note of who came, went and moved for the month that ends before the day `to`.
    pub fn open_month(&mut self, org: &Organisation, from: chrono::NaiveDate, to: chrono::NaiveDate) {
        let first = self.careers.is_empty();
        (self.from, self.to) = (day_number(from), day_number(to));
        let today = self.from;
        for (index, person) in org.people.iter().enumerate() {
            let Some(career) = self.careers.get_mut(index) else {
                let before = (mix(org.seed ^ 0x6869_7265, index as u64, 1) % LONGEST_BEFORE) as i64 + 1;
                let joined = if first { today - before } else { today };
                self.careers.push(Career {
                    joined,
                    left: None,
                    homes: vec![(person.home, joined)],
                    beside: Vec::new(),
                });
                continue;
            };
            let (home, since) = career.home();
            if person.left.is_some() {
                career.left = career.left.or(Some(today));
            } else if person.home != home {
                career.homes.push((person.home, today));
            } else {
                // At the turn of the month it was not known yet whether the home would last.
                career.beside.retain(|(unit, from, _)| *unit != home || *from < since);
            }
        }
        for (unit, team) in org.teams.iter().enumerate() {
            for person in team.iter().filter(|person| org.person(**person).home != unit) {
                self.careers[*person as usize].add(unit, today, self.to);
            }
        }
    }

    /// Takes note that work of a person was merged in a unit, in seconds, in the month that is open.
    pub fn merged(&mut self, person: u32, unit: usize, at: i64) {
        let career = &mut self.careers[person as usize];
        // Wherever the organisation's days begin, the moment lies on one of these.
        let (from, to) = ((at - WEST).div_euclid(DAY), (at + EAST).div_euclid(DAY) + 1);
        let (home, since) = career.home();
        let at_home = home == unit && career.left.is_none() && since <= from && to <= self.to;
        if !at_home {
            career.add(unit, from, to);
        }
    }

    /// What came of everybody, in order.
    pub fn employments(&self) -> impl Iterator<Item = Employment> + '_ {
        self.careers.iter().map(Career::employment)
    }
}

impl Career {
    /// The unit that is the home, and since when.
    fn home(&self) -> (usize, i64) {
        self.homes.last().copied().unwrap_or((0, self.joined))
    }

    fn add(&mut self, unit: usize, mut from: i64, mut to: i64) {
        self.beside.retain(|(other, begins, ends)| {
            let touches = *other == unit && *begins <= to && from <= *ends;
            if touches {
                (from, to) = (from.min(*begins), to.max(*ends));
            }
            !touches
        });
        self.beside.push((unit, from, to));
    }

    fn employment(&self) -> Employment {
        let from = self.beside.iter().map(|(_, from, _)| *from).fold(self.joined, i64::min);
        let to = self.left.map(|left| self.beside.iter().map(|(_, _, to)| *to).fold(left, i64::max));
        let mut stays = Vec::with_capacity(self.homes.len() + self.beside.len());
        for (place, (unit, since)) in self.homes.iter().enumerate() {
            let from = if place == 0 { from } else { *since };
            let to = self.homes.get(place + 1).map_or(to, |(_, next)| Some(*next));
            stays.push(Stay { unit: *unit, from, to, shared: false });
        }
        let homes = stays.clone();
        for (unit, from, to) in &self.beside {
            let mut left = vec![(*from, *to)];
            for home in homes.iter().filter(|home| home.unit == *unit) {
                let (begins, ends) = (home.from, home.to.unwrap_or(i64::MAX));
                left = left.into_iter().flat_map(|(a, b)| [(a, b.min(begins)), (a.max(ends), b)]).collect();
                left.retain(|(a, b)| a < b);
            }
            stays.extend(left.into_iter().map(|(from, to)| Stay { unit: *unit, from, to: Some(to), shared: true }));
        }
        stays.sort_by_key(|stay| (stay.from, stay.shared, stay.unit));
        Employment { from, to, stays }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stay(unit: usize, from: i64, to: Option<i64>, shared: bool) -> Stay {
        Stay { unit, from, to, shared }
    }

    fn roster(career: Career, month: (i64, i64)) -> Roster {
        Roster { careers: vec![career], from: month.0, to: month.1 }
    }

    #[test]
    fn who_moves_on_stays_until_the_work_is_merged() {
        let career = Career { joined: 10, left: None, homes: vec![(0, 10), (1, 100)], beside: Vec::new() };
        let mut roster = roster(career, (100, 130));
        for (unit, at) in [(0, 110 * DAY + 5), (0, 99 * DAY + 20 * HOUR), (0, 112 * DAY), (1, 120 * DAY)] {
            roster.merged(0, unit, at);
        }
        let employment = roster.employments().next().expect("one");
        let shared = [stay(0, 100, Some(101), true), stay(0, 109, Some(113), true)];
        let homes = [stay(0, 10, Some(100), false), stay(1, 100, None, false)];
        assert_eq!(
            employment,
            Employment { from: 10, to: None, stays: vec![homes[0], homes[1], shared[0], shared[1]] }
        );
    }

    #[test]
    fn nobody_leaves_before_the_last_of_their_work_is_merged_or_comes_after_the_first() {
        let career = Career { joined: 50, left: Some(100), homes: vec![(3, 50)], beside: Vec::new() };
        let mut roster = roster(career, (100, 130));
        roster.merged(0, 3, 49 * DAY);
        roster.merged(0, 3, 107 * DAY);
        roster.merged(0, 4, 105 * DAY);
        let employment = roster.employments().next().expect("one");
        let stays = vec![stay(3, 48, Some(108), false), stay(4, 104, Some(106), true)];
        assert_eq!(employment, Employment { from: 48, to: Some(108), stays });
    }

    #[test]
    fn a_home_left_and_taken_again_is_two_stays() {
        let homes = vec![(0, 10), (1, 50), (0, 90)];
        let career = Career { joined: 10, left: None, homes, beside: vec![(0, 45, 95), (2, 60, 70)] };
        let employment = career.employment();
        let stays = [
            stay(0, 10, Some(50), false),
            stay(0, 50, Some(90), true),
            stay(1, 50, Some(90), false),
            stay(2, 60, Some(70), true),
            stay(0, 90, None, false),
        ];
        let mut found = employment.stays.clone();
        found.sort_by_key(|stay| (stay.from, stay.unit));
        assert_eq!(found, stays);
    }
}
