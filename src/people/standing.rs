//! Registered contributors as they count: each with what was merged into it. Exports write these, imports compare rows with
//! them, and what changes goes back into their documents.

use std::collections::{BTreeMap, BTreeSet};

use super::directory::Directory;
use super::document::Contributor;
use super::draft::Draft;

/// Everybody who is registered, by id.
#[derive(Debug, Default)]
pub struct Standing {
    pub people: BTreeMap<String, Standee>,
}

/// A registered contributor.
#[derive(Debug, Clone, Default)]
pub struct Standee {
    /// What its document and those merged into it say together.
    pub says: Contributor,
    /// Ids of contributors merged into it.
    pub merged: Vec<String>,
}

impl Standing {
    pub fn new(directory: &Directory) -> Standing {
        let contributors = &directory.records.contributors;
        let mut people = BTreeMap::new();
        for person in directory.resolved.people.iter().filter(|person| person.registered) {
            let Some(own) = contributors.get(&person.id).filter(|own| own.merged_into.is_none()) else { continue };
            let mut says = Contributor::clone(own);
            says.manager = own.manager.as_deref().and_then(|id| survivor(directory, id));
            for merged in person.merged.iter().filter_map(|id| contributors.get(id)) {
                for email in &merged.emails {
                    if !says.emails.contains(email) {
                        says.emails.push(email.clone());
                    }
                }
                for (name, value) in &merged.attributes {
                    says.attributes.entry(name.clone()).or_insert_with(|| value.clone());
                }
                says.external_id = says.external_id.or_else(|| merged.external_id.clone());
                says.is_bot = says.is_bot.or(merged.is_bot);
                let manager = || merged.manager.as_deref().and_then(|id| survivor(directory, id));
                says.manager = says.manager.or_else(manager).filter(|manager| *manager != person.id);
            }
            people.insert(person.id.clone(), Standee { says, merged: person.merged.clone() });
        }
        Standing { people }
    }
}

impl Standee {
    /// Makes the documents say `after`. Where others are merged into this one, they must not go on saying what changed.
    pub fn put(&self, draft: &mut Draft, id: &str, after: &Contributor) {
        if self.merged.is_empty() {
            draft.put(id, after.clone());
            return;
        }
        let before = &self.says;
        let mut own = draft.get::<Contributor>(id).cloned().unwrap_or_default();
        own.name.clone_from(&after.name);
        own.emails.clone_from(&after.emails);
        (own.starts, own.ends) = (after.starts, after.ends);
        if before.external_id != after.external_id {
            own.external_id.clone_from(&after.external_id);
        }
        if before.manager != after.manager {
            own.manager.clone_from(&after.manager);
        }
        if before.is_bot != after.is_bot {
            own.is_bot = after.is_bot;
        }
        let names: BTreeSet<&String> = before.attributes.keys().chain(after.attributes.keys()).collect();
        let changed = |name: &str| before.attributes.get(name) != after.attributes.get(name);
        for name in names.into_iter().filter(|name| changed(name)) {
            match after.attributes.get(name) {
                Some(value) => drop(own.attributes.insert(name.clone(), value.clone())),
                None => drop(own.attributes.remove(name)),
            }
        }
        draft.put(id, own);
        for id in &self.merged {
            let Some(mut merged) = draft.get::<Contributor>(id).cloned() else { continue };
            merged.emails.retain(|email| after.emails.contains(email));
            merged.attributes.retain(|name, _| !changed(name));
            merged.external_id = merged.external_id.filter(|_| before.external_id == after.external_id);
            merged.manager = merged.manager.filter(|_| before.manager == after.manager);
            merged.is_bot = merged.is_bot.filter(|_| before.is_bot == after.is_bot);
            draft.put(id, merged);
        }
    }
}

/// The registered contributor that an id stands for.
fn survivor(directory: &Directory, id: &str) -> Option<String> {
    directory.person(id).filter(|person| person.registered).map(|person| person.id.clone())
}
