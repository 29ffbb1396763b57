//! What a file makes of the contributors: who is new, who changes, who goes. Pure; `apply` puts it into a draft.

use std::collections::{BTreeMap, HashMap, HashSet};

use async_graphql::Enum;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::managers::{Managers, refuse_circles};
use super::unique::refuse_shared;
use super::{claims, fold, matching};
use crate::people::csv::{self, Asked, Problem, Reading, Type};
use crate::people::directory::{Directory, Person};
use crate::people::document::{AccountDecision, Contributor};
use crate::people::draft::Draft;
use crate::people::standing::Standing;

/// What an import does with contributors that the file does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(name = "ImportMode")]
pub enum Mode {
    /// The file is the whole set of contributors: who is not in it goes. Those with work or teams stay as people who have
    /// left, so that the past does not change.
    Replace,
    /// The file adds and changes contributors; the others stay.
    Merge,
}

/// How a file is imported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Columns that are no fields become custom attributes.
    pub attributes: bool,
    /// The day from which on it counts, where no date of the file says otherwise; none: the day of the upload.
    pub effective_from: Option<NaiveDate>,
}

/// What an import would do.
#[derive(Debug)]
pub struct Plan {
    pub before: Standing,
    /// Those in the file, by id.
    pub people: BTreeMap<String, Planned>,
    /// Those who go, by id.
    pub gone: BTreeMap<String, Gone>,
    /// Accounts that are given to somebody, by key.
    pub accounts: BTreeMap<String, AccountDecision>,
    pub rows: u32,
    pub columns: Vec<csv::ColumnRead>,
    pub problems: Vec<Problem>,
    pub notices: Vec<String>,
}

/// A contributor that the file names.
#[derive(Debug)]
pub struct Planned {
    /// Row of the file.
    pub row: u32,
    pub after: Contributor,
    /// Accounts that it gets by the file: source and login.
    pub claims: Vec<(String, String)>,
}

/// How somebody goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// There is work or a team: the contributor stays as one who has left on this day.
    Left(NaiveDate),
    /// Nothing hangs on it.
    Removed,
}

impl Mode {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Mode::Replace => "REPLACE",
            Mode::Merge => "MERGE",
        }
    }
}

impl std::str::FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Mode, String> {
        let mode = [Mode::Replace, Mode::Merge].into_iter().find(|mode| mode.word().eq_ignore_ascii_case(text));
        mode.ok_or_else(|| format!("{text:?} is no mode of an import: MERGE or REPLACE"))
    }
}

/// Plans an import. Ids of new contributors follow from `seed`.
pub fn plan(directory: &Directory, bytes: &[u8], mode: Mode, options: &Options, day: NaiveDate, seed: &str) -> Plan {
    let before = Standing::new(directory);
    let mut sources: Vec<String> = directory.resolved.accounts.iter().map(|a| a.seen.source.clone()).collect();
    sources.sort();
    sources.dedup();
    let types = attribute_types(&before);
    let asked = Asked { attributes: options.attributes, sources: &sources, types: &types };
    let mut reading = csv::read(bytes, &asked);
    let ids = matching::ids(&reading.rows, &before, directory, seed, &mut reading.problems);
    let mut people: BTreeMap<String, Planned> = BTreeMap::new();
    for (id, row) in ids.iter().zip(&reading.rows) {
        let standee = before.people.get(id);
        let after = fold::after(standee, row, &reading.has, mode, options, day);
        people.insert(id.clone(), Planned { row: row.number, after, claims: Vec::new() });
    }
    let gone = match mode {
        Mode::Merge => BTreeMap::new(),
        Mode::Replace => gone(directory, &before, &people, day),
    };
    set_managers(directory, &before, &ids, mode, &mut people, &mut reading);
    clear_removed_managers(&gone, &mut people, &mut reading);
    let all = everybody(&before, &people, &gone);
    refuse_shared(&all, &people, &mut reading);
    let columns: HashMap<u32, &str> =
        reading.rows.iter().map(|row| (row.number, row.manager.column.as_str())).collect();
    let named_in = |id: &str| {
        let row = people.get(id)?.row;
        Some((row, columns.get(&row).copied().unwrap_or_default().to_owned()))
    };
    refuse_circles(&all, &named_in, &mut reading.problems);
    let accounts = claims::claim(directory, &ids, &mut people, &mut reading);
    let Reading { columns, rows, problems, notices, .. } = reading;
    let rows = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    Plan { before, people, gone, accounts, rows, columns, problems: problems.list(), notices }
}

impl Plan {
    /// Puts it into a draft.
    pub fn apply(&self, draft: &mut Draft) {
        for (id, planned) in &self.people {
            match self.before.people.get(id) {
                Some(standee) if standee.says == planned.after => {}
                Some(standee) => standee.put(draft, id, &planned.after),
                None => draft.put(id, planned.after.clone()),
            }
        }
        for (id, gone) in &self.gone {
            match gone {
                Gone::Removed => draft.remove::<Contributor>(id),
                Gone::Left(day) => {
                    if let Some(mut own) = draft.get::<Contributor>(id).cloned() {
                        own.ends = Some(*day);
                        draft.put(id, own);
                    }
                }
            }
        }
        for (key, decision) in &self.accounts {
            draft.put(key, decision.clone());
        }
    }
}

/// Who is registered, is still here, and is not in the file.
fn gone(
    directory: &Directory,
    before: &Standing,
    people: &BTreeMap<String, Planned>,
    day: NaiveDate,
) -> BTreeMap<String, Gone> {
    let managers: HashSet<&str> = directory.records.teams.values().filter_map(|team| team.manager.as_deref()).collect();
    let has_something = |id: &str, person: Option<&Person>| {
        person.is_some_and(|person| !person.accounts.is_empty() || !person.merged.is_empty())
            || directory.records.memberships.get(id).is_some_and(|memberships| !memberships.spans.is_empty())
            || managers.contains(id)
    };
    let absent = before.people.iter().filter(|(id, _)| !people.contains_key(*id));
    absent
        .filter(|(_, standee)| standee.says.ends.is_none_or(|ends| ends > day))
        .map(|(id, standee)| {
            let begun = standee.says.starts.is_none_or(|starts| starts < day);
            let stays = begun && has_something(id, directory.person(id));
            (id.clone(), if stays { Gone::Left(day) } else { Gone::Removed })
        })
        .collect()
}

fn set_managers(
    directory: &Directory,
    before: &Standing,
    ids: &[String],
    mode: Mode,
    people: &mut BTreeMap<String, Planned>,
    reading: &mut Reading,
) {
    if !reading.has.manager {
        return;
    }
    let known = |id: &str| -> Option<String> {
        let person = directory.person(id).map_or(id, |person| person.id.as_str());
        let is_there = people.contains_key(person) || (mode == Mode::Merge && before.people.contains_key(person));
        is_there.then(|| person.to_owned())
    };
    let others = before.people.iter().filter(|(id, _)| mode == Mode::Merge && !people.contains_key(*id));
    let others = others.map(|(id, standee)| (id, &standee.says));
    let all = people.iter().map(|(id, planned)| (id, &planned.after)).chain(others);
    let managers = Managers::new(all, &known);
    let Reading { rows, problems, .. } = reading;
    let found: Vec<Option<String>> = rows.iter().map(|row| managers.find(row, problems)).collect();
    for (id, manager) in ids.iter().zip(found) {
        if let Some(planned) = people.get_mut(id) {
            planned.after.manager = manager;
        }
    }
}

/// Without a column of managers, reporting lines stay, as far as their ends are there.
fn clear_removed_managers(
    gone: &BTreeMap<String, Gone>,
    people: &mut BTreeMap<String, Planned>,
    reading: &mut Reading,
) {
    let (mut cleared, mut left) = (0, 0);
    for planned in people.values_mut() {
        match planned.after.manager.as_ref().and_then(|manager| gone.get(manager)) {
            Some(Gone::Removed) => {
                planned.after.manager = None;
                cleared += 1;
            }
            Some(Gone::Left(_)) => left += 1,
            None => {}
        }
    }
    if cleared > 0 {
        reading.notices.push(format!("{cleared} people lose their manager, who is removed."));
    }
    if left > 0 {
        reading
            .notices
            .push(format!("{left} people go on reporting to somebody who leaves. Add a column ManagerEmail."));
    }
}

/// Everybody as they will be.
fn everybody<'p>(
    before: &'p Standing,
    people: &'p BTreeMap<String, Planned>,
    gone: &BTreeMap<String, Gone>,
) -> BTreeMap<&'p str, &'p Contributor> {
    let stay = before.people.iter().filter(|(id, _)| gone.get(*id) != Some(&Gone::Removed));
    let mut all: BTreeMap<&str, &Contributor> = stay.map(|(id, standee)| (id.as_str(), &standee.says)).collect();
    all.extend(people.iter().map(|(id, planned)| (id.as_str(), &planned.after)));
    all
}

/// The types of the attributes that somebody has; none where they differ.
fn attribute_types(standing: &Standing) -> BTreeMap<String, Option<Type>> {
    let mut types: BTreeMap<String, Option<Type>> = BTreeMap::new();
    for (name, value) in standing.people.values().flat_map(|standee| &standee.says.attributes) {
        match types.get_mut(name) {
            None => {
                types.insert(name.clone(), Some(Type::of(value)));
            }
            Some(kind) => *kind = kind.filter(|kind| *kind == Type::of(value)),
        }
    }
    types
}
