//! Rows of cells to rows of people, and what is wrong with each: values that are missing or do not fit, and people who stand
//! there twice.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::NaiveDate;

use super::cells::Record;
use super::columns::{Column, Columns};
use super::formula;
use super::header::Field;
use super::problem::{ProblemCode, Problems};
use super::values::{boolean, date, email, is_for_ever};
use super::{Manager, Row};

/// Between several values of a cell.
const BETWEEN: [char; 2] = [';', '\n'];
/// Characters of a cell. What is longer is no value of a person.
const LONGEST_CELL: usize = 10_000;

/// The people of a file. `width`: cells of its header.
pub fn rows(records: &[Record], width: usize, columns: &Columns, problems: &mut Problems) -> Vec<Row> {
    let mut rows = Vec::with_capacity(records.len());
    for record in records {
        // Spreadsheets leave out empty cells at the end of a row; more cells than columns mean a separator inside a value.
        if let Some(extra) = record.cells.iter().skip(width).find(|cell| !cell.is_empty()) {
            let count = record.cells.len();
            let message = format!(
                "The row has {count} cells, the header {width}: {extra:?} belongs to no column. Put quotes around values."
            );
            problems.row(ProblemCode::InvalidCsv, record.row, message);
        }
        rows.push(row(record, columns, problems));
    }
    refuse_twins(&rows, columns, problems);
    rows
}

fn row(record: &Record, columns: &Columns, problems: &mut Problems) -> Row {
    let mut row = Row { number: record.row, ..Row::default() };
    let (mut first, mut last) = (None, None);
    let mut last_day = None;
    for column in &columns.read {
        let cell = record.cells.get(column.at).map_or("", |cell| formula::original(cell));
        if cell.is_empty() {
            continue;
        }
        let mut invalid = |message: &str| {
            problems.cell(ProblemCode::InvalidValue, record.row, &column.name, cell, message);
        };
        if cell.len() > LONGEST_CELL {
            invalid(&format!("It is longer than {LONGEST_CELL} characters."));
            continue;
        }
        let text = || Some(cell.to_owned());
        match &column.field {
            Field::Id => row.id = text(),
            Field::Name => row.name = one_line(cell),
            Field::FirstName => first = Some(cell),
            Field::LastName => last = Some(cell),
            Field::Email => match email(cell) {
                Some(email) => row.email = Some(email),
                None => invalid("It is no e-mail address."),
            },
            Field::OtherEmails => {
                for part in cell.split([';', ',', '\n', ' ']).filter(|part| !part.trim().is_empty()) {
                    match email(part.trim()) {
                        Some(email) => row.other_emails.push(email),
                        None => invalid("One of these is no e-mail address. Write semicolons between them."),
                    }
                }
            }
            Field::ExternalId => row.external_id = text(),
            Field::ManagerEmail | Field::ManagerId | Field::Manager => {
                let is_email = match column.field {
                    Field::ManagerEmail => true,
                    Field::ManagerId => false,
                    _ => email(cell).is_some(),
                };
                row.manager.column = column.name.clone();
                let Manager { email, id, .. } = &mut row.manager;
                *(if is_email { email } else { id }) =
                    Some(if is_email { cell.to_lowercase() } else { cell.to_owned() });
            }
            Field::Starts => row.starts = day(cell, column, &mut invalid).filter(|date| !is_for_ever(*date)),
            Field::Ends => last_day = day(cell, column, &mut invalid).filter(|date| !is_for_ever(*date)),
            Field::IsBot => match boolean(cell) {
                Some(is_bot) => row.is_bot = Some(is_bot),
                None => invalid("It is neither yes nor no (true or false)."),
            },
            Field::Account(source) => {
                let logins = cell.split(BETWEEN).map(str::trim).filter(|login| !login.is_empty());
                row.accounts.extend(logins.map(|login| (source.clone(), login.to_owned())));
            }
            Field::Attribute(name, _) => match column.kind.read(cell, column.style) {
                Ok(_) if row.attributes.contains_key(name) => {
                    invalid("The attribute has a value in another column, too.")
                }
                Ok(value) => {
                    row.attributes.insert(name.clone(), value);
                }
                Err(message) => invalid(&message),
            },
            Field::Blank => {}
        }
    }
    if row.name.is_empty() && (first.is_some() || last.is_some()) {
        row.name = one_line(&[first, last].into_iter().flatten().collect::<Vec<_>>().join(" "));
    }
    row.ends = last_day.and_then(|day| day.succ_opt());
    if let (Some(starts), Some(ends)) = (row.starts, row.ends)
        && ends < starts
    {
        let name = columns.read.iter().find(|c| c.field == Field::Ends).map_or("", |c| c.name.as_str());
        let value = last_day.map_or_else(String::new, |day| day.to_string());
        let message = format!("The last day is before the first, {starts}.");
        problems.cell(ProblemCode::InvalidValue, record.row, name, &value, message);
    }
    require(&row, record, columns, problems);
    row
}

fn require(row: &Row, record: &Record, columns: &Columns, problems: &mut Problems) {
    let name_of =
        |field: Field| columns.read.iter().find(|column| column.field == field).map(|c| (c.at, c.name.as_str()));
    let mut missing = |field: Field, what: &str| {
        // A column that is not there, or a cell that was refused already, is told of elsewhere.
        let Some((at, name)) = name_of(field) else { return };
        if record.cells.get(at).is_none_or(String::is_empty) {
            let message = format!("Every contributor needs {what}.");
            problems.cell(ProblemCode::RequiredValueMissing, record.row, name, "", message);
        }
    };
    if row.name.is_empty() {
        let field = if name_of(Field::Name).is_some() { Field::Name } else { Field::LastName };
        missing(field, "a name");
    }
    if row.email.is_none() && row.id.is_none() {
        missing(Field::Email, "an e-mail address");
    }
}

/// An address or id in two rows. (An account in two rows is `import`'s business, which knows how accounts are spelled.)
fn refuse_twins(rows: &[Row], columns: &Columns, problems: &mut Problems) {
    let name_of =
        |field: Field| columns.read.iter().find(|column| column.field == field).map_or("", |c| c.name.as_str());
    let (main, other) = (name_of(Field::Email), name_of(Field::OtherEmails));
    let mut addresses: HashMap<&str, u32> = HashMap::with_capacity(rows.len());
    let mut ids: HashMap<(&str, &str), u32> = HashMap::with_capacity(rows.len());
    for row in rows {
        let emails = row.email.iter().map(|email| (main, email)).chain(row.other_emails.iter().map(|e| (other, e)));
        for (column, email) in emails {
            match addresses.entry(email) {
                Entry::Vacant(free) => {
                    free.insert(row.number);
                }
                // The same one twice in a row says nothing new.
                Entry::Occupied(taken) if *taken.get() == row.number => {}
                Entry::Occupied(taken) => {
                    let message = format!("It stands in row {}, too.", taken.get());
                    problems.cell(ProblemCode::DuplicateEmail, row.number, column, email, message);
                }
            }
        }
        let keys = [(Field::Id, &row.id), (Field::ExternalId, &row.external_id)];
        for (column, id) in keys.into_iter().filter_map(|(field, id)| Some((name_of(field), id.as_deref()?))) {
            if let Some(twin) = ids.insert((column, id), row.number) {
                let message = format!("It stands in row {twin}, too, and must be unique.");
                problems.cell(ProblemCode::InvalidValue, row.number, column, id, message);
            }
        }
    }
}

fn day(cell: &str, column: &Column, invalid: &mut impl FnMut(&str)) -> Option<NaiveDate> {
    date(cell, column.style.order).map_err(|message| invalid(&message)).ok()
}

/// Line breaks inside a name are an accident of the sheet.
fn one_line(text: &str) -> String {
    if text.contains(['\n', '\r', '\t']) {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        text.to_owned()
    }
}
