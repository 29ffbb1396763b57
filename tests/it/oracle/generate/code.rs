//! Pull requests of a random world: their commits, builds, reviews and comments.

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
        let commits = self.repositories[home].history.commits.clone();
        self.world.commits.extend(commits);
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
                .pick(&[vec![], vec![], vec!["PAY-1"], vec!["PAY-1", "i2"], vec!["i4"]])
                .into_iter()
                .map(str::to_owned)
                .collect(),
            additions: Some(self.rng.random_range(0..300)),
            ..PullRequest::default()
        };
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
                let finished = self.after(merged, 5);
                let own = Build {
                    pipeline: "ci".to_owned(),
                    repository: Some(name.clone()),
                    commit: Some(
                        self.pick(&[
                            &left.merge_commit,
                            &left.merge_commit,
                            left.branch.last().unwrap_or(&left.merge_commit),
                        ])
                        .clone(),
                    ),
                    status: self.pick(&["SUCCESS", "SUCCESS", "FAILURE", "CANCELLED", "RUNNING"]),
                    started_at: Some(merged),
                    finished_at: if self.one_in(8) { None } else { Some(finished) },
                };
                let row = self.row(self.repositories[home].source, format!("{home}-{id}-{run}"), own);
                self.world.builds.push(row);
            }
        }
        if self.one_in(2) {
            let at = self.after(opened, 30);
            let review = Review {
                pull_request: id.clone(),
                reviewer: "bob".to_owned(),
                state: "APPROVED",
                submitted_at: Some(at),
            };
            let comment = Comment {
                pull_request: id.clone(),
                author: "ann".to_owned(),
                created_at: Some(at),
                kind: Some("INLINE"),
            };
            let (review, comment) =
                (self.row(source, format!("{home}-{id}"), review), self.row(source, format!("{home}-{id}"), comment));
            self.world.reviews.push(review);
            self.world.comments.push(comment);
        }
        let row = self.row(source, id, own);
        self.world.pull_requests.push(row);
    }
}
