//! One run of intake: everything that was dropped before it is applied or refused when it returns.
//!
//! Small files of a table are merged together, large ones alone; a file is always whole in one commit. A file is recorded
//! after its commit. Stopped in between, the next run merges it again, which changes nothing.

use std::collections::{BTreeMap, HashSet};
use std::time::Instant;

use anyhow::{Context, Error, Result, bail};
use chrono::{DateTime, Utc};
use futures::StreamExt;

use crate::clock::Clock;
use crate::lake::{FileCounts, Incoming, Lake, merge, recorded_counts};
use crate::model::Table;

use super::discover::{self, Landed};
use super::gate::Gate;
use super::ingestions::{Ingestion, Recorded, Status, record};
use super::limits::Limits;
use super::place::place;
use super::read::read;
use super::reason::{Kind, Reason};
use super::rejected;
use super::source::{Source, Unread};
use super::verdict::Verdict;

/// Files up to this size are read several at a time and merged together.
const SMALL_BYTES: u64 = 16 << 20;
/// Small files read at a time.
const AT_ONCE: usize = 4;
/// A merge is made when this much has come together. Decoded bytes, rows, files.
const GROUP: (u64, u64, usize) = (512 << 20, 2_000_000, 500);
/// After so many files that could not be read, the store is taken to be away.
const GIVE_UP_AFTER: usize = 5;

/// How far a run is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// What became of the files that were done since the last call. They stay done, also when the run fails later.
    pub news: Vec<Ingestion>,
    pub files: usize,
    pub files_done: usize,
    pub bytes: u64,
    pub bytes_done: u64,
}

/// Takes in everything that was dropped before the call, with the default limits. Runs of one process on one open lake
/// take turns; runs of several processes may meet, and still apply every file once.
///
/// Fails where the store could not be read or written; what was applied until then stays applied and is recorded, and the
/// next run tries the rest again. A file's own faults are no error: they are in its `Ingestion`.
pub async fn run(lake: &Lake, clock: Clock, progress: impl Fn(&Progress) + Send + Sync) -> Result<Vec<Ingestion>> {
    run_within(lake, clock, &Limits::default(), progress).await
}

/// [`run`] with limits of one's own.
pub async fn run_within(
    lake: &Lake,
    clock: Clock,
    limits: &Limits,
    progress: impl Fn(&Progress) + Send + Sync,
) -> Result<Vec<Ingestion>> {
    let gate = Gate::of(lake);
    let mut recorded = gate.enter().await;
    // Listed after the turn has come, and before what is recorded is read: else a file could be missed, or seen as new.
    let listed = discover::list(lake).await?;
    recorded.refresh(lake, &*lake.refresh().await?).await?;
    let new: Vec<Landed> = listed.into_iter().filter(|file| !recorded.contains(&file.id)).collect();
    let total = Progress { files: new.len(), bytes: new.iter().map(Landed::bytes).sum(), ..Progress::default() };
    progress(&total);
    let mut run = Run {
        lake,
        clock,
        limits,
        progress: &progress,
        recorded: &mut recorded,
        done: total,
        outcomes: Vec::new(),
        errors: Vec::new(),
        unsettled: HashSet::new(),
        is_last: false,
    };
    run.take(new).await;
    if !run.unsettled.is_empty()
        && let Err(error) = run.settle().await
    {
        run.errors.push(error);
    }
    run.finish()
}

struct Run<'a> {
    lake: &'a Lake,
    clock: Clock,
    limits: &'a Limits,
    progress: &'a (dyn Fn(&Progress) + Send + Sync),
    recorded: &'a mut Recorded,
    done: Progress,
    outcomes: Vec<Ingestion>,
    errors: Vec<Error>,
    /// Identity and path of files that seemed to be in the middle of being written.
    unsettled: HashSet<(String, String)>,
    /// Whether unsettled files were given their time.
    is_last: bool,
}

/// A file that was judged.
struct Judged {
    file: Landed,
    table: Option<String>,
    verdict: Verdict,
    started_at: DateTime<Utc>,
    since: Instant,
}

impl Run<'_> {
    async fn take(&mut self, files: Vec<Landed>) {
        let mut by_table: BTreeMap<&str, (&Table, Vec<Landed>)> = BTreeMap::new();
        let mut misplaced = Vec::new();
        for file in files {
            match place(file.below_landing()) {
                (_, Ok(table)) => by_table.entry(&table.name).or_insert_with(|| (table, Vec::new())).1.push(file),
                (folder, Err(reason)) => misplaced.push(self.misplaced(&file, folder, reason)),
            }
        }
        if let Err(error) = self.apply(None, misplaced).await {
            self.errors.push(error);
        }
        for (table, files) in by_table.into_values() {
            if let Err(error) = self.table(table, files).await {
                self.errors.push(error.context(format!("table {}", table.name)));
            }
            if self.errors.len() >= GIVE_UP_AFTER {
                return;
            }
        }
    }

    fn misplaced(&self, file: &Landed, folder: Option<&str>, reason: Reason) -> Judged {
        Judged {
            file: file.clone(),
            table: folder.map(str::to_owned),
            verdict: Verdict::refused(vec![reason]),
            started_at: self.clock.now(),
            since: Instant::now(),
        }
    }

    async fn table(&mut self, table: &Table, files: Vec<Landed>) -> Result<()> {
        let (small, large): (Vec<Landed>, Vec<Landed>) = files.into_iter().partition(|f| f.bytes() <= SMALL_BYTES);
        let (lake, clock, limits) = (self.lake, self.clock, self.limits);
        for (files, at_once) in [(small, AT_ONCE), (large, 1)] {
            let mut judged =
                futures::stream::iter(files).map(|file| judge(lake, clock, limits, table, file)).buffered(at_once);
            let mut group = Vec::new();
            while let Some((file, judged)) = judged.next().await {
                match judged {
                    Ok(judged) if self.is_unsettled(&judged) => self.put_off(&file),
                    Ok(judged) => group.push(judged),
                    Err(Unread::Changed) => self.put_off(&file),
                    Err(error) => {
                        self.errors.push(Error::new(error).context(file.path().to_owned()));
                        if self.errors.len() >= GIVE_UP_AFTER {
                            break;
                        }
                    }
                }
                if at_once == 1 || is_full(&group) {
                    self.apply(Some(table), std::mem::take(&mut group)).await?;
                }
            }
            self.apply(Some(table), group).await?;
        }
        Ok(())
    }

    /// On a local disk a file that is cut off may be one that somebody is copying. Object stores put whole objects.
    fn is_unsettled(&self, judged: &Judged) -> bool {
        let cut_off = |reason: &Reason| matches!(reason.kind, Kind::Truncated | Kind::NotParquet);
        let age = self.clock.now() - judged.file.meta.last_modified;
        !self.is_last
            && !self.limits.settle.is_zero()
            && self.lake.url().scheme() == "file"
            && judged.verdict.reasons.iter().any(cut_off)
            && age.to_std().map_or(true, |age| age < self.limits.settle)
    }

    fn put_off(&mut self, file: &Landed) {
        self.unsettled.insert((file.id.clone(), file.path().to_owned()));
    }

    /// Looks again at the files that were put off. One that did not change is judged for good; one that did is still
    /// being written, was not dropped before this run, and is left to the next.
    async fn settle(&mut self) -> Result<()> {
        tokio::time::sleep(self.limits.settle).await;
        let waiting = std::mem::take(&mut self.unsettled);
        let unchanged = |file: &Landed| waiting.contains(&(file.id.clone(), file.path().to_owned()));
        let known = |file: &Landed| waiting.iter().any(|(_, path)| path == file.path());
        let listed = discover::list(self.lake).await?;
        let (same, changed): (Vec<Landed>, Vec<Landed>) = listed.into_iter().filter(known).partition(unchanged);
        // A changed one that is whole by now is taken; only the unchanged are refused.
        self.take(changed).await;
        self.is_last = true;
        self.take(same).await;
        Ok(())
    }

    /// Merges what is good, reports what is not, and records both.
    async fn apply(&mut self, table: Option<&Table>, mut group: Vec<Judged>) -> Result<()> {
        if group.is_empty() {
            return Ok(());
        }
        // Another process may have been here meanwhile.
        self.recorded.refresh(self.lake, &*self.lake.refresh().await?).await?;
        group.retain(|judged| !self.recorded.contains(&judged.file.id));
        let mut incoming = Vec::new();
        for judged in group.iter_mut().filter(|judged| judged.verdict.is_good()) {
            incoming.push(Incoming { file: judged.file.id.clone(), rows: std::mem::take(&mut judged.verdict.rows) });
        }
        let (mut counts, mut version, mut retries) = (BTreeMap::new(), None, 0);
        if let (Some(table), false) = (table, incoming.is_empty()) {
            let merged = merge(self.lake, table, incoming).await?;
            (version, retries) = (merged.version, merged.retries);
            counts = self.as_committed(table, merged.files).await?;
        }
        let mut outcomes = Vec::new();
        for judged in &group {
            let counts = counts.get(&judged.file.id);
            if counts.is_none() {
                rejected::write(self.lake, &judged.file, judged.table.as_deref(), &judged.verdict, self.clock.now())
                    .await?;
            }
            outcomes.push(outcome(judged, counts, version.filter(|_| counts.is_some()), retries));
        }
        record(self.lake, &outcomes, self.clock.now()).await?;
        for outcome in &outcomes {
            if let Some(error) = &outcome.error {
                tracing::warn!(file = outcome.file, "refused: {error}");
            }
            self.done.files_done += 1;
            self.done.bytes_done += outcome.bytes;
        }
        self.done.news = outcomes;
        (self.progress)(&self.done);
        self.outcomes.append(&mut self.done.news);
        Ok(())
    }

    /// A file of which nothing is new may have been merged by a run that was stopped before it could record it. Then the
    /// counts are those of its commit.
    async fn as_committed(&self, table: &Table, files: Vec<FileCounts>) -> Result<BTreeMap<String, FileCounts>> {
        let without_news = files.iter().filter(|counts| counts.inserted + counts.updated == 0);
        let asked: Vec<&str> = without_news.map(|counts| counts.file.as_str()).collect();
        let committed = match asked.is_empty() {
            true => BTreeMap::new(),
            false => recorded_counts(self.lake, table, &asked).await.context("the history cannot be read")?,
        };
        let mut counts: BTreeMap<String, FileCounts> = files.into_iter().map(|c| (c.file.clone(), c)).collect();
        counts.extend(committed);
        Ok(counts)
    }

    fn finish(self) -> Result<Vec<Ingestion>> {
        let more = self.errors.len().saturating_sub(1);
        match self.errors.into_iter().next() {
            None => Ok(self.outcomes),
            Some(error) if more == 0 => Err(error.context("not all files could be taken in; they are tried again")),
            Some(error) => bail!("not all files could be taken in; they are tried again: {error:#} (and {more} more)"),
        }
    }
}

/// Reads one file and judges it.
async fn judge(
    lake: &Lake,
    clock: Clock,
    limits: &Limits,
    table: &Table,
    file: Landed,
) -> (Landed, Result<Judged, Unread>) {
    let (started_at, since) = (clock.now(), Instant::now());
    let source = Source::new(lake.store(), &file.meta, limits.clone());
    let verdict = read(source, table, started_at, limits, true).await;
    let judged = verdict.map(|verdict| Judged {
        file: file.clone(),
        table: Some(table.name.clone()),
        verdict,
        started_at,
        since,
    });
    (file, judged)
}

fn is_full(group: &[Judged]) -> bool {
    let bytes: u64 = group.iter().map(|judged| judged.verdict.decoded_bytes).sum();
    let rows: u64 = group.iter().map(|judged| judged.verdict.rows_read).sum();
    bytes >= GROUP.0 || rows >= GROUP.1 || group.len() >= GROUP.2
}

fn outcome(judged: &Judged, counts: Option<&FileCounts>, version: Option<u64>, retries: u32) -> Ingestion {
    let lines = |lines: Vec<String>| if lines.is_empty() { None } else { Some(lines.join("\n")) };
    let verdict = &judged.verdict;
    Ingestion {
        id: judged.file.id.clone(),
        file: judged.file.path().to_owned(),
        table: judged.table.clone(),
        status: if counts.is_some() { Status::Applied } else { Status::Refused },
        rows_read: verdict.rows_read,
        inserted: counts.map_or(0, |counts| counts.inserted),
        updated: counts.map_or(0, |counts| counts.updated),
        unchanged: counts.map_or(0, |counts| counts.unchanged),
        refused: verdict.refused,
        bytes: judged.file.bytes(),
        started_at: judged.started_at,
        took_ms: u64::try_from(judged.since.elapsed().as_millis()).unwrap_or(u64::MAX),
        retries,
        table_version: version,
        error: lines(verdict.reasons.iter().map(ToString::to_string).collect()),
        notices: lines(verdict.notices.clone()),
    }
}
