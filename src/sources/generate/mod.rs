//! Writes a believable synthetic organisation to landing: every table, over years, for a seed; and beside landing its
//! people and teams, as files to import.
//!
//! The organisation is simulated month by month and written as it would be exported: what is under way at the end of a
//! month is written as it stands, and again when it has gone on. So files follow the calendar, and rows come again later
//! with a later `updated_at`. Units (a service, its repositories, its tracker project) are independent within a month and
//! are simulated side by side; the result does not depend on how many threads do it. Memory holds what is under way and
//! the file being written for each table.
//!
//! | file | what it knows |
//! |---|---|
//! | `people.rs` | who is there, where, on which unit |
//! | `unit.rs`, `work.rs` | a unit and what its people begin in a month |
//! | `change.rs` | how a pull request goes |
//! | `delivery.rs`, `repair.rs` | merges, builds, deployments; incidents and what mends them: in the order of time |
//! | `tickets.rs` | issues and sprints |
//! | `write.rs`, `report.rs`, `out.rs` | rows |
//! | `roster.rs`, `chart.rs` | who was in which unit when; who leads what at the end |
//! | `register.rs`, `teams.rs` | these as files to import |

mod calendar;
mod change;
mod chart;
mod cli;
mod delivery;
mod names;
mod out;
mod people;
mod random;
mod register;
mod repair;
mod report;
mod roster;
mod teams;
mod tickets;
mod tracker;
mod unit;
mod work;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use chrono::{Datelike, Months, NaiveDate};
use futures::{StreamExt, TryStreamExt, stream};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use self::calendar::{Calendar, DAY, day_number, next_month};
use self::chart::Chart;
use self::out::{Batch, Out};
use self::people::Organisation;
use self::random::Chance;
use self::roster::{Employment, Roster};
use self::teams::Moved;
use self::unit::Unit;
use super::landing::{Landing, Written};
use crate::lake::layout;

pub use cli::{Args, run};

/// Units that are simulated by one task.
const UNITS_PER_TASK: usize = 8;
/// At the end of a month a file is ended when it holds so many rows.
const ROWS_WORTH_A_FILE: usize = 50_000;

/// What to generate.
#[derive(Debug, Clone, Copy)]
pub struct Generate {
    /// People in the organisation at its end; it grows to that from about two thirds.
    pub developers: usize,
    pub years: u32,
    pub seed: u64,
    /// The first day (UTC) of which nothing is known any more.
    pub end: NaiveDate,
}

/// How far it is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    pub months_done: u64,
    pub months: u64,
    /// Rows handed to the writers so far.
    pub rows: u64,
}

/// What was written.
#[derive(Debug, Clone)]
pub struct Summary {
    pub tables: BTreeMap<String, Written>,
    pub people: PeopleFiles,
}

/// The files about people. Paths are in the lake.
#[derive(Debug, Clone)]
pub struct PeopleFiles {
    /// The CSV file of contributors, and how many it has.
    pub contributors: Path,
    pub contributor_count: usize,
    /// The document of teams, in TOML or JSON, and how many it has.
    pub teams: Path,
    pub team_count: usize,
}

impl Summary {
    /// Files, rows and bytes of all tables.
    pub fn total(&self) -> Written {
        let mut total = Written::default();
        self.tables.values().for_each(|written| total += *written);
        total
    }
}

/// Writes the organisation below `landing/` of the store, its people and teams below `people/generated/`. The same options
/// write the same files.
pub async fn generate(
    store: Arc<dyn ObjectStore>,
    options: Generate,
    mut progress: impl FnMut(Progress),
) -> Result<Summary> {
    ensure!(options.developers > 0 && options.years > 0, "at least one developer and one year are needed");
    ensure!(options.developers <= 1_000_000 && options.years <= 50, "at most 1000000 developers and 50 years");
    let Generate { developers, years, seed, end } = options;
    let name = format!("generated-{developers}x{years}-{seed}-{}", end.format("%Y%m%d"));
    let mut landing = Landing::new(Arc::clone(&store), Path::from(layout::LANDING), &name);
    let mut simulation = Simulation::new(options);
    let months = simulation.months();
    let mut rows = 0;
    for (done, (from, to)) in months.iter().enumerate() {
        for batch in simulation.open_month(*from, *to)? {
            rows += batch.rows.num_rows() as u64;
            landing.push(batch.table, batch.source, batch.rows).await?;
        }
        rows += simulation.month(*from, *to, &mut landing).await?;
        landing.cut(if to.month() % 6 == 1 { 1 } else { ROWS_WORTH_A_FILE }).await?;
        progress(Progress { months_done: done as u64 + 1, months: months.len() as u64, rows });
    }
    let people = simulation.write_people(store.as_ref()).await?;
    Ok(Summary { tables: landing.finish().await?, people })
}

/// The organisation on its way through the years.
struct Simulation {
    options: Generate,
    begin: NaiveDate,
    chance: Chance,
    org: Arc<Organisation>,
    roster: Roster,
    units: Vec<Unit>,
    moved: Vec<Moved>,
    repositories: u32,
    projects: usize,
}

impl Simulation {
    fn new(options: Generate) -> Simulation {
        let begin = options.end.checked_sub_months(Months::new(12 * options.years)).unwrap_or(options.end);
        let org = Organisation {
            seed: options.seed,
            calendar: Calendar::new(begin, options.end),
            people: Vec::new(),
            teams: Vec::new(),
        };
        Simulation {
            options,
            begin,
            chance: Chance::new(options.seed, 0),
            org: Arc::new(org),
            roster: Roster::default(),
            units: Vec::new(),
            moved: Vec::new(),
            repositories: 0,
            projects: (options.developers / 40).max(2),
        }
    }

    /// The months from begin to end, half-open; the first and the last may be cut.
    fn months(&self) -> Vec<(NaiveDate, NaiveDate)> {
        let mut months = Vec::new();
        let mut from = self.begin;
        while from < self.options.end {
            let to = next_month(from).min(self.options.end);
            months.push((from, to));
            from = to;
        }
        months
    }

    /// Lets units and people come and go at the start of a month, which ends before `to`.
    fn open_month(&mut self, month: NaiveDate, to: NaiveDate) -> Result<Vec<Batch>> {
        let span = (self.options.end - self.begin).num_days().max(1) as f64;
        let share = (month - self.begin).num_days() as f64 / span;
        let grown = |all: usize| ((all as f64 * (0.66 + 0.36 * share)).ceil() as usize).clamp(1, all);
        let born = day_number(month) * DAY;
        while self.units.len() < grown((self.options.developers / 8).max(3)) {
            let several = if self.chance.happens(0.4) { 1 + self.chance.count(0.8) as u32 } else { 0 };
            let repositories = self.repositories..self.repositories + 1 + several;
            self.repositories = repositories.end;
            let project = names::project(self.chance.index(self.projects));
            self.units.push(Unit::new(self.options.seed, self.units.len(), project, repositories, born));
        }
        if matches!(month.month(), 2 | 9) {
            self.reorganise();
        }
        let mut out = Out::default();
        let headcount = grown(self.options.developers);
        Arc::make_mut(&mut self.org).advance(&mut self.chance, month, self.units.len(), headcount, &mut out);
        self.roster.open_month(&self.org, month, to);
        out.batches()
    }

    /// Gives some services to other projects and some repositories to other services, at least one of each.
    fn reorganise(&mut self) {
        let count = self.units.len();
        for moves in 0..=(count / 14) {
            let project = names::project(self.chance.index(self.projects));
            let unit = &mut self.units[self.chance.index(count)];
            let other = unit.project != project || moves > 0;
            unit.project = if other { project } else { names::project(self.projects) };
            unit.repositories.iter_mut().for_each(|repository| repository.changed = true);
        }
        for _ in 0..=(count / 30) {
            let (first, target) = (self.chance.index(count), self.chance.index(count));
            let from = (first..count).chain(0..first).find(|i| self.units[*i].repositories.len() > 1);
            if let Some(from) = from.filter(|from| *from != target) {
                let mut moved = self.units[from].repositories.remove(1);
                moved.changed = true;
                self.moved.push(Moved { repository: moved.name.clone(), from, to: target });
                self.units[target].repositories.push(moved);
            }
        }
    }

    /// Simulates a month of all units and hands the rows on in the order of units; how many.
    async fn month(&mut self, from: NaiveDate, to: NaiveDate, landing: &mut Landing) -> Result<u64> {
        let (from, until) = (day_number(from) * DAY, day_number(to) * DAY);
        let mut units = std::mem::take(&mut self.units).into_iter();
        let mut tasks = Vec::new();
        while units.len() > 0 {
            tasks.push(units.by_ref().take(UNITS_PER_TASK).collect::<Vec<Unit>>());
        }
        let org = &self.org;
        let done = stream::iter(tasks)
            .map(|units| {
                let org = Arc::clone(org);
                tokio::task::spawn_blocking(move || simulate(&org, units, from, until))
            })
            .buffered(std::thread::available_parallelism().map_or(2, usize::from));
        let mut done = std::pin::pin!(done);
        let mut rows = 0;
        while let Some(task) = done.try_next().await? {
            let (mut units, batches) = task?;
            for unit in &mut units {
                unit.merged.drain(..).for_each(|(person, at)| self.roster.merged(person, unit.index, at));
            }
            self.units.extend(units);
            for batch in batches {
                rows += batch.rows.num_rows() as u64;
                landing.push(batch.table, batch.source, batch.rows).await?;
            }
        }
        Ok(rows)
    }

    /// Writes contributors and teams as they were and are.
    async fn write_people(&self, store: &dyn ObjectStore) -> Result<PeopleFiles> {
        let chart = Chart::new(&self.org, &self.units, self.projects);
        let employments: Vec<Employment> = self.roster.employments().collect();
        let contributors = layout::generated_people("contributors.csv");
        let csv = register::csv(&self.org, &self.units, &chart, &employments)?;
        store.put(&contributors, csv.into()).await.with_context(|| format!("writing {contributors}"))?;
        let document = teams::document(&self.org, &self.units, &self.moved, &chart, &employments);
        let teams = layout::generated_people(document.name);
        let other = layout::generated_people(document.other_name);
        match store.delete(&other).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error).with_context(|| format!("removing {other}")),
        }
        store.put(&teams, document.text.into()).await.with_context(|| format!("writing {teams}"))?;
        Ok(PeopleFiles { contributors, contributor_count: employments.len(), teams, team_count: document.teams })
    }
}

fn simulate(org: &Organisation, mut units: Vec<Unit>, from: i64, until: i64) -> Result<(Vec<Unit>, Vec<Batch>)> {
    let mut out = Out::default();
    for unit in &mut units {
        unit.month(org, from, until, &mut out);
    }
    Ok((units, out.batches()?))
}
