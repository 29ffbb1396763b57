//! Reads local clones with the `git` executable into landing files: repositories, accounts, commits with their files,
//! and where asked for, merges as changes and tags as releases.
//!
//! - All references count but notes and stash; a commit is one row however many branches hold it. Merge commits carry no
//!   line counts. Accounts are e-mails in lower case, by the clone's mailmap.
//! - **Changes** (`merges`): each merge commit on the first-parent line of the default branch is a merged pull request
//!   that holds the commits it brought; its author wrote most of them, its first commit is the earliest of them, and it
//!   counts as opened when the last of them was written, since git does not know when it was. A commit with one parent
//!   whose subject ends with "(#12)" is a squashed change. Its commits are those of `refs/pull/12/head` (or
//!   `refs/merge-requests/12/head`) where the clone has it, as mirrors do. Else git has lost them, and it has a first
//!   commit only where the author time is earlier than the commit time. Other commits on the branch are no changes.
//! - **Releases** (`tags`): each matching tag is a successful production deployment of kind RELEASE, at the tag's date.
//! - **Again**: what a run has read is kept in the lake (`state.rs`); the next reads what is new since. Where history was
//!   rewritten, all is read again. `updated_at` follows from the clone, so reading again changes nothing.

mod cli;
mod command;
mod graph;
mod log;
mod merges;
mod refs;
mod releases;
mod rows;
mod state;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, ensure};
use object_store::ObjectStore;
use sha2::{Digest, Sha256};

use self::command::LocalClone;
use self::graph::Graph;
use self::log::{Log, Range};
use self::rows::Writer;
use self::state::State;
use super::landing::{Landing, Written};
use crate::clock::Clock;
use crate::lake::layout;

pub use cli::{Args, run};

/// What to import of a clone, and under which names.
#[derive(Debug, Clone, Default)]
pub struct Import {
    pub source: String,
    /// Name of the repository; none: from the address of its origin, else its folder's name.
    pub repository: Option<String>,
    pub service: Option<String>,
    pub project: Option<String>,
    /// The default branch; none: as the origin or the clone says.
    pub branch: Option<String>,
    /// Import merges and squashes on the default branch as changes.
    pub merges: bool,
    /// Import tags that match this glob as releases.
    pub tags: Option<String>,
    /// Read everything, whatever was read before.
    pub full: bool,
}

/// How far it is, in commits.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    pub done: u64,
    pub all: u64,
}

/// What was imported.
#[derive(Debug, Clone, Default)]
pub struct Imported {
    pub repository: String,
    pub commits: u64,
    pub changes: u64,
    pub releases: u64,
    /// What the user should know, one sentence each.
    pub notices: Vec<String>,
    /// What was written, by table.
    pub tables: BTreeMap<String, Written>,
}

/// The name that a clone's repository goes by.
pub async fn name(path: &Path, options: &Import) -> Result<String> {
    match &options.repository {
        Some(name) => Ok(name.clone()),
        None => Ok(refs::repository_name(&LocalClone::open(path).await?).await),
    }
}

/// Imports what is new in a clone into `landing/` of the store.
pub async fn import(
    store: Arc<dyn ObjectStore>,
    path: &Path,
    options: &Import,
    clock: Clock,
    mut progress: impl FnMut(Progress),
) -> Result<Imported> {
    ensure!(!options.source.is_empty(), "the source needs a name");
    let clone = LocalClone::open(path).await?;
    let repository = name(path, options).await?;
    let (branch, tip) = refs::default_branch(&clone, options.branch.as_deref()).await?;
    let before = State::load(store.as_ref(), &options.source, &repository).await?.filter(|_| !options.full);
    let mut imported = Imported { repository: repository.clone(), ..Imported::default() };
    let mut state = State {
        refs: refs::references(&clone).await?,
        branch: branch.clone(),
        service: options.service.clone(),
        project: options.project.clone(),
        ..before.clone().unwrap_or_default()
    };
    let mut known: Vec<String> = before.iter().flat_map(|state| state.refs.values().cloned()).collect();
    known.sort();
    known.dedup();
    if !refs::all_reachable(&clone, &known).await {
        let notice = "history was rewritten or a branch was deleted since the last import: all is read again";
        imported.notices.push(notice.to_owned());
        (known, state.changes_to) = (Vec::new(), None);
    }
    if clone.maybe(&["rev-parse", "--is-shallow-repository"]).await.as_deref() == Some("true") {
        imported
            .notices
            .push("the clone is shallow: what it leaves out is missing, and its oldest commits look big".into());
    }

    let landing = Landing::new(
        store.clone(),
        object_store::path::Path::from(layout::LANDING),
        &file_name(&repository, &state, &known, options),
    );
    let mut writer = Writer::new(landing, &options.source, &repository);
    read_commits(&clone, &known, &mut writer, &mut imported, &mut progress).await?;
    if options.merges && state.changes_to.as_ref() != Some(&tip) {
        read_changes(&clone, &branch, &tip, &state.refs, state.changes_to.as_deref(), &mut writer, &mut imported)
            .await?;
        state.changes_to = Some(tip);
    }
    let owner = |state: &State| (state.service.clone(), state.project.clone());
    let renamed = before.as_ref().is_some_and(|before| owner(before) != owner(&state));
    if let Some(glob) = &options.tags {
        for release in releases::releases(&clone, glob).await? {
            let known = state.releases.get(&release.tag);
            if known == Some(&release.commit) && !renamed {
                continue;
            }
            // A tag that was moved, or goes by another service than before, is newer than its date.
            let updated_at = if known.is_some() { clock.now().timestamp() } else { release.at };
            writer.release(&release, options.service.as_deref(), options.project.as_deref(), updated_at)?;
            writer.turn().await?;
            imported.releases += 1;
            state.releases.insert(release.tag, release.commit);
        }
    }
    let changed = renamed || before.as_ref().is_some_and(|before| before.branch != state.branch);
    if before.is_none() || changed {
        // The row follows from the clone, unless the user says something else than last time.
        let newest = if changed { clock.now().timestamp() } else { writer.newest().unwrap_or(0) };
        state.updated_at = state.updated_at.max(newest);
        writer.repository(&branch, state.service.as_deref(), state.project.as_deref(), state.updated_at)?;
    }
    imported.tables = writer.close().await?.finish().await?;
    if before.as_ref() != Some(&state) {
        state.save(store.as_ref(), &options.source, &repository).await?;
    }
    Ok(imported)
}

async fn read_commits(
    clone: &LocalClone,
    known: &[String],
    writer: &mut Writer<'_>,
    imported: &mut Imported,
    progress: &mut impl FnMut(Progress),
) -> Result<()> {
    let counted = [&["rev-list", "--count"], &refs::ALL[..], &["--stdin"]].concat();
    let all = clone.count(&counted, known.iter().map(|sha| format!("^{sha}\n")).collect()).await?;
    if all == 0 {
        return Ok(());
    }
    let (mut log, mut timeless) = (Log::open(clone, &Range { from: &refs::ALL, without: known, files: true })?, 0_u64);
    while let Some(commit) = log.next().await? {
        if writer.commit(&commit)? {
            imported.commits += 1;
        } else {
            timeless += 1;
        }
        writer.turn().await?;
        progress(Progress { done: imported.commits + timeless, all });
    }
    if timeless > 0 {
        imported.notices.push(format!("{timeless} commits without a usable time are left out"));
    }
    Ok(())
}

/// Reads the default branch's first-parent line beyond `from` for merges and squashes.
async fn read_changes(
    clone: &LocalClone,
    branch: &str,
    tip: &str,
    references: &BTreeMap<String, String>,
    from: Option<&str>,
    writer: &mut Writer<'_>,
    imported: &mut Imported,
) -> Result<()> {
    let graph = Graph::read(clone).await?;
    let (mut line, mut walk) = (graph.line(tip).into_iter(), graph.walk());
    let without: Vec<String> = from.map(str::to_owned).into_iter().collect();
    let chosen = ["--first-parent", "--topo-order", "--diff-merges=first-parent", tip];
    let mut log = Log::open(clone, &Range { from: &chosen, without: &without, files: true })?;
    while let Some(commit) = log.next().await? {
        let told = match commit.parents.len() {
            0 => None,
            1 => merges::squash(&commit.message),
            _ => merges::merge(&commit.message, branch),
        };
        // The log is a part of the line, in the same order; the walk has to pass all of it.
        for before in line.by_ref().take_while(|sha| *sha != commit.sha) {
            walk.step(&before, None);
        }
        let head = told.as_ref().and_then(|told| told.number).and_then(|number| refs::head_of(references, number));
        let commits = walk.step(&commit.sha, head);
        let Some(told) = told else { continue };
        if writer.change(&commit, &told, &commits, branch)? {
            imported.changes += 1;
        }
        writer.turn().await?;
    }
    Ok(())
}

/// The beginning of the files' names: the same for the same history read with the same options.
fn file_name(repository: &str, state: &State, known: &[String], options: &Import) -> String {
    let mut hash = Sha256::new();
    for text in state.refs.iter().flat_map(|(name, sha)| [name, sha]).chain(known) {
        hash.update(text);
        hash.update([0]);
    }
    hash.update(format!("{:?} {:?} {:?}", (options.merges, &options.tags), &state.service, &state.project));
    let digits: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let plain: String = repository.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{plain}-{digits}")
}
