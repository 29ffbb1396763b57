//! Records to test with, and what a plain reading of the documents says about them.

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;

use crate::model::Attribution;
use crate::people::directory::{Org, Person, Resolved};
use crate::people::document::{Contributor, Memberships, Team};
use crate::people::org::{attribution, org};
use crate::people::records::Records;

/// Days of all tests are counted from here. Both changes of daylight saving are near.
pub fn day(number: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 1).expect("a date") + TimeDelta::days(number)
}

pub const ZONE: Tz = Tz::Europe__Berlin;

/// Registered contributors as people, without accounts, bots or merging.
pub fn resolved(records: &Records) -> Resolved {
    let mut resolved = Resolved::default();
    for (id, contributor) in &records.contributors {
        resolved.by_id.insert(id.clone(), resolved.people.len());
        for email in &contributor.emails {
            resolved.by_email.insert(email.clone(), resolved.people.len());
        }
        resolved.people.push(person(id, contributor));
    }
    for (number, contributor) in records.contributors.values().enumerate() {
        let manager = contributor.manager.as_ref().and_then(|id| resolved.by_id.get(id)).copied();
        resolved.people[number].manager = manager;
    }
    resolved
}

fn person(id: &str, contributor: &Contributor) -> Person {
    Person {
        id: id.to_owned(),
        name: contributor.name.clone(),
        emails: contributor.emails.clone(),
        registered: true,
        external_id: contributor.external_id.clone(),
        is_bot: contributor.is_bot == Some(true),
        attributes: contributor.attributes.clone(),
        starts: contributor.starts,
        ends: contributor.ends,
        ..Person::default()
    }
}

pub fn made(records: &Records, today: NaiveDate) -> (Resolved, Org, Attribution) {
    let resolved = resolved(records);
    let org = org(records, &resolved, today).expect("records that fit together");
    let attribution = attribution("1".into(), &resolved, &org, ZONE).expect("sources that compile");
    (resolved, org, attribution)
}

fn covers(from: Option<NaiveDate>, to: Option<NaiveDate>, day: NaiveDate) -> bool {
    from.is_none_or(|from| from <= day) && to.is_none_or(|to| day < to)
}

/// Teams that a contributor was in on a day, with all above, read off the documents.
pub fn naive(records: &Records, contributor: &str, day: NaiveDate) -> BTreeSet<String> {
    let person = &records.contributors[contributor];
    if !covers(person.starts, person.ends, day) {
        return BTreeSet::new();
    }
    let exists = |team: &Team| covers(team.from, team.to, day);
    let nothing = Memberships::default();
    let listed = records.memberships.get(contributor).map_or(&nothing, |memberships| memberships);
    let mut found = BTreeSet::new();
    for (id, team) in &records.teams {
        let is_listed = listed.spans.iter().any(|span| span.team == *id && covers(span.from, span.to, day));
        if !is_listed || !exists(team) {
            continue;
        }
        let mut at = Some(id.clone());
        while let Some(id) = at.take() {
            let up = records.teams[&id].parents.iter().find(|p| covers(p.from, p.to, day)).map(|p| p.parent.clone());
            at = up.filter(|parent| exists(&records.teams[parent]));
            found.insert(id);
        }
    }
    found
}

/// The same by the attribution, at an instant.
pub fn attributed(attribution: &Attribution, contributor: &str, at: i64) -> BTreeSet<String> {
    let person = attribution.person(contributor).expect("a person");
    let mut found = Vec::new();
    for node in attribution.direct_at(person, at) {
        attribution.add_above(node, at, &mut found);
    }
    found.into_iter().map(|node| attribution.nodes[node as usize].key.clone()).collect()
}
