//! Tests of identity: each rule by cases; all of them together against a second computation on random small worlds.

mod brute;
mod cases;
pub mod random;

use std::sync::Arc;

use super::resolve;
use crate::people::directory::{Resolved, Rule};
use crate::people::document::{AccountDecision, Contributor, IDENTITY_RULES, Rules, account_key};
use crate::people::records::Records;
use crate::people::seen::{Seen, SeenAccount};

/// Documents and accounts, put together by hand.
#[derive(Debug, Clone, Default)]
pub struct World {
    pub records: Records,
    pub seen: Seen,
}

impl World {
    /// A registered contributor with addresses.
    pub fn contributor(mut self, id: &str, name: &str, emails: &[&str]) -> World {
        let emails = emails.iter().map(|email| (*email).to_owned()).collect();
        let document = Contributor { name: name.into(), emails, ..Contributor::default() };
        self.records.contributors.insert(id.into(), Arc::new(document));
        self
    }

    /// Changes a contributor's document.
    pub fn with(mut self, id: &str, change: impl FnOnce(&mut Contributor)) -> World {
        let mut document = Contributor::clone(&self.records.contributors[id]);
        change(&mut document);
        self.records.contributors.insert(id.into(), Arc::new(document));
        self
    }

    /// An account that was seen; what is empty is not known.
    pub fn account(mut self, source: &str, login: &str, name: &str, email: &str) -> World {
        let known = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        self.seen.accounts.push(SeenAccount {
            source: source.into(),
            login: login.into(),
            name: known(name),
            email: known(email),
            ..SeenAccount::default()
        });
        self
    }

    pub fn decision(mut self, source: &str, login: &str, decision: AccountDecision) -> World {
        self.records.accounts.insert(account_key(source, login), Arc::new(decision));
        self
    }

    pub fn given(self, source: &str, login: &str, contributor: &str) -> World {
        let contributor = Some(contributor.to_owned());
        self.decision(source, login, AccountDecision { contributor, ..AccountDecision::default() })
    }

    pub fn alone(self, source: &str, login: &str) -> World {
        self.decision(source, login, AccountDecision { alone: true, ..AccountDecision::default() })
    }

    pub fn rules(mut self, rules: Rules) -> World {
        self.records.rules.insert(IDENTITY_RULES.into(), Arc::new(rules));
        self
    }

    /// One group of sources that share logins.
    pub fn same_logins(self, sources: &[&str]) -> World {
        let mut rules = self.records.identity_rules();
        rules.same_logins.push(sources.iter().map(|source| (*source).to_owned()).collect());
        self.rules(rules)
    }

    pub fn resolved(&self) -> Resolved {
        resolve(&self.records, &self.seen).expect("resolves")
    }

    /// Id of the person that an account belongs to, and what matched it.
    pub fn of(&self, source: &str, login: &str) -> (String, Rule) {
        let resolved = self.resolved();
        let account = &resolved.accounts[resolved.account(source, login).expect("an account")];
        (resolved.people[account.person].id.clone(), account.rule)
    }
}
