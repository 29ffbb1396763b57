//! Persons as accounts and merging make them: whole directories, with whatever matches accounts.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::world::{ZONE, day, put_person};
use crate::clock::midnight;
use crate::people::directory::Directory;
use crate::people::document::{AccountDecision, Membership, Memberships, OrgTree, Team, account_key};
use crate::people::draft::Draft;
use crate::people::org::build::build;
use crate::people::org::edit::member::{self, Entry};
use crate::people::records::Records;
use crate::people::seen::{Seen, SeenAccount};

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn whole(records: &Records, seen: Vec<SeenAccount>) -> Directory {
    let seen = Seen { key: "s".into(), accounts: seen };
    Directory::new(Arc::new(records.clone()), &seen, ZONE, midnight(day(20), ZONE)).expect("a directory")
}

fn account(login: &str, first: Option<&str>, last: Option<&str>) -> SeenAccount {
    let micros = |text: Option<&str>| text.map(|text| instant(text).timestamp_micros());
    let (first, last) = (micros(first), micros(last));
    SeenAccount { source: "forge".into(), login: login.into(), first, last, ..SeenAccount::default() }
}

fn organisation() -> Records {
    let mut records = Records::default();
    let tree = OrgTree { name: "Org".into(), levels: vec!["team".into()], ..OrgTree::default() };
    records.trees.insert("o".into(), Arc::new(tree));
    for (id, name) in [("web", "Web"), ("ops", "Ops")] {
        records.teams.insert(id.into(), Arc::new(Team { tree: "o".into(), name: name.into(), ..Team::default() }));
    }
    records
}

fn span(team: &str, from: Option<i64>, to: Option<i64>) -> Membership {
    Membership { team: team.into(), from: from.map(day), to: to.map(day), shared: false, manual: false }
}

fn put_spans(records: &mut Records, contributor: &str, spans: Vec<Membership>) {
    records.memberships.insert(contributor.into(), Arc::new(Memberships { spans }));
}

#[test]
fn the_detected_are_present_while_they_are_seen() {
    let mut records = organisation();
    put_person(&mut records, "ann", None, &[]);
    let ann = records.contributors.get_mut("ann").map(Arc::make_mut).expect("ann");
    (ann.starts, ann.ends) = (Some(day(3)), Some(day(9)));
    // 23:30 in UTC is the next day in Berlin.
    let seen = vec![
        account("dora", Some("2026-03-01T23:30:00Z"), Some("2026-03-05T10:00:00Z")),
        account("ghost", None, None),
        account("ann-forge", Some("2025-01-01T00:00:00Z"), None),
    ];
    let decision = AccountDecision { contributor: Some("ann".into()), ..AccountDecision::default() };
    records.accounts.insert(account_key("forge", "ann-forge"), Arc::new(decision));
    let directory = whole(&records, seen);
    let present = |id: &str| {
        let person = directory.attribution.person(id).expect("a person");
        directory.attribution.people[person as usize].present
    };
    let days =
        |from: i64, to: i64| (midnight(day(from), ZONE).timestamp_micros(), midnight(day(to), ZONE).timestamp_micros());
    assert_eq!(present("account:forge/dora"), days(1, 5));
    assert_eq!(present("account:forge/ghost"), (0, 0));
    assert_eq!(present("ann"), days(3, 9));
    assert_eq!(directory.attribution.person_of("forge", "ann-forge"), directory.attribution.person("ann"));
}

#[test]
fn the_merged_bring_their_memberships_along() {
    let mut records = organisation();
    put_person(&mut records, "ann", None, &[("team", "Ops")]);
    put_person(&mut records, "bea", None, &[("team", "Ops")]);
    records.contributors.get_mut("bea").map(Arc::make_mut).expect("bea").merged_into = Some("ann".into());
    put_spans(&mut records, "ann", vec![span("ops", None, Some(4)), span("web", Some(2), Some(10))]);
    put_spans(&mut records, "bea", vec![span("web", Some(8), None)]);
    let before = whole(&records, Vec::new());
    let spans = |directory: &Directory, team: &str| {
        let spans = &directory.team(team).expect("a team").spans;
        spans.iter().map(|s| (s.from, s.to)).collect::<Vec<_>>()
    };
    // One person, whose spans are joined.
    assert_eq!(spans(&before, "web"), [(Some(day(2)), None)]);

    let mut draft = Draft::new(Arc::clone(&before.records));
    member::remove(&mut draft, &before, "web", &["ann".into()], Some(day(6))).expect("removed");
    let after = whole(draft.records(), Vec::new());
    assert_eq!(spans(&after, "web"), [(Some(day(2)), Some(day(6)))]);

    let mut draft = Draft::new(Arc::clone(&before.records));
    let plan = build(&mut draft, &before.resolved, "o", day(15)).expect("a build");
    let after = whole(draft.records(), Vec::new());
    assert_eq!(spans(&after, "ops"), [(None, Some(day(4))), (Some(day(15)), None)]);
    assert_eq!(plan.closed.len(), 1, "nobody is in Web any more: {plan:?}");
    assert_eq!(spans(&after, "web"), [(Some(day(2)), Some(day(15)))]);
    assert_eq!(plan.people.len(), 1);
}

#[test]
fn the_detected_are_registered_by_becoming_members() {
    let records = organisation();
    let seen = || vec![account("dora", Some("2026-03-01T12:00:00Z"), Some("2026-03-05T10:00:00Z"))];
    let directory = whole(&records, seen());
    let mut draft = Draft::new(Arc::clone(&directory.records));
    let entry = Entry { person: "account:forge/dora".into(), ..Entry::default() };
    member::add(&mut draft, &directory, "web", &[entry], false).expect("a member");
    let after = whole(draft.records(), seen());
    let person = &after.resolved.people[after.team("web").expect("a team").spans[0].person];
    assert!(person.registered && person.accounts.len() == 1, "{person:?}");
}
