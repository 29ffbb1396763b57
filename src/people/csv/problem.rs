//! What is wrong with an imported file: one entry for each kind of error, with its count and a few samples, so that a file of
//! 50,000 rows with the same mistake in each does not give 50,000 messages.

use std::collections::BTreeMap;

use serde::Serialize;

/// Samples that an error shows.
const MOST_SAMPLES: usize = 5;
/// Characters of a value that a sample shows.
const MOST_SHOWN: usize = 120;

/// Kinds of errors in a file of contributors. A file with any of them is not imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, async_graphql::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(name = "ImportErrorCode")]
pub enum ProblemCode {
    /// The file is no CSV: not text, a quote that is never closed, more cells than columns, two columns of one meaning.
    InvalidCsv,
    /// There is no row of a person in it.
    EmptyCsv,
    /// A column with values has no name.
    BlankColumnName,
    /// A column that every file needs is not there: name, e-mail.
    RequiredFieldMissing,
    /// A cell that every row needs is empty.
    RequiredValueMissing,
    /// An e-mail address stands in two rows, or belongs to somebody else.
    DuplicateEmail,
    /// No contributor has the e-mail or id of the manager.
    ManagerNotFound,
    /// People report to themselves, perhaps through others.
    CircularReference,
    /// A cell does not fit its column.
    InvalidValue,
}

impl ProblemCode {
    /// As doors spell it.
    pub fn word(self) -> &'static str {
        match self {
            ProblemCode::InvalidCsv => "INVALID_CSV",
            ProblemCode::EmptyCsv => "EMPTY_CSV",
            ProblemCode::BlankColumnName => "BLANK_COLUMN_NAME",
            ProblemCode::RequiredFieldMissing => "REQUIRED_FIELD_MISSING",
            ProblemCode::RequiredValueMissing => "REQUIRED_VALUE_MISSING",
            ProblemCode::DuplicateEmail => "DUPLICATE_EMAIL",
            ProblemCode::ManagerNotFound => "MANAGER_NOT_FOUND",
            ProblemCode::CircularReference => "CIRCULAR_REFERENCE",
            ProblemCode::InvalidValue => "INVALID_VALUE",
        }
    }
}

/// One kind of error in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, async_graphql::SimpleObject)]
#[graphql(name = "ImportError")]
pub struct Problem {
    /// What kind of error it is.
    pub code: ProblemCode,
    /// How often it occurs.
    pub count: u32,
    /// The first few.
    pub samples: Vec<Sample>,
}

/// A place where an error occurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, async_graphql::SimpleObject)]
#[graphql(name = "ImportErrorSample")]
pub struct Sample {
    /// Row of the file as a spreadsheet numbers it: the header is row 1. Null: the file as a whole.
    pub row: Option<u32>,
    /// Name of the column, as the file has it.
    pub column: Option<String>,
    /// What stands there; long ones are cut.
    pub value: Option<String>,
    /// What is wrong, and what to do.
    pub message: String,
}

/// The errors found so far.
#[derive(Debug, Clone, Default)]
pub struct Problems(BTreeMap<ProblemCode, Problem>);

impl Problems {
    /// One more, about the file as a whole.
    pub fn file(&mut self, code: ProblemCode, message: impl Into<String>) {
        self.add(code, Sample { row: None, column: None, value: None, message: message.into() });
    }

    /// One more, about a row.
    pub fn row(&mut self, code: ProblemCode, row: u32, message: impl Into<String>) {
        self.add(code, Sample { row: Some(row), column: None, value: None, message: message.into() });
    }

    /// One more, about a cell.
    pub fn cell(&mut self, code: ProblemCode, row: u32, column: &str, value: &str, message: impl Into<String>) {
        let value = Some(shortened(value));
        self.add(code, Sample { row: Some(row), column: Some(column.to_owned()), value, message: message.into() });
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn has(&self, code: ProblemCode) -> bool {
        self.0.contains_key(&code)
    }

    /// By kind.
    pub fn list(&self) -> Vec<Problem> {
        self.0.values().cloned().collect()
    }

    fn add(&mut self, code: ProblemCode, sample: Sample) {
        let problem = self.0.entry(code).or_insert_with(|| Problem { code, count: 0, samples: Vec::new() });
        problem.count += 1;
        if problem.samples.len() < MOST_SAMPLES {
            problem.samples.push(sample);
        }
    }
}

fn shortened(value: &str) -> String {
    match value.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}...", &value[..end]),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_mistake_in_every_row_is_one_entry() {
        let mut problems = Problems::default();
        for row in 2..1002 {
            problems.cell(ProblemCode::InvalidValue, row, "Email", &"x".repeat(500), "no e-mail address");
        }
        let list = problems.list();
        let told = serde_json::to_value(list[0].code).expect("JSON");
        assert_eq!(told, list[0].code.word());
        assert_eq!((list.len(), list[0].count, list[0].samples.len()), (1, 1000, MOST_SAMPLES));
        assert_eq!(list[0].samples[0].value.as_deref().map(str::len), Some(MOST_SHOWN + 3));
    }
}
