//! A large organisation: what is done for it grows with its size, not with the square of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::world::{built, day, directory, made};
use crate::people::document::{Attribute, Contributor, OrgTree};
use crate::people::document_file::{Format, export, import};
use crate::people::draft::Draft;
use crate::people::org::edit::team;
use crate::people::records::Records;

const LEVELS: usize = 12;

/// People in a tree of twelve levels with about a tenth as many teams, everybody with a manager.
fn organisation(people: usize) -> Records {
    let mut records = Records::default();
    let levels: Vec<String> = (0..LEVELS).map(|level| format!("l{level:02}")).collect();
    let tree = OrgTree { name: "Org".into(), levels: levels.clone(), ..OrgTree::default() };
    records.trees.insert("o".into(), Arc::new(tree));
    let teams = people / 10;
    for number in 0..people {
        // A team's way from the top: half of it for each level up.
        let team = teams / 2 + number % (teams / 2);
        let mut way: Vec<usize> = std::iter::successors(Some(team), |team| (*team > 1).then_some(team / 2)).collect();
        way.reverse();
        let attributes = levels.iter().zip(way).map(|(l, team)| (l.clone(), Attribute::Text(format!("Team {team}"))));
        let contributor = Contributor {
            name: format!("Person {number}"),
            emails: vec![format!("p{number}@example.com")],
            manager: (number > 0).then(|| format!("c{:06}", number / 8)),
            attributes: attributes.collect(),
            ..Contributor::default()
        };
        records.contributors.insert(format!("c{number:06}"), Arc::new(contributor));
    }
    records
}

/// The time of each thing that is done, in the order of `NAMES`.
fn times(people: usize) -> Vec<(&'static str, Duration)> {
    let empty = organisation(people);
    let mut found = Vec::new();
    let mut take = |name: &'static str, start: Instant| found.push((name, start.elapsed()));
    let start = Instant::now();
    let (records, plan) = built(&empty, 0);
    take("first build", start);
    assert_eq!((plan.counts.people, plan.counts.unmatched), (people, 0));
    assert!(plan.counts.teams > people * 3 / 40, "{} teams", plan.counts.teams);
    let mut moved = records.clone();
    for contributor in moved.contributors.values_mut().step_by(3) {
        let last = Attribute::Text("Elsewhere".into());
        Arc::make_mut(contributor).attributes.insert("l04".to_owned(), last);
    }
    let start = Instant::now();
    let (after, plan) = built(&moved, 10);
    take("second build", start);
    assert!(plan.people.len() > people / 4);
    let start = Instant::now();
    let (_, org, attribution) = made(&after, day(10));
    take("org and attribution", start);
    assert_eq!(attribution.nodes.len(), org.teams.len());
    let directory = directory(&after, day(10));
    let start = Instant::now();
    let text = export(&directory, Format::Toml).expect("a document");
    take("export", start);
    let start = Instant::now();
    let mut draft = Draft::new(Arc::clone(&directory.records));
    let differences = import(&mut draft, &directory, &text, Format::Toml, day(10)).expect("a document");
    take("import", start);
    assert_eq!(differences, []);
    let start = Instant::now();
    let leaf = org.teams.iter().rfind(|team| !team.closed && team.children.is_empty()).expect("a leaf");
    team::move_to(&mut draft, &leaf.id, None, day(11)).expect("a move");
    take("move", start);
    found
}

#[test]
fn time_grows_with_size() {
    let (small, large) = (times(500), times(8_000));
    for ((name, small), (_, large)) in small.into_iter().zip(large) {
        // Sixteen times the people: the square would be 256, and a machine that does other things as well needs room.
        assert!(large < small * 80 + Duration::from_millis(500), "{name}: {small:?}, then {large:?}");
    }
}

#[test]
#[ignore = "prints times; run it with --release --nocapture"]
fn fifty_thousand_people() {
    for (name, time) in times(50_000) {
        println!("{name}: {time:?}");
    }
}
