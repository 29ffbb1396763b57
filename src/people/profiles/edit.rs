//! Changes of profiles: operations on a draft. On faults nothing of the draft is to be written.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::names::{built_in, find, named, unknown};
use super::places;
use crate::model::profile::{Kind, MetricValues, Profile, Value, Version, check};
use crate::model::{self, Classification, Metric};
use crate::people::document::{OrgTree, Settings};
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};
use crate::people::fresh;
use crate::people::operations::Outcome;
use crate::people::records::Records;

/// A change of a profile. What is `None` or empty stays as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change {
    pub name: Option<String>,
    pub version: Option<VersionChange>,
    /// Days whose versions go; `None`: the version that always held. What was before it holds on.
    pub remove: Vec<Option<NaiveDate>>,
}

/// A change of the version that begins on a day. Where none does, there is a new one: what held that day, changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VersionChange {
    /// `None`: the version that always held.
    pub from: Option<NaiveDate>,
    /// Parameters to set; `None`: as it is built in.
    pub parameters: Vec<(String, Option<Value>)>,
    /// Metrics, each with all that is chosen for it; nothing: all of it as it is built in.
    pub metrics: Vec<(String, MetricValues)>,
    /// Classifications; `None`: as it is built in.
    pub classifications: Vec<(String, Option<Classification>)>,
}

/// What a profile is assigned to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Id of the org tree.
    Tree(String),
    /// Id of the team.
    Team(String),
}

/// Makes a profile and gives its id.
///
/// # Errors
/// REQUIRED_VALUE_MISSING: no name. DUPLICATE_KEY: the name of another one, or two versions of one day. INVALID_VALUE:
/// what a version says cannot be said.
pub fn create(draft: &mut Draft, profile: Profile) -> Outcome<String> {
    let id = fresh::id('p');
    put(draft, &id, profile)?;
    Ok(id)
}

/// Puts a profile in the place of what it was.
///
/// # Errors
/// As [`create`]; CONFLICT: it is of another kind, and is assigned.
pub fn put(draft: &mut Draft, id: &str, mut profile: Profile) -> Outcome<()> {
    let mut faults = Vec::new();
    profile.name = profile.name.split_whitespace().collect::<Vec<_>>().join(" ");
    if profile.name.is_empty() {
        faults.push(Fault::new(Code::RequiredValueMissing, "a profile has a name").at("name"));
    } else {
        let other = named(draft.records(), &profile.name).filter(|other| *other != id);
        let other = other.and_then(|other| draft.get::<Profile>(other)).map(|other| other.name.as_str());
        if let Some(taken) = other.or_else(|| is_taken(&profile.name).then_some(&profile.name)) {
            let message = format!("there is a profile {taken:?} already; give this one another name");
            faults.push(Fault::new(Code::DuplicateKey, message).at("name"));
        }
    }
    let before = draft.get::<Profile>(id).filter(|before| before.kind != profile.kind);
    if before.is_some() && places(draft.records(), id) != Default::default() {
        let message = "it is assigned, and keeps its kind; make another profile of the other kind";
        faults.push(Fault::new(Code::Conflict, message).at("kind"));
    }
    profile.versions.sort_by_key(|version| version.from);
    let metrics: Vec<&'static Metric> = draft.catalogue().metrics().collect();
    let mut days = BTreeSet::new();
    for (number, version) in profile.versions.iter_mut().enumerate() {
        let place = format!("versions[{number}]");
        if !days.insert(version.from) {
            let day = version.from.map_or_else(|| "without a day".to_owned(), |day| format!("from {day}"));
            let message = format!("there are two versions {day}; make one of them");
            faults.push(Fault::new(Code::DuplicateKey, message).at(format!("{place}.from")));
        }
        match check(&version.values, profile.kind, model::defaults(), &metrics) {
            Ok(kept) => version.values = kept,
            Err(wrong) => faults.extend(
                wrong.into_iter().map(|w| Fault::new(Code::InvalidValue, w.message).at(format!("{place}.{}", w.place))),
            ),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    draft.put(id, profile);
    Ok(())
}

/// Whether a name is that of a built-in profile.
fn is_taken(name: &str) -> bool {
    let titles = Kind::ALL.iter().map(|kind| model::defaults().title(*kind));
    titles.chain(Kind::ALL.iter().map(|kind| kind.name())).any(|taken| taken.eq_ignore_ascii_case(name))
}

/// Changes a profile: its name, the version of a day, or which versions there are.
///
/// # Errors
/// NOT_FOUND: there is no such profile or version; CONFLICT: it is built in; and as [`create`].
pub fn update(draft: &mut Draft, id: &str, change: Change) -> Outcome<()> {
    let mut profile = stored(draft, id, "id").map_err(|fault| vec![fault])?.clone();
    let Change { name, version, remove } = change;
    profile.name = name.unwrap_or(profile.name);
    for (number, day) in remove.iter().enumerate() {
        let before = profile.versions.len();
        profile.versions.retain(|version| version.from != *day);
        if profile.versions.len() == before {
            let known: Vec<String> = profile.versions.iter().map(|version| shown(version.from)).collect();
            let message = format!("there is no version {}; there are {}", shown(*day), known.join(", "));
            return Err(vec![Fault::new(Code::NotFound, message).at(format!("remove[{number}]"))]);
        }
    }
    let changed = version.as_ref().map(|version| version.from);
    if let Some(VersionChange { from, parameters, metrics, classifications }) = version {
        let inherited = profile.on(from.unwrap_or(NaiveDate::MIN)).map(|version| version.values.clone());
        let at = profile.versions.iter().position(|version| version.from == from).unwrap_or_else(|| {
            profile.versions.push(Version { from, values: inherited.unwrap_or_default() });
            profile.versions.len() - 1
        });
        let values = &mut profile.versions[at].values;
        for (name, value) in parameters {
            match value {
                Some(value) => drop(values.parameters.insert(name, value)),
                None => drop(values.parameters.remove(&name)),
            }
        }
        for (name, chosen) in metrics {
            match chosen == MetricValues::default() {
                true => drop(values.metrics.remove(&name)),
                false => drop(values.metrics.insert(name, chosen)),
            }
        }
        for (name, chosen) in classifications {
            match chosen {
                Some(chosen) => drop(values.classifications.insert(name, chosen)),
                None => drop(values.classifications.remove(&name)),
            }
        }
    }
    profile.versions.sort_by_key(|version| version.from);
    let at = changed.and_then(|from| profile.versions.iter().position(|version| version.from == from));
    put(draft, id, profile).map_err(|faults| faults.into_iter().map(|fault| of_change(fault, at)).collect())
}

/// A fault whose field is that of the change, where it is about the version that was changed.
fn of_change(mut fault: Fault, changed: Option<usize>) -> Fault {
    if let Some(at) = changed {
        let place = format!("versions[{at}].");
        fault.field = fault.field.map(|field| field.strip_prefix(&place).map(str::to_owned).unwrap_or(field));
    }
    fault
}

fn shown(day: Option<NaiveDate>) -> String {
    day.map_or_else(|| "without a day".to_owned(), |day| format!("from {day}"))
}

/// Removes a profile. Where it is assigned, `replacement` takes its place: another one, or what is built in.
///
/// # Errors
/// NOT_FOUND; CONFLICT: it is built in, or assigned and nothing takes its place; INVALID_VALUE: that is of another kind.
pub fn delete(draft: &mut Draft, id: &str, replacement: Option<&str>) -> Outcome<()> {
    let kind = stored(draft, id, "id").map_err(|fault| vec![fault])?.kind;
    let (trees, teams) = places(draft.records(), id);
    let replacement = match replacement {
        None if trees.is_empty() && teams.is_empty() => None,
        None => {
            let message = format!(
                "it is assigned to {} org trees and {} teams; name in `replacement` what takes its place, such as {} for what is built in",
                trees.len(),
                teams.len(),
                kind.name()
            );
            return Err(vec![Fault::new(Code::Conflict, message).at("replacement")]);
        }
        Some(text) => match of_kind(draft.records(), text, kind, "replacement") {
            Ok(found) if found == id => {
                let message = "it cannot take its own place";
                return Err(vec![Fault::new(Code::InvalidValue, message).at("replacement")]);
            }
            Ok(found) => Some(found),
            Err(fault) => return Err(vec![fault]),
        },
    };
    if let Some(replacement) = &replacement {
        for tree in trees {
            assign(draft, &Target::Tree(tree), kind, Some(replacement))?;
        }
        for team in teams {
            assign(draft, &Target::Team(team), kind, Some(replacement))?;
        }
    }
    draft.remove::<Profile>(id);
    Ok(())
}

/// Says which profile of a kind an org tree or a team has; `None`: the one that it inherits.
///
/// # Errors
/// NOT_FOUND: there is no such tree, team or profile; INVALID_VALUE: the profile is of another kind.
pub fn assign(draft: &mut Draft, target: &Target, kind: Kind, profile: Option<&str>) -> Outcome<()> {
    let found = profile.map(|text| of_kind(draft.records(), text, kind, "profile")).transpose();
    let profile = found.map_err(|fault| vec![fault])?;
    let missing =
        |what: &str, id: &str| vec![Fault::new(Code::NotFound, format!("there is no {what} {id:?}")).at(field(target))];
    match target {
        Target::Tree(id) => {
            let mut tree = draft.get::<OrgTree>(id).cloned().ok_or_else(|| missing("org tree", id))?;
            // A tree inherits what is built in.
            match profile.filter(|profile| built_in(profile).is_none()) {
                Some(profile) => drop(tree.profiles.insert(kind, profile)),
                None => drop(tree.profiles.remove(&kind)),
            }
            draft.put(id, tree);
        }
        Target::Team(id) => {
            if !draft.records().teams.contains_key(id) {
                return Err(missing("team", id));
            }
            let mut settings = draft.get::<Settings>(id).cloned().unwrap_or_default();
            match profile {
                Some(profile) => drop(settings.profiles.insert(kind, profile)),
                None => drop(settings.profiles.remove(&kind)),
            }
            match settings == Settings::default() {
                true => draft.remove::<Settings>(id),
                false => draft.put(id, settings),
            }
        }
    }
    Ok(())
}

fn field(target: &Target) -> &'static str {
    match target {
        Target::Tree(_) => "tree",
        Target::Team(_) => "team",
    }
}

/// The id of the profile that a text means, if it is of a kind.
fn of_kind(records: &Records, text: &str, kind: Kind, field: &str) -> Result<String, Fault> {
    match find(records, text) {
        Some((id, of)) if of == kind => Ok(id),
        Some((_, of)) => {
            let message = format!("{text:?} is a profile of kind {}; one of kind {} is needed", of.name(), kind.name());
            Err(Fault::new(Code::InvalidValue, message).at(field))
        }
        None => Err(Fault::new(Code::NotFound, unknown(records, text)).at(field)),
    }
}

fn stored<'d>(draft: &'d Draft, id: &str, field: &str) -> Result<&'d Profile, Fault> {
    draft.get::<Profile>(id).ok_or_else(|| match built_in(id) {
        Some(_) => {
            let message = "this profile is built in; it stays as it is. Make one of your own with `createProfile`";
            Fault::new(Code::Conflict, message).at(field)
        }
        None => Fault::new(Code::NotFound, unknown(draft.records(), id)).at(field),
    })
}
