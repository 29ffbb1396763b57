//! Whom accounts belong to: what was decided by hand, then the rules, each with its confidence; and whom an account that
//! nothing matches may belong to. Pure: documents and accounts in, people out, the same whatever order they come in. How
//! decisions are made is `operations`' business.
//!
//! In this order, an account is matched by
//! - MANUAL, 1.0: somebody said so;
//! - EMAIL, 0.95: its address is that of exactly one contributor;
//! - LOGIN, 0.8: its login, in sources that share logins, is that of accounts matched by a stronger rule;
//! - NAME, 0.5: its full name is that of exactly one contributor, and of no second account of its source.
//!
//! What nobody registered claims is put together to *detected* people by the same rules.

mod bots;
mod claims;
mod clusters;
mod keys;
mod known;
mod letters;
mod licence;
mod likeness;
mod merged;
mod persons;
mod suggest;
#[cfg(test)]
pub mod tests;

use anyhow::Result;

pub use bots::Patterns;
pub use keys::address;
pub use known::address_of;
pub use licence::{LicenceUse, licence_use};
pub use merged::{Group, Merged, survivor};
pub use suggest::{Reason, Suggester, Suggestion};

use super::directory::{Account, Resolved, Rule};
use super::records::Records;
use super::seen::Seen;

impl Rule {
    /// How sure a match by it is, 0 to 1.
    pub fn confidence(self) -> f64 {
        match self {
            Rule::Manual => 1.0,
            Rule::Email => 0.95,
            Rule::Login => 0.8,
            Rule::Name => 0.5,
            Rule::Unmatched => 0.0,
        }
    }
}

/// Matches every account that was seen, or is named by a decision, to a person.
///
/// # Errors
/// When a pattern for bots is no regular expression, which no change allows.
pub fn resolve(records: &Records, seen: &Seen) -> Result<Resolved> {
    let rules = records.identity_rules();
    let patterns = Patterns::new(&rules.bots)?;
    let merged = Merged::new(records);
    let accounts = known::accounts(records, seen);
    let known = known::known(records, &accounts, &rules, &patterns);
    let claims = claims::claims(&merged, &known, &rules);
    let clusters = clusters::clusters(&known, &claims, &rules);
    let resolved = persons::persons(&merged, &known, &claims.of, &clusters);
    let accounts = accounts
        .into_iter()
        .zip(resolved.bots)
        .zip(resolved.belongs)
        .map(|((seen, is_bot), (person, rule))| Account { seen, is_bot, person, rule, confidence: rule.confidence() });
    Ok(Resolved {
        accounts: accounts.collect(),
        people: resolved.people,
        by_id: resolved.by_id,
        by_email: resolved.by_email,
        ..Resolved::default()
    })
}

impl Resolved {
    /// The index of an account.
    pub fn account(&self, source: &str, login: &str) -> Option<usize> {
        let key = |account: &Account| (account.seen.source.as_str(), account.seen.login.as_str()).cmp(&(source, login));
        self.accounts.binary_search_by(key).ok()
    }

    /// Whether an account waits for somebody to say whose it is: no registered contributor has it, it is no bot, and nobody
    /// said that it stands alone.
    pub fn is_pending(&self, account: usize) -> bool {
        let account = &self.accounts[account];
        !self.people[account.person].registered && !account.is_bot && account.rule != Rule::Manual
    }

    /// Up to five people that an account may belong to, the likeliest first. The first call makes the index.
    pub fn suggestions(&self, account: usize) -> Vec<Suggestion> {
        self.suggester.get_or_init(|| Suggester::new(self)).suggest(self, account)
    }
}
