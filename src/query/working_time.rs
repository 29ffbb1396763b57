//! Working time: what is left of the time between two instants without the days of rest of a business calendar. Days are
//! whole days of a time zone, of 23 and 25 hours too, and begin where periods say that they begin.

use std::hash::{Hash, Hasher};
use std::ops::RangeInclusive;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Datelike, NaiveDate};
use chrono_tz::Tz;

use crate::clock::midnight;
use crate::model::BusinessCalendar;

const DAY_MICROS: i64 = 86_400_000_000;
/// Instants outside of these years are unknown. Tables hold none: intake takes 1970 to 2199.
const FIRST_YEAR: i32 = 1900;
const LAST_YEAR: i32 = 2200;

/// A business calendar in a time zone. The days that instants fall on are worked out when they are first met.
pub struct WorkingTime {
    calendar: BusinessCalendar,
    zone: Tz,
    known: RwLock<Arc<Days>>,
}

/// Consecutive days: where each begins, and how much was worked before it. Both have one entry more than there are days.
/// Instants and lengths in microseconds.
#[derive(Debug, Default)]
pub struct Days {
    starts: Vec<i64>,
    worked: Vec<i64>,
    /// The first and the last of the whole years that the days are of.
    years: Option<(i32, i32)>,
}

impl WorkingTime {
    pub fn new(calendar: BusinessCalendar, zone: Tz) -> WorkingTime {
        WorkingTime { calendar, zone, known: RwLock::default() }
    }

    /// The days that the instants of a range fall on, in microseconds since 1970 UTC, and perhaps more.
    pub fn days(&self, instants: RangeInclusive<i64>) -> Arc<Days> {
        // A day more at each end, since no zone is as far from UTC.
        let year = |micros: i64| {
            let at = DateTime::from_timestamp_micros(micros);
            at.map_or(if micros < 0 { FIRST_YEAR } else { LAST_YEAR }, |at| at.year().clamp(FIRST_YEAR, LAST_YEAR))
        };
        let first = year(instants.start().saturating_sub(2 * DAY_MICROS));
        let last = year(instants.end().saturating_add(2 * DAY_MICROS));
        let known = Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner));
        let (first, last) = match known.years {
            Some((from, to)) if from <= first && last <= to => return known,
            Some((from, to)) => (from.min(first), to.max(last)),
            None => (first, last),
        };
        let days = Arc::new(self.days_of(first, last));
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&days);
        days
    }

    fn days_of(&self, first_year: i32, last_year: i32) -> Days {
        let (mut starts, mut worked) = (Vec::new(), Vec::new());
        let (mut before, mut rested) = (0, true);
        let mut day = NaiveDate::from_ymd_opt(first_year, 1, 1);
        while let Some(today) = day.filter(|day| day.year() <= last_year + 1) {
            let start = midnight(today, self.zone).timestamp_micros();
            let yesterday = starts.last().copied().unwrap_or(start);
            before += if rested { 0 } else { start - yesterday };
            starts.push(start);
            worked.push(before);
            if today.year() > last_year {
                break;
            }
            rested = self.calendar.rests_on(today);
            day = today.succ_opt();
        }
        Days { starts, worked, years: Some((first_year, last_year)) }
    }
}

impl Days {
    /// The microseconds worked from one instant to a later one. `None` where the first is after the other, even where
    /// nothing was worked between them, and outside of these days.
    pub fn between(&self, from: i64, to: i64) -> Option<i64> {
        if to < from {
            return None;
        }
        Some(self.worked_until(to)? - self.worked_until(from)?)
    }

    fn worked_until(&self, at: i64) -> Option<i64> {
        let (first, last) = (*self.starts.first()?, *self.starts.last()?);
        if at < first || at >= last {
            return None;
        }
        // Days are nearly of one length: a step or two from where it would be if they were.
        let mut day = usize::try_from((at - first) / DAY_MICROS).ok()?.min(self.starts.len() - 2);
        while self.starts[day] > at {
            day -= 1;
        }
        while self.starts[day + 1] <= at {
            day += 1;
        }
        let is_worked = self.worked[day + 1] > self.worked[day];
        Some(self.worked[day] + if is_worked { at - self.starts[day] } else { 0 })
    }
}

impl PartialEq for WorkingTime {
    fn eq(&self, other: &WorkingTime) -> bool {
        self.calendar == other.calendar && self.zone == other.zone
    }
}

impl Eq for WorkingTime {}

impl Hash for WorkingTime {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.calendar.hash(state);
        self.zone.name().hash(state);
    }
}

impl std::fmt::Debug for WorkingTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorkingTime").field("calendar", &self.calendar).field("zone", &self.zone).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::TimeDelta;

    use super::*;
    use crate::model::business_calendar::Weekday;

    const MINUTE_MICROS: i64 = 60_000_000;
    const HOUR_MICROS: i64 = 60 * MINUTE_MICROS;

    fn calendar(weekend: &[Weekday], holidays: &[&str]) -> BusinessCalendar {
        let holidays = holidays.iter().map(|day| day.parse().expect("a date")).collect();
        BusinessCalendar { weekend: weekend.iter().copied().collect(), holidays, metrics: BTreeSet::new() }
    }

    fn usual() -> BusinessCalendar {
        calendar(&[Weekday::Saturday, Weekday::Sunday], &[])
    }

    fn micros(text: &str) -> i64 {
        text.parse::<DateTime<chrono::Utc>>().expect("an instant").timestamp_micros()
    }

    fn hours(calendar: BusinessCalendar, zone: Tz, from: &str, to: &str) -> Option<f64> {
        let (from, to) = (micros(from), micros(to));
        let days = WorkingTime::new(calendar, zone).days(from.min(to)..=from.max(to));
        days.between(from, to).map(|micros| micros as f64 / HOUR_MICROS as f64)
    }

    #[test]
    fn a_weekend_and_a_holiday_are_left_out() {
        // Friday 15:00 to Monday 10:00: 9 h and 10 h.
        assert_eq!(hours(usual(), Tz::UTC, "2026-03-06T15:00:00Z", "2026-03-09T10:00:00Z"), Some(19.0));
        // In Berlin it was 16:00 and 11:00: 8 h and 11 h.
        assert_eq!(hours(usual(), Tz::Europe__Berlin, "2026-03-06T15:00:00Z", "2026-03-09T10:00:00Z"), Some(19.0));
        // Kiritimati is 14 hours ahead: from Saturday 05:00 to Tuesday 00:00, of which Monday is worked.
        assert_eq!(hours(usual(), Tz::Pacific__Kiritimati, "2026-03-06T15:00:00Z", "2026-03-09T10:00:00Z"), Some(24.0));
        let holiday = calendar(&[Weekday::Saturday, Weekday::Sunday], &["2026-03-09"]);
        assert_eq!(hours(holiday, Tz::UTC, "2026-03-06T15:00:00Z", "2026-03-10T10:00:00Z"), Some(19.0));
        assert_eq!(hours(usual(), Tz::UTC, "2026-03-02T15:00:00Z", "2026-03-04T10:00:00Z"), Some(43.0));
    }

    #[test]
    fn what_lies_within_days_of_rest_is_no_time_and_what_runs_backwards_is_unknown() {
        assert_eq!(hours(usual(), Tz::UTC, "2026-03-07T01:00:00Z", "2026-03-08T23:00:00Z"), Some(0.0));
        assert_eq!(hours(usual(), Tz::UTC, "2026-03-07T01:00:00Z", "2026-03-07T01:00:00Z"), Some(0.0));
        assert_eq!(hours(usual(), Tz::UTC, "2026-03-08T23:00:00Z", "2026-03-07T01:00:00Z"), None);
        assert_eq!(hours(usual(), Tz::UTC, "2026-03-09T00:00:00.000001Z", "2026-03-09T00:00:00Z"), None);
        assert_eq!(hours(usual(), Tz::UTC, "2026-03-09T00:00:00Z", "2026-03-09T00:00:00Z"), Some(0.0));
    }

    #[test]
    fn a_day_counts_with_the_hours_it_has() {
        // Berlin's clocks change on Sundays: with Sunday worked, 2026-03-29 has 23 hours and 2026-10-25 has 25.
        let friday = || calendar(&[Weekday::Friday], &[]);
        let berlin = Tz::Europe__Berlin;
        assert_eq!(hours(friday(), berlin, "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"), Some(23.0));
        assert_eq!(hours(friday(), berlin, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"), Some(25.0));
        // As a day of rest all of its 25 hours go: Saturday 22:00 UTC is its midnight.
        let sunday = || calendar(&[Weekday::Sunday], &[]);
        assert_eq!(hours(sunday(), berlin, "2026-10-24T21:00:00Z", "2026-10-26T00:00:00Z"), Some(2.0));
    }

    #[test]
    fn a_day_that_a_zone_left_out_takes_no_time() {
        // Apia went from Thursday 2011-12-29 to Saturday the 31st, at 10:00 UTC on the 30th.
        let friday = calendar(&[Weekday::Friday], &[]);
        assert_eq!(
            hours(friday, Tz::Pacific__Apia, "2011-12-30T09:00:00Z", "2011-12-30T12:00:00Z"),
            Some(3.0),
            "no Friday to leave out"
        );
        assert_eq!(hours(usual(), Tz::Pacific__Apia, "2011-12-30T09:00:00Z", "2011-12-30T12:00:00Z"), Some(1.0));
    }

    #[test]
    fn days_grow_with_what_is_asked() {
        let working = WorkingTime::new(usual(), Tz::America__New_York);
        let march = micros("2026-03-06T15:00:00Z");
        let narrow = working.days(march..=march);
        assert!(Arc::ptr_eq(&narrow, &working.days(march..=march + 20 * DAY_MICROS)), "they are kept");
        let early = micros("1971-01-01T00:00:00Z");
        let wide = working.days(early..=early);
        assert!(narrow.between(early, march).is_none() && wide.between(early, march).is_some());
        assert_eq!(narrow.between(march, march + 3 * DAY_MICROS), wide.between(march, march + 3 * DAY_MICROS));
        let far = working.days(i64::MIN..=i64::MAX);
        assert_eq!((far.between(i64::MIN, march), far.between(march, i64::MAX)), (None, None));
        assert!(far.between(march, micros("2200-12-30T00:00:00Z")).is_some());
    }

    /// The working time minute by minute, the slow way: a minute counts where its local day is worked.
    fn by_minutes(calendar: &BusinessCalendar, zone: Tz, from: i64, to: i64) -> i64 {
        let minutes = (from..to).step_by(MINUTE_MICROS as usize);
        let is_worked = |micros: &i64| {
            let at = DateTime::from_timestamp_micros(*micros).expect("an instant");
            !calendar.rests_on(at.with_timezone(&zone).date_naive())
        };
        minutes.filter(is_worked).count() as i64 * MINUTE_MICROS
    }

    proptest::proptest! {
        #[test]
        fn it_is_what_counting_minutes_gives(
            zone in 0usize..4, scene in 0usize..6, before in 0i64..12_000, length in 0i64..16_000,
            weekend in proptest::collection::btree_set(0usize..7, 0..4), holidays in proptest::collection::vec(-9i64..9, 0..4),
        ) {
            let zone = [Tz::Europe__Berlin, Tz::America__New_York, Tz::Australia__Lord_Howe, Tz::America__Havana][zone];
            // Clocks go forward and back in Berlin and New York; a year ends; a February has 29 days.
            let scene = [
                "2024-03-31T01:00:00Z", "2024-10-27T01:00:00Z", "2025-03-09T07:00:00Z", "2025-11-02T06:00:00Z",
                "2024-12-31T23:00:00Z", "2024-02-29T12:00:00Z",
            ][scene];
            let day = |offset: i64| scene[..10].parse::<NaiveDate>().expect("a date") + TimeDelta::days(offset);
            let calendar = BusinessCalendar {
                weekend: weekend.into_iter().map(|place| Weekday::ALL[place]).collect(),
                holidays: holidays.into_iter().map(day).collect(),
                metrics: BTreeSet::new(),
            };
            let from = micros(scene) - before * MINUTE_MICROS;
            let to = from + length * MINUTE_MICROS;
            let days = WorkingTime::new(calendar.clone(), zone).days(from..=to);
            proptest::prop_assert_eq!(days.between(from, to), Some(by_minutes(&calendar, zone, from, to)));
        }
    }
}
