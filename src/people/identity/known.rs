//! Every account with what is known of it in the forms that rules compare.

use std::collections::BTreeMap;

use super::bots::Patterns;
use super::keys;
use crate::people::document::{AccountDecision, Rules, account_key, account_of_key};
use crate::people::records::Records;
use crate::people::seen::{Seen, SeenAccount};

/// An account, ready for the rules.
#[derive(Debug)]
pub struct Known<'a> {
    pub seen: &'a SeenAccount,
    pub decision: Option<&'a AccountDecision>,
    /// Its usable address; of plain git, the login.
    pub address: Option<String>,
    /// Its login, in each group of sources that share logins.
    pub logins: Vec<(usize, String)>,
    /// Its full name.
    pub name: Option<String>,
    pub is_bot: bool,
    /// Somebody said that it is a person of its own.
    pub alone: bool,
    /// Others may be matched by what it has.
    pub ties: bool,
}

/// Every account, by source and login: those seen, and those that only a decision names.
pub fn accounts(records: &Records, seen: &Seen) -> Vec<SeenAccount> {
    let mut accounts = seen.accounts.clone();
    let content = |a: &SeenAccount| (a.items, a.code_items, a.first, a.last, a.is_bot);
    accounts.sort_by(|a, b| {
        (&a.source, &a.login, &a.name, &a.email)
            .cmp(&(&b.source, &b.login, &b.name, &b.email))
            .then_with(|| content(a).cmp(&content(b)))
    });
    accounts.dedup_by(|b, a| a.source == b.source && a.login == b.login);
    let is_seen = |source: &str, login: &str| {
        accounts.binary_search_by(|a| (a.source.as_str(), a.login.as_str()).cmp(&(source, login))).is_ok()
    };
    let decided = records.accounts.keys().filter_map(|key| account_of_key(key));
    let unseen: Vec<SeenAccount> = decided
        .filter(|(source, login)| !is_seen(source, login))
        .map(|(source, login)| SeenAccount { source: source.into(), login: login.into(), ..SeenAccount::default() })
        .collect();
    if !unseen.is_empty() {
        accounts.extend(unseen);
        accounts.sort_by(|a, b| (&a.source, &a.login).cmp(&(&b.source, &b.login)));
    }
    accounts
}

/// What is known of each account, in their order.
pub fn known<'a>(
    records: &'a Records,
    accounts: &'a [SeenAccount],
    rules: &Rules,
    patterns: &Patterns,
) -> Vec<Known<'a>> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, sources) in rules.same_logins.iter().enumerate() {
        for source in sources {
            let of_source = groups.entry(source).or_default();
            if !of_source.contains(&number) {
                of_source.push(number);
            }
        }
    }
    let one = |seen: &'a SeenAccount| {
        let decision = match records.accounts.is_empty() {
            true => None,
            false => records.accounts.get(&account_key(&seen.source, &seen.login)).map(AsRef::as_ref),
        };
        let logins = match groups.get(seen.source.as_str()) {
            None => Vec::new(),
            Some(groups) => {
                let login = keys::login(&seen.login);
                login.iter().flat_map(|login| groups.iter().map(|group| (*group, login.clone()))).collect()
            }
        };
        let is_there = |id: &String| records.contributors.contains_key(id);
        let by_hand = decision.and_then(|decision| decision.is_bot);
        Known {
            seen,
            decision,
            address: address_of(seen),
            logins,
            name: seen.name.as_deref().and_then(keys::name),
            is_bot: by_hand.unwrap_or_else(|| patterns.say_bot(seen)),
            alone: decision
                .is_some_and(|decision| decision.alone && !decision.contributor.as_ref().is_some_and(is_there)),
            ties: !decision.is_some_and(|decision| decision.alone),
        }
    };
    accounts.iter().map(one).collect()
}

/// The usable address of an account: its own, else its login where that is one.
pub fn address_of(seen: &SeenAccount) -> Option<String> {
    seen.email.as_deref().and_then(keys::address).or_else(|| keys::address(&seen.login))
}
