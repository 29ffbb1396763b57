//! The clock: the only place that asks what time it is, so that tests can say it; and when a day begins.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Where "now" comes from.
#[derive(Debug, Clone, Copy, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that stands still, for tests and for reproducing an answer.
    Fixed(DateTime<Utc>),
}

impl Clock {
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Clock::System => Utc::now(),
            Clock::Fixed(at) => *at,
        }
    }
}

/// The instant at which a calendar day begins. Where midnight is skipped by daylight saving, the first instant after
/// the gap; where it comes twice, the first of the two.
pub fn midnight(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let naive = day.and_time(NaiveTime::MIN);
    (0..=96)
        .find_map(|quarters| zone.from_local_datetime(&(naive + TimeDelta::minutes(15 * quarters))).earliest())
        .map_or_else(|| naive.and_utc(), |instant| instant.with_timezone(&Utc))
}
