//! Random edits by hand over random days: what is done leaves documents that fit together, says the same by either
//! computation, and does not touch the days before.

use std::sync::Arc;

use proptest::prelude::*;

use super::world::{ZONE, attributed, built, day, directory, made, naive, put_person};
use crate::clock::midnight;
use crate::model::Condition;
use crate::people::directory::Directory;
use crate::people::document::{OrgTree, Settings};
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};
use crate::people::org::edit::member::{self, Entry};
use crate::people::org::edit::team::{self, NewTeam, TeamChange};
use crate::people::org::edit::{Outcome, settings, tree};
use crate::people::records::Records;

const LAST: i64 = 40;

#[derive(Debug, Clone)]
pub enum Step {
    Create { parent: Option<usize>, from: Option<i64> },
    Move { team: usize, parent: Option<usize> },
    Close { team: usize, with_below: bool },
    Reopen { team: usize },
    Add { team: usize, people: Vec<usize>, shared: bool, to: Option<i64>, leaving: bool },
    Remove { team: usize, person: usize },
    Replace { team: usize, people: Vec<usize> },
}

pub fn step() -> impl Strategy<Value = Step> {
    let people = || prop::collection::vec(0..4_usize, 0..3);
    prop_oneof![
        (prop::option::of(0..9_usize), prop::option::of(0..LAST))
            .prop_map(|(parent, from)| Step::Create { parent, from }),
        (0..9_usize, prop::option::of(0..9_usize)).prop_map(|(team, parent)| Step::Move { team, parent }),
        (0..9_usize, any::<bool>()).prop_map(|(team, with_below)| Step::Close { team, with_below }),
        (0..9_usize).prop_map(|team| Step::Reopen { team }),
        (0..9_usize, people(), any::<bool>(), prop::option::of(0..LAST), any::<bool>())
            .prop_map(|(team, people, shared, to, leaving)| Step::Add { team, people, shared, to, leaving }),
        (0..9_usize, 0..4_usize).prop_map(|(team, person)| Step::Remove { team, person }),
        (0..9_usize, people()).prop_map(|(team, people)| Step::Replace { team, people }),
    ]
}

fn work(draft: &mut Draft, directory: &Directory, teams: &mut Vec<String>, step: &Step, at: i64) -> Outcome<()> {
    let id = |number: usize| teams.get(number).map_or("none", String::as_str);
    let entry = |person: &usize, from: Option<i64>, to: Option<i64>, shared: bool| Entry {
        person: format!("p{person}"),
        from: from.map(day),
        to: to.map(day),
        shared,
    };
    match step {
        Step::Create { parent, from } => {
            let name = format!("Team {}", teams.len());
            let parent = parent.map(|parent| id(parent).to_owned());
            let new = NewTeam { tree: "o".into(), name, parent, from: from.map(day), ..NewTeam::default() };
            teams.push(team::create(draft, directory, new)?);
            Ok(())
        }
        Step::Move { team, parent } => team::move_to(draft, id(*team), parent.map(id), day(at)),
        Step::Close { team, with_below } => team::close(draft, id(*team), day(at), *with_below),
        Step::Reopen { team } => team::reopen(draft, directory, id(*team)),
        Step::Add { team, people, shared, to, leaving } => {
            let entries: Vec<Entry> = people.iter().map(|person| entry(person, Some(at), *to, *shared)).collect();
            member::add(draft, directory, id(*team), &entries, *leaving)
        }
        Step::Remove { team, person } => {
            member::remove(draft, directory, id(*team), &[format!("p{person}")], Some(day(at)))
        }
        Step::Replace { team, people } => {
            let entries: Vec<Entry> = people.iter().map(|person| entry(person, None, None, false)).collect();
            member::replace(draft, directory, id(*team), &entries, day(at))
        }
    }
}

/// An organisation of four people after edits by hand; those that cannot be are left out.
pub fn after(steps: &[(Step, i64)]) -> Records {
    let mut records = start();
    let mut teams: Vec<String> = Vec::new();
    for (step, at) in steps {
        let mut draft = Draft::new(Arc::new(records.clone()));
        let mut known = teams.clone();
        if work(&mut draft, &directory(&records, day(*at)), &mut known, step, *at).is_ok() {
            (records, teams) = (draft.records().clone(), known);
        }
    }
    records
}

fn start() -> Records {
    let mut records = Records::default();
    records.trees.insert("o".into(), Arc::new(OrgTree { name: "Org".into(), ..OrgTree::default() }));
    for person in 0..4 {
        put_person(&mut records, &format!("p{person}"), None, &[]);
    }
    records
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn edits_change_their_days_and_no_earlier_ones(steps in prop::collection::vec((step(), 0..LAST), 1..30)) {
        let mut records = start();
        let mut teams: Vec<String> = Vec::new();
        for (step, at) in steps {
            let mut draft = Draft::new(Arc::new(records.clone()));
            let mut known = teams.clone();
            if work(&mut draft, &directory(&records, day(at)), &mut known, &step, at).is_err() {
                continue;
            }
            let after = draft.records().clone();
            let (_, _, attribution) = made(&after, day(at));
            let free = matches!(step, Step::Reopen { .. } | Step::Create { .. });
            for number in 0..LAST {
                let instant = midnight(day(number), ZONE).timestamp_micros();
                for person in after.contributors.keys() {
                    let now = naive(&after, person, day(number));
                    prop_assert_eq!(&attributed(&attribution, person, instant), &now);
                    if number < at && !free {
                        prop_assert_eq!(&now, &naive(&records, person, day(number)), "{:?} at {}", &step, at);
                    }
                }
            }
            for (person, memberships) in &after.memberships {
                for (i, one) in memberships.spans.iter().enumerate() {
                    for other in &memberships.spans[i + 1..] {
                        let apart = one.team != other.team
                            || one.to.is_some_and(|to| other.from.is_some_and(|from| to <= from));
                        prop_assert!(apart, "{}: {:?} and {:?}", person, one, other);
                    }
                }
            }
            (records, teams) = (after, known);
        }
    }
}

fn small() -> (Records, Directory) {
    let mut records = Records::default();
    let tree: OrgTree = toml::from_str("name = 'Org'\nlevels = ['division', 'team']").expect("a definition");
    records.trees.insert("o".into(), Arc::new(tree));
    for (person, team) in [("ann", "Web"), ("bob", "Ops"), ("cat", "Ops")] {
        put_person(&mut records, person, None, &[("division", "A"), ("team", team)]);
    }
    let (records, _) = built(&records, 0);
    let directory = directory(&records, day(0));
    (records, directory)
}

fn by_path(directory: &Directory, path: &str) -> String {
    directory.org.teams[directory.org.by_path[path][0]].id.clone()
}

fn code<T: std::fmt::Debug>(outcome: Outcome<T>) -> (Code, Option<String>) {
    let Fault { code, field, .. } = outcome.expect_err("a fault").remove(0);
    (code, field)
}

#[test]
fn faults_say_what_and_where() {
    let (records, directory) = small();
    let mut draft = Draft::new(Arc::new(records));
    let (top, web, ops) = (by_path(&directory, "a"), by_path(&directory, "a/web"), by_path(&directory, "a/ops"));
    let field = |field: &str| Some(field.to_owned());
    assert_eq!(code(team::move_to(&mut draft, &top, Some(&web), day(5))), (Code::CircularReference, field("parent")));
    draft = Draft::new(Arc::clone(&directory.records));
    let change = TeamChange { name: Some("OPS".into()), ..TeamChange::default() };
    assert_eq!(code(team::change(&mut draft, &directory, &web, change)), (Code::DuplicateKey, field("name")));
    draft = Draft::new(Arc::clone(&directory.records));
    assert_eq!(code(team::close(&mut draft, &top, day(5), false)), (Code::Conflict, field("id")));
    let entries =
        [Entry { person: "ann".into(), ..Entry::default() }, Entry { person: "zoe".into(), ..Entry::default() }];
    assert_eq!(
        code(member::add(&mut draft, &directory, &ops, &entries, false)),
        (Code::NotFound, field("members[1].person"))
    );
    let change = TeamChange { manager: Some(Some("zoe".into())), ..TeamChange::default() };
    assert_eq!(code(team::change(&mut draft, &directory, &web, change)), (Code::ManagerNotFound, field("manager")));
    let rule: Condition =
        serde_json::from_str(r#"{"field":"team","operator":"EQUALS","values":["Web"]}"#).expect("a rule");
    let change = TeamChange { rule: Some(Some(rule.clone())), ..TeamChange::default() };
    assert_eq!(code(team::change(&mut draft, &directory, &web, change)), (Code::Conflict, field("rule")));
    let wrong: Settings = toml::from_str("people_filter = { NO_SUCH_METRIC = false }").expect("settings");
    let many = vec![(web.clone(), Settings::default()), (ops, wrong)];
    assert_eq!(
        code(settings::set_many(&mut draft, many)),
        (Code::InvalidValue, field("[1].peopleFilter.NO_SUCH_METRIC"))
    );
    let sources = Settings { sources: Some(rule), ..Settings::default() };
    assert_eq!(code(settings::set(&mut draft, &web, sources)), (Code::InvalidValue, field("sources")));
    let another = OrgTree { name: "org".into(), levels: vec!["colour".into()], ..OrgTree::default() };
    let faults = tree::create(&mut draft, &directory, another).expect_err("two faults");
    let codes: Vec<(Code, &str)> = faults.iter().map(|f| (f.code, f.field.as_deref().unwrap_or_default())).collect();
    assert_eq!(codes, [(Code::DuplicateKey, "name"), (Code::InvalidValue, "levels[0]")]);
    assert_eq!(code(tree::delete(&mut draft, "x")).0, Code::NotFound);
}

#[test]
fn a_squad_by_rule_follows_the_attributes() {
    let (records, directory) = small();
    let mut draft = Draft::new(Arc::new(records));
    let rule: Condition =
        serde_json::from_str(r#"{"field":"team","operator":"EQUALS","values":["Ops"]}"#).expect("a rule");
    let new = NewTeam {
        tree: "o".into(),
        name: "Guild".into(),
        squad: true,
        rule: Some(rule),
        from: Some(day(3)),
        ..NewTeam::default()
    };
    let guild = team::create(&mut draft, &directory, new).expect("a squad");
    let listed = [Entry { person: "bob".into(), from: Some(day(5)), ..Entry::default() }];
    member::add(&mut draft, &directory, &guild, &listed, true).expect("a member");
    let (resolved, org, _) = made(draft.records(), day(4));
    let guild = &org.teams[org.by_id[&guild]];
    let spans: Vec<_> =
        guild.spans.iter().map(|s| (resolved.people[s.person].id.as_str(), s.from, s.to, s.by_rule)).collect();
    let expected = [
        ("bob", Some(day(3)), Some(day(5)), true),
        ("bob", Some(day(5)), None, false),
        ("cat", Some(day(3)), None, true),
    ];
    assert_eq!(spans, expected);
    // A squad takes nobody from home.
    assert_eq!(super::world::picture(draft.records(), 6)["a/ops"].len(), 2);
}

#[test]
fn settings_are_inherited_field_by_field() {
    let (records, directory) = small();
    let mut draft = Draft::new(Arc::new(records));
    let (top, web, ops) = (by_path(&directory, "a"), by_path(&directory, "a/web"), by_path(&directory, "a/ops"));
    let metric = crate::model::metrics()[0].name.clone();
    let other = crate::model::metrics()[1].name.clone();
    let given = |text: String| toml::from_str::<Settings>(&text).expect("settings");
    let sources = "sources = { field = 'repository', operator = 'EQUALS', values = ['storefront'] }";
    let above = given(format!("{sources}\npeople_filter = {{ {metric} = false, {other} = true }}"));
    settings::set(&mut draft, &top, above.clone()).expect("settings");
    settings::set(&mut draft, &web, given(format!("people_filter = {{ {metric} = true }}"))).expect("settings");
    let (_, org, attribution) = made(draft.records(), day(0));
    let of = |id: &str| &org.teams[org.by_id[id]].settings;
    assert_eq!(of(&web).sources, above.sources);
    assert_eq!(of(&web).people_filter.values().copied().collect::<Vec<_>>(), [true, true]);
    assert!(Arc::ptr_eq(of(&ops), of(&top)));
    let matcher = |id: &str| attribution.nodes[org.by_id[id]].sources.clone().expect("a matcher");
    assert!(Arc::ptr_eq(&matcher(&web), &matcher(&ops)), "compiled once");
    settings::copy(&mut draft, &web, std::slice::from_ref(&ops)).expect("copied");
    assert_eq!(draft.get::<Settings>(&ops), draft.get::<Settings>(&web));
    settings::clear(&mut draft, &[top, web, ops]).expect("cleared");
    assert!(draft.records().settings.is_empty());
}

#[test]
fn a_dry_run_tells_what_a_condition_matches() {
    let condition: Condition = serde_json::from_str(
        r#"{"all":[{"field":"repository","operator":"STARTS_WITH","values":["shop-"]},
            {"field":"repository","operator":"NOT_EQUALS","values":["shop-old"]},
            {"field":"label","operator":"EQUALS","values":["web"]}]}"#,
    )
    .expect("a condition");
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let candidates = [
        ("repository".to_owned(), names(&["shop-web", "shop-old", "infra"])),
        ("label".to_owned(), names(&["web", "bug"])),
        ("service".to_owned(), names(&["checkout"])),
    ];
    let found = settings::matching(&condition, &candidates.into()).expect("a condition on sources");
    let expected = [("label".to_owned(), names(&["web"])), ("repository".to_owned(), names(&["shop-web"]))];
    assert_eq!(found, expected.into());
}
