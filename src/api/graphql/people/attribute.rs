//! `Attribute`: a custom field of a contributor.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::{Enum, InputObject, Result, SimpleObject};

use super::super::date::Date;
use super::super::error::bad_input;
use crate::people::Directory;
use crate::people::document;
use crate::people::org::rule::text;

/// The most values that `AttributeInUse` shows.
const EXAMPLES: usize = 20;

/// What the values of an attribute are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Enum)]
pub enum AttributeType {
    /// Any text.
    Text,
    /// A number.
    Number,
    /// A calendar day.
    Date,
    /// True or false.
    Boolean,
}

/// A custom field of a contributor, such as a location or a job title.
#[derive(SimpleObject, Clone)]
pub struct Attribute {
    /// Name of the attribute.
    name: String,
    /// What its value is.
    #[graphql(name = "type")]
    kind: AttributeType,
    /// The value as text, whatever its type.
    value: String,
    /// The value, where it is a number.
    number: Option<f64>,
    /// The value, where it is a date.
    date: Option<Date>,
    /// The value, where it is true or false.
    boolean: Option<bool>,
}

/// An attribute that at least one contributor has.
#[derive(SimpleObject)]
pub struct AttributeInUse {
    /// Name of the attribute.
    name: String,
    /// What its values are; several where contributors differ.
    types: Vec<AttributeType>,
    /// How many contributors have it.
    contributors: usize,
    /// Some of its values, in order.
    examples: Vec<String>,
}

/// The value of an attribute: exactly one field is given. With none, the attribute is removed.
#[derive(InputObject, Clone, Debug)]
pub struct AttributeInput {
    /// Name of the attribute.
    pub name: String,
    /// A text.
    pub text: Option<String>,
    /// A number.
    pub number: Option<f64>,
    /// A date.
    pub date: Option<Date>,
    /// True or false.
    pub boolean: Option<bool>,
}

impl Attribute {
    pub fn new(name: &str, value: &document::Attribute) -> Attribute {
        let (number, date, boolean) = match value {
            document::Attribute::Text(_) => (None, None, None),
            document::Attribute::Number(number) => (Some(*number), None, None),
            document::Attribute::Date(date) => (None, Some(Date(*date)), None),
            document::Attribute::Boolean(boolean) => (None, None, Some(*boolean)),
        };
        Attribute { name: name.to_owned(), kind: kind(value), value: text(value), number, date, boolean }
    }
}

impl AttributeInput {
    /// The value; `None`: the attribute is to be removed.
    pub fn value(&self) -> Result<Option<document::Attribute>> {
        let given = [
            self.text.clone().map(document::Attribute::Text),
            self.number.map(document::Attribute::Number),
            self.date.map(|date| document::Attribute::Date(date.0)),
            self.boolean.map(document::Attribute::Boolean),
        ];
        let mut given = given.into_iter().flatten();
        let value = given.next();
        if given.next().is_some() {
            return Err(bad_input(format!("attribute {:?}: give one of text, number, date, boolean", self.name)));
        }
        Ok(value)
    }
}

/// Every attribute that a contributor has, by name.
pub fn in_use(directory: &Directory) -> Vec<AttributeInUse> {
    let mut found = BTreeMap::<&str, (BTreeSet<AttributeType>, usize, BTreeSet<String>)>::new();
    for (name, value) in directory.resolved.people.iter().flat_map(|person| &person.attributes) {
        let (types, count, examples) = found.entry(name).or_default();
        types.insert(kind(value));
        *count += 1;
        if examples.len() < EXAMPLES {
            examples.insert(text(value));
        }
    }
    let shown = |(name, (types, contributors, examples)): (&str, (BTreeSet<_>, usize, BTreeSet<_>))| AttributeInUse {
        name: name.to_owned(),
        types: types.into_iter().collect(),
        contributors,
        examples: examples.into_iter().collect(),
    };
    found.into_iter().map(shown).collect()
}

fn kind(value: &document::Attribute) -> AttributeType {
    match value {
        document::Attribute::Text(_) => AttributeType::Text,
        document::Attribute::Number(_) => AttributeType::Number,
        document::Attribute::Date(_) => AttributeType::Date,
        document::Attribute::Boolean(_) => AttributeType::Boolean,
    }
}
