//! Intervals of calendar days, half-open: what "from" and "to" of memberships, placements and teams mean together.

use chrono::NaiveDate;

/// Days from the first to the one before the last, bounded by the ends of time where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Days {
    from: NaiveDate,
    to: NaiveDate,
}

impl Days {
    /// All days.
    pub const ALWAYS: Days = Days { from: NaiveDate::MIN, to: NaiveDate::MAX };

    /// `None`: unbounded on that side.
    pub fn new(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Days {
        Days { from: from.unwrap_or(NaiveDate::MIN), to: to.unwrap_or(NaiveDate::MAX) }
    }

    /// The first day; `None`: unbounded.
    pub fn from(self) -> Option<NaiveDate> {
        (self.from != NaiveDate::MIN).then_some(self.from)
    }

    /// The day after the last one; `None`: unbounded.
    pub fn to(self) -> Option<NaiveDate> {
        (self.to != NaiveDate::MAX).then_some(self.to)
    }

    pub fn is_empty(self) -> bool {
        self.from >= self.to
    }

    pub fn contains(self, day: NaiveDate) -> bool {
        self.from <= day && day < self.to
    }

    /// The days of both, perhaps none.
    pub fn meet(self, other: Days) -> Days {
        Days { from: self.from.max(other.from), to: self.to.min(other.to) }
    }

    /// Those before a day, perhaps none.
    pub fn before(self, day: NaiveDate) -> Days {
        self.meet(Days::new(None, Some(day)))
    }

    /// Those from a day on, perhaps none.
    pub fn since(self, day: NaiveDate) -> Days {
        self.meet(Days::new(Some(day), None))
    }

    /// What is left without others, in order.
    pub fn without(self, others: &[Days]) -> Vec<Days> {
        let mut left = vec![self];
        for other in others.iter().filter(|other| !other.is_empty()) {
            let cut = |days: Days| {
                [Days { to: days.to.min(other.from), ..days }, Days { from: days.from.max(other.to), ..days }]
            };
            left = left.into_iter().flat_map(cut).collect();
            left.retain(|days| !days.is_empty());
        }
        left.retain(|days| !days.is_empty());
        left
    }

    /// Whether the other begins where this ends, or earlier, so that nothing is between them.
    pub fn reaches(self, other: Days) -> bool {
        self.to >= other.from && other.to >= self.from
    }

    /// From the first day of either to the last of either.
    pub fn hull(self, other: Days) -> Days {
        Days { from: self.from.min(other.from), to: self.to.max(other.to) }
    }

    /// The day of the interval that is nearest to another; that one itself where the interval has it.
    pub fn nearest(self, day: NaiveDate) -> NaiveDate {
        day.min(self.to.pred_opt().unwrap_or(self.to)).max(self.from)
    }
}

/// The same days without overlaps, in order.
pub fn joined(mut days: Vec<Days>) -> Vec<Days> {
    days.retain(|days| !days.is_empty());
    days.sort_unstable();
    let mut found: Vec<Days> = Vec::with_capacity(days.len());
    for next in days {
        match found.last_mut() {
            Some(last) if last.reaches(next) => *last = last.hull(next),
            _ => found.push(next),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(2026, 3, number)
    }

    fn days(from: u32, to: u32) -> Days {
        Days::new(day(from), day(to))
    }

    #[test]
    fn what_is_taken_out_leaves_the_rest() {
        assert_eq!(days(1, 10).without(&[days(3, 5), days(5, 6)]), [days(1, 3), days(6, 10)]);
        assert_eq!(days(1, 10).without(&[Days::ALWAYS]), []);
        assert_eq!(days(1, 10).without(&[days(7, 7)]), [days(1, 10)]);
        assert_eq!(Days::ALWAYS.without(&[days(3, 5)]), [Days::new(None, day(3)), Days::new(day(5), None)]);
    }

    #[test]
    fn neighbours_are_joined() {
        assert_eq!(joined(vec![days(5, 8), days(1, 3), days(3, 4), days(6, 9), days(9, 9)]), [days(1, 4), days(5, 9)]);
    }

    #[test]
    fn a_day_outside_is_drawn_to_the_nearest_inside() {
        assert_eq!(Some(days(5, 8).nearest(day(20).expect("a day"))), day(7));
        assert_eq!(Some(days(5, 8).nearest(day(2).expect("a day"))), day(5));
        assert_eq!(Some(Days::ALWAYS.nearest(day(2).expect("a day"))), day(2));
    }
}
