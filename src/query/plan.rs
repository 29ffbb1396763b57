//! One plan for a group of questions about one fact and one kind of scope.
//!
//! A plan has *parts* (a time column and a filter), each with *windows*; a cell is a window of a part, perhaps by a
//! dimension. Each row is given the cells it belongs to, is unnested over them, and is aggregated by (scope, cell, slice).
//! Building is pure. What depends on people and teams stands in `whose`.

mod whose;

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use arrow::datatypes::{DataType, Schema};
use chrono::{DateTime, Utc};
use datafusion::catalog::TableProvider;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, ScalarValue, UnnestOptions};
use datafusion::dataframe::DataFrame;
use datafusion::execution::context::SessionContext;
use datafusion::functions_nested::expr_fn::{cardinality, make_array};
use datafusion::logical_expr::{Case, Expr, ScalarUDF, cast, col, lit, when};

use super::bind::{Binder, Judge};
use super::calendar::{Bucket, Period};
use super::condition::{condition, key_of, time_within};
use super::functions::cells::{Cell, Cells, Intervals};
use super::functions::placement::Slicing;
use super::functions::{distribution, tally};
use super::places::{Breakdown, CellId, CountPlaces, MeasureId, Places, Series, ValuePlaces};
use super::question::{Filter, Question, Scope};
use crate::model::fact::Fact;
use crate::model::metric::{Count, Denominator, Kind, Stage};
use crate::model::profile;
use crate::model::{Attribution, Dimension, Effective, Granularity, Membership, Metric};

use whose::{Belongings, cell_of_code};
pub use whose::{Keys, Read};

/// A plan in the making: what it must compute, and where each question finds its numbers.
pub struct Plan {
    fact: &'static Fact,
    /// The dimension that scopes are keys of; `None`: the organisation.
    scope: Option<Dimension>,
    keys: BTreeSet<String>,
    /// Whom accounts belong to; `None`: nothing that is asked depends on it.
    attribution: Option<Arc<Attribution>>,
    now: DateTime<Utc>,
    /// What all of its questions are asked with.
    profile: Arc<Effective>,
    /// Metrics of which some team switches the people filter off.
    switched: BTreeSet<String>,
    /// How rows belong to teams, by such metric.
    belongings: Belongings,
    parts: Vec<Part>,
}

/// What a part of a plan counts: rows that pass a filter, placed by a time.
struct Part {
    /// Whose parameters hold, where each kind has its own.
    kind: profile::Kind,
    time: &'static str,
    filter: Option<&'static str>,
    narrowed: Filter,
    zone: chrono_tz::Tz,
    belongs: Belongs,
    windows: Vec<(Period, Option<Slicing>)>,
    window_ids: HashMap<(Period, Option<Slicing>), usize>,
    measures: Vec<Measure>,
}

/// How rows of a part belong to teams, where that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Belongs {
    membership: Membership,
    /// The metric, where settings of some team say something of it.
    metric: Option<&'static str>,
}

/// An aggregate of a part, and the cells it is wanted in.
#[derive(Debug, Clone)]
enum Measure {
    /// A SQL aggregate, as a float.
    Number(&'static str),
    /// The distribution of a metric's duration, or of its stage at a place, as the profile bounds it.
    Duration { of: &'static Metric, stage: Option<usize> },
    /// Sums of a weight by key.
    Tally { of: &'static str, weight: &'static str },
}

impl PartialEq for Measure {
    fn eq(&self, other: &Measure) -> bool {
        match (self, other) {
            (Measure::Number(sql), Measure::Number(other)) => sql == other,
            (Measure::Duration { of, stage }, Measure::Duration { of: other, stage: others }) => {
                of.name == other.name && stage == others
            }
            (Measure::Tally { of, weight }, Measure::Tally { of: other, weight: others }) => {
                of == other && weight == others
            }
            _ => false,
        }
    }
}

impl Plan {
    /// A plan of questions that are all asked with one `profile`.
    pub fn new(
        fact: &'static Fact,
        scope: Option<Dimension>,
        attribution: Option<Arc<Attribution>>,
        now: DateTime<Utc>,
        profile: Arc<Effective>,
    ) -> Plan {
        let (switched, belongings) = (whose::switched(attribution.as_deref()), Belongings::default());
        Plan { fact, scope, keys: BTreeSet::new(), attribution, now, profile, switched, belongings, parts: Vec::new() }
    }

    /// Adds a question, which must be about this plan's fact, kind of scope and profile, and says where its numbers will be.
    ///
    /// # Errors
    /// When it slices by an org tree that is not there.
    pub fn add(&mut self, question: &Question) -> Result<Places> {
        let now = self.now;
        let breakdowns = question.wants.breakdowns.iter();
        let breakdowns = breakdowns.map(|(by, units)| Ok((by, self.slicing(by, &question.scope)?, units)));
        let breakdowns = breakdowns.collect::<Result<Vec<_>>>()?;
        if let Scope::Key(_, key) = &question.scope {
            self.keys.insert(key.clone());
        }
        let metric = question.metric;
        let part = self.part(&metric.time, metric.filter.as_deref(), question);
        let places = &mut self.parts[part];
        let total = CellId { part, cell: places.window(question.period, None) };
        let series = places.series(part, question, &question.wants.series, None, now);
        // A share of the whole needs the whole of the same window.
        let shared = matches!(metric.kind, Kind::Shares { .. });
        let breakdowns = (breakdowns.into_iter())
            .map(|(by, slicing, units)| Breakdown {
                by: by.clone(),
                slicing,
                total: CellId { part, cell: places.window(question.period, Some(slicing)) },
                series: places.series(part, question, units, Some(slicing), now),
                wholes: if shared { places.series(part, question, units, None, now) } else { Vec::new() },
            })
            .collect();
        let mut measure = |m: Measure| MeasureId { part, measure: places.measure(m) };
        let rows = measure(Measure::Number("count(*)"));
        let eligible = measure(Measure::Number(&metric.eligible));
        let (value, stages) = match &metric.kind {
            Kind::Duration { stages, .. } => {
                let value = ValuePlaces::Distribution(measure(Measure::Duration { of: metric, stage: None }));
                let is_on = |(_, stage): &(usize, &'static Stage)| question.in_force().stage(metric, stage).is_some();
                let wanted = stages.iter().enumerate().filter(|stage| question.wants.stages && is_on(stage));
                (value, wanted.map(|(n, _)| measure(Measure::Duration { of: metric, stage: Some(n) })).collect())
            }
            Kind::Shares { of, weight } => (ValuePlaces::Shares(measure(Measure::Tally { of, weight })), Vec::new()),
            Kind::Formula { numerator, denominator, known, .. } => {
                let known = known.as_deref().map(|known| measure(Measure::Number(known)));
                let numerator = measure(Measure::Number(numerator));
                let denominator = match denominator {
                    Denominator::Aggregate(sql) => Some(measure(Measure::Number(sql))),
                    Denominator::Days | Denominator::DeveloperWeeks | Denominator::One => None,
                };
                (ValuePlaces::Quotient { numerator, denominator, known }, Vec::new())
            }
        };
        let counts: &'static [Count] = if question.wants.counts { &metric.counts } else { &[] };
        let counts = counts.iter().map(|count| self.count(count, question)).collect();
        Ok(Places { total, series, breakdowns, rows, eligible, value, stages, counts })
    }

    /// The same places, as numbers of cells and columns (after scope, cell and slice) of the finished plan's answer.
    pub fn finish(&self, places: &Places) -> Places<Cell, usize> {
        let cell = |id: &CellId| self.cells(id.part).start + id.cell as Cell;
        let column =
            |id: &MeasureId| self.parts[..id.part].iter().map(|p| p.measures.len()).sum::<usize>() + id.measure;
        let series = |series: &Series<CellId>| -> Series<Cell> {
            let buckets = |buckets: &[(Bucket, CellId)]| buckets.iter().map(|(b, id)| (*b, cell(id))).collect();
            series.iter().map(|(unit, all)| (*unit, buckets(all))).collect()
        };
        let breakdown = |b: &Breakdown<CellId>| Breakdown {
            by: b.by.clone(),
            slicing: b.slicing,
            total: cell(&b.total),
            series: series(&b.series),
            wholes: series(&b.wholes),
        };
        let count = |c: &CountPlaces<CellId, MeasureId>| CountPlaces {
            name: c.name,
            measure: column(&c.measure),
            total: cell(&c.total),
            series: series(&c.series),
        };
        Places {
            total: cell(&places.total),
            series: series(&places.series),
            breakdowns: places.breakdowns.iter().map(breakdown).collect(),
            rows: column(&places.rows),
            eligible: column(&places.eligible),
            value: match &places.value {
                ValuePlaces::Distribution(measure) => ValuePlaces::Distribution(column(measure)),
                ValuePlaces::Shares(measure) => ValuePlaces::Shares(column(measure)),
                ValuePlaces::Quotient { numerator, denominator, known } => ValuePlaces::Quotient {
                    numerator: column(numerator),
                    denominator: denominator.as_ref().map(column),
                    known: known.as_ref().map(column),
                },
            },
            stages: places.stages.iter().map(column).collect(),
            counts: places.counts.iter().map(count).collect(),
        }
    }

    /// The plan itself. Its columns: `scope`, `cell`, `slice`, then a column for each measure. Where people or teams are asked
    /// for, `cell` is a [`Code`](super::functions::placement::Code), which tells scope and slice as well.
    pub fn build(&self, context: &SessionContext, fact: Arc<dyn TableProvider>) -> Result<DataFrame> {
        let schema = fact.schema();
        let mut eligible = None::<Expr>;
        let (mut times, mut intervals, mut aggregates) = (Vec::new(), Vec::new(), Vec::new());
        let mut inputs = Vec::<(String, Expr)>::new();
        for (place, part) in self.parts.iter().enumerate() {
            let binder = self.binder(context, &schema, part)?;
            let filter = condition(part.filter, &part.narrowed, &binder, self.attribution.as_ref())?;
            let reach = part.reach();
            let time = binder.time();
            let within = time_within(time.clone(), &reach);
            let passes = filter.into_iter().fold(within, Expr::and);
            eligible = Some(eligible.map_or(passes.clone(), |others| others.or(passes.clone())));
            times.push(when(passes, time).end()?);
            let cells = self.cells(place);
            intervals.push(Intervals::new(
                &part.windows.iter().zip(cells.clone()).map(|((p, _), c)| (p.instants(), c)).collect::<Vec<_>>(),
            ));
            let in_part =
                (self.parts.len() > 1).then(|| col("cell").gt_eq(lit(cells.start)).and(col("cell").lt(lit(cells.end))));
            for measure in &part.measures {
                // What a measure looks at is computed once for each row, before the row is unnested over its cells.
                let mut ahead = |expr: Expr| {
                    let name = format!("input_{}", inputs.len());
                    inputs.push((name.clone(), expr));
                    col(name)
                };
                let aggregate = match measure {
                    Measure::Number(sql) => {
                        cast(gate(binder.bind(sql)?, in_part.clone(), &mut ahead)?, DataType::Float64)
                    }
                    Measure::Duration { of, stage } => {
                        let micros = ahead(binder.duration(of, *stage)?);
                        gate(distribution::distribution(micros), in_part.clone(), &mut ahead)?
                    }
                    Measure::Tally { of, weight } => {
                        let key = ahead(cast(binder.bind(of)?, DataType::Int64));
                        let weight = ahead(cast(binder.bind(weight)?, DataType::Float64));
                        gate(tally(key, weight), in_part.clone(), &mut ahead)?
                    }
                };
                aggregates.push(aggregate);
            }
        }

        let mut frame = context.read_table(fact)?;
        frame = frame.filter(eligible.context("a plan without parts")?)?;
        if let Some(dimension) = self.scope.filter(|dimension| !dimension.is_of_people()) {
            // A scope is a column of the fact itself, and so the same in every part.
            let part = self.parts.first().context("a plan without parts")?;
            frame = self.scoped(frame, dimension, &self.binder(context, &schema, part)?)?;
        }
        let slice = self.slice(context, &schema, &mut inputs)?;
        for (name, input) in inputs {
            frame = frame.with_column(&name, input)?;
        }
        let coded = self.is_coded();
        frame = if coded {
            let codes = self.placement(intervals, times)?;
            let frame =
                frame.with_column("code", codes)?.unnest_columns(&["code"])?.filter(col("code").is_not_null())?;
            frame.with_column("cell", cell_of_code(col("code")))?
        } else {
            let cells = ScalarUDF::from(Cells::new(intervals)).call(times);
            frame.with_column("cell", cells)?.unnest_columns(&["cell"])?.filter(col("cell").is_not_null())?
        };
        let sliced = slice.is_some();
        if let Some((slice, nested)) = slice {
            frame = frame.with_column("slice", slice)?;
            if nested {
                let options = UnnestOptions::new().with_preserve_nulls(true);
                frame = frame.unnest_columns_with_options(&["slice"], options)?;
            }
        }
        let scoped = self.scope.is_some_and(|dimension| !dimension.is_of_people());
        aggregate(frame, scoped, if coded { "code" } else { "cell" }, sliced, aggregates)
    }

    /// The numbers of a part's cells: parts follow each other.
    fn cells(&self, part: usize) -> Range<Cell> {
        let first: usize = self.parts[..part].iter().map(|p| p.windows.len()).sum();
        first as Cell..(first + self.parts[part].windows.len()) as Cell
    }

    fn part(&mut self, time: &'static str, filter: Option<&'static str>, question: &Question) -> usize {
        let (zone, kind) = (question.period.zone, profile::Kind::of(question.metric));
        let belongs = self.belongs(question);
        let same = |part: &Part| {
            let counts_the_same = part.time == time && part.filter == filter && part.narrowed == question.filter;
            counts_the_same && part.kind == kind && part.zone == zone && part.belongs == belongs
        };
        self.parts.iter().position(same).unwrap_or_else(|| {
            self.parts.push(Part {
                kind,
                time,
                filter,
                narrowed: question.filter.clone(),
                zone,
                belongs,
                windows: Vec::new(),
                window_ids: HashMap::new(),
                measures: Vec::new(),
            });
            self.parts.len() - 1
        })
    }

    fn count(&mut self, count: &'static Count, question: &Question) -> CountPlaces<CellId, MeasureId> {
        let (metric, now) = (question.metric, self.now);
        let part = match &count.time {
            Some(time) => self.part(time, count.filter.as_deref(), question),
            None => self.part(&metric.time, metric.filter.as_deref(), question),
        };
        let places = &mut self.parts[part];
        CountPlaces {
            name: &count.name,
            measure: MeasureId { part, measure: places.measure(Measure::Number(&count.value)) },
            total: CellId { part, cell: places.window(question.period, None) },
            series: places.series(part, question, &question.wants.series, None, now),
        }
    }

    fn binder<'a>(&'a self, context: &'a SessionContext, schema: &Schema, part: &Part) -> Result<Binder<'a>> {
        let judge = Judge { profile: &self.profile, kind: part.kind, time: part.time, reach: part.reach() };
        Binder::new(context, self.fact, schema, judge, part.zone, self.attribution.as_ref())
    }

    /// The rows of the asked keys, with the key as `scope`; a row with several keys comes once for each.
    fn scoped(&self, frame: DataFrame, dimension: Dimension, binder: &Binder<'_>) -> Result<DataFrame> {
        let key = key_of(dimension, binder)?;
        let nested = binder.is_list(&key)?;
        let mut frame = frame.with_column("scope", key)?;
        if nested {
            frame = frame.unnest_columns(&["scope"])?;
        }
        Ok(frame.filter(col("scope").in_list(self.keys.iter().map(lit).collect(), false))?)
    }

    /// The key of a row in the dimension of its cell, null in cells without one, and whether it is a list; `None` where no
    /// cell has a dimension. Keys that are more than a column are computed ahead, once for each row.
    fn slice(
        &self,
        context: &SessionContext,
        schema: &Schema,
        ahead: &mut Vec<(String, Expr)>,
    ) -> Result<Option<(Expr, bool)>> {
        // By part and dimension: the key, whether it is a list, and the cells that it is the slice of.
        let mut keys = Vec::new();
        for (place, part) in self.parts.iter().enumerate() {
            let slicings = part.windows.iter().filter_map(|(_, slicing)| match slicing {
                Some(Slicing::Column(dimension)) => Some(*dimension),
                _ => None,
            });
            let binder = self.binder(context, schema, part)?;
            for dimension in slicings.collect::<BTreeSet<Dimension>>() {
                let mut key = key_of(dimension, &binder)?;
                let nested = binder.is_list(&key)?;
                if !matches!(key, Expr::Column(_)) {
                    let name = format!("key_{}", keys.len());
                    ahead.push((name.clone(), key));
                    key = col(name);
                }
                let cells = (part.windows.iter().zip(self.cells(place)))
                    .filter(|((_, slicing), _)| *slicing == Some(Slicing::Column(dimension)))
                    .map(|(_, cell)| lit(cell));
                keys.push((key, nested, cells.collect::<Vec<Expr>>()));
            }
        }
        if keys.is_empty() {
            return Ok(None);
        }
        let none = lit(ScalarValue::Utf8(None));
        let nested = keys.iter().any(|(_, nested, _)| *nested);
        let none = if nested { make_array(vec![none]) } else { none };
        let mut cases = Vec::new();
        for (key, is_list, cells) in keys {
            let key = if is_list {
                // A row with no key at all is a row of the null slice; unnesting an empty list would drop it.
                when(cardinality(key.clone()).gt(lit(0_u64)), key).otherwise(none.clone())?
            } else if nested {
                make_array(vec![key])
            } else {
                key
            };
            cases.push((Box::new(col("cell").in_list(cells, false)), Box::new(key)));
        }
        Ok(Some((Expr::Case(Case::new(None, cases, Some(Box::new(none)))), nested)))
    }
}

impl Part {
    fn window(&mut self, period: Period, slicing: Option<Slicing>) -> usize {
        *self.window_ids.entry((period, slicing)).or_insert_with(|| {
            self.windows.push((period, slicing));
            self.windows.len() - 1
        })
    }

    fn measure(&mut self, measure: Measure) -> usize {
        self.measures.iter().position(|m| *m == measure).unwrap_or_else(|| {
            self.measures.push(measure);
            self.measures.len() - 1
        })
    }

    fn series(
        &mut self,
        part: usize,
        question: &Question,
        units: &BTreeSet<Granularity>,
        slicing: Option<Slicing>,
        now: DateTime<Utc>,
    ) -> Series<CellId> {
        let mut buckets = |unit: &Granularity| {
            let buckets = question.period.buckets(*unit, now).into_iter();
            buckets.map(|b| (b, CellId { part, cell: self.window(b.days, slicing) })).collect()
        };
        units.iter().map(|unit| (*unit, buckets(unit))).collect()
    }

    /// From the first window's beginning to the last one's end.
    fn reach(&self) -> Range<i64> {
        let instants = || self.windows.iter().map(|(period, _)| period.instants());
        instants().map(|i| i.start).min().unwrap_or(0)..instants().map(|i| i.end).max().unwrap_or(0)
    }
}

/// Adds a condition to the FILTER of the one aggregate in an expression; the aggregate's own is computed ahead.
fn gate(expr: Expr, condition: Option<Expr>, ahead: &mut impl FnMut(Expr) -> Expr) -> Result<Expr> {
    let mut found = 0;
    let gated = expr.transform(|expr| match expr {
        Expr::AggregateFunction(mut aggregate) => {
            found += 1;
            let own = aggregate.params.filter.take().map(|own| ahead(*own));
            let both = condition.clone().into_iter().chain(own).reduce(Expr::and);
            aggregate.params.filter = both.map(Box::new);
            Ok(Transformed::yes(Expr::AggregateFunction(aggregate)))
        }
        other => Ok(Transformed::no(other)),
    })?;
    ensure!(found == 1, "a measure is exactly one aggregate; formulas divide two of them");
    Ok(gated.data)
}

/// Groups by cell, and by scope and slice where there are any: a single number is grouped much faster than texts. Ends
/// with an explicit projection, in which what was left out is null.
fn aggregate(frame: DataFrame, scoped: bool, cell: &str, sliced: bool, aggregates: Vec<Expr>) -> Result<DataFrame> {
    let keys = [("scope", scoped), (cell, true), ("slice", sliced)];
    let column = |name: &str| Expr::Column(Column::from_name(name));
    let none = |name: &str| lit(ScalarValue::Utf8(None)).alias(name);
    let groups = keys.iter().filter(|(_, there)| *there).map(|(name, _)| column(name)).collect();
    let mut outer: Vec<Expr> =
        keys.iter().map(|(name, there)| if *there { column(name) } else { none(name) }).collect();
    let mut inner = Vec::new();
    for (place, expr) in aggregates.into_iter().enumerate() {
        let name = format!("measure_{place}");
        // An aggregate node takes bare aggregates; the cast goes on top.
        let (bare, is_cast) = match expr {
            Expr::Cast(inner) => (*inner.expr, true),
            other => (other, false),
        };
        inner.push(bare.alias(&name));
        outer.push(if is_cast { cast(col(&name), DataType::Float64).alias(&name) } else { col(&name) });
    }
    Ok(frame.aggregate(groups, inner)?.select(outer)?)
}
