//! What the code host tells at the end of a month of changes and builds: rows of all that went on since the last.

use super::change::{Change, Commit, Kind, Who};
use super::names;
use super::out::{BUILDS, COMMENTS, COMMIT_FILES, COMMITS, Out, PULL_REQUEST_COMMITS, PULL_REQUESTS, REVIEWS, by, us};
use super::people::{BOTS, Organisation};
use super::random::{mix, sha};
use super::unit::{Repository, Unit};

impl Unit {
    /// Writes changes and builds of which something happened before `now`.
    pub fn write_changes(&mut self, org: &Organisation, now: i64, out: &mut Out) {
        for repository in &mut self.repositories {
            let mut changes = std::mem::take(&mut repository.changes);
            for change in &mut changes {
                repository.write_commits(org, change, now, out);
                repository.write_change(org, change, now, out);
                change.seen = now;
            }
            repository.changes = changes;
            repository.write_builds(now, out);
        }
    }
}

impl Repository {
    /// The commit that everything goes back to.
    pub fn write_root(&self, seed: u64, out: &mut Out) {
        let Some((at, _)) = self.mainline.first() else { return };
        out.row(COMMITS, &sha(seed, self.index, 0), *at)
            .text("repository", self.name.as_str())
            .text("author", BOTS[1].0)
            .time("authored_at", us(*at))
            .int("authored_offset_minutes", 0)
            .time("committed_at", us(*at))
            .int("additions", 12)
            .int("deletions", 0)
            .int("files_changed", 1)
            .list::<&str>("parents", [])
            .flag("is_merge", false)
            .text("message", "Begin");
    }

    fn write_commits(&self, org: &Organisation, change: &Change, now: i64, out: &mut Out) {
        let fresh = |at: i64| at >= change.seen && at < now;
        let mut parent: Option<String> = None;
        for commit in &change.commits {
            let id = sha(org.seed, self.index, commit.n);
            if fresh(commit.at) {
                let first = parent.unwrap_or_else(|| self.tip(commit.at).to_owned());
                let base = commit.from_base.then(|| self.tip(commit.at).to_owned());
                let parents: Vec<String> = std::iter::once(first).chain(base).collect();
                let message = if commit.from_base {
                    "Merge main".to_owned()
                } else {
                    names::title(mix(change.draw, u64::from(commit.n), 1))
                };
                self.write_commit(org, change.author, commit, &id, &parents, &message, out);
            }
            // A commit belongs to the pull request once there is one.
            if fresh(commit.at.max(change.opened)) {
                let request = self.request_id(change);
                out.row(PULL_REQUEST_COMMITS, &format!("{request}/{}", &id[..12]), commit.at.max(change.opened))
                    .text("pull_request", request.as_str())
                    .text("commit", id.as_str())
                    .text("author", login(org, change.author))
                    .time("authored_at", us(commit.at));
            }
            parent = Some(id);
        }
        let (Some(merge), Some(at)) = (&change.merge, change.merged) else { return };
        if fresh(at) {
            let sum = |of: fn(&Commit) -> i64| change.commits.iter().map(of).sum();
            let whole = Commit {
                n: merge.n,
                at,
                additions: if merge.squashed { sum(|c| c.additions) } else { 0 },
                deletions: if merge.squashed { sum(|c| c.deletions) } else { 0 },
                files: if merge.squashed { sum(|c| c.files) } else { 0 },
                from_base: false,
            };
            let parents: Vec<String> =
                std::iter::once(merge.base.clone()).chain(parent.filter(|_| !merge.squashed)).collect();
            let message = match merge.squashed {
                true => format!("{} (#{})", title(change), change.number),
                false => format!("Merge pull request #{}", change.number),
            };
            let id = sha(org.seed, self.index, merge.n);
            self.write_commit(org, change.author, &whole, &id, &parents, &message, out);
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn write_commit(
        &self,
        org: &Organisation,
        author: Who,
        commit: &Commit,
        id: &str,
        parents: &[String],
        message: &str,
        out: &mut Out,
    ) {
        let offset = match author {
            Who::Person(person) => org.calendar.offset(org.person(person).zone, commit.at) / 60,
            Who::Bot(_) => 0,
        };
        out.row(COMMITS, id, commit.at)
            .text("repository", self.name.as_str())
            .text("author", login(org, author))
            .time("authored_at", us(commit.at))
            .int("authored_offset_minutes", offset)
            .time("committed_at", us(commit.at))
            .int("additions", commit.additions)
            .int("deletions", commit.deletions)
            .int("files_changed", commit.files)
            .list("parents", parents)
            .flag("is_merge", parents.len() > 1)
            .text("message", message);
        // The lines are spread over the files: an equal part each, the rest in the first.
        for file in 0..commit.files {
            let path = names::path(mix(org.seed, u64::from(self.index) << 32 | u64::from(commit.n), file as u64));
            let part = |lines: i64| lines / commit.files + if file == 0 { lines % commit.files } else { 0 };
            out.row(COMMIT_FILES, &format!("{id}/{file}"), commit.at)
                .text("commit", id)
                .text("path", format!("{path}.{file}").as_str())
                .int("additions", part(commit.additions))
                .int("deletions", part(commit.deletions));
        }
    }

    fn write_change(&self, org: &Organisation, change: &Change, now: i64, out: &mut Out) {
        let fresh = |at: i64| at >= change.seen && at < now;
        let id = self.request_id(change);
        for (i, review) in change.reviews.iter().enumerate().filter(|(_, review)| fresh(review.at)) {
            out.row(REVIEWS, &format!("{id}/{i}"), review.at)
                .text("pull_request", id.as_str())
                .text("reviewer", org.person(review.by).login.as_str())
                .text("state", review.state)
                .time("submitted_at", us(review.at));
        }
        for (i, comment) in change.comments.iter().enumerate() {
            let key = format!("{id}/{i}");
            if fresh(comment.at) {
                out.row(COMMENTS, &key, comment.at)
                    .text("pull_request", id.as_str())
                    .text("author", login(org, comment.by))
                    .time("created_at", us(comment.at))
                    .text("kind", if comment.inline { "INLINE" } else { "GENERAL" });
            }
            if let Some(at) = comment.deleted.filter(|at| fresh(*at)) {
                out.bury(COMMENTS, &key, at);
            }
        }
        if change.opened >= now {
            return;
        }
        let times = [Some(change.opened), change.ready, change.merged, change.closed, change.edited]
            .into_iter()
            .flatten()
            .chain(change.reviews.iter().map(|review| review.at))
            .chain(change.commits.iter().map(|commit| commit.at));
        let updated = times.filter(|at| *at < now).max().unwrap_or(change.opened);
        if fresh(updated) {
            self.write_request(org, change, &id, updated, now, out);
        }
    }

    fn write_request(&self, org: &Organisation, change: &Change, id: &str, updated: i64, now: i64, out: &mut Out) {
        let (merged, closed) = (by(now, change.merged), by(now, change.closed));
        let known = change.commits.iter().filter(|commit| commit.at < now);
        let sum = |of: fn(&Commit) -> i64| known.clone().map(of).sum::<i64>();
        let label = match change.kind {
            Kind::Feature => "feature",
            Kind::Fix => "bug",
            Kind::Chore => "chore",
            Kind::Dependency => "dependencies",
            Kind::Revert => "revert",
            Kind::Hotfix => "hotfix",
        };
        // Labels are set by most, and by some only afterwards.
        let edited = change.edited.is_some_and(|at| at < now);
        let labelled = change.kind == Kind::Hotfix || edited || change.draw % 10 < 7 && change.edited.is_none();
        let branch = match change.kind {
            Kind::Hotfix => format!("hotfix/{}", change.draw % 100_000),
            Kind::Dependency => format!("bumper/{}", change.draw % 100_000),
            _ => format!("work/{}", change.draw % 100_000),
        };
        let state = match (merged, closed) {
            (Some(_), _) => "MERGED",
            (None, Some(_)) => "CLOSED",
            (None, None) => "OPEN",
        };
        out.row(PULL_REQUESTS, id, updated)
            .text("url", format!("https://forge.example.com/{}/pull/{}", self.name, change.number).as_str())
            .text("repository", self.name.as_str())
            .int("number", i64::from(change.number))
            .text("title", title(change).as_str())
            .text("author", login(org, change.author))
            .text("state", state)
            .flag("draft", change.ready.is_some_and(|at| at >= now))
            .time("created_at", us(change.opened))
            .time("ready_at", by(now, change.ready))
            .time("first_commit_at", by(now, Some(change.began())))
            .time("merged_at", merged)
            .time("closed_at", merged.or(closed))
            .text(
                "merge_commit",
                merged.and(change.merge.as_ref()).map(|merge| sha(org.seed, self.index, merge.n)).as_deref(),
            )
            .text("base_branch", "main")
            .text("head_branch", branch.as_str())
            .int("additions", sum(|c| c.additions))
            .int("deletions", sum(|c| c.deletions))
            .int("changed_files", sum(|c| c.files))
            .list("labels", labelled.then_some(label))
            .list("issues", &change.issues);
    }

    fn write_builds(&mut self, now: i64, out: &mut Out) {
        for build in &mut self.builds {
            let fresh = |at: i64| at >= build.seen && at < now;
            if !fresh(build.started) && !fresh(build.finished) {
                continue;
            }
            let done = build.finished < now;
            let status = match (done, build.success) {
                (false, _) => "RUNNING",
                (true, true) => "SUCCESS",
                (true, false) => "FAILURE",
            };
            out.row(
                BUILDS,
                &format!("b{}-{}", self.index + 1, build.n),
                if done { build.finished } else { build.started },
            )
            .text("pipeline", format!("ci {}", self.name).as_str())
            .text("repository", self.name.as_str())
            .text("commit", build.commit.as_str())
            .text("branch", build.branch.as_str())
            .text("status", status)
            .time("queued_at", us(build.queued))
            .time("started_at", us(build.started))
            .time("finished_at", done.then(|| us(build.finished)));
            build.seen = now;
        }
    }

    fn request_id(&self, change: &Change) -> String {
        format!("p{}-{}", self.index + 1, change.number)
    }
}

fn login(org: &Organisation, who: Who) -> &str {
    match who {
        Who::Person(person) => &org.person(person).login,
        Who::Bot(bot) => BOTS[bot].0,
    }
}

fn title(change: &Change) -> String {
    match change.kind {
        Kind::Revert => format!("Revert \"{}\"", names::title(change.draw)),
        Kind::Dependency => format!("Bump a library to 1.{}", change.draw % 60),
        _ => names::title(change.draw),
    }
}
