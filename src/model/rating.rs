//! How a metric's value is judged: the bands and scores of a published scheme, as data.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::metric::{Count, Statistic};
use super::words::words;

words! {
    /// A scheme of ratings.
    #[graphql(name = "RatingScheme")]
    Scheme {
        /// DORA, Accelerate State of DevOps 2021: Elite, High, Medium, Low.
        Dora2021 = "DORA_2021",
        /// DORA, Accelerate State of DevOps 2023: Elite, High, Medium, Low.
        Dora2023 = "DORA_2023",
        /// DORA 2025: a score from 0 to 10, no tiers.
        Dora2025 = "DORA_2025",
        /// The thresholds of the profile that holds; where it sets none, those of DORA_2023.
        Profile = "PROFILE",
    }
}

words! {
    /// A tier of a rating.
    #[graphql(name = "RatingLevel")]
    Level {
        /// The best tier.
        Elite = "ELITE",
        /// The second tier.
        High = "HIGH",
        /// The third tier.
        Medium = "MEDIUM",
        /// Below the third tier.
        Low = "LOW",
    }
}

/// How one scheme judges one metric.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rating {
    pub scheme: Scheme,
    /// Statistic that is judged, for durations; missing: the metric's own.
    pub statistic: Option<Statistic>,
    /// Tiers, best first; what fits none is LOW.
    #[serde(default)]
    pub bands: Vec<Band>,
    /// Six ordered answers, of which each limit that is met is worth two points.
    pub steps: Option<Steps>,
    /// A straight line between two values.
    pub linear: Option<Linear>,
}

/// A tier and the one condition for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    pub level: Level,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// A count of the metric that is judged in place of its value; goes with `per`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<Per>,
}

words! {
    /// What a count is taken per, before it is judged.
    #[graphql(name = "ThresholdPer")]
    Per {
        /// The median over the calendar weeks of the period; a week without one counts as 0.
        Week = "WEEK",
        /// The median over the calendar months of the period.
        Month = "MONTH",
        /// The whole period's count, per half a year of it, and at least per period.
        HalfYear = "HALF_YEAR",
    }
}

/// Limits from the worst answer to the best.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Steps {
    Below([f64; 5]),
    AtLeast([f64; 5]),
}

/// The values that score 0 and 10.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linear {
    pub zero_at: f64,
    pub ten_at: f64,
}

impl Rating {
    /// Whether the declaration says one thing, and only of counts that exist.
    pub fn check(&self, counts: &[Count]) -> Result<()> {
        let ways = [!self.bands.is_empty(), self.steps.is_some(), self.linear.is_some()];
        ensure!(ways.iter().filter(|w| **w).count() == 1, "exactly one of bands, steps and linear");
        for band in &self.bands {
            let conditions = [band.below, band.at_most, band.at_least];
            let level = band.level.name();
            ensure!(conditions.iter().flatten().count() == 1, "{level}: exactly one of below, at_most, at_least");
            ensure!(band.count.is_some() == band.per.is_some(), "{level}: count goes with per");
            if let Some(name) = &band.count {
                ensure!(counts.iter().any(|c| &c.name == name), "{level}: no count {name:?}");
            }
        }
        Ok(())
    }
}

impl Band {
    /// The number that a value is held against; `None`: there is not exactly one.
    pub fn limit(&self) -> Option<f64> {
        match [self.below, self.at_most, self.at_least] {
            [Some(limit), None, None] | [None, Some(limit), None] | [None, None, Some(limit)] => Some(limit),
            _ => None,
        }
    }

    /// Whether whatever meets another condition on the same number meets this one.
    pub fn is_wider_than(&self, other: &Band) -> bool {
        let same = (&self.count, self.per) == (&other.count, other.per);
        let is_upper = |band: &Band| band.at_least.is_none();
        let (Some(own), Some(others)) = (self.limit(), other.limit()) else { return false };
        same && is_upper(self) == is_upper(other) && if is_upper(self) { own >= others } else { own <= others }
    }

    /// Whether a value meets the condition.
    pub fn holds(&self, value: f64) -> bool {
        self.below.is_some_and(|limit| value < limit)
            || self.at_most.is_some_and(|limit| value <= limit)
            || self.at_least.is_some_and(|limit| value >= limit)
    }
}

impl Steps {
    /// The score of a value: 0, 2, 4, 6, 8 or 10.
    pub fn score(&self, value: f64) -> f64 {
        let met = match self {
            Steps::Below(limits) => limits.iter().filter(|limit| value < **limit).count(),
            Steps::AtLeast(limits) => limits.iter().filter(|limit| value >= **limit).count(),
        };
        2.0 * met as f64
    }
}

impl Linear {
    /// The score of a value, 0 to 10.
    pub fn score(&self, value: f64) -> f64 {
        (10.0 * (value - self.zero_at) / (self.ten_at - self.zero_at)).clamp(0.0, 10.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_score_two_points_a_limit() {
        let steps = Steps::Below([15_552_000.0, 2_592_000.0, 604_800.0, 86_400.0, 3_600.0]);
        assert_eq!(steps.score(3_599.0), 10.0);
        assert_eq!(steps.score(3_600.0), 8.0);
        assert_eq!(steps.score(20_000_000.0), 0.0);
    }

    #[test]
    fn a_rate_is_turned_round() {
        let linear = Linear { zero_at: 1.0, ten_at: 0.0 };
        assert_eq!(linear.score(0.0), 10.0);
        assert_eq!(linear.score(0.25), 7.5);
    }
}
