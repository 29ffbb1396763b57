//! What commits of merged pull requests did to files, and how much of it undid what was new.

use std::collections::BTreeMap;

use chrono::Duration;

use super::choices::Choices;
use super::facts::Facts;
use super::item::Item;
use super::pulls::{Pull, pull};
use super::record::{At, Row};
use super::world::{CommitFile, PullRequest, World};

/// A commit of a merged pull request; or one of which nothing is known.
#[derive(Debug, Clone)]
pub struct Touched {
    pub pull: Pull,
    /// Whether it is known what it did to which files, and when.
    pub known: bool,
    pub files: Vec<File>,
}

/// What a commit did to a file.
#[derive(Debug, Clone)]
pub struct File {
    pub written_at: Option<At>,
    pub additions: i64,
    pub deletions: i64,
    /// Lines that had been written to the file before, and when.
    pub before: Vec<(At, i64)>,
}

/// A commit that a pull request brought.
struct Brought<'w> {
    sha: &'w str,
    written_at: Option<At>,
}

/// Every such commit, in the first merged of the pull requests that hold it.
pub fn touched(world: &World) -> Vec<Touched> {
    let mut merged: Vec<&Row<PullRequest>> = world.pull_requests.iter().filter(|p| p.own.state == "MERGED").collect();
    merged.sort_by_key(|p| (p.own.merged_at.is_none(), p.own.merged_at, p.source.clone(), p.id.clone()));
    let mut taken: Vec<&str> = Vec::new();
    let mut brought: Vec<(&Row<PullRequest>, Vec<Brought<'_>>)> = Vec::new();
    let mut echoes: Vec<&str> = Vec::new();
    for row in merged {
        let mut own = own_commits(world, row);
        let is_told = |sha: &str| !files(world, sha).is_empty();
        if let Some(merge) = &row.own.merge_commit {
            let is_own = own.iter().any(|commit| commit.sha == merge);
            if own.iter().any(|commit| is_told(commit.sha)) {
                echoes.extend((!is_own).then_some(merge.as_str()));
            } else if is_told(merge) {
                // Where nobody tells when it was written, that was on merging.
                let told = commit(world, merge).and_then(|c| c.own.authored_at);
                own = vec![Brought { sha: merge, written_at: told.or(row.own.merged_at) }];
            }
        }
        let had_any = !own.is_empty();
        own.retain(|commit| !taken.contains(&commit.sha));
        taken.extend(own.iter().map(|commit| commit.sha));
        if had_any && own.is_empty() {
            continue; // All of it counts elsewhere.
        }
        brought.push((row, own));
    }
    let histories = histories(world, &echoes);
    let mut all = Vec::new();
    for (row, own) in brought {
        let pull = pull(world, row);
        if own.is_empty() {
            all.push(Touched { pull, known: false, files: Vec::new() });
            continue;
        }
        for commit in own {
            let file = |file: &&Row<CommitFile>| File {
                written_at: commit.written_at,
                additions: file.own.additions.unwrap_or(0),
                deletions: file.own.deletions.unwrap_or(0),
                before: histories.get(&(commit.sha, file.own.path.as_str())).cloned().unwrap_or_default(),
            };
            let files: Vec<File> = files(world, commit.sha).iter().map(file).collect();
            let is_empty = self::commit(world, commit.sha).is_some_and(|c| c.own.files_changed == Some(0));
            let known = commit.written_at.is_some() && !files.is_empty() || is_empty;
            all.push(Touched { pull: pull.clone(), known, files });
        }
    }
    all
}

fn commit<'w>(world: &'w World, sha: &str) -> Option<&'w Row<super::world::Commit>> {
    world.commits.iter().find(|c| c.id == sha)
}

fn files<'w>(world: &'w World, sha: &str) -> Vec<&'w Row<CommitFile>> {
    world.commit_files.iter().filter(|f| f.own.commit == sha).collect()
}

/// The commits that a pull request lists, merges left out.
fn own_commits<'w>(world: &'w World, row: &Row<PullRequest>) -> Vec<Brought<'w>> {
    let held = world.pull_request_commits.iter().filter(|c| row.key() == (&c.source, &c.own.pull_request));
    let own = held.filter_map(|held| {
        let known = commit(world, &held.own.commit);
        let is_merge = known.is_some_and(|c| c.own.is_merge.unwrap_or(c.own.parents.len() > 1));
        let written_at = known.and_then(|c| c.own.authored_at).or(held.own.authored_at);
        (!is_merge).then_some(Brought { sha: &held.own.commit, written_at })
    });
    own.collect()
}

/// For each commit and path, what had been written to the file before. Merges write nothing, and echoes say again what
/// others wrote. Commits of one moment were not written before each other; the same change to a file at one moment, under
/// another sha, was written once.
fn histories<'w>(world: &'w World, echoes: &[&str]) -> BTreeMap<(&'w str, &'w str), Vec<(At, i64)>> {
    let mut found = BTreeMap::new();
    let mut repositories: Vec<&String> = world.commits.iter().map(|c| &c.own.repository).collect();
    repositories.sort();
    repositories.dedup();
    for repository in repositories {
        let mut moments = BTreeMap::<At, Vec<&Row<CommitFile>>>::new();
        for commit in world.commits.iter().filter(|c| c.own.repository == *repository) {
            if let Some(at) = commit.own.authored_at {
                moments.entry(at).or_default().extend(files(world, &commit.id));
            }
        }
        let mut lines = BTreeMap::<&str, Vec<(At, i64)>>::new();
        for (at, touched) in moments {
            for file in &touched {
                let was = file.own.previous_path.as_ref().unwrap_or(&file.own.path);
                let before = lines.get(was.as_str()).cloned().unwrap_or_default();
                found.insert((file.own.commit.as_str(), file.own.path.as_str()), before);
            }
            let counts = |file: &&Row<CommitFile>| {
                let merges =
                    commit(world, &file.own.commit).is_some_and(|c| c.own.is_merge.unwrap_or(c.own.parents.len() > 1));
                !merges && !echoes.contains(&file.own.commit.as_str())
            };
            let mut written: Vec<_> = touched.iter().copied().filter(counts).map(|file| &file.own).collect();
            written.sort_by_key(|own| (&own.path, &own.previous_path, own.additions, own.deletions));
            written.dedup_by_key(|own| (&own.path, &own.previous_path, own.additions, own.deletions));
            // Two files may change places: all leave before any arrives.
            let moves = written.iter().filter_map(|own| Some((own.previous_path.as_deref()?, own.path.as_str())));
            let moved: Vec<_> = moves.map(|(from, to)| (to, lines.remove(from))).collect();
            for (to, history) in moved {
                lines.insert(to, history.unwrap_or_default());
            }
            for own in written {
                lines.entry(&own.path).or_default().push((at, own.additions.unwrap_or(0)));
            }
        }
    }
    found
}

impl Facts {
    /// Commits of merged pull requests: above the line what they deleted that was new, below it all lines.
    pub fn file_changes(&self, choices: &Choices) -> Vec<Item> {
        let item = |touched: &Touched| {
            let pull = &touched.pull;
            let of_file = |file: &File| {
                let since = file.written_at.map(|at| at - Duration::days(choices.rework_days));
                let new = file.before.iter().filter(|(at, _)| Some(*at) > since).map(|(_, lines)| lines).sum();
                file.deletions.min(new) as f64
            };
            let known = touched.files.iter().filter(|_| touched.known);
            let mut item = pull.item(pull.merged_at?, vec![Some(known.clone().map(of_file).sum())], choices);
            item.below = known.map(|file| (file.additions + file.deletions) as f64).sum();
            item.known = touched.known;
            Some(item)
        };
        self.touched.iter().filter_map(item).collect()
    }
}
