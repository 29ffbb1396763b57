//! Org trees after contributors changed: each that is built from them is built anew, in the same change.

use sha2::{Digest, Sha256};

use chrono::NaiveDate;

use crate::people::identity;
use crate::people::org::build::{Plan, build};
use crate::people::{Code, Draft, Fault, Seen};

/// Paths shown of teams that lose something.
const MOST_SHOWN: usize = 5;

/// What the builds of all trees change.
pub struct Rebuilt(Vec<(String, Plan)>);

/// Builds every org tree of the draft that comes from attributes or reporting lines, with effect from a day. Trees that are
/// kept by hand stay as they are.
///
/// # Errors
/// Why a tree cannot be built.
pub fn rebuild(draft: &mut Draft, seen: &Seen, day: NaiveDate) -> Result<Rebuilt, Vec<Fault>> {
    let trees = draft.records().trees.iter();
    let built = trees.filter(|(_, tree)| tree.by_manager || !tree.levels.is_empty());
    let built: Vec<(String, String)> = built.map(|(id, tree)| (id.clone(), tree.name.clone())).collect();
    if built.is_empty() {
        return Ok(Rebuilt(Vec::new()));
    }
    let resolved = identity::resolve(draft.records(), seen)
        .map_err(|error| vec![Fault::new(Code::Conflict, format!("identities cannot be matched: {error:#}"))])?;
    let mut plans = Vec::with_capacity(built.len());
    for (id, name) in built {
        let told =
            |fault: Fault| Fault { message: format!("Org tree {name} cannot be built: {}", fault.message), ..fault };
        let plan =
            build(draft, &resolved, &id, day).map_err(|faults| faults.into_iter().map(told).collect::<Vec<_>>())?;
        plans.push((name, plan));
    }
    Ok(Rebuilt(plans))
}

impl Rebuilt {
    /// What whoever approves should know beside the teams that change.
    pub fn notices(&self) -> Vec<String> {
        let mut notices = Vec::new();
        for (name, plan) in &self.0 {
            if !plan.lost.is_empty() {
                let mut paths: Vec<&str> = plan.lost.iter().take(MOST_SHOWN).map(|lost| lost.path.as_str()).collect();
                paths.extend((plan.lost.len() > MOST_SHOWN).then_some("..."));
                let (count, paths) = (plan.lost.len(), paths.join(", "));
                notices.push(format!(
                    "Org tree {name}: {count} teams with settings or members by hand end, and nothing takes their place: {paths}."
                ));
            }
            if !plan.unmatched.is_empty() {
                let count = plan.unmatched.len();
                notices.push(format!("Org tree {name}: {count} people have no place in it."));
            }
        }
        notices
    }

    /// Adds to a hash what changes; ids of new teams are left out, for they are other ones each time.
    pub fn digest(&self, hash: &mut Sha256) {
        for (name, plan) in &self.0 {
            let added = plan.added.iter().map(|team| ("added", team.path.as_str(), team.people.to_string()));
            let renamed = plan.renamed.iter().map(|team| ("renamed", team.path.as_str(), team.after.clone()));
            let moved = plan.moved.iter().map(|team| ("moved", team.before.as_str(), team.after.clone()));
            let closed = plan.closed.iter().map(|team| ("closed", team.path.as_str(), team.people.to_string()));
            let reopened = plan.reopened.iter().map(|team| ("reopened", team.path.as_str(), team.people.to_string()));
            let steps = plan
                .people
                .iter()
                .map(|step| ("step", step.person.as_str(), format!("{:?} {:?}", step.before, step.after)));
            for (word, what, how) in added.chain(renamed).chain(moved).chain(closed).chain(reopened).chain(steps) {
                hash.update(format!("{name:?} {word} {what:?} {how:?}\n"));
            }
        }
    }
}
