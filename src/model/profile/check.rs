//! Whether a version's choices can be made: every name is known, every value fits, and what contradicts itself is refused
//! with the place and what would be right.

use std::collections::BTreeMap;

use super::{Complete, Defaults, Kind, MetricValues, StageValues, Value, Values};
use crate::model::metric::{Count, Kind as MetricKind};
use crate::model::rating::{Band, Level, Rating, Scheme};
use crate::model::{self, Classification, Metric};

/// What is wrong, and where: `parameters.bots`, `metrics.LEAD_TIME_FOR_CHANGES.stages.REVIEW.from`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub place: String,
    pub message: String,
}

/// How the names of columns end that hold an instant.
const MILESTONE: &str = "_at";

/// The choices as they are to be kept, if profiles of a kind may make them. `metrics` is the whole catalogue.
pub fn check(
    values: &Values,
    kind: Kind,
    defaults: &Defaults,
    metrics: &[&'static Metric],
) -> Result<Values, Vec<Wrong>> {
    let mut check = Check { kind, defaults, metrics, wrong: Vec::new() };
    let parameters = values.parameters.iter().filter_map(|(name, value)| check.parameter(name, value));
    let parameters: BTreeMap<String, Value> = parameters.collect();
    for (name, chosen) in &values.metrics {
        check.metric(name, chosen);
    }
    for (name, chosen) in &values.classifications {
        check.classification(name, chosen);
    }
    let kept = Values { parameters, ..values.clone() };
    check.order(&kept);
    if check.wrong.is_empty() { Ok(kept) } else { Err(check.wrong) }
}

struct Check<'a> {
    kind: Kind,
    defaults: &'a Defaults,
    metrics: &'a [&'static Metric],
    wrong: Vec<Wrong>,
}

impl Check<'_> {
    fn wrong(&mut self, place: String, message: impl Into<String>) {
        self.wrong.push(Wrong { place, message: message.into() });
    }

    fn parameter(&mut self, name: &str, value: &Value) -> Option<(String, Value)> {
        let place = format!("parameters.{name}");
        let Some(declared) = self.defaults.declared(name).filter(|declared| declared.is_of(self.kind)) else {
            let known: Vec<&str> = self.defaults.of(self.kind).map(|parameter| parameter.name.as_str()).collect();
            let message = format!(
                "profiles of kind {} have no parameter {name:?}; there are {}",
                self.kind.name(),
                known.join(", ")
            );
            self.wrong(place, message);
            return None;
        };
        let durations = || {
            let durations = self.metrics.iter().filter(|metric| matches!(metric.kind, MetricKind::Duration { .. }));
            durations.map(|metric| metric.name.clone()).collect()
        };
        match declared.read(value, &durations) {
            Ok(value) => Some((name.to_owned(), value)),
            Err(message) => {
                self.wrong(place, message);
                None
            }
        }
    }

    fn metric(&mut self, name: &str, chosen: &MetricValues) {
        let place = format!("metrics.{name}");
        let of_kind = |metric: &&&'static Metric| Kind::of(metric) == self.kind;
        let Some(metric) = self.metrics.iter().filter(of_kind).find(|metric| metric.name == name).copied() else {
            let known: Vec<&str> = self.metrics.iter().filter(of_kind).map(|metric| metric.name.as_str()).collect();
            let message = format!(
                "profiles of kind {} have no metric {name:?}; there are {}",
                self.kind.name(),
                known.join(", ")
            );
            return self.wrong(place, message);
        };
        if chosen.statistic.is_some() && metric.statistic().is_none() {
            self.wrong(format!("{place}.statistic"), "only a duration is shown by a statistic; leave it out");
        }
        self.thresholds(&format!("{place}.thresholds"), &chosen.thresholds, &metric.counts);
        for (stage, chosen) in &chosen.stages {
            self.stage(&format!("{place}.stages.{stage}"), metric, stage, chosen);
        }
    }

    fn stage(&mut self, place: &str, metric: &'static Metric, stage: &str, chosen: &StageValues) {
        if metric.stages().iter().all(|known| known.name != stage) {
            let known: Vec<&str> = metric.stages().iter().map(|stage| stage.name.as_str()).collect();
            let message = match known.as_slice() {
                [] => format!("{} has no stages", metric.name),
                known => format!("{} has no stage {stage:?}; there are {}", metric.name, known.join(", ")),
            };
            return self.wrong(place.to_owned(), message);
        }
        for (key, milestone) in [("from", &chosen.from), ("to", &chosen.to)] {
            let Some(milestone) = milestone else { continue };
            let known = milestones(metric);
            if !known.contains(&milestone.as_str()) {
                let message = format!("there is no milestone {milestone:?}; there are {}", known.join(", "));
                self.wrong(format!("{place}.{key}"), message);
            }
        }
        self.thresholds(&format!("{place}.thresholds"), &chosen.thresholds, &[]);
    }

    fn thresholds(&mut self, place: &str, bands: &[Band], counts: &[Count]) {
        if bands.is_empty() {
            return;
        }
        let rating =
            Rating { scheme: Scheme::Profile, statistic: None, bands: bands.to_vec(), steps: None, linear: None };
        if let Err(error) = rating.check(counts) {
            return self.wrong(place.to_owned(), format!("{error:#}"));
        }
        for (number, band) in bands.iter().enumerate() {
            let place = format!("{place}[{number}]");
            if band.limit().is_none_or(|limit| !limit.is_finite()) {
                self.wrong(place.clone(), "the limit is no number that can be compared with");
            }
            if band.level == Level::Low {
                self.wrong(place.clone(), "LOW is what fits no other tier; leave it out");
            }
            let Some(better) = number.checked_sub(1).map(|before| &bands[before]) else { continue };
            if better.level >= band.level {
                let message = format!(
                    "{} stands after {}; write ELITE, HIGH, MEDIUM, best first",
                    band.level.name(),
                    better.level.name()
                );
                self.wrong(place, message);
            } else if better.is_wider_than(band) {
                let message = format!(
                    "whatever fits {} fits {} already; mend the limits",
                    band.level.name(),
                    better.level.name()
                );
                self.wrong(place, message);
            }
        }
    }

    fn classification(&mut self, name: &str, chosen: &Classification) {
        let place = format!("classifications.{name}");
        let known = self.defaults.classifications_of(self.kind);
        if !known.iter().any(|known| known == name) {
            let message = match known {
                [] => format!("profiles of kind {} have no classifications", self.kind.name()),
                known => format!(
                    "profiles of kind {} have no classification {name:?}; there are {}",
                    self.kind.name(),
                    known.join(", ")
                ),
            };
            return self.wrong(place, message);
        }
        if let Err(error) = chosen.check() {
            self.wrong(place, format!("{error:#}"));
        }
    }

    /// Parameters that may not be below another.
    fn order(&mut self, values: &Values) {
        let complete = Complete::new(self.defaults, self.kind, values);
        let number = |name: &str| match complete.parameters.get(name) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        };
        for declared in self.defaults.of(self.kind) {
            let Some(other) = &declared.not_below else { continue };
            let (Some(own), Some(least)) = (number(&declared.name), number(other)) else { continue };
            if own < least {
                let said = if values.parameters.contains_key(&declared.name) { &declared.name } else { other };
                let message = format!("{} is {own}, which is below {other} ({least})", declared.name);
                self.wrong(format!("parameters.{said}"), message);
            }
        }
    }
}

/// The milestones that stages of a metric may name: the instants of its fact.
pub fn milestones(metric: &Metric) -> Vec<&'static str> {
    let columns = model::fact(&metric.fact).map_or(&[][..], |fact| &fact.columns);
    columns.iter().map(|column| column.name.as_str()).filter(|name| name.ends_with(MILESTONE)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(kind: Kind, json: &str) -> Vec<String> {
        let values: Values = serde_json::from_str(json).expect("values");
        let metrics: Vec<&'static Metric> = model::metrics().iter().collect();
        let found = check(&values, kind, model::defaults(), &metrics).err().unwrap_or_default();
        found.into_iter().map(|wrong| format!("{}: {}", wrong.place, wrong.message)).collect()
    }

    #[test]
    fn what_fits_is_kept_as_names_are_known() {
        let values: Values = serde_json::from_str(r#"{"parameters":{"weekend":["sunday"]}}"#).expect("values");
        let kept = check(&values, Kind::Productivity, model::defaults(), &[]).expect("fits");
        assert_eq!(kept.parameters["weekend"], Value::Texts(vec!["SUNDAY".into()]));
    }

    #[test]
    fn unknown_names_are_told_with_those_that_are_known() {
        let found = wrong(Kind::Efficiency, r#"{"parameters":{"hotfix":"x","small_pull_request_below":5}}"#);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("parameters.hotfix: ") && found[0].contains("hotfix_label"), "{found:?}");
        assert!(found[1].contains("EFFICIENCY have no parameter \"small_pull_request_below\""), "{found:?}");
        let found = wrong(Kind::Efficiency, r#"{"metrics":{"PULL_REQUEST_VELOCITY":{}}}"#);
        assert!(found[0].starts_with("metrics.PULL_REQUEST_VELOCITY: ") && found[0].contains("LEAD_TIME"), "{found:?}");
        let found = wrong(Kind::Efficiency, r#"{"metrics":{"LEAD_TIME_FOR_CHANGES":{"stages":{"NAP":{}}}}}"#);
        assert!(found[0].contains("no stage \"NAP\"; there are") && found[0].contains("CODING"), "{found:?}");
        let found =
            wrong(Kind::Efficiency, r#"{"metrics":{"LEAD_TIME_FOR_CHANGES":{"stages":{"REVIEW":{"from":"title"}}}}}"#);
        assert!(found[0].starts_with("metrics.LEAD_TIME_FOR_CHANGES.stages.REVIEW.from: "), "{found:?}");
        assert!(found[0].contains("ready_at") && !found[0].contains("head_branch"), "{found:?}");
    }

    #[test]
    fn thresholds_go_from_the_best_to_the_worst() {
        let of = |bands: &str| {
            wrong(Kind::Efficiency, &format!(r#"{{"metrics":{{"CHANGE_FAILURE_RATE":{{"thresholds":{bands}}}}}}}"#))
        };
        assert!(of(r#"[{"level":"ELITE","at_most":0.1},{"level":"HIGH","at_most":0.2}]"#).is_empty());
        assert!(of(r#"[{"level":"HIGH","at_most":0.1},{"level":"ELITE","at_most":0.2}]"#)[0].contains("best first"));
        assert!(
            of(r#"[{"level":"ELITE","at_most":0.3},{"level":"HIGH","at_most":0.2}]"#)[0].contains("mend the limits")
        );
        assert!(of(r#"[{"level":"LOW","at_most":0.3}]"#)[0].contains("LOW is what fits no other"));
        assert!(of(r#"[{"level":"ELITE"}]"#)[0].contains("exactly one of below"));
        assert!(of(r#"[{"level":"ELITE","at_least":1,"count":"X","per":"WEEK"}]"#)[0].contains("no count \"X\""));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let found = wrong(Kind::Productivity, r#"{"parameters":{"small_pull_request_below":500}}"#);
        assert_eq!(
            found,
            [
                "parameters.small_pull_request_below: medium_pull_request_up_to is 100, which is below small_pull_request_below (500)"
            ]
        );
        assert!(
            wrong(
                Kind::Productivity,
                r#"{"parameters":{"small_pull_request_below":500,"medium_pull_request_up_to":600}}"#
            )
            .is_empty()
        );
        let found = wrong(Kind::Efficiency, r#"{"metrics":{"CHANGE_FAILURE_RATE":{"statistic":"P90"}}}"#);
        assert!(found[0].starts_with("metrics.CHANGE_FAILURE_RATE.statistic: "), "{found:?}");
    }
}
