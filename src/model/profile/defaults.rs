//! What holds when no profile says otherwise: the parameters and kinds of `schema/profile.toml`, and what a server's
//! configuration puts in their place.

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow, ensure};
use include_dir::Dir;
use serde::Deserialize;

use super::{Format, Kind, Parameter, Type, Value};
use crate::model::Classification;
use crate::model::business_calendar::{self, BusinessCalendar};
use crate::model::metric::Category;

/// The kinds of profiles, and every parameter with the value that is built in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    pub kinds: Vec<KindEntry>,
    pub parameters: Vec<Parameter>,
    /// By the names under which SQL refers to them, as it does to parameters.
    #[serde(skip)]
    pub classifications: BTreeMap<String, Classification>,
    /// What the parameters `weekend`, `holidays` and `calendar_metrics` say.
    #[serde(skip)]
    calendar: BusinessCalendar,
}

/// A kind of profiles.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindEntry {
    pub name: Kind,
    /// Name of the profile that is built in.
    pub title: String,
    /// The parts of the catalogue that it is about.
    pub categories: Vec<Category>,
    /// The classifications that its profiles may say.
    #[serde(default)]
    pub classifications: Vec<String>,
}

impl Defaults {
    /// What is declared.
    pub fn load(schema: &Dir<'_>) -> Result<Defaults> {
        let file = schema.get_file("profile.toml").context("schema/profile.toml is missing")?;
        let text = file.contents_utf8().context("schema/profile.toml: not UTF-8")?;
        Defaults::parse(text, Classification::load_all(schema)?).context("schema/profile.toml")
    }

    fn parse(text: &str, classifications: BTreeMap<String, Classification>) -> Result<Defaults> {
        let mut defaults: Defaults = toml::from_str(text)?;
        for name in classifications.keys() {
            let of = defaults.kinds.iter().filter(|entry| entry.classifications.contains(name)).count();
            ensure!(of == 1, "kinds: the classification {name} belongs to {of} of them; exactly one may say it");
        }
        defaults.classifications = classifications;
        for parameter in &defaults.parameters {
            let named = || format!("parameter {}", parameter.name);
            let read = parameter.read(&parameter.value, &Vec::new).map_err(|wrong| anyhow!("{}: {wrong}", named()))?;
            ensure!(read == parameter.value, "{}: write the default as {}", named(), read.shown());
            let is_of_texts = matches!(parameter.of, Type::Text | Type::Texts);
            ensure!(parameter.format.is_none() || is_of_texts, "{}: format is for texts", named());
            if let Some(other) = &parameter.not_below {
                let other = defaults.declared(other).with_context(|| format!("{}: no parameter {other}", named()))?;
                let same = other.kind == parameter.kind && other.of == Type::Number && parameter.of == Type::Number;
                ensure!(same, "{}: not_below is for two numbers of one kind", named());
            }
        }
        for kind in Kind::ALL {
            ensure!(defaults.kinds.iter().any(|entry| entry.name == *kind), "kinds: {} is missing", kind.name());
        }
        defaults.calendar = defaults.calendar_read()?;
        Ok(defaults)
    }

    /// A parameter by name.
    pub fn declared(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The value that is built in.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.declared(name).map(|parameter| &parameter.value)
    }

    /// Parameters that profiles of a kind may say.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(move |parameter| parameter.is_of(kind))
    }

    /// Names of the classifications that profiles of a kind may say.
    pub fn classifications_of(&self, kind: Kind) -> &[String] {
        self.kinds.iter().find(|entry| entry.name == kind).map_or(&[], |entry| &entry.classifications)
    }

    /// The kind of profile that a part of the catalogue belongs to.
    pub fn kind_of(&self, category: Category) -> Kind {
        let entry = self.kinds.iter().find(|entry| entry.categories.contains(&category));
        entry.map_or(Kind::Efficiency, |entry| entry.name)
    }

    /// Name of the profile of a kind that is built in.
    pub fn title(&self, kind: Kind) -> &str {
        self.kinds.iter().find(|entry| entry.name == kind).map_or(kind.name(), |entry| &entry.title)
    }

    /// The days of rest that durations leave out.
    pub fn calendar(&self) -> &BusinessCalendar {
        &self.calendar
    }

    /// The same with these days of rest, in place of those it has.
    pub fn with_calendar(mut self, calendar: BusinessCalendar) -> Defaults {
        for parameter in &mut self.parameters {
            parameter.value = Value::Texts(match parameter.name.as_str() {
                "weekend" => calendar.weekend.iter().map(|day| day.name().to_owned()).collect(),
                "holidays" => calendar.holidays.iter().map(ToString::to_string).collect(),
                "calendar_metrics" => calendar.metrics.iter().cloned().collect(),
                _ => continue,
            });
        }
        self.calendar = calendar;
        self
    }

    /// The same with these accounts as bots, beside those it has.
    pub fn with_bots(mut self, bots: &[String]) -> Defaults {
        for parameter in self.parameters.iter_mut().filter(|p| p.name == "bots") {
            if let Value::Texts(texts) = &mut parameter.value {
                texts.extend(bots.iter().cloned());
            }
        }
        self
    }

    /// Names of metrics are not looked at: of metrics that a lake adds nothing is known here.
    fn calendar_read(&self) -> Result<BusinessCalendar> {
        let (weekend, holidays) = (self.texts("weekend")?, self.texts("holidays")?);
        Ok(BusinessCalendar {
            weekend: business_calendar::weekend(weekend).map_err(|wrong| anyhow!("parameter weekend: {wrong}"))?,
            holidays: business_calendar::holidays(holidays).map_err(|wrong| anyhow!("parameter holidays: {wrong}"))?,
            metrics: self.texts("calendar_metrics")?.iter().cloned().collect(),
        })
    }

    fn texts(&self, name: &str) -> Result<&[String]> {
        match self.get(name) {
            Some(Value::Texts(texts)) => Ok(texts),
            _ => Err(anyhow!("parameter {name}: a list of texts is missing")),
        }
    }
}

impl Format {
    /// What it asks for, in a few words.
    pub fn in_words(self) -> &'static str {
        match self {
            Format::Regex => "a regular expression",
            Format::Weekday => "a day of the week, such as SATURDAY",
            Format::Date => "a day, such as 2026-12-25",
            Format::Duration => "the name of a metric that is a duration",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared() -> Defaults {
        Defaults::load(&crate::model::SCHEMA).expect("schema/profile.toml loads")
    }

    #[test]
    fn the_defaults_load() {
        let defaults = declared();
        assert_eq!(defaults.get("incident_max_age_seconds"), Some(&Value::Number(604_800.0)));
        let defaults = defaults.with_bots(&["deploybot".to_owned()]);
        assert_eq!(defaults.get("bots"), Some(&Value::Texts(vec!["deploybot".to_owned()])));
    }

    #[test]
    fn a_calendar_is_what_its_parameters_say() {
        let defaults = declared();
        assert!(defaults.calendar().is_empty(), "durations are wall-clock time unless somebody says otherwise");
        let weekend = business_calendar::weekend(&["Friday".to_owned()]).expect("a day");
        let calendar = BusinessCalendar { weekend, ..BusinessCalendar::default() };
        let defaults = defaults.with_calendar(calendar.clone());
        assert_eq!(defaults.get("weekend"), Some(&Value::Texts(vec!["FRIDAY".to_owned()])));
        assert_eq!(defaults.get("incident_max_age_seconds"), Some(&Value::Number(604_800.0)));
        assert_eq!(defaults.calendar_read().expect("what was written is read"), calendar);
    }

    #[test]
    fn a_wrong_declaration_is_named() {
        let text = include_str!("../../../schema/profile.toml");
        let wrong = |from: &str, to: &str| {
            assert!(text.contains(from), "{from}");
            Defaults::parse(&text.replacen(from, to, 1), BTreeMap::new()).expect_err("refused").to_string()
        };
        let error = wrong("default = \"^hotfix$\"", "default = \"(\"");
        assert!(error.starts_with("parameter hotfix_label: "), "{error}");
        let error = wrong("not_below = \"small", "not_below = \"tiny");
        assert!(error.starts_with("parameter medium_pull_request_up_to: no parameter tiny"), "{error}");
    }
}
