//! People, teams, settings and their history, as the API shows them. Every object holds the directory that it was read
//! from, so that all of a request's fields tell of one state: the snapshot's, an earlier one, or that after a change.

mod account;
mod activity;
mod attribute;
mod audit;
mod condition;
mod contributor;
mod import;
mod licence;
mod list;
mod matching;
mod plan;
mod query;
mod reference;
mod rules;
mod settings;
mod team;
mod tree;
mod version;
mod viewer;

pub use account::Account;
pub use activity::Activity;
pub use attribute::AttributeInput;
pub use audit::Change;
pub use condition::{Condition, ConditionInput};
pub use contributor::Contributor;
pub use import::ImportPreview;
pub use list::OrderDirection;
pub use plan::OrgTreePlan;
pub use query::PeopleQuery;
pub use reference::{contributor_key, find_contributor, find_people, find_team, find_tree, team_key, tree_key};
pub use rules::IdentityRules;
pub use team::Team;
pub use tree::OrgTree;
pub use version::ContributorVersion;
