//! Accounts that rows give to people. A file only ever adds accounts: who had another login before goes on having it, since the
//! work done with it is theirs.

use std::collections::{BTreeMap, HashMap};

use super::plan::Planned;
use crate::people::csv::{ProblemCode, Reading};
use crate::people::directory::Directory;
use crate::people::document::{AccountDecision, account_key};

/// Gives accounts to those whose rows name them. What belongs to them already, by whatever rule, needs no decision.
pub fn claim(
    directory: &Directory,
    ids: &[String],
    people: &mut BTreeMap<String, Planned>,
    reading: &mut Reading,
) -> BTreeMap<String, AccountDecision> {
    let mut decisions = BTreeMap::new();
    if reading.rows.iter().all(|row| row.accounts.is_empty()) {
        return decisions;
    }
    let accounts = &directory.resolved.accounts;
    let exact: HashMap<(&str, &str), usize> =
        accounts.iter().enumerate().map(|(i, a)| ((a.seen.source.as_str(), a.seen.login.as_str()), i)).collect();
    let folded: HashMap<(&str, String), usize> =
        accounts.iter().enumerate().map(|(i, a)| ((a.seen.source.as_str(), a.seen.login.to_lowercase()), i)).collect();
    let mut taken: HashMap<(String, String), u32> = HashMap::new();
    for (id, row) in ids.iter().zip(&reading.rows) {
        for (source, login) in &row.accounts {
            let found = exact.get(&(source.as_str(), login.as_str()));
            let found = found.or_else(|| folded.get(&(source.as_str(), login.to_lowercase()))).map(|i| &accounts[*i]);
            let login = found.map_or(login, |account| &account.seen.login);
            match taken.insert((source.clone(), login.clone()), row.number) {
                None => {}
                Some(twin) if twin == row.number => continue,
                Some(twin) => {
                    let column = reading.columns.iter().find(|column| {
                        column.field.as_deref().and_then(|field| field.strip_prefix("account:")) == Some(source)
                    });
                    let column = column.map_or("", |column| column.name.as_str());
                    let message = format!("The account stands in row {twin}, too, and can be only one person's.");
                    reading.problems.cell(ProblemCode::InvalidValue, row.number, column, login, message);
                    continue;
                }
            }
            if found.is_some_and(|account| directory.resolved.people[account.person].id == *id) {
                continue;
            }
            let key = account_key(source, login);
            let before = directory.records.accounts.get(&key);
            let is_bot = before.and_then(|decision| decision.is_bot);
            let decision = AccountDecision { contributor: Some(id.clone()), is_bot, ..AccountDecision::default() };
            decisions.insert(key, decision);
            if let Some(planned) = people.get_mut(id) {
                planned.claims.push((source.clone(), login.clone()));
            }
        }
    }
    decisions
}
