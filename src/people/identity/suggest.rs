//! Whom an account may belong to that no rule matched: people with a like address, login or name, found through an index of
//! what they are known by.

use std::collections::HashMap;

use super::likeness::{Kind, Profile};
use crate::people::directory::{Person, Resolved};

pub use super::likeness::Reason;

/// The most suggestions for one account.
const MOST: usize = 5;
/// The least likeness worth saying.
const LEAST: f64 = 0.3;
/// Keys that more people share say nothing.
const MOST_SHARED: usize = 500;
/// People looked at closely for one account: those that share the rarest keys with it.
const CLOSELY: usize = 40;

/// A person that an account may belong to.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// Index of the person.
    pub person: usize,
    /// How likely it is, 0 to 1.
    pub score: f64,
    /// The best first.
    pub reasons: Vec<Reason>,
}

/// The index: keys of people. A key is a hash; two that fall together cost a look and change nothing.
#[derive(Debug, Default)]
pub struct Suggester {
    /// (hash << 32 | person), sorted.
    keys: Vec<u64>,
}

impl Suggester {
    /// Indexes everybody whom an account may be given to: no bots, and nobody locked.
    pub fn new(resolved: &Resolved) -> Suggester {
        let mut keys = Vec::new();
        for (number, person) in resolved.people.iter().enumerate() {
            if !person.is_bot && !person.locked {
                of_person(resolved, person).keys(|kind, key| keys.push(hash(kind, key) << 32 | number as u64));
            }
        }
        keys.sort_unstable();
        keys.dedup();
        Suggester { keys }
    }

    /// People that an account may belong to beside the one that it is counted for, the likeliest first; of equally likely
    /// ones registered contributors come first.
    pub fn suggest(&self, resolved: &Resolved, account: usize) -> Vec<Suggestion> {
        let profile = of_account(resolved, account);
        let mut shared: HashMap<usize, f64> = HashMap::new();
        let mut look = |kind, key: &str| {
            let people = self.people(hash(kind, key));
            if people.len() <= MOST_SHARED {
                for person in people {
                    *shared.entry((*person & u64::from(u32::MAX)) as usize).or_default() += 1.0 / people.len() as f64;
                }
            }
        };
        profile.keys(&mut look);
        profile.near_keys(&mut look);
        shared.remove(&resolved.accounts[account].person);
        let mut closest: Vec<(usize, f64)> = shared.into_iter().collect();
        closest.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        closest.truncate(CLOSELY);
        let mut found: Vec<Suggestion> = closest
            .into_iter()
            .map(|(person, _)| {
                let (reasons, score) = profile.likeness(&of_person(resolved, &resolved.people[person]));
                Suggestion { person, score, reasons }
            })
            .filter(|suggestion| suggestion.score >= LEAST)
            .collect();
        let registered = |suggestion: &Suggestion| resolved.people[suggestion.person].registered;
        found.sort_by(|a, b| {
            b.score.total_cmp(&a.score).then(registered(b).cmp(&registered(a))).then(a.person.cmp(&b.person))
        });
        found.truncate(MOST);
        found
    }

    fn people(&self, hash: u64) -> &[u64] {
        let start = self.keys.partition_point(|key| key >> 32 < hash);
        let len = self.keys[start..].partition_point(|key| key >> 32 == hash);
        &self.keys[start..start + len]
    }
}

fn of_account(resolved: &Resolved, account: usize) -> Profile {
    let mut profile = Profile::default();
    add_account(&mut profile, resolved, account);
    profile
}

fn of_person(resolved: &Resolved, person: &Person) -> Profile {
    let mut profile = Profile::default();
    profile.add_name(&person.name);
    for email in &person.emails {
        profile.add_address(email);
    }
    for account in &person.accounts {
        add_account(&mut profile, resolved, *account);
    }
    profile
}

fn add_account(profile: &mut Profile, resolved: &Resolved, account: usize) {
    let seen = &resolved.accounts[account].seen;
    profile.add_login(&seen.login);
    if let Some(email) = &seen.email {
        profile.add_address(email);
    }
    if let Some(name) = &seen.name {
        profile.add_name(name);
    }
}

/// FNV-1a, folded to 32 bits.
fn hash(kind: Kind, key: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ kind as u64;
    for byte in key.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    (hash ^ (hash >> 32)) & u64::from(u32::MAX)
}
