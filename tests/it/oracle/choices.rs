//! What a profile leaves to an organisation: the parameters, as numbers and words.

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use throughline::model::classification::Classification;
use throughline::model::profile::Value;

use super::classes::{CATEGORIES, Ranking, WORK_TYPES};

/// One choice of each parameter that the oracle knows.
#[derive(Debug, Clone)]
pub struct Choices {
    pub bots: Vec<String>,
    pub incident_max_age_seconds: f64,
    /// Empty: all.
    pub incident_severities: Vec<String>,
    pub deployment_kinds: Vec<&'static str>,
    /// A part of the names of environments that count as production; empty: all do.
    pub production_environment: &'static str,
    pub lead_time_population: &'static str,
    pub failure_signals: Vec<&'static str>,
    pub small_pull_request_below: f64,
    pub medium_pull_request_up_to: f64,
    pub rework_days: i64,
    pub low_complexity_up_to: f64,
    pub medium_complexity_up_to: f64,
    pub sprint_unit: &'static str,
    pub sprint_grace_seconds: f64,
    pub effort_unit: &'static str,
    pub work_types: Ranking,
    pub categories: Ranking,
}

const KINDS: [&str; 4] = ["PIPELINE", "MERGE", "RELEASE", "CHANGE_REQUEST"];

impl Default for Choices {
    fn default() -> Choices {
        Choices {
            bots: Vec::new(),
            incident_max_age_seconds: 7.0 * 86_400.0,
            incident_severities: Vec::new(),
            deployment_kinds: KINDS.to_vec(),
            production_environment: "",
            lead_time_population: "ONLY_DEPLOYED",
            failure_signals: vec!["INCIDENT"],
            small_pull_request_below: 10.0,
            medium_pull_request_up_to: 100.0,
            rework_days: 30,
            low_complexity_up_to: 2.0,
            medium_complexity_up_to: 5.0,
            sprint_unit: "STORY_POINTS",
            sprint_grace_seconds: 86_400.0,
            effort_unit: "ISSUE_COUNT",
            work_types: WORK_TYPES.clone(),
            categories: CATEGORIES.clone(),
        }
    }
}

impl Choices {
    /// Other choices than the defaults.
    pub fn draw(rng: &mut ChaCha8Rng) -> Choices {
        let (work_types, categories) = match rng.random_range(0..3) {
            0 => (WORK_TYPES.clone(), CATEGORIES.clone()),
            _ => (Ranking::invent(rng), Ranking::invent(rng)),
        };
        let pick = |rng: &mut ChaCha8Rng, from: &[f64]| *from.choose(rng).expect("not empty");
        let (small, low) = (pick(rng, &[1.0, 10.0, 41.0]), pick(rng, &[0.0, 1.0, 2.0]));
        Choices {
            incident_max_age_seconds: pick(rng, &[3_600.0, 86_400.0, 7.0 * 86_400.0]),
            incident_severities: if rng.random_ratio(1, 3) { vec!["1".to_owned()] } else { Vec::new() },
            deployment_kinds: KINDS[rng.random_range(0..2)..].to_vec(),
            production_environment: ["", "", "EU"].choose(rng).expect("not empty"),
            lead_time_population: ["ONLY_DEPLOYED", "ALL_COMPLETED"].choose(rng).expect("not empty"),
            failure_signals: match rng.random_range(0..3) {
                0 => vec!["INCIDENT"],
                1 => vec!["FAILED_DEPLOYMENT"],
                _ => vec!["INCIDENT", "FAILED_DEPLOYMENT"],
            },
            small_pull_request_below: small,
            medium_pull_request_up_to: small + pick(rng, &[0.0, 60.0, 99.0]),
            rework_days: pick(rng, &[7.0, 14.0, 21.0, 30.0, 60.0, 90.0]) as i64,
            low_complexity_up_to: low,
            medium_complexity_up_to: low + pick(rng, &[1.0, 3.0]),
            sprint_grace_seconds: pick(rng, &[0.0, 3_600.0, 86_400.0]),
            bots: if rng.random_ratio(1, 3) { vec!["bob".to_owned()] } else { Vec::new() },
            sprint_unit: ["STORY_POINTS", "ISSUE_COUNT"].choose(rng).expect("not empty"),
            effort_unit: ["ISSUE_COUNT", "STORY_POINTS", "TIME_IN_PROGRESS"].choose(rng).expect("not empty"),
            work_types,
            categories,
        }
    }

    /// Whether an environment counts as production, where its tier is.
    pub fn is_production(&self, environment: &Option<String>) -> bool {
        let wanted = self.production_environment.to_lowercase();
        let has = |name: &String| name.to_lowercase().contains(&wanted);
        wanted.is_empty() || environment.as_ref().is_some_and(has)
    }

    /// Whether incidents of a severity count.
    pub fn is_in_scope(&self, severity: &Option<String>) -> bool {
        let has = |severity: &String| self.incident_severities.contains(severity);
        self.incident_severities.is_empty() || severity.as_ref().is_some_and(has)
    }

    /// How complex work of so many story points is.
    pub fn complexity(&self, points: f64) -> &'static str {
        match () {
            () if points <= self.low_complexity_up_to => "LOW",
            () if points <= self.medium_complexity_up_to => "MEDIUM",
            () => "HIGH",
        }
    }

    /// The classifications that differ from what is built in, by the names that profiles have for them.
    pub fn classifications(&self) -> Vec<(&'static str, Classification)> {
        let all = [("work_types", &self.work_types), ("categories", &self.categories)];
        let read = |document: serde_json::Value| Classification::read(&document.to_string()).expect("a classification");
        all.into_iter().filter_map(|(name, ranking)| Some((name, read(ranking.document()?)))).collect()
    }

    /// The parameters by the names that profiles have for them.
    pub fn parameters(&self) -> Vec<(&'static str, Value)> {
        let texts = |texts: &[&str]| Value::Texts(texts.iter().map(|text| (*text).to_owned()).collect());
        vec![
            ("bots", Value::Texts(self.bots.clone())),
            ("incident_max_age_seconds", Value::Number(self.incident_max_age_seconds)),
            ("incident_severities", Value::Texts(self.incident_severities.clone())),
            ("deployment_kinds", texts(&self.deployment_kinds)),
            ("production_environment", Value::Text(self.production_environment.to_owned())),
            ("lead_time_population", Value::Text(self.lead_time_population.to_owned())),
            ("failure_signals", texts(&self.failure_signals)),
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
