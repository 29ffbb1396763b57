//! All documents at one state: what the edits up to there made of them. Cheap to clone; a draft of a change is a clone
//! that remembers what was put into it.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::document::{
    AccountDecision, Contributor, IDENTITY_RULES, Kind, Memberships, OrgTree, Rules, Settings, Team, Version,
};
use crate::model::Profile;

/// Documents of one kind, by key.
pub type Map<T> = BTreeMap<String, Arc<T>>;

/// Every document.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// Number of the last change that is in it; 0: none.
    pub seq: i64,
    pub contributors: Map<Contributor>,
    pub accounts: Map<AccountDecision>,
    pub memberships: Map<Memberships>,
    pub trees: Map<OrgTree>,
    pub teams: Map<Team>,
    pub settings: Map<Settings>,
    pub rules: Map<Rules>,
    pub versions: Map<Version>,
    pub profiles: Map<Profile>,
}

/// A document that is kept in [`Records`].
pub trait Document: Serialize + DeserializeOwned + PartialEq + Sized {
    const KIND: Kind;
    fn map(records: &Records) -> &Map<Self>;
    fn map_mut(records: &mut Records) -> &mut Map<Self>;
}

macro_rules! documents {
    ($($kind:ident $type:ident $field:ident),* $(,)?) => {
        $(impl Document for $type {
            const KIND: Kind = Kind::$kind;
            fn map(records: &Records) -> &Map<Self> { &records.$field }
            fn map_mut(records: &mut Records) -> &mut Map<Self> { &mut records.$field }
        })*

        impl Records {
            /// Puts a document as it is stored, or removes it (`None`).
            pub fn apply(&mut self, kind: Kind, key: &str, value: Option<&str>) -> Result<()> {
                match kind { $(Kind::$kind => put::<$type>(self, key, value)),* }
            }

            /// A document as it is stored; `None`: there is none.
            pub fn stored(&self, kind: Kind, key: &str) -> Result<Option<String>> {
                match kind { $(Kind::$kind => Ok(self.$field.get(key).map(|d| serde_json::to_string(d.as_ref())).transpose()?)),* }
            }
        }
    };
}

documents! {
    Contributor Contributor contributors,
    Account AccountDecision accounts,
    Membership Memberships memberships,
    OrgTree OrgTree trees,
    Team Team teams,
    Settings Settings settings,
    Rules Rules rules,
    Version Version versions,
    Profile Profile profiles,
}

impl Records {
    /// The rules of identity matching; the defaults where none were set.
    pub fn identity_rules(&self) -> Rules {
        self.rules.get(IDENTITY_RULES).map(|rules| Rules::clone(rules)).unwrap_or_default()
    }
}

fn put<T: Document>(records: &mut Records, key: &str, value: Option<&str>) -> Result<()> {
    match value {
        None => {
            T::map_mut(records).remove(key);
        }
        Some(text) => {
            let document =
                serde_json::from_str(text).with_context(|| format!("{} {key:?} cannot be read", T::KIND.name()))?;
            T::map_mut(records).insert(key.to_owned(), Arc::new(document));
        }
    }
    Ok(())
}
