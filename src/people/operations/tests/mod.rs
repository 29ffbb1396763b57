//! Tests of operations: by cases, and by what must hold in random small worlds.

mod cases;
mod properties;
mod upserts;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::*;
use crate::people::directory::Directory;
use crate::people::draft::Draft;
use crate::people::identity::tests::World;

impl World {
    pub fn directory(&self) -> Directory {
        let now = DateTime::<Utc>::from_timestamp(1_750_000_000, 0).expect("a time");
        let records = Arc::new(self.records.clone());
        Directory::new(records, &self.seen, chrono_tz::UTC, now).expect("a directory")
    }

    /// What an operation gives; on success the world is as it makes it.
    pub fn change<T>(&mut self, operation: impl FnOnce(&mut Draft, &Directory) -> Outcome<T>) -> Outcome<T> {
        let directory = self.directory();
        let mut draft = Draft::new(Arc::clone(&directory.records));
        let outcome = operation(&mut draft, &directory)?;
        // What is written is what was put: read back as another server would.
        for edit in draft.edits().expect("edits") {
            self.records.apply(edit.kind, &edit.key, edit.value.as_deref()).expect("a document that can be read");
        }
        assert_eq!(documents(&self.records), documents(draft.records()));
        Ok(outcome)
    }

    /// As [`World::change`], of an operation that must go well.
    pub fn must<T>(&mut self, operation: impl FnOnce(&mut Draft, &Directory) -> Outcome<T>) -> T {
        self.change(operation).unwrap_or_else(|faults| panic!("{faults:#?}"))
    }

    /// Codes and fields of the faults of an operation that must not go well.
    pub fn faults<T>(&self, operation: impl FnOnce(&mut Draft, &Directory) -> Outcome<T>) -> Vec<(Code, String)> {
        let faults = self.clone().change(operation).err().expect("faults");
        faults.into_iter().map(|fault| (fault.code, fault.field.unwrap_or_default())).collect()
    }

    /// Account -> id of its person.
    pub fn owners(&self) -> BTreeMap<(String, String), String> {
        let resolved = self.resolved();
        let owner = |person: usize| resolved.people[person].id.clone();
        resolved.accounts.iter().map(|a| ((a.seen.source.clone(), a.seen.login.clone()), owner(a.person))).collect()
    }

    /// The people as sets of accounts and addresses, whatever their ids.
    pub fn sets(&self) -> BTreeSet<Vec<String>> {
        let resolved = self.resolved();
        let set = |person: &crate::people::directory::Person| {
            let accounts = person.accounts.iter().map(|account| &resolved.accounts[*account].seen);
            let mut set: Vec<String> = accounts.map(|seen| format!("{}/{}", seen.source, seen.login)).collect();
            set.extend(person.emails.iter().cloned());
            set.sort();
            set
        };
        resolved.people.iter().map(set).collect()
    }
}

pub fn documents(records: &crate::people::records::Records) -> String {
    let crate::people::records::Records { contributors, accounts, memberships, teams, rules, .. } = records;
    format!("{contributors:#?}{accounts:#?}{memberships:#?}{teams:#?}{rules:#?}")
}

pub fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

pub fn accounts(accounts: &[(&str, &str)]) -> Vec<AccountId> {
    accounts.iter().map(|(source, login)| AccountId::new(*source, *login)).collect()
}
