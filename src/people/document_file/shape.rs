//! What stands in a document: entries for profiles, trees and teams. What an entry leaves out is `None`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::model::profile::{Kind, MetricValues, Value, Values, Version};
use crate::model::{Classification, Condition, Profile};
use crate::people::document::{Rules, Settings};

/// A document.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct File {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<Rules>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<ProfileEntry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trees: Vec<TreeEntry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<TeamEntry>,
}

/// A profile. Without `versions` it has one that always holds, of its own choices; where there are none either, it keeps
/// what it has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProfileEntry {
    /// Known by it where it is given, else by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, MetricValues>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub classifications: BTreeMap<String, Classification>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versions: Option<Vec<VersionEntry>>,
}

/// What a profile says from a day on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VersionEntry {
    /// None: always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, MetricValues>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub classifications: BTreeMap<String, Classification>,
}

/// An org tree.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TreeEntry {
    /// Known by it where it is given, else by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub levels: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stable_ids: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_manager: Option<bool>,
    /// `{all = []}`: everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Condition>,
    /// Names or ids of the profiles that hold for its teams, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profiles: Option<BTreeMap<Kind, String>>,
    /// Teams of the tree that the document does not name are closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complete: Option<bool>,
}

/// A team.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TeamEntry {
    /// Known by it where it is given and there, then by stable id, then by path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Name of the tree; none: the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tree: Option<String>,
    /// Where it is from the day on; the last step is its name.
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Empty: none any more; so for the manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stable_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub squad: Option<bool>,
    /// Of a squad; `{any = []}`: none any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Condition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// In place of all that the team has itself. Profiles stand by name or id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
    /// All who are members by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<MemberEntry>>,
}

/// A member, shortest as a text that says who.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum MemberEntry {
    Person(String),
    Dated(DatedMember),
}

/// A member with dates. Without `from`: since whenever it is so; who is new comes on the day of the import.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatedMember {
    pub person: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
}

impl ProfileEntry {
    /// The entry of a profile.
    pub fn of(id: &str, profile: &Profile) -> ProfileEntry {
        let version = |version: &Version| {
            let Values { parameters, metrics, classifications } = version.values.clone();
            VersionEntry { from: version.from, parameters, metrics, classifications }
        };
        ProfileEntry {
            id: Some(id.to_owned()),
            name: profile.name.clone(),
            kind: Some(profile.kind),
            versions: Some(profile.versions.iter().map(version).collect()),
            ..ProfileEntry::default()
        }
    }
}

impl MemberEntry {
    /// The same with all its fields.
    pub fn dated(self) -> DatedMember {
        match self {
            MemberEntry::Person(person) => DatedMember { person, ..DatedMember::default() },
            MemberEntry::Dated(member) => member,
        }
    }
}
