//! `OrgTree`: one way to put the organisation in order.

use std::sync::Arc;

use async_graphql::{ID, Object, Result};

use super::super::node::{GlobalId, Kind};
use super::super::profile::AssignedProfile;
use super::super::relay::{Connection, Paging};
use super::condition::Condition;
use super::team::Team;
use crate::people::Directory;
use crate::people::directory::Tree;
use crate::people::profiles::{self, Origin};

/// An org tree.
#[derive(Clone)]
pub struct OrgTree {
    directory: Arc<Directory>,
    index: usize,
}

impl OrgTree {
    pub fn new(directory: &Arc<Directory>, index: usize) -> OrgTree {
        OrgTree { directory: Arc::clone(directory), index }
    }

    /// A tree by id.
    pub fn by_key(directory: &Arc<Directory>, key: &str) -> Option<OrgTree> {
        let index = directory.org.trees.iter().position(|tree| tree.id == key)?;
        Some(OrgTree::new(directory, index))
    }

    /// The global id of a tree.
    pub fn global_id(key: &str) -> ID {
        GlobalId::new(Kind::OrgTree, key).encode()
    }

    fn tree(&self) -> &Tree {
        &self.directory.org.trees[self.index]
    }
}

/// An org tree: one way to put the organisation in order. Its leaves are teams.
#[Object]
impl OrgTree {
    /// Global id.
    pub async fn id(&self) -> ID {
        OrgTree::global_id(&self.tree().id)
    }

    /// Name of the tree.
    async fn name(&self) -> &str {
        &self.tree().definition.name
    }

    /// Whether paths and breakdowns mean this tree where none is named.
    async fn is_default(&self) -> bool {
        self.index == 0
    }

    /// Trees are listed in this order; the first is the default.
    async fn order(&self) -> u32 {
        self.tree().definition.order
    }

    /// Attributes of contributors whose values are the upper levels, from the top.
    async fn levels(&self) -> &[String] {
        &self.tree().definition.levels
    }

    /// Whether below the levels there is a node for each manager, as deep as the reporting lines go.
    async fn by_manager(&self) -> bool {
        self.tree().definition.by_manager
    }

    /// Who is in the tree; null: every registered contributor that is not a bot.
    async fn filter(&self) -> Option<Condition> {
        self.tree().definition.filter.as_ref().map(Condition::new)
    }

    /// The profile of each kind that holds for its teams where they have none of their own.
    async fn profiles(&self) -> Vec<AssignedProfile> {
        let assigned = profiles::of_tree(&self.directory.org, &self.directory.records, self.index);
        AssignedProfile::all(&self.directory, assigned, Origin::Tree(self.index))
    }

    /// The topmost teams, by name.
    async fn roots(&self) -> Vec<Team> {
        self.tree().roots.iter().map(|team| Team::new(&self.directory, *team)).collect()
    }

    /// Every team of the tree, by path.
    async fn teams(
        &self,
        #[graphql(desc = "Only teams without a team below.", default = false)] leaves_only: bool,
        #[graphql(desc = "How many from the start, up to 100; 20 where neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after the node of this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, up to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before the node of this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Team>>> {
        let teams = self.directory.org.teams.iter().enumerate();
        let wanted = teams
            .filter(|(_, team)| team.tree == self.index && !team.closed && (!leaves_only || team.children.is_empty()));
        let teams: Vec<usize> = wanted.map(|(index, _)| index).collect();
        Some(Team::page(&self.directory, &teams, &Paging { first, after, last, before }))
    }
}
