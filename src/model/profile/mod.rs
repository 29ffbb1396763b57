//! What an organisation says of its metrics: which are on, what feeds them, which statistic and which thresholds they are
//! shown with. A *profile* holds this for one part of the catalogue; each of its *versions* holds from a day on.
//!
//! `defaults` has what holds where nobody says anything, `values` one version's choices, `effective` what they come to
//! for one scope. Whose profile is whose is the people room's business, what it does to a plan the query room's.

mod check;
mod defaults;
mod effective;
mod parameter;
mod values;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use check::{Wrong, check, milestones};
pub use defaults::{Defaults, KindEntry};
pub use effective::{Complete, Effective, Segment, StageInForce};
pub use parameter::{Format, Parameter, Type, Value};
pub use values::{MetricValues, StageValues, Values};

use super::Metric;
use super::words::words;

words! {
    /// What a profile is about. Everything that is measured has one of each kind.
    #[graphql(name = "ProfileKind")]
    Kind {
        /// How changes reach production: the metrics of delivery and of builds.
        Efficiency = "EFFICIENCY",
        /// How work gets done: the metrics of productivity and of sprints.
        Productivity = "PRODUCTIVITY",
        /// What the work is for: the metrics of business alignment.
        BusinessAlignment = "BUSINESS_ALIGNMENT",
    }
}

impl Kind {
    /// The kind of profile that a metric is judged by.
    pub fn of(metric: &Metric) -> Kind {
        super::defaults().kind_of(metric.category)
    }

    /// The place of the kind in lists of one each.
    pub fn place(self) -> usize {
        self as usize
    }
}

/// A profile, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub kind: Kind,
    /// Unique among profiles, whatever the letter case.
    pub name: String,
    /// By their days, no two of one day. Before the first one what is built in holds.
    #[serde(default)]
    pub versions: Vec<Version>,
}

/// What a profile says from a day on, until the next version.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// First day, in the organisation's time zone; none: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Values::is_empty")]
    pub values: Values,
}

impl Profile {
    /// The version in force on a day; `None`: what is built in holds.
    pub fn on(&self, day: NaiveDate) -> Option<&Version> {
        self.versions.iter().rev().find(|version| version.from.is_none_or(|from| from <= day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::metric::Category;

    #[test]
    fn every_category_and_every_kind_are_declared_once() {
        let defaults = crate::model::defaults();
        let kinds: Vec<Kind> = defaults.kinds.iter().map(|entry| entry.name).collect();
        assert_eq!(kinds, Kind::ALL);
        for category in Category::ALL {
            let of = defaults.kinds.iter().filter(|entry| entry.categories.contains(category)).count();
            assert_eq!(of, 1, "{}", category.name());
        }
        assert_eq!(Kind::ALL.iter().map(|kind| kind.place()).collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn a_version_holds_from_its_day() {
        let version = |from: &str| Version { from: Some(from.parse().expect("a day")), values: Values::default() };
        let versions = vec![version("2026-02-01"), version("2026-03-01")];
        let profile = Profile { kind: Kind::Efficiency, name: "x".into(), versions };
        let on = |day: &str| profile.on(day.parse().expect("a day")).and_then(|v| v.from).map(|d| d.to_string());
        assert_eq!(on("2026-01-31"), None);
        assert_eq!(on("2026-02-28").as_deref(), Some("2026-02-01"));
        assert_eq!(on("2026-03-01").as_deref(), Some("2026-03-01"));
    }
}
