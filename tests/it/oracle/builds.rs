//! Runs of pipelines, and what metrics count of them.

use throughline::model::Dimension;

use super::choices::Choices;
use super::facts::Facts;
use super::item::Item;
use super::pulls::home;
use super::record::At;
use super::world::World;

/// A run of a pipeline.
#[derive(Debug, Clone)]
pub struct Built {
    /// Of the account.
    pub source: String,
    pub pipeline: String,
    pub branch: Option<String>,
    pub repository: Option<String>,
    pub service: Option<String>,
    pub project: Option<String>,
    pub author: Option<String>,
    pub status: &'static str,
    pub queued_at: Option<At>,
    pub started_at: Option<At>,
    pub finished_at: Option<At>,
}

/// Every run.
pub fn built(world: &World) -> Vec<Built> {
    let of = |build: &super::record::Row<super::world::Build>| {
        let own = build.own.clone();
        // The integration's own where it knows the commit, else the first by name that does.
        let commits = world.commits.iter().filter(|c| Some(&c.id) == own.commit.as_ref());
        let commit = commits.min_by_key(|c| (c.source != build.source, c.source.clone()));
        let repository = own.repository.or(commit.map(|c| c.own.repository.clone()));
        let home = repository.as_ref().and_then(|name| home(world, name));
        Built {
            source: commit.map_or(&build.source, |c| &c.source).clone(),
            service: home.and_then(|r| r.service.clone()),
            project: home.and_then(|r| r.project.clone()),
            author: commit.map(|c| c.own.author.clone()),
            pipeline: own.pipeline,
            branch: own.branch,
            repository,
            status: own.status,
            queued_at: own.queued_at,
            started_at: own.started_at,
            finished_at: own.finished_at,
        }
    };
    world.builds.iter().map(of).collect()
}

impl Facts {
    /// Runs that ended in success or failure.
    pub fn builds(&self, _: &Choices, parts: impl Fn(&Built) -> Vec<Option<f64>>) -> Vec<Item> {
        let ended = self.built.iter().filter(|b| ["SUCCESS", "FAILURE"].contains(&b.status));
        let item = |b: &Built| {
            let mut item = Item { parts: parts(b), ..Item::new(b.finished_at?, None) }
                .of(&b.source, b.author.as_ref(), None)
                .with(Dimension::Repository, b.repository.clone())
                .with(Dimension::Service, b.service.clone())
                .with(Dimension::Project, b.project.clone())
                .with(Dimension::Pipeline, [b.pipeline.clone()])
                .with(Dimension::Branch, b.branch.clone())
                .with(Dimension::Status, [b.status.to_owned()]);
            item.place = [
                ("branch", b.branch.iter().cloned().collect()),
                ("pipeline", vec![b.pipeline.clone()]),
                ("project", b.project.iter().cloned().collect()),
                ("repository", b.repository.iter().cloned().collect()),
                ("service", b.service.iter().cloned().collect()),
            ]
            .into();
            Some(item)
        };
        ended.filter_map(item).collect()
    }
}
