//! Instants where calendars go wrong, and instants near them.

use chrono::{Duration, TimeZone, Utc};
use chrono_tz::Tz;
use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::calendar::day_start;
use super::record::At;

/// Zones to live and to ask in.
pub const ZONES: [Tz; 9] = [
    Tz::Europe__Berlin,
    Tz::America__New_York,
    Tz::Australia__Lord_Howe,
    Tz::UTC,
    Tz::Africa__Cairo,
    Tz::America__Havana,
    Tz::Asia__Kolkata,
    Tz::Pacific__Kiritimati,
    Tz::America__Santiago,
];

/// Where worlds are set: clocks change, a year ends within a week, a month or a leap day ends.
const SCENES: [&str; 12] = [
    "2024-03-31T01:00:00Z", // Berlin, forward
    "2024-10-27T01:00:00Z", // Berlin, back
    "2024-03-10T07:00:00Z", // New York, forward
    "2024-11-03T06:00:00Z", // New York, back; Havana too
    "2024-04-06T15:00:00Z", // Lord Howe, half an hour back
    "2024-10-05T15:30:00Z", // Lord Howe, half an hour forward
    "2024-12-31T23:30:00Z", // the year ends on a Tuesday
    "2024-12-30T00:00:00Z", // first week of 2025
    "2021-01-03T23:00:00Z", // week 53 of 2020 ends
    "2024-02-29T12:00:00Z", // leap day
    "2023-06-30T22:00:00Z", // quarter and half-year end
    "2024-04-25T22:00:00Z", // Cairo skips midnight
];

/// Draws instants around one scene, often the same one again.
pub struct Moments {
    pub scene: At,
    pub zone: Tz,
    drawn: Vec<At>,
}

impl Moments {
    pub fn new(rng: &mut ChaCha8Rng) -> Moments {
        let scene = SCENES.choose(rng).expect("not empty").parse().expect("an instant");
        Moments { scene, zone: *ZONES.choose(rng).expect("not empty"), drawn: Vec::new() }
    }

    /// An instant within about three weeks of the scene, or now and then some months.
    pub fn draw(&mut self, rng: &mut ChaCha8Rng) -> At {
        let reach_minutes = if rng.random_ratio(1, 12) { 150 * 1_440 } else { 18 * 1_440 };
        let anywhere = self.scene + Duration::minutes(rng.random_range(-reach_minutes..=reach_minutes));
        let at = match rng.random_range(0..10) {
            0..=1 if !self.drawn.is_empty() => *self.drawn.choose(rng).expect("not empty"),
            2 => self.scene + nudge(rng),
            3..=4 => {
                let day = anywhere.with_timezone(&self.zone).date_naive();
                day_start(self.zone, day) + nudge(rng)
            }
            5 => {
                let day = anywhere.date_naive();
                Utc.from_utc_datetime(&day.and_hms_opt(0, 0, 0).expect("midnight")) + nudge(rng)
            }
            _ => anywhere,
        };
        self.drawn.push(at);
        at
    }

    /// An instant at most so many hours after another; rarely before it, as where clocks are skewed.
    pub fn after(&mut self, rng: &mut ChaCha8Rng, at: At, hours: i64) -> At {
        let seconds = match rng.random_range(0..20) {
            0 => -rng.random_range(1..=2 * hours * 3_600),
            1..=3 => 0,
            _ => rng.random_range(0..=hours * 3_600),
        };
        let at = at + Duration::seconds(seconds);
        self.drawn.push(at);
        at
    }
}

/// Nothing, or the least that may matter.
fn nudge(rng: &mut ChaCha8Rng) -> Duration {
    *[
        Duration::zero(),
        Duration::microseconds(-1),
        Duration::microseconds(1),
        Duration::seconds(-1),
        Duration::minutes(30),
        Duration::minutes(-30),
    ]
    .choose(rng)
    .expect("not empty")
}
