//! Records to test with, and what a plain reading of the documents says about them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;

use crate::model::Attribution;
use crate::people::directory::{Directory, MemberSpan, Org, Person, Resolved, TeamNode};
use crate::people::document::{Attribute, Contributor, Memberships, Team};
use crate::people::draft::Draft;
use crate::people::org::build::{Plan, build};
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

pub fn covers(from: Option<NaiveDate>, to: Option<NaiveDate>, day: NaiveDate) -> bool {
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

/// The directory of records, without accounts.
pub fn directory(records: &Records, today: NaiveDate) -> Directory {
    let (resolved, org, attribution) = made(records, today);
    Directory {
        id: "1".into(),
        records: Arc::new(records.clone()),
        seen_key: String::new(),
        zone: ZONE,
        today,
        resolved,
        org,
        attribution: Arc::new(attribution),
    }
}

/// Puts a contributor with texts as attributes.
pub fn put_person(records: &mut Records, id: &str, manager: Option<&str>, attributes: &[(&str, &str)]) {
    let attributes = attributes.iter().map(|(k, v)| ((*k).to_owned(), Attribute::Text((*v).to_owned())));
    let contributor = Contributor {
        name: id.to_owned(),
        emails: vec![format!("{id}@example.com")],
        manager: manager.map(str::to_owned),
        attributes: attributes.collect(),
        ..Contributor::default()
    };
    records.contributors.insert(id.to_owned(), Arc::new(contributor));
}

/// Builds the tree `o`, and gives what becomes of the records.
pub fn built(records: &Records, at: i64) -> (Records, Plan) {
    let mut draft = Draft::new(Arc::new(records.clone()));
    let plan = build(&mut draft, &resolved(records), "o", day(at)).expect("a build");
    (draft.records().clone(), plan)
}

/// Paths of the teams that exist on a day, with the ids of the people directly in them.
pub fn picture(records: &Records, at: i64) -> BTreeMap<String, BTreeSet<String>> {
    let (resolved, org, _) = made(records, day(at));
    let here = |span: &&MemberSpan| covers(span.from, span.to, day(at));
    let people =
        |team: &TeamNode| team.spans.iter().filter(here).map(|s| resolved.people[s.person].id.clone()).collect();
    org.teams.iter().filter(|team| !team.closed).map(|team| (team.path.clone(), people(team))).collect()
}
