//! The parameters that metrics refer to as `$name`, and their defaults (`schema/profile.toml`).

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow};
use include_dir::Dir;
use serde::Deserialize;

use super::Classification;
use super::business_calendar::{self, BusinessCalendar};

/// A set of parameters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub parameters: Vec<Parameter>,
    /// By the names under which SQL refers to them, as it does to parameters.
    #[serde(skip)]
    pub classifications: BTreeMap<String, Classification>,
    /// What the parameters `weekend`, `holidays` and `calendar_metrics` say.
    #[serde(skip)]
    calendar: BusinessCalendar,
}

/// One parameter and its value.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(rename = "default")]
    pub value: Value,
    pub description: String,
}

/// A value of a parameter.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Boolean(bool),
    Number(f64),
    Text(String),
    Texts(Vec<String>),
}

impl Profile {
    /// The profile that holds when nobody says otherwise.
    pub fn load(schema: &Dir<'_>) -> Result<Profile> {
        let file = schema.get_file("profile.toml").context("schema/profile.toml is missing")?;
        let mut profile: Profile = toml::from_str(file.contents_utf8().context("schema/profile.toml: not UTF-8")?)
            .context("schema/profile.toml")?;
        profile.classifications = Classification::load_all(schema)?;
        profile.with_calendar_read().context("schema/profile.toml")
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.parameters.iter().find(|p| p.name == name).map(|p| &p.value)
    }

    /// The days of rest that durations leave out.
    pub fn calendar(&self) -> &BusinessCalendar {
        &self.calendar
    }

    /// The same profile with these days of rest, in place of those it has.
    pub fn with_calendar(mut self, calendar: BusinessCalendar) -> Profile {
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

    /// The same profile with these accounts as bots, beside those it has.
    pub fn with_bots(mut self, bots: &[String]) -> Profile {
        for parameter in self.parameters.iter_mut().filter(|p| p.name == "bots") {
            if let Value::Texts(texts) = &mut parameter.value {
                texts.extend(bots.iter().cloned());
            }
        }
        self
    }

    fn with_calendar_read(mut self) -> Result<Profile> {
        self.calendar = BusinessCalendar {
            weekend: self.read("weekend", business_calendar::weekend)?,
            holidays: self.read("holidays", business_calendar::holidays)?,
            metrics: self.read("calendar_metrics", business_calendar::metrics)?,
        };
        Ok(self)
    }

    /// A list of texts, read as what it stands for. Errors name the parameter.
    fn read<T>(&self, name: &str, read: impl Fn(&[String]) -> Result<T, String>) -> Result<T> {
        match self.get(name) {
            Some(Value::Texts(texts)) => read(texts).map_err(|wrong| anyhow!("parameter {name}: {wrong}")),
            _ => Err(anyhow!("parameter {name}: a list of texts is missing")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_profile_loads() {
        let profile = Profile::load(&crate::model::SCHEMA).expect("schema/profile.toml loads");
        assert_eq!(profile.get("incident_max_age_seconds"), Some(&Value::Number(604_800.0)));
        let profile = profile.with_bots(&["deploybot".to_owned()]);
        assert_eq!(profile.get("bots"), Some(&Value::Texts(vec!["deploybot".to_owned()])));
    }

    #[test]
    fn a_calendar_is_what_its_parameters_say() {
        let profile = Profile::load(&crate::model::SCHEMA).expect("schema/profile.toml loads");
        assert!(profile.calendar().is_empty(), "durations are wall-clock time unless somebody says otherwise");
        let weekend = business_calendar::weekend(&["Friday".to_owned()]).expect("a day");
        let calendar = BusinessCalendar { weekend, ..BusinessCalendar::default() };
        let profile = profile.with_calendar(calendar.clone());
        assert_eq!(profile.get("weekend"), Some(&Value::Texts(vec!["FRIDAY".to_owned()])));
        assert_eq!(profile.get("incident_max_age_seconds"), Some(&Value::Number(604_800.0)));
        let read = profile.with_calendar_read().expect("what was written is read");
        assert_eq!(read.calendar(), &calendar);
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        let mut profile = Profile::load(&crate::model::SCHEMA).expect("schema/profile.toml loads");
        for parameter in profile.parameters.iter_mut().filter(|p| p.name == "holidays") {
            parameter.value = Value::Texts(vec!["2026-13-01".to_owned()]);
        }
        let error = profile.with_calendar_read().expect_err("no such date").to_string();
        assert!(error.starts_with("parameter holidays: '2026-13-01'"), "{error}");
    }
}
