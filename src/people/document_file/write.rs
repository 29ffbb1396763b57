//! From entries to text. TOML is laid out for people: one block for an entry, one line for a key, one line for a member.

use std::fmt::Write;

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::Format;
use super::shape::File;

/// What stands at the head of every TOML document.
const HEAD: &str = "\
# Profiles, org trees, teams, settings and identity rules of Throughline. What is changed here is applied with
#     throughline apply <this file> --dry-run
# What the file leaves out stays as it is. People are called by e-mail, external id or source/login.
";

/// Longer lists have a line for each entry.
const MOST_IN_LINE: usize = 100;

/// Writes a document.
pub fn text(file: &File, format: Format) -> Result<String> {
    if format == Format::Json {
        return Ok(serde_json::to_string_pretty(file)? + "\n");
    }
    let Value::Object(parts) = serde_json::to_value(file)? else { bail!("a document is an object") };
    let mut text = HEAD.to_owned();
    for (part, value) in parts {
        match value {
            Value::Array(entries) => {
                for entry in entries {
                    let entry = entry.as_object().context("an entry is an object")?;
                    match part.as_str() {
                        "profiles" => nested(&mut text, &format!("[{part}]"), &part, entry)?,
                        _ => {
                            write!(text, "\n[[{part}]]\n")?;
                            block(&mut text, entry)?;
                        }
                    }
                }
            }
            value => {
                write!(text, "\n[{part}]\n")?;
                block(&mut text, value.as_object().context("a part is an object")?)?;
            }
        }
    }
    Ok(text)
}

/// A table with a heading of its own for each table in it: choices of a profile are too many for a line.
fn nested(text: &mut String, heading: &str, path: &str, entry: &Map<String, Value>) -> Result<()> {
    let is_below = |name: &str, value: &Value| {
        // A condition is a table that fits on a line.
        (value.is_object() && name != "condition") || name == "versions" || name == "classes"
    };
    let own: Map<String, Value> =
        entry.iter().filter(|(name, value)| !is_below(name, value)).map(|(n, v)| (n.clone(), v.clone())).collect();
    // A heading without lines is there only where nothing below it says that there is such a thing.
    if !own.is_empty() || heading.starts_with("[") || entry.is_empty() {
        write!(text, "\n[{heading}]\n")?;
        block(text, &own)?;
    }
    for (name, value) in entry.iter().filter(|(name, value)| is_below(name, value)) {
        let path = format!("{path}.{}", key(name));
        match value {
            Value::Object(fields) => nested(text, &path, &path, fields)?,
            Value::Array(entries) => {
                for entry in entries {
                    nested(text, &format!("[{path}]"), &path, entry.as_object().context("an entry is an object")?)?;
                }
            }
            other => bail!("{path}: {other} is no table"),
        }
    }
    Ok(())
}

fn block(text: &mut String, entry: &Map<String, Value>) -> Result<()> {
    for (name, value) in entry {
        let line = format!("{} = {}", key(name), inline(name, value)?);
        match value {
            Value::Array(entries) if line.len() > MOST_IN_LINE => {
                writeln!(text, "{} = [", key(name))?;
                for entry in entries {
                    writeln!(text, "    {},", inline("", entry)?)?;
                }
                writeln!(text, "]")?;
            }
            _ => writeln!(text, "{line}")?,
        }
    }
    Ok(())
}

/// A value on one line.
fn inline(name: &str, value: &Value) -> Result<String> {
    Ok(match value {
        // A day, as TOML has it; a stage of a profile is from one milestone to another.
        Value::String(text) if (name == "from" || name == "to") && text.parse::<NaiveDate>().is_ok() => text.clone(),
        Value::String(text) => quoted(text),
        Value::Array(entries) => {
            let entries = entries.iter().map(|entry| inline("", entry)).collect::<Result<Vec<_>>>()?;
            format!("[{}]", entries.join(", "))
        }
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| Ok(format!("{} = {}", key(name), inline(name, value)?));
            format!("{{ {} }}", fields.iter().map(field).collect::<Result<Vec<_>>>()?.join(", "))
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Null => bail!("{name}: TOML has no null"),
    })
}

fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(is_bare) { name.to_owned() } else { quoted(name) }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
