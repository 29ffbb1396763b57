//! The documents that people and settings consist of, as they are stored: each is a JSON value under a kind and a key.
//! What they mean together is `directory`'s business.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::model::Condition;
use crate::model::profile;

/// Kinds of documents, as `edits.kind` spells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(name = "DocumentKind")]
pub enum Kind {
    /// A person; key: contributor id.
    Contributor,
    /// A decision on an account; key: `source/login` (the source has no slash).
    Account,
    /// When a person was in which team; key: contributor id.
    Membership,
    /// An org tree; key: tree id.
    OrgTree,
    /// A node of an org tree; key: team id.
    Team,
    /// The settings of a team; key: team id.
    Settings,
    /// The rules of identity matching; key: `identity`.
    Rules,
    /// An approved import of contributors; key: the number of the change, which is the version's number.
    Version,
    /// What an organisation says of its metrics; key: profile id.
    Profile,
}

/// A registered person.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Contributor {
    pub name: String,
    /// The first is the main one. Lower case, trimmed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<String>,
    /// Id in the customer's own books (employee number), unique where given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Contributor id of the manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Attribute>,
    /// First day with the organisation; none: always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts: Option<NaiveDate>,
    /// The day after the last one; none: still there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<NaiveDate>,
    /// Said by hand; none: the rules say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_bot: Option<bool>,
    /// No rule adds accounts to it or takes them away.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub locked: bool,
    /// The contributor id that this one was merged into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<String>,
}

/// The value of a custom attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Attribute {
    Text(String),
    Number(f64),
    Date(NaiveDate),
    Boolean(bool),
}

/// What was decided by hand about an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountDecision {
    /// Contributor id that it belongs to; none: the rules say, unless `alone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contributor: Option<String>,
    /// It is a person of its own, whatever the rules say; with a contributor: that one's, but no rule ties others to it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub alone: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_bot: Option<bool>,
    /// `contributor` was written by locking it; unlocking takes it back.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub by_lock: bool,
}

/// When a person was in which teams. Spans of one team do not overlap.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Memberships {
    pub spans: Vec<Membership>,
}

/// A time in a team.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    /// Team id.
    pub team: String,
    /// First day; none: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The day after the last one; none: still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// A shared member has a home elsewhere. Work counts in both.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// Set by hand: a build of the org tree leaves it alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub manual: bool,
}

/// An org tree and how it is built.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrgTree {
    pub name: String,
    /// Attributes whose values are the upper levels, from the top.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<String>,
    /// Level -> the attribute that holds the stable id of its teams, by which a build recognises them when they are renamed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub stable_ids: BTreeMap<String, String>,
    /// Below the levels, a node for each manager with reports, as deep as the reporting lines go.
    pub by_manager: bool,
    /// Who is in the tree, by attributes; none: every registered contributor that is not a bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Condition>,
    /// Trees are listed in this order; the first is the default.
    pub order: u32,
    /// Ids of the profiles that hold for its teams; what is none is built in. The default tree's hold for all that is no team.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub profiles: BTreeMap<profile::Kind, String>,
}

/// A node of an org tree.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Team {
    /// Org tree id.
    pub tree: String,
    pub name: String,
    /// What a build of the tree recognises it by, first: an id that the customer gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stable_id: Option<String>,
    /// Contributor id of the manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<String>,
    /// A team across the reporting lines, kept by hand; builds of the tree leave it alone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub squad: bool,
    /// Who is in the squad beside those listed, by attributes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Condition>,
    /// Under which team it was, and when. At a time in no span it stands at the top.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<Placement>,
    /// First day; none: always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The day after the last one; none: still there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
}

/// A time under another team.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// Team id.
    pub parent: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
}

/// The settings of a team. What is none is inherited from the team above.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Which rows are the team's, by `model::attribution::SOURCE_FIELDS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sources: Option<Condition>,
    /// Metric name -> whether only the work of the team's people counts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub people_filter: BTreeMap<String, bool>,
    /// Ids of profiles; of those that are built in, the names of their kinds.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub profiles: BTreeMap<profile::Kind, String>,
}

/// How accounts are matched to people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    pub by_email: bool,
    /// Groups of sources in which the same login is the same person.
    pub same_logins: Vec<Vec<String>>,
    /// By exact full name, where only one person and one account of a source have it.
    pub by_name: bool,
    /// Regular expressions; an account whose whole login or name fits is a bot.
    pub bots: Vec<String>,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { by_email: true, same_logins: Vec::new(), by_name: true, bots: Vec::new() }
    }
}

/// An approved import of contributors, or a restored earlier version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// REPLACE, MERGE or RESTORE.
    pub mode: String,
    /// Name of the file, or the version that was restored.
    pub origin: String,
    /// Id of the import; a restored version has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<String>,
    pub at: DateTime<Utc>,
    pub rows: u64,
    pub added: u64,
    pub changed: u64,
    pub removed: u64,
    pub unchanged: u64,
}

impl Kind {
    pub const ALL: [Kind; 9] = [
        Kind::Contributor,
        Kind::Account,
        Kind::Membership,
        Kind::OrgTree,
        Kind::Team,
        Kind::Settings,
        Kind::Rules,
        Kind::Version,
        Kind::Profile,
    ];

    /// The word in `edits.kind`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Contributor => "CONTRIBUTOR",
            Kind::Account => "ACCOUNT",
            Kind::Membership => "MEMBERSHIP",
            Kind::OrgTree => "ORG_TREE",
            Kind::Team => "TEAM",
            Kind::Settings => "SETTINGS",
            Kind::Rules => "RULES",
            Kind::Version => "VERSION",
            Kind::Profile => "PROFILE",
        }
    }
}

/// The key of the one document of kind [`Kind::Rules`].
pub const IDENTITY_RULES: &str = "identity";

/// The key of an account's document.
pub fn account_key(source: &str, login: &str) -> String {
    format!("{source}/{login}")
}

/// Source and login of an account's key.
pub fn account_of_key(key: &str) -> Option<(&str, &str)> {
    key.split_once('/')
}
