//! What goes wrong in production, and how it is mended: incidents, rollbacks, hotfixes, reverts.

use super::change::{self, Kind};
use super::people::Organisation;
use super::unit::{Style, Unit};

/// An incident, planned whole. Times are seconds UTC.
#[derive(Debug, Clone)]
pub struct Incident {
    pub n: u32,
    pub draw: u64,
    /// Whether it names the service.
    pub has_service: bool,
    pub project: String,
    /// Id of the deployment that caused it, where it is told.
    pub deployment: Option<String>,
    pub created: i64,
    pub acknowledged: i64,
    pub resolved: Option<i64>,
    pub seen: i64,
}

impl Incident {
    pub fn is_over(&self, now: i64) -> bool {
        self.created < now && self.acknowledged < now && self.resolved.is_none_or(|at| at < now)
    }
}

impl Unit {
    /// An incident at `at`, caused by a deployment or by nothing known, and what mends it. `broken` is the first
    /// repository deployed, and what production ran before.
    pub fn break_something(
        &mut self,
        org: &Organisation,
        at: i64,
        cause: Option<u32>,
        broken: Option<(usize, Vec<(String, String)>)>,
        until: i64,
    ) {
        let n = self.next_incident;
        self.next_incident += 1;
        let deployment = cause.filter(|_| self.chance.happens(0.6)).map(|n| self.deployment_id(n));
        let acknowledged = at + self.chance.seconds(0.1, 0.9);
        let mut resolved = acknowledged + self.chance.seconds(1.8, 1.2);
        if let Some((repository, back)) = broken {
            let team = org.teams.get(self.index).map(Vec::as_slice).unwrap_or_default();
            if self.chance.happens(0.28) && !back.is_empty() {
                let start = acknowledged + self.chance.seconds(0.4, 0.7);
                let end = self.add_deployment(&back, self.regions[0], "PRODUCTION", "SUCCESS", start);
                if let Some(deployment) = self.deployments.last_mut() {
                    deployment.is_rollback = true;
                }
                resolved = end + self.chance.whole(60, 900);
            } else if self.chance.happens(0.5) && !team.is_empty() {
                let (person, begin) = (*self.chance.pick(team), acknowledged + self.chance.seconds(0.3, 0.5));
                let incident = self.chance.happens(0.5).then(|| self.incident_id(n));
                let merged = self.mend(org, repository, person, begin, Kind::Hotfix, incident, until);
                resolved = merged + self.chance.seconds(1.0, 0.4);
            }
        }
        let has_service = self.chance.happens(0.9);
        let unresolved = (n as usize + self.index) % 31 == 7;
        self.incidents.push(Incident {
            n,
            draw: self.chance.whole(0, i64::MAX) as u64,
            has_service,
            project: self.project.clone(),
            deployment: deployment.filter(|_| self.knows_incidents()),
            created: at,
            acknowledged,
            resolved: (!unresolved).then_some(resolved),
            seen: i64::MIN,
        });
    }

    /// Plans a hotfix or a revert; when it merges.
    #[allow(clippy::too_many_arguments)]
    pub fn mend(
        &mut self,
        org: &Organisation,
        repository: usize,
        person: u32,
        begin: i64,
        kind: Kind,
        incident: Option<String>,
        until: i64,
    ) -> i64 {
        let team = org.teams.get(self.index).map(Vec::as_slice).unwrap_or_default();
        let mut change = change::plan(&mut self.chance, org, &self.manners, person, team, begin, kind);
        change.issues.extend(incident);
        let merged = change.merged.unwrap_or(begin);
        self.add_change(repository, change);
        let repo = &mut self.repositories[repository];
        if let Some(change) = repo.changes.last_mut() {
            change.number = repo.next_number;
            repo.next_number += 1;
        }
        let last = self.repositories[repository].changes.len() - 1;
        self.schedule_merge(repository, last, until);
        merged
    }

    /// Whether the tool that deploys also records incidents.
    pub fn knows_incidents(&self) -> bool {
        matches!(self.style, Style::Combined | Style::Blind)
    }

    pub fn deployment_id(&self, n: u32) -> String {
        format!("{}-d{n}", self.key)
    }

    pub fn incident_id(&self, n: u32) -> String {
        format!("{}-i{n}", self.key)
    }
}
