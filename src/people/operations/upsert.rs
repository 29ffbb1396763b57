//! Contributors made and changed, one or ten thousand at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::books::{Books, folded};
use super::reference::{merged, no_circle, nobody};
use super::{Outcome, Target, at_most, register, target};
use crate::people::directory::Directory;
use crate::people::document::{Attribute, Contributor};
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};
use crate::people::fresh;

/// What a contributor is to be. What is `None` stays as it is; an inner `None` takes the value away.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContributorInput {
    /// Whom to change: a contributor's id, or `account:<source>/<login>` of a detected person. `None`: whoever has the
    /// external id, else whoever has one of the e-mails, else a new contributor is made.
    pub id: Option<String>,
    pub name: Option<String>,
    /// All of them, the main one first.
    pub emails: Option<Vec<String>>,
    pub external_id: Option<Option<String>>,
    /// The manager's contributor id, external id or e-mail; it may be one that comes in the same call.
    pub manager: Option<Option<String>>,
    /// Values to set, or `None` to take away; others stay.
    pub attributes: BTreeMap<String, Option<Attribute>>,
    /// First day with the organisation.
    pub starts: Option<Option<NaiveDate>>,
    /// The day after the last one.
    pub ends: Option<Option<NaiveDate>>,
}

/// A contributor that was made or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upserted {
    pub id: String,
    pub effect: Effect,
}

/// What an input did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "UpsertEffect")]
pub enum Effect {
    /// There is a new contributor.
    Created,
    Changed,
    /// All was so already.
    Unchanged,
}

/// Makes or changes contributors, in order; nothing where one of them cannot be. Fields of faults begin with `input[i]`.
/// Taken back by another call, or by [`super::delete`] of those it made.
///
/// # Errors
/// REQUIRED_VALUE_MISSING: no name. INVALID_VALUE: an e-mail, a date, an attribute. DUPLICATE_EMAIL and DUPLICATE_KEY: an
/// e-mail or external id is another's. CONFLICT: two inputs are one contributor. NOT_FOUND, MANAGER_NOT_FOUND,
/// CIRCULAR_REFERENCE, TOO_MANY.
pub fn upsert(draft: &mut Draft, directory: &Directory, inputs: &[ContributorInput]) -> Outcome<Vec<Upserted>> {
    at_most(inputs.len(), "input")?;
    upsert_at(draft, directory, inputs, &|i| format!("input[{i}]"))
}

/// As [`upsert`], of one; fields of faults begin with `input`.
pub fn upsert_one(draft: &mut Draft, directory: &Directory, input: &ContributorInput) -> Outcome<Upserted> {
    let mut one = upsert_at(draft, directory, std::slice::from_ref(input), &|_| "input".to_owned())?;
    Ok(one.pop().expect("one input gives one result"))
}

fn upsert_at(
    draft: &mut Draft,
    directory: &Directory,
    inputs: &[ContributorInput],
    place: &dyn Fn(usize) -> String,
) -> Outcome<Vec<Upserted>> {
    let ids = targets(draft, directory, inputs, place)?;
    let before: Vec<Option<Contributor>> = ids.iter().map(|(id, _)| draft.get::<Contributor>(id).cloned()).collect();
    let merged = merged(draft.records());
    let mut faults = Vec::new();
    for (i, (input, (id, is_new))) in inputs.iter().zip(&ids).enumerate() {
        let others = merged.get(id).map(Vec::as_slice).unwrap_or_default();
        if let Err(found) = apply(draft, id, *is_new, others, input) {
            faults.extend(
                found.into_iter().map(|(field, code, text)| Fault::new(code, text).at(format!("{}.{field}", place(i)))),
            );
        }
    }
    let books = Books::new(draft);
    for (i, (input, (id, _))) in inputs.iter().zip(&ids).enumerate() {
        faults.extend(books.clashes(draft, id, input, &place(i)));
    }
    faults.extend(set_managers(draft, directory, inputs, &ids, &books, place));
    if !faults.is_empty() {
        return Err(faults);
    }
    let reporting = inputs.iter().zip(&ids).enumerate().filter(|(_, (input, _))| input.manager.is_some());
    let reporting: Vec<(&str, String)> =
        reporting.map(|(i, (_, (id, _)))| (id.as_str(), format!("{}.manager", place(i)))).collect();
    no_circle(draft.records(), &reporting)?;
    let upserted = ids.into_iter().zip(before).map(|((id, is_new), before)| {
        let effect = match before {
            _ if is_new => Effect::Created,
            before if before.as_ref() == draft.get::<Contributor>(&id) => Effect::Unchanged,
            _ => Effect::Changed,
        };
        Upserted { id, effect }
    });
    Ok(upserted.collect())
}

/// The contributor of each input, and whether it is a new one. Those without id are told by what is theirs before the call.
fn targets(
    draft: &mut Draft,
    directory: &Directory,
    inputs: &[ContributorInput],
    place: &dyn Fn(usize) -> String,
) -> Outcome<Vec<(String, bool)>> {
    let books = Books::new(draft);
    let (mut ids, mut faults): (Vec<(String, bool)>, Vec<Fault>) = (Vec::new(), Vec::new());
    let mut firsts: HashMap<String, usize> = HashMap::new();
    for (i, input) in inputs.iter().enumerate() {
        let found = match &input.id {
            Some(id) => match target(draft, directory, id) {
                Some(Target::Registered(id)) => (id, false),
                Some(Target::Detected(person)) => (register(draft, directory, person), true),
                None => {
                    faults.push(nobody(id, &format!("{}.id", place(i))));
                    continue;
                }
            },
            None => {
                let external = input.external_id.iter().flatten().find_map(|id| books.by_external.get(id.trim()));
                let mut emails = input.emails.iter().flatten().map(|email| folded(email));
                let known = external.or_else(|| emails.find_map(|email| books.by_email.get(&email)));
                known.and_then(|ids| ids.first()).map_or_else(|| (fresh::id('c'), true), |id| (id.clone(), false))
            }
        };
        match firsts.get(&found.0) {
            Some(first) => {
                let message = format!("it is the same contributor ({}) as {}; send it once", found.0, place(*first));
                faults.push(Fault::new(Code::Conflict, message).at(place(i)));
            }
            None => {
                firsts.insert(found.0.clone(), i);
                ids.push(found);
            }
        }
    }
    if faults.is_empty() { Ok(ids) } else { Err(faults) }
}

type Found = (&'static str, Code, String);

/// Puts all but the manager into the document.
fn apply(
    draft: &mut Draft,
    id: &str,
    is_new: bool,
    merged: &[String],
    input: &ContributorInput,
) -> Result<(), Vec<Found>> {
    let mut document = draft.get::<Contributor>(id).cloned().unwrap_or_default();
    let mut faults: Vec<Found> = Vec::new();
    if let Some(name) = &input.name {
        document.name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    if document.name.is_empty() && (is_new || input.name.is_some()) {
        faults.push(("name", Code::RequiredValueMissing, "a contributor has a name".into()));
    }
    if let Some(emails) = &input.emails {
        document.emails.clear();
        for email in emails {
            let email = folded(email);
            if !is_address(&email) {
                faults.push(("emails", Code::InvalidValue, format!("{email:?} is no e-mail address")));
            } else if !document.emails.contains(&email) {
                document.emails.push(email);
            }
        }
    }
    if let Some(external_id) = &input.external_id {
        document.external_id = external_id.as_deref().map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned);
    }
    document.starts = input.starts.unwrap_or(document.starts);
    document.ends = input.ends.unwrap_or(document.ends);
    if let (Some(starts), Some(ends)) = (document.starts, document.ends)
        && starts >= ends
    {
        let message = format!("it ends on {ends}, but starts on {starts}; the end is the day after the last one");
        faults.push(("ends", Code::InvalidValue, message));
    }
    for (name, value) in &input.attributes {
        match value {
            _ if name.trim().is_empty() || name.trim() != name => {
                faults.push(("attributes", Code::InvalidValue, format!("{name:?} is no name of an attribute")));
            }
            Some(Attribute::Number(number)) if !number.is_finite() => {
                faults.push(("attributes", Code::InvalidValue, format!("{name}: {number} is no number")));
            }
            Some(value) => drop(document.attributes.insert(name.clone(), value.clone())),
            None => drop(document.attributes.remove(name)),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    // What is taken away must not come back through what was merged.
    let gone: Vec<&String> =
        input.attributes.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
    for other in merged {
        let Some(mut other_document) = draft.get::<Contributor>(other).cloned() else { continue };
        other_document.attributes.retain(|name, _| !gone.contains(&name));
        if input.emails.is_some() {
            other_document.emails.retain(|email| document.emails.contains(email));
        }
        if draft.get::<Contributor>(other) != Some(&other_document) {
            draft.put(other, other_document);
        }
    }
    if is_new || draft.get::<Contributor>(id) != Some(&document) {
        draft.put(id, document);
    }
    Ok(())
}

/// Sets managers, once everybody is there.
fn set_managers(
    draft: &mut Draft,
    directory: &Directory,
    inputs: &[ContributorInput],
    ids: &[(String, bool)],
    books: &Books,
    place: &dyn Fn(usize) -> String,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (i, (input, (id, _))) in inputs.iter().zip(ids).enumerate() {
        let Some(wanted) = &input.manager else { continue };
        let wanted = wanted.as_deref().map(str::trim).filter(|wanted| !wanted.is_empty());
        let manager = wanted.map(|wanted| manager(draft, directory, books, wanted).ok_or(wanted)).transpose();
        let at = |code, text: String| Fault::new(code, text).at(format!("{}.manager", place(i)));
        match manager {
            Err(wanted) => {
                let text = format!("there is no manager {wanted:?}: neither an id, nor an external id, nor an e-mail");
                faults.push(at(Code::ManagerNotFound, text));
            }
            Ok(Some(manager)) if manager == *id => {
                faults.push(at(Code::CircularReference, "nobody reports to herself".into()));
            }
            Ok(manager) => {
                let document = draft.get::<Contributor>(id).filter(|document| document.manager != manager);
                if let Some(document) = document.cloned() {
                    draft.put(id, Contributor { manager, ..document });
                }
            }
        }
    }
    faults
}

fn manager(draft: &mut Draft, directory: &Directory, books: &Books, wanted: &str) -> Option<String> {
    let known = |ids: Option<&BTreeSet<String>>| ids.and_then(|ids| ids.first()).cloned();
    let by_account = |email: &str| {
        let person = &directory.resolved.people[*directory.resolved.by_email.get(email)?];
        target(draft, directory, &person.id)
    };
    let found = match target(draft, directory, wanted) {
        Some(found) => Some(found),
        None => match known(books.by_external.get(wanted)).or_else(|| known(books.by_email.get(&folded(wanted)))) {
            Some(id) => Some(Target::Registered(id)),
            None => by_account(&folded(wanted)),
        },
    }?;
    Some(match found {
        Target::Registered(id) => id,
        Target::Detected(person) => register(draft, directory, person),
    })
}

fn is_address(text: &str) -> bool {
    let parts = text.split_once('@').filter(|(mailbox, domain)| !mailbox.is_empty() && !domain.is_empty());
    parts.is_some_and(|(_, domain)| !domain.contains('@'))
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}
