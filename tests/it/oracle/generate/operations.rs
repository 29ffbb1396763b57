//! Deployments and incidents of a random world.

use chrono::Duration;
use rand::Rng;
use rand::seq::IndexedRandom;

use super::super::links;
use super::super::record::At;
use super::super::world::*;
use super::{Author, Home};

const TIERS: [&str; 6] = ["PRODUCTION", "PRODUCTION", "PRODUCTION", "STAGING", "TESTING", "DEVELOPMENT"];
const STATUSES: [&str; 7] = ["SUCCESS", "SUCCESS", "SUCCESS", "FAILURE", "FAILURE", "CANCELLED", "RUNNING"];

impl Author {
    pub fn deployment(&mut self) {
        let number = self.world.deployments.len();
        let source = self.pick(&["argo", "github"]);
        let id = format!("d{}", number / 2 + number % 2 * if source == "argo" { 0 } else { 50 });
        let id =
            if self.world.deployments.iter().any(|d| d.key() == (source, &id)) { format!("x{number}") } else { id };
        let (started, finished) = self.span();
        let calm = self.calm && !self.one_in(4);
        let tier = if calm { "PRODUCTION" } else { self.pick(&TIERS) };
        let status = if calm { "SUCCESS" } else { self.pick(&STATUSES) };
        let environments: &[Option<&str>] = match tier {
            "PRODUCTION" if calm => &[Some("prod-eu")],
            "PRODUCTION" => &[Some("prod-eu"), Some("prod-us"), None],
            _ => &[Some("lower")],
        };
        let environment = self.pick(environments).map(str::to_owned);
        let home = if calm { 0 } else { self.rng.random_range(0..self.repositories.len()) };
        let share = ((started - self.moments.scene).num_hours() as f64 / 900.0 + 0.5).clamp(0.0, 1.0);
        let Home { name, service, blind, history, .. } = &self.repositories[home];
        let (name, service, blind) = (name.clone(), service.clone(), *blind);
        let commit = Some(history.deployable(&mut self.rng, share)).filter(|_| !blind);
        let mut own = Deployment {
            environment,
            tier,
            status,
            kind: self.pick(&[None, Some("PIPELINE"), Some("MERGE"), Some("RELEASE"), Some("CHANGE_REQUEST")]),
            r#ref: self.pick(&[None, Some("main"), Some("main"), Some("Hotfix-2"), Some("v1")]).map(str::to_owned),
            started_at: if self.one_in(12) { None } else { Some(started) },
            finished_at: if status == "RUNNING" || self.one_in(15) { None } else { Some(finished) },
            is_rollback: self.pick(&[None, Some(false), Some(false), Some(false), Some(true)]),
            is_unplanned: self.pick(&[None, Some(false), Some(false), Some(false), Some(true)]),
            ..Deployment::default()
        };
        match if calm { 7 } else { self.rng.random_range(0..8) } {
            0 => own.service = service.or(Some("search".to_owned())),
            1 if !blind => {
                own.service = service.or(Some("platform".to_owned()));
                if self.one_in(2) {
                    (own.repository, own.commit) = (Some(name), commit);
                }
                self.parts(source, &id, &mut own, share);
            }
            kind => {
                (own.repository, own.commit) = (Some(name), commit.filter(|_| kind != 2));
                own.service = if !calm && self.one_in(5) { Some("platform".to_owned()) } else { None };
                own.project = if self.one_in(5) { Some("ops".to_owned()) } else { None };
            }
        }
        if self.one_in(5) && !blind {
            let shas: Vec<String> = self.world.commits.iter().map(|c| c.id.clone()).collect();
            let own = DeploymentChange { deployment: id.clone(), commit: self.pick(&shas) };
            let row = self.row(source, &id, own);
            self.world.deployment_changes.push(row);
        }
        let row = self.row(source, id, own);
        self.world.deployments.push(row);
    }

    /// A start and a finish; now and then those of another deployment, or the finish is a merge's or a build's.
    fn span(&mut self) -> (At, At) {
        let others: Vec<(At, At)> =
            self.world.deployments.iter().filter_map(|d| Some((d.own.started_at?, d.own.finished_at?))).collect();
        if !others.is_empty() && self.one_in(5) {
            let (started, finished) = self.pick(&others);
            return self.pick(&[(started, finished), (started, finished), (started, finished + Duration::minutes(9))]);
        }
        let merges = self.world.pull_requests.iter().filter_map(|p| p.own.merged_at);
        let edges: Vec<At> = merges.chain(self.world.builds.iter().filter_map(|b| b.own.finished_at)).collect();
        if !edges.is_empty() && self.one_in(4) {
            let finished = self.pick(&edges);
            return (finished - Duration::minutes(5), finished);
        }
        let started = self.moment();
        (started, self.after(started, 2))
    }

    /// Commits of several repositories, each with its own finish; the deployment's own is the last of them, or missing.
    fn parts(&mut self, source: &str, id: &str, own: &mut Deployment, share: f64) {
        let Some(last) = own.finished_at else { return };
        for home in 0..self.repositories.len() {
            let Home { name, blind, history, .. } = &self.repositories[home];
            if *blind || Some(name) == own.repository.as_ref() {
                continue;
            }
            let repository = name.clone();
            let commit = history.deployable(&mut self.rng, share);
            let finished_at = Some(last - Duration::minutes(self.pick(&[0, 0, 1, 45, 700])));
            let part = DeploymentCommit { deployment: id.to_owned(), repository, commit, finished_at };
            let row = self.row(source, format!("{id}-{home}"), part);
            self.world.deployment_commits.push(row);
        }
        let has_last =
            self.world.deployment_commits.iter().any(|c| c.own.deployment == id && c.own.finished_at == Some(last));
        if has_last && self.one_in(2) {
            own.finished_at = None;
        }
    }

    pub fn incident(&mut self) {
        let number = self.world.incidents.len();
        let source = self.pick(&["pager", "pager", "argo", "github"]);
        let finishes: Vec<At> = self.world.deployments.iter().filter_map(|d| d.own.finished_at).collect();
        let suspects: Vec<_> = self.world.deployments.iter().filter(|d| d.own.finished_at.is_some()).cloned().collect();
        let suspect = suspects.choose(&mut self.rng);
        let mut service =
            self.pick(&[Some("checkout"), Some("checkout"), Some("search"), Some("platform"), None]).map(str::to_owned);
        let mut project = self.pick(&[Some("shop"), Some("ops"), None]).map(str::to_owned);
        if let Some(suspect) = suspect
            && self.rng.random_ratio(2, 3)
        {
            (service, project) = (links::service(&self.world, suspect), links::project(&self.world, suspect));
        }
        let created = match (self.rng.random_range(0..6), suspect.and_then(|suspect| suspect.own.finished_at)) {
            (0..=2, Some(finish)) => {
                let days = *[0, 0, 0, 1, 7].choose(&mut self.rng).expect("not empty");
                finish + Duration::days(days) + Duration::seconds(self.pick(&[0, 0, 1, 1_800, 40_000]))
            }
            (3, Some(_)) => *finishes.iter().min().expect("not empty") - Duration::hours(1),
            _ => self.moment(),
        };
        let later: Vec<At> = finishes.iter().copied().filter(|at| *at > created).collect();
        let resolved = match self.rng.random_range(0..6) {
            0 => None,
            1 if !later.is_empty() => Some(self.pick(&later)),
            _ => Some(self.after(created, 72)),
        };
        let theirs: Vec<String> =
            self.world.deployments.iter().filter(|d| d.source == source).map(|d| d.id.clone()).collect();
        let named = match self.rng.random_range(0..4) {
            0..=1 if !theirs.is_empty() => Some(self.pick(&theirs)),
            2 => Some("d0".to_owned()),
            _ => None,
        };
        let own = Incident {
            title: Some("It is down".to_owned()),
            severity: self.pick(&[None, Some("1"), Some("1"), Some("2")]).map(str::to_owned),
            labels: self.pick(&[vec![], vec!["urgent".to_owned()]]),
            service,
            project,
            created_at: Some(created),
            resolved_at: resolved,
            deployment: if source == "pager" { None } else { named },
            ..Incident::default()
        };
        let row = self.row(source, format!("i{number}"), own);
        self.world.incidents.push(row);
    }
}
