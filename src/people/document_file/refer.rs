//! How people are called in a document: by e-mail, external id, contributor id or `source/login`.

use std::collections::HashMap;

use crate::people::directory::{Directory, Person};
use crate::people::fault::{Code, Fault};

/// Ways to find people by what a document calls them.
pub struct People<'d> {
    directory: &'d Directory,
    by_external_id: HashMap<&'d str, usize>,
}

impl<'d> People<'d> {
    pub fn new(directory: &'d Directory) -> People<'d> {
        let people = directory.resolved.people.iter().enumerate();
        let by_external_id = people.filter_map(|(number, person)| Some((person.external_id.as_deref()?, number)));
        People { directory, by_external_id: by_external_id.collect() }
    }

    /// What a document calls a person: the shortest that means nobody else.
    pub fn name(&self, person: &'d Person) -> String {
        let is_it = |text: &&str| self.find(text).is_some_and(|found| found.id == person.id);
        let emails = person.emails.iter().map(String::as_str);
        let known = emails.chain(person.external_id.as_deref()).find(is_it).map(str::to_owned);
        let account = || {
            let seen = &self.directory.resolved.accounts[*person.accounts.first()?].seen;
            Some(format!("{}/{}", seen.source, seen.login))
        };
        known.or_else(|| account().filter(|text| is_it(&text.as_str()))).unwrap_or_else(|| person.id.clone())
    }

    /// What a document calls the contributor of an id; the id, where there is none any more.
    pub fn name_of(&self, id: &str) -> String {
        self.directory.person(id).map_or_else(|| id.to_owned(), |person| self.name(person))
    }

    /// The person whom a text means.
    pub fn find(&self, text: &str) -> Option<&'d Person> {
        let (text, resolved) = (text.trim(), &self.directory.resolved);
        let by_email = || resolved.by_email.get(&text.to_lowercase()).copied();
        let by_account = || {
            let (source, login) = text.split_once('/')?;
            Some(resolved.accounts[resolved.account(source, login)?].person)
        };
        let number = by_email().or_else(|| self.by_external_id.get(text).copied());
        let number = number.or_else(|| resolved.by_id.get(text).copied()).or_else(by_account)?;
        Some(&resolved.people[number])
    }

    /// The id of the person whom a text means.
    pub fn id(&self, text: &str, place: &str) -> Result<String, Fault> {
        self.find(text).map(|person| person.id.clone()).ok_or_else(|| {
            let message = format!("nobody is called {text:?}; give an e-mail, an external id or source/login");
            Fault::new(Code::NotFound, message).at(place)
        })
    }
}
