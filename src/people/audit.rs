//! Who changed what: pages of the journal, newest first, each entry with what was there before.

use std::collections::HashMap;

use anyhow::{Context, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use datafusion::common::ScalarValue;
use datafusion::prelude::{Expr, col, lit};

use super::csv::neutral;
use super::document::Kind;
use super::journal::{Entry, collect, frame, table};
use crate::lake::{Lake, Snapshot};

/// Which entries are wanted. One must fit everything that is given.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub actor: Option<String>,
    pub action: Option<String>,
    pub kind: Option<Kind>,
    pub key: Option<String>,
    /// Not before this.
    pub from: Option<DateTime<Utc>>,
    /// Before this.
    pub to: Option<DateTime<Utc>>,
}

/// Where an entry stands: change, kind, key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub seq: i64,
    pub kind: Kind,
    pub key: String,
}

/// A page of the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Each entry with the document before it; `None`: there was none.
    pub entries: Vec<(Entry, Option<String>)>,
    /// Entries of all pages.
    pub total: usize,
    /// There are more after this page.
    pub more: bool,
}

impl Place {
    pub fn of(entry: &Entry) -> Place {
        Place { seq: entry.seq, kind: entry.edit.kind, key: entry.edit.key.clone() }
    }
}

impl Filter {
    fn expression(&self) -> Expr {
        let text = |name: &str, value: &Option<String>| value.as_ref().map(|value| col(name).eq(lit(value.as_str())));
        let time =
            |at: DateTime<Utc>| lit(ScalarValue::TimestampMicrosecond(Some(at.timestamp_micros()), Some("UTC".into())));
        let tests = [
            text("actor", &self.actor),
            text("action", &self.action),
            text("key", &self.key),
            self.kind.map(|kind| col("kind").eq(lit(kind.name()))),
            self.from.map(|from| col("at").gt_eq(time(from))),
            self.to.map(|to| col("at").lt(time(to))),
        ];
        tests.into_iter().flatten().fold(lit(true), Expr::and)
    }
}

/// At most `size` entries that fit, newest first, after a place.
///
/// # Errors
/// When the lake cannot be read.
pub async fn page(
    lake: &Lake,
    snapshot: &Snapshot,
    filter: &Filter,
    after: Option<&Place>,
    size: usize,
) -> Result<Page> {
    let Some(version) = snapshot.tables.get(&table().name) else { return Ok(Page::default()) };
    let fitting = frame(lake, &version.files)?.filter(filter.expression())?;
    let total = fitting.clone().count().await.context("the table edits")?;
    let rest = match after {
        None => fitting,
        Some(Place { seq, kind, key }) => {
            let same_kind = col("kind").eq(lit(kind.name())).and(col("key").gt(lit(key.as_str())));
            let same_change = col("seq").eq(lit(*seq)).and(col("kind").gt(lit(kind.name())).or(same_kind));
            fitting.filter(col("seq").lt(lit(*seq)).or(same_change))?
        }
    };
    let order = vec![col("seq").sort(false, false), col("kind").sort(true, false), col("key").sort(true, false)];
    let mut entries = collect(rest.sort(order)?.limit(0, Some(size + 1))?).await?;
    let more = entries.len() > size;
    entries.truncate(size);
    let earlier = earlier(lake, snapshot, &entries).await?;
    let before = |entry: &Entry| {
        let of_document = earlier.get(&(entry.edit.kind, entry.edit.key.clone()))?;
        // In the order of changes.
        let place = of_document.partition_point(|(seq, _)| *seq < entry.seq);
        of_document[..place].last().and_then(|(_, value)| value.clone())
    };
    let entries = entries.into_iter().map(|entry| (entry.clone(), before(&entry))).collect();
    Ok(Page { entries, total, more })
}

/// Columns of the audit as CSV.
const COLUMNS: [&str; 10] = ["seq", "at", "actor", "door", "action", "summary", "kind", "key", "before", "after"];

/// Lines of CSV for a page's entries, in its order; with a line of names before them where `header` says so. What a
/// spreadsheet would take for a formula is made text.
pub fn csv(page: &Page, header: bool) -> Result<String> {
    let mut lines = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if header {
        lines.write_record(COLUMNS)?;
    }
    for (entry, before) in &page.entries {
        let Entry { seq, at, actor, door, action, summary, edit } = entry;
        let text = |text: &Option<String>| neutral(text.as_deref().unwrap_or_default()).into_owned();
        lines.write_record([
            seq.to_string(),
            at.to_rfc3339_opts(SecondsFormat::Micros, true),
            neutral(actor).into_owned(),
            door.name().to_owned(),
            action.clone(),
            text(summary),
            edit.kind.name().to_owned(),
            neutral(&edit.key).into_owned(),
            text(before),
            text(&edit.value),
        ])?;
    }
    Ok(String::from_utf8(lines.into_inner().context("CSV")?)?)
}

type History = HashMap<(Kind, String), Vec<(i64, Option<String>)>>;

/// What the documents of entries were made by, up to the newest of them.
async fn earlier(lake: &Lake, snapshot: &Snapshot, entries: &[Entry]) -> Result<History> {
    let mut history = History::new();
    let (Some(version), Some(newest)) =
        (snapshot.tables.get(&table().name), entries.iter().map(|entry| entry.seq).max())
    else {
        return Ok(history);
    };
    let keys = entries.iter().map(|entry| lit(entry.edit.key.as_str())).collect();
    let wanted = col("seq").lt(lit(newest)).and(col("key").in_list(keys, false));
    let rows = frame(lake, &version.files)?.filter(wanted)?.sort(vec![col("seq").sort(true, false)])?;
    for entry in collect(rows).await? {
        history.entry((entry.edit.kind, entry.edit.key)).or_default().push((entry.seq, entry.edit.value));
    }
    Ok(history)
}
