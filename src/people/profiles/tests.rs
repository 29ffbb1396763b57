//! Profiles made, changed, assigned and removed, on records alone.

use std::sync::Arc;

use super::*;
use crate::model::Profile;
use crate::model::profile::{Kind, MetricValues, Value, Values, Version};
use crate::people::document::{OrgTree, Settings, Team};
use crate::people::draft::Draft;
use crate::people::fault::Code;
use crate::people::records::Records;

fn records() -> Records {
    let mut records = Records::default();
    for (id, order) in [("o-late", 1), ("o-first", 0)] {
        let tree = OrgTree { name: id.to_owned(), order, ..OrgTree::default() };
        records.trees.insert(id.to_owned(), Arc::new(tree));
    }
    let team = Team { tree: "o-first".to_owned(), name: "Team".to_owned(), ..Team::default() };
    records.teams.insert("t-1".to_owned(), Arc::new(team));
    records
}

fn draft() -> Draft {
    Draft::new(Arc::new(records()))
}

fn named(name: &str) -> Profile {
    Profile { kind: Kind::Efficiency, name: name.to_owned(), versions: Vec::new() }
}

fn age(seconds: f64) -> Vec<(String, Option<Value>)> {
    vec![("incident_max_age_seconds".to_owned(), Some(Value::Number(seconds)))]
}

fn version(from: Option<&str>, seconds: f64) -> VersionChange {
    let from = from.map(|day| day.parse().expect("a day"));
    VersionChange { from, parameters: age(seconds), ..VersionChange::default() }
}

#[test]
fn a_new_version_has_what_held_before_beside_what_changes() {
    let mut draft = draft();
    let off = MetricValues { enabled: Some(false), ..MetricValues::default() };
    let metrics = [("CHANGE_FAILURE_RATE".to_owned(), off.clone())].into();
    let first = Version { from: None, values: Values { metrics, ..Values::default() } };
    let id = create(&mut draft, Profile { versions: vec![first], ..named("One") }).expect("made");
    let change = Change { version: Some(version(Some("2026-03-01"), 60.0)), ..Change::default() };
    update(&mut draft, &id, change).expect("changed");
    let profile = draft.get::<Profile>(&id).expect("it is there").clone();
    assert_eq!(profile.versions.len(), 2);
    assert!(profile.versions[0].values.parameters.is_empty(), "history stays");
    let values = &profile.versions[1].values;
    assert_eq!((values.metrics.get("CHANGE_FAILURE_RATE"), values.parameters.len()), (Some(&off), 1));
    // The same day again changes that version; nothing said of a metric is as it is built in.
    let nothing = vec![("CHANGE_FAILURE_RATE".to_owned(), MetricValues::default())];
    let again = VersionChange { metrics: nothing, ..version(Some("2026-03-01"), 90.0) };
    update(&mut draft, &id, Change { version: Some(again), ..Change::default() }).expect("changed");
    let profile = draft.get::<Profile>(&id).expect("it is there");
    assert_eq!(profile.versions.len(), 2);
    assert!(profile.versions[1].values.metrics.is_empty());
    assert_eq!(profile.versions[1].values.parameters["incident_max_age_seconds"], Value::Number(90.0));
}

#[test]
fn versions_stand_in_the_order_of_their_days() {
    let mut draft = draft();
    let id = create(&mut draft, named("One")).expect("made");
    for (from, seconds) in [(Some("2026-05-01"), 5.0), (None, 1.0), (Some("2026-03-01"), 3.0)] {
        update(&mut draft, &id, Change { version: Some(version(from, seconds)), ..Change::default() })
            .expect("changed");
    }
    let days = |draft: &Draft| -> Vec<Option<String>> {
        let versions = &draft.get::<Profile>(&id).expect("it is there").versions;
        versions.iter().map(|version| version.from.map(|day| day.to_string())).collect()
    };
    assert_eq!(days(&draft), [None, Some("2026-03-01".to_owned()), Some("2026-05-01".to_owned())]);
    let remove = vec![None, Some("2026-05-01".parse().expect("a day"))];
    update(&mut draft, &id, Change { remove, ..Change::default() }).expect("changed");
    assert_eq!(days(&draft), [Some("2026-03-01".to_owned())]);
}

#[test]
fn the_first_tree_in_order_says_what_holds_for_the_organisation() {
    let mut draft = draft();
    let id = create(&mut draft, named("One")).expect("made");
    let held = |draft: &Draft| of_organization(draft.records())[0].profile.clone();
    assign(&mut draft, &Target::Tree("o-late".to_owned()), Kind::Efficiency, Some("one")).expect("assigned");
    assert_eq!(held(&draft), "EFFICIENCY");
    assign(&mut draft, &Target::Tree("o-first".to_owned()), Kind::Efficiency, Some(&id)).expect("assigned");
    assert_eq!(held(&draft), id);
    assert_eq!(places(draft.records(), &id).0, ["o-first", "o-late"]);
    assign(&mut draft, &Target::Tree("o-first".to_owned()), Kind::Efficiency, Some("EFFICIENCY")).expect("assigned");
    assert_eq!(held(&draft), "EFFICIENCY");
    assert!(draft.get::<OrgTree>("o-first").expect("a tree").profiles.is_empty(), "a tree inherits what is built in");
}

#[test]
fn a_team_that_has_nothing_of_its_own_has_no_settings() {
    let mut draft = draft();
    create(&mut draft, named("One")).expect("made");
    let team = Target::Team("t-1".to_owned());
    assign(&mut draft, &team, Kind::Efficiency, Some("One")).expect("assigned");
    assert!(draft.get::<Settings>("t-1").is_some());
    assign(&mut draft, &team, Kind::Efficiency, None).expect("taken away");
    assert!(draft.get::<Settings>("t-1").is_none());
    let fault = assign(&mut draft, &team, Kind::Productivity, Some("One")).expect_err("another kind");
    assert_eq!((fault[0].code, fault[0].field.as_deref()), (Code::InvalidValue, Some("profile")));
}

#[test]
fn a_profile_keeps_its_kind_while_somebody_has_it() {
    let mut draft = draft();
    let id = create(&mut draft, named("One")).expect("made");
    let other = Profile { kind: Kind::Productivity, ..named("One") };
    put(&mut draft, &id, other.clone()).expect("nobody has it");
    assign(&mut draft, &Target::Team("t-1".to_owned()), Kind::Productivity, Some("One")).expect("assigned");
    let fault = put(&mut draft, &id, named("One")).expect_err("somebody has it");
    assert_eq!((fault[0].code, fault[0].field.as_deref()), (Code::Conflict, Some("kind")));
    put(&mut draft, &id, Profile { name: "Two".to_owned(), ..other }).expect("a name may change");
}
