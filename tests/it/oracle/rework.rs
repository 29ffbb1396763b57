//! What commits of merged pull requests did to files, and how much of it undid what was new.

use chrono::Duration;
use throughline::model::Dimension;

use super::choices::Choices;
use super::facts::Facts;
use super::item::Item;
use super::pulls::{Pull, pull};
use super::record::At;
use super::world::World;

/// A file of a commit of a merged pull request.
#[derive(Debug, Clone)]
pub struct Touched {
    pub pull: Pull,
    pub written_at: Option<At>,
    pub additions: i64,
    pub deletions: i64,
    /// Lines that were added to the file before, and when.
    pub before: Vec<(At, i64)>,
}

/// Every such file.
pub fn touched(world: &World) -> Vec<Touched> {
    let mut all = Vec::new();
    for row in world.pull_requests.iter().filter(|p| p.own.state == "MERGED") {
        let held = world.pull_request_commits.iter().filter(|c| row.key() == (&c.source, &c.own.pull_request));
        for sha in held.map(|c| &c.own.commit) {
            let written_at = world.commits.iter().find(|c| c.id == *sha).and_then(|c| c.own.authored_at);
            for file in world.commit_files.iter().filter(|f| f.own.commit == *sha) {
                all.push(Touched {
                    pull: pull(world, row),
                    written_at,
                    additions: file.own.additions.unwrap_or(0),
                    deletions: file.own.deletions.unwrap_or(0),
                    before: before(world, &row.own.repository, &file.own.path, written_at),
                });
            }
        }
    }
    all
}

fn before(world: &World, repository: &str, path: &str, at: Option<At>) -> Vec<(At, i64)> {
    let commits = world.commits.iter().filter(|c| c.own.repository == repository && c.own.authored_at < at);
    let files = commits.flat_map(|commit| {
        let files = world.commit_files.iter().filter(|f| f.own.commit == commit.id && f.own.path == path);
        files.filter_map(|file| Some((commit.own.authored_at?, file.own.additions?)))
    });
    files.collect()
}

impl Facts {
    /// Files of merged pull requests: above the line what had been written lately, below it all lines.
    pub fn file_changes(&self, choices: &Choices) -> Vec<Item> {
        let item = |touched: &Touched| {
            let since = touched.written_at? - Duration::days(choices.rework_days);
            let new: i64 = touched.before.iter().filter(|(at, _)| *at >= since).map(|(_, lines)| lines).sum();
            let pull = &touched.pull;
            let mut item = pull.item(pull.merged_at?, vec![Some(touched.deletions.min(new) as f64)], choices);
            item.below = (touched.additions + touched.deletions) as f64;
            item.keys.retain(|(dimension, _)| *dimension != Dimension::Size);
            Some(item)
        };
        self.touched.iter().filter_map(item).collect()
    }
}
