//! What an import changes, as people read it: paths and e-mails in place of ids.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::refer::People;
use crate::people::directory::Directory;
use crate::people::document::{Kind, Placement};
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};
use crate::people::operations::Outcome;
use crate::people::org::forest::Forest;
use crate::people::records::Records;

/// One thing that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub kind: Kind,
    /// Which one: "Organisation: engineering/payments" of a team and its settings, an e-mail of a person, the name of a tree.
    pub path: String,
    /// What it was, as JSON; `None`: it was not there.
    pub before: Option<String>,
    /// What it becomes, as JSON; `None`: it goes.
    pub after: Option<String>,
}

/// One state of the documents.
struct State<'r> {
    records: &'r Records,
    forest: Forest<'r>,
    today: NaiveDate,
}

/// All that differs between a draft and the directory that it was made of.
pub fn differences(draft: &Draft, directory: &Directory) -> Outcome<Vec<Difference>> {
    let people = People::new(directory);
    let state = |records| {
        let forest = Forest::new(records).map_err(|fault| vec![fault])?;
        Ok::<_, Vec<Fault>>(State { records, forest, today: directory.today })
    };
    let (before, after) = (state(&directory.records)?, state(draft.records())?);
    let unreadable = |error: anyhow::Error| vec![Fault::new(Code::InvalidValue, format!("{error:#}"))];
    let mut found = Vec::new();
    for edit in draft.edits().map_err(unreadable)? {
        let stored = directory.records.stored(edit.kind, &edit.key).map_err(unreadable)?;
        let read = |state: &State<'_>, value: Option<String>| {
            value.map(|value| state.readable(&people, edit.kind, &edit.key, &value).to_string())
        };
        let (before_text, after_text) = (read(&before, stored), read(&after, edit.value));
        let named = if after_text.is_some() { &after } else { &before };
        let path = named.path(&people, edit.kind, &edit.key);
        found.push(Difference { kind: edit.kind, path, before: before_text, after: after_text });
    }
    found.sort_by(|a, b| (a.kind, &a.path).cmp(&(b.kind, &b.path)));
    Ok(found)
}

impl State<'_> {
    fn team(&self, id: &str) -> String {
        let Some(number) = self.forest.number(id) else { return id.to_owned() };
        let stem = &self.forest.teams[number];
        let path = self.forest.path(number, stem.exists.nearest(self.today));
        format!("{}: {path}", self.tree(&stem.team.tree))
    }

    fn tree(&self, id: &str) -> String {
        self.records.trees.get(id).map_or_else(|| id.to_owned(), |tree| tree.name.clone())
    }

    fn path(&self, people: &People<'_>, kind: Kind, key: &str) -> String {
        match kind {
            Kind::Team | Kind::Settings => self.team(key),
            Kind::OrgTree => self.tree(key),
            Kind::Membership => people.name_of(key),
            Kind::Contributor => self.records.contributors.get(key).map_or_else(|| key.to_owned(), |c| c.name.clone()),
            Kind::Profile => self.records.profiles.get(key).map_or_else(|| key.to_owned(), |p| p.name.clone()),
            Kind::Account | Kind::Rules | Kind::Version => key.to_owned(),
        }
    }

    /// A stored document with names in place of ids.
    fn readable(&self, people: &People<'_>, kind: Kind, key: &str, stored: &str) -> Value {
        let mut value: Value = serde_json::from_str(stored).unwrap_or_else(|_| json!(stored));
        match (kind, &mut value) {
            (Kind::Team, Value::Object(team)) => {
                if let Some(Value::String(manager)) = team.get("manager") {
                    let name = people.name_of(manager);
                    team.insert("manager".into(), json!(name));
                }
                let Some(document) = self.records.teams.get(key) else { return value };
                team.insert("tree".into(), json!(self.tree(&document.tree)));
                let parent = |p: &Placement| {
                    let parent = Placement { parent: self.team(&p.parent), ..p.clone() };
                    serde_json::to_value(parent).unwrap_or_default()
                };
                if !document.parents.is_empty() {
                    team.insert("parents".into(), document.parents.iter().map(parent).collect());
                }
            }
            (Kind::Membership, Value::Object(memberships)) => {
                for span in memberships.get_mut("spans").and_then(Value::as_array_mut).into_iter().flatten() {
                    if let Some(Value::String(team)) = span.get_mut("team") {
                        *team = self.team(team);
                    }
                }
            }
            _ => {}
        }
        if let (Kind::OrgTree | Kind::Settings, Some(Value::Object(assigned))) = (kind, value.get_mut("profiles")) {
            for profile in assigned.values_mut() {
                let known = profile.as_str().and_then(|id| self.records.profiles.get(id));
                *profile = known.map_or_else(|| profile.clone(), |known| json!(known.name));
            }
        }
        value
    }
}
