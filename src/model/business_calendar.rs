//! The business calendar: the days on which nobody works, and the metrics whose durations leave them out. Words only;
//! which instants those days are in a time zone is for the query to find out.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use super::metric::Kind;
use super::words::words;
use super::{Metric, definition};

words! {
    /// A day of the week.
    Weekday {
        /// Monday.
        Monday = "MONDAY",
        /// Tuesday.
        Tuesday = "TUESDAY",
        /// Wednesday.
        Wednesday = "WEDNESDAY",
        /// Thursday.
        Thursday = "THURSDAY",
        /// Friday.
        Friday = "FRIDAY",
        /// Saturday.
        Saturday = "SATURDAY",
        /// Sunday.
        Sunday = "SUNDAY",
    }
}

/// Days of rest. Without any, durations are what a clock on the wall shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct BusinessCalendar {
    /// Days of every week.
    pub weekend: BTreeSet<Weekday>,
    /// Single days.
    pub holidays: BTreeSet<NaiveDate>,
    /// Names of the metrics whose durations leave the days of rest out; empty: every metric that is a duration.
    pub metrics: BTreeSet<String>,
}

impl BusinessCalendar {
    /// Whether no day is one of rest.
    pub fn is_empty(&self) -> bool {
        self.weekend.is_empty() && self.holidays.is_empty()
    }

    /// Whether a day is one of rest.
    pub fn rests_on(&self, day: NaiveDate) -> bool {
        let place = day.weekday().num_days_from_monday() as usize;
        self.weekend.contains(&Weekday::ALL[place]) || self.holidays.contains(&day)
    }

    /// Whether a metric's durations leave days of rest out.
    pub fn applies_to(&self, metric: &Metric) -> bool {
        let meant = self.metrics.is_empty() || self.metrics.contains(&metric.name);
        meant && is_duration(metric) && !self.is_empty()
    }
}

/// Reads names of weekdays, in any letter case. The error says which is wrong and what would be right.
pub fn weekend(names: &[String]) -> Result<BTreeSet<Weekday>, String> {
    let known = || Weekday::ALL.iter().map(|day| day.name()).collect::<Vec<_>>().join(", ");
    let read = |name: &String| {
        let day = Weekday::ALL.iter().find(|day| day.name().eq_ignore_ascii_case(name)).copied();
        day.ok_or_else(|| format!("'{name}' is not a day of the week; write {}", known()))
    };
    let days = names.iter().map(read).collect::<Result<BTreeSet<_>, _>>()?;
    if days.len() == Weekday::ALL.len() {
        return Err("all seven days are named, which leaves none to work on".to_owned());
    }
    Ok(days)
}

/// Reads dates as ISO 8601 writes them. The error says which is wrong and what would be right.
pub fn holidays(dates: &[String]) -> Result<BTreeSet<NaiveDate>, String> {
    let read = |text: &String| {
        text.parse().map_err(|_| format!("'{text}' is not a day of the calendar; write it as 2026-12-25"))
    };
    dates.iter().map(read).collect()
}

/// Reads names of metrics, which must be durations. One that no built-in metric has may be that of a lake's own: who opens the
/// lake can tell. The error says which is wrong and what would be right.
pub fn metrics(names: &[String]) -> Result<BTreeSet<String>, String> {
    let durations = || super::metrics().iter().filter(|metric| is_duration(metric)).map(|metric| metric.name.as_str());
    let read = |name: &String| {
        let known = durations().find(|known| known.eq_ignore_ascii_case(name)).map(str::to_owned);
        let own =
            || Some(name.to_uppercase()).filter(|name| super::metric(name).is_none() && definition::is_name(name));
        let list = || durations().collect::<Vec<_>>().join(", ");
        known.or_else(own).ok_or_else(|| format!("'{name}' is not a metric that is a duration; those are {}", list()))
    };
    names.iter().map(read).collect()
}

fn is_duration(metric: &Metric) -> bool {
    matches!(metric.kind, Kind::Duration { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn weekends_and_holidays_are_days_of_rest() {
        let calendar = BusinessCalendar {
            weekend: weekend(&texts(&["saturday", "SUNDAY"])).expect("days"),
            holidays: holidays(&texts(&["2026-12-25"])).expect("dates"),
            metrics: BTreeSet::new(),
        };
        // Christmas of 2026 is a Friday.
        let rest: Vec<bool> = (24..=28).map(|n| calendar.rests_on(day(&format!("2026-12-{n}")))).collect();
        assert_eq!(rest, [false, true, true, true, false]);
        let friday = BusinessCalendar { weekend: BTreeSet::from([Weekday::Friday]), ..BusinessCalendar::default() };
        assert!(friday.rests_on(day("2026-12-18")) && !friday.rests_on(day("2026-12-19")));
        assert!(BusinessCalendar::default().is_empty() && !friday.is_empty());
    }

    #[test]
    fn it_applies_to_durations_and_where_metrics_are_named_to_those() {
        let metric = |name: &str| crate::model::metric(name).expect("a metric of the catalogue");
        let none = BusinessCalendar::default();
        assert!(!none.applies_to(metric("LEAD_TIME_FOR_CHANGES")));
        let all = BusinessCalendar { weekend: BTreeSet::from([Weekday::Sunday]), ..none };
        assert!(all.applies_to(metric("LEAD_TIME_FOR_CHANGES")) && all.applies_to(metric("TIME_TO_RESTORE_SERVICE")));
        assert!(!all.applies_to(metric("CHANGE_FAILURE_RATE")));
        let named = BusinessCalendar { metrics: metrics(&texts(&["lead_time_for_changes"])).expect("a metric"), ..all };
        assert!(named.applies_to(metric("LEAD_TIME_FOR_CHANGES")));
        assert!(!named.applies_to(metric("TIME_TO_RESTORE_SERVICE")));
    }

    #[test]
    fn what_is_wrong_is_named_with_the_remedy() {
        let error = weekend(&texts(&["SATURDAY", "Sonntag"])).expect_err("no such day");
        assert!(error.contains("'Sonntag'") && error.contains("SUNDAY"), "{error}");
        let every: Vec<String> = Weekday::ALL.iter().map(|day| day.name().to_owned()).collect();
        assert!(weekend(&every).is_err());
        for wrong in ["2026-02-29", "25.12.2026", "2026-12-25T00:00:00Z", "Christmas"] {
            let error = holidays(&texts(&[wrong])).expect_err("no such date");
            assert!(error.contains(&format!("'{wrong}'")) && error.contains("2026-12-25"), "{error}");
        }
        let error = metrics(&texts(&["CHANGE_FAILURE_RATE"])).expect_err("no duration");
        assert!(error.contains("'CHANGE_FAILURE_RATE'") && error.contains("LEAD_TIME_FOR_CHANGES"), "{error}");
    }
}
