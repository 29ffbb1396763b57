//! Org trees as they are today and ever were, and the relation that plans read.

use anyhow::Result;
use chrono::NaiveDate;
use chrono_tz::Tz;

use super::directory::{Org, Resolved};
use super::records::Records;
use crate::model::Attribution;
use crate::model::attribution::{ALWAYS, Person};

/// The org trees of records.
pub fn org(_records: &Records, _resolved: &Resolved, _today: NaiveDate) -> Result<Org> {
    Ok(Org::default())
}

/// The relation that plans read.
pub fn attribution(id: String, resolved: &Resolved, _org: &Org, _zone: Tz) -> Result<Attribution> {
    let people = resolved.people.iter().map(|person| Person {
        key: person.id.clone(),
        is_bot: person.is_bot,
        present: ALWAYS,
        direct: Vec::new(),
        accounts: person
            .accounts
            .iter()
            .map(|index| &resolved.accounts[*index].seen)
            .map(|seen| (seen.source.clone(), seen.login.clone()))
            .collect(),
    });
    Ok(Attribution::new(id, Vec::new(), Vec::new(), people.collect()))
}
