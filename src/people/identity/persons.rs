//! The people: registered contributors and detected ones, with what their documents and accounts say of them.

use std::collections::{BTreeMap, HashMap};

use super::clusters::Clusters;
use super::known::Known;
use super::merged::{Group, Merged};
use crate::people::directory::{Person, Rule};
use crate::people::document::account_key;

/// People and what finds them.
pub struct Persons {
    /// By name (case folded), then id.
    pub people: Vec<Person>,
    /// For each account its person, and what matched it.
    pub belongs: Vec<(usize, Rule)>,
    /// For each account, whether it is a bot's: what is said of its contributor by hand beats all.
    pub bots: Vec<bool>,
    pub by_id: HashMap<String, usize>,
    pub by_email: HashMap<String, usize>,
}

/// Makes people of groups of contributors and clusters of accounts.
pub fn persons(merged: &Merged, known: &[Known], claims: &[Option<(usize, Rule)>], clusters: &Clusters) -> Persons {
    let registered = merged.groups.len();
    // Registered ones first, by id; then detected ones, by their first account.
    let mut belongs = Vec::with_capacity(known.len());
    let mut accounts: Vec<Vec<usize>> = vec![Vec::new(); registered];
    let mut numbers: HashMap<usize, usize> = HashMap::new();
    for (number, (claim, cluster)) in claims.iter().zip(clusters).enumerate() {
        let (person, rule) = match (claim, cluster) {
            (Some((group, rule)), _) => (*group, *rule),
            (None, cluster) => {
                let (first, rule) = cluster.unwrap_or((number, Rule::Unmatched));
                let person = *numbers.entry(first).or_insert_with(|| {
                    accounts.push(Vec::new());
                    accounts.len() - 1
                });
                (person, rule)
            }
        };
        accounts[person].push(number);
        belongs.push((person, rule));
    }
    let mut owners: HashMap<&str, usize> = HashMap::new();
    for (number, group) in merged.groups.iter().enumerate() {
        for email in group.documents.iter().flat_map(|(_, document)| &document.emails) {
            owners.entry(email).or_insert(number);
        }
    }
    let mut bots = vec![false; known.len()];
    let mut people: Vec<Person> = Vec::with_capacity(accounts.len());
    for (number, accounts) in accounts.into_iter().enumerate() {
        let mut person = match merged.groups.get(number) {
            Some(group) => of_group(group),
            None => of_accounts(known, &accounts),
        };
        let addresses = accounts.iter().filter_map(|account| known[*account].address.as_ref());
        for address in addresses.filter(|address| owners.get(address.as_str()).is_none_or(|owner| *owner == number)) {
            if !person.emails.contains(address) {
                person.emails.push(address.clone());
            }
        }
        let by_hand = merged.groups.get(number).and_then(|group| group.first(|document| document.is_bot));
        for account in &accounts {
            bots[*account] = by_hand.unwrap_or(known[*account].is_bot);
        }
        person.is_bot =
            by_hand.unwrap_or_else(|| !accounts.is_empty() && accounts.iter().all(|account| bots[*account]));
        person.accounts = accounts;
        people.push(person);
    }
    let managers: Vec<Option<usize>> = (0..registered).map(|group| merged.manager(group)).collect();
    let by_email = by_email(&people, &owners);
    Persons { bots, ..sorted(people, belongs, managers, known, by_email) }
}

fn of_group(group: &Group) -> Person {
    let mut emails: Vec<String> = Vec::new();
    let mut attributes = BTreeMap::new();
    for (_, document) in &group.documents {
        for email in &document.emails {
            if !emails.contains(email) {
                emails.push(email.clone());
            }
        }
        for (name, value) in &document.attributes {
            attributes.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    let survivor = group.survivor();
    Person {
        id: group.id.to_owned(),
        name: survivor.name.clone(),
        emails,
        registered: true,
        external_id: group.first(|document| document.external_id.clone()),
        locked: survivor.locked,
        attributes,
        starts: survivor.starts,
        ends: survivor.ends,
        merged: group.documents[1..].iter().map(|(id, _)| (*id).to_owned()).collect(),
        ..Person::default()
    }
}

/// A detected person goes by its first account that has a full name, else by any name, else by the first login.
fn of_accounts(known: &[Known], accounts: &[usize]) -> Person {
    let seen = || accounts.iter().map(|account| &known[*account]);
    let full = seen().find(|account| account.name.is_some()).and_then(|account| account.seen.name.as_deref());
    let any = || seen().find_map(|account| account.seen.name.as_deref()).filter(|name| !name.trim().is_empty());
    let first = known[accounts[0]].seen;
    let name = full.or_else(any).unwrap_or(&first.login);
    Person {
        id: detected_id(&first.source, &first.login),
        name: name.split_whitespace().collect::<Vec<_>>().join(" "),
        ..Person::default()
    }
}

/// The id of a detected person, by its first account.
fn detected_id(source: &str, login: &str) -> String {
    format!("account:{}", account_key(source, login))
}

/// An address finds whose document has it, else the first whose account has it.
fn by_email(people: &[Person], owners: &HashMap<&str, usize>) -> HashMap<String, usize> {
    let mut by_email: HashMap<String, usize> =
        owners.iter().map(|(email, person)| ((*email).to_owned(), *person)).collect();
    for (number, person) in people.iter().enumerate() {
        for email in &person.emails {
            if !by_email.contains_key(email) {
                by_email.insert(email.clone(), number);
            }
        }
    }
    by_email
}

/// Brings people into the order of their names, and all that numbers them with them.
fn sorted(
    people: Vec<Person>,
    mut belongs: Vec<(usize, Rule)>,
    managers: Vec<Option<usize>>,
    known: &[Known],
    mut by_email: HashMap<String, usize>,
) -> Persons {
    let names: Vec<String> = people.iter().map(|person| person.name.to_lowercase()).collect();
    let mut order: Vec<usize> = (0..people.len()).collect();
    order.sort_unstable_by(|a, b| (&names[*a], &people[*a].id).cmp(&(&names[*b], &people[*b].id)));
    let mut place = vec![0; people.len()];
    for (new, old) in order.iter().enumerate() {
        place[*old] = new;
    }
    let mut unsorted: Vec<Option<Person>> = people.into_iter().map(Some).collect();
    let mut people: Vec<Person> = order.iter().filter_map(|old| unsorted[*old].take()).collect();
    for (group, manager) in managers.into_iter().enumerate() {
        people[place[group]].manager = manager.map(|manager| place[manager]);
    }
    for person in 0..people.len() {
        if let Some(manager) = people[person].manager {
            people[manager].reports.push(person);
        }
    }
    belongs.iter_mut().for_each(|(person, _)| *person = place[*person]);
    by_email.values_mut().for_each(|person| *person = place[*person]);
    let mut by_id = HashMap::with_capacity(people.len() + known.len());
    for (account, (person, _)) in known.iter().zip(&belongs) {
        by_id.insert(detected_id(&account.seen.source, &account.seen.login), *person);
    }
    for (number, person) in people.iter().enumerate() {
        for id in std::iter::once(&person.id).chain(&person.merged) {
            by_id.insert(id.clone(), number);
        }
    }
    Persons { people, belongs, bots: Vec::new(), by_id, by_email }
}
