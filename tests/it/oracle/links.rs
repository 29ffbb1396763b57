//! Which deployment shipped a change: EXPLICIT, COMMIT, ANCESTRY, TIME, by sets of reachable commits. Leaves the
//! milestones to `facts`.

use std::collections::{BTreeMap, BTreeSet};

use super::record::{At, Row};
use super::world::{Deployment, PullRequest, World};

/// The rule that linked a change to its deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    Explicit,
    Commit,
    Ancestry,
    Time,
}

/// The commits that a deployment put out, each from one repository (unknown where the deployment names none).
pub fn carried(world: &World, deployment: &Row<Deployment>) -> Vec<(Option<String>, String)> {
    let own = deployment.own.commit.iter().map(|commit| (deployment.own.repository.clone(), commit.clone()));
    let parts = world.deployment_commits.iter().filter(|part| of(deployment, &part.source, &part.own.deployment));
    own.chain(parts.map(|part| (Some(part.own.repository.clone()), part.own.commit.clone()))).collect()
}

/// Repositories of a deployment: its own and those of its commits, each once.
pub fn repositories(world: &World, deployment: &Row<Deployment>) -> BTreeSet<String> {
    let parts = world.deployment_commits.iter().filter(|part| of(deployment, &part.source, &part.own.deployment));
    deployment.own.repository.iter().cloned().chain(parts.map(|part| part.own.repository.clone())).collect()
}

/// The deployment's service, else its repository's.
pub fn service(world: &World, deployment: &Row<Deployment>) -> Option<String> {
    let of_repository = || world.repositories.iter().find(|r| Some(&r.own.name) == deployment.own.repository.as_ref());
    deployment.own.service.clone().or_else(|| of_repository().and_then(|r| r.own.service.clone()))
}

/// The deployment's project, else its repository's.
pub fn project(world: &World, deployment: &Row<Deployment>) -> Option<String> {
    let of_repository = || world.repositories.iter().find(|r| Some(&r.own.name) == deployment.own.repository.as_ref());
    deployment.own.project.clone().or_else(|| of_repository().and_then(|r| r.own.project.clone()))
}

/// Whether it is a successful deployment to production that is known to have finished.
pub fn ships(world: &World, deployment: &Row<Deployment>) -> bool {
    let own = &deployment.own;
    own.status == "SUCCESS" && own.tier == "PRODUCTION" && finished(world, deployment).is_some()
}

/// When the deployment and all its parts had finished.
pub fn finished(world: &World, deployment: &Row<Deployment>) -> Option<At> {
    let parts = world.deployment_commits.iter().filter(|part| of(deployment, &part.source, &part.own.deployment));
    parts.filter_map(|part| part.own.finished_at).chain(deployment.own.finished_at).max()
}

/// The commits of a pull request, without its merge commit.
pub fn commits(world: &World, pull_request: &Row<PullRequest>) -> BTreeSet<String> {
    let held = world.pull_request_commits.iter().filter(|c| pull_request.key() == (&c.source, &c.own.pull_request));
    held.map(|c| c.own.commit.clone()).collect()
}

fn of(deployment: &Row<Deployment>, source: &str, id: &str) -> bool {
    deployment.key() == (source, id)
}

/// Everything reachable from a commit, itself included.
fn reachable(world: &World, from: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![from.to_owned()];
    while let Some(sha) = waiting.pop() {
        if seen.insert(sha.clone()) {
            waiting.extend(world.commits.iter().filter(|c| c.id == sha).flat_map(|c| c.own.parents.clone()));
        }
    }
    seen
}

/// What each shipping deployment brought that the one before it in its stream had not, by the deployment's key. A
/// stream is what one service, repository and environment put out, in the order of finishes.
pub fn brought(world: &World) -> BTreeMap<(String, String), BTreeSet<String>> {
    type Stream = (Option<String>, Option<String>, Option<String>);
    let mut streams: BTreeMap<Stream, Vec<(&Row<Deployment>, String)>> = BTreeMap::new();
    for deployment in world.deployments.iter().filter(|d| ships(world, d)) {
        let unique: BTreeSet<_> = carried(world, deployment).into_iter().collect();
        for (repository, commit) in unique {
            let stream = (service(world, deployment), repository, deployment.own.environment.clone());
            streams.entry(stream).or_default().push((deployment, commit));
        }
    }
    let mut brought: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for stream in streams.values_mut() {
        stream.sort_by_key(|(d, _)| (finished(world, d), d.source.clone(), d.id.clone()));
        for pair in stream.windows(2) {
            let [(_, before), (deployment, commit)] = pair else { unreachable!("windows of two") };
            let new = &reachable(world, commit) - &reachable(world, before);
            brought.entry((deployment.source.clone(), deployment.id.clone())).or_default().extend(new);
        }
    }
    brought
}

/// The deployment that shipped a merged pull request, and by which rule. Of several, the earliest started.
pub fn shipped<'a>(
    world: &'a World,
    brought: &BTreeMap<(String, String), BTreeSet<String>>,
    pull_request: &Row<PullRequest>,
) -> Option<(&'a Row<Deployment>, Rule)> {
    let merge = &pull_request.own.merge_commit;
    let mut mine = commits(world, pull_request);
    mine.extend(merge.clone());
    let explicit = |d: &Row<Deployment>| {
        world.deployment_changes.iter().any(|c| of(d, &c.source, &c.own.deployment) && mine.contains(&c.own.commit))
    };
    let commit = |d: &Row<Deployment>| carried(world, d).iter().any(|(_, sha)| mine.contains(sha));
    let ancestry = |d: &Row<Deployment>| {
        let new = brought.get(&(d.source.clone(), d.id.clone()));
        merge.as_ref().is_some_and(|sha| new.is_some_and(|new| new.contains(sha)))
    };
    let related = |d: &Row<Deployment>| {
        let home = world.repositories.iter().find(|r| r.own.name == pull_request.own.repository);
        let my_service = home.and_then(|r| r.own.service.clone());
        repositories(world, d).contains(&pull_request.own.repository)
            || (my_service.is_some() && service(world, d) == my_service)
    };
    let has_commits = |d: &Row<Deployment>| {
        !carried(world, d).is_empty() || world.deployment_changes.iter().any(|c| of(d, &c.source, &c.own.deployment))
    };
    let blind = !world.deployments.iter().any(|d| ships(world, d) && related(d) && has_commits(d));
    let after = |d: &Row<Deployment>| finished(world, d) > pull_request.own.merged_at;
    let time = |d: &Row<Deployment>| blind && related(d) && pull_request.own.merged_at.is_some() && after(d);

    type Test<'t> = &'t dyn Fn(&Row<Deployment>) -> bool;
    let rules: [(Rule, Test<'_>); 4] =
        [(Rule::Explicit, &explicit), (Rule::Commit, &commit), (Rule::Ancestry, &ancestry), (Rule::Time, &time)];
    rules.iter().find_map(|(rule, test)| {
        let matching = world.deployments.iter().filter(|d| ships(world, d) && test(d));
        let began = |d: &Row<Deployment>| d.own.started_at.or(finished(world, d));
        Some((matching.min_by_key(|d| (began(d), d.source.clone(), d.id.clone()))?, *rule))
    })
}
