//! The parts of a fact that is kept by month: which there are in a snapshot, and where each lies.
//!
//! A fragment is what one month of the driver's table gives. Its key follows that month's rows, however they are cut into
//! files, so that every snapshot in which they and the fact's other inputs are the same finds it, in every process.

use anyhow::Result;
use object_store::path::Path;

use super::key;
use crate::lake::{RowsId, Snapshot, layout};
use crate::model::Fact;

/// One month's part of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// Of the driver's event time; `None`: rows without one.
    pub month: Option<String>,
    pub key: String,
    /// Where its files and its manifest lie.
    pub folder: Path,
}

/// Whether a fact is kept in fragments in this snapshot.
pub fn is_by_month(snapshot: &Snapshot, fact: &Fact) -> bool {
    let Some(driver) = &fact.driver else { return false };
    // Rows of the files, tombstones as well: the same after a compaction, and always known.
    let rows = |table: &str| snapshot.tables.get(table).map(|t| t.files.iter().map(|file| file.rows).sum::<u64>());
    rows(&driver.table).is_some_and(|rows| rows >= driver.from_rows)
}

/// The fragments that make up a fact in this snapshot, by month; none where it is kept whole.
pub fn fragments(snapshot: &Snapshot, fact: &Fact) -> Result<Vec<Fragment>> {
    let (Some(driver), true) = (&fact.driver, is_by_month(snapshot, fact)) else { return Ok(Vec::new()) };
    let Some(table) = snapshot.tables.get(&driver.table) else { return Ok(Vec::new()) };
    let base = key::base_of_months(snapshot, fact, &driver.table)?;
    let fragment = |(month, rows): (&Option<String>, &RowsId)| {
        let key = key::of_month(&base, month.as_deref(), &table.id, *rows);
        let folder = layout::fragment(&fact.name, month.as_deref(), &key);
        Fragment { month: month.clone(), key, folder }
    };
    Ok(table.months.iter().map(fragment).collect())
}
