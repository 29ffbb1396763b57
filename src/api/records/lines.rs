//! Records as lines of CSV (RFC 4180, CRLF). What a spreadsheet would take for a formula is made text.

use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::SecondsFormat;

use crate::people::Directory;
use crate::people::csv::neutral;
use crate::query::records::Record;
use crate::query::records::columns::{Column, Holds};

/// Writes lines of the same columns.
pub struct Lines {
    columns: Vec<Column>,
    /// Tells whom accounts belong to; `None`: no row has one.
    directory: Option<Arc<Directory>>,
}

impl Lines {
    pub fn new(columns: Vec<Column>, directory: Option<Arc<Directory>>) -> Lines {
        Lines { columns, directory }
    }

    /// A line for each record, with the names of the columns before them where `header` says so.
    pub fn write(&self, records: &[Record], header: bool) -> Result<String> {
        let mut lines = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        if header {
            lines.write_record(self.columns.iter().map(|column| column.name.as_str()))?;
        }
        for record in records {
            let person = self.person(record);
            lines.write_record(self.columns.iter().map(|column| cell(record, person, column.holds)))?;
        }
        Ok(String::from_utf8(lines.into_inner().context("CSV")?)?)
    }

    /// Id and name of the person whose row it is.
    fn person(&self, record: &Record) -> Option<(&str, &str)> {
        let directory = self.directory.as_ref()?;
        let number = directory.attribution.person_of(&record.login_source, record.login.as_deref()?)?;
        let id = directory.attribution.people[number as usize].key.as_str();
        Some((id, directory.person(id).map_or("", |person| person.name.as_str())))
    }
}

fn cell(record: &Record, person: Option<(&str, &str)>, holds: Holds) -> String {
    let text = |text: Option<&str>| neutral(text.unwrap_or_default()).into_owned();
    let number = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
    match holds {
        Holds::Source => text(Some(&record.source)),
        Holds::Id => text(Some(&record.id)),
        Holds::Title => text(record.title.as_deref()),
        Holds::Url => text(record.url.as_deref()),
        Holds::At => record.at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        Holds::Login => text(record.login.as_deref()),
        Holds::Person => text(person.map(|(_, name)| name)),
        Holds::PersonId => text(person.map(|(id, _)| id)),
        Holds::Value => number(record.value),
        Holds::Key => text(record.key.as_deref()),
        Holds::Weight => number(record.weight),
        Holds::WeightKey => text(record.weight_key.as_deref()),
        Holds::Reason => record.reason.map_or_else(String::new, |(reason, _)| reason.name().to_owned()),
        Holds::Because => text(record.reason.map(|(_, because)| because)),
        Holds::Stage(name) => number(record.stages.iter().find(|(stage, _)| *stage == name).and_then(|(_, s)| *s)),
        Holds::Field(place) => match record.fields.get(place) {
            Some(field) if field.is_text => text(field.value.as_deref()),
            Some(field) => field.value.clone().unwrap_or_default(),
            None => String::new(),
        },
    }
}
