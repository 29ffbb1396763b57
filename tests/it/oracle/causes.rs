//! Which deployment caused an incident: EXPLICIT, ROLLBACK, LATEST. The age limit of LATEST is the metrics' choice and
//! left to `measure`.

use super::links::{finished, project, service, ships};
use super::record::{At, Row};
use super::world::{Deployment, Incident, World};

/// The rule that named the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CauseRule {
    Explicit,
    Rollback,
    Latest,
}

/// The deployment that caused an incident, and the finish that the incident was compared with.
#[derive(Debug, Clone)]
pub struct Cause<'a> {
    pub deployment: &'a Row<Deployment>,
    pub rule: CauseRule,
    pub finished_at: Option<At>,
}

/// The cause of an incident, by the first rule that finds one.
pub fn cause<'a>(world: &'a World, incident: &Row<Incident>) -> Option<Cause<'a>> {
    explicit(world, incident).or_else(|| rollback(world, incident)).or_else(|| latest(world, incident, |_| true))
}

fn explicit<'a>(world: &'a World, incident: &Row<Incident>) -> Option<Cause<'a>> {
    let named = incident.own.deployment.as_ref()?;
    let deployment = world.deployments.iter().find(|d| d.key() == (&incident.source, named))?;
    let finished_at = last_finish_before(world, deployment, incident).or(finished(world, deployment));
    Some(Cause { deployment, rule: CauseRule::Explicit, finished_at })
}

/// The incident was ended by a rollback or an unplanned deployment: what was put out before it was created is the cause.
fn rollback<'a>(world: &'a World, incident: &Row<Incident>) -> Option<Cause<'a>> {
    let ended_it = |d: &&Row<Deployment>| {
        let at = finished(world, d);
        let in_time = at > incident.own.created_at && incident.own.resolved_at.is_none_or(|end| at <= Some(end));
        ships(world, d) && mends(d) && same_service(world, d, incident) && in_time
    };
    world.deployments.iter().find(ended_it)?;
    latest(world, incident, |d| !mends(d)).map(|cause| Cause { rule: CauseRule::Rollback, ..cause })
}

fn latest<'a>(
    world: &'a World,
    incident: &Row<Incident>,
    admits: impl Fn(&Row<Deployment>) -> bool,
) -> Option<Cause<'a>> {
    let candidates =
        world.deployments.iter().filter(|d| ships(world, d) && admits(d) && same_service(world, d, incident));
    let mut dated: Vec<(At, &Row<Deployment>)> =
        candidates.filter_map(|d| Some((last_finish_before(world, d, incident)?, d))).collect();
    dated.sort_by_key(|(at, d)| (*at, d.source.clone(), d.id.clone()));
    let (at, deployment) = dated.last()?;
    Some(Cause { deployment, rule: CauseRule::Latest, finished_at: Some(*at) })
}

/// Whether the deployment was made to undo or mend something.
pub fn mends(deployment: &Row<Deployment>) -> bool {
    deployment.own.is_rollback == Some(true) || deployment.own.is_unplanned == Some(true)
}

/// Of the deployment's finishes (its own, and one for each of its commits) the last before the incident.
fn last_finish_before(world: &World, deployment: &Row<Deployment>, incident: &Row<Incident>) -> Option<At> {
    let parts = world.deployment_commits.iter().filter(|c| deployment.key() == (&c.source, &c.own.deployment));
    let finishes = parts.map(|part| part.own.finished_at).chain([deployment.own.finished_at]);
    finishes.flatten().filter(|at| Some(*at) < incident.own.created_at).max()
}

/// Same service; same project where the incident names no service.
fn same_service(world: &World, deployment: &Row<Deployment>, incident: &Row<Incident>) -> bool {
    match (&incident.own.service, &incident.own.project) {
        (Some(_), _) => service(world, deployment) == incident.own.service,
        (None, Some(_)) => project(world, deployment) == incident.own.project,
        (None, None) => false,
    }
}
