//! From merge to production: merges, builds, deployments.
//! Events are worked off in the order of time; what an event causes comes after it.

use super::calendar::{DAY, HOUR};
use super::change::{self, Kind, Merge};
use super::people::Organisation;
use super::random::sha;
use super::unit::{Build, Style, Unit};

/// Something that is due.
#[derive(Debug, Clone)]
pub enum Due {
    /// A change of a repository merges (indices that hold for this month).
    Merge { repository: usize, change: usize },
    /// The pipeline runs; `unplanned`: for a hotfix, through no staging.
    Deploy { unplanned: bool },
}

/// A deployment to one environment. Times are seconds UTC.
#[derive(Debug, Clone)]
pub struct Deployment {
    pub n: u32,
    pub environment: &'static str,
    pub tier: &'static str,
    pub status: &'static str,
    pub project: String,
    /// For a deployment of one repository.
    pub repository: Option<String>,
    pub commit: Option<String>,
    pub reference: Option<String>,
    /// For a deployment of several: repository, commit, finish.
    pub parts: Vec<(String, String, i64)>,
    /// Shas that the tool says it shipped.
    pub changes: Vec<String>,
    pub started: i64,
    pub finished: i64,
    pub is_rollback: bool,
    pub is_unplanned: bool,
    /// When the record was deleted again.
    pub deleted: Option<i64>,
    pub seen: i64,
}

impl Deployment {
    pub fn is_over(&self, now: i64) -> bool {
        self.finished < now && self.deleted.is_none_or(|at| at < now)
    }
}

impl Unit {
    /// Works off all that is due before `until`.
    pub fn deliver(&mut self, org: &Organisation, from: i64, until: i64) {
        for repository in 0..self.repositories.len() {
            for change in 0..self.repositories[repository].changes.len() {
                self.schedule_merge(repository, change, until);
            }
        }
        if self.service.is_some() && self.chance.happens(0.02) {
            let at = self.chance.whole(from, until - 1);
            self.break_something(org, at, None, None, until);
        }
        while let Some(entry) = self.due.first_entry().filter(|entry| entry.key().0 < until) {
            let (at, _) = *entry.key();
            match entry.remove() {
                Due::Merge { repository, change } => self.merge(org, at, repository, change, until),
                Due::Deploy { unplanned } => self.deploy(org, at, unplanned, until),
            }
        }
    }

    fn schedule(&mut self, at: i64, due: Due) {
        let mut order = 0;
        while self.due.contains_key(&(at, order)) {
            order += 1;
        }
        self.due.insert((at, order), due);
    }

    pub fn schedule_merge(&mut self, repository: usize, change: usize, until: i64) {
        let planned = &self.repositories[repository].changes[change];
        if let (Some(at), None) = (planned.merged, &planned.merge)
            && at < until
        {
            self.schedule(at, Due::Merge { repository, change });
        }
    }

    fn merge(&mut self, org: &Organisation, at: i64, repository: usize, change: usize, until: i64) {
        let repo = &mut self.repositories[repository];
        let n = repo.commit_number();
        let merged = sha(org.seed, repo.index, n);
        let base = repo.mainline.last().map(|(_, sha)| sha.clone()).unwrap_or_default();
        let squashed = repo.squashes || repo.changes[change].kind == Kind::Hotfix;
        repo.changes[change].merge = Some(Merge { n, base, squashed });
        repo.mainline.push((at, merged.clone()));
        repo.undeployed.push(merged.clone());
        let (kind, author) = (repo.changes[change].kind, repo.changes[change].author);
        if let change::Who::Person(person) = author {
            self.merged.push((person, at));
        }

        let mut built = self.build(repository, &merged, "main", at + 15, 0.93);
        if !self.repositories[repository].builds.last().is_some_and(|build| build.success) {
            built = self.build(repository, &merged, "main", built + 1200, 1.0);
        }
        if self.chance.happens(0.6)
            && let Some(head) = self.repositories[repository].changes[change].commits.last()
        {
            let (head, queued) = (sha(org.seed, self.repositories[repository].index, head.n), head.at + 30);
            let branch = format!("work/{}", self.repositories[repository].changes[change].draw % 100_000);
            self.build(repository, &head, &branch, queued, 0.85);
        }
        if self.style == Style::Nothing {
            return;
        }
        if kind == Kind::Hotfix {
            self.schedule(built + 120, Due::Deploy { unplanned: true });
            return;
        }
        if kind == Kind::Feature && self.chance.happens(0.012) {
            let begin = at + self.chance.seconds(5.0, 1.0);
            if let change::Who::Person(person) = author {
                self.mend(org, repository, person, begin, Kind::Revert, None, until);
            }
        }
        self.waiting += 1;
        let patient = self.style != Style::OnMerge && self.waiting < self.patience;
        let long = if self.style == Style::Release { 13 * DAY } else { 9 * DAY };
        if patient && at - self.last_deployment < long {
            return;
        }
        let hours = match self.style {
            Style::OnMerge => 0.05,
            Style::Release => 30.0,
            _ => 2.0,
        };
        let soon = built + self.chance.seconds(hours, 1.0);
        let when = if self.style == Style::OnMerge { soon } else { org.calendar.next_working(self.zone, soon) };
        self.waiting = 0;
        self.patience = if self.style == Style::Release { 40 } else { 2 + self.chance.count(7.0) };
        self.last_deployment = when;
        self.schedule(when, Due::Deploy { unplanned: false });
    }

    /// Adds a run of continuous integration; when it ends.
    fn build(&mut self, repository: usize, commit: &str, branch: &str, queued: i64, succeeds: f64) -> i64 {
        let started = queued + self.chance.seconds(0.012, 1.2);
        let finished = started + self.chance.seconds(0.16, 0.7);
        let success = self.chance.happens(succeeds);
        let repository = &mut self.repositories[repository];
        repository.builds.push(Build {
            n: repository.next_build,
            commit: commit.to_owned(),
            branch: branch.to_owned(),
            success,
            queued,
            started,
            finished,
            seen: i64::MIN,
        });
        repository.next_build += 1;
        finished
    }

    /// Deploys what the default branches hold at `at`: staging first, then each region of production.
    fn deploy(&mut self, org: &Organisation, at: i64, unplanned: bool, until: i64) {
        let targets: Vec<Vec<usize>> = match self.style {
            Style::Combined | Style::Blind => vec![(0..self.repositories.len()).collect()],
            _ => (0..self.repositories.len())
                .filter(|i| !self.repositories[*i].undeployed.is_empty())
                .map(|i| vec![i])
                .collect(),
        };
        for target in targets.into_iter().filter(|target| !target.is_empty()) {
            let tips: Vec<(String, String)> = target
                .iter()
                .map(|i| &self.repositories[*i])
                .map(|repository| (repository.name.clone(), repository.tip(at).to_owned()))
                .collect();
            let mut start = at;
            if !unplanned && self.style != Style::OnMerge {
                let passes = self.chance.happens(0.94);
                let staging =
                    self.add_deployment(&tips, "staging", "STAGING", if passes { "SUCCESS" } else { "FAILURE" }, start);
                if !passes {
                    let again = org.calendar.next_working(self.zone, staging + 2 * HOUR);
                    self.schedule(again, Due::Deploy { unplanned: false });
                    continue;
                }
                start = staging + self.chance.seconds(0.4, 1.1);
            }
            let status = match self.chance.index(100) {
                _ if unplanned => "SUCCESS",
                0..4 => "FAILURE",
                4 => "CANCELLED",
                _ => "SUCCESS",
            };
            for (i, region) in self.regions.clone().into_iter().enumerate() {
                start = self.add_deployment(&tips, region, "PRODUCTION", status, start) + 600;
                let shipped = target.iter().flat_map(|i| self.repositories[*i].undeployed.iter().cloned()).collect();
                if let Some(deployment) = self.deployments.last_mut() {
                    deployment.is_unplanned = unplanned;
                    if self.style == Style::Listed {
                        deployment.changes = shipped;
                    }
                    deployment.deleted =
                        (i == 0 && self.next_deployment.is_multiple_of(487)).then_some(deployment.finished + 3 * DAY);
                }
            }
            if status != "SUCCESS" {
                self.schedule(start + HOUR, Due::Deploy { unplanned: false });
                continue;
            }
            for i in &target {
                self.repositories[*i].undeployed.clear();
            }
            self.put_live(&tips);
            if !unplanned && self.chance.happens(self.breaks) {
                let after = start - 600 + self.chance.seconds(1.8, 1.3);
                let cause = self.deployments.last().map(|deployment| deployment.n);
                let back =
                    self.before.iter().filter(|(name, _)| tips.iter().any(|tip| tip.0 == *name)).cloned().collect();
                self.break_something(org, after, cause, Some((target[0], back)), until);
            }
        }
    }

    fn put_live(&mut self, tips: &[(String, String)]) {
        self.before = self.live.clone();
        for (name, commit) in tips {
            match self.live.iter_mut().find(|(known, _)| known == name) {
                Some(live) => live.1.clone_from(commit),
                None => self.live.push((name.clone(), commit.clone())),
            }
        }
    }

    /// Adds a deployment of these commits; when it ends.
    pub fn add_deployment(
        &mut self,
        tips: &[(String, String)],
        environment: &'static str,
        tier: &'static str,
        status: &'static str,
        started: i64,
    ) -> i64 {
        let finished = started + self.chance.seconds(0.13, 0.6).max(30);
        let one = (tips.len() == 1 && self.style != Style::Combined).then(|| &tips[0]);
        let knows_commits = self.style != Style::Blind;
        let parts = if self.style == Style::Combined {
            tips.iter().map(|(name, sha)| (name.clone(), sha.clone(), finished - self.chance.whole(0, 25))).collect()
        } else {
            Vec::new()
        };
        let n = self.next_deployment;
        self.next_deployment += 1;
        self.deployments.push(Deployment {
            n,
            environment,
            tier,
            status,
            project: self.project.clone(),
            repository: one.map(|(name, _)| name.clone()),
            commit: one.filter(|_| knows_commits).map(|(_, sha)| sha.clone()),
            reference: match self.style {
                Style::Release => Some(format!("v1.{n}.0")),
                Style::Blind => None,
                _ => Some("main".to_owned()),
            },
            parts,
            changes: Vec::new(),
            started,
            finished,
            is_rollback: false,
            is_unplanned: false,
            deleted: None,
            seen: i64::MIN,
        });
        finished
    }
}
