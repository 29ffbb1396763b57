//! People detected from accounts that no registered contributor has: the accounts put together by the same rules.

use std::collections::HashMap;
use std::hash::Hash;

use super::claims::Claims;
use super::known::Known;
use crate::people::directory::Rule;
use crate::people::document::Rules;

/// For each account that nobody registered has: the first account of its cluster, and what ties it to the others.
pub type Clusters = Vec<Option<(usize, Rule)>>;

/// Puts accounts together. Each stands for a person of its own where nothing ties it to another.
pub fn clusters(known: &[Known], claims: &Claims, rules: &Rules) -> Clusters {
    let free: Vec<bool> =
        known.iter().zip(&claims.of).map(|(account, claim)| claim.is_none() && !account.alone).collect();
    let mut union = Union::new(known.len());
    let accounts = || known.iter().enumerate().filter(|(number, _)| free[*number]);
    if rules.by_email {
        let addresses = accounts().filter_map(|(number, account)| Some((account.address.as_deref()?, number)));
        union.tie_same(addresses, Rule::Email);
    }
    let logins = accounts().flat_map(|(number, account)| {
        account.logins.iter().map(move |(sources, login)| ((*sources, login.as_str()), number))
    });
    union.tie_same(logins, Rule::Login);
    if rules.by_name {
        let named = accounts().filter(|(_, account)| !account.is_bot);
        let named = named.filter_map(|(number, account)| Some((account.name.as_deref()?, number)));
        tie_names(&mut union, known, claims, named);
    }
    let of = known.iter().zip(&claims.of).enumerate().map(|(number, (account, claim))| match claim {
        Some(_) => None,
        None if account.alone => Some((number, Rule::Manual)),
        None => Some((union.first(number), union.tied[number])),
    });
    of.collect()
}

/// Ties accounts of one full name that nobody registered goes by. A name adds single accounts to one person at most, and so
/// brings nothing else along: two persons of that name, each of several accounts or of one source, leave it all as it is.
fn tie_names<'k>(
    union: &mut Union,
    known: &[Known<'k>],
    claims: &Claims,
    named: impl Iterator<Item = (&'k str, usize)>,
) {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (name, number) in named.filter(|(name, _)| !claims.named.has(*name)) {
        by_name.entry(name).or_default().push(number);
    }
    // What ties a name does not change what others see: singles are told apart before any name ties.
    let mut ties = Vec::new();
    for (name, accounts) in by_name {
        let is_single = |number: usize| {
            let alone_in_source = claims.namesakes.get(&(known[number].seen.source.as_str(), name)) == Some(&1);
            union.tied[number] == Rule::Unmatched && alone_in_source
        };
        let (singles, others): (Vec<usize>, Vec<usize>) = accounts.into_iter().partition(|number| is_single(*number));
        let mut persons: Vec<usize> = others.iter().map(|number| union.first_of(*number)).collect();
        persons.sort_unstable();
        persons.dedup();
        match persons.as_slice() {
            [] if singles.len() > 1 => ties.push((singles[0], singles)),
            [person] if !singles.is_empty() => ties.push((*person, singles)),
            _ => {}
        }
    }
    for (person, singles) in ties {
        for single in singles {
            union.tie(person, single, Rule::Name);
        }
    }
}

/// Sets of accounts, each known by its first one.
struct Union {
    parents: Vec<usize>,
    /// The strongest rule that ties an account to others.
    tied: Vec<Rule>,
}

impl Union {
    fn new(len: usize) -> Union {
        Union { parents: (0..len).collect(), tied: vec![Rule::Unmatched; len] }
    }

    fn tie_same<K: Hash + Eq>(&mut self, keys: impl Iterator<Item = (K, usize)>, rule: Rule) {
        let mut firsts: HashMap<K, usize> = HashMap::new();
        for (key, number) in keys {
            let first = *firsts.entry(key).or_insert(number);
            if first != number {
                self.tie(first, number, rule);
            }
        }
    }

    fn tie(&mut self, one: usize, other: usize, rule: Rule) {
        for number in [one, other] {
            // Rules come strongest first.
            if self.tied[number] == Rule::Unmatched {
                self.tied[number] = rule;
            }
        }
        let (one, other) = (self.first(one), self.first(other));
        self.parents[one.max(other)] = one.min(other);
    }

    fn first(&mut self, mut number: usize) -> usize {
        while self.parents[number] != number {
            self.parents[number] = self.parents[self.parents[number]];
            number = self.parents[number];
        }
        number
    }

    fn first_of(&self, mut number: usize) -> usize {
        while self.parents[number] != number {
            number = self.parents[number];
        }
        number
    }
}
