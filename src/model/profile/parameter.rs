//! One parameter: what a metric's SQL refers to as `$name`, and which values may be put in its place.

use chrono::NaiveDate;
use regex::RegexBuilder;
use serde::{Deserialize, Serialize};

use super::Kind;
use crate::model::business_calendar;

/// A parameter, as declared in `schema/profile.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    pub name: String,
    /// The kind of profile that says it; `None`: each kind says it for its own metrics.
    pub kind: Option<Kind>,
    #[serde(rename = "type")]
    pub of: Type,
    /// What holds when nobody says otherwise.
    #[serde(rename = "default")]
    pub value: Value,
    pub description: String,
    /// The smallest and the largest number allowed.
    pub min: Option<f64>,
    pub max: Option<f64>,
    /// The only values allowed, of a list those of its entries; empty: any.
    #[serde(default)]
    pub values: Vec<Value>,
    /// What its texts are.
    pub format: Option<Format>,
    /// Another parameter, which it may not be smaller than.
    pub not_below: Option<String>,
}

/// What a parameter's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, async_graphql::Enum)]
#[graphql(name = "ProfileParameterType")]
pub enum Type {
    /// A number.
    #[serde(rename = "float")]
    Number,
    /// A text.
    #[serde(rename = "string")]
    Text,
    /// A list of texts.
    #[serde(rename = "list<string>")]
    Texts,
    /// Yes or no.
    #[serde(rename = "boolean")]
    Boolean,
}

/// What the texts of a parameter are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// A regular expression.
    Regex,
    /// A day of the week.
    Weekday,
    /// A day, as 2026-12-25.
    Date,
    /// The name of a metric that is a duration.
    Duration,
}

/// A value of a parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Boolean(bool),
    Number(f64),
    Text(String),
    Texts(Vec<String>),
}

impl Parameter {
    /// Whether profiles of a kind may say it.
    pub fn is_of(&self, kind: Kind) -> bool {
        self.kind.is_none_or(|own| own == kind)
    }

    /// The value as it is kept, if it may be put: names in the letter case that they are known in. The error says what is
    /// wrong and what would be right. `durations` are the names of the metrics that are durations.
    pub fn read(&self, value: &Value, durations: &dyn Fn() -> Vec<String>) -> Result<Value, String> {
        let value = match (self.of, value) {
            (Type::Number, Value::Number(number)) => {
                self.in_range(*number)?;
                value.clone()
            }
            (Type::Boolean, Value::Boolean(_)) => value.clone(),
            (Type::Text, Value::Text(text)) => Value::Text(self.text(text, durations)?),
            (Type::Texts, Value::Texts(texts)) => {
                let texts = texts.iter().map(|text| self.text(text, durations)).collect::<Result<Vec<_>, _>>()?;
                self.all(&texts)?;
                Value::Texts(texts)
            }
            (of, _) => return Err(format!("{} is needed", of.in_words())),
        };
        match &value {
            Value::Texts(texts) => texts.iter().try_for_each(|text| self.is_allowed(&Value::Text(text.clone())))?,
            one => self.is_allowed(one)?,
        }
        Ok(value)
    }

    /// A value as it was kept, where it is of the parameter's type.
    pub fn kept(&self, value: &Value) -> Option<Value> {
        let fits = matches!(
            (self.of, value),
            (Type::Number, Value::Number(_))
                | (Type::Boolean, Value::Boolean(_))
                | (Type::Text, Value::Text(_))
                | (Type::Texts, Value::Texts(_))
        );
        fits.then(|| value.clone())
    }

    fn in_range(&self, number: f64) -> Result<(), String> {
        let (min, max) = (self.min.unwrap_or(f64::NEG_INFINITY), self.max.unwrap_or(f64::INFINITY));
        if number.is_finite() && (min..=max).contains(&number) {
            return Ok(());
        }
        Err(match (self.min, self.max) {
            (Some(min), Some(max)) => format!("{number} is not from {min} to {max}"),
            (Some(min), None) => format!("{number} is not {min} or more"),
            (None, Some(max)) => format!("{number} is not {max} or less"),
            (None, None) => format!("{number} is no number that can be counted with"),
        })
    }

    fn is_allowed(&self, value: &Value) -> Result<(), String> {
        if self.values.is_empty() || self.values.contains(value) {
            return Ok(());
        }
        let allowed: Vec<String> = self.values.iter().map(Value::shown).collect();
        Err(format!("{} is none of {}", value.shown(), allowed.join(", ")))
    }

    /// What only a whole list can be wrong about.
    fn all(&self, texts: &[String]) -> Result<(), String> {
        match self.format {
            Some(Format::Weekday) => business_calendar::weekend(texts).map(drop),
            _ => Ok(()),
        }
    }

    fn text(&self, text: &str, durations: &dyn Fn() -> Vec<String>) -> Result<String, String> {
        let same = |known: &&String| known.eq_ignore_ascii_case(text);
        match self.format {
            None => {
                let known = self.values.iter().filter_map(|value| match value {
                    Value::Text(known) => Some(known),
                    _ => None,
                });
                Ok(known.into_iter().find(same).cloned().unwrap_or_else(|| text.to_owned()))
            }
            Some(Format::Regex) => match RegexBuilder::new(text).case_insensitive(true).build() {
                Ok(_) => Ok(text.to_owned()),
                Err(_) => Err(format!("{text:?} is no regular expression; write one such as \"^hotfix\"")),
            },
            Some(Format::Weekday) => {
                let day = business_calendar::weekend(std::slice::from_ref(&text.to_owned()))?;
                Ok(day.first().map_or_else(|| text.to_owned(), |day| day.name().to_owned()))
            }
            Some(Format::Date) => {
                let day: NaiveDate = text
                    .parse()
                    .map_err(|_| format!("'{text}' is not a day of the calendar; write it as 2026-12-25"))?;
                Ok(day.to_string())
            }
            Some(Format::Duration) => {
                let known = durations();
                known.iter().find(same).cloned().ok_or_else(|| {
                    format!("'{text}' is not a metric that is a duration; those are {}", known.join(", "))
                })
            }
        }
    }
}

impl Type {
    /// The type's name in `schema/profile.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Type::Number => "float",
            Type::Text => "string",
            Type::Texts => "list<string>",
            Type::Boolean => "boolean",
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Type::Number => "a number",
            Type::Text => "a text",
            Type::Texts => "a list of texts",
            Type::Boolean => "true or false",
        }
    }
}

impl Value {
    /// The value as JSON.
    pub fn shown(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: Value) -> Result<Value, String> {
        let parameter = crate::model::defaults().declared(name).expect("a parameter");
        parameter.read(&value, &|| vec!["LEAD_TIME_FOR_CHANGES".to_owned()])
    }

    fn texts(texts: &[&str]) -> Value {
        Value::Texts(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn what_does_not_fit_is_refused_with_the_remedy() {
        assert_eq!(read("incident_max_age_seconds", Value::Number(60.0)), Ok(Value::Number(60.0)));
        let wrong = |name: &str, value: Value| read(name, value).expect_err("refused");
        assert_eq!(wrong("incident_max_age_seconds", Value::Number(-1.0)), "-1 is not 0 or more");
        assert_eq!(wrong("incident_max_age_seconds", Value::Text("7 days".into())), "a number is needed");
        assert_eq!(wrong("bots", Value::Boolean(true)), "a list of texts is needed");
        assert!(wrong("hotfix_label", Value::Text("(".into())).contains("no regular expression"));
        assert!(wrong("deployment_kinds", texts(&["PIPELINE", "MAGIC"])).starts_with("\"MAGIC\" is none of"));
        assert!(wrong("weekend", texts(&["Sonntag"])).contains("SUNDAY"));
        assert!(wrong("holidays", texts(&["2026-02-30"])).contains("2026-12-25"));
        assert!(wrong("calendar_metrics", texts(&["CHANGE_FAILURE_RATE"])).contains("LEAD_TIME_FOR_CHANGES"));
    }

    #[test]
    fn names_are_kept_as_they_are_known() {
        assert_eq!(read("weekend", texts(&["friday"])), Ok(texts(&["FRIDAY"])));
        assert_eq!(read("deployment_kinds", texts(&["merge"])), Ok(texts(&["MERGE"])));
        assert_eq!(read("calendar_metrics", texts(&["lead_time_for_changes"])), Ok(texts(&["LEAD_TIME_FOR_CHANGES"])));
    }
}
