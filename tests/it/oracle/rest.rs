//! Days of rest: which there are, and what of the time between two instants does not lie on one.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use chrono_tz::Tz;
use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use throughline::model::business_calendar::{self, BusinessCalendar};

use super::calendar::day_start;
use super::record::At;

/// Days on which nobody works; none where durations are wall-clock time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rest {
    pub weekend: Vec<Weekday>,
    pub holidays: Vec<NaiveDate>,
}

/// Runs of instants that lie on days of rest, each with its end, in order and apart.
pub type Closed = Vec<(At, At)>;

impl Rest {
    /// Often none; else a weekend, and holidays near a scene.
    pub fn draw(rng: &mut ChaCha8Rng, scene: At) -> Rest {
        use Weekday::*;
        let weekends: [&[Weekday]; 6] = [&[], &[], &[], &[Sat, Sun], &[Fri, Sat], &[Sun]];
        let weekend = weekends.choose(rng).expect("not empty").to_vec();
        let most = if weekend.is_empty() && rng.random_ratio(2, 3) { 0 } else { 4 };
        let first = scene.date_naive() - Days::new(20);
        let holidays = (0..rng.random_range(0..=most)).map(|_| first + Days::new(rng.random_range(0..40))).collect();
        Rest { weekend, holidays }
    }

    /// The same days in the words of the server's settings.
    pub fn settings(&self) -> BusinessCalendar {
        let names = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
        let weekend: Vec<String> =
            self.weekend.iter().map(|day| names[day.num_days_from_monday() as usize].to_owned()).collect();
        let holidays: Vec<String> = self.holidays.iter().map(ToString::to_string).collect();
        BusinessCalendar {
            weekend: business_calendar::weekend(&weekend).expect("names of days"),
            holidays: business_calendar::holidays(&holidays).expect("dates"),
            ..BusinessCalendar::default()
        }
    }

    /// The runs of rest in a zone that instants from `first` to `last` may touch.
    pub fn closed(&self, zone: Tz, first: At, last: At) -> Closed {
        let mut closed = Closed::new();
        if self.weekend.is_empty() && self.holidays.is_empty() {
            return closed;
        }
        let mut day = first.date_naive() - Days::new(2);
        while day <= last.date_naive() + Days::new(2) {
            let next = day + Days::new(1);
            if self.weekend.contains(&day.weekday()) || self.holidays.contains(&day) {
                closed.push((day_start(zone, day), day_start(zone, next)));
            }
            day = next;
        }
        closed
    }
}

/// The seconds from one instant to another without what is closed; none where the second comes first.
pub fn open_seconds(from: Option<At>, to: Option<At>, closed: &Closed) -> Option<f64> {
    let (from, to) = (from?, to?);
    if to < from {
        return None;
    }
    let first = closed.partition_point(|(_, end)| *end <= from);
    let touched = closed[first..].iter().take_while(|(start, _)| *start < to);
    let micros = |from: At, to: At| (to - from).num_microseconds().expect("within a few years");
    let rested: i64 = touched.map(|(start, end)| micros(from.max(*start), to.min(*end))).sum();
    Some((micros(from, to) - rested) as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weekend_in_berlin_is_left_out() {
        let at = |text: &str| text.parse::<At>().expect("an instant");
        let rest =
            Rest { weekend: vec![Weekday::Sat, Weekday::Sun], holidays: vec!["2024-04-01".parse().expect("a date")] };
        // Friday 20:00 to Tuesday 02:00 in Berlin, with the clocks put forward on Sunday: 4 h and 2 h.
        let (from, to) = (at("2024-03-29T19:00:00Z"), at("2024-04-02T00:00:00Z"));
        let closed = rest.closed(Tz::Europe__Berlin, from, to);
        assert_eq!(open_seconds(Some(from), Some(to), &closed), Some(6.0 * 3600.0));
        let sunday = at("2024-03-31T12:00:00Z");
        assert_eq!(open_seconds(Some(sunday), Some(sunday), &closed), Some(0.0));
        assert_eq!(open_seconds(Some(sunday), Some(at("2024-03-31T11:00:00Z")), &closed), None);
        assert_eq!(open_seconds(Some(from), Some(to), &Closed::new()), Some(77.0 * 3600.0));
        assert_eq!(open_seconds(Some(from), None, &closed), None);
    }
}
