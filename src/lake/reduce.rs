//! The first step of a merge: of all incoming rows, the one that wins for each key.

use std::cmp::Ordering;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use arrow::array::RecordBatch;
use arrow::compute::interleave_record_batch;
use arrow::datatypes::SchemaRef;
use arrow::row::{OwnedRow, RowConverter, SortField};

use super::key::{KeyColumns, KeyHasher, KeyMap};
use super::merge::Incoming;
use super::read::conform;
use crate::model::Table;

/// Rows compared by content at once.
const TIES_AT_ONCE: usize = 8 * 1024;

/// The incoming rows, one per key.
pub(super) struct Reduced {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
    /// For each batch, which file it is of.
    pub file_of_batch: Vec<usize>,
    /// The files, and how many rows each has.
    pub files: Vec<(String, u64)>,
    /// One row per key. A *slot* is a place in this list.
    pub winners: Vec<Winner>,
    /// Key -> slot.
    pub slots: KeyMap<u32>,
    pub hasher: KeyHasher,
}

/// Where the winning row of a key is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Winner {
    pub batch: u32,
    pub row: u32,
    pub updated_at: i64,
}

impl Winner {
    pub fn place(&self) -> (usize, usize) {
        (self.batch as usize, self.row as usize)
    }
}

impl Reduced {
    /// Fails where the rows do not have the table's schema or lack part of their key.
    pub fn new(table: &Table, incoming: Vec<Incoming>) -> Result<Reduced> {
        let total: usize = incoming.iter().flat_map(|file| &file.rows).map(RecordBatch::num_rows).sum();
        ensure!(u32::try_from(total).is_ok(), "{total} rows are too many for one merge; drop them as several files");
        let mut reduced = Reduced {
            schema: table.schema(),
            batches: Vec::new(),
            file_of_batch: Vec::new(),
            files: Vec::new(),
            winners: Vec::with_capacity(total),
            slots: KeyMap::with_capacity_and_hasher(total, Default::default()),
            hasher: KeyHasher::default(),
        };
        let mut ties = Vec::new();
        for Incoming { file, rows } in incoming {
            let count = rows.iter().map(|batch| batch.num_rows() as u64).sum();
            for batch in rows {
                ensure!(
                    batch.schema_ref().fields() == reduced.schema.fields(),
                    "{file}: the columns are not those of {}",
                    table.name
                );
                reduced.add(&batch, &mut ties).with_context(|| file.clone())?;
                reduced.batches.push(conform(&batch, &reduced.schema)?);
                reduced.file_of_batch.push(reduced.files.len());
            }
            reduced.files.push((file, count));
        }
        reduced.settle(ties)?;
        Ok(reduced)
    }

    /// Notes every row of the next batch. Rows as new as the best so far go to `ties`.
    fn add(&mut self, batch: &RecordBatch, ties: &mut Vec<(u32, Winner)>) -> Result<()> {
        let keys = KeyColumns::of(batch)?;
        let number = self.batches.len() as u32;
        for row in 0..keys.len() {
            let candidate = Winner { batch: number, row: row as u32, updated_at: keys.updated_at.value(row) };
            match self.slots.entry(self.hasher.hash(keys.source.value(row), keys.id.value(row))) {
                Entry::Vacant(place) => {
                    place.insert(self.winners.len() as u32);
                    self.winners.push(candidate);
                }
                Entry::Occupied(place) => {
                    let slot = *place.get();
                    let best = &mut self.winners[slot as usize];
                    match candidate.updated_at.cmp(&best.updated_at) {
                        Ordering::Greater => *best = candidate,
                        Ordering::Equal => ties.push((slot, candidate)),
                        Ordering::Less => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// Decides between rows of one key and time by their content: the greater encoding wins, whatever the order.
    fn settle(&mut self, mut ties: Vec<(u32, Winner)>) -> Result<()> {
        ties.retain(|(slot, tie)| tie.updated_at == self.winners[*slot as usize].updated_at);
        if ties.is_empty() {
            return Ok(());
        }
        let comparer = Comparer::new(&self.schema)?;
        // Stable, so that of identical rows the first stays the winner.
        ties.sort_by_key(|(slot, _)| *slot);
        for ties in ties.chunks(TIES_AT_ONCE) {
            let best: Vec<Winner> = ties.iter().map(|(slot, _)| self.winners[*slot as usize]).collect();
            let best = comparer.encode(&self.take(&best)?)?;
            let tied: Vec<Winner> = ties.iter().map(|(_, tie)| *tie).collect();
            let tied = comparer.encode(&self.take(&tied)?)?;
            let mut ahead: Option<(u32, OwnedRow)> = None;
            for (i, (slot, tie)) in ties.iter().enumerate() {
                let beaten = match &ahead {
                    Some((of, row)) if of == slot => tied.row(i) > row.row(),
                    _ => tied.row(i) > best.row(i),
                };
                if beaten {
                    self.winners[*slot as usize] = *tie;
                    ahead = Some((*slot, tied.row(i).owned()));
                }
            }
        }
        Ok(())
    }

    /// The rows at these places, in this order.
    pub fn take(&self, places: &[Winner]) -> Result<RecordBatch> {
        let places: Vec<(usize, usize)> = places.iter().map(Winner::place).collect();
        let batches: Vec<&RecordBatch> = self.batches.iter().collect();
        Ok(interleave_record_batch(&batches, &places)?)
    }

    /// The file that a slot's winner came from.
    pub fn file_of(&self, slot: usize) -> usize {
        self.file_of_batch[self.winners[slot].batch as usize]
    }
}

/// Compares rows by their whole content.
pub(super) struct Comparer(RowConverter);

impl Comparer {
    pub fn new(schema: &SchemaRef) -> Result<Comparer> {
        let fields = schema.fields().iter().map(|field| SortField::new(field.data_type().clone())).collect();
        Ok(Comparer(RowConverter::new(fields)?))
    }

    /// The rows of a batch, in a form that compares.
    pub fn encode(&self, batch: &RecordBatch) -> Result<arrow::row::Rows> {
        Ok(self.0.convert_columns(batch.columns())?)
    }
}

/// Shared with the tasks of a merge.
pub(super) type SharedReduced = Arc<Reduced>;
