//! Whom the attribution puts where at any instant, against a plain reading of random documents.

use std::sync::Arc;

use proptest::prelude::*;

use super::world::{ZONE, attributed, day, made, naive};
use crate::clock::midnight;
use crate::people::document::{Contributor, Membership, Memberships, OrgTree, Placement, Team};
use crate::people::records::Records;

const TEAMS: usize = 8;
const PEOPLE: usize = 5;
const LAST: i64 = 60;

type Bounds = (Option<i64>, Option<i64>);

fn bounds() -> impl Strategy<Value = Bounds> {
    (prop::option::of(0..LAST), prop::option::of(0..LAST))
}

/// Days on which the team moves, and where to: an earlier team, or the top.
fn moves(team: usize) -> impl Strategy<Value = Vec<(i64, Option<usize>)>> {
    prop::collection::vec((0..LAST, prop::option::weighted(0.8, 0..team.max(1))), 0..5)
}

prop_compose! {
    fn records()(
        teams in (0..TEAMS).map(|team| (bounds(), moves(team))).collect::<Vec<_>>(),
        people in prop::collection::vec((bounds(), prop::collection::vec((0..TEAMS, bounds(), any::<bool>()), 0..6)), PEOPLE),
    ) -> Records {
        let mut records = Records::default();
        records.trees.insert("o".into(), Arc::new(OrgTree { name: "Organisation".into(), ..OrgTree::default() }));
        for (number, (exists, mut moves)) in teams.into_iter().enumerate() {
            moves.sort();
            let ends = moves.iter().skip(1).map(|(at, _)| Some(*at)).chain([None]).collect::<Vec<_>>();
            let placement = |((at, parent), to): (&(i64, Option<usize>), Option<i64>)| {
                let parent = format!("t{}", parent.filter(|_| number > 0)?);
                Some(Placement { parent, from: Some(day(*at)), to: to.map(day) })
            };
            let parents = moves.iter().zip(ends).filter_map(placement).collect();
            let (from, to) = (exists.0.map(day), exists.1.map(day));
            let team = Team { tree: "o".into(), name: format!("Team {number}"), parents, from, to, ..Team::default() };
            records.teams.insert(format!("t{number}"), Arc::new(team));
        }
        for (number, ((starts, ends), spans)) in people.into_iter().enumerate() {
            let key = format!("c{number}");
            let (starts, ends) = (starts.map(day), ends.map(day));
            let contributor = Contributor { name: key.clone(), starts, ends, ..Contributor::default() };
            records.contributors.insert(key.clone(), Arc::new(contributor));
            let span = |(team, (from, to), shared): (usize, Bounds, bool)| Membership {
                team: format!("t{team}"),
                from: from.map(day),
                to: to.map(day),
                shared,
                manual: true,
            };
            let spans = spans.into_iter().map(span).collect();
            records.memberships.insert(key, Arc::new(Memberships { spans }));
        }
        records
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_attribution_says_what_the_documents_say(records in records(), today in 0..LAST) {
        let (resolved, org, attribution) = made(&records, day(today));
        for contributor in records.contributors.keys() {
            for number in -1..=LAST {
                let expected = naive(&records, contributor, day(number));
                let (begin, end) = (midnight(day(number), ZONE), midnight(day(number + 1), ZONE));
                for instant in [begin.timestamp_micros(), end.timestamp_micros() - 1] {
                    prop_assert_eq!(&attributed(&attribution, contributor, instant), &expected);
                }
            }
        }
        // Today's picture is the same day of the same story.
        for (number, team) in org.teams.iter().enumerate().filter(|(_, team)| !team.closed) {
            let names = team.path.split('/').count();
            let mut found = Vec::new();
            attribution.add_above(number as u32, midnight(day(today), ZONE).timestamp_micros(), &mut found);
            prop_assert_eq!(names, found.len());
            prop_assert!(team.parent.is_none_or(|parent| org.teams[parent].children.contains(&number)));
            let here = team.spans.iter().filter(|span| span.from.is_none_or(|from| from <= day(today)))
                .filter(|span| span.to.is_none_or(|to| day(today) < to));
            let mut seen = std::collections::BTreeSet::new();
            for span in here {
                prop_assert!(seen.insert(span.person), "a person twice on one day");
                prop_assert!(naive(&records, &resolved.people[span.person].id, day(today)).contains(&team.id));
            }
        }
    }
}
