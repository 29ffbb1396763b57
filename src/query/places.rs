//! Where the numbers of a question lie within the answer of its plan.

use super::calendar::Bucket;
use super::functions::placement::Slicing;
use super::question::By;
use crate::model::Granularity;

/// Where the numbers of one question are: cells and measures by part while a plan is being made, by their number in
/// its answer once it is finished.
#[derive(Debug, Clone)]
pub struct Places<C = CellId, M = MeasureId> {
    pub total: C,
    pub series: Series<C>,
    pub breakdowns: Vec<Breakdown<C>>,
    /// How many rows there are.
    pub rows: M,
    /// How many items.
    pub eligible: M,
    pub value: ValuePlaces<M>,
    pub stages: Vec<M>,
    pub counts: Vec<CountPlaces<C, M>>,
}

/// The cells of each bucket, by length of bucket.
pub type Series<C> = Vec<(Granularity, Vec<(Bucket, C)>)>;

/// Where the slices of a breakdown lie.
#[derive(Debug, Clone)]
pub struct Breakdown<C> {
    pub by: By,
    pub slicing: Slicing,
    pub total: C,
    pub series: Series<C>,
    /// The same series without slices, where the value is a share of it.
    pub wholes: Series<C>,
}

/// Where the value comes from.
#[derive(Debug, Clone)]
pub enum ValuePlaces<M> {
    Distribution(M),
    Quotient {
        numerator: M,
        denominator: Option<M>,
        /// How many rows have a known value; `None`: all.
        known: Option<M>,
    },
    /// Sums by key.
    Shares(M),
}

/// Where a named count lies; perhaps in another part, hence with cells of its own.
#[derive(Debug, Clone)]
pub struct CountPlaces<C, M> {
    pub name: &'static str,
    pub measure: M,
    pub total: C,
    pub series: Series<C>,
}

/// A cell, by part and place within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CellId {
    pub part: usize,
    pub cell: usize,
}

/// A measure, by part and place within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MeasureId {
    pub part: usize,
    pub measure: usize,
}
