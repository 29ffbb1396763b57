//! The parameters that metrics refer to as `$name`, and their defaults (`schema/profile.toml`).

use anyhow::{Context, Result};
use include_dir::Dir;
use serde::Deserialize;

/// A set of parameters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub parameters: Vec<Parameter>,
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
    Number(f64),
    Text(String),
    Texts(Vec<String>),
}

impl Profile {
    /// The profile that holds when nobody says otherwise.
    pub fn load(schema: &Dir<'_>) -> Result<Profile> {
        let file = schema.get_file("profile.toml").context("schema/profile.toml is missing")?;
        let profile: Profile = toml::from_str(file.contents_utf8().context("schema/profile.toml: not UTF-8")?)
            .context("schema/profile.toml")?;
        Ok(profile)
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.parameters.iter().find(|p| p.name == name).map(|p| &p.value)
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
}
