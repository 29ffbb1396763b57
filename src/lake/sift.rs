//! The second step of a merge: which incoming rows beat what the table has, and which rows of which files they replace.
//! Only the key columns of the existing files are read; whole rows only where the times are equal.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use arrow::datatypes::SchemaRef;
use futures::{StreamExt, TryStreamExt};
use object_store::ObjectStore;
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};

use super::key::{KEY_COLUMNS, KeyColumns};
use super::log::{Entry, TableState};
use super::read;
use super::reduce::{Comparer, Reduced, SharedReduced, Winner};
use super::write::blocking;

/// Files looked at side by side. More than there are cores: of a distant store one mostly waits, and little is read of a file.
const LOOKS_AT_ONCE: usize = 8;

/// What becomes of each incoming winner, and of the rows that they beat.
pub(super) struct Sifted {
    /// By slot.
    pub fates: Vec<Fate>,
    /// File (index into the state's entries) -> numbers of its rows that go, ascending.
    pub beaten: BTreeMap<usize, Vec<u32>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The table has no row of this key.
    Insert,
    /// It replaces an older row.
    Update,
    /// The table has a newer row, or this very one.
    Lose,
}

/// A row of a file whose key is among the incoming, and how it compares with the incoming row.
struct Hit {
    row: u32,
    slot: u32,
    existing: Ordering,
}

/// Compares the incoming rows with a version of the table (`None`: there is none yet).
pub(super) async fn sift(
    store: &Arc<dyn ObjectStore>,
    state: Option<&TableState>,
    reduced: &SharedReduced,
) -> Result<Sifted> {
    let mut sifted = Sifted { fates: vec![Fate::Insert; reduced.winners.len()], beaten: BTreeMap::new() };
    let Some(state) = state else { return Ok(sifted) };
    let ids = sorted_ids(reduced)?;
    let candidates = state.entries.iter().enumerate().filter(|(_, entry)| may_match(entry, &ids));
    let scans: Vec<_> = candidates.map(|(number, entry)| (number, Arc::clone(entry))).collect();
    let mut hits = futures::stream::iter(scans)
        .map(|(number, entry)| {
            let (store, reduced) = (Arc::clone(store), Arc::clone(reduced));
            blocking(move || async move { Ok((number, scan(store, &entry, &reduced).await?)) })
        })
        .buffer_unordered(LOOKS_AT_ONCE);
    while let Some((number, hits)) = hits.try_next().await? {
        for hit in hits {
            let fate = &mut sifted.fates[hit.slot as usize];
            if hit.existing == Ordering::Less {
                sifted.beaten.entry(number).or_default().push(hit.row);
                // A key that another engine wrote twice may beat the row in one file and lose in another.
                if *fate == Fate::Insert {
                    *fate = Fate::Update;
                }
            } else {
                *fate = Fate::Lose;
            }
        }
    }
    Ok(sifted)
}

/// The hits in one file, in the order of its rows.
async fn scan(store: Arc<dyn ObjectStore>, entry: &Entry, reduced: &Reduced) -> Result<Vec<Hit>> {
    let keys: Vec<usize> = KEY_COLUMNS.iter().map(|name| reduced.schema.index_of(name)).collect::<Result<_, _>>()?;
    let schema: SchemaRef = Arc::new(reduced.schema.project(&keys)?);
    let mut batches = Box::pin(read::rows(Arc::clone(&store), &entry.file, schema, None).await?);
    let (mut hits, mut ties, mut first) = (Vec::new(), Vec::new(), 0u32);
    while let Some(batch) = batches.try_next().await? {
        let keys = KeyColumns::of(&batch).with_context(|| entry.file.path.to_string())?;
        for row in 0..keys.len() {
            let key = reduced.hasher.hash(keys.source.value(row), keys.id.value(row));
            if let Some(slot) = reduced.slots.get(&key) {
                let existing = keys.updated_at.value(row).cmp(&reduced.winners[*slot as usize].updated_at);
                if existing == Ordering::Equal {
                    ties.push(hits.len());
                }
                hits.push(Hit { row: first + row as u32, slot: *slot, existing });
            }
        }
        first += keys.len() as u32;
    }
    // A rewrite counts on it: rows that the log does not know of would be lost.
    let (found, logged) = (u64::from(first), entry.file.rows);
    ensure!(found == logged, "{} has {found} rows, and {logged} by the Delta log", entry.file.path);
    settle(store, entry, reduced, &mut hits, &ties).await?;
    Ok(hits)
}

/// Decides the hits numbered `ties` by the rows' whole content.
async fn settle(
    store: Arc<dyn ObjectStore>,
    entry: &Entry,
    reduced: &Reduced,
    hits: &mut [Hit],
    ties: &[usize],
) -> Result<()> {
    if ties.is_empty() {
        return Ok(());
    }
    let selection = select(ties.iter().map(|tie| hits[*tie].row));
    let comparer = Comparer::new(&reduced.schema)?;
    let mut batches = Box::pin(read::rows(store, &entry.file, Arc::clone(&reduced.schema), Some(selection)).await?);
    let mut open = ties;
    while let Some(batch) = batches.try_next().await? {
        let (now, later) = open.split_at_checked(batch.num_rows()).context("a file has more rows than were asked")?;
        open = later;
        let incoming: Vec<Winner> = now.iter().map(|tie| reduced.winners[hits[*tie].slot as usize]).collect();
        let incoming = comparer.encode(&reduced.take(&incoming)?)?;
        let existing = comparer.encode(&batch)?;
        for (i, tie) in now.iter().enumerate() {
            hits[*tie].existing = existing.row(i).cmp(&incoming.row(i));
        }
    }
    Ok(())
}

/// Selects exactly these rows, given in ascending order.
fn select(rows: impl Iterator<Item = u32>) -> RowSelection {
    let mut selectors: Vec<RowSelector> = Vec::new();
    let mut next = 0;
    for row in rows {
        let row = row as usize;
        if row > next {
            selectors.push(RowSelector::skip(row - next));
        }
        selectors.push(RowSelector::select(1));
        next = row + 1;
    }
    selectors.into()
}

/// The ids of the incoming rows, sorted; for many rows only the least and the greatest.
fn sorted_ids(reduced: &Reduced) -> Result<Vec<String>> {
    const MANY: usize = 100_000;
    let columns = reduced.batches.iter().map(KeyColumns::of).collect::<Result<Vec<_>>>()?;
    let ids = reduced.winners.iter().map(|winner| columns[winner.batch as usize].id.value(winner.row as usize));
    if reduced.winners.len() > MANY {
        let (least, greatest) = (ids.clone().min(), ids.max());
        return Ok(least.into_iter().chain(greatest).map(str::to_owned).collect());
    }
    let mut ids: Vec<String> = ids.map(str::to_owned).collect();
    ids.sort_unstable();
    Ok(ids)
}

/// Whether a file's bounds leave room for one of the ids. With only two ids known, whether the ranges overlap.
fn may_match(entry: &Entry, ids: &[String]) -> bool {
    let Some((least, greatest)) = &entry.ids else { return true };
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return false };
    if last < least || first > greatest {
        return false;
    }
    // Between two neighbours of the list there may be ids that the list does not name, unless it names all.
    ids.len() == 2 || ids.get(ids.partition_point(|id| id < least)).is_some_and(|id| id <= greatest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_takes_exactly_the_rows() {
        let selection = select([0, 1, 5].into_iter());
        let total: usize = selection.iter().filter(|part| !part.skip).map(|part| part.row_count).sum();
        assert_eq!(total, 3);
        let end: usize = selection.iter().map(|part| part.row_count).sum();
        assert_eq!(end, 6);
    }
}
