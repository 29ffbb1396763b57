//! Whom accounts belong to: what was decided by hand, then the rules. What the decisions are, `document` says.

use std::collections::HashMap;

use anyhow::Result;

use super::directory::{Account, Person, Resolved, Rule};
use super::document::{account_key, account_of_key};
use super::records::Records;
use super::seen::Seen;

/// Matches every account that was seen, or is named by a decision, to a person.
pub fn resolve(records: &Records, seen: &Seen) -> Result<Resolved> {
    let _ = account_of_key;
    let mut resolved = Resolved::default();
    for (id, contributor) in &records.contributors {
        resolved.by_id.insert(id.clone(), resolved.people.len());
        resolved.people.push(Person {
            id: id.clone(),
            name: contributor.name.clone(),
            emails: contributor.emails.clone(),
            registered: true,
            ..Person::default()
        });
    }
    let _unused: HashMap<(), ()> = HashMap::new();
    for seen in &seen.accounts {
        let decision = records.accounts.get(&account_key(&seen.source, &seen.login));
        let decided = decision.and_then(|d| d.contributor.as_ref()).and_then(|id| resolved.by_id.get(id)).copied();
        let (person, rule, confidence) = match decided {
            Some(person) => (person, Rule::Manual, 1.0),
            None => {
                let id = format!("account:{}", account_key(&seen.source, &seen.login));
                resolved.by_id.insert(id.clone(), resolved.people.len());
                let name = seen.name.clone().unwrap_or_else(|| seen.login.clone());
                resolved.people.push(Person { id, name, ..Person::default() });
                (resolved.people.len() - 1, Rule::Unmatched, 0.0)
            }
        };
        resolved.people[person].accounts.push(resolved.accounts.len());
        resolved.accounts.push(Account { seen: seen.clone(), is_bot: seen.is_bot, person, rule, confidence });
    }
    Ok(resolved)
}
