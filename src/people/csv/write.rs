//! People to a file that reading takes back without a difference, and a sample file to start from.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

use super::formula::neutral;
use super::header::{Field, attribute_header};
use super::values::{DayOrder, Style, Type};
use crate::people::directory::{Directory, Person};
use crate::people::document::Contributor;
use crate::people::standing::Standing;

/// By this mark spreadsheets tell UTF-8 from their machine's old encoding.
const MARK: &str = "\u{feff}";
const STYLE: Style = Style { order: DayOrder::Unknown, decimal_comma: false };

/// What the sample shows: (name, e-mail, employee id, manager's e-mail, first day, last day, login, department, level).
const SAMPLE: [[&str; 9]; 5] = [
    [
        "Name",
        "Email",
        "EmployeeId",
        "ManagerEmail",
        "StartDate",
        "EndDate",
        "account:github",
        "Department",
        "Level:number",
    ],
    ["Avery Example", "avery@example.com", "1001", "", "2021-03-01", "", "avery-x", "Engineering", "7"],
    [
        "Blake Example",
        "blake@example.com",
        "1002",
        "avery@example.com",
        "2022-05-16",
        "",
        "blake-x",
        "Engineering",
        "5",
    ],
    [
        "Casey Example",
        "casey@example.com",
        "1003",
        "blake@example.com",
        "2023-01-09",
        "",
        "casey-x;casey-work",
        "Engineering",
        "3",
    ],
    [
        "Devon Example",
        "devon@example.com",
        "1004",
        "blake@example.com",
        "2020-11-02",
        "2026-01-31",
        "",
        "Engineering",
        "4",
    ],
];

/// Every registered contributor of a directory, by name, as CSV with a byte order mark and CRLF.
pub fn export(directory: &Directory) -> Result<Vec<u8>> {
    let standing = Standing::new(directory);
    let people = directory.resolved.people.iter();
    let people: Vec<(&Person, &Contributor)> =
        people.filter_map(|person| Some((person, &standing.people.get(&person.id)?.says))).collect();
    let columns = columns(directory, &people);
    let sources: Vec<String> = columns.iter().filter_map(|c| Some(c.source()?.to_owned())).collect();
    let header = columns.iter().map(|column| column.header(&sources));
    let rows = people.iter().map(|(person, contributor)| {
        columns.iter().map(|column| column.cell(directory, person, contributor)).collect::<Vec<_>>()
    });
    write(header.collect(), rows)
}

/// A file to start from.
pub fn sample() -> Result<Vec<u8>> {
    let mut rows = SAMPLE.iter().map(|row| row.map(str::to_owned).to_vec());
    let header = rows.next().expect("the sample begins with its header");
    write(header, rows)
}

/// A column of an export.
enum Out {
    Known(Field),
    Account(String),
    /// Name, type, and what its cells alone would be taken for.
    Attribute(String, Type, Type),
}

fn columns(directory: &Directory, people: &[(&Person, &Contributor)]) -> Vec<Out> {
    let mut columns = vec![Field::Id, Field::Name, Field::Email];
    let any = |test: &dyn Fn(&Contributor) -> bool| people.iter().any(|(_, contributor)| test(contributor));
    let mut add = |field: Field, wanted: bool| columns.extend(wanted.then_some(field));
    add(Field::OtherEmails, any(&|contributor| contributor.emails.len() > 1));
    add(Field::ExternalId, true);
    add(Field::ManagerEmail, true);
    // A manager without an address is told by id.
    add(
        Field::ManagerId,
        people.iter().any(|(_, contributor)| {
            manager(directory, contributor).is_some_and(|(_, manager)| manager.emails.is_empty())
        }),
    );
    add(Field::Starts, true);
    add(Field::Ends, true);
    add(Field::IsBot, any(&|contributor| contributor.is_bot.is_some()));
    let accounts = people.iter().flat_map(|(person, _)| &person.accounts);
    let sources: BTreeSet<&str> =
        accounts.map(|index| directory.resolved.accounts[*index].seen.source.as_str()).collect();
    let mut attributes: BTreeMap<(&str, Type), Vec<String>> = BTreeMap::new();
    for (_, contributor) in people {
        for (name, value) in &contributor.attributes {
            attributes.entry((name, Type::of(value))).or_default().push(value.cell().trim().to_owned());
        }
    }
    let alone = |name: &str| attributes.keys().filter(|(other, _)| *other == name).count() == 1;
    let attributes = attributes.iter().map(|((name, kind), cells)| {
        let inferred = Type::inferred(cells.iter().map(String::as_str).filter(|cell| !cell.is_empty()), STYLE);
        // Of two columns of one name, both say their type.
        let inferred = if alone(name) { Some(inferred) } else { Type::ALL.into_iter().find(|other| other != kind) };
        Out::Attribute((*name).to_owned(), *kind, inferred.unwrap_or(*kind))
    });
    let known = columns.into_iter().map(Out::Known);
    known.chain(sources.into_iter().map(|source| Out::Account(source.to_owned()))).chain(attributes).collect()
}

impl Out {
    fn source(&self) -> Option<&str> {
        match self {
            Out::Account(source) => Some(source),
            _ => None,
        }
    }

    fn header(&self, sources: &[String]) -> String {
        match self {
            Out::Known(field) => field.label().into_owned(),
            Out::Account(source) => Field::Account(source.clone()).label().into_owned(),
            Out::Attribute(name, kind, inferred) => attribute_header(name, *kind, *inferred, sources),
        }
    }

    fn cell(&self, directory: &Directory, person: &Person, contributor: &Contributor) -> String {
        let day = |date: Option<chrono::NaiveDate>| date.map_or_else(String::new, |date| date.to_string());
        let manager = || manager(directory, contributor);
        match self {
            Out::Known(Field::Id) => person.id.clone(),
            Out::Known(Field::Name) => contributor.name.clone(),
            Out::Known(Field::Email) => contributor.emails.first().cloned().unwrap_or_default(),
            Out::Known(Field::OtherEmails) => contributor.emails.get(1..).unwrap_or_default().join(";"),
            Out::Known(Field::ExternalId) => contributor.external_id.clone().unwrap_or_default(),
            Out::Known(Field::ManagerEmail) => {
                manager().and_then(|(_, manager)| manager.emails.first().cloned()).unwrap_or_default()
            }
            Out::Known(Field::ManagerId) => manager()
                .filter(|(_, manager)| manager.emails.is_empty())
                .map_or_else(String::new, |(id, _)| id.to_owned()),
            Out::Known(Field::Starts) => day(contributor.starts),
            Out::Known(Field::Ends) => day(contributor.ends.and_then(|ends| ends.pred_opt())),
            Out::Known(Field::IsBot) => contributor.is_bot.map_or_else(String::new, |is_bot| is_bot.to_string()),
            Out::Known(_) => String::new(),
            Out::Account(source) => {
                let accounts = person.accounts.iter().map(|index| &directory.resolved.accounts[*index].seen);
                let logins = accounts.filter(|seen| seen.source == *source).map(|seen| seen.login.as_str());
                // A login that would be read as two is left out; the account belongs to the person nevertheless.
                logins.filter(|login| !login.contains([';', '\n'])).collect::<Vec<_>>().join(";")
            }
            Out::Attribute(name, kind, _) => {
                let value = contributor.attributes.get(name).filter(|value| Type::of(value) == *kind);
                value.map_or_else(String::new, |value| value.cell().into_owned())
            }
        }
    }
}

/// The manager's id and document; the id is that of the one who stays, where there was a merge.
fn manager<'d>(directory: &'d Directory, contributor: &Contributor) -> Option<(&'d str, &'d Contributor)> {
    let (id, manager) = directory.records.contributors.get_key_value(contributor.manager.as_ref()?)?;
    Some((id, manager))
}

fn write(header: Vec<String>, rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>> {
    let mut builder = WriterBuilder::new();
    builder.terminator(Terminator::CRLF).quote_style(QuoteStyle::Necessary);
    let mut writer: Writer<Vec<u8>> = builder.from_writer(MARK.as_bytes().to_vec());
    for row in std::iter::once(header).chain(rows) {
        writer.write_record(row.iter().map(|cell| neutral(cell).into_owned()))?;
    }
    writer.into_inner().ok().context("the file could not be finished")
}

#[cfg(test)]
mod tests {
    use super::super::{Asked, Problems, read};
    use super::*;

    #[test]
    fn the_sample_is_good() {
        let bytes = sample().expect("a file");
        let reading = read(&bytes, &Asked { attributes: true, sources: &[], types: &BTreeMap::new() });
        assert!(Problems::is_empty(&reading.problems), "{:?}", reading.problems.list());
        assert_eq!((reading.rows.len(), reading.rows[2].accounts.len()), (4, 2));
        assert!(reading.columns.iter().all(|column| column.field.is_some()));
    }
}
