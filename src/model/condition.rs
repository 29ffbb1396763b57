//! Conditions that people write: which people, repositories, services, branches a rule means. A tree of ANDs and ORs over
//! tests of named fields, stored and exchanged as JSON or TOML. Which fields there are is the caller's business.

use anyhow::{Context, Result, ensure};
use regex::Regex;
use serde::{Deserialize, Serialize};

use super::words::words;

/// The deepest nesting allowed.
const MOST_DEPTH: usize = 16;

/// `{all = [...]}`, `{any = [...]}`, or a test `{field, operator, values}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Condition {
    /// Every one holds. Empty: holds.
    All {
        all: Vec<Condition>,
    },
    /// At least one holds. Empty: does not hold.
    Any {
        any: Vec<Condition>,
    },
    Test(Test),
}

/// A test of one field. A field may have several values (labels), or none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    pub field: String,
    pub operator: Operator,
    /// The test holds where it holds for one of these; a negative one, where its positive twin does not hold.
    pub values: Vec<String>,
}

words! {
    /// How a field is compared with the values of a test. Upper and lower case differ.
    #[graphql(name = "ConditionOperator")]
    Operator {
        /// One value of the field is one of these.
        Equals = "EQUALS",
        /// No value of the field is one of these; holds where the field has none.
        NotEquals = "NOT_EQUALS",
        /// One value of the field contains one of these.
        Contains = "CONTAINS",
        /// No value of the field contains one of these.
        NotContains = "NOT_CONTAINS",
        /// One value of the field starts with one of these.
        StartsWith = "STARTS_WITH",
        /// One value of the field ends with one of these.
        EndsWith = "ENDS_WITH",
        /// One value of the field is matched as a whole by one of these regular expressions.
        Matches = "MATCHES",
    }
}

/// A condition made ready to be asked many times.
#[derive(Debug, Clone)]
pub enum Matcher {
    All(Vec<Matcher>),
    Any(Vec<Matcher>),
    Test { field: String, operator: Operator, values: Vec<String>, patterns: Vec<Regex> },
}

impl Condition {
    /// The condition made ready, if all of its fields are among `fields`. Errors name the place: `all[0].any[2]`.
    pub fn compile(&self, fields: &[&str]) -> Result<Matcher> {
        self.compile_at(fields, "", 0)
    }

    /// Every field that is tested, in order, perhaps several times.
    pub fn fields(&self) -> Vec<&str> {
        match self {
            Condition::All { all: parts } | Condition::Any { any: parts } => {
                parts.iter().flat_map(Condition::fields).collect()
            }
            Condition::Test(test) => vec![&test.field],
        }
    }

    fn compile_at(&self, fields: &[&str], place: &str, depth: usize) -> Result<Matcher> {
        ensure!(depth < MOST_DEPTH, "{place}: nested more than {MOST_DEPTH} deep");
        let dot = if place.is_empty() { "" } else { "." };
        let parts = |name: &str, parts: &[Condition]| {
            let part = |(i, part): (usize, &Condition)| {
                part.compile_at(fields, &format!("{place}{dot}{name}[{i}]"), depth + 1)
            };
            parts.iter().enumerate().map(part).collect::<Result<Vec<_>>>()
        };
        Ok(match self {
            Condition::All { all } => Matcher::All(parts("all", all)?),
            Condition::Any { any } => Matcher::Any(parts("any", any)?),
            Condition::Test(test) => {
                let at = if place.is_empty() { "condition" } else { place };
                let Test { field, operator, values } = test;
                let known = fields.join(", ");
                ensure!(fields.contains(&field.as_str()), "{at}: no field {field:?}; there are {known}");
                ensure!(!values.is_empty(), "{at}: values is empty; give at least one");
                let pattern = |value: &String| {
                    Regex::new(&format!("^(?:{value})$"))
                        .with_context(|| format!("{at}: {value:?} is no regular expression"))
                };
                let patterns = match operator {
                    Operator::Matches => values.iter().map(pattern).collect::<Result<_>>()?,
                    _ => Vec::new(),
                };
                Matcher::Test { field: field.clone(), operator: *operator, values: values.clone(), patterns }
            }
        })
    }
}

impl Matcher {
    /// Whether the condition holds of something whose fields `values` gives. Fields for which it gives `None` are not
    /// known of this kind of thing: their tests are left out of the ANDs and ORs around them. `None`: nothing is left.
    pub fn matches<'v>(&self, values: &dyn Fn(&str) -> Option<Vec<&'v str>>) -> Option<bool> {
        let parts = |parts: &[Matcher], decided: bool| {
            let mut outcome = if parts.is_empty() { Some(!decided) } else { None };
            for part in parts {
                match part.matches(values) {
                    Some(holds) if holds == decided => return Some(decided),
                    Some(_) => outcome = Some(!decided),
                    None => {}
                }
            }
            outcome
        };
        match self {
            Matcher::All(all) => parts(all, false),
            Matcher::Any(any) => parts(any, true),
            Matcher::Test { field, operator, values: wanted, patterns } => {
                let has = values(field)?;
                let one = |holds: fn(&str, &str) -> bool| has.iter().any(|v| wanted.iter().any(|w| holds(v, w)));
                Some(match operator {
                    Operator::Equals => one(|v, w| v == w),
                    Operator::NotEquals => !one(|v, w| v == w),
                    Operator::Contains => one(|v, w| v.contains(w)),
                    Operator::NotContains => !one(|v, w| v.contains(w)),
                    Operator::StartsWith => one(|v, w| v.starts_with(w)),
                    Operator::EndsWith => one(|v, w| v.ends_with(w)),
                    Operator::Matches => has.iter().any(|v| patterns.iter().any(|p| p.is_match(v))),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> Option<bool> {
        let condition: Condition = serde_json::from_str(text).expect("a condition");
        let matcher = condition.compile(&["repository", "label", "branch"]).expect("compiles");
        matcher.matches(&|field| match field {
            "repository" => Some(vec!["storefront"]),
            "label" => Some(vec!["hotfix", "urgent"]),
            _ => None,
        })
    }

    #[test]
    fn tests_nest_and_unknown_fields_step_aside() {
        let test = |field: &str, operator: &str, value: &str| {
            format!(r#"{{"field":"{field}","operator":"{operator}","values":["{value}"]}}"#)
        };
        assert_eq!(holds(&test("label", "EQUALS", "urgent")), Some(true));
        assert_eq!(holds(&test("label", "NOT_EQUALS", "urgent")), Some(false));
        assert_eq!(holds(&test("label", "NOT_CONTAINS", "z")), Some(true));
        assert_eq!(holds(&test("label", "NOT_CONTAINS", "fix")), Some(false));
        assert_eq!(holds(&test("repository", "MATCHES", "store.*")), Some(true));
        assert_eq!(holds(&test("repository", "MATCHES", "store")), Some(false));
        assert_eq!(holds(&test("branch", "EQUALS", "main")), None);
        let both = |word: &str| {
            format!(r#"{{"{word}":[{},{}]}}"#, test("branch", "EQUALS", "main"), test("label", "EQUALS", "hotfix"))
        };
        assert_eq!(holds(&both("all")), Some(true));
        assert_eq!(holds(&both("any")), Some(true));
        assert_eq!(holds(r#"{"all":[]}"#), Some(true));
        assert_eq!(holds(r#"{"any":[]}"#), Some(false));
    }

    #[test]
    fn errors_name_the_place() {
        let text = r#"{"all":[{"any":[{"field":"color","operator":"EQUALS","values":["red"]}]}]}"#;
        let condition: Condition = serde_json::from_str(text).expect("a condition");
        let error = condition.compile(&["label"]).expect_err("no such field").to_string();
        assert_eq!(error, "all[0].any[0]: no field \"color\"; there are label");
        let text = r#"{"field":"label","operator":"MATCHES","values":["("]}"#;
        let condition: Condition = serde_json::from_str(text).expect("a condition");
        assert!(condition.compile(&["label"]).is_err());
    }
}
