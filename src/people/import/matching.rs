//! Which contributor a row is: by contributor id, then by external id, then by any e-mail address. So a contributor keeps its
//! id, and with it teams and accounts, whatever else changes.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::people::csv::{ProblemCode, Problems, Row};
use crate::people::directory::Directory;
use crate::people::fresh::letters;
use crate::people::standing::Standing;

/// The most characters that an id of a file may have behind its prefix.
const LONGEST: usize = 40;

/// What tells whose row it is.
type Key<'k> = &'k dyn Fn(&Row) -> Option<String>;

/// The contributor id of each row. New ones follow from `seed` and the row, so that an approval gives those of the preview.
pub fn ids(
    rows: &[Row],
    standing: &Standing,
    directory: &Directory,
    seed: &str,
    problems: &mut Problems,
) -> Vec<String> {
    let mut ids: Vec<Option<String>> = vec![None; rows.len()];
    let mut taken: HashMap<String, u32> = HashMap::new();
    let registered = |id: &str| {
        let person = directory.person(id).filter(|person| person.registered)?;
        standing.people.contains_key(&person.id).then(|| person.id.clone())
    };
    let mut by_external: HashMap<&str, &str> = HashMap::new();
    let mut by_email: HashMap<&str, &str> = HashMap::new();
    for (id, standee) in &standing.people {
        by_external.extend(standee.says.external_id.as_deref().map(|external| (external, id.as_str())));
        by_email.extend(standee.says.emails.iter().map(|email| (email.as_str(), id.as_str())));
    }
    let of_account = |email: &str| {
        let person = directory.resolved.by_email.get(email).map(|index| &directory.resolved.people[*index])?;
        registered(&person.id)
    };

    // The surest first, for all rows: a weaker key of one row must not take what is a stronger one of another.
    let own = |row: &Row| row.id.as_deref().and_then(registered);
    let external = |row: &Row| Some((*by_external.get(row.external_id.as_deref()?)?).to_owned());
    let email = |row: &Row| {
        let mut emails = row.email.iter().chain(&row.other_emails);
        emails.find_map(|email| by_email.get(email.as_str()).map(|id| (*id).to_owned()))
    };
    let account = |row: &Row| of_account(row.email.as_deref()?);
    let keys: [(Key, bool); 4] = [(&own, true), (&external, true), (&email, false), (&account, false)];
    for (key, is_sure) in keys {
        for (row, id) in rows.iter().zip(&mut ids).filter(|(_, id)| id.is_none()) {
            let Some(found) = key(row) else { continue };
            match taken.get(&found) {
                None => {
                    taken.insert(found.clone(), row.number);
                    *id = Some(found);
                }
                Some(other) if is_sure => {
                    let name = standing.people.get(&found).map_or("", |standee| &standee.says.name);
                    let message = format!("Rows {other} and {} are both contributor {name} ({found}).", row.number);
                    problems.row(ProblemCode::InvalidValue, row.number, message);
                }
                // Two addresses of one contributor: whose they are in the end is looked at afterwards.
                Some(_) => {}
            }
        }
    }
    let mut made = |(row, id): (&Row, Option<String>)| {
        id.unwrap_or_else(|| {
            let is_free = |id: &String| {
                is_contributor_id(id) && !taken.contains_key(id) && !directory.records.contributors.contains_key(id)
            };
            // An id of an earlier export, of a contributor that is not there any more.
            let id = row.id.clone().filter(is_free).unwrap_or_else(|| new_id(seed, row.number));
            taken.insert(id.clone(), row.number);
            id
        })
    };
    rows.iter().zip(ids).map(&mut made).collect()
}

/// An id that follows from a text and a number.
fn new_id(seed: &str, number: u32) -> String {
    format!("c-{}", letters(&Sha256::digest(format!("{seed}/{number}"))))
}

fn is_contributor_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    id.strip_prefix("c-").is_some_and(|rest| (1..=LONGEST).contains(&rest.len()) && rest.bytes().all(plain))
}
