//! Months of UTC: the partitions of tables. Spelled "2026-03".

use chrono::{DateTime, Datelike};

/// Months since the year 0 of an instant in microseconds; `None`: chrono knows no such instant.
pub(super) fn number(micros: i64) -> Option<i32> {
    let time = DateTime::from_timestamp_micros(micros)?;
    Some(time.year() * 12 + time.month0() as i32)
}

/// A number of [`number`] as the partitions spell it.
pub(super) fn spell(number: i32) -> String {
    format!("{:04}-{:02}", number.div_euclid(12), number.rem_euclid(12) + 1)
}

/// The partition that rows of an event time (microseconds) lie in.
pub fn of(micros: i64) -> Option<String> {
    number(micros).map(spell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_those_of_utc() {
        let month = |text: &str| of(DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros()).unwrap();
        assert_eq!(month("2026-01-01T00:30:00+01:00"), "2025-12");
        assert_eq!(month("2024-02-29T23:59:59Z"), "2024-02");
        assert_eq!(month("1969-12-31T23:59:59Z"), "1969-12");
    }
}
