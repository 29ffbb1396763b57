//! Members of a document. They are those by hand: whom a build of the tree placed need not be named, and stays.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::refer::People;
use super::shape::DatedMember;
use super::team::Slot;
use crate::people::directory::Directory;
use crate::people::document::{Membership, Memberships};
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};
use crate::people::operations::{self, Outcome};
use crate::people::org::days::Days;
use crate::people::org::edit::member::{of, put, without};

/// Spans by hand of a team that are not over: the key of the document, and the span.
type Here = Vec<(String, Membership)>;

/// Puts the members of all teams that name theirs into the draft.
pub fn apply(
    draft: &mut Draft,
    directory: &Directory,
    people: &People<'_>,
    slots: &[Slot<'_>],
    is_young: &dyn Fn(&str) -> bool,
    day: NaiveDate,
) -> Outcome<()> {
    let mut faults = Vec::new();
    let rest = Days::ALWAYS.since(day);
    // Team -> contributor id -> spans that are not over.
    let mut all: HashMap<String, BTreeMap<String, Here>> = HashMap::new();
    for (key, memberships) in &draft.records().memberships {
        let Some(person) = directory.person(key) else { continue };
        for span in memberships.spans.iter().filter(|s| !Days::new(s.from, s.to).meet(rest).is_empty()) {
            let team = all.entry(span.team.clone()).or_default();
            team.entry(person.id.clone()).or_default().push((key.clone(), span.clone()));
        }
    }
    for slot in slots {
        let Some(members) = &slot.entry.members else { continue };
        let mut wanted: BTreeMap<String, Vec<DatedMember>> = BTreeMap::new();
        for (number, member) in members.iter().enumerate() {
            let place = format!("{}.members[{number}]", slot.place);
            match named(people, member.clone().dated(), wanted.values().flatten(), &place) {
                Ok((person, member)) => wanted.entry(person).or_default().push(member),
                Err(fault) => faults.push(fault),
            }
        }
        let mut here = all.remove(&slot.id).unwrap_or_default();
        for (person, members) in wanted {
            let before = here.remove(&person).unwrap_or_default();
            let since = (!is_young(&slot.tree)).then_some(day);
            let Some(spans) = changed(&slot.id, &before, &members, since, day) else { continue };
            match operations::registered(draft, directory, &person, &format!("{}.members", slot.place)) {
                Ok(person) => enter(draft, &person, &before, spans),
                Err(fault) => faults.push(fault),
            }
        }
        for (key, _) in here.into_values().flatten().filter(|(_, span)| span.manual) {
            let left = without(of(draft, &key), rest, |span| span.team == slot.id && span.manual);
            put(draft, &key, left);
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn named<'m>(
    people: &People<'_>,
    member: DatedMember,
    mut others: impl Iterator<Item = &'m DatedMember>,
    place: &str,
) -> Result<(String, DatedMember), Fault> {
    let person = people.id(&member.person, place)?;
    let days = Days::new(member.from, member.to);
    if days.is_empty() {
        let message = "the membership would end before it begins; to is the day after the last";
        return Err(Fault::new(Code::InvalidValue, message).at(place));
    }
    let same = |other: &DatedMember| people.find(&other.person).is_some_and(|other| other.id == person);
    match others.find(|other| same(other) && !Days::new(other.from, other.to).meet(days).is_empty()) {
        Some(_) => {
            Err(Fault::new(Code::DuplicateKey, "the team has this member already on some of the days").at(place))
        }
        None => Ok((person, member)),
    }
}

/// The spans of a person in a team as the document wants them; `None`: it is so already.
fn changed(
    team: &str,
    before: &Here,
    members: &[DatedMember],
    since: Option<NaiveDate>,
    day: NaiveDate,
) -> Option<Vec<Membership>> {
    let now = before.iter().map(|(_, span)| span).find(|span| Days::new(span.from, span.to).contains(day));
    let span = |member: &DatedMember| {
        // An entry that does not say since when means the span that there is.
        let from = match (member.from, members.len()) {
            (None, 1) => now.map_or(since, |now| now.from),
            (from, _) => from,
        };
        Membership { team: team.to_owned(), from, to: member.to, shared: member.shared, manual: true }
    };
    let mut wanted: Vec<Membership> = members.iter().map(span).collect();
    wanted.sort();
    let mut there: Vec<Membership> =
        before.iter().map(|(_, span)| Membership { manual: true, ..span.clone() }).collect();
    there.sort();
    (wanted != there).then_some(wanted)
}

fn enter(draft: &mut Draft, person: &str, before: &Here, spans: Vec<Membership>) {
    for (key, span) in before {
        let mut memberships = of(draft, key);
        memberships.spans.retain(|other| other != span);
        put(draft, key, memberships);
    }
    let mut memberships = of(draft, person);
    for span in &spans {
        memberships = without(memberships, Days::new(span.from, span.to), |other| other.team == span.team);
    }
    memberships.spans.extend(spans);
    put(draft, person, Memberships { spans: memberships.spans });
}
