//! From text to entries. Every fault names the place.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Format;
use super::shape::{File, MemberEntry, ProfileEntry, TeamEntry, TreeEntry, VersionEntry};
use crate::model::Classification;
use crate::model::profile::{MetricValues, Value as Parameter, Values};
use crate::people::fault::{Code, Fault};
use crate::people::operations::Outcome;

/// What may stand at the top.
const PARTS: [&str; 4] = ["identity", "profiles", "trees", "teams"];

/// Reads a document.
pub fn file(text: &str, format: Format) -> Outcome<File> {
    let wrong = |message: String| vec![Fault::new(Code::InvalidValue, message)];
    let whole = match format {
        Format::Json => {
            serde_json::from_str::<Map<String, Value>>(text).map_err(|e| wrong(format!("not JSON: {e}")))?
        }
        Format::Toml => {
            let table: toml::Table = toml::from_str(text).map_err(|e| wrong(format!("not TOML: {e}")))?;
            table.into_iter().map(|(key, value)| (key, json(value))).collect()
        }
    };
    let mut faults = Vec::new();
    let mut file = File::default();
    for (part, value) in whole {
        match part.as_str() {
            "identity" => keep(&mut faults, read(value, "identity"), |rules| file.identity = Some(rules)),
            "profiles" => {
                for (number, entry) in list(&mut faults, value, "profiles").into_iter().enumerate() {
                    match profile(entry, &format!("profiles[{number}]")) {
                        Ok(profile) => file.profiles.push(profile),
                        Err(wrong) => faults.extend(wrong),
                    }
                }
            }
            "trees" => {
                for (number, entry) in list(&mut faults, value, "trees").into_iter().enumerate() {
                    keep(&mut faults, read::<TreeEntry>(entry, &format!("trees[{number}]")), |tree| {
                        file.trees.push(tree)
                    });
                }
            }
            "teams" => {
                for (number, entry) in list(&mut faults, value, "teams").into_iter().enumerate() {
                    match team(entry, &format!("teams[{number}]")) {
                        Ok(team) => file.teams.push(team),
                        Err(wrong) => faults.extend(wrong),
                    }
                }
            }
            _ => {
                let message = format!("no part of a document; there are {}", PARTS.join(", "));
                faults.push(Fault::new(Code::InvalidValue, message).at(part));
            }
        }
    }
    if faults.is_empty() { Ok(file) } else { Err(faults) }
}

fn profile(mut entry: Value, place: &str) -> Outcome<ProfileEntry> {
    let mut faults = Vec::new();
    let values = choices(&mut faults, &mut entry, place);
    let versions = entry.as_object_mut().and_then(|entry| entry.remove("versions")).map(|versions| {
        let place = format!("{place}.versions");
        let versions = list(&mut faults, versions, &place).into_iter().enumerate();
        let version = |(number, mut version): (usize, Value)| {
            let place = format!("{place}[{number}]");
            let values = choices(&mut faults, &mut version, &place);
            let mut read_version = VersionEntry::default();
            keep(&mut faults, read::<VersionEntry>(version, &place), |version| read_version = version);
            let Values { parameters, metrics, classifications } = values;
            VersionEntry { from: read_version.from, parameters, metrics, classifications }
        };
        versions.map(version).collect()
    });
    let mut profile = ProfileEntry::default();
    keep(&mut faults, read::<ProfileEntry>(entry, place), |entry| profile = entry);
    let Values { parameters, metrics, classifications } = values;
    let whole = ProfileEntry { parameters, metrics, classifications, versions, ..profile };
    if faults.is_empty() { Ok(whole) } else { Err(faults) }
}

/// Takes the choices out of an entry, each on its own, so that a fault says which of them it is about.
fn choices(faults: &mut Vec<Fault>, entry: &mut Value, place: &str) -> Values {
    let mut values = Values::default();
    let mut take = |faults: &mut Vec<Fault>, key: &str| match entry.as_object_mut().and_then(|e| e.remove(key)) {
        None => Map::new(),
        Some(Value::Object(fields)) => fields,
        Some(_) => {
            faults.push(Fault::new(Code::InvalidValue, "a table of names is needed").at(format!("{place}.{key}")));
            Map::new()
        }
    };
    for (name, value) in take(faults, "parameters") {
        let message = "a parameter is a number, a text, a list of texts, true or false";
        let parameter = serde_json::from_value::<Parameter>(value);
        let parameter =
            parameter.map_err(|_| Fault::new(Code::InvalidValue, message).at(format!("{place}.parameters.{name}")));
        keep(faults, parameter, |value| drop(values.parameters.insert(name, value)));
    }
    for (name, value) in take(faults, "metrics") {
        let metric = read::<MetricValues>(value, &format!("{place}.metrics.{name}"));
        keep(faults, metric, |chosen| drop(values.metrics.insert(name, chosen)));
    }
    for (name, value) in take(faults, "classifications") {
        let classification = read::<Classification>(value, &format!("{place}.classifications.{name}"));
        keep(faults, classification, |chosen| drop(values.classifications.insert(name, chosen)));
    }
    values
}

fn team(mut entry: Value, place: &str) -> Outcome<TeamEntry> {
    let mut faults = Vec::new();
    // Read on their own, so that a fault says which of them it is about.
    let mut take = |key: &str| entry.as_object_mut().and_then(|entry| entry.remove(key));
    let (settings, members) = (take("settings"), take("members"));
    let mut team = TeamEntry::default();
    keep(&mut faults, read::<TeamEntry>(entry, place), |entry| team = entry);
    if let Some(value) = settings {
        keep(&mut faults, read(value, &format!("{place}.settings")), |settings| team.settings = Some(settings));
    }
    if let Some(value) = members {
        let place = format!("{place}.members");
        let mut found = Vec::new();
        for (number, entry) in list(&mut faults, value, &place).into_iter().enumerate() {
            let member = match entry {
                Value::String(person) => Ok(MemberEntry::Person(person)),
                entry => read(entry, &format!("{place}[{number}]")).map(MemberEntry::Dated),
            };
            keep(&mut faults, member, |member| found.push(member));
        }
        team.members = Some(found);
    }
    if faults.is_empty() { Ok(team) } else { Err(faults) }
}

fn keep<T>(faults: &mut Vec<Fault>, read: Result<T, Fault>, put: impl FnOnce(T)) {
    match read {
        Ok(value) => put(value),
        Err(fault) => faults.push(fault),
    }
}

fn list(faults: &mut Vec<Fault>, value: Value, place: &str) -> Vec<Value> {
    match value {
        Value::Array(entries) => entries,
        _ => {
            faults.push(Fault::new(Code::InvalidValue, "a list is needed").at(place));
            Vec::new()
        }
    }
}

fn read<T: DeserializeOwned>(value: Value, place: &str) -> Result<T, Fault> {
    serde_json::from_value(value).map_err(|error| {
        let message = match error.to_string() {
            vague if vague.contains("enum Condition") => {
                "a condition is {field, operator, values}, {all = [...]} or {any = [...]}; the operators are EQUALS, \
                 NOT_EQUALS, CONTAINS, NOT_CONTAINS, STARTS_WITH, ENDS_WITH and MATCHES, and values is a list of texts"
                    .to_owned()
            }
            clear => clear,
        };
        Fault::new(Code::InvalidValue, message).at(place)
    })
}

/// TOML as JSON; dates as texts.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(number),
        toml::Value::Boolean(yes) => Value::Bool(yes),
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Array(values) => Value::Array(values.into_iter().map(json).collect()),
        toml::Value::Table(table) => Value::Object(table.into_iter().map(|(key, value)| (key, json(value))).collect()),
    }
}
