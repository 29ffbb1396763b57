//! The countable things of delivery: changes with their milestones, deployments with their outcome, incidents with their
//! cause. What of them a metric counts is `delivery`'s, all other things have files of their own.

use std::collections::BTreeSet;

use super::builds::Built;
use super::causes::{Cause, CauseRule, cause, mends};
use super::choices::Choices;
use super::coding::{Coded, coded};
use super::links::{Rule, brought, finished, project, repositories, service, shipped, ships};
use super::pulls::{Pull, Reviewed, pull, reviewed};
use super::record::Cell;
use super::record::{At, Row};
use super::rest::{Closed, Rest, open_seconds};
use super::rework::{Touched, touched};
use super::sprints::{Planned, planned};
use super::work::{Work, work};
use super::world::{PullRequest, World};

/// A merged pull request and the instants that bound its stages.
#[derive(Debug, Clone)]
pub struct Change {
    pub pull: Pull,
    pub first_commit_at: Option<At>,
    pub last_build_finished_at: Option<At>,
    pub deployed_at: Option<At>,
    pub deployment: Option<Key>,
    pub environment: Option<String>,
    /// Kind of the deployment.
    pub kind: &'static str,
    pub rule: Option<Rule>,
}

/// A deployment to any environment, and what came of it.
#[derive(Debug, Clone)]
pub struct Deployed {
    pub key: Key,
    pub repositories: Vec<String>,
    pub service: Option<String>,
    pub project: Option<String>,
    pub environment: Option<String>,
    pub pipeline: Option<String>,
    pub branch: Option<String>,
    /// Labels of the changes that it shipped.
    pub labels: Vec<String>,
    pub production: bool,
    pub kind: &'static str,
    pub status: &'static str,
    pub finished_at: Option<At>,
    /// Successful, to production, and an incident that is surely its fault, or began within 7 days of its finish.
    pub failed: bool,
    /// Made to mend what users saw.
    pub rework: bool,
}

/// An incident and, where one is known, the deployment that caused it.
#[derive(Debug, Clone)]
pub struct Trouble {
    pub key: Key,
    pub service: Option<String>,
    pub project: Option<String>,
    pub severity: Option<String>,
    pub labels: Vec<String>,
    pub repositories: Vec<String>,
    pub environment: Option<String>,
    pub created_at: Option<At>,
    pub resolved_at: Option<At>,
    pub cause: Option<Key>,
    pub rule: Option<CauseRule>,
    /// The finish that it was compared with, however long before.
    pub compared_at: Option<At>,
    /// The finish of the deployment that is blamed, where it is not too old to be.
    pub broken_at: Option<At>,
}

/// Source and id.
pub type Key = (String, String);

/// All facts of a world.
#[derive(Debug, Clone)]
pub struct Facts {
    pub changes: Vec<Change>,
    pub deployments: Vec<Deployed>,
    pub incidents: Vec<Trouble>,
    pub pulls: Vec<Pull>,
    pub reviewed: Vec<Reviewed>,
    pub coded: Vec<Coded>,
    pub touched: Vec<Touched>,
    pub built: Vec<Built>,
    pub work: Vec<Work>,
    pub planned: Vec<Planned>,
    /// The first and the last instant of anything.
    reach: Option<(At, At)>,
    /// When nobody works: durations leave it out.
    pub closed: Closed,
}

/// The facts of what a world looks like when all has come in, with the default choices.
pub fn facts(versions: &World) -> Facts {
    facts_by(versions, &Choices::default())
}

/// The facts of what a world looks like when all has come in.
pub fn facts_by(versions: &World, choices: &Choices) -> Facts {
    let world = &versions.latest();
    let brought = brought(world);
    let merged = world.pull_requests.iter().filter(|p| p.own.state == "MERGED");
    let changes: Vec<Change> = merged
        .map(|pull_request| {
            let link = shipped(world, &brought, pull_request);
            change(world, pull_request, link.map(|(d, rule)| (d.key(), finished(world, d), rule)))
        })
        .collect();
    let causes: Vec<Option<Cause<'_>>> = world.incidents.iter().map(|incident| cause(world, incident)).collect();
    let cells = world.tables().into_iter().flat_map(|(_, rows)| rows).flatten();
    let instants: Vec<At> =
        cells.filter_map(|(_, cell)| if let Cell::At(at) = cell { Some(at) } else { None }).collect();
    Facts {
        deployments: deployments(world, &changes, &causes, choices),
        incidents: incidents(world, &causes, choices),
        changes,
        pulls: world.pull_requests.iter().map(|p| pull(world, p)).collect(),
        reviewed: reviewed(world),
        coded: coded(world),
        touched: touched(world),
        built: super::builds::built(world),
        work: work(world),
        planned: planned(world),
        reach: instants.iter().min().copied().zip(instants.iter().max().copied()),
        closed: Closed::new(),
    }
}

impl Facts {
    /// The same facts where nobody works on days of rest in a zone.
    pub fn resting(mut self, rest: &Rest, zone: chrono_tz::Tz) -> Facts {
        self.closed = self.reach.map_or(Closed::new(), |(first, last)| rest.closed(zone, first, last));
        self
    }

    /// Seconds of work from one instant to another.
    pub fn open(&self, from: Option<At>, to: Option<At>) -> Option<f64> {
        open_seconds(from, to, &self.closed)
    }
}

/// Whether a login of a source is a bot's.
pub fn is_bot(world: &World, source: &str, login: &str) -> bool {
    let accounts = world.accounts.iter().filter(|a| a.source == source && a.own.login == login);
    login.ends_with("[bot]") || accounts.map(|a| a.own.kind).any(|kind| kind == Some("BOT"))
}

type Link<'a> = ((&'a str, &'a str), Option<At>, Rule);

fn change(world: &World, pull_request: &Row<PullRequest>, link: Option<Link<'_>>) -> Change {
    let own = &pull_request.own;
    let held = world.pull_request_commits.iter().filter(|c| pull_request.key() == (&c.source, &c.own.pull_request));
    let authored = |sha: &str| world.commits.iter().find(|c| c.id == sha).and_then(|c| c.own.authored_at);
    let first_authored = held.filter_map(|c| c.own.authored_at.or_else(|| authored(&c.own.commit))).min();
    let deployed_at = link.and_then(|(_, finish, _)| finish);
    let builds = world.builds.iter().filter(|b| {
        own.merge_commit.is_some() && b.own.commit == own.merge_commit && ["SUCCESS", "FAILURE"].contains(&b.own.status)
    });
    let in_time = |at: &At| deployed_at.is_none_or(|deployed| *at <= deployed);
    let deployment_key = link.map(|((source, id), ..)| (source.to_owned(), id.to_owned()));
    let deployment = world.deployments.iter().find(|d| deployment_key == Some(key_of(d)));
    Change {
        pull: pull(world, pull_request),
        first_commit_at: own.first_commit_at.or(first_authored),
        last_build_finished_at: builds.filter_map(|b| b.own.finished_at).filter(in_time).max(),
        deployed_at,
        environment: deployment.and_then(|d| d.own.environment.clone()),
        kind: deployment.and_then(|d| d.own.kind).unwrap_or("PIPELINE"),
        deployment: deployment_key,
        rule: link.map(|(.., rule)| rule),
    }
}

fn deployments(world: &World, changes: &[Change], causes: &[Option<Cause<'_>>], choices: &Choices) -> Vec<Deployed> {
    let incident_ids: BTreeSet<&String> = world.incidents.iter().map(|i| &i.id).collect();
    let fact = |deployment| {
        let mine = key_of(deployment);
        let blamed = world.incidents.iter().zip(causes).any(|(incident, cause)| {
            let cause = cause.as_ref().filter(|cause| key_of(cause.deployment) == mine);
            let cause = cause.filter(|_| choices.is_in_scope(&incident.own.severity));
            cause.is_some_and(|cause| {
                let age = seconds(cause.finished_at, incident.own.created_at);
                cause.rule != CauseRule::Latest || age.is_some_and(|age| age <= choices.incident_max_age_seconds)
            })
        });
        let shipped: Vec<&Pull> =
            changes.iter().filter(|c| c.deployment.as_ref() == Some(&mine)).map(|c| &c.pull).collect();
        let rework = shipped.iter().any(|c| {
            c.labels.iter().any(|label| label.eq_ignore_ascii_case("hotfix"))
                || c.head_branch.as_ref().is_some_and(|branch| is_hotfix(branch))
                || c.issues.iter().any(|issue| incident_ids.contains(issue))
        });
        Deployed {
            key: mine,
            repositories: repositories(world, deployment).into_iter().collect(),
            service: service(world, deployment),
            project: project(world, deployment),
            environment: deployment.own.environment.clone(),
            pipeline: deployment.own.pipeline.clone(),
            branch: deployment.own.r#ref.clone(),
            labels: shipped.iter().flat_map(|c| c.labels.clone()).collect(),
            production: deployment.own.tier == "PRODUCTION" && choices.is_production(&deployment.own.environment),
            kind: deployment.own.kind.unwrap_or("PIPELINE"),
            status: deployment.own.status,
            finished_at: finished(world, deployment),
            failed: choices.failure_signals.contains(&"INCIDENT") && ships(world, deployment) && blamed
                || choices.failure_signals.contains(&"FAILED_DEPLOYMENT") && deployment.own.status == "FAILURE",
            rework: mends(deployment) || rework || deployment.own.r#ref.as_ref().is_some_and(|name| is_hotfix(name)),
        }
    };
    world.deployments.iter().map(fact).collect()
}

fn incidents(world: &World, causes: &[Option<Cause<'_>>], choices: &Choices) -> Vec<Trouble> {
    let of_service = |service: &Option<String>| {
        let theirs = world.repositories.iter().filter(|r| service.is_some() && r.own.service == *service);
        theirs.map(|r| r.own.name.clone()).collect::<BTreeSet<_>>()
    };
    let fact = |(incident, cause): (&Row<super::world::Incident>, &Option<Cause<'_>>)| {
        let cause = cause.as_ref();
        let young = cause.filter(|cause| {
            let age = seconds(cause.finished_at, incident.own.created_at);
            cause.rule != CauseRule::Latest || age.is_some_and(|age| age <= choices.incident_max_age_seconds)
        });
        let mut touched = cause.map_or_else(BTreeSet::new, |c| repositories(world, c.deployment));
        if touched.is_empty() {
            touched = of_service(&incident.own.service);
        }
        Trouble {
            key: key_of(incident),
            cause: cause.map(|cause| key_of(cause.deployment)),
            compared_at: cause.and_then(|cause| cause.finished_at),
            service: incident.own.service.clone(),
            project: incident.own.project.clone(),
            severity: incident.own.severity.clone(),
            labels: incident.own.labels.clone(),
            repositories: touched.into_iter().collect(),
            environment: cause.and_then(|cause| cause.deployment.own.environment.clone()),
            created_at: incident.own.created_at,
            resolved_at: incident.own.resolved_at,
            rule: cause.map(|cause| cause.rule),
            broken_at: young.and_then(|cause| cause.finished_at),
        }
    };
    world.incidents.iter().zip(causes).map(fact).collect()
}

/// Seconds from one instant to another, where both are known.
pub fn seconds(from: Option<At>, to: Option<At>) -> Option<f64> {
    Some((to?.timestamp_micros() - from?.timestamp_micros()) as f64 / 1e6)
}

pub fn key_of<T>(row: &Row<T>) -> Key {
    (row.source.clone(), row.id.clone())
}

/// Whether a branch or ref is one for mending production.
fn is_hotfix(name: &str) -> bool {
    name.to_lowercase().starts_with("hotfix")
}
