//! What metrics are asked of, and whose accounts are whose.

use serde_json::{Value, json};
use throughline::model::{Dimension, Metric};

use crate::server::Server;

/// What a metric is asked of.
#[derive(Debug, Clone, PartialEq)]
pub enum Scope {
    Organization,
    Repository(&'static str),
    Service(&'static str),
    /// By global id.
    Contributor(String),
    /// By path.
    Team(&'static str),
}

/// A contributor's accounts.
#[derive(Debug, Clone)]
pub struct Person {
    /// Global id.
    pub id: String,
    pub email: Option<String>,
    /// Source and login.
    pub accounts: Vec<(String, String)>,
}

impl Scope {
    /// One or more of every kind: Ann has two accounts, Bob changes team, Platform has no sources.
    pub fn all(people: &[Person]) -> Vec<Scope> {
        let person = |email: &str| {
            let person = people.iter().find(|person| person.email.as_deref() == Some(email)).expect("a contributor");
            Scope::Contributor(person.id.clone())
        };
        vec![
            Scope::Organization,
            Scope::Repository("storefront"),
            Scope::Service("payments"),
            person("ann@example.com"),
            person("bob@example.com"),
            Scope::Team("engineering"),
            Scope::Team("engineering/shop"),
            Scope::Team("engineering/money"),
            Scope::Team("engineering/platform"),
        ]
    }

    /// The field of `Query` that is the scope.
    pub fn field(&self) -> String {
        match self {
            Scope::Organization => "scope: organization".to_owned(),
            Scope::Repository(name) => format!("scope: repository(name: \"{name}\")"),
            Scope::Service(name) => format!("scope: service(name: \"{name}\")"),
            Scope::Contributor(id) => format!("scope: contributor(id: \"{id}\")"),
            Scope::Team(path) => format!("scope: team(path: \"{path}\")"),
        }
    }

    /// Whether rows of the metric's fact say whether they are of such a scope.
    pub fn has_meaning_for(&self, metric: &Metric) -> bool {
        let fact = throughline::model::fact(&metric.fact).expect("a metric has a fact");
        match self {
            Scope::Organization | Scope::Team(_) => true,
            Scope::Repository(_) => fact.dimension(Dimension::Repository).is_some(),
            Scope::Service(_) => fact.dimension(Dimension::Service).is_some(),
            Scope::Contributor(_) => fact.dimension(Dimension::Contributor).is_some(),
        }
    }
}

/// Everybody, as the server knows them.
pub async fn people(server: &Server) -> Vec<Person> {
    let query = "{ contributors(first: 100) { nodes { id email accounts { source login } } } }";
    let answer = server.graphql(query, json!({})).await;
    let nodes = answer["data"]["contributors"]["nodes"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let account = |account: &Value| (text(&account["source"]).unwrap(), text(&account["login"]).unwrap());
    let person = |node: &Value| Person {
        id: text(&node["id"]).unwrap(),
        email: text(&node["email"]),
        accounts: node["accounts"].as_array().unwrap().iter().map(account).collect(),
    };
    nodes.iter().map(person).collect()
}
