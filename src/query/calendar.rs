//! Periods and buckets: calendar dates in one time zone, and the instants in UTC where they begin and end.
//! Daylight saving is decided here, once; plans see only instants.

use std::ops::Range;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;

use crate::clock::midnight;
use crate::model::dimension::Granularity;

/// A half-open run of calendar days `[from, to)` in a time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub zone: Tz,
}

/// A bucket of a series: the days of one calendar unit that lie in the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bucket {
    pub days: Period,
    /// Cut by the period, or not over yet.
    pub partial: bool,
}

/// Why a period cannot be had.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PeriodError {
    #[error("the period is empty: `from` {from} is not before `to` {to}; `to` is exclusive")]
    Empty { from: NaiveDate, to: NaiveDate },
    #[error("`count` is {0}; it must be from 1 to 10000")]
    Count(i32),
    #[error("the period reaches out of the calendar; keep within the years 1900 to 2200")]
    OutOfCalendar,
}

impl Period {
    /// The days from `from` up to, and without, `to`.
    pub fn between(from: NaiveDate, to: NaiveDate, zone: Tz) -> Result<Period, PeriodError> {
        if from >= to {
            return Err(PeriodError::Empty { from, to });
        }
        if from.year() < 1900 || to.year() > 2200 {
            return Err(PeriodError::OutOfCalendar);
        }
        Ok(Period { from, to, zone })
    }

    /// The last `count` whole units before `now`: a unit that is not over yet does not count.
    pub fn last(count: i32, unit: Granularity, now: DateTime<Utc>, zone: Tz) -> Result<Period, PeriodError> {
        if !(1..=10_000).contains(&count) {
            return Err(PeriodError::Count(count));
        }
        let to = start_of(unit, now.with_timezone(&zone).date_naive());
        let from = step(unit, to, -i64::from(count)).ok_or(PeriodError::OutOfCalendar)?;
        Period::between(from, to, zone)
    }

    /// The period of the same length just before. A run of whole months (quarters, years) is
    /// followed back by as many months, any other by as many days.
    pub fn previous(&self) -> Result<Period, PeriodError> {
        let months = self.whole_months();
        let from = if months > 0 {
            step(Granularity::Month, self.from, -months)
        } else {
            self.from.checked_sub_days(Days::new(self.days()))
        };
        Period::between(from.ok_or(PeriodError::OutOfCalendar)?, self.from, self.zone)
    }

    /// Calendar days, whatever their length in hours.
    pub fn days(&self) -> u64 {
        (self.to - self.from).num_days().unsigned_abs()
    }

    /// The instants where it begins and ends, in microseconds since 1970 UTC.
    pub fn instants(&self) -> Range<i64> {
        midnight(self.from, self.zone).timestamp_micros()..midnight(self.to, self.zone).timestamp_micros()
    }

    /// How many buckets it has, without making them.
    pub fn count_buckets(&self, unit: Granularity) -> u64 {
        let days = self.days();
        match unit {
            Granularity::Day => days,
            Granularity::Week => days / 7 + 2,
            Granularity::Month => days / 28 + 2,
            Granularity::Quarter => days / 90 + 2,
            Granularity::Year => days / 365 + 2,
        }
    }

    /// The buckets of the period, in order, without gaps. A bucket that the period or `now` cuts is partial.
    pub fn buckets(&self, unit: Granularity, now: DateTime<Utc>) -> Vec<Bucket> {
        let mut buckets = Vec::new();
        let mut start = start_of(unit, self.from);
        while start < self.to {
            let Some(end) = step(unit, start, 1) else { break };
            let days = Period { from: start.max(self.from), to: end.min(self.to), zone: self.zone };
            let whole = days.from == start && days.to == end;
            buckets.push(Bucket { days, partial: !whole || midnight(end, self.zone) > now });
            start = end;
        }
        buckets
    }

    fn whole_months(&self) -> i64 {
        if self.from.day() != 1 || self.to.day() != 1 {
            return 0;
        }
        i64::from((self.to.year() - self.from.year()) * 12 + self.to.month() as i32 - self.from.month() as i32)
    }
}

/// The first day of the unit that a day lies in.
fn start_of(unit: Granularity, day: NaiveDate) -> NaiveDate {
    let first = |month: u32| NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(day);
    match unit {
        Granularity::Day => day,
        Granularity::Week => day.week(Weekday::Mon).first_day(),
        Granularity::Month => first(day.month()),
        Granularity::Quarter => first((day.month0() / 3) * 3 + 1),
        Granularity::Year => first(1),
    }
}

/// The day `count` units on from the first day of a unit.
fn step(unit: Granularity, day: NaiveDate, count: i64) -> Option<NaiveDate> {
    let months = |each: i64| {
        let months = Months::new(u32::try_from((count * each).unsigned_abs()).ok()?);
        if count < 0 { day.checked_sub_months(months) } else { day.checked_add_months(months) }
    };
    match unit {
        Granularity::Day => day.checked_add_signed(TimeDelta::try_days(count)?),
        Granularity::Week => day.checked_add_signed(TimeDelta::try_weeks(count)?),
        Granularity::Month => months(1),
        Granularity::Quarter => months(3),
        Granularity::Year => months(12),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn period(from: &str, to: &str, zone: Tz) -> Period {
        Period::between(day(from), day(to), zone).expect("a period")
    }

    #[test]
    fn a_day_of_daylight_saving_has_23_or_25_hours() {
        let hours = |p: Period| (p.instants().end - p.instants().start) / 3_600_000_000;
        assert_eq!(hours(period("2026-03-29", "2026-03-30", Tz::Europe__Berlin)), 23);
        assert_eq!(hours(period("2026-10-25", "2026-10-26", Tz::Europe__Berlin)), 25);
    }

    #[test]
    fn a_day_whose_midnight_is_skipped_begins_after_the_gap() {
        // In Sao Paulo clocks went from 2018-11-03 24:00 straight to 01:00.
        assert_eq!(midnight(day("2018-11-04"), Tz::America__Sao_Paulo), instant("2018-11-04T03:00:00Z"));
        assert_eq!(midnight(day("2018-11-03"), Tz::America__Sao_Paulo), instant("2018-11-03T03:00:00Z"));
    }

    #[test]
    fn weeks_are_iso_weeks_also_over_the_year() {
        let buckets =
            period("2025-12-31", "2026-01-12", Tz::UTC).buckets(Granularity::Week, instant("2026-06-01T00:00:00Z"));
        let starts: Vec<_> = buckets.iter().map(|b| (b.days.from.to_string(), b.partial)).collect();
        assert_eq!(starts, [("2025-12-31".into(), true), ("2026-01-05".into(), false)].to_vec());
    }

    #[test]
    fn a_bucket_that_is_not_over_is_partial() {
        let buckets =
            period("2026-01-01", "2026-03-01", Tz::UTC).buckets(Granularity::Month, instant("2026-02-10T00:00:00Z"));
        assert_eq!(buckets.iter().map(|b| b.partial).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn the_period_before_a_month_is_a_month() {
        let march = period("2026-03-01", "2026-04-01", Tz::UTC);
        assert_eq!(march.previous(), Ok(period("2026-02-01", "2026-03-01", Tz::UTC)));
        let days = period("2026-03-02", "2026-03-12", Tz::UTC);
        assert_eq!(days.previous(), Ok(period("2026-02-20", "2026-03-02", Tz::UTC)));
    }

    #[test]
    fn last_ends_with_the_newest_whole_unit() {
        let now = instant("2026-07-01T00:30:00Z");
        // In New York it is still June, and June is not over.
        let last = Period::last(1, Granularity::Month, now, Tz::America__New_York);
        assert_eq!(last, Ok(period("2026-05-01", "2026-06-01", Tz::America__New_York)));
        let last = Period::last(1, Granularity::Month, now, Tz::UTC);
        assert_eq!(last, Ok(period("2026-06-01", "2026-07-01", Tz::UTC)));
    }

    #[test]
    fn an_empty_period_is_an_error() {
        let error = Period::between(day("2026-01-02"), day("2026-01-02"), Tz::UTC);
        assert!(matches!(error, Err(PeriodError::Empty { .. })));
    }

    proptest::proptest! {
        #[test]
        fn buckets_tile_the_period(from in 0u64..20_000, length in 1u64..800, unit in 0usize..5, zone in 0usize..4) {
            let zone = [Tz::UTC, Tz::Europe__Berlin, Tz::America__New_York, Tz::Australia__Lord_Howe][zone];
            let from = day("1980-01-01") + Days::new(from);
            let period = Period::between(from, from + Days::new(length), zone).expect("not empty");
            let unit = Granularity::ALL[unit];
            let buckets = period.buckets(unit, instant("2100-01-01T00:00:00Z"));
            proptest::prop_assert!(buckets.len() as u64 <= period.count_buckets(unit));
            proptest::prop_assert_eq!(buckets[0].days.from, period.from);
            proptest::prop_assert_eq!(buckets[buckets.len() - 1].days.to, period.to);
            for pair in buckets.windows(2) {
                proptest::prop_assert_eq!(pair[0].days.instants().end, pair[1].days.instants().start);
                proptest::prop_assert_eq!(start_of(unit, pair[1].days.from), pair[1].days.from);
            }
        }
    }
}
