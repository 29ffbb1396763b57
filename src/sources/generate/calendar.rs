//! When people work: time zones, weekends, holidays, working hours, seasons.
//! Times are seconds since 1970 in UTC, days are days since 1970 on the local calendar.

use chrono::{Datelike, NaiveDate, Offset, TimeZone, Weekday};
use chrono_tz::Tz;

pub const HOUR: i64 = 3600;
pub const DAY: i64 = 86_400;

/// The working calendars of all time zones over a range of days.
#[derive(Debug, Clone)]
pub struct Calendar {
    first_day: i64,
    zones: Vec<Zone>,
}

#[derive(Debug, Clone)]
struct Zone {
    /// By day since the calendar's first: offset from UTC in seconds at noon, and whether it is a working day.
    days: Vec<(i32, bool)>,
}

/// Months and days that are free every year.
type Holidays = &'static [(u32, u32)];

/// Time zones that people live in, their countries, how many of a hundred people do, and the fixed holidays there (month,
/// day).
const ZONES: [(Tz, &str, usize, Holidays); 6] = [
    (Tz::America__New_York, "United States", 26, &[(6, 19), (7, 4), (11, 11)]),
    (Tz::Europe__Berlin, "Germany", 24, &[(5, 1), (10, 3), (12, 24), (12, 26)]),
    (Tz::Asia__Kolkata, "India", 20, &[(1, 26), (8, 15), (10, 2)]),
    (Tz::Europe__London, "United Kingdom", 14, &[(5, 4), (8, 31), (12, 26)]),
    (Tz::America__Los_Angeles, "United States", 10, &[(6, 19), (7, 4), (11, 11)]),
    (Tz::Australia__Sydney, "Australia", 6, &[(1, 26), (4, 25), (12, 26)]),
];

/// How many of a hundred people live in each zone.
pub fn zone_weights() -> [usize; ZONES.len()] {
    ZONES.map(|(_, _, weight, _)| weight)
}

/// The country that a zone is in.
pub fn country(zone: u8) -> &'static str {
    ZONES[usize::from(zone)].1
}

impl Calendar {
    /// A calendar from `from` to `to` and a good while beyond, since work planned late ends later.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Calendar {
        let (first_day, last_day) = (day_number(from) - 400, day_number(to) + 800);
        let zones = ZONES
            .iter()
            .map(|(tz, _, _, holidays)| Zone {
                days: (first_day..last_day).map(|day| (offset_at_noon(*tz, day), works(day, holidays))).collect(),
            })
            .collect();
        Calendar { first_day, zones }
    }

    /// The zone's offset from UTC on the day of `at`, in seconds.
    pub fn offset(&self, zone: u8, at: i64) -> i64 {
        i64::from(self.day(zone, at.div_euclid(DAY)).0)
    }

    /// Whether `day` is a working day there.
    pub fn is_working(&self, zone: u8, day: i64) -> bool {
        self.day(zone, day).1
    }

    /// The moment when it is so many seconds after midnight of `day` in the zone.
    pub fn at(&self, zone: u8, day: i64, second_of_day: i64) -> i64 {
        day * DAY + second_of_day - i64::from(self.day(zone, day).0)
    }

    /// `at` itself in working hours (8:30 to 18:30 of a working day), else a moment in the first 90 minutes of the
    /// next working time.
    pub fn next_working(&self, zone: u8, at: i64) -> i64 {
        let local = at + self.offset(zone, at);
        let (mut day, second) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let morning = 8 * HOUR + 1800;
        if self.is_working(zone, day) && second >= morning && second <= 18 * HOUR + 1800 {
            return at;
        }
        if second >= morning || !self.is_working(zone, day) {
            day += 1;
            while !self.is_working(zone, day) {
                day += 1;
            }
        }
        let moment = self.at(zone, day, morning + (at.wrapping_mul(2_654_435_761)).rem_euclid(5400));
        moment.max(at + 1)
    }

    fn day(&self, zone: u8, day: i64) -> (i32, bool) {
        let days = &self.zones[usize::from(zone)].days;
        let index = (day - self.first_day).clamp(0, days.len() as i64 - 1);
        // Beyond the calendar's end every day is a working day, so that a search for one always ends.
        let beyond = index != day - self.first_day;
        let (offset, working) = days[index as usize];
        (offset, working || beyond)
    }
}

/// Days since 1970.
pub fn day_number(date: NaiveDate) -> i64 {
    i64::from(date.to_epoch_days())
}

/// The date of a day since 1970.
pub fn date(day: i64) -> NaiveDate {
    NaiveDate::from_epoch_days(day as i32).unwrap_or_default()
}

/// How busy the organisation is on a day, 1 being usual: quiet at the turn of the year and in summer.
pub fn season(date: NaiveDate) -> f64 {
    match (date.month(), date.day()) {
        (12, 20..) | (1, 1..=4) => 0.35,
        (7, 15..) | (8, _) => 0.82,
        (12, _) => 0.9,
        _ => 1.0,
    }
}

/// The first day of the month after the one that `date` is in.
pub fn next_month(date: NaiveDate) -> NaiveDate {
    date.with_day(1).and_then(|first| first.checked_add_months(chrono::Months::new(1))).unwrap_or(date)
}

fn offset_at_noon(tz: Tz, day: i64) -> i32 {
    let noon = date(day).and_hms_opt(12, 0, 0).unwrap_or_default();
    tz.offset_from_utc_datetime(&noon).fix().local_minus_utc()
}

fn works(day: i64, holidays: &[(u32, u32)]) -> bool {
    let date = date(day);
    let (month, day) = (date.month(), date.day());
    let free = matches!((month, day), (1, 1) | (12, 25) | (12, 31)) || holidays.contains(&(month, day));
    !free && !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_waits_for_the_next_working_day() {
        let date = |m, d| NaiveDate::from_ymd_opt(2026, m, d).expect("a date");
        let calendar = Calendar::new(date(1, 1), date(12, 31));
        // Friday 2026-03-27, 20:00 in Berlin (CET); the clocks change on Sunday; Monday 8:30 is 6:30 UTC.
        let friday = calendar.at(1, day_number(date(3, 27)), 20 * HOUR);
        let monday = calendar.next_working(1, friday);
        assert!((monday - (day_number(date(3, 30)) * DAY + 6 * HOUR + 1800)).abs() <= 5400, "{monday}");
        assert_eq!(calendar.offset(1, friday), HOUR);
        assert_eq!(calendar.offset(1, monday), 2 * HOUR);
        assert_eq!(calendar.next_working(1, monday), monday, "working time is left alone");
        assert!(!calendar.is_working(0, day_number(date(7, 4))));
    }
}
