//! From text to entries. Every fault names the place.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Format;
use super::shape::{File, MemberEntry, TeamEntry, TreeEntry};
use crate::people::fault::{Code, Fault};
use crate::people::operations::Outcome;

/// What may stand at the top.
const PARTS: [&str; 3] = ["identity", "trees", "teams"];

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
