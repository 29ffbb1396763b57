//! The third step of a merge: new files for the winners, and for the files that lose rows.
//!
//! Winners go to their month. Where a file of that month is rewritten anyway, or is small, they are sorted into it, so
//! that small merges do not leave ever more small files behind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::{interleave, interleave_record_batch};
use arrow::datatypes::{SchemaRef, TimestampMicrosecondType};
use arrow::row::{RowConverter, SortField};
use futures::{StreamExt, TryStreamExt};
use object_store::ObjectStore;
use object_store::path::Path;
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};

use super::log::{Entry, TableState};
use super::reduce::{Reduced, SharedReduced, Winner};
use super::sift::{Fate, Sifted};
use super::write::{FILE_ROWS, FileWriter, Written, blocking, tasks_at_once};
use super::{action, layout, month, read};
use crate::model::Table;

/// Rows written at once.
const BATCH_ROWS: usize = 16 * 1024;
/// A job of at least twice so many rows is encoded in parts, each a file.
const PART_ROWS: usize = 128 * 1024;
/// A file of at most so many rows is taken along by whatever is written to its month.
const SMALL_ROWS: u64 = 16 * 1024;

/// Rows to be written together, sorted, into one month.
#[derive(Default)]
pub(super) struct Job {
    /// "2026-03"; `None`: no event time.
    pub month: Option<String>,
    /// Existing files that go, each with the numbers of the rows that do not come along.
    pub files: Vec<(Arc<Entry>, Vec<u32>)>,
    /// Incoming rows that come in.
    pub winners: Vec<Winner>,
}

/// Divides what was sifted into jobs.
pub(super) fn plan(table: &Table, state: Option<&TableState>, reduced: &Reduced, sifted: &Sifted) -> Result<Vec<Job>> {
    let entries: &[Arc<Entry>] = state.map_or(&[], |state| &state.entries);
    let mut taken: BTreeSet<usize> = sifted.beaten.keys().copied().collect();
    let mut jobs: Vec<Job> = Vec::new();
    for (number, rows) in &sifted.beaten {
        let mut rows = rows.clone();
        rows.sort_unstable();
        let entry = &entries[*number];
        let files = vec![(Arc::clone(entry), rows)];
        jobs.push(Job { month: entry.file.month.clone(), files, winners: Vec::new() });
    }
    for (month, winners) in winners_by_month(table, reduced, sifted)? {
        let month = month.map(month::spell);
        let room = |job: &&mut Job| {
            let rows: u64 = job.files.iter().map(|(entry, _)| entry.file.rows).sum();
            job.month == month && rows + winners.len() as u64 <= FILE_ROWS as u64
        };
        let mut job = Job { month: month.clone(), ..Job::default() };
        let here = match jobs.iter_mut().find(room) {
            Some(rewritten) => rewritten,
            None => &mut job,
        };
        here.winners = winners;
        absorb_small(here, entries, &mut taken);
        if !job.winners.is_empty() {
            jobs.push(job);
        }
    }
    Ok(jobs)
}

/// Takes along files of the job's month that are small, absolutely or beside what is written anyway. A row is thus
/// rewritten about as often as its file doubles.
fn absorb_small(job: &mut Job, entries: &[Arc<Entry>], taken: &mut BTreeSet<usize>) {
    let mut rows = job.winners.len() as u64 + job.files.iter().map(|(entry, _)| entry.file.rows).sum::<u64>();
    let in_month = |(number, entry): &(usize, &Arc<Entry>)| entry.file.month == job.month && !taken.contains(number);
    let mut others: Vec<_> = entries.iter().enumerate().filter(in_month).collect();
    others.sort_by_key(|(_, entry)| entry.file.rows);
    for (number, entry) in others {
        let small = entry.file.rows <= SMALL_ROWS || entry.file.rows <= 2 * rows;
        if !small || rows + entry.file.rows > FILE_ROWS as u64 {
            break;
        }
        rows += entry.file.rows;
        taken.insert(number);
        job.files.push((Arc::clone(entry), Vec::new()));
    }
}

/// Writes the files of all jobs. Nobody knows them until they are committed.
pub(super) async fn write(
    store: &Arc<dyn ObjectStore>,
    table: &Table,
    reduced: Option<&SharedReduced>,
    jobs: Vec<Job>,
) -> Result<Vec<Written>> {
    let written = futures::stream::iter(jobs)
        .map(|job| {
            let (store, table, reduced) = (Arc::clone(store), table.clone(), reduced.cloned());
            blocking(move || async move {
                let month = job.month.clone();
                let done = run(store, &table, reduced.as_deref(), job).await;
                done.with_context(|| format!("{}, month {}", table.name, month.as_deref().unwrap_or("unknown")))
            })
        })
        .buffer_unordered(tasks_at_once());
    Ok(written.try_collect::<Vec<_>>().await?.into_iter().flatten().collect())
}

/// The order of a table's files: the declared columns, then the key, so that it is total.
pub(super) fn order(table: &Table) -> Vec<String> {
    let key = ["source", "id"].map(str::to_owned);
    let mut order = table.sort.clone();
    order.extend(key.into_iter().filter(|column| !table.sort.contains(column)));
    order
}

async fn run(store: Arc<dyn ObjectStore>, table: &Table, reduced: Option<&Reduced>, job: Job) -> Result<Vec<Written>> {
    let schema = table.schema();
    let mut folder = layout::tables(&table.name);
    if table.event_time.is_some() {
        folder = Path::from_iter(folder.parts().chain([action::month_folder(job.month.as_deref()).into()]));
    }
    let order_names = order(table);
    let writer = {
        let (store, schema) = (Arc::clone(&store), Arc::clone(&schema));
        move || {
            FileWriter::new(Arc::clone(&store), folder.clone(), job.month.clone(), Arc::clone(&schema), &order_names)
        }
    };
    if let ([(entry, without)], true) = (job.files.as_slice(), job.winners.is_empty()) {
        // The rest of a sorted file is sorted.
        let mut writer = writer();
        let mut rest = Box::pin(read::rows(store, &entry.file, schema, Some(all_but(without, entry.file.rows))).await?);
        while let Some(batch) = rest.try_next().await? {
            writer.write(&batch).await?;
        }
        return writer.finish().await;
    }
    let mut batches = Vec::new();
    let mut places = Vec::new();
    for (entry, without) in &job.files {
        let selection = (!without.is_empty()).then(|| all_but(without, entry.file.rows));
        let mut rest = Box::pin(read::rows(Arc::clone(&store), &entry.file, Arc::clone(&schema), selection).await?);
        while let Some(batch) = rest.try_next().await? {
            places.extend((0..batch.num_rows()).map(|row| (batches.len(), row)));
            batches.push(batch);
        }
    }
    if let Some(reduced) = reduced {
        let first = batches.len();
        batches.extend(reduced.batches.iter().cloned());
        places.extend(job.winners.iter().map(Winner::place).map(|(batch, row)| (first + batch, row)));
    }
    sort(&positions(&order(table), &schema)?, &batches, &mut places)?;
    let batches = Arc::new(batches);
    // Encoding takes longest; a large merge is encoded in parts, side by side. Compaction wants few files.
    let most = if reduced.is_some() { tasks_at_once() } else { 1 };
    let parts = (places.len() / PART_ROWS).clamp(1, most);
    let writes = places.chunks(places.len().div_ceil(parts).max(1)).map(|places| {
        let (mut writer, batches, places) = (writer(), Arc::clone(&batches), places.to_vec());
        blocking(move || async move {
            let batches: Vec<&RecordBatch> = batches.iter().collect();
            for places in places.chunks(BATCH_ROWS) {
                writer.write(&interleave_record_batch(&batches, places)?).await?;
            }
            writer.finish().await
        })
    });
    Ok(futures::future::try_join_all(writes).await?.into_iter().flatten().collect())
}

fn positions(columns: &[String], schema: &SchemaRef) -> Result<Vec<usize>> {
    Ok(columns.iter().map(|name| schema.index_of(name)).collect::<Result<_, _>>()?)
}

/// Puts the places (batch, row) into the order of the rows there, by these columns.
fn sort(columns: &[usize], batches: &[RecordBatch], places: &mut Vec<(usize, usize)>) -> Result<()> {
    let Some(first) = batches.first() else { return Ok(()) };
    let schema = first.schema();
    let fields = columns.iter().map(|column| SortField::new(schema.field(*column).data_type().clone())).collect();
    let converter = RowConverter::new(fields)?;
    let keys = columns.iter().map(|column| {
        let column: Vec<&dyn Array> = batches.iter().map(|batch| batch.column(*column).as_ref()).collect();
        interleave(&column, places)
    });
    let keys = converter.convert_columns(&keys.collect::<Result<Vec<_>, _>>()?)?;
    let mut keyed: Vec<_> = keys.iter().zip(places.iter().copied()).collect();
    // The stable sort makes use of runs, and every existing file is one.
    keyed.sort_by(|a, b| a.0.cmp(&b.0));
    *places = keyed.into_iter().map(|(_, place)| place).collect();
    Ok(())
}

/// Selects all rows of a file but these, given in ascending order.
fn all_but(rows: &[u32], total: u64) -> RowSelection {
    let mut selectors = Vec::with_capacity(rows.len() * 2 + 1);
    let mut next = 0;
    for row in rows {
        let row = *row as usize;
        if row > next {
            selectors.push(RowSelector::select(row - next));
        }
        selectors.push(RowSelector::skip(1));
        next = row + 1;
    }
    let total = usize::try_from(total).unwrap_or(usize::MAX);
    if total > next {
        selectors.push(RowSelector::select(total - next));
    }
    selectors.into()
}

/// Months since year 0 -> the rows that go there. `None`: no event time.
fn winners_by_month(table: &Table, reduced: &Reduced, sifted: &Sifted) -> Result<BTreeMap<Option<i32>, Vec<Winner>>> {
    let event = table.event_time.as_deref().map(|name| reduced.schema.index_of(name)).transpose()?;
    let mut months: BTreeMap<Option<i32>, Vec<Winner>> = BTreeMap::new();
    for (winner, fate) in reduced.winners.iter().zip(&sifted.fates) {
        if *fate == Fate::Lose {
            continue;
        }
        let (batch, row) = winner.place();
        let time = event.and_then(|column| {
            let column = reduced.batches[batch].column(column).as_primitive::<TimestampMicrosecondType>();
            column.is_valid(row).then(|| column.value(row))
        });
        months.entry(time.and_then(month::number)).or_default().push(*winner);
    }
    Ok(months)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_but_leaves_exactly_the_others() {
        let rest: Vec<(bool, usize)> = all_but(&[0, 3, 4], 6).iter().map(|part| (part.skip, part.row_count)).collect();
        assert_eq!(rest, [(true, 1), (false, 2), (true, 2), (false, 1)]);
    }
}
