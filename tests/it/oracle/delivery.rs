//! What the six delivery metrics count of changes, deployments and incidents.

use throughline::model::Dimension;

use super::choices::Choices;
use super::facts::{Deployed, Facts, Trouble};
use super::item::Item;
use super::record::At;

impl Facts {
    /// Successful deployments to production.
    pub fn shipped(&self, _: &Choices, value: impl Fn(&Deployed) -> f64) -> Vec<Item> {
        let shipped = self.deployments.iter().filter(|d| d.production && d.status == "SUCCESS");
        shipped.filter_map(|d| d.item(value(d))).collect()
    }

    /// Finished deployments to production, 1 where they are rework.
    pub fn reworks(&self, _: &Choices) -> Vec<Item> {
        let ended = self.deployments.iter().filter(|d| d.production && ["SUCCESS", "FAILURE"].contains(&d.status));
        ended.filter_map(|d| d.item(f64::from(d.rework))).collect()
    }

    /// Changes that were deployed.
    pub fn lead_times(&self, choices: &Choices) -> Vec<Item> {
        let item = |c: &super::facts::Change| {
            let (opened, merged) = (c.pull.opened_at, c.pull.merged_at);
            let parts = vec![
                self.open(c.first_commit_at, c.deployed_at),
                self.open(c.first_commit_at, opened),
                self.open(opened, merged),
                self.open(merged, c.last_build_finished_at),
                self.open(c.last_build_finished_at.or(merged), c.deployed_at),
            ];
            Some(self.change_item(c, c.deployed_at?, parts, choices))
        };
        self.changes.iter().filter_map(item).collect()
    }

    /// Resolved incidents, for as long as since an instant.
    pub fn troubles(&self, _: &Choices, since: impl Fn(&Trouble) -> Option<At>) -> Vec<Item> {
        self.incidents.iter().filter_map(|i| i.item(self.open(since(i), i.resolved_at))).collect()
    }
}

impl Deployed {
    fn item(&self, value: f64) -> Option<Item> {
        let mut item = Item::new(self.finished_at?, Some(value))
            .with(Dimension::Repository, self.repositories.clone())
            .with(Dimension::Service, self.service.clone())
            .with(Dimension::Project, self.project.clone())
            .with(Dimension::Environment, self.environment.clone())
            .with(Dimension::Pipeline, self.pipeline.clone())
            .with(Dimension::Branch, self.branch.clone());
        item.place = [
            ("branch", self.branch.iter().cloned().collect()),
            ("environment", self.environment.iter().cloned().collect()),
            ("label", self.labels.clone()),
            ("pipeline", self.pipeline.iter().cloned().collect()),
            ("project", self.project.iter().cloned().collect()),
            ("repository", self.repositories.clone()),
            ("service", self.service.iter().cloned().collect()),
        ]
        .into();
        Some(item)
    }
}

impl Trouble {
    fn item(&self, value: Option<f64>) -> Option<Item> {
        let mut item = Item::new(self.resolved_at?, value)
            .with(Dimension::Repository, self.repositories.clone())
            .with(Dimension::Service, self.service.clone())
            .with(Dimension::Project, self.project.clone())
            .with(Dimension::Environment, self.environment.clone());
        item.place = [
            ("label", self.labels.clone()),
            ("project", self.project.iter().cloned().collect()),
            ("repository", self.repositories.clone()),
            ("service", self.service.iter().cloned().collect()),
        ]
        .into();
        Some(item)
    }
}
