//! A random question: as GraphQL, and as the answer that the oracle expects.

use chrono::Days;
use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use throughline::model::Dimension;

use super::Oracle;
use super::calendar::{Granularity, Period};
use super::generate::Scenario;
use super::item::Scope;
use super::measure::{Ask, Measured, fact};
use super::metric::Metric;
use super::moments::ZONES;
use super::ratings::{Rating, bands_of_days, rate};
use super::rest::Rest;
use super::statistics::Statistic;
use super::world::World;

/// One `metric` field with everything it can be asked for.
#[derive(Debug, Clone)]
pub struct Question {
    metric: Metric,
    scope: Scope,
    period: Period,
    /// Asked for as the newest so many whole units.
    last: Option<(u32, Granularity)>,
    series: Granularity,
    slices: Dimension,
    statistic: Statistic,
}

const SCHEMES: [&str; 3] = ["DORA_2021", "DORA_2023", "DORA_2025"];

impl Question {
    /// A question that fits the scenario: often about the days around its scene.
    pub fn draw(rng: &mut ChaCha8Rng, scenario: &Scenario, metric: Metric) -> Question {
        let zone = if rng.random_ratio(1, 2) { scenario.zone } else { *ZONES.choose(rng).expect("not empty") };
        let series = *Granularity::ALL.choose(rng).expect("not empty");
        let scene = scenario.scene.with_timezone(&zone).date_naive();
        let day = scene + Days::new(rng.random_range(0..30)) - Days::new(rng.random_range(0..30));
        let unit = *Granularity::ALL.choose(rng).expect("not empty");
        let (last, period) = match rng.random_range(0..4) {
            0 => {
                let count = rng.random_range(1..=3);
                (Some((count, unit)), Period::last(count, unit, zone, scenario.now))
            }
            1 => (None, Period { from: unit.first_day(day), to: unit.end_day(day), zone }),
            2 => (None, Period { from: scene - Days::new(45), to: scene + Days::new(45), zone }),
            _ => (None, Period { from: day, to: day + Days::new(rng.random_range(1..60)), zone }),
        };
        let has = |dimension: Dimension| dimensions(metric).contains(&dimension);
        let scope = match rng.random_range(0..4) {
            0 if has(Dimension::Repository) => {
                known_repositories(scenario).choose(rng).cloned().map_or(Scope::Organization, Scope::Repository)
            }
            1 if has(Dimension::Service) => {
                known_services(scenario).choose(rng).cloned().map_or(Scope::Organization, Scope::Service)
            }
            _ => Scope::Organization,
        };
        let slices = *dimensions(metric).choose(rng).expect("not empty");
        let statistic = *Statistic::ALL.choose(rng).expect("not empty");
        Question { metric, scope, period, last, series, slices, statistic }
    }

    /// Whether what it needs was never collected.
    pub fn lacks(&self, world: &World) -> bool {
        // A missing lead time asks how often was deployed.
        world.lacks(self.metric.name()) || world.lacks(Metric::Frequency.name())
    }

    /// The field, under an alias.
    pub fn graphql(&self, alias: &str) -> String {
        let period = match self.last {
            Some((count, unit)) => format!("last: {{ count: {count}, unit: {} }}", unit.name()),
            None => format!("between: {{ from: \"{}\", to: \"{}\" }}", self.period.from, self.period.to),
        };
        let root = match &self.scope {
            Scope::Organization => "organization".to_owned(),
            Scope::Repository(name) => format!("repository(name: \"{name}\")"),
            Scope::Service(name) => format!("service(name: \"{name}\")"),
            other => panic!("nobody said who is who: no {other:?}"),
        };
        let (metric, zone) = (self.metric.name(), self.period.zone.name());
        let statistic = self.statistic.name();
        let (series, slices) = (self.series.name(), self.slices.name());
        let values: String =
            Statistic::ALL.iter().map(|s| format!("{}: value(statistic: {}) ", s.name(), s.name())).collect();
        let values = if self.metric.is_duration() { values } else { String::new() };
        let ratings: String =
            SCHEMES.iter().map(|s| format!("{s}: rating(scheme: {s}) {{ scheme level score }} ")).collect();
        let stages = format!("stages {{ name {values} sampleSize coverage }}");
        let stages = if !self.metric.stages().is_empty() { stages } else { String::new() };
        let point = format!("value(statistic: {statistic}) numerator denominator sampleSize");
        format!(
            "{alias}: {root} {{ metric(name: {metric}, timezone: \"{zone}\", period: {{ {period} }}) {{
                 value {values} absent numerator denominator sampleSize coverage {ratings}
                 previous {{ value {values} absent numerator denominator sampleSize coverage }}
                 change(statistic: {statistic}) trend(granularity: {series}) {{ slope points }}
                 series(granularity: {series}) {{ start end partial {point} }}
                 breakdown(by: {slices}) {{ key {point} }} {stages}
             }} }}"
        )
    }

    /// The answer to it, in the shape of the field, slices in the order of their keys.
    pub fn answer(&self, oracle: &Oracle, rest: &Rest) -> Value {
        let oracle = &oracle.resting(rest, self.period.zone);
        let ask = &self.ask();
        let total = oracle.ask(ask, &self.period);
        let before = oracle.ask(ask, &self.period.previous());
        let mut answer = self.summary(&total);
        for scheme in SCHEMES {
            answer[scheme] = self.rating(scheme, oracle, &total);
        }
        answer["previous"] = self.summary(&before);
        answer["change"] = json!(total.change(&before, Some(self.statistic)));
        let (slope, points) = oracle.trend(ask, &self.period, self.series);
        answer["trend"] = slope.map_or(Value::Null, |(slope, _)| json!({ "slope": slope, "points": points }));
        let buckets = self.period.buckets(self.series, oracle.now);
        let point = |bucket: &super::calendar::Bucket| {
            let mut point = self.point(&oracle.ask(ask, &bucket.within));
            point["start"] = json!(bucket.within.from.to_string());
            point["end"] = json!(bucket.within.to.to_string());
            point["partial"] = json!(bucket.partial);
            point
        };
        answer["series"] = buckets.iter().map(point).collect();
        let slice = |(key, measured): (Option<String>, Measured)| {
            let mut slice = self.point(&measured);
            slice["key"] = json!(key);
            slice
        };
        let slices = oracle.slices_of(ask, &self.period, self.slices.into());
        answer["breakdown"] = slices.into_iter().map(slice).collect();
        if !self.metric.stages().is_empty() {
            answer["stages"] = self.stages(oracle);
        }
        json!({ "metric": answer })
    }

    fn ask(&self) -> Ask {
        Ask { zone: self.period.zone, ..Ask::new(self.metric, self.scope.clone()) }
    }

    fn summary(&self, measured: &Measured) -> Value {
        let mut summary = json!({
            "value": measured.value(None), "absent": measured.absent, "numerator": measured.numerator,
            "denominator": measured.denominator, "sampleSize": measured.sample_size, "coverage": measured.coverage,
        });
        if self.metric.is_duration() {
            for statistic in Statistic::ALL {
                summary[statistic.name()] = json!(measured.value(Some(statistic)));
            }
        }
        summary
    }

    fn point(&self, measured: &Measured) -> Value {
        json!({
            "value": measured.value(Some(self.statistic)), "numerator": measured.numerator,
            "denominator": measured.denominator, "sampleSize": measured.sample_size,
        })
    }

    fn stages(&self, oracle: &Oracle) -> Value {
        let ask = &self.ask();
        let items = oracle.items(ask);
        let stage = |(place, name): (usize, &&str)| {
            let mut stage = self.summary(&oracle.measure(ask, &items, place + 1, &self.period, None));
            let stage = stage.as_object_mut().expect("a summary is an object");
            stage.retain(|key, _| !["value", "absent", "numerator", "denominator"].contains(&key.as_str()));
            stage.insert("name".to_owned(), json!(name));
            Value::Object(stage.clone())
        };
        self.metric.stages().iter().enumerate().map(stage).collect()
    }

    fn rating(&self, scheme: &str, oracle: &Oracle, total: &Measured) -> Value {
        let by_days = self.metric == Metric::Frequency && scheme != "DORA_2025";
        let rating = if by_days {
            let items = oracle.items(&self.ask());
            Some(bands_of_days(scheme, &items, &self.period, oracle.now))
        } else {
            rate(scheme, self.metric, total)
        };
        match rating {
            None => Value::Null,
            Some(Rating::Level(level)) => json!({ "scheme": scheme, "level": level, "score": null }),
            Some(Rating::Score(score)) => json!({ "scheme": scheme, "level": null, "score": score }),
        }
    }
}

/// What a metric can be broken down by, where there are no teams.
pub fn dimensions(metric: Metric) -> Vec<Dimension> {
    fact(metric).dimensions.iter().map(|(dimension, _)| *dimension).collect()
}

/// Repositories of the finished world.
fn known_repositories(scenario: &Scenario) -> Vec<String> {
    scenario.world.latest().repositories.into_iter().map(|r| r.own.name).collect()
}

/// Services that some repository of the finished world delivers.
fn known_services(scenario: &Scenario) -> Vec<String> {
    scenario.world.latest().repositories.into_iter().filter_map(|r| r.own.service).collect()
}

/// Brings the slices of a server's answer into the order of their keys, which the API leaves open.
pub fn order_slices(answer: &mut Value) {
    if let Some(slices) = answer.pointer_mut("/metric/breakdown").and_then(Value::as_array_mut) {
        slices.sort_by_key(|slice| slice["key"].as_str().map(str::to_owned));
    }
}
