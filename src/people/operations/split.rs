//! One person turns out to be two.

use std::collections::BTreeSet;

use super::accounts::{AccountId, decide, field, known};
use super::assign::free;
use super::reference::{Target, documents, owner};
use super::{Outcome, register};
use crate::people::directory::{Directory, Rule};
use crate::people::document::Contributor;
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};
use crate::people::fresh;
use crate::people::identity::address_of;
use crate::people::seen::SeenAccount;

/// Takes accounts of one person away and gives them to a new contributor, whose id it gives. `name`: of the new one; `None`:
/// as the accounts say. Addresses that only these accounts have go along, the person's main one excepted; the person's
/// other accounts stay. A detected person is registered first. Taken back by [`super::merge`] of the new one into
/// the old one.
///
/// # Errors
/// NOT_FOUND; LOCKED; CONFLICT, where the accounts are of several people, or all that a detected person has;
/// REQUIRED_VALUE_MISSING, where there are none; TOO_MANY.
pub fn split(draft: &mut Draft, directory: &Directory, accounts: &[AccountId], name: Option<&str>) -> Outcome<String> {
    known(draft, directory, accounts)?;
    free(draft, directory, accounts)?;
    let fault = |code, message: &str, field: &str| vec![Fault::new(code, message).at(field)];
    let of = |account: &AccountId| owner(draft, directory, &account.source, &account.login);
    let Some(target) = accounts.first().and_then(of) else {
        return Err(fault(Code::RequiredValueMissing, "give at least one account", "accounts"));
    };
    if let Some(other) = accounts.iter().position(|account| of(account) != Some(target.clone())) {
        let message = "it belongs to somebody else than the first one; split accounts of one person at a time";
        return Err(fault(Code::Conflict, message, &field(other)));
    }
    let leaving: BTreeSet<(&str, &str)> = accounts.iter().map(|a| (a.source.as_str(), a.login.as_str())).collect();
    let id = match target {
        Target::Registered(id) => id,
        Target::Detected(person) if directory.resolved.people[person].accounts.len() == leaving.len() => {
            return Err(fault(Code::Conflict, "these are all accounts of the person; leave at least one", "accounts"));
        }
        Target::Detected(person) => register(draft, directory, person),
    };
    let indices = || accounts.iter().filter_map(|a| directory.resolved.account(&a.source, &a.login));
    let seen = |account: usize| &directory.resolved.accounts[account].seen;
    let known_as = directory.person(&id).or_else(|| {
        let first = indices().next()?;
        Some(&directory.resolved.people[directory.resolved.accounts[first].person])
    });
    let stays = |account: &usize| {
        let SeenAccount { source, login, .. } = seen(*account);
        let is_its = owner(draft, directory, source, login) == Some(Target::Registered(id.clone()));
        is_its && !leaving.contains(&(source, login))
    };
    let staying: Vec<usize> = known_as.iter().flat_map(|p| &p.accounts).copied().filter(stays).collect();
    let new = fresh::id('c');
    let emails = moved(draft, &id, indices().map(seen).filter_map(address_of), |address| {
        staying.iter().any(|account| address_of(seen(*account)).as_deref() == Some(address))
    });
    let named = indices().find_map(|account| seen(account).name.clone()).unwrap_or_else(|| accounts[0].login.clone());
    let name = name.map(str::trim).filter(|name| !name.is_empty()).map_or(named, str::to_owned);
    draft.put(&new, Contributor { name, emails, ..Contributor::default() });
    for AccountId { source, login } in accounts {
        decide(draft, source, login, |decision| {
            decision.contributor = Some(new.clone());
            decision.alone = false;
            decision.by_lock = false;
        });
    }
    pin(draft, directory, &id, &staying);
    Ok(new)
}

/// Addresses of the leaving accounts that go to the new contributor; taken out of the old one's documents.
fn moved(
    draft: &mut Draft,
    id: &str,
    addresses: impl Iterator<Item = String>,
    stays: impl Fn(&str) -> bool,
) -> Vec<String> {
    let own = documents(draft.records(), id);
    let main =
        own.iter().filter_map(|id| draft.get::<Contributor>(id)).find_map(|document| document.emails.first()).cloned();
    let mut emails: Vec<String> = Vec::new();
    for address in addresses.filter(|address| Some(address) != main.as_ref() && !stays(address)) {
        let mut holders = draft.records().contributors.iter().filter(|(_, d)| d.emails.contains(&address));
        let is_own = holders.all(|(holder, _)| own.contains(holder));
        if !is_own || emails.contains(&address) {
            continue;
        }
        for id in &own {
            if let Some(document) = draft.get::<Contributor>(id).filter(|document| document.emails.contains(&address)) {
                let mut document = document.clone();
                document.emails.retain(|email| *email != address);
                draft.put(id, document);
            }
        }
        emails.push(address);
    }
    emails
}

/// Decides about accounts that stay, where a rule matched them by what leaves, or may not match them beside it any more.
fn pin(draft: &mut Draft, directory: &Directory, id: &str, staying: &[usize]) {
    let own = documents(draft.records(), id);
    let addresses: Vec<String> =
        own.iter().filter_map(|id| draft.get::<Contributor>(id)).flat_map(|d| d.emails.clone()).collect();
    for account in staying.iter().map(|account| &directory.resolved.accounts[*account]) {
        let by_own_address = || address_of(&account.seen).is_some_and(|address| addresses.contains(&address));
        if account.rule != Rule::Email || !by_own_address() {
            decide(draft, &account.seen.source, &account.seen.login, |decision| {
                decision.contributor.get_or_insert_with(|| id.to_owned());
            });
        }
    }
}
