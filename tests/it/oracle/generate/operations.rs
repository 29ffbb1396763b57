//! Deployments and incidents of a random world.

use chrono::Duration;
use rand::Rng;
use rand::seq::IndexedRandom;

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
        let started = self.moment();
        let finished = self.after(started, 2);
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
        let created = match self.rng.random_range(0..6) {
            0..=2 if !finishes.is_empty() => {
                let finish = self.pick(&finishes);
                let days = *[0, 0, 0, 1, 7].choose(&mut self.rng).expect("not empty");
                finish + Duration::days(days) + Duration::seconds(self.pick(&[0, 1, 1_800, 1_800, 40_000]))
            }
            3 if !finishes.is_empty() => *finishes.iter().min().expect("not empty") - Duration::hours(1),
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
            service: self
                .pick(&[Some("checkout"), Some("checkout"), Some("search"), Some("platform"), None])
                .map(str::to_owned),
            project: self.pick(&[Some("shop"), Some("ops"), None]).map(str::to_owned),
            created_at: Some(created),
            resolved_at: resolved,
            deployment: if source == "pager" { None } else { named },
        };
        let row = self.row(source, format!("i{number}"), own);
        self.world.incidents.push(row);
    }
}
