//! `org.toml` or `org.json`: the org tree with its teams, which rows are theirs, and who was in them when.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::calendar::date;
use super::chart::{Chart, Node};
use super::people::Organisation;
use super::roster::{Employment, Stay};
use super::unit::Unit;

/// With more entries of members the document is JSON: nobody edits it by hand, and it is read faster.
const MOST_IN_TOML: usize = 50_000;
const TOML: &str = "org.toml";
const JSON: &str = "org.json";
/// What stands at the head of TOML.
const HEAD: &str = "\
# The org tree of the synthetic organisation: divisions, groups and teams; of each team the repositories and the service
# that are its own, and who was in it when. Import contributors.csv first: people are called by e-mail.
";

/// A repository that went from one unit to another.
#[derive(Debug, Clone)]
pub struct Moved {
    pub repository: String,
    pub from: usize,
    pub to: usize,
}

/// The document.
#[derive(Debug)]
pub struct Document {
    /// Name of the file.
    pub name: &'static str,
    /// The name that it would have in the other format.
    pub other_name: &'static str,
    pub text: String,
    pub teams: usize,
}

/// Writes it. `employments` are in the order of the people.
pub fn document(
    org: &Organisation,
    units: &[Unit],
    moved: &[Moved],
    chart: &Chart,
    employments: &[Employment],
) -> Document {
    let mut members: Vec<Vec<(u32, Stay)>> = vec![Vec::new(); units.len()];
    for (person, employment) in employments.iter().enumerate() {
        for stay in &employment.stays {
            members[stay.unit].push((person as u32, *stay));
        }
    }
    let is_toml = members.iter().map(Vec::len).sum::<usize>() <= MOST_IN_TOML;
    let (divisions, groups) = (chart.divisions(), chart.groups());
    let mut teams = Vec::with_capacity(divisions.len() + groups.len() + units.len());
    teams.extend(divisions.values().map(|node| above(org, None, node)));
    teams.extend(groups.iter().map(|((division, _), node)| above(org, Some(&divisions[division]), node)));
    let own = sources(units, moved);
    for ((unit, members), sources) in units.iter().zip(members).zip(own) {
        teams.push(team(org, chart, unit, members, sources));
    }
    let trees = vec![object([("name", Some(json!("Organisation"))), ("complete", Some(json!(true)))])];
    let count = teams.len();
    let parts = [("trees", trees), ("teams", teams)];
    match is_toml {
        true => Document { name: TOML, other_name: JSON, text: toml(&parts), teams: count },
        false => {
            let text = format!("{}\n", object(parts.map(json_part)));
            Document { name: JSON, other_name: TOML, text, teams: count }
        }
    }
}

fn above(org: &Organisation, parent: Option<&Node>, node: &Node) -> Value {
    let path = [parent.map(|parent| parent.name.as_str()), Some(&node.name)].into_iter().flatten();
    object([
        ("path", Some(path_of(path))),
        ("name", Some(json!(node.name))),
        ("manager", node.lead.map(|lead| json!(org.person(lead).email))),
    ])
}

fn team(org: &Organisation, chart: &Chart, unit: &Unit, members: Vec<(u32, Stay)>, sources: Value) -> Value {
    let (division, group) = chart.above(unit.index);
    let first = members.iter().map(|(_, stay)| stay.from).min();
    let born = date(unit.born.div_euclid(super::calendar::DAY).min(first.unwrap_or(i64::MAX)));
    let member = |(person, stay): (u32, Stay)| {
        object([
            ("person", Some(json!(org.person(person).email))),
            ("from", Some(json!(date(stay.from)))),
            ("to", stay.to.map(|to| json!(date(to)))),
            ("shared", stay.shared.then(|| json!(true))),
        ])
    };
    object([
        ("path", Some(path_of([&division, group, &unit.name].into_iter()))),
        ("name", Some(json!(unit.name))),
        ("stable_id", Some(json!(unit.key))),
        ("manager", chart.team_lead(unit.index).map(|lead| json!(org.person(lead).email))),
        ("from", Some(json!(born))),
        ("settings", Some(json!({ "sources": sources }))),
        ("members", Some(members.into_iter().map(member).collect())),
    ])
}

/// By unit: which rows are its own, by its service and its repositories. Of a repository that moved, only what the unit's
/// pipeline deployed; pull requests have no pipeline, and count by whose they are.
fn sources(units: &[Unit], moved: &[Moved]) -> Vec<Value> {
    let mut once: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for Moved { repository, from, to } in moved {
        once.entry(*from).or_default().insert(repository);
        once.entry(*to).or_default().insert(repository);
    }
    let equals = |field: &str, values: &BTreeSet<&str>| match values.is_empty() {
        true => None,
        false => Some(json!({ "field": field, "operator": "EQUALS", "values": values })),
    };
    let of = |unit: &Unit| {
        let shifted = once.get(&unit.index).cloned().unwrap_or_default();
        let always = unit.repositories.iter().map(|repository| repository.name.as_str());
        let always = always.filter(|name| !shifted.contains(name)).collect();
        let pipeline = unit.pipeline();
        let shifted = equals("repository", &shifted).map(
            |repositories| json!({ "all": [repositories, equals("pipeline", &BTreeSet::from([pipeline.as_str()]))] }),
        );
        let service = equals("service", &unit.service.iter().map(String::as_str).collect());
        let any = [service, equals("repository", &always), shifted].into_iter().flatten();
        json!({ "any": any.collect::<Vec<_>>() })
    };
    units.iter().map(of).collect()
}

/// Names as they stand in paths.
fn path_of<'n>(names: impl Iterator<Item = &'n str>) -> Value {
    let names: Vec<String> = names.map(|name| name.to_lowercase().replace(' ', "-")).collect();
    json!(names.join("/"))
}

/// An object of the fields that have a value.
fn object<'f>(fields: impl IntoIterator<Item = (&'f str, Option<Value>)>) -> Value {
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(fields.collect::<Map<_, _>>())
}

fn json_part((name, entries): (&str, Vec<Value>)) -> (&str, Option<Value>) {
    (name, Some(Value::Array(entries)))
}

/// A block for an entry, a line for a key, a line for a member.
fn toml(parts: &[(&str, Vec<Value>)]) -> String {
    let mut text = HEAD.to_owned();
    for (part, entry) in parts.iter().flat_map(|(part, entries)| entries.iter().map(move |entry| (part, entry))) {
        text.push_str(&format!("\n[[{part}]]\n"));
        for (name, value) in entry.as_object().into_iter().flatten() {
            match value {
                Value::Array(members) if !members.is_empty() => {
                    text.push_str(&format!("{name} = [\n"));
                    members.iter().for_each(|member| text.push_str(&format!("    {},\n", inline("", member))));
                    text.push_str("]\n");
                }
                value => text.push_str(&format!("{name} = {}\n", inline(name, value))),
            }
        }
    }
    text
}

fn inline(name: &str, value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        // Days stand without quotes.
        Value::String(day) if matches!(name, "from" | "to") => day.clone(),
        Value::Array(values) => format!("[{}]", joined(values.iter().map(|value| inline("", value)).collect())),
        Value::Object(fields) => {
            format!(
                "{{ {} }}",
                joined(fields.iter().map(|(name, value)| format!("{name} = {}", inline(name, value))).collect())
            )
        }
        // Texts of plain letters are written alike in JSON and TOML; names here have no others.
        value => value.to_string(),
    }
}
