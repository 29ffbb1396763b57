//! What a profile leaves to an organisation: the parameters, as numbers and words.

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use throughline::model::profile::Value;

/// One choice of each parameter that the oracle knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Choices {
    pub bots: Vec<String>,
    pub incident_max_age_seconds: f64,
    pub small_pull_request_below: f64,
    pub medium_pull_request_up_to: f64,
    pub rework_days: i64,
    pub low_complexity_up_to: f64,
    pub medium_complexity_up_to: f64,
    pub sprint_unit: &'static str,
    pub sprint_grace_seconds: f64,
    pub effort_unit: &'static str,
}

impl Default for Choices {
    fn default() -> Choices {
        Choices {
            bots: Vec::new(),
            incident_max_age_seconds: 7.0 * 86_400.0,
            small_pull_request_below: 10.0,
            medium_pull_request_up_to: 100.0,
            rework_days: 30,
            low_complexity_up_to: 2.0,
            medium_complexity_up_to: 5.0,
            sprint_unit: "STORY_POINTS",
            sprint_grace_seconds: 86_400.0,
            effort_unit: "ISSUE_COUNT",
        }
    }
}

impl Choices {
    /// Other choices than the defaults.
    pub fn draw(rng: &mut ChaCha8Rng) -> Choices {
        let mut pick = |from: &[f64]| *from.choose(rng).expect("not empty");
        let (small, low) = (pick(&[1.0, 10.0, 41.0]), pick(&[0.0, 1.0, 2.0]));
        Choices {
            incident_max_age_seconds: pick(&[3_600.0, 86_400.0, 7.0 * 86_400.0]),
            small_pull_request_below: small,
            medium_pull_request_up_to: small + pick(&[0.0, 60.0, 99.0]),
            rework_days: pick(&[7.0, 14.0, 21.0, 30.0, 60.0, 90.0]) as i64,
            low_complexity_up_to: low,
            medium_complexity_up_to: low + pick(&[1.0, 3.0]),
            sprint_grace_seconds: pick(&[0.0, 3_600.0, 86_400.0]),
            bots: if rng.random_ratio(1, 3) { vec!["bob".to_owned()] } else { Vec::new() },
            sprint_unit: ["STORY_POINTS", "ISSUE_COUNT"].choose(rng).expect("not empty"),
            effort_unit: ["ISSUE_COUNT", "STORY_POINTS", "TIME_IN_PROGRESS"].choose(rng).expect("not empty"),
        }
    }

    /// How complex work of so many story points is.
    pub fn complexity(&self, points: f64) -> &'static str {
        match () {
            () if points <= self.low_complexity_up_to => "LOW",
            () if points <= self.medium_complexity_up_to => "MEDIUM",
            () => "HIGH",
        }
    }

    /// The parameters by the names that profiles have for them.
    pub fn parameters(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("bots", Value::Texts(self.bots.clone())),
            ("incident_max_age_seconds", Value::Number(self.incident_max_age_seconds)),
            ("small_pull_request_below", Value::Number(self.small_pull_request_below)),
            ("medium_pull_request_up_to", Value::Number(self.medium_pull_request_up_to)),
            ("rework_days", Value::Number(self.rework_days as f64)),
            ("low_complexity_up_to", Value::Number(self.low_complexity_up_to)),
            ("medium_complexity_up_to", Value::Number(self.medium_complexity_up_to)),
            ("sprint_unit", Value::Text(self.sprint_unit.to_owned())),
            ("sprint_grace_seconds", Value::Number(self.sprint_grace_seconds)),
            ("effort_unit", Value::Text(self.effort_unit.to_owned())),
        ]
    }
}
