//! Random organisations, built, reorganised and built again, against a second computation of where everybody is.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;

use super::world::{ZONE, attributed, built, covers, day, made, naive, put_person};
use crate::clock::midnight;
use crate::people::document::{Contributor, OrgTree};
use crate::people::draft::Draft;
use crate::people::org::build::build;
use crate::people::records::Records;

const PEOPLE: usize = 14;

#[derive(Debug, Clone)]
struct Someone {
    manager: Option<usize>,
    division: Option<usize>,
    team: Option<usize>,
    starts: Option<i64>,
    ends: Option<i64>,
    there: bool,
}

fn people() -> impl Strategy<Value = Vec<Someone>> {
    let someone = |number: usize| {
        let manager = prop::option::weighted(0.8, 0..number.max(1));
        let (division, team) = (prop::option::weighted(0.9, 0..2_usize), prop::option::weighted(0.8, 0..3_usize));
        let (starts, ends) = (prop::option::weighted(0.3, 0..40_i64), prop::option::weighted(0.2, 0..40_i64));
        (manager, division, team, starts, ends, prop::bool::weighted(0.9)).prop_map(
            move |(manager, division, team, starts, ends, there)| Someone {
                manager: manager.filter(|_| number > 0),
                division,
                team,
                starts,
                ends,
                there,
            },
        )
    };
    (0..PEOPLE).map(someone).collect::<Vec<_>>()
}

fn set_people(records: &mut Records, people: &[Someone]) {
    records.contributors.clear();
    for (number, someone) in people.iter().enumerate().filter(|(_, someone)| someone.there) {
        let text = |prefix: &str, value: Option<usize>| value.map(|value| format!("{prefix}{value}"));
        let manager = someone.manager.filter(|manager| people[*manager].there).map(|manager| format!("p{manager:02}"));
        let values = [("division", text("D", someone.division)), ("team", text("T", someone.team))];
        let attributes: Vec<(&str, &str)> = values.iter().filter_map(|(k, v)| Some((*k, v.as_deref()?))).collect();
        let id = format!("p{number:02}");
        put_person(records, &id, manager.as_deref(), &attributes);
        let contributor = records.contributors.get_mut(&id).map(Arc::make_mut).expect("a contributor");
        let (starts, ends) = (someone.starts.map(day), someone.ends.map(day));
        *contributor = Contributor { starts, ends, ..contributor.clone() };
    }
}

/// The path of the team that somebody belongs to by the attributes alone; lines do not go round here.
fn place(people: &[Someone], levels: usize, by_manager: bool, number: usize) -> Option<String> {
    let values = |someone: &Someone| {
        let all = [someone.division.map(|d| format!("d{d}")), someone.team.map(|t| format!("t{t}"))];
        all.into_iter().take(levels).map_while(|value| value).collect::<Vec<_>>()
    };
    let mut path = values(&people[number]);
    if by_manager && path.len() == levels {
        let same = |other: usize| people[other].there && values(&people[other]) == path;
        let manager = |number: usize| people[number].manager.filter(|manager| same(*manager));
        let leads = (0..PEOPLE).any(|other| same(other) && manager(other) == Some(number));
        let mut line: Vec<usize> = std::iter::successors(manager(number), |at| manager(*at)).collect();
        line.reverse();
        line.extend(leads.then_some(number));
        path.extend(line.iter().map(|number| format!("p{number:02}")));
    }
    (!path.is_empty()).then(|| path.join("/"))
}

fn check_day(
    records: &Records,
    people: &[Someone],
    levels: usize,
    by_manager: bool,
    at: i64,
) -> Result<(), TestCaseError> {
    let (_, org, attribution) = made(records, day(at));
    for (number, someone) in people.iter().enumerate().filter(|(_, someone)| someone.there) {
        let id = format!("p{number:02}");
        let there = covers(someone.starts.map(day), someone.ends.map(day), day(at));
        let person = attribution.person(&id).expect("a person");
        let instant = midnight(day(at), ZONE).timestamp_micros();
        let paths: BTreeSet<String> =
            attribution.direct_at(person, instant).map(|node| org.teams[node as usize].path.clone()).collect();
        let expected = place(people, levels, by_manager, number).filter(|_| there);
        prop_assert_eq!(&paths, &expected.into_iter().collect(), "{} on day {}", id, at);
        prop_assert_eq!(attributed(&attribution, &id, instant), naive(records, &id, day(at)));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_build_puts_everybody_where_the_attributes_say(
        first in people(),
        second in people(),
        levels in 0..3_usize,
        by_manager in any::<bool>(),
        at in 1..35_i64,
    ) {
        let by_manager = by_manager || levels == 0;
        let mut records = Records::default();
        let levels_named = ["division", "team"][..levels].iter().map(|level| (*level).to_owned()).collect();
        let tree = OrgTree { name: "Org".into(), levels: levels_named, by_manager, ..OrgTree::default() };
        records.trees.insert("o".into(), Arc::new(tree));
        set_people(&mut records, &first);
        let (records, plan) = built(&records, 0);
        prop_assert_eq!(plan.counts.cycles, 0);
        for number in [0, 20, 50] {
            check_day(&records, &first, levels, by_manager, number)?;
        }

        // Built again, nothing changes, on that day or later.
        for later in [0, 30] {
            let mut draft = Draft::new(Arc::new(records.clone()));
            let plan = build(&mut draft, &super::world::resolved(&records), "o", day(later)).expect("a build");
            prop_assert!(plan.people.is_empty() || later > 0, "{:?}", plan);
            if later == 0 {
                prop_assert!(plan.is_empty());
                prop_assert_eq!(draft.edits().expect("edits"), []);
            }
        }

        // Reorganised: what was before that day stays for all who had a place, where HR does not correct its dates.
        let mut second = second;
        for (one, other) in first.iter().zip(&mut second) {
            (other.starts, other.ends) = if one.there { (one.starts, one.ends) } else { (None, other.ends) };
        }
        let before = records.clone();
        let mut records = records;
        set_people(&mut records, &second);
        let (after, _) = built(&records, at);
        for number in (0..at).filter(|_| !before.teams.is_empty()) {
            for id in after.contributors.keys().filter(|id| before.memberships.contains_key(*id)) {
                prop_assert_eq!(naive(&after, id, day(number)), naive(&before, id, day(number)), "{} on {}", id, number);
            }
        }
        for number in [at, at + 1, 50] {
            check_day(&after, &second, levels, by_manager, number)?;
        }
    }
}
