//! Which registered contributor has which account.

use std::collections::HashMap;
use std::hash::Hash;

use super::keys;
use super::known::Known;
use super::merged::Merged;
use crate::people::directory::Rule;
use crate::people::document::Rules;

/// Accounts that registered contributors have, and who goes by which name.
pub struct Claims<'k> {
    /// For each account, the index of the contributor's group, and what matched it.
    pub of: Vec<Option<(usize, Rule)>>,
    /// Who goes by a name before NAME matched anything: contributors, by their documents and accounts, and accounts that stand alone.
    pub named: Holders<String>,
    /// How many accounts of a source have a name: (source, name).
    pub namesakes: HashMap<(&'k str, &'k str), usize>,
}

/// Who has something: one, by number, or several (`None`).
pub struct Holders<K>(HashMap<K, Option<usize>>);

impl<K: Hash + Eq> Holders<K> {
    fn add(&mut self, key: K, who: usize) {
        let holder = self.0.entry(key).or_insert(Some(who));
        if *holder != Some(who) {
            *holder = None;
        }
    }

    /// Whether anybody has it.
    pub fn has<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> bool
    where
        K: std::borrow::Borrow<Q>,
    {
        self.0.contains_key(key)
    }
}

/// Matches accounts to registered contributors. A rule looks only at what stronger ones matched, so the order of accounts
/// does not matter.
pub fn claims<'k>(merged: &Merged, known: &'k [Known<'k>], rules: &Rules) -> Claims<'k> {
    let decided = |account: &Known| account.decision?.contributor.as_deref().and_then(|id| merged.of(id));
    let mut of: Vec<Option<(usize, Rule)>> =
        known.iter().map(|account| decided(account).map(|group| (group, Rule::Manual))).collect();
    if rules.by_email {
        let found = by_email(merged, known, &of);
        take(merged, known, &mut of, found, Rule::Email);
    }
    let found = by_login(known, &of);
    take(merged, known, &mut of, found, Rule::Login);
    let named = named(merged, known, &of);
    let mut namesakes = HashMap::new();
    for account in known {
        if let Some(name) = &account.name {
            *namesakes.entry((account.seen.source.as_str(), name.as_str())).or_default() += 1;
        }
    }
    let claims = Claims { of, named, namesakes };
    if !rules.by_name {
        return claims;
    }
    let found = by_name(merged, known, &claims);
    let mut of = claims.of;
    take(merged, known, &mut of, found, Rule::Name);
    Claims { of, ..claims }
}

/// Gives accounts that nobody has to whom a rule found. Locked contributors get none, and accounts that stand alone stay so.
fn take(merged: &Merged, known: &[Known], of: &mut [Option<(usize, Rule)>], found: Vec<Option<usize>>, rule: Rule) {
    for ((account, claim), found) in known.iter().zip(of).zip(found) {
        let found = found.filter(|group| claim.is_none() && !account.alone && !merged.groups[*group].survivor().locked);
        if let Some(group) = found {
            *claim = Some((group, rule));
        }
    }
}

/// The one contributor whose address an account has: by the documents; an address in none of them is that of the
/// contributor to whom somebody gave an account with it.
fn by_email(merged: &Merged, known: &[Known], of: &[Option<(usize, Rule)>]) -> Vec<Option<usize>> {
    let mut documents = Holders(HashMap::new());
    for (number, group) in merged.groups.iter().enumerate() {
        for address in
            group.documents.iter().flat_map(|(_, document)| &document.emails).filter_map(|e| keys::address(e))
        {
            documents.add(address, number);
        }
    }
    let mut decided = Holders(HashMap::new());
    for (account, claim) in known.iter().zip(of).filter(|(account, _)| account.ties) {
        if let (Some(address), Some((group, _))) = (&account.address, claim) {
            decided.add(address.as_str(), *group);
        }
    }
    let found = |account: &Known| {
        let address = account.address.as_deref()?;
        documents.0.get(address).or_else(|| decided.0.get(address)).copied().flatten()
    };
    known.iter().map(found).collect()
}

/// The one contributor who has accounts of the same login, by a stronger rule, in sources that share logins.
fn by_login(known: &[Known], of: &[Option<(usize, Rule)>]) -> Vec<Option<usize>> {
    let mut logins = Holders(HashMap::new());
    for (account, claim) in known.iter().zip(of).filter(|(account, _)| account.ties) {
        if let Some((group, _)) = claim {
            for (sources, login) in &account.logins {
                logins.add((*sources, login.as_str()), *group);
            }
        }
    }
    let found = |account: &Known| {
        let mut holders = account.logins.iter().filter_map(|(group, login)| logins.0.get(&(*group, login.as_str())));
        let first = (*holders.next()?)?;
        holders.all(|other| *other == Some(first)).then_some(first)
    };
    known.iter().map(found).collect()
}

fn named(merged: &Merged, known: &[Known], of: &[Option<(usize, Rule)>]) -> Holders<String> {
    let mut named = Holders(HashMap::new());
    for (number, group) in merged.groups.iter().enumerate() {
        for name in group.documents.iter().filter_map(|(_, document)| keys::name(&document.name)) {
            named.add(name, number);
        }
    }
    for (number, (account, claim)) in known.iter().zip(of).enumerate() {
        let person = match claim {
            Some((group, _)) => account.ties.then_some(*group),
            None => account.alone.then_some(merged.groups.len() + number),
        };
        if let (Some(person), Some(name), false) = (person, &account.name, account.is_bot) {
            named.add(name.clone(), person);
        }
    }
    named
}

fn by_name(merged: &Merged, known: &[Known], claims: &Claims) -> Vec<Option<usize>> {
    let found = |account: &Known| {
        let name = account.name.as_deref().filter(|_| !account.is_bot)?;
        let only = claims.namesakes.get(&(account.seen.source.as_str(), name)) == Some(&1);
        let person = claims.named.0.get(name).copied().flatten();
        person.filter(|person| only && *person < merged.groups.len())
    };
    known.iter().map(found).collect()
}
