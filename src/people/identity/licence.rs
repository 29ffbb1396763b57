//! Who counts for a licence. Which period is asked about, and who was active in it, is the caller's business.

use crate::people::directory::Resolved;

/// Contributors by the two published rules of counting, bots left out: indices of people, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LicenceUse {
    /// Have an account with commits, pull requests or reviews.
    pub source_control: Vec<usize>,
    /// Did anything in the period.
    pub active: Vec<usize>,
}

/// Counts people. `active`: accounts (source, login) that did anything in the period; one that is not known counts for nobody.
pub fn licence_use<'a>(resolved: &Resolved, active: impl IntoIterator<Item = (&'a str, &'a str)>) -> LicenceUse {
    let counts = |account: usize| !resolved.accounts[account].is_bot;
    let people = || resolved.people.iter().enumerate().filter(|(_, person)| !person.is_bot);
    let codes = |account: &usize| counts(*account) && resolved.accounts[*account].seen.code_items > 0;
    let mut was_active = vec![false; resolved.people.len()];
    for account in active.into_iter().filter_map(|(source, login)| resolved.account(source, login)) {
        was_active[resolved.accounts[account].person] |= counts(account);
    }
    LicenceUse {
        source_control: people().filter(|(_, p)| p.accounts.iter().any(codes)).map(|(number, _)| number).collect(),
        active: people().map(|(number, _)| number).filter(|number| was_active[*number]).collect(),
    }
}
