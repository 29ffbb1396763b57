//! Members by hand. What is said here holds against builds of the tree: a build places nobody who has a home by hand at
//! the time.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use super::{Outcome, team};
use crate::people::directory::Directory;
use crate::people::document::{Membership, Memberships};
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};
use crate::people::operations::{self, Target};
use crate::people::org::days::Days;

/// A member to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Contributor id.
    pub person: String,
    /// First day; `None`: always.
    pub from: Option<NaiveDate>,
    /// The day after the last one; `None`: for good.
    pub to: Option<NaiveDate>,
    /// The member's home is elsewhere.
    pub shared: bool,
}

/// Adds members to a team. On days on which somebody was in it already, the new entry counts. With `leaving`, their
/// homes elsewhere in the tree end for that time; shared memberships do not, and a squad takes nobody from home.
pub fn add(draft: &mut Draft, directory: &Directory, id: &str, entries: &[Entry], leaving: bool) -> Outcome<()> {
    let team = team(draft, id, "team")?;
    let (tree, leaving) = (team.tree.clone(), leaving && !team.squad);
    let entries = registered(draft, directory, entries)?;
    let merged = operations::merged(draft.records());
    for (person, entry) in entries {
        let days = Days::new(entry.from, entry.to);
        for key in keys(&merged, &person) {
            let is_home = |span: &Membership| {
                let elsewhere = draft.records().teams.get(&span.team).filter(|_| !span.shared);
                elsewhere.is_some_and(|team| team.tree == tree && !team.squad)
            };
            let ends = |span: &Membership| span.team == id || (leaving && !entry.shared && is_home(span));
            let left = without(of(draft, key), days, ends);
            put(draft, key, left);
        }
        let mut memberships = of(draft, &person);
        memberships.spans.push(entered(id, &entry));
        put(draft, &person, memberships);
    }
    Ok(())
}

/// Ends memberships in a team as of a day; `None`: as if they had never been. A build of the tree may bring them back.
pub fn remove(
    draft: &mut Draft,
    directory: &Directory,
    id: &str,
    people: &[String],
    day: Option<NaiveDate>,
) -> Outcome<()> {
    team(draft, id, "team")?;
    let mut faults = Vec::new();
    let merged = operations::merged(draft.records());
    for (number, text) in people.iter().enumerate() {
        match operations::target(draft, directory, text) {
            // Whom nobody registered is in no team.
            Some(Target::Detected(_)) => {}
            Some(Target::Registered(person)) => leave(draft, &merged, id, &person, Days::new(day, None)),
            None => {
                let message = format!("there is no contributor {text:?}");
                faults.push(Fault::new(Code::NotFound, message).at(format!("people[{number}]")));
            }
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// From a day on the members are these and nobody else. Who is in the team already stays so where the entry says nothing
/// else; who is new comes on the entry's day, or on this one.
pub fn replace(draft: &mut Draft, directory: &Directory, id: &str, entries: &[Entry], day: NaiveDate) -> Outcome<()> {
    team(draft, id, "team")?;
    let entries = registered(draft, directory, entries)?;
    let merged = operations::merged(draft.records());
    let named = entries.iter().flat_map(|(person, _)| keys(&merged, person));
    let named: BTreeSet<String> = named.map(str::to_owned).collect();
    let rest = Days::ALWAYS.since(day);
    let is_here = |span: &Membership| span.team == id && !Days::new(span.from, span.to).meet(rest).is_empty();
    let documents = draft.records().memberships.iter();
    let left = documents.filter(|(key, m)| !named.contains(key.as_str()) && m.spans.iter().any(is_here));
    for key in left.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
        let memberships = without(of(draft, &key), rest, |span| span.team == id);
        put(draft, &key, memberships);
    }
    for (person, entry) in entries {
        let spans = keys(&merged, &person).flat_map(|key| of(draft, key).spans).filter(is_here).collect::<Vec<_>>();
        let here = spans.iter().find(|span| Days::new(span.from, span.to).contains(day));
        let same = |span: &&Membership| {
            span.to == entry.to && span.shared == entry.shared && entry.from.is_none_or(|from| span.from == Some(from))
        };
        if spans.len() == 1 && here.filter(same).is_some() {
            continue;
        }
        let from = entry.from.or(here.map_or(Some(day), |span| span.from));
        let new = Membership { from, ..entered(id, &entry) };
        for days in [rest, Days::new(new.from, new.to)] {
            leave(draft, &merged, id, &person, days);
        }
        let mut memberships = of(draft, &person);
        memberships.spans.push(new);
        put(draft, &person, memberships);
    }
    Ok(())
}

/// Takes some days of a person's memberships in a team away.
fn leave(draft: &mut Draft, merged: &Merged, id: &str, person: &str, days: Days) {
    for key in keys(merged, person) {
        let left = without(of(draft, key), days, |span| span.team == id);
        put(draft, key, left);
    }
}

/// Keys of the documents that hold a person's memberships: its own, and those of contributors that were merged into it.
fn keys<'m>(merged: &'m Merged, person: &'m str) -> impl Iterator<Item = &'m str> {
    std::iter::once(person).chain(merged.get(person).into_iter().flatten().map(String::as_str))
}

/// Contributor id -> ids merged into it.
type Merged = HashMap<String, Vec<String>>;

/// The document of a contributor's memberships.
pub(crate) fn of(draft: &Draft, contributor: &str) -> Memberships {
    draft.get::<Memberships>(contributor).cloned().unwrap_or_default()
}

/// Puts a contributor's memberships in order, and away where there is none. Neighbouring spans that say the same are one.
pub(crate) fn put(draft: &mut Draft, contributor: &str, memberships: Memberships) {
    let mut spans = memberships.spans;
    let key = |span: &Membership| (span.team.clone(), Days::new(span.from, span.to));
    spans.retain(|span| !key(span).1.is_empty());
    spans.sort_by_cached_key(key);
    let mut found: Vec<Membership> = Vec::with_capacity(spans.len());
    for span in spans {
        match found.last_mut() {
            Some(last)
                if (&last.team, last.shared, last.manual) == (&span.team, span.shared, span.manual)
                    && key(last).1.reaches(key(&span).1) =>
            {
                let days = key(last).1.hull(key(&span).1);
                (last.from, last.to) = (days.from(), days.to());
            }
            _ => found.push(span),
        }
    }
    match found.is_empty() {
        true => draft.remove::<Memberships>(contributor),
        false if draft.get::<Memberships>(contributor).is_some_and(|before| before.spans == found) => {}
        false => draft.put(contributor, Memberships { spans: found }),
    }
}

/// Memberships without some days of those spans that are meant.
pub(crate) fn without(memberships: Memberships, days: Days, meant: impl Fn(&Membership) -> bool) -> Memberships {
    let cut = |span: Membership| {
        if !meant(&span) {
            return vec![span];
        }
        let left = Days::new(span.from, span.to).without(&[days]);
        left.into_iter().map(|days| Membership { from: days.from(), to: days.to(), ..span.clone() }).collect()
    };
    Memberships { spans: memberships.spans.into_iter().flat_map(cut).collect() }
}

fn entered(team: &str, entry: &Entry) -> Membership {
    Membership { team: team.to_owned(), from: entry.from, to: entry.to, shared: entry.shared, manual: true }
}

/// The entries with the contributor ids that documents are kept under. Who was only detected is registered.
fn registered(draft: &mut Draft, directory: &Directory, entries: &[Entry]) -> Outcome<Vec<(String, Entry)>> {
    let mut faults = Vec::new();
    let mut found = Vec::with_capacity(entries.len());
    for (number, entry) in entries.iter().enumerate() {
        if Days::new(entry.from, entry.to).is_empty() {
            let message = "the membership would end before it begins; `to` is the day after the last";
            faults.push(Fault::new(Code::InvalidValue, message).at(format!("members[{number}].to")));
        }
        match operations::registered(draft, directory, &entry.person, &format!("members[{number}].person")) {
            Ok(person) => found.push((person, entry.clone())),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}
