//! Documents by hand, there and back.

use std::sync::Arc;

use proptest::prelude::*;

use super::{Difference, Format, export, import};
use crate::people::document::{Kind, OrgTree};
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};
use crate::people::org::tests::edits::{after, step};
use crate::people::org::tests::world::{built, day, directory, naive, picture, put_person};
use crate::people::records::Records;

const BY_HAND: &str = r#"
[identity]
same_logins = [["github", "gitlab"]]

[[trees]]
name = "Organisation"
complete = true

[[teams]]
path = "engineering/payments"
members = ["ann@example.com", { person = "bob@example.com", from = 2026-03-05, shared = true }]
settings = { sources = { all = [{ field = "repository", operator = "STARTS_WITH", values = ["pay-"] }] } }

[[teams]]
path = "engineering"
name = "Engineering"
manager = "cat@example.com"

[[teams]]
path = "guild"
squad = true
rule = { field = "name", operator = "EQUALS", values = ["cat"] }
"#;

fn people() -> Records {
    let mut records = Records::default();
    for person in ["ann", "bob", "cat"] {
        put_person(&mut records, person, None, &[]);
    }
    records
}

fn imported(records: &Records, text: &str, at: i64) -> Result<(Records, Vec<Difference>), Vec<Fault>> {
    let mut draft = Draft::new(Arc::new(records.clone()));
    let format = if text.trim_start().starts_with('{') { Format::Json } else { Format::Toml };
    let differences = import(&mut draft, &directory(records, day(at)), text, format, day(at))?;
    Ok((draft.records().clone(), differences))
}

fn pictured(records: &Records, at: i64) -> Vec<String> {
    let line = |(path, people): (String, std::collections::BTreeSet<String>)| {
        format!("{path}: {}", people.into_iter().collect::<Vec<_>>().join(" "))
    };
    picture(records, at).into_iter().map(line).collect()
}

fn assert_same(records: &Records, at: i64) {
    for format in [Format::Toml, Format::Json] {
        let text = export(&directory(records, day(at)), format).expect("a document");
        let (again, differences) = imported(records, &text, at).unwrap_or_else(|faults| panic!("{faults:?}\n{text}"));
        assert_eq!(differences, [], "{text}");
        assert_eq!(again.memberships, records.memberships);
        assert_eq!(again.teams, records.teams);
    }
}

#[test]
fn a_document_by_hand_makes_an_organisation() {
    let (records, differences) = imported(&people(), BY_HAND, 0).expect("a document");
    assert_eq!(pictured(&records, 0), ["engineering: ", "engineering/payments: ann", "guild: cat"]);
    assert_eq!(pictured(&records, 4), ["engineering: ", "engineering/payments: ann bob", "guild: cat"]);
    // A tree without teams is made as if it had always been.
    assert_eq!(pictured(&records, -300), pictured(&records, 0));
    let found: Vec<(Kind, &str)> = differences.iter().map(|d| (d.kind, d.path.as_str())).collect();
    let expected = [
        (Kind::Membership, "ann@example.com"),
        (Kind::Membership, "bob@example.com"),
        (Kind::OrgTree, "Organisation"),
        (Kind::Team, "Organisation: engineering"),
        (Kind::Team, "Organisation: engineering/payments"),
        (Kind::Team, "Organisation: guild"),
        (Kind::Settings, "Organisation: engineering/payments"),
        (Kind::Rules, "identity"),
    ];
    assert_eq!(found, expected);
    let membership = differences[1].after.as_deref().expect("a membership");
    let expected =
        r#"{"spans":[{"team":"Organisation: engineering/payments","from":"2026-03-05","shared":true,"manual":true}]}"#;
    assert_eq!(membership, expected);
    assert_same(&records, 0);
    assert_same(&records, 10);
    let (again, differences) = imported(&records, BY_HAND, 5).expect("the same document");
    assert_eq!((differences, again.teams), (vec![], records.teams.clone()));
}

#[test]
fn what_an_export_says_of_teams_can_be_changed_by_hand() {
    let (records, _) = imported(&people(), BY_HAND, 0).expect("a document");
    let text = export(&directory(&records, day(10)), Format::Json).expect("a document");
    let mut file: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    // The guild is gone; Payments is called Money and stands at the top; Bob is no member any more.
    let teams = file["teams"].as_array_mut().expect("teams");
    teams.retain(|team| team["path"] != "guild");
    let payments = teams.iter_mut().find(|team| team["path"] == "engineering/payments").expect("a team");
    payments["path"] = "money".into();
    payments["name"] = "Money".into();
    payments["members"] = vec!["ann@example.com"].into();
    let (after, differences) = imported(&records, &file.to_string(), 10).expect("a document");
    assert_eq!(pictured(&after, 10), ["engineering: ", "money: ann"]);
    let found: Vec<(Kind, &str)> = differences.iter().map(|d| (d.kind, d.path.as_str())).collect();
    let expected = [
        (Kind::Membership, "bob@example.com"),
        (Kind::Team, "Organisation: guild"),
        (Kind::Team, "Organisation: money"),
    ];
    assert_eq!(found, expected);
    // The settings went along, and the days before are as they were.
    assert_eq!(after.settings, records.settings);
    for person in ["ann", "bob", "cat"] {
        assert_eq!(naive(&after, person, day(9)), naive(&records, person, day(9)), "{person}");
    }
}

#[test]
fn members_that_a_build_placed_need_not_be_named() {
    let mut records = people();
    let tree = OrgTree { name: "Org".into(), levels: vec!["team".into()], ..OrgTree::default() };
    records.trees.insert("o".into(), Arc::new(tree));
    for person in ["ann", "bob"] {
        put_person(&mut records, person, None, &[("team", "Web")]);
    }
    let (records, _) = built(&records, 0);
    assert_same(&records, 3);
    let text = "[[teams]]\npath = 'web'\nmembers = ['ann@example.com', 'cat@example.com']";
    let (after, differences) = imported(&records, text, 5).expect("a document");
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert_eq!(pictured(&after, 4), ["web: ann bob"]);
    assert_eq!(pictured(&after, 5), ["web: ann bob cat"]);
    assert_same(&after, 6);
    let (again, _) = imported(&after, "[[teams]]\npath = 'web'\nmembers = []", 8).expect("a document");
    assert_eq!(pictured(&again, 7), ["web: ann bob cat"]);
    assert_eq!(pictured(&again, 8), ["web: ann bob"]);
}

#[test]
fn faults_name_the_place() {
    let (records, _) = imported(&people(), BY_HAND, 0).expect("a document");
    let check = |text: &str, code: Code, place: &str| {
        let faults = imported(&records, text, 0).expect_err(text);
        assert_eq!((faults[0].code, faults[0].field.as_deref()), (code, Some(place)), "{text}: {faults:?}");
    };
    check("[[team]]\npath = 'x'", Code::InvalidValue, "team");
    check("[[teams]]\npath = 'x'\ncolour = 'red'", Code::InvalidValue, "teams[0]");
    check("[[teams]]\npath = 'guild'\n[[teams]]\npath = ''", Code::RequiredValueMissing, "teams[1].path");
    check("[[teams]]\npath = 'no/such'", Code::NotFound, "teams[0].path");
    check("[[teams]]\npath = 'x'\ntree = 'Other'", Code::NotFound, "teams[0].tree");
    check("[[teams]]\npath = 'x'\n[[teams]]\npath = 'X'", Code::DuplicateKey, "teams[1].path");
    check("[[teams]]\npath = 'x'\nname = 'Y'", Code::Conflict, "teams[0].name");
    check("[[teams]]\npath = 'guild'\nmanager = 'zoe'", Code::NotFound, "teams[0].manager");
    check("[[teams]]\npath = 'guild'\nmembers = ['ann@example.com', 'zoe']", Code::NotFound, "teams[0].members[1]");
    check(
        "[[teams]]\npath = 'guild'\nmembers = [{ person = 'ann@example.com', since = 1 }]",
        Code::InvalidValue,
        "teams[0].members[0]",
    );
    check(
        "[[teams]]\npath = 'guild'\nmembers = ['ann@example.com', 'ann@example.com']",
        Code::DuplicateKey,
        "teams[0].members[1]",
    );
    check(
        "[[teams]]\npath = 'guild'\nmembers = [{ person = 'ann@example.com', from = 2026-03-05, to = 2026-03-05 }]",
        Code::InvalidValue,
        "teams[0].members[0]",
    );
    check(
        "[[teams]]\npath = 'guild'\nsettings = { sources = { field = 'x' } }",
        Code::InvalidValue,
        "teams[0].settings",
    );
    check(
        "[[teams]]\npath = 'guild'\nsettings = { people_filter = { NOTHING = true } }",
        Code::InvalidValue,
        "teams[0].settings.people_filter.NOTHING",
    );
    check("[[trees]]\nname = 'Organisation'\nlevels = ['colour']", Code::InvalidValue, "trees[0].levels[0]");
    check("[[trees]]\nname = 'New'\n[[trees]]\nname = 'new'", Code::DuplicateKey, "trees[1]");
    check("[identity]\nbots = ['(']", Code::InvalidValue, "identity.bots[0]");
    check("{\"teams\": {}}", Code::InvalidValue, "teams");
    let unreadable = imported(&records, "[[teams", 0).expect_err("no TOML");
    assert!(unreadable[0].message.starts_with("not TOML:"), "{unreadable:?}");
    let id = records.teams.iter().find(|(_, team)| team.name == "Engineering").expect("a team").0;
    let text = format!("[[teams]]\nid = {id:?}\npath = 'engineering/payments/engineering'");
    check(&text, Code::CircularReference, "teams");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn there_and_back_changes_nothing(steps in prop::collection::vec((step(), 0..40_i64), 1..30), at in 0..40_i64) {
        assert_same(&after(&steps), at);
    }
}
