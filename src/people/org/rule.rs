//! Which people a condition means: the filter of an org tree, the rule of a squad. It tests attributes and a few fields
//! that every contributor has.

use std::collections::BTreeSet;

use crate::model::Condition;
use crate::people::directory::{Person, Resolved};
use crate::people::document::Attribute;
use crate::people::fault::{Code, Fault};

/// Fields of every contributor that a condition may test beside attributes. `id` is the contributor id and the external
/// id; `manager` is the manager's ids and e-mails.
pub const FIELDS: [&str; 4] = ["name", "email", "id", "manager"];

/// Indices of the registered contributors that are no bots and for whom the condition holds (`None`: all), in order.
/// An attribute that a contributor does not have has no value.
///
/// # Errors
/// A fault where the condition itself cannot be used.
pub fn selected(condition: Option<&Condition>, resolved: &Resolved) -> Result<Vec<usize>, Fault> {
    let everyone = resolved.people.iter().enumerate().filter(|(_, person)| person.registered && !person.is_bot);
    let Some(condition) = condition else { return Ok(everyone.map(|(number, _)| number).collect()) };
    let fields = condition.fields();
    let matcher = condition.compile(&fields).map_err(|e| Fault::new(Code::InvalidValue, format!("{e:#}")))?;
    let fits = |person: &Person| {
        // Most attributes are texts, which are borrowed; the others are written out first.
        let written: Vec<(&str, String)> = fields
            .iter()
            .filter_map(|field| Some((*field, person.attributes.get(*field)?)))
            .filter(|(_, attribute)| !matches!(attribute, Attribute::Text(_)))
            .map(|(field, attribute)| (field, text(attribute)))
            .collect();
        let values = |field: &str| Some(values(person, field, &written, resolved));
        matcher.matches(&values) == Some(true)
    };
    Ok(everyone.filter(|(_, person)| fits(person)).map(|(number, _)| number).collect())
}

/// Checks a condition on people: it can be used, and somebody has each attribute that it tests.
///
/// # Errors
/// A fault that names the place in the condition, and what there is to test.
pub fn check(condition: &Condition, resolved: &Resolved) -> Result<(), Fault> {
    let attributes = resolved.people.iter().flat_map(|person| person.attributes.keys());
    let known: BTreeSet<&str> = attributes.map(String::as_str).chain(FIELDS).collect();
    let known: Vec<&str> = known.into_iter().collect();
    condition.compile(&known).map(|_| ()).map_err(|e| Fault::new(Code::InvalidValue, format!("{e:#}")))
}

/// An attribute as conditions and levels see it.
pub fn text(attribute: &Attribute) -> String {
    match attribute {
        Attribute::Text(text) => text.clone(),
        Attribute::Number(number) => number.to_string(),
        Attribute::Date(day) => day.to_string(),
        Attribute::Boolean(yes) => yes.to_string(),
    }
}

fn values<'v>(person: &'v Person, field: &str, written: &'v [(&str, String)], resolved: &'v Resolved) -> Vec<&'v str> {
    let ids = |person: &'v Person| std::iter::once(person.id.as_str()).chain(person.external_id.as_deref());
    let emails = |person: &'v Person| person.emails.iter().map(String::as_str);
    match field {
        "name" => vec![&person.name],
        "email" => emails(person).collect(),
        "id" => ids(person).collect(),
        "manager" => {
            let manager = person.manager.map(|manager| &resolved.people[manager]);
            manager.into_iter().flat_map(|manager| ids(manager).chain(emails(manager))).collect()
        }
        _ => match person.attributes.get(field) {
            Some(Attribute::Text(text)) => vec![text],
            _ => written.iter().filter(|(name, _)| *name == field).map(|(_, text)| text.as_str()).collect(),
        },
    }
}
