//! Pull requests of a random world, with what is said of them, and builds. Leaves their commits to `commits`.

use chrono::Duration;
use rand::Rng;

use super::super::record::At;
use super::super::world::*;
use super::{Author, Home};

impl Author {
    pub fn pull_requests(&mut self, home: usize) {
        let most = if self.calm && home == 0 { 20 } else { self.pick(&[3, 6, 12]) };
        let mut times: Vec<(At, At)> = Vec::new();
        for _ in 0..self.rng.random_range(if home == 0 { 1 } else { 0 }..=most) {
            let opened = self.moment();
            times.push((opened, self.after(opened, 96)));
        }
        times.sort_by_key(|(_, merged)| *merged);
        for (number, (opened, merged)) in times.into_iter().enumerate() {
            self.pull_request(home, number, opened, merged);
        }
        self.commits(home);
        for number in 0..self.rng.random_range(0..=4) {
            self.stray_build(home, number);
        }
    }

    fn pull_request(&mut self, home: usize, number: usize, opened: At, merged: At) {
        let Home { source, name, .. } = &self.repositories[home];
        let (source, name) = (*source, name.clone());
        let id = if source == "gitlab" { format!("{number}") } else { format!("{}", number + home * 100) };
        let state = self.pick(&["MERGED", "MERGED", "MERGED", "MERGED", "OPEN", "CLOSED"]);
        let begun = opened - Duration::minutes(self.rng.random_range(-200..6_000));
        let mut own = PullRequest {
            repository: name.clone(),
            number: Some(number as i64),
            title: Some(format!("Change {number}")),
            author: if source == "gitlab" {
                self.pick(&["ci", "gina", "robo"]).to_owned()
            } else {
                self.pick(&["ann", "ann", "bob", "bob", "ci", "deps[bot]", "ghost[bot]", "stranger"]).to_owned()
            },
            state,
            created_at: Some(opened),
            ready_at: if self.one_in(4) { Some(self.after(opened, 20)) } else { None },
            first_commit_at: if self.one_in(2) { Some(begun) } else { None },
            merged_at: if state == "MERGED" && !self.one_in(20) { Some(merged) } else { None },
            head_branch: self
                .pick(&[None, Some("topic"), Some("topic"), Some("hotfix/1"), Some("not-hotfix")])
                .map(str::to_owned),
            base_branch: Some("main".to_owned()),
            labels: self
                .pick(&[vec![], vec![], vec!["bug"], vec!["HotFix", "bug"], vec!["hotfixes"]])
                .into_iter()
                .map(str::to_owned)
                .collect(),
            issues: self
                .pick(&[
                    vec![],
                    vec![],
                    vec!["PAY-1"],
                    vec!["PAY-1", "i2"],
                    vec!["i4"],
                    vec!["PAY-2", "PAY-3"],
                    vec!["OPS-4"],
                    vec!["OPS-5", "PAY-1"],
                ])
                .into_iter()
                .map(str::to_owned)
                .collect(),
            additions: if self.one_in(8) { None } else { Some(self.pick(&[0, 4, 9, 10, 40, 99, 100, 240])) },
            deletions: if self.one_in(8) { None } else { Some(self.pick(&[0, 0, 1, 2, 60])) },
            draft: self.pick(&[None, None, Some(false), Some(true)]),
            ..PullRequest::default()
        };
        own.closed_at = if state == "CLOSED" { Some(merged) } else { own.merged_at };
        if state == "MERGED" {
            let left = self.repositories[home].history.merge(&mut self.rng, begun, merged.max(begun));
            for (place, sha) in left.branch.iter().enumerate() {
                let authored_at = if self.one_in(3) { None } else { Some(begun + Duration::hours(place as i64)) };
                let own =
                    PullRequestCommit { pull_request: id.clone(), commit: sha.clone(), author: None, authored_at };
                let row = self.row(source, format!("{id}-{place}-{home}"), own);
                self.world.pull_request_commits.push(row);
            }
            own.merge_commit = if self.one_in(10) { None } else { Some(left.merge_commit.clone()) };
            for run in 0..self.rng.random_range(0..=2) {
                let commits =
                    [&left.merge_commit, &left.merge_commit, left.branch.last().unwrap_or(&left.merge_commit)];
                let commit = self.pick(&commits).clone();
                self.build(home, &format!("{home}-{id}-{run}"), Some(commit), merged);
            }
        }
        self.said(source, &format!("{home}-{id}"), &id, opened);
        let row = self.row(source, id, own);
        self.world.pull_requests.push(row);
    }
    /// A run of a pipeline. It waited, ran and ended, or some of that is not known.
    fn build(&mut self, home: usize, id: &str, commit: Option<String>, queued: At) {
        let Home { source, name, .. } = &self.repositories[home];
        let (source, name) = (*source, name.clone());
        let started = self.after(queued, 1);
        let finished = self.after(started, 5);
        let own = Build {
            pipeline: self.pick(&["ci", "ci", "nightly"]).to_owned(),
            repository: if self.one_in(10) { None } else { Some(name) },
            commit,
            branch: self.pick(&[None, Some("main"), Some("main"), Some("topic")]).map(str::to_owned),
            status: self.pick(&["SUCCESS", "SUCCESS", "FAILURE", "CANCELLED", "RUNNING"]),
            queued_at: if self.one_in(6) { None } else { Some(queued) },
            started_at: if self.one_in(10) { None } else { Some(started) },
            finished_at: if self.one_in(8) { None } else { Some(finished) },
        };
        let row = self.row(source, id, own);
        self.world.builds.push(row);
    }

    /// A run of any commit, of one that nobody knows, or of none.
    fn stray_build(&mut self, home: usize, number: u32) {
        let shas: Vec<String> = self.world.commits.iter().map(|c| c.id.clone()).collect();
        let known = Some(self.pick(&shas));
        let commit = self.pick(&[known.clone(), known, Some("nowhere".to_owned()), None]);
        let at = self.moment();
        self.build(home, &format!("stray-{home}-{number}"), commit, at);
    }

    /// Reviews and comments on a pull request: others', the author's own, bots'.
    fn said(&mut self, source: &str, id: &str, pull_request: &str, opened: At) {
        let people: &[&str] = match source {
            "gitlab" => &["gina", "gina", "ci", "robo", "stranger"],
            _ => &["ann", "ann", "bob", "bob", "ci", "deps[bot]", "stranger"],
        };
        for number in 0..self.pick(&[0, 0, 1, 1, 2, 3]) {
            let at = self.after(opened, 60);
            let own = Review {
                pull_request: self.pick(&[pull_request, pull_request, pull_request, "7"]).to_owned(),
                reviewer: self.pick(people).to_owned(),
                state: self.pick(&["APPROVED", "APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"]),
                submitted_at: Some(at),
            };
            let row = self.row(source, format!("{id}-{number}"), own);
            self.world.reviews.push(row);
        }
        for number in 0..self.pick(&[0, 0, 1, 2, 4]) {
            let at = self.after(opened, 60);
            let own = Comment {
                pull_request: self.pick(&[pull_request, pull_request, pull_request, "7"]).to_owned(),
                author: self.pick(people).to_owned(),
                created_at: Some(at),
                kind: self.pick(&[Some("INLINE"), Some("GENERAL"), None]),
            };
            let row = self.row(source, format!("{id}-{number}"), own);
            self.world.comments.push(row);
        }
    }
}
