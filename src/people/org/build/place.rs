//! Memberships of a build: who leaves which team and who comes where, from the day on. What was said by hand stays, and
//! who has a home by hand at a time is not placed for that time. How long somebody is with the organisation is not
//! written into memberships: it bounds them wherever they are read, also when HR corrects it later.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::pair::Pairs;
use super::plan::{Plan, Step};
use super::wanted::{Wanted, is_live};
use crate::people::directory::Resolved;
use crate::people::document::{Membership, Memberships};
use crate::people::draft::Draft;
use crate::people::org::days::Days;
use crate::people::org::edit::member;
use crate::people::org::forest::Forest;
use crate::people::records::Records;

/// Where builds had placed a person in the tree.
#[derive(Debug, Default)]
pub struct Home {
    /// The team on the day of the build.
    pub stem: Option<usize>,
    /// Placed by builds, with the key of the document.
    built: Vec<(String, Membership)>,
    /// Teams of the forest where there is a home by hand, and the days.
    by_hand: Vec<(usize, Days)>,
}

/// All that the placing of people goes by.
pub struct Placing<'a> {
    pub wanted: &'a Wanted,
    pub pairs: &'a Pairs,
    pub resolved: &'a Resolved,
    /// Team id of each wanted team, and the way back.
    pub ids: &'a [String],
    pub team_of: &'a HashMap<&'a str, usize>,
    pub paths: &'a [String],
    pub first: bool,
    pub day: NaiveDate,
}

/// Homes in the tree, by person.
pub fn homes(
    records: &Records,
    resolved: &Resolved,
    forest: &Forest<'_>,
    built: &[usize],
    day: NaiveDate,
) -> BTreeMap<usize, Home> {
    let built: BTreeSet<usize> = built.iter().copied().collect();
    let mut homes: BTreeMap<usize, Home> = BTreeMap::new();
    for (key, memberships) in &records.memberships {
        let Some(person) = resolved.by_id.get(key) else { continue };
        for span in &memberships.spans {
            let Some(stem) = forest.number(&span.team).filter(|stem| built.contains(stem)) else { continue };
            let days = Days::new(span.from, span.to);
            if !span.manual {
                let home = homes.entry(*person).or_default();
                home.stem = home.stem.or((days.meet(forest.teams[stem].exists).contains(day)).then_some(stem));
                home.built.push((key.clone(), span.clone()));
            } else if !span.shared {
                homes.entry(*person).or_default().by_hand.push((stem, days.meet(forest.teams[stem].exists)));
            }
        }
    }
    homes
}

impl Placing<'_> {
    /// Puts the memberships into the draft, and what changes into the plan.
    pub fn apply(
        &self,
        draft: &mut Draft,
        plan: &mut Plan,
        forest: &Forest<'_>,
        built: &[usize],
        homes: &BTreeMap<usize, Home>,
    ) {
        let of_tree: BTreeSet<&str> = built.iter().map(|stem| forest.teams[*stem].id).collect();
        let nowhere = Home::default();
        let mut paths_before: HashMap<usize, String> = HashMap::new();
        let placed = (0..self.wanted.at.len()).filter(|p| self.wanted.at[*p].is_some() || homes.contains_key(p));
        for person in placed {
            let home = homes.get(&person).unwrap_or(&nowhere);
            let live = is_live(&self.resolved.people[person], self.day);
            if !live && !home.built.is_empty() {
                // Gone: the memberships end with the presence.
                continue;
            }
            let new = self.new_spans(person, home);
            let id = &self.resolved.people[person].id;
            let keys: BTreeSet<&String> = home.built.iter().map(|(key, _)| key).chain([id]).collect();
            for key in keys {
                let before = member::of(draft, key);
                let is_built = |span: &Membership| !span.manual && of_tree.contains(span.team.as_str());
                let mut spans: Vec<Membership> = before.spans.iter().filter(|span| !is_built(span)).cloned().collect();
                let kept = home.built.iter().filter(|(of, _)| of == key).map(|(_, span)| {
                    let days = Days::new(span.from, span.to).before(self.day);
                    Membership { from: days.from(), to: days.to(), ..span.clone() }
                });
                spans.extend(kept.filter(|span| !Days::new(span.from, span.to).is_empty()));
                spans.extend(new.iter().filter(|_| key == id).cloned());
                member::put(draft, key, Memberships { spans });
            }
            let before = home.stem.map(|stem| forest.teams[stem].id);
            let after = new.first().map(|span| span.team.as_str());
            if live && before != after {
                let mut path = |stem| paths_before.entry(stem).or_insert_with(|| forest.path(stem, self.day)).clone();
                plan.people.push(Step {
                    person: id.clone(),
                    before: home.stem.map(&mut path),
                    after: after.and_then(|id| self.team_of.get(id)).map(|team| self.paths[*team].clone()),
                });
            }
        }
    }

    /// What the build adds for a person. Who was never in the tree has been in the team as long as HR says, where it
    /// says so; on a first build always.
    fn new_spans(&self, person: usize, home: &Home) -> Vec<Membership> {
        let Some(team) = self.wanted.at[person] else { return Vec::new() };
        let dated = self.first || self.resolved.people[person].starts.is_some();
        let from = if home.built.is_empty() && dated { None } else { Some(self.day) };
        let stays = home.by_hand.iter().filter(|(stem, _)| self.pairs.is_taken(*stem)).map(|(_, days)| *days);
        let days = Days::new(from, None).without(&stays.collect::<Vec<_>>());
        let span = |days: Days| Membership {
            team: self.ids[team].clone(),
            from: days.from(),
            to: days.to(),
            shared: false,
            manual: false,
        };
        days.into_iter().map(span).collect()
    }
}
