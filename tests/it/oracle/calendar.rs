//! Days, buckets and periods in a time zone, found by walking day by day and instant by instant.

use chrono::{DateTime, Datelike, Days, Duration, Months, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use super::record::At;

/// The length of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granularity {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// Whole days `[from, to)` of a zone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Period {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub zone: Tz,
}

/// One bucket of a series: the days of it that the period has, and whether that, or now, cuts it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    pub within: Period,
    pub partial: bool,
}

impl Granularity {
    pub const ALL: [Granularity; 5] =
        [Granularity::Day, Granularity::Week, Granularity::Month, Granularity::Quarter, Granularity::Year];

    /// The granularity's name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Granularity::Day => "DAY",
            Granularity::Week => "WEEK",
            Granularity::Month => "MONTH",
            Granularity::Quarter => "QUARTER",
            Granularity::Year => "YEAR",
        }
    }

    /// What tells the bucket of a day from every other.
    fn label(self, day: NaiveDate) -> (i32, u32) {
        match self {
            Granularity::Day => (day.year(), day.ordinal()),
            Granularity::Week => (day.iso_week().year(), day.iso_week().week()),
            Granularity::Month => (day.year(), day.month()),
            Granularity::Quarter => (day.year(), (day.month() - 1) / 3),
            Granularity::Year => (day.year(), 0),
        }
    }

    /// The first day of the bucket that a day is in.
    pub fn first_day(self, day: NaiveDate) -> NaiveDate {
        let mut first = day;
        while self.label(yesterday(first)) == self.label(day) {
            first = yesterday(first);
        }
        first
    }

    /// The first day after the bucket that a day is in.
    pub fn end_day(self, day: NaiveDate) -> NaiveDate {
        let mut next = tomorrow(day);
        while self.label(next) == self.label(day) {
            next = tomorrow(next);
        }
        next
    }
}

impl Period {
    /// Whether an instant lies in the period.
    pub fn holds(&self, at: At) -> bool {
        let day = at.with_timezone(&self.zone).date_naive();
        self.from <= day && day < self.to
    }

    /// Number of days.
    pub fn days(&self) -> f64 {
        (self.to - self.from).num_days() as f64
    }

    /// The period's buckets, in order.
    pub fn buckets(&self, granularity: Granularity, now: At) -> Vec<Bucket> {
        let mut buckets = Vec::new();
        let mut from = self.from;
        while from < self.to {
            let (first, end) = (granularity.first_day(from), granularity.end_day(from));
            let to = end.min(self.to);
            let cut = first < self.from || end > self.to || day_start(self.zone, end) > now;
            buckets.push(Bucket { within: Period { from, to, ..*self }, partial: cut });
            from = to;
        }
        buckets
    }

    /// The period just before: as many months where it is whole months, else as many days.
    pub fn previous(&self) -> Period {
        let (mut from, mut months) = (self.from, 0);
        while from < self.to {
            months += 1;
            from = self.from + Months::new(months);
        }
        let whole = self.from.day() == 1 && from == self.to;
        let days = Days::new((self.to - self.from).num_days() as u64);
        let before = if whole { self.from - Months::new(months) } else { self.from - days };
        Period { from: before, to: self.from, ..*self }
    }

    /// The newest `count` whole units before now.
    pub fn last(count: u32, unit: Granularity, zone: Tz, now: At) -> Period {
        let to = unit.first_day(now.with_timezone(&zone).date_naive());
        let mut from = to;
        for _ in 0..count {
            from = unit.first_day(yesterday(from));
        }
        Period { from, to, zone }
    }
}

/// The first instant of a day: where clocks skip midnight, the instant they skip to.
pub fn day_start(zone: Tz, day: NaiveDate) -> At {
    let midnight: DateTime<Utc> = day.and_time(NaiveTime::MIN).and_utc();
    let mut at = midnight - Duration::hours(16);
    while at.with_timezone(&zone).date_naive() < day {
        at += Duration::minutes(15);
    }
    at
}

fn tomorrow(day: NaiveDate) -> NaiveDate {
    day + Days::new(1)
}

fn yesterday(day: NaiveDate) -> NaiveDate {
    day - Days::new(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn at(text: &str) -> At {
        text.parse().expect("an instant")
    }

    fn period(from: &str, to: &str) -> Period {
        Period { from: day(from), to: day(to), zone: chrono_tz::Europe::Berlin }
    }

    #[test]
    fn days_begin_where_the_zone_says() {
        assert_eq!(day_start(chrono_tz::Europe::Berlin, day("2024-03-31")), at("2024-03-30T23:00:00Z"));
        assert_eq!(day_start(chrono_tz::Europe::Berlin, day("2024-04-01")), at("2024-03-31T22:00:00Z"));
        // Clocks in Cairo went from midnight to one o'clock.
        assert_eq!(day_start(chrono_tz::Africa::Cairo, day("2024-04-26")), at("2024-04-25T22:00:00Z"));
        // Havana has midnight twice: the day begins at the first.
        assert_eq!(day_start(chrono_tz::America::Havana, day("2024-11-03")), at("2024-11-03T04:00:00Z"));
        assert_eq!(day_start(chrono_tz::Australia::Lord_Howe, day("2024-04-08")), at("2024-04-07T13:30:00Z"));
    }

    #[test]
    fn weeks_at_the_turn_of_the_year_are_iso_weeks() {
        assert_eq!(Granularity::Week.first_day(day("2025-01-01")), day("2024-12-30"));
        assert_eq!(Granularity::Week.end_day(day("2024-12-31")), day("2025-01-06"));
        assert_eq!(Granularity::Week.first_day(day("2027-01-03")), day("2026-12-28"));
    }

    #[test]
    fn buckets_are_cut_by_the_period_and_by_now() {
        let buckets = period("2024-01-15", "2024-04-01").buckets(Granularity::Month, at("2024-02-29T22:59:59Z"));
        let shown: Vec<_> = buckets.iter().map(|b| (b.within.from, b.within.days(), b.partial)).collect();
        let expected =
            [(day("2024-01-15"), 17.0, true), (day("2024-02-01"), 29.0, true), (day("2024-03-01"), 31.0, true)];
        assert_eq!(shown, expected);
        let later = period("2024-02-01", "2024-03-01").buckets(Granularity::Month, at("2024-02-29T23:00:00Z"));
        assert!(!later[0].partial, "February is over in Berlin");
    }

    #[test]
    fn a_period_holds_its_first_instant_and_not_its_last() {
        let march = period("2024-03-01", "2024-04-01");
        assert!(march.holds(at("2024-02-29T23:00:00Z")) && march.holds(at("2024-03-31T21:59:59.999999Z")));
        assert!(!march.holds(at("2024-02-29T22:59:59.999999Z")) && !march.holds(at("2024-03-31T22:00:00Z")));
    }

    #[test]
    fn the_period_before_is_as_long_or_the_calendar_period_before() {
        assert_eq!(period("2024-03-01", "2024-04-01").previous(), period("2024-02-01", "2024-03-01"));
        assert_eq!(period("2024-04-01", "2024-07-01").previous(), period("2024-01-01", "2024-04-01"));
        assert_eq!(period("2024-03-10", "2024-03-17").previous(), period("2024-03-03", "2024-03-10"));
        assert_eq!(period("2024-01-31", "2024-03-01").previous(), period("2024-01-01", "2024-01-31"));
    }

    #[test]
    fn the_last_units_are_whole() {
        let now = at("2025-01-01T00:00:00Z");
        let berlin = chrono_tz::Europe::Berlin;
        assert_eq!(Period::last(2, Granularity::Month, berlin, now), period("2024-11-01", "2025-01-01"));
        assert_eq!(Period::last(1, Granularity::Week, berlin, now), period("2024-12-23", "2024-12-30"));
        assert_eq!(Period::last(1, Granularity::Day, chrono_tz::America::New_York, now).to, day("2024-12-31"));
    }
}
