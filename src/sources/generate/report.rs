//! What the deployment tools and the pager tell at the end of a month: rows of all that went on since the last.

use super::delivery::Deployment;
use super::names;
use super::out::{
    DEPLOYMENT_CHANGES, FORGE_DEPLOYMENT_COMMITS, FORGE_DEPLOYMENTS, OPS_DEPLOYMENT_COMMITS, OPS_DEPLOYMENTS,
    OPS_INCIDENTS, Out, PAGER_INCIDENTS, by, us,
};
use super::unit::{Style, Unit};

impl Unit {
    /// Writes deployments and incidents of which something happened before `now`.
    pub fn write_delivery(&mut self, now: i64, out: &mut Out) {
        let mut deployments = std::mem::take(&mut self.deployments);
        for deployment in &mut deployments {
            self.write_deployment(deployment, now, out);
            deployment.seen = now;
        }
        self.deployments = deployments;
        self.write_incidents(now, out);
    }

    fn write_deployment(&self, deployment: &Deployment, now: i64, out: &mut Out) {
        let fresh = |at: i64| at >= deployment.seen && at < now;
        let ops = self.knows_incidents();
        let (slot, parts) =
            if ops { (OPS_DEPLOYMENTS, OPS_DEPLOYMENT_COMMITS) } else { (FORGE_DEPLOYMENTS, FORGE_DEPLOYMENT_COMMITS) };
        let id = self.deployment_id(deployment.n);
        let done = deployment.finished < now;
        if fresh(deployment.started) || fresh(deployment.finished) {
            let kind = match self.style {
                Style::Release => "RELEASE",
                Style::OnMerge => "MERGE",
                Style::Blind if self.index.is_multiple_of(2) => "CHANGE_REQUEST",
                _ => "PIPELINE",
            };
            out.row(slot, &id, if done { deployment.finished } else { deployment.started })
                .text("service", self.service.as_deref())
                .text("repository", deployment.repository.as_deref())
                .text("project", ops.then_some(deployment.project.as_str()))
                .text("environment", deployment.environment)
                .text("tier", deployment.tier)
                .text("kind", kind)
                .text("pipeline", self.pipeline().as_str())
                .text("status", if done { deployment.status } else { "RUNNING" })
                .text("commit", deployment.commit.as_deref())
                .text("ref", deployment.reference.as_deref())
                .time("started_at", us(deployment.started))
                .time("finished_at", done.then(|| us(deployment.finished)))
                .flag("is_rollback", deployment.is_rollback)
                .flag("is_unplanned", deployment.is_unplanned);
        }
        if fresh(deployment.finished) {
            for (i, (repository, commit, finished)) in deployment.parts.iter().enumerate() {
                out.row(parts, &format!("{id}/{i}"), *finished)
                    .text("deployment", id.as_str())
                    .text("repository", repository.as_str())
                    .text("commit", commit.as_str())
                    .time("finished_at", us(*finished));
            }
            for commit in &deployment.changes {
                out.row(DEPLOYMENT_CHANGES, &format!("{id}/{}", &commit[..12]), deployment.finished)
                    .text("deployment", id.as_str())
                    .text("commit", commit.as_str());
            }
        }
        if let Some(at) = deployment.deleted.filter(|at| fresh(*at)) {
            out.bury(slot, &id, at);
        }
    }

    fn write_incidents(&mut self, now: i64, out: &mut Out) {
        let slot = if self.knows_incidents() { OPS_INCIDENTS } else { PAGER_INCIDENTS };
        for i in 0..self.incidents.len() {
            let id = self.incident_id(self.incidents[i].n);
            let incident = &mut self.incidents[i];
            let times = [Some(incident.created), Some(incident.acknowledged), incident.resolved];
            let Some(updated) = times.into_iter().flatten().filter(|at| *at < now).max() else { continue };
            if updated < incident.seen {
                continue;
            }
            let (acknowledged, resolved) = (by(now, Some(incident.acknowledged)), by(now, incident.resolved));
            let severity = ["SEV1", "SEV2", "SEV2", "SEV3", "SEV3", "SEV3"][incident.draw as usize % 6];
            let status = match (acknowledged, resolved) {
                (_, Some(_)) => "resolved",
                (Some(_), None) => "acknowledged",
                (None, None) => "triggered",
            };
            out.row(slot, &id, updated)
                .text("title", format!("Errors: {}", names::title(incident.draw)).as_str())
                .text("service", self.service.as_deref().filter(|_| incident.has_service))
                .text("project", incident.project.as_str())
                .text("severity", severity)
                .text("urgency", if severity == "SEV3" { "low" } else { "high" })
                .text("priority", severity.replace("SEV", "P").as_str())
                .text("status", status)
                .list("labels", ["production"])
                .time("created_at", us(incident.created))
                .time("acknowledged_at", acknowledged)
                .time("resolved_at", resolved)
                .text("deployment", incident.deployment.as_deref());
            incident.seen = now;
        }
    }
}
