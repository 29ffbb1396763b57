//! What the six delivery metrics count of changes, deployments and incidents.

use throughline::model::Dimension;

use super::choices::Choices;
use super::facts::{Change, Deployed, Facts, Trouble};
use super::item::Item;
use super::record::At;

impl Facts {
    /// Successful deployments to production.
    pub fn shipped(&self, choices: &Choices) -> Vec<Item> {
        let shipped = self.deployments.iter().filter(|d| d.counts(choices) && d.status == "SUCCESS");
        shipped.filter_map(|d| d.item(1.0)).collect()
    }

    /// The same, with failed ones where those count as failures; 1 where it failed.
    pub fn failures(&self, choices: &Choices) -> Vec<Item> {
        let failed_ones = choices.failure_signals.contains(&"FAILED_DEPLOYMENT");
        let is_in = |d: &&Deployed| d.status == "SUCCESS" || failed_ones && d.status == "FAILURE";
        let deployments = self.deployments.iter().filter(|d| d.counts(choices)).filter(is_in);
        deployments.filter_map(|d| d.item(f64::from(d.failed))).collect()
    }

    /// Finished deployments to production, 1 where they are rework.
    pub fn reworks(&self, choices: &Choices) -> Vec<Item> {
        let ended = self.deployments.iter().filter(|d| d.counts(choices) && ["SUCCESS", "FAILURE"].contains(&d.status));
        ended.filter_map(|d| d.item(f64::from(d.rework))).collect()
    }

    /// Changes that were deployed.
    pub fn lead_times(&self, choices: &Choices) -> Vec<Item> {
        let item = |c: &Change| {
            let (opened, merged) = (c.pull.opened_at, c.pull.merged_at);
            let shipped = c.shipped_at(choices);
            let all = choices.lead_time_population == "ALL_COMPLETED";
            let end = shipped.or(merged.filter(|_| all));
            let parts = vec![
                self.open(c.first_commit_at, end),
                self.open(c.first_commit_at, opened),
                self.open(opened, merged),
                self.open(merged, c.last_build_finished_at),
                self.open(c.last_build_finished_at.or(merged), shipped),
            ];
            Some(self.change_item(c, end?, parts, choices))
        };
        self.changes.iter().filter_map(item).collect()
    }

    /// Resolved incidents, for as long as since an instant.
    pub fn troubles(&self, choices: &Choices, since: impl Fn(&Trouble) -> Option<At>) -> Vec<Item> {
        let counting = self.incidents.iter().filter(|i| choices.is_in_scope(&i.severity));
        counting.filter_map(|i| i.item(self.open(since(i), i.resolved_at))).collect()
    }
}

impl Change {
    /// When the deployment that shipped it finished, if it counts as one.
    pub fn shipped_at(&self, choices: &Choices) -> Option<At> {
        let counts = choices.deployment_kinds.contains(&self.kind) && choices.is_production(&self.environment);
        self.deployed_at.filter(|_| counts)
    }
}

impl Deployed {
    /// Whether it is a deployment to production, by the profile.
    fn counts(&self, choices: &Choices) -> bool {
        self.production && choices.deployment_kinds.contains(&self.kind)
    }

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
