//! `AssignedProfile`: the profile of one kind that holds for a team or an org tree, and where it is assigned.

use std::sync::Arc;

use async_graphql::Object;

use super::super::people::{OrgTree, Team};
use super::object::Profile;
use crate::model::profile::Kind;
use crate::people::Directory;
use crate::people::profiles::{Assigned, Origin};

/// The profile of one kind that holds.
pub struct AssignedProfile {
    directory: Arc<Directory>,
    assigned: Assigned,
    /// What it is asked of.
    of: Origin,
}

impl AssignedProfile {
    /// The profiles that hold for something, which is itself one of the places where they can be assigned.
    pub fn all(directory: &Arc<Directory>, assigned: Vec<Assigned>, of: Origin) -> Vec<AssignedProfile> {
        let one = |assigned| AssignedProfile { directory: Arc::clone(directory), assigned, of };
        assigned.into_iter().map(one).collect()
    }
}

/// The profile of one kind that holds for a team or an org tree.
#[Object]
impl AssignedProfile {
    /// What it is about.
    async fn kind(&self) -> Kind {
        self.assigned.kind
    }

    /// The profile; null where it is not there any more.
    async fn profile(&self) -> Option<Profile> {
        Profile::by_key(&self.directory, &self.assigned.profile)
    }

    /// Whether it is assigned here; false: it is inherited, or built in.
    async fn is_own(&self) -> bool {
        self.assigned.origin == self.of
    }

    /// The team that it is assigned to.
    async fn team(&self) -> Option<Team> {
        match self.assigned.origin {
            Origin::Team(team) => Some(Team::new(&self.directory, team)),
            Origin::Tree(_) | Origin::BuiltIn => None,
        }
    }

    /// The org tree that it is assigned to.
    async fn org_tree(&self) -> Option<OrgTree> {
        match self.assigned.origin {
            Origin::Tree(tree) => Some(OrgTree::new(&self.directory, tree)),
            Origin::Team(_) | Origin::BuiltIn => None,
        }
    }
}
