//! Global ids, and `Node`: anything that has one.

use async_graphql::{ID, Interface};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::ingestion::Ingestion;
use super::people::{Contributor, OrgTree, Team};
use super::profile::Profile;
use super::scopes::{Organization, Repository, Service};

/// Anything with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Global id."))]
#[allow(clippy::large_enum_variant)]
pub enum Node {
    Organization(Organization),
    Repository(Repository),
    Service(Service),
    Contributor(Contributor),
    Team(Team),
    OrgTree(OrgTree),
    Profile(Profile),
    Ingestion(Ingestion),
}

/// What an id is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Organization,
    Repository,
    Service,
    Contributor,
    Team,
    OrgTree,
    Profile,
    Ingestion,
}

/// A global id: a kind and a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalId {
    pub kind: Kind,
    pub key: String,
}

impl Kind {
    const ALL: [Kind; 8] = [
        Kind::Organization,
        Kind::Repository,
        Kind::Service,
        Kind::Contributor,
        Kind::Team,
        Kind::OrgTree,
        Kind::Profile,
        Kind::Ingestion,
    ];

    fn name(self) -> &'static str {
        match self {
            Kind::Organization => "Organization",
            Kind::Repository => "Repository",
            Kind::Service => "Service",
            Kind::Contributor => "Contributor",
            Kind::Team => "Team",
            Kind::OrgTree => "OrgTree",
            Kind::Profile => "Profile",
            Kind::Ingestion => "Ingestion",
        }
    }
}

impl GlobalId {
    pub fn new(kind: Kind, key: &str) -> GlobalId {
        GlobalId { kind, key: key.to_owned() }
    }

    /// The id as clients see it: opaque, and safe in a URL.
    pub fn encode(&self) -> ID {
        ID(URL_SAFE_NO_PAD.encode(format!("{}:{}", self.kind.name(), self.key)))
    }

    /// Reads an id; `None` where it is none of ours.
    pub fn decode(id: &str) -> Option<GlobalId> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
        let (kind, key) = text.split_once(':')?;
        let kind = Kind::ALL.into_iter().find(|k| k.name() == kind)?;
        Some(GlobalId::new(kind, key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_back() {
        let id = GlobalId::new(Kind::Repository, "acme/ünï:code");
        assert_eq!(GlobalId::decode(&id.encode()), Some(id));
        assert_eq!(GlobalId::decode("nonsense"), None);
    }
}
