//! Who was directly in which team, and when: what the documents say, and the rules of squads.

use std::collections::BTreeMap;

use super::days::{Days, joined};
use super::forest::Forest;
use super::rule;
use crate::people::directory::{MemberSpan, Person, Resolved};
use crate::people::fault::Fault;
use crate::people::records::Records;

/// The days on which a person is with the organisation, as far as HR says.
pub fn presence(person: &Person) -> Days {
    if person.registered { Days::new(person.starts, person.ends) } else { Days::ALWAYS }
}

/// The spans of each team of the forest, by person and day, on days on which the team exists and the person is present.
/// Spans of one person in one team do not overlap: what was listed counts before what the rule says.
///
/// # Errors
/// When the rule of a squad cannot be used.
pub fn spans(records: &Records, resolved: &Resolved, forest: &Forest<'_>) -> Result<Vec<Vec<MemberSpan>>, Fault> {
    let mut listed: Vec<BTreeMap<usize, [Vec<Days>; 3]>> = vec![BTreeMap::new(); forest.teams.len()];
    let mut add = |team: usize, person: usize, days: Days, class: usize| {
        let days = days.meet(forest.teams[team].exists).meet(presence(&resolved.people[person]));
        if !days.is_empty() {
            listed[team].entry(person).or_default()[class].push(days);
        }
    };
    for (contributor, memberships) in &records.memberships {
        // A contributor who is not there any more leaves the document behind; so does a team.
        let Some(&person) = resolved.by_id.get(contributor) else { continue };
        for span in &memberships.spans {
            if let Some(team) = forest.number(&span.team) {
                add(team, person, Days::new(span.from, span.to), usize::from(span.shared));
            }
        }
    }
    for (number, stem) in forest.teams.iter().enumerate() {
        if let Some(rule) = &stem.team.rule {
            for person in rule::selected(Some(rule), resolved)? {
                add(number, person, Days::ALWAYS, BY_RULE);
            }
        }
    }
    let of_team =
        |people: BTreeMap<usize, [Vec<Days>; 3]>| people.into_iter().flat_map(|(p, spans)| of_person(p, spans));
    Ok(listed.into_iter().map(|people| of_team(people).collect()).collect())
}

/// Classes of spans, the stronger first: home (0), shared (1), by the rule.
const BY_RULE: usize = 2;

fn of_person(person: usize, classes: [Vec<Days>; 3]) -> Vec<MemberSpan> {
    let mut taken: Vec<Days> = Vec::new();
    let mut spans = Vec::new();
    for (class, days) in classes.into_iter().enumerate() {
        let days = joined(days);
        let free = days.iter().flat_map(|days| days.without(&taken));
        spans.extend(free.map(|days| MemberSpan {
            person,
            from: days.from(),
            to: days.to(),
            shared: class == 1,
            by_rule: class == BY_RULE,
        }));
        taken.extend(days);
    }
    spans.sort_by_key(|span| span.from);
    spans
}
