//! Contributors as CSV: files to rows of people, and people to files. Reading tells what is wrong with a file by itself; what
//! its rows mean for the people who are there is `import`'s business.

mod cells;
mod columns;
mod decode;
mod formula;
mod header;
mod problem;
mod rows;
mod values;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

pub use header::ColumnRead;
pub use problem::{Problem, ProblemCode, Problems, Sample};
pub use values::Type;
pub use write::{export, sample};

use super::document::Attribute;

/// Most rows of people in a file.
pub const MOST_ROWS: usize = 100_000;
/// Largest file.
pub const MOST_BYTES: usize = 32 * 1024 * 1024;

/// How to read a file.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Columns that are no fields become custom attributes.
    pub attributes: bool,
    /// Names of the sources that exist.
    pub sources: &'a [String],
    /// The attributes that exist, with their types; none where they differ.
    pub types: &'a BTreeMap<String, Option<Type>>,
}

/// What a file says. Its rows are whole only where there are no problems.
#[derive(Debug, Default)]
pub struct Reading {
    /// As the file has them.
    pub columns: Vec<ColumnRead>,
    pub has: Has,
    pub rows: Vec<Row>,
    pub problems: Problems,
    /// What its author should know and need not mend.
    pub notices: Vec<String>,
}

/// Which optional columns the file has. About the others it says nothing.
#[derive(Debug, Clone, Default)]
pub struct Has {
    pub other_emails: bool,
    pub external_id: bool,
    pub manager: bool,
    pub starts: bool,
    pub ends: bool,
    pub is_bot: bool,
    /// Names of attributes.
    pub attributes: BTreeSet<String>,
}

/// A person, as a row says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// As a spreadsheet numbers it: the header is row 1.
    pub number: u32,
    /// Contributor id.
    pub id: Option<String>,
    pub name: String,
    /// Main one; only a row with an id may have none.
    pub email: Option<String>,
    pub other_emails: Vec<String>,
    pub external_id: Option<String>,
    pub manager: Manager,
    pub starts: Option<NaiveDate>,
    /// The day after the last one.
    pub ends: Option<NaiveDate>,
    pub is_bot: Option<bool>,
    /// Source and login.
    pub accounts: Vec<(String, String)>,
    /// Those with a value.
    pub attributes: BTreeMap<String, Attribute>,
}

/// How a row names the manager. With both, both must mean the same person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manager {
    pub email: Option<String>,
    /// External id or contributor id.
    pub id: Option<String>,
    /// Name of the column that said so.
    pub column: String,
}

/// Reads a file. Whatever is wrong with it stands in the reading's problems.
pub fn read(bytes: &[u8], asked: &Asked) -> Reading {
    let mut reading = Reading::default();
    if bytes.len() > MOST_BYTES {
        let message = format!("The file is larger than {} MiB. Import it in parts, with mode MERGE.", MOST_BYTES >> 20);
        reading.problems.file(ProblemCode::InvalidCsv, message);
        return reading;
    }
    let decoded = match decode::decode(bytes) {
        Ok(decoded) => decoded,
        Err(message) => {
            reading.problems.file(ProblemCode::InvalidCsv, message);
            return reading;
        }
    };
    if !decoded.encoding.starts_with("UTF") {
        reading
            .notices
            .push(format!("The file is no UTF-8; it was read as {}. Check names with accents.", decoded.encoding));
    }
    let (separator, text) =
        cells::told_separator(&decoded.text).unwrap_or_else(|| (separator(&decoded.text, asked), &decoded.text));
    let mut records = cells::records(text, separator, &mut reading.problems).into_iter();
    let Some(header) = records.next() else {
        if reading.problems.is_empty() {
            reading.problems.file(ProblemCode::EmptyCsv, "The file is empty.");
        }
        return reading;
    };
    let records: Vec<_> = records.collect();
    if records.is_empty() && reading.problems.is_empty() {
        reading.problems.file(ProblemCode::EmptyCsv, "There is a header and no row below it.");
    }
    if records.len() > MOST_ROWS {
        let message = format!("There are more than {MOST_ROWS} rows. Import them in parts, with mode MERGE.");
        reading.problems.file(ProblemCode::InvalidCsv, message);
        return reading;
    }
    let columns = columns::Columns::new(&header, &records, separator, asked, &mut reading.problems);
    reading.rows = rows::rows(&records, header.cells.len(), &columns, &mut reading.problems);
    reading.has = columns.has();
    reading.columns = columns.shown;
    reading.notices.extend(columns.notices);
    reading
}

/// The separator by which the first row has the most columns that mean something, or else the most columns.
fn separator(text: &str, asked: &Asked) -> char {
    let known = |name: &String| {
        !matches!(header::Field::of(name, asked.sources), header::Field::Attribute(..) | header::Field::Blank)
    };
    let score = |separator: &char| match cells::first(text, *separator) {
        Some(record) => (record.cells.iter().filter(|name| known(name)).count(), record.cells.len()),
        // Nothing but separators.
        None => (usize::MAX, 0),
    };
    // Of equals the last wins.
    cells::SEPARATORS.into_iter().rev().max_by_key(score).unwrap_or(cells::SEPARATORS[0])
}
