//! Who counts for a licence. Which period is asked about, and who was active in it, is the caller's business.

use std::ops::Range;

use chrono::NaiveDate;

use crate::people::directory::Resolved;

/// Contributors by the two published rules of counting, bots left out: indices of people, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LicenceUse {
    /// Were with the organisation in the period, and have an account with commits, pull requests or reviews of any time.
    pub source_control: Vec<usize>,
    /// Did anything in the period.
    pub active: Vec<usize>,
}

/// Counts people over the days of a period. `active`: accounts (source, login) that did anything in it; one that is not known
/// counts for nobody.
pub fn licence_use<'a>(
    resolved: &Resolved,
    period: Range<NaiveDate>,
    active: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> LicenceUse {
    let counts = |account: usize| !resolved.accounts[account].is_bot;
    let people = || resolved.people.iter().enumerate().filter(|(_, person)| !person.is_bot);
    let there = |number: usize| {
        let person = &resolved.people[number];
        person.starts.is_none_or(|day| day < period.end) && person.ends.is_none_or(|day| day > period.start)
    };
    let codes = |account: &usize| counts(*account) && resolved.accounts[*account].seen.code_items > 0;
    let mut was_active = vec![false; resolved.people.len()];
    for account in active.into_iter().filter_map(|(source, login)| resolved.account(source, login)) {
        was_active[resolved.accounts[account].person] |= counts(account);
    }
    LicenceUse {
        source_control: people()
            .filter(|(number, person)| there(*number) && person.accounts.iter().any(codes))
            .map(|(number, _)| number)
            .collect(),
        active: people().map(|(number, _)| number).filter(|number| was_active[*number]).collect(),
    }
}
