//! A row as the lake stores it: key, time of update, tombstone, and the cells of its table. Says nothing about which
//! tables there are.

use std::sync::Mutex;

use chrono::{DateTime, Utc};

/// An instant. Microseconds at most, as in the lake.
pub type At = DateTime<Utc>;

/// One version of one row of a table whose own columns are `T`.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<T> {
    pub source: String,
    pub id: String,
    pub updated_at: At,
    pub deleted: bool,
    pub url: Option<String>,
    pub own: T,
}

/// The own columns of a table.
pub trait Record {
    /// Name of the table.
    const TABLE: &'static str;
    /// Every own column and its value.
    fn cells(&self) -> Vec<(&'static str, Cell)>;
    /// A record of the texts of its columns, where they have one.
    fn read(text: &dyn Fn(&str) -> Option<String>) -> Self;
}

/// A value that can be read from a text as CSV has it.
pub trait Read {
    fn read(text: Option<String>) -> Self;
}

/// One value, of one of the contract's types, or none.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    None,
    Text(String),
    At(At),
    Int(i64),
    Float(f64),
    Flag(bool),
    List(Vec<String>),
}

impl<T> Row<T> {
    /// The row's identity within its table.
    pub fn key(&self) -> (&str, &str) {
        (&self.source, &self.id)
    }
}

impl<T: Record> Row<T> {
    /// All cells, the common columns first. A tombstone has its key only.
    pub fn cells(&self) -> Vec<(&'static str, Cell)> {
        let mut cells = vec![
            ("source", Cell::Text(self.source.clone())),
            ("id", Cell::Text(self.id.clone())),
            ("updated_at", Cell::At(self.updated_at)),
        ];
        if self.deleted {
            cells.push(("deleted", Cell::Flag(true)));
        } else {
            cells.push(("url", self.url.clone().into()));
            cells.extend(self.own.cells());
        }
        cells
    }

    /// The row in one line that a person can read; empty cells are left out.
    pub fn line(&self) -> String {
        let cells = self.cells();
        let shown = cells.iter().skip(3).filter_map(|(name, cell)| Some(format!(" {name}={}", cell.text()?)));
        format!("{} {}/{} @{}{}", T::TABLE, self.source, self.id, stamp(self.updated_at), shown.collect::<String>())
    }
}

impl Cell {
    fn text(&self) -> Option<String> {
        match self {
            Cell::None => None,
            Cell::Text(text) => Some(text.clone()),
            Cell::At(at) => Some(stamp(*at)),
            Cell::Int(int) => Some(int.to_string()),
            Cell::Float(float) => Some(float.to_string()),
            Cell::Flag(flag) => Some(flag.to_string()),
            Cell::List(items) if items.is_empty() => None,
            Cell::List(items) => Some(format!("[{}]", items.join(","))),
        }
    }
}

fn stamp(at: At) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Cell {
        value.map_or(Cell::None, Into::into)
    }
}

impl From<String> for Cell {
    fn from(value: String) -> Cell {
        Cell::Text(value)
    }
}

impl From<&'static str> for Cell {
    fn from(value: &'static str) -> Cell {
        Cell::Text(value.to_owned())
    }
}

impl From<At> for Cell {
    fn from(value: At) -> Cell {
        Cell::At(value)
    }
}

impl From<i64> for Cell {
    fn from(value: i64) -> Cell {
        Cell::Int(value)
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Cell {
        Cell::Float(value)
    }
}

impl From<bool> for Cell {
    fn from(value: bool) -> Cell {
        Cell::Flag(value)
    }
}

impl From<Vec<String>> for Cell {
    fn from(value: Vec<String>) -> Cell {
        Cell::List(value)
    }
}

impl Read for String {
    fn read(text: Option<String>) -> String {
        text.unwrap_or_default()
    }
}

/// Words of the contract are few: each is kept once and for ever.
impl Read for &'static str {
    fn read(text: Option<String>) -> &'static str {
        let text = text.unwrap_or_default();
        let mut known = WORDS.lock().expect("nobody panics while holding it");
        if let Some(word) = known.iter().find(|word| ***word == text) {
            return word;
        }
        known.push(Box::leak(text.into_boxed_str()));
        known[known.len() - 1]
    }
}

static WORDS: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

impl Read for Vec<String> {
    fn read(text: Option<String>) -> Vec<String> {
        text.map_or(Vec::new(), |text| text.split(';').map(str::to_owned).collect())
    }
}

impl Read for Option<String> {
    fn read(text: Option<String>) -> Option<String> {
        text
    }
}

impl Read for Option<&'static str> {
    fn read(text: Option<String>) -> Option<&'static str> {
        text.map(|text| Read::read(Some(text)))
    }
}

macro_rules! parsed {
    ($($kind:ty),*) => {
        $(impl Read for Option<$kind> {
            fn read(text: Option<String>) -> Option<$kind> {
                text.map(|text| text.parse().expect("a value of its column's type"))
            }
        })*
    };
}

parsed!(At, i64, f64, bool);
