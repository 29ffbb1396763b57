//! A unit: a service with its repositories, its pipeline, its tracker project and its board. Units know nothing of
//! each other, so that a month of many units can be simulated side by side with the same result.

use std::collections::BTreeMap;

use super::calendar::DAY;
use super::change::{Change, Manners};
use super::delivery::{Deployment, Due};
use super::names;
use super::out::{Out, REPOSITORIES};
use super::people::{Organisation, home_zone};
use super::random::{Chance, sha};
use super::repair::Incident;
use super::tickets::Ticket;

/// The name that repositories are below.
const OWNER: &str = "orbel";

/// How a unit deploys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A pipeline for each repository; the deployment carries the commit.
    Pipeline,
    /// One deployment for all repositories, with a commit for each.
    Combined,
    /// A pipeline that also lists what it shipped.
    Listed,
    /// Tagged releases every week or two.
    Release,
    /// Deployed at once when merged.
    OnMerge,
    /// Change requests, or a tool that knows no commits.
    Blind,
    /// A library: nothing is deployed.
    Nothing,
}

/// A unit and what is under way in it. Times are seconds UTC.
#[derive(Debug, Clone)]
pub struct Unit {
    pub index: usize,
    pub chance: Chance,
    /// When it begins.
    pub born: i64,
    pub name: String,
    /// The same; `None` for libraries.
    pub service: Option<String>,
    pub project: String,
    /// Key of its tracker project.
    pub key: String,
    pub zone: u8,
    pub style: Style,
    pub manners: Manners,
    /// Production environments.
    pub regions: Vec<&'static str>,
    /// Share of production deployments that break something.
    pub breaks: f64,
    pub has_sprints: bool,
    pub repositories: Vec<Repository>,
    pub tickets: Vec<Ticket>,
    pub next_ticket: u32,
    pub deployments: Vec<Deployment>,
    pub next_deployment: u32,
    pub incidents: Vec<Incident>,
    pub next_incident: u32,
    /// Deployments to come, by time.
    pub due: BTreeMap<(i64, u32), Due>,
    /// Merges since the last planned deployment, and how many the next one waits for.
    pub waiting: usize,
    pub patience: usize,
    pub last_deployment: i64,
    /// What production runs, and what it ran before: a commit for each repository.
    pub live: Vec<(String, String)>,
    pub before: Vec<(String, String)>,
    /// Merges of people's changes in the month that is simulated: whose, and when.
    pub merged: Vec<(u32, i64)>,
}

/// A repository and what is under way in it.
#[derive(Debug, Clone)]
pub struct Repository {
    pub index: u32,
    pub name: String,
    /// Its row is to be written again.
    pub changed: bool,
    /// Merges are squashed.
    pub squashes: bool,
    /// A robot comments on every pull request.
    pub has_robot: bool,
    pub next_commit: u32,
    pub next_number: u32,
    pub next_build: u32,
    /// The default branch since the month's start, and the commit before that: time and sha.
    pub mainline: Vec<(i64, String)>,
    pub changes: Vec<Change>,
    pub builds: Vec<Build>,
    /// Shas merged since the last successful production deployment.
    pub undeployed: Vec<String>,
}

/// A run of continuous integration.
#[derive(Debug, Clone)]
pub struct Build {
    pub n: u32,
    pub commit: String,
    pub branch: String,
    pub success: bool,
    pub queued: i64,
    pub started: i64,
    pub finished: i64,
    pub seen: i64,
}

impl Unit {
    /// The `index`th unit, which begins at `born` with `repositories`.
    pub fn new(seed: u64, index: usize, project: String, repositories: std::ops::Range<u32>, born: i64) -> Unit {
        let mut chance = Chance::new(seed, index as u64 + 10);
        let style = match chance.index(100) {
            0..36 => Style::Pipeline,
            36..52 => Style::Combined,
            52..64 => Style::Listed,
            64..74 => Style::Release,
            74..80 => Style::OnMerge,
            80..95 => Style::Blind,
            _ => Style::Nothing,
        };
        let name = names::service(index);
        let several = repositories.len() > 1;
        let repositories = repositories
            .enumerate()
            .map(|(i, repository)| {
                let name = if several { format!("{OWNER}/{name}-{}", i + 1) } else { format!("{OWNER}/{name}") };
                Repository::new(seed, &mut chance, repository, name, born)
            })
            .collect();
        let manners = Manners {
            drafts: chance.between(0.02, 0.25),
            unreviewed: chance.between(0.03, 0.22),
            review_hours: chance.around(3.2, 0.6),
            closed: chance.between(0.02, 0.09),
        };
        Unit {
            index,
            born,
            service: (style != Style::Nothing).then(|| name.clone()),
            name,
            project,
            key: names::key(index),
            zone: home_zone(index),
            style,
            manners,
            regions: if chance.happens(0.25) { vec!["prod-eu", "prod-us"] } else { vec!["production"] },
            breaks: chance.around(0.045, 0.5).min(0.2),
            has_sprints: chance.happens(0.6),
            repositories,
            tickets: Vec::new(),
            next_ticket: 1,
            deployments: Vec::new(),
            next_deployment: 1,
            incidents: Vec::new(),
            next_incident: 1,
            due: BTreeMap::new(),
            waiting: 0,
            patience: 1 + chance.count(5.0),
            last_deployment: born,
            live: Vec::new(),
            before: Vec::new(),
            merged: Vec::new(),
            chance,
        }
    }

    /// Simulates `[from, until)` (seconds) and writes what happened in it, and what changed of what happened before.
    pub fn month(&mut self, org: &Organisation, from: i64, until: i64, out: &mut Out) {
        self.write_repositories(org.seed, from, out);
        self.begin_work(org, from, until);
        self.deliver(org, from, until);
        self.write_changes(org, until, out);
        self.write_delivery(until, out);
        self.write_tickets(org, until, out);
        self.write_sprints(from, until, out);
        self.forget(from, until);
    }

    /// The pipeline that deploys it.
    pub fn pipeline(&self) -> String {
        format!("deploy {}", self.key)
    }

    /// Drops all that is over and written.
    fn forget(&mut self, from: i64, until: i64) {
        self.tickets.retain(|ticket| !ticket.is_over(until));
        self.deployments.retain(|deployment| !deployment.is_over(until));
        self.incidents.retain(|incident| !incident.is_over(until));
        for repository in &mut self.repositories {
            repository.changes.retain(|change| !change.is_over(until));
            repository.builds.retain(|build| build.finished >= until);
            let old = repository.mainline.partition_point(|(at, _)| *at < from);
            repository.mainline.drain(..old.saturating_sub(1));
        }
    }

    fn write_repositories(&mut self, seed: u64, from: i64, out: &mut Out) {
        for repository in self.repositories.iter_mut().filter(|repository| repository.changed) {
            if repository.next_commit == 1 {
                repository.write_root(seed, out);
            }
            repository.changed = false;
            out.row(REPOSITORIES, &repository.id(), from)
                .text("name", repository.name.as_str())
                .text("default_branch", "main")
                .text("service", self.service.as_deref())
                .text("project", self.project.as_str());
        }
    }
}

impl Repository {
    fn new(seed: u64, chance: &mut Chance, index: u32, name: String, born: i64) -> Repository {
        Repository {
            index,
            name,
            changed: true,
            squashes: chance.happens(0.55),
            has_robot: chance.happens(0.3),
            next_commit: 1,
            next_number: 1,
            next_build: 1,
            mainline: vec![(born - 30 * DAY, sha(seed, index, 0))],
            changes: Vec::new(),
            builds: Vec::new(),
            undeployed: Vec::new(),
        }
    }

    pub fn id(&self) -> String {
        format!("r{}", self.index + 1)
    }

    /// The tip of the default branch at a moment of this month.
    pub fn tip(&self, at: i64) -> &str {
        let after = self.mainline.partition_point(|(time, _)| *time <= at);
        &self.mainline[after.saturating_sub(1)].1
    }

    pub fn commit_number(&mut self) -> u32 {
        self.next_commit += 1;
        self.next_commit - 1
    }
}
