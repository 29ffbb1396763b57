//! People, teams, settings and their history, as the API shows them. Every object holds the directory that it was read
//! from, so that all of a request's fields tell of one state: the snapshot's, an earlier one, or that after a change.

mod account;
mod activity;
mod attribute;
mod audit;
mod condition;
mod contributor;
mod list;
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
pub use contributor::Contributor;
pub use query::PeopleQuery;
pub use team::Team;
pub use tree::OrgTree;
