//! Rows of what git tells: commits with their files, accounts, changes, releases.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;

use super::graph::Brought;
use super::log::Commit;
use super::merges::Told;
use super::releases::Release;
use crate::model::{self, Table};
use crate::sources::landing::Landing;
use crate::sources::rows::Rows;

/// Rows are handed on when a table has this many.
const BATCH: usize = 8_192;

/// Builds rows of one repository and hands them to landing.
pub struct Writer<'a> {
    pub landing: Landing,
    source: &'a str,
    repository: &'a str,
    tables: BTreeMap<&'static str, Rows>,
    /// By login: the newest commit's time and the name it gives.
    accounts: BTreeMap<String, (i64, String)>,
}

impl<'a> Writer<'a> {
    pub fn new(landing: Landing, source: &'a str, repository: &'a str) -> Writer<'a> {
        Writer { landing, source, repository, tables: BTreeMap::new(), accounts: BTreeMap::new() }
    }

    /// A commit and its files. False: git has no usable time for it, so that the lake could not take it.
    pub fn commit(&mut self, commit: &Commit) -> Result<bool> {
        let (Some(authored), Some(time)) = (commit.authored, commit.time()) else { return Ok(false) };
        let account = self.accounts.entry(commit.author.clone()).or_default();
        *account = account.clone().max((time, commit.author_name.clone()));
        let is_merge = commit.parents.len() > 1;
        // git counts no lines for merges: what they brought is counted in its own commits.
        let lines = (!is_merge).then(|| commit.lines());
        let (source, repository) = (self.source, self.repository);
        rows(&mut self.tables, "commits")?
            .row(source, &commit.sha, us(time))
            .text("repository", repository)
            .text("author", commit.author.as_str())
            .time("authored_at", us(authored))
            .int("authored_offset_minutes", commit.offset_minutes)
            .time("committed_at", commit.committed.map(us))
            .int("additions", lines.map(|lines| lines.0))
            .int("deletions", lines.map(|lines| lines.1))
            .int("files_changed", (!is_merge).then_some(commit.files.len() as i64))
            .list("parents", &commit.parents)
            .flag("is_merge", is_merge)
            .text("message", commit.message.as_str());
        for (i, file) in commit.files.iter().enumerate() {
            rows(&mut self.tables, "commit_files")?
                .row(source, &format!("{}/{i}", commit.sha), us(time))
                .text("commit", commit.sha.as_str())
                .text("path", file.path.as_str())
                .int("additions", file.additions)
                .int("deletions", file.deletions)
                .text("previous_path", file.previous.as_deref());
        }
        Ok(true)
    }

    /// A change that reached the default branch by `commit`, with the commits it brought (none when squashed).
    /// False: git has no usable time for it.
    pub fn change(&mut self, commit: &Commit, told: &Told, brought: &[Brought], branch: &str) -> Result<bool> {
        let Some(merged) = commit.time() else { return Ok(false) };
        let written: Vec<&Brought> = brought.iter().filter(|one| !one.is_merge).collect();
        let times = || written.iter().filter_map(|one| one.authored);
        // Nothing in git tells when a pull request was opened; its last commit is the latest that can be known of it.
        // A squash keeps its author time, which some tools set to when the work was written.
        let squashed = commit.authored.filter(|authored| brought.is_empty() && *authored < merged);
        let first = times().min().or(squashed);
        let opened = times().max().or(squashed).unwrap_or(merged).min(merged);
        let id = format!("{}@{}", self.repository, commit.sha);
        let (additions, deletions) = commit.lines();
        let source = self.source;
        rows(&mut self.tables, "pull_requests")?
            .row(source, &id, us(merged))
            .text("repository", self.repository)
            .int("number", told.number)
            .text("title", told.title.as_str())
            .text("author", majority(&written).unwrap_or(&commit.author))
            .text("state", "MERGED")
            .flag("draft", false)
            .time("created_at", us(opened))
            .time("first_commit_at", first.map(us))
            .time("merged_at", us(merged))
            .time("closed_at", us(merged))
            .text("merge_commit", commit.sha.as_str())
            .text("base_branch", branch)
            .text("head_branch", told.head_branch.as_deref())
            .int("additions", additions)
            .int("deletions", deletions)
            .int("changed_files", commit.files.len() as i64);
        for one in brought {
            rows(&mut self.tables, "pull_request_commits")?
                .row(source, &format!("{id}/{}", one.sha), us(merged))
                .text("pull_request", id.as_str())
                .text("commit", one.sha.as_str())
                .text("author", one.author.as_str())
                .time("authored_at", one.authored.map(us));
        }
        Ok(true)
    }

    /// A tag as a successful production deployment; `updated_at` in seconds.
    pub fn release(
        &mut self,
        release: &Release,
        service: Option<&str>,
        project: Option<&str>,
        updated_at: i64,
    ) -> Result<()> {
        rows(&mut self.tables, "deployments")?
            .row(self.source, &format!("{}@{}", self.repository, release.tag), us(updated_at))
            .text("service", service)
            .text("repository", self.repository)
            .text("project", project)
            .text("environment", "production")
            .text("tier", "PRODUCTION")
            .text("kind", "RELEASE")
            .text("status", "SUCCESS")
            .text("commit", release.commit.as_str())
            .text("ref", release.tag.as_str())
            .time("started_at", us(release.at))
            .time("finished_at", us(release.at))
            .flag("is_rollback", false);
        Ok(())
    }

    /// The repository itself; `updated_at` in seconds.
    pub fn repository(
        &mut self,
        branch: &str,
        service: Option<&str>,
        project: Option<&str>,
        updated_at: i64,
    ) -> Result<()> {
        rows(&mut self.tables, "repositories")?
            .row(self.source, self.repository, us(updated_at))
            .text("name", self.repository)
            .text("default_branch", branch)
            .text("service", service)
            .text("project", project);
        Ok(())
    }

    /// The newest commit's time, seconds UTC, of all that were written.
    pub fn newest(&self) -> Option<i64> {
        self.accounts.values().map(|(at, _)| *at).max()
    }

    /// Hands on what has gathered.
    pub async fn turn(&mut self) -> Result<()> {
        self.hand_on(BATCH).await
    }

    /// Writes the accounts, and hands on all that is left.
    pub async fn close(mut self) -> Result<Landing> {
        for (login, (at, name)) in std::mem::take(&mut self.accounts) {
            let is_bot = login.contains("[bot]") || name.ends_with("[bot]");
            rows(&mut self.tables, "accounts")?
                .row(self.source, &login, us(at))
                .text("login", login.as_str())
                .text("name", name.as_str())
                .text("email", login.contains('@').then_some(login.as_str()))
                .text("kind", if is_bot { "BOT" } else { "USER" });
        }
        self.hand_on(1).await?;
        Ok(self.landing)
    }

    async fn hand_on(&mut self, least: usize) -> Result<()> {
        for rows in self.tables.values_mut().filter(|rows| rows.len() >= least) {
            let (table, batch): (&'static Table, _) = (rows.table(), rows.take()?);
            self.landing.push(table, self.source, batch).await?;
        }
        Ok(())
    }
}

fn rows<'r>(tables: &'r mut BTreeMap<&'static str, Rows>, name: &'static str) -> Result<&'r mut Rows> {
    let table = model::table(name).ok_or_else(|| anyhow::anyhow!("the contract has no table {name}"))?;
    Ok(tables.entry(name).or_insert_with(|| Rows::new(table)))
}

/// Who wrote most of the commits; of equals, who wrote the newest.
fn majority<'b>(written: &[&'b Brought]) -> Option<&'b str> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    written.iter().for_each(|one| *counts.entry(&one.author).or_default() += 1);
    let most = counts.values().copied().max()?;
    written.iter().map(|one| one.author.as_str()).find(|author| counts[author] == most)
}

fn us(seconds: i64) -> i64 {
    seconds * 1_000_000
}
