//! Rows of a plan's answer as records.

use anyhow::{Context, Result};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::{DateTime, SecondsFormat, Utc};

use super::columns::fields;
use super::order::{SORT, SortKey};
use super::terms::reason;
use super::{Field, LinkTo, Record};
use crate::model::{Fact, Metric};

pub const AT: &str = "record_at";
pub const REASON: &str = "record_reason";
pub const VALUE: &str = "record_value";
pub const KEY: &str = "record_key";
pub const WEIGHT: &str = "record_weight";
pub const WEIGHT_KEY: &str = "record_weight_key";

/// The column of a stage, by its place.
pub fn stage(place: usize) -> String {
    format!("record_stage_{place}")
}

/// Adds the rows of a batch.
pub fn read(
    batch: &RecordBatch,
    metric: &'static Metric,
    fact: &'static Fact,
    records: &mut Vec<Record>,
) -> Result<()> {
    let there = |name: &str| batch.column_by_name(name);
    let column = |name: &str| there(name).with_context(|| format!("no column {name}"));
    let text = |name: &Option<String>, row: usize| text(there(name.as_ref()?)?, row);
    let instants = column(AT)?.as_primitive_opt::<TimestampMicrosecondType>().context("time is no timestamp")?;
    let reasons = column(REASON)?.as_primitive_opt::<Int32Type>().context("a reason is not Int32")?;
    let shown = fields(fact).into_iter().map(|name| Shown::new(name, column(name)?)).collect::<Result<Vec<_>>>()?;
    let stages = metric.stages().iter().enumerate();
    let stages: Vec<_> = stages.filter_map(|(place, of)| Some((of.name.as_str(), there(&stage(place))?))).collect();
    let named = |name: &str| Some(name.to_owned());
    for row in 0..batch.num_rows() {
        let source = text(&named("source"), row).unwrap_or_default();
        let links = fact.links.iter().filter_map(|link| {
            Some(LinkTo {
                link,
                id: text(&named(&link.id), row)?,
                source: text(&link.source, row).unwrap_or_else(|| source.clone()),
                rule: text(&link.rule, row),
                at: link.at.as_ref().and_then(|at| instant(there(at)?, row)),
            })
        });
        records.push(Record {
            id: text(&named("id"), row).unwrap_or_default(),
            at: DateTime::from_timestamp_micros(instants.value(row)).context("a time out of range")?,
            title: text(&fact.title, row),
            url: text(&fact.url, row),
            login: text(&fact.person, row),
            login_source: text(&named(&fact.person_source), row).unwrap_or_default(),
            value: number(column(VALUE)?, row),
            key: text(&named(KEY), row),
            weight: there(WEIGHT).and_then(|weight| number(weight, row)),
            weight_key: text(&named(WEIGHT_KEY), row),
            reason: reasons.is_valid(row).then(|| reason(metric, reasons.value(row))).flatten(),
            stages: stages.iter().map(|(name, seconds)| (*name, number(seconds, row))).collect(),
            links: links.collect(),
            fields: shown.iter().map(|shown| shown.field(row)).collect(),
            sort: key(column(SORT)?, row)?,
            source,
        });
    }
    Ok(())
}

fn text(column: &ArrayRef, row: usize) -> Option<String> {
    let strings = column.as_string_opt::<i32>()?;
    strings.is_valid(row).then(|| strings.value(row).to_owned())
}

fn number(column: &ArrayRef, row: usize) -> Option<f64> {
    let numbers = column.as_primitive_opt::<Float64Type>()?;
    numbers.is_valid(row).then(|| numbers.value(row))
}

fn instant(column: &ArrayRef, row: usize) -> Option<DateTime<Utc>> {
    let instants = column.as_primitive_opt::<TimestampMicrosecondType>()?;
    instants.is_valid(row).then(|| DateTime::from_timestamp_micros(instants.value(row))).flatten()
}

fn key(column: &ArrayRef, row: usize) -> Result<SortKey> {
    if column.is_null(row) {
        return Ok(SortKey::Null);
    }
    match column.data_type() {
        DataType::Int64 => Ok(SortKey::Int(column.as_primitive::<Int64Type>().value(row))),
        DataType::Float64 => Ok(SortKey::Float(column.as_primitive::<Float64Type>().value(row))),
        _ => text(column, row).map(SortKey::Text).context("an order by no text"),
    }
}

/// A column of the fact, ready to be written as text.
struct Shown<'a> {
    name: &'static str,
    array: &'a ArrayRef,
    /// The items, where it holds lists.
    items: Option<&'a ArrayRef>,
    formatter: ArrayFormatter<'a>,
    is_text: bool,
}

/// Nothing stands for null: such fields have no text at all.
static FORMATS: FormatOptions<'static> = FormatOptions::new();

impl<'a> Shown<'a> {
    fn new(name: &'static str, array: &'a ArrayRef) -> Result<Shown<'a>> {
        let items = array.as_list_opt::<i32>().map(|lists| lists.values());
        let formatter = ArrayFormatter::try_new(items.unwrap_or(array), &FORMATS)?;
        let is_text = matches!(items.unwrap_or(array).data_type(), DataType::Utf8);
        Ok(Shown { name, array, items, formatter, is_text })
    }

    fn field(&self, row: usize) -> Field {
        let value = self.array.is_valid(row).then(|| match self.array.as_list_opt::<i32>() {
            Some(lists) => {
                let offsets = lists.value_offsets();
                let places = offsets[row] as usize..offsets[row + 1] as usize;
                places.map(|place| self.text(place)).collect::<Vec<_>>().join(", ")
            }
            None => self.text(row),
        });
        Field { name: self.name, value, is_text: self.is_text }
    }

    /// A value, or an item, as text; instants in RFC 3339.
    fn text(&self, place: usize) -> String {
        match instant(self.items.unwrap_or(self.array), place) {
            Some(at) => at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            None => self.formatter.value(place).to_string(),
        }
    }
}
