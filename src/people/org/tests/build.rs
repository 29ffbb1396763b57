//! Builds of small organisations that a person can hold in mind.

use std::sync::Arc;

use super::world::{built, day, naive, picture, put_person, resolved};
use crate::people::document::{Attribute, Contributor, Membership, Memberships, OrgTree, Placement, Settings, Team};
use crate::people::draft::Draft;
use crate::people::org::build::build;
use crate::people::org::build::plan::By;
use crate::people::records::Records;

fn tree(definition: &str) -> Records {
    let tree: OrgTree = toml::from_str(definition).expect("a definition");
    let mut records = Records::default();
    records.trees.insert("o".into(), Arc::new(tree));
    records
}

fn pictured(records: &Records, at: i64) -> Vec<String> {
    let line = |(path, people): (String, std::collections::BTreeSet<String>)| {
        format!("{path}: {}", people.into_iter().collect::<Vec<_>>().join(" "))
    };
    picture(records, at).into_iter().map(line).collect()
}

fn team_id(records: &Records, name: &str) -> String {
    let mut found = records.teams.iter().filter(|(_, team)| team.name == name);
    found.next().expect("a team of this name").0.clone()
}

fn set_sources(records: &mut Records, team: &str, repository: &str) {
    let text = format!("sources = {{ field = \"repository\", operator = \"EQUALS\", values = [{repository:?}] }}");
    let settings: Settings = toml::from_str(&text).expect("settings");
    records.settings.insert(team.to_owned(), Arc::new(settings));
}

fn set_attribute(records: &mut Records, person: &str, attribute: &str, value: &str) {
    let contributor = records.contributors.get_mut(person).map(Arc::make_mut).expect("a contributor");
    contributor.attributes.insert(attribute.to_owned(), Attribute::Text(value.to_owned()));
}

#[test]
fn levels_then_managers() {
    let mut records = tree("name = 'Org'\nlevels = ['division', 'team']\nby_manager = true");
    put_person(&mut records, "eve", None, &[("division", "R D")]);
    put_person(&mut records, "bob", Some("eve"), &[("division", "r d"), ("team", "Web")]);
    put_person(&mut records, "ann", Some("bob"), &[("division", "R D"), ("team", "Web")]);
    put_person(&mut records, "cat", Some("bob"), &[("division", "R D"), ("team", "Web")]);
    put_person(&mut records, "dan", Some("cat"), &[("division", "R D"), ("team", "Web")]);
    put_person(&mut records, "fay", Some("eve"), &[("team", "Web")]);
    let (after, plan) = built(&records, 0);
    let expected = ["r-d: eve", "r-d/web: ", "r-d/web/bob: ann bob", "r-d/web/bob/cat: cat dan"];
    assert_eq!(pictured(&after, 0), expected);
    assert_eq!((plan.counts.teams, plan.counts.people, plan.counts.unmatched, plan.counts.cycles), (4, 5, 1, 0));
    assert_eq!(plan.unmatched, ["fay"]);
    assert!(plan.first && plan.added.len() == 4 && plan.people.len() == 5);
    // Most spell it so; and Bob, to whom nobody outside reports, leads the team.
    let division = &after.teams[&team_id(&after, "R D")];
    assert_eq!(division.manager.as_deref(), Some("eve"));
    assert_eq!(after.teams[&team_id(&after, "Web")].manager.as_deref(), Some("bob"));
}

#[test]
fn lines_that_go_round_are_told_and_cut() {
    let mut records = tree("name = 'Org'\nby_manager = true");
    for (person, manager) in [("b", "c"), ("c", "d"), ("d", "b"), ("e", "c"), ("self", "self"), ("f", "self")] {
        put_person(&mut records, person, Some(manager), &[]);
    }
    put_person(&mut records, "alone", None, &[]);
    let (after, plan) = built(&records, 0);
    assert_eq!(plan.cycles, [vec!["b", "c", "d"], vec!["self"]]);
    assert_eq!(plan.unmatched, ["alone"]);
    // As if b had no manager: d reports to b, c to d, e to c.
    assert_eq!(pictured(&after, 0), ["b: b", "b/d: d", "b/d/c: c e", "self: f self"]);
}

#[test]
fn a_line_longer_than_any_tree_is_cut() {
    let mut records = tree("name = 'Org'\nby_manager = true");
    let id = |number: usize| format!("p{number:04}");
    for number in 0..3000 {
        let manager = (number > 0).then(|| id(number - 1));
        put_person(&mut records, &id(number), manager.as_deref(), &[]);
    }
    let (after, plan) = built(&records, 0);
    assert_eq!(plan.counts.teams, 65);
    assert_eq!(plan.counts.people, 3000);
    assert_eq!(plan.too_deep.len(), 3000 - 65 - 1);
    assert_eq!(picture(&after, 0).values().map(std::collections::BTreeSet::len).max(), Some(3000 - 64));
}

#[test]
fn people_outside_the_filter_are_passed_over_in_reporting_lines() {
    let mut records = tree(
        "name = 'Org'\nby_manager = true\n[filter]\nany = [\
         { field = 'kind', operator = 'NOT_EQUALS', values = ['contractor'] },\
         { all = [{ field = 'kind', operator = 'EQUALS', values = ['contractor'] },\
         { field = 'manager', operator = 'EQUALS', values = ['eve@example.com'] }] }]",
    );
    put_person(&mut records, "eve", None, &[]);
    put_person(&mut records, "con", Some("bob"), &[("kind", "contractor")]);
    put_person(&mut records, "bob", Some("eve"), &[("kind", "contractor")]);
    put_person(&mut records, "dan", Some("con"), &[("kind", "employee")]);
    let (after, _) = built(&records, 0);
    assert_eq!(pictured(&after, 0), ["eve: eve", "eve/bob: bob dan"]);
}

#[test]
fn a_reorganisation_keeps_ids_settings_and_history() {
    let mut records = tree("name = 'Org'\nlevels = ['division', 'team']\n[stable_ids]\nteam = 'team_id'");
    let people = [
        ("ann", "A", "Payments", "7"),
        ("bob", "A", "Payments", "7"),
        ("cat", "B", "Search", "8"),
        ("dan", "B", "Ads", "9"),
    ];
    for (person, division, team, id) in people {
        put_person(&mut records, person, None, &[("division", division), ("team", team), ("team_id", id)]);
    }
    let (mut records, _) = built(&records, 0);
    let (payments, ads) = (team_id(&records, "Payments"), team_id(&records, "Ads"));
    set_sources(&mut records, &payments, "payments");
    set_sources(&mut records, &ads, "ads");
    let before = records.clone();
    // Day 10: Payments is called Money and is in division B; Ads is gone and Dan is in Search; Bob moves to Search.
    for person in ["ann", "bob"] {
        set_attribute(&mut records, person, "team", "Money");
        set_attribute(&mut records, person, "division", "B");
    }
    for person in ["bob", "dan"] {
        set_attribute(&mut records, person, "team", "Search");
        set_attribute(&mut records, person, "team_id", "8");
    }
    let (after, plan) = built(&records, 10);
    assert_eq!(pictured(&after, 10), ["b: ", "b/money: ann", "b/search: bob cat dan"]);
    assert_eq!(pictured(&after, 9), ["a: ", "a/money: ann bob", "b: ", "b/ads: dan", "b/search: cat"]);
    assert_eq!(
        plan.renamed.iter().map(|r| (r.id.as_str(), r.by)).collect::<Vec<_>>(),
        [(payments.as_str(), By::StableId)]
    );
    assert_eq!(
        plan.moved.iter().map(|m| (m.before.as_str(), m.after.as_str())).collect::<Vec<_>>(),
        [("a/payments", "b/money")]
    );
    assert_eq!(plan.closed.iter().map(|c| c.path.as_str()).collect::<Vec<_>>(), ["a", "b/ads"]);
    assert_eq!(plan.lost.iter().map(|l| l.path.as_str()).collect::<Vec<_>>(), ["b/ads"]);
    assert_eq!(plan.people.len(), 2);
    assert_eq!(after.settings[&payments], before.settings[&payments]);
    for person in ["ann", "bob", "cat", "dan"] {
        assert_eq!(naive(&after, person, day(9)), naive(&before, person, day(9)), "{person}");
    }
    // Day 20: all was a mistake. Ads comes back with its settings.
    let mut records = after;
    records.contributors = before.contributors.clone();
    let (again, plan) = built(&records, 20);
    assert_eq!(pictured(&again, 20), ["a: ", "a/payments: ann bob", "b: ", "b/ads: dan", "b/search: cat"]);
    assert_eq!(plan.reopened.iter().map(|c| c.path.as_str()).collect::<Vec<_>>(), ["a", "b/ads"]);
    assert!(plan.added.is_empty());
    assert_eq!(team_id(&again, "Ads"), ads);
    assert_eq!(naive(&again, "dan", day(15)), naive(&records, "dan", day(15)));
}

#[test]
fn without_ids_teams_are_known_by_place_then_manager_then_people() {
    let mut records = tree("name = 'Org'\nlevels = ['division', 'team']");
    put_person(&mut records, "eve", None, &[("division", "Old")]);
    let people = [
        ("ann", "eve", "Web"),
        ("bob", "eve", "Web"),
        ("cat", "eve", "Ops"),
        ("dan", "ann", "Ops"),
        ("fay", "bob", "Ops"),
    ];
    for (person, manager, team) in people {
        put_person(&mut records, person, Some(manager), &[("division", "Old"), ("team", team)]);
    }
    put_person(&mut records, "gus", Some("fay"), &[("division", "Old"), ("team", "Labs")]);
    let (before, _) = built(&records, 0);
    let mut records = before.clone();
    for person in ["eve", "ann", "bob", "cat", "dan", "fay", "gus"] {
        set_attribute(&mut records, person, "division", "New");
    }
    set_attribute(&mut records, "gus", "team", "Research");
    for person in ["cat", "dan", "fay"] {
        set_attribute(&mut records, person, "team", "Operations");
    }
    let (after, plan) = built(&records, 10);
    let found: Vec<_> = plan.renamed.iter().map(|r| (r.path.as_str(), r.after.as_str(), r.by)).collect();
    let expected =
        [("old", "New", By::Manager), ("old/ops", "Operations", By::Members), ("old/labs", "Research", By::Manager)];
    for renamed in expected {
        assert!(found.contains(&renamed), "{renamed:?} is not in {found:?}");
    }
    assert_eq!(found.len(), 3);
    assert!(plan.added.is_empty() && plan.closed.is_empty() && plan.moved.is_empty() && plan.people.is_empty());
    assert_eq!(team_id(&after, "Web"), team_id(&before, "Web"));
}

#[test]
fn what_is_set_by_hand_holds_against_builds() {
    let mut records = tree("name = 'Org'\nlevels = ['team']");
    for (person, team) in [("ann", "Web"), ("bob", "Web"), ("cat", "Ops")] {
        put_person(&mut records, person, None, &[("team", team)]);
    }
    let (mut records, _) = built(&records, 0);
    let (web, ops) = (team_id(&records, "Web"), team_id(&records, "Ops"));
    let span = |team: &str, from: Option<i64>, to: Option<i64>, manual: bool| Membership {
        team: team.to_owned(),
        from: from.map(day),
        to: to.map(day),
        shared: false,
        manual,
    };
    let spans = vec![span(&web, None, Some(5), false), span(&ops, Some(5), Some(30), true)];
    records.memberships.insert("ann".into(), Arc::new(Memberships { spans }));
    let squad = Team {
        tree: "o".into(),
        name: "Guild".into(),
        squad: true,
        parents: vec![Placement { parent: web.clone(), from: None, to: None }],
        ..Team::default()
    };
    records.teams.insert("guild".into(), Arc::new(squad));
    let squad_span = vec![span(&web, None, None, false), span("guild", Some(3), None, true)];
    records.memberships.insert("bob".into(), Arc::new(Memberships { spans: squad_span.clone() }));

    let (after, plan) = built(&records, 10);
    assert!(plan.closed.is_empty() && plan.moved.is_empty());
    assert_eq!(pictured(&after, 10), ["ops: ann cat", "web: bob", "web/guild: bob"]);
    assert_eq!(pictured(&after, 30), ["ops: cat", "web: ann bob", "web/guild: bob"]);
    assert!(
        after.memberships["bob"].spans.len() == 2
            && squad_span.iter().all(|s| after.memberships["bob"].spans.contains(s))
    );

    // Web goes: the guild stays, at the top.
    let mut records = after;
    for person in ["ann", "bob"] {
        set_attribute(&mut records, person, "team", "Ops");
    }
    let (after, plan) = built(&records, 40);
    assert_eq!(pictured(&after, 40), ["guild: bob", "ops: ann bob cat"]);
    assert_eq!(plan.moved.iter().map(|m| (m.before.as_str(), m.by)).collect::<Vec<_>>(), [("web/guild", By::Hand)]);
}

#[test]
fn dates_come_from_hr_where_it_has_them() {
    let mut records = tree("name = 'Org'\nlevels = ['team']");
    let put = |records: &mut Records, id: &str, starts: Option<i64>, ends: Option<i64>| {
        put_person(records, id, None, &[("team", "Web")]);
        let contributor = records.contributors.get_mut(id).map(Arc::make_mut).expect("a contributor");
        *contributor = Contributor { starts: starts.map(day), ends: ends.map(day), ..contributor.clone() };
    };
    put(&mut records, "ann", Some(5), None);
    put(&mut records, "bob", None, Some(8));
    let (mut records, plan) = built(&records, 10);
    assert_eq!(plan.counts.people, 2);
    assert_eq!(pictured(&records, 4), ["web: bob"]);
    assert_eq!(pictured(&records, 7), ["web: ann bob"]);
    assert_eq!(pictured(&records, 8), ["web: ann"]);
    // Later arrivals: with a date of HR from then, without from the build's day.
    put(&mut records, "cat", Some(18), None);
    put(&mut records, "dan", None, None);
    put(&mut records, "eve", Some(25), None);
    let (records, _) = built(&records, 20);
    assert_eq!(pictured(&records, 19), ["web: ann cat"]);
    assert_eq!(pictured(&records, 20), ["web: ann cat dan"]);
    assert_eq!(pictured(&records, 25), ["web: ann cat dan eve"]);
    let (again, plan) = built(&records, 30);
    assert!(plan.is_empty(), "{plan:?}");
    assert_eq!(again.memberships, records.memberships);
}

#[test]
fn a_tree_without_a_recipe_is_not_built() {
    let records = tree("name = 'Org'");
    let mut draft = Draft::new(Arc::new(records.clone()));
    let faults = build(&mut draft, &resolved(&records), "o", day(0)).expect_err("nothing to build by");
    assert!(faults[0].message.contains("kept by hand"), "{faults:?}");
    assert!(build(&mut draft, &resolved(&records), "x", day(0)).is_err());
}
