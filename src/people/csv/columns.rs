//! The header of a file made ready: which cell of a row is which field. What is wrong with the header is told here.

use std::collections::BTreeMap;

use super::cells::Record;
use super::header::{ColumnRead, Field, plain};
use super::problem::{ProblemCode, Problems};
use super::values::{DayOrder, Style, Type};
use super::{Asked, Has};

/// More columns than any list of people has.
const MOST_COLUMNS: usize = 500;

/// A column that is read.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its cell in a row.
    pub at: usize,
    /// As the file names it.
    pub name: String,
    pub field: Field,
    /// Of attributes.
    pub kind: Type,
    pub style: Style,
}

/// The columns of a file.
#[derive(Debug, Default)]
pub struct Columns {
    pub read: Vec<Column>,
    /// All, with what they were taken for.
    pub shown: Vec<ColumnRead>,
    pub notices: Vec<String>,
}

impl Columns {
    /// The columns by their header and, for types, by the rows below it.
    pub fn new(header: &Record, rows: &[Record], separator: char, asked: &Asked, problems: &mut Problems) -> Columns {
        let mut columns = Columns::default();
        let cells = |at: usize| {
            let cells = rows.iter().filter_map(move |row| row.cells.get(at).map(String::as_str));
            cells.map(super::formula::original).filter(|cell| !cell.is_empty())
        };
        if header.cells.len() > MOST_COLUMNS {
            let message = format!("There are more than {MOST_COLUMNS} columns.");
            problems.row(ProblemCode::InvalidCsv, header.row, message);
            return columns;
        }
        let mut left_out = Vec::new();
        for (at, name) in header.cells.iter().enumerate() {
            let mut field = Field::of(name, asked.sources);
            if let Field::Attribute(attribute, _) = &mut field
                && let Some(known) = other_spelling(attribute, asked)
            {
                *attribute = known;
            }
            let is_read = match &field {
                // Spreadsheets save empty columns behind the last one.
                Field::Blank => {
                    if let Some(cell) = cells(at).next() {
                        let message = format!("Column {} has values and no name.", at + 1);
                        problems.cell(ProblemCode::BlankColumnName, header.row, "", cell, message);
                    }
                    continue;
                }
                Field::Attribute(..) => asked.attributes,
                _ => true,
            };
            columns.shown.push(ColumnRead { name: name.clone(), field: is_read.then(|| field.label().into_owned()) });
            if is_read {
                let style = Style { order: DayOrder::Unknown, decimal_comma: separator != ',' };
                columns.read.push(Column { at, name: name.clone(), field, kind: Type::Text, style });
            } else {
                left_out.push(name.as_str());
            }
        }
        if !left_out.is_empty() {
            let names = left_out.join(", ");
            let message =
                format!("Columns that are no fields were left out: {names}. Ask for attributes to keep them.");
            columns.notices.push(message);
        }
        columns.tell_of_unknown_sources(asked);
        columns.refuse_twins(header.row, problems);
        columns.require(problems);
        columns.find_types(&cells, asked);
        columns
    }

    pub fn has(&self) -> Has {
        let has = |test: fn(&Field) -> bool| self.read.iter().any(|column| test(&column.field));
        let attributes = self.read.iter().filter_map(|column| match &column.field {
            Field::Attribute(name, _) => Some(name.clone()),
            _ => None,
        });
        Has {
            other_emails: has(|field| *field == Field::OtherEmails),
            external_id: has(|field| *field == Field::ExternalId),
            manager: has(|field| matches!(field, Field::ManagerEmail | Field::ManagerId | Field::Manager)),
            starts: has(|field| *field == Field::Starts),
            ends: has(|field| *field == Field::Ends),
            is_bot: has(|field| *field == Field::IsBot),
            attributes: attributes.collect(),
        }
    }

    /// "gerrit login" where there is no source of that name is perhaps meant otherwise.
    fn tell_of_unknown_sources(&mut self, asked: &Asked) {
        for column in &self.shown {
            let plain = plain(&column.name);
            let source = ["login", "username"].iter().find_map(|ending| plain.strip_suffix(ending));
            let is_other = column.field.as_ref().is_none_or(|field| field.starts_with("attribute:"));
            if let Some(source) = source.filter(|source| !source.is_empty() && is_other) {
                let known = asked.sources.join(", ");
                let message = format!(
                    "Column {} looks like logins, and no source is called {source} (there are: {known}). \
                     Name it account:SOURCE to read it as such.",
                    column.name
                );
                self.notices.push(message);
            }
        }
        for column in &self.read {
            if let Field::Account(source) = &column.field
                && !asked.sources.contains(source)
            {
                self.notices.push(format!("No work of a source {source} was seen yet (column {}).", column.name));
            }
        }
    }

    /// An attribute may stand twice with two types; which of the cells is filled then tells the type.
    fn refuse_twins(&self, row: u32, problems: &mut Problems) {
        for (i, column) in self.read.iter().enumerate() {
            let is_twin = |other: &&Column| match (&other.field, &column.field) {
                (Field::Attribute(a, Some(x)), Field::Attribute(b, Some(y))) => a == b && x == y,
                (Field::Attribute(a, _), Field::Attribute(b, _)) => a == b,
                (a, b) => a == b,
            };
            if let Some(twin) = self.read[..i].iter().find(is_twin) {
                let message = format!(
                    "Columns {} and {} both mean {}. Keep one, or name the other otherwise.",
                    twin.name,
                    column.name,
                    column.field.label()
                );
                problems.cell(ProblemCode::InvalidCsv, row, &column.name, &column.name, message);
            }
        }
    }

    fn require(&self, problems: &mut Problems) {
        let has = |field: Field| self.read.iter().any(|column| column.field == field);
        let names: Vec<_> = self.shown.iter().map(|column| column.name.as_str()).collect();
        let names = names.join(", ");
        let has_name = has(Field::Name) || (has(Field::FirstName) && has(Field::LastName));
        if !has_name {
            let message = format!(
                "There is no column Name (or Full name, Display name, First name with Last name). There are: {names}."
            );
            problems.file(ProblemCode::RequiredFieldMissing, message);
        }
        if !has(Field::Email) {
            let message = format!("There is no column Email (or E-mail, Mail, Work email). There are: {names}.");
            problems.file(ProblemCode::RequiredFieldMissing, message);
        }
    }

    /// The type of each attribute: what the header says, else what it was so far if the cells allow, else what they are.
    fn find_types<'r, C>(&mut self, cells: &impl Fn(usize) -> C, asked: &Asked)
    where
        C: Iterator<Item = &'r str> + Clone,
    {
        let is_date = |column: &Column| {
            matches!(column.field, Field::Starts | Field::Ends | Field::Attribute(_, Some(Type::Date)))
        };
        let dates: Vec<_> = self.read.iter().filter(|column| is_date(column)).map(|column| column.at).collect();
        let told = DayOrder::told_by(dates.into_iter().flat_map(cells));
        let mut retyped = BTreeMap::new();
        for column in &mut self.read {
            column.style.order = if is_date(column) { told } else { DayOrder::told_by(cells(column.at)) };
            let Field::Attribute(name, given) = &column.field else { continue };
            let (style, before) = (column.style, asked.types.get(name).copied().flatten());
            let fits = |kind: &Type| cells(column.at).all(|cell| kind.read(cell, style).is_ok());
            let kind = given.or(before.filter(fits)).unwrap_or_else(|| Type::inferred(cells(column.at), style));
            if let Some(before) = before.filter(|before| *before != kind) {
                retyped.insert(name.clone(), (before, kind));
            }
            column.kind = kind;
        }
        for (name, (before, now)) in retyped {
            self.notices.push(format!(
                "Attribute {name} was of type {} and is read as {}. Name the column {name}:{} to keep it so.",
                before.word(),
                now.word(),
                before.word()
            ));
        }
    }
}

/// The attribute that exists under nearly the same name, where this one does not.
fn other_spelling(name: &str, asked: &Asked) -> Option<String> {
    if asked.types.contains_key(name) {
        return None;
    }
    let mut alike = asked.types.keys().filter(|known| plain(known) == plain(name));
    alike.next().filter(|_| alike.next().is_none()).cloned()
}
