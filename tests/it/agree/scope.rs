//! What metrics are asked of, and whose accounts are whose.

use throughline::model::{Dimension, Fact, Metric};
use throughline::people::Directory;

/// What a metric is asked of.
#[derive(Debug, Clone, PartialEq)]
pub enum Scope {
    Organization,
    Repository(&'static str),
    Service(&'static str),
    /// E-mail address and id.
    Contributor(&'static str, String),
    /// Path and id.
    Team(&'static str, String),
}

impl Scope {
    /// One or more of every kind: Ann has two accounts, Bob changes team, Platform has no sources.
    pub fn all(directory: &Directory) -> Vec<Scope> {
        let person = |email: &'static str| {
            let person = &directory.resolved.people[directory.resolved.by_email[email]];
            Scope::Contributor(email, person.id.clone())
        };
        let team = |path: &'static str| {
            let team = &directory.org.teams[directory.org.by_path[path][0]];
            Scope::Team(path, team.id.clone())
        };
        vec![
            Scope::Organization,
            Scope::Repository("storefront"),
            Scope::Service("payments"),
            person("ann@example.com"),
            person("bob@example.com"),
            team("engineering"),
            team("engineering/shop"),
            team("engineering/money"),
            team("engineering/platform"),
        ]
    }

    /// The field of `Query` that is the scope.
    pub fn field(&self) -> String {
        match self {
            Scope::Organization => "scope: organization".to_owned(),
            Scope::Repository(name) => format!("scope: repository(name: \"{name}\")"),
            Scope::Service(name) => format!("scope: service(name: \"{name}\")"),
            Scope::Contributor(email, _) => format!("scope: contributor(email: \"{email}\")"),
            Scope::Team(path, _) => format!("scope: team(path: \"{path}\")"),
        }
    }

    /// Whether rows of the metric's fact say whether they are of such a scope.
    pub fn has_meaning_for(&self, metric: &Metric) -> bool {
        let fact = fact(metric);
        match self {
            Scope::Organization | Scope::Team(..) => true,
            Scope::Repository(_) => fact.dimension(Dimension::Repository).is_some(),
            Scope::Service(_) => fact.dimension(Dimension::Service).is_some(),
            Scope::Contributor(..) => fact.dimension(Dimension::Contributor).is_some(),
        }
    }
}

/// The fact that a metric is of.
pub fn fact(metric: &Metric) -> &'static Fact {
    throughline::model::fact(&metric.fact).expect("a metric has a fact")
}
