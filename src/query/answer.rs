//! The answer to a question: numbers picked from the one batch that its plan gave.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type};
use chrono::{DateTime, Utc};

use super::calendar::{Bucket, Period};
use super::developers::Developers;
use super::functions::cells::Cell;
use super::functions::distribution::STATISTICS;
use super::functions::placement::Slicing;
use super::places::{CountPlaces, Places, Series, ValuePlaces};
use super::plan::{Keys, Plan, Read};
use super::question::{By, Question, Wants};
use crate::model::metric::{Absent, Denominator, Kind, Statistic};
use crate::model::{Dimension, Fact, Granularity};

/// The rows of a plan's answer, by scope and cell, there in the order of their slices.
#[derive(Debug, Default)]
pub struct Rows {
    cells: HashMap<Option<String>, HashMap<Cell, Vec<Row>>>,
}

/// One row: a slice and its measures.
#[derive(Debug, Clone)]
struct Row {
    slice: Option<String>,
    measures: Vec<Measured>,
}

#[derive(Debug, Clone)]
enum Measured {
    Number(Option<f64>),
    Distribution([Option<f64>; STATISTICS]),
    /// Sums by key, in the order of the keys.
    Tally(Vec<(i64, f64)>),
}

/// The answer to one question.
#[derive(Debug)]
pub struct Answer {
    rows: Arc<Rows>,
    scope: Option<String>,
    question: Question,
    places: Places<Cell, usize>,
    /// Whose time a rate per developer is divided by; `None`: nobody's.
    developers: Option<Developers>,
    /// Why nothing is known, whatever the rows.
    absent: Option<Absent>,
}

/// The numbers of one metric in one window (and slice).
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// Rows that belong to the window; an item may be several.
    pub rows: u64,
    /// Items that belong to the window.
    pub eligible: u64,
    /// Items with a known value.
    pub known: u64,
    /// Sum in seconds of a duration; else what is counted.
    pub numerator: f64,
    /// Known items of a duration; else what is divided by.
    pub denominator: f64,
    /// Median, 75th, 90th, 95th percentile; `None` where the value is no distribution, or of no items.
    percentiles: Option<[f64; 4]>,
    distribution: bool,
}

/// A slice of a breakdown.
#[derive(Debug, Clone)]
pub struct Slice {
    /// `None`: rows that belong to no key.
    pub key: Option<String>,
    pub number: Number,
}

/// A bucket of a series and its numbers.
#[derive(Debug, Clone)]
pub struct Point {
    pub bucket: Bucket,
    pub number: Number,
}

impl Rows {
    /// Reads the batches of a plan: `scope`, `cell`, `slice`, then the measures.
    /// Where the cells are codes, `keys` says what they stand for.
    pub fn read(batches: &[RecordBatch], keys: Option<&Keys>) -> Result<Rows> {
        let mut rows = Rows::default();
        for batch in batches {
            let scopes = batch.column(0).as_string_opt::<i32>().context("scope is not Utf8")?;
            let cell = |row: usize| -> Result<Read> {
                match keys {
                    Some(keys) => {
                        let codes = batch.column(1).as_primitive_opt::<Int64Type>().context("code is not Int64")?;
                        Ok(keys.read(codes.value(row)))
                    }
                    None => {
                        let cells = batch.column(1).as_primitive_opt::<Int32Type>().context("cell is not Int32")?;
                        Ok(Read { scope: None, cell: cells.value(row), slice: None })
                    }
                }
            };
            let slices = batch.column(2).as_string_opt::<i32>().context("slice is not Utf8")?;
            for row in 0..batch.num_rows() {
                let text =
                    |column: &arrow::array::StringArray| column.is_valid(row).then(|| column.value(row).to_owned());
                let measures =
                    batch.columns()[3..].iter().map(|column| Measured::read(column, row)).collect::<Result<_>>()?;
                let Read { scope, cell, slice } = cell(row)?;
                let in_scope = rows.cells.entry(scope.or_else(|| text(scopes))).or_default();
                let slice = slice.unwrap_or_else(|| text(slices));
                in_scope.entry(cell).or_default().push(Row { slice, measures });
            }
        }
        for rows in rows.cells.values_mut().flat_map(HashMap::values_mut) {
            rows.sort_by(|a, b| a.slice.cmp(&b.slice));
        }
        Ok(rows)
    }

    fn find(&self, scope: &Option<String>, cell: Cell) -> &[Row] {
        self.cells.get(scope).and_then(|cells| cells.get(&cell)).map_or(&[], Vec::as_slice)
    }
}

impl Measured {
    fn read(column: &dyn Array, row: usize) -> Result<Measured> {
        if matches!(column.data_type(), DataType::FixedSizeList(..)) {
            let mut statistics = [None; STATISTICS];
            if column.is_valid(row) {
                let values = column.as_fixed_size_list().value(row);
                let values = values.as_primitive_opt::<Float64Type>().context("statistics are not Float64")?;
                for (place, value) in statistics.iter_mut().zip(values.iter()) {
                    *place = value;
                }
            }
            return Ok(Measured::Distribution(statistics));
        }
        if let Some(tallies) = column.as_list_opt::<i32>() {
            let tally = tallies.value(row);
            let tally = tally.as_struct_opt().context("sums by key are no structs")?;
            let keys = tally.column(0).as_primitive_opt::<Int64Type>().context("a key is not Int64")?;
            let sums = tally.column(1).as_primitive_opt::<Float64Type>().context("a sum is not Float64")?;
            return Ok(Measured::Tally(keys.values().iter().copied().zip(sums.values().iter().copied()).collect()));
        }
        let numbers = column.as_primitive_opt::<Float64Type>().context("a measure is not Float64")?;
        Ok(Measured::Number(numbers.is_valid(row).then(|| numbers.value(row))))
    }

    fn number(&self) -> f64 {
        match self {
            Measured::Number(number) => number.unwrap_or(0.0),
            Measured::Distribution(statistics) => statistics[0].unwrap_or(0.0),
            Measured::Tally(sums) => sums.len() as f64,
        }
    }

    fn is_known(&self) -> bool {
        !matches!(self, Measured::Number(None))
    }

    fn sums(&self) -> &[(i64, f64)] {
        match self {
            Measured::Tally(sums) => sums,
            Measured::Number(_) | Measured::Distribution(_) => &[],
        }
    }
}

impl Answer {
    pub fn new(rows: Arc<Rows>, plan: &Plan, places: &Places, question: Question) -> Answer {
        let scope = question.scope.key().map(str::to_owned);
        let (developers, absent) = (plan.developers(&question), plan.absent(&question));
        Answer { rows, scope, places: plan.finish(places), question, developers, absent }
    }

    /// The answer to a question that has no meaning for rows of its fact, as [`Plan::absent`] tells.
    pub fn without_rows(fact: &'static Fact, question: Question, now: DateTime<Utc>) -> Result<Answer> {
        let wants = Wants { breakdowns: BTreeMap::new(), ..question.wants.clone() };
        let question = Question { wants, ..question };
        let mut plan = Plan::new(fact, None, None, now, Arc::clone(&question.profile));
        let places = plan.add(&question)?;
        Ok(Answer::new(Arc::default(), &plan, &places, question))
    }

    /// Whether anything could be counted: a team whose settings do not say which rows are its own may have none, and a
    /// repository has no sprints. Where it could not, nothing is known, not even that it is zero.
    pub fn is_configured(&self) -> bool {
        self.absent.is_none()
    }

    /// Whether the profile shows the metric.
    pub fn is_on(&self) -> bool {
        self.question.in_force().is_on(self.question.metric)
    }

    /// Why there can be no value, whatever the rows; `None` where they decide.
    pub fn absent(&self) -> Option<Absent> {
        let by_developers = self.question.metric.is_per_developer() && self.total().denominator == 0.0;
        let has_developers = self.question.scope.dimension().is_none_or(Dimension::is_of_people);
        let without = if has_developers { Absent::NotConfigured } else { Absent::NotApplicable };
        let off = (!self.is_on()).then_some(Absent::NotConfigured);
        self.absent.or(off).or_else(|| by_developers.then_some(without))
    }

    /// The numbers of the whole period.
    pub fn total(&self) -> Number {
        let row = self.find(self.places.total);
        self.at(self.question.period, row, None, row)
    }

    /// The series; empty if it was not wanted.
    pub fn series(&self, unit: Granularity) -> Vec<Point> {
        let buckets = buckets_of(&self.places.series, unit);
        buckets
            .iter()
            .map(|(bucket, cell)| {
                let row = self.find(*cell);
                Point { bucket: *bucket, number: self.at(bucket.days, row, None, row) }
            })
            .collect()
    }

    /// The slices of a breakdown, largest first, ties by key; rows without a key are the slice `None`.
    pub fn slices(&self, by: &By) -> Vec<Slice> {
        let Some(breakdown) = self.places.breakdowns.iter().find(|b| b.by == *by) else {
            return Vec::new();
        };
        let whole = self.find(self.places.total);
        let slice = |row: &Row| {
            let place = Some((breakdown.slicing, row.slice.as_deref()));
            Slice { key: row.slice.clone(), number: self.at(self.question.period, Some(row), place, whole) }
        };
        let mut slices: Vec<Slice> = self.rows.find(&self.scope, breakdown.total).iter().map(slice).collect();
        slices.sort_by(|a, b| b.number.eligible.cmp(&a.number.eligible).then_with(|| a.key.cmp(&b.key)));
        slices
    }

    /// The series of one slice.
    pub fn slice_series(&self, by: &By, key: Option<&str>, unit: Granularity) -> Vec<Point> {
        let Some(breakdown) = self.places.breakdowns.iter().find(|b| b.by == *by) else {
            return Vec::new();
        };
        let point = |(bucket, cell): &(Bucket, Cell)| {
            let rows = self.rows.find(&self.scope, *cell);
            let row = rows.binary_search_by(|row| row.slice.as_deref().cmp(&key)).ok().map(|place| &rows[place]);
            let wholes = buckets_of(&breakdown.wholes, unit).iter();
            let whole = wholes.filter(|(whole, _)| whole == bucket).find_map(|(_, cell)| self.find(*cell));
            Point { bucket: *bucket, number: self.at(bucket.days, row, Some((breakdown.slicing, key)), whole) }
        };
        buckets_of(&breakdown.series, unit).iter().map(point).collect()
    }

    /// The numbers of each stage that is on over the whole period, in declared order; empty if they were not wanted.
    pub fn stages(&self) -> Vec<Number> {
        let row = self.find(self.places.total);
        let eligible = row.map_or(0, |row| row.measures[self.places.eligible].number() as u64);
        self.places.stages.iter().map(|m| distribution(row.map(|row| &row.measures[*m]), eligible)).collect()
    }

    /// The named counts over the whole period.
    pub fn counts(&self) -> Vec<(&'static str, f64)> {
        self.places.counts.iter().map(|count| (count.name, self.counted(count, count.total))).collect()
    }

    /// A named count by bucket, with whether the bucket is partial.
    pub fn count_series(&self, name: &str, unit: Granularity) -> Vec<(Bucket, f64)> {
        let Some(count) = self.places.counts.iter().find(|count| count.name == name) else { return Vec::new() };
        let buckets = buckets_of(&count.series, unit);
        buckets.iter().map(|(bucket, cell)| (*bucket, self.counted(count, *cell))).collect()
    }

    pub fn question(&self) -> &Question {
        &self.question
    }

    fn find(&self, cell: Cell) -> Option<&Row> {
        self.rows.find(&self.scope, cell).first()
    }

    fn counted(&self, count: &CountPlaces<Cell, usize>, cell: Cell) -> f64 {
        self.find(cell).map_or(0.0, |row| row.measures[count.measure].number())
    }

    /// The numbers of a window, of a slice of it where there is one. `whole`: the row of the window without slices.
    fn at(
        &self,
        window: Period,
        row: Option<&Row>,
        slice: Option<(Slicing, Option<&str>)>,
        whole: Option<&Row>,
    ) -> Number {
        let rows = row.map_or(0, |row| row.measures[self.places.rows].number() as u64);
        Number { rows, ..self.computed(window, row, slice, whole) }
    }

    fn computed(
        &self,
        window: Period,
        row: Option<&Row>,
        slice: Option<(Slicing, Option<&str>)>,
        whole: Option<&Row>,
    ) -> Number {
        let eligible = row.map_or(0, |row| row.measures[self.places.eligible].number() as u64);
        match &self.places.value {
            ValuePlaces::Distribution(measure) => distribution(row.map(|row| &row.measures[*measure]), eligible),
            ValuePlaces::Shares(measure) => {
                let sums = |row: Option<&'_ Row>| row.map_or(&[][..], |row| row.measures[*measure].sums()).to_vec();
                let denominator = if self.is_configured() { 1.0 } else { 0.0 };
                Number::counted(eligible, eligible, shares(&sums(row), &sums(whole)), denominator)
            }
            ValuePlaces::Quotient { numerator, denominator, known } => {
                let number = |measure: &usize| row.map_or(0.0, |row| row.measures[*measure].number());
                let denominator = match (&self.question.metric.kind, denominator) {
                    _ if !self.is_configured() => 0.0,
                    (Kind::Formula { zero_filled: false, .. }, _)
                        if !row.is_some_and(|row| row.measures[*numerator].is_known()) =>
                    {
                        0.0
                    }
                    (Kind::Formula { denominator: Denominator::Days, .. }, _) => window.days() as f64,
                    (Kind::Formula { denominator: Denominator::DeveloperWeeks, .. }, _) => {
                        self.developers.as_ref().map_or(0.0, |developers| developers.weeks(window, slice))
                    }
                    (_, Some(measure)) => number(measure),
                    (_, None) => 1.0,
                };
                let known = known.as_ref().map_or(eligible, |known| number(known) as u64);
                Number::counted(eligible, known, number(numerator), denominator)
            }
        }
    }
}

impl Number {
    /// What is counted, and what that is divided by.
    fn counted(eligible: u64, known: u64, numerator: f64, denominator: f64) -> Number {
        Number { rows: eligible, eligible, known, numerator, denominator, percentiles: None, distribution: false }
    }

    /// The value, or one statistic of it where it is a distribution; `None` where there is nothing to divide by.
    pub fn value(&self, statistic: Statistic) -> Option<f64> {
        match (self.distribution, statistic, self.percentiles) {
            (false, ..) | (true, Statistic::Mean, _) => {
                (self.denominator > 0.0).then(|| self.numerator / self.denominator)
            }
            (true, _, None) => None,
            (true, Statistic::Median, Some(percentiles)) => Some(percentiles[0]),
            (true, Statistic::P75, Some(percentiles)) => Some(percentiles[1]),
            (true, Statistic::P90, Some(percentiles)) => Some(percentiles[2]),
            (true, Statistic::P95, Some(percentiles)) => Some(percentiles[3]),
        }
    }

    /// The share of items with a known value; `None` where there are no items.
    pub fn coverage(&self) -> Option<f64> {
        (self.eligible > 0).then(|| self.known as f64 / self.eligible as f64)
    }
}

/// The buckets of one length; none if they were not wanted.
fn buckets_of(series: &Series<Cell>, unit: Granularity) -> &[(Bucket, Cell)] {
    series.iter().find(|(u, _)| *u == unit).map_or(&[], |(_, buckets)| buckets)
}

/// The share of each key's whole that is in a slice, added up over the keys; keys without weight have none. Both are
/// in the order of their keys.
fn shares(slice: &[(i64, f64)], whole: &[(i64, f64)]) -> f64 {
    let whole_of = |key: i64| whole.binary_search_by_key(&key, |(key, _)| *key).ok().map(|place| whole[place].1);
    let share = |(key, weight): &(i64, f64)| Some(weight / whole_of(*key).filter(|whole| *whole > 0.0)?);
    slice.iter().filter_map(share).sum()
}

fn distribution(measured: Option<&Measured>, eligible: u64) -> Number {
    let statistics = match measured {
        Some(Measured::Distribution(statistics)) => *statistics,
        Some(Measured::Number(_) | Measured::Tally(_)) | None => [None; STATISTICS],
    };
    let known = statistics[0].unwrap_or(0.0);
    let percentiles = match statistics {
        [_, _, Some(p50), Some(p75), Some(p90), Some(p95)] => Some([p50, p75, p90, p95]),
        _ => None,
    };
    Number {
        rows: eligible,
        eligible,
        known: known as u64,
        numerator: statistics[1].unwrap_or(0.0),
        denominator: known,
        percentiles,
        distribution: true,
    }
}
