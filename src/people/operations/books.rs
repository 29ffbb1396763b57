//! Whose addresses and external ids are: each is one person's.

use std::collections::{BTreeSet, HashMap};

use super::ContributorInput;
use crate::people::document::Contributor;
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};
use crate::people::identity::survivor;

/// Whose addresses and external ids are: persons, by the survivor's id.
pub struct Books {
    pub by_email: HashMap<String, BTreeSet<String>>,
    pub by_external: HashMap<String, BTreeSet<String>>,
}

impl Books {
    pub fn new(draft: &Draft) -> Books {
        let mut books = Books { by_email: HashMap::new(), by_external: HashMap::new() };
        for (id, document) in &draft.records().contributors {
            let person = survivor(draft.records(), id).unwrap_or(id);
            for email in &document.emails {
                books.by_email.entry(email.clone()).or_default().insert(person.to_owned());
            }
            if let Some(external) = &document.external_id {
                books.by_external.entry(external.clone()).or_default().insert(person.to_owned());
            }
        }
        books
    }

    /// What an input gives that others have as well.
    pub fn clashes(&self, draft: &Draft, id: &str, input: &ContributorInput, place: &str) -> Vec<Fault> {
        let other = |ids: Option<&BTreeSet<String>>| {
            let other = ids?.iter().find(|other| *other != id)?;
            let name = draft.get::<Contributor>(other).map_or("", |document| &document.name);
            Some(format!("{name} ({other})"))
        };
        let mut faults = Vec::new();
        for email in input.emails.iter().flatten().map(|email| folded(email)) {
            if let Some(other) = other(self.by_email.get(&email)) {
                let message =
                    format!("{email} is an address of contributor {other}; take it away there, or merge the two");
                faults.push(Fault::new(Code::DuplicateEmail, message).at(format!("{place}.emails")));
            }
        }
        if let Some(Some(external)) = &input.external_id
            && let Some(other) = other(self.by_external.get(external.trim()))
        {
            let message = format!("{external:?} is the external id of contributor {other}");
            faults.push(Fault::new(Code::DuplicateKey, message).at(format!("{place}.externalId")));
        }
        faults
    }
}

/// An address as documents have it.
pub fn folded(email: &str) -> String {
    email.trim().to_lowercase()
}
