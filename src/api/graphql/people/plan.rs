//! `OrgTreePlan`: what a build of an org tree changes.

use std::sync::Arc;

use async_graphql::{ID, Object, Result, SimpleObject};

use super::super::date::Date;
use super::super::node::{GlobalId, Kind};
use super::super::relay::{Connection, Paging, page};
use super::contributor::Contributor;
use super::tree::OrgTree;
use crate::people::Directory;
use crate::people::org::build::plan::{Closed, Lost, Moved, Opened, Plan, Renamed, Step};

/// The plan of a build, with the directory that it was made of.
#[derive(Clone)]
pub struct OrgTreePlan {
    directory: Arc<Directory>,
    plan: Arc<Plan>,
}

/// A team that comes, or is opened again.
#[derive(SimpleObject)]
pub struct TeamOpened {
    /// Path of the team.
    path: String,
    /// How many people are directly in it.
    people: usize,
}

/// A team that gets another name.
#[derive(SimpleObject)]
pub struct TeamRenamed {
    /// Global id of the team.
    id: ID,
    /// Path after the build.
    path: String,
    /// Name before.
    before: String,
    /// Name after.
    after: String,
    /// What the team was recognised by.
    by: crate::people::org::build::plan::By,
}

/// A team that comes under another one.
#[derive(SimpleObject)]
pub struct TeamMoved {
    /// Global id of the team.
    id: ID,
    /// Path before.
    before: String,
    /// Path after.
    after: String,
    /// What the team was recognised by.
    by: crate::people::org::build::plan::By,
}

/// A team that ends, since no contributor calls for it any more.
#[derive(SimpleObject)]
pub struct TeamClosed {
    /// Global id of the team.
    id: ID,
    /// Path before.
    path: String,
    /// How many people the last build had placed directly in it.
    people: usize,
}

/// What was set by hand on a team that ends, and no other team has. It is kept for when the team is opened again.
#[derive(SimpleObject)]
pub struct TeamLoss {
    /// Global id of the team.
    id: ID,
    /// Path before.
    path: String,
    /// Whether it has settings of its own.
    has_settings: bool,
    /// Members by hand.
    members: Vec<Contributor>,
}

/// A contributor whose team changes.
#[derive(SimpleObject)]
pub struct TeamStep {
    /// The contributor.
    contributor: Option<Contributor>,
    /// Path of the team before; null: the contributor joins the tree.
    before: Option<String>,
    /// Path of the team after; null: the contributor leaves the tree.
    after: Option<String>,
}

fn team_id(key: &str) -> ID {
    GlobalId::new(Kind::Team, key).encode()
}

impl OrgTreePlan {
    pub fn new(directory: &Arc<Directory>, plan: Plan) -> OrgTreePlan {
        OrgTreePlan { directory: Arc::clone(directory), plan: Arc::new(plan) }
    }

    fn named(&self, ids: &[String]) -> Vec<Contributor> {
        ids.iter().filter_map(|id| Contributor::by_key(&self.directory, id)).collect()
    }

    fn opened(opened: &[Opened]) -> Vec<TeamOpened> {
        opened.iter().map(|team| TeamOpened { path: team.path.clone(), people: team.people }).collect()
    }
}

/// What a build of an org tree changes, to be read before it is made. Squads are left alone.
#[Object]
impl OrgTreePlan {
    /// The tree.
    async fn org_tree(&self) -> Option<OrgTree> {
        OrgTree::by_key(&self.directory, &self.plan.tree)
    }

    /// The day from which on it holds; what was before stays as it was.
    async fn on(&self) -> Date {
        Date(self.plan.day)
    }

    /// Whether the tree has no teams yet; then it is built as if it had always been so.
    async fn is_first(&self) -> bool {
        self.plan.first
    }

    /// How many teams the tree has after it.
    async fn team_count(&self) -> usize {
        self.plan.counts.teams
    }

    /// How many people have a place in the tree after it.
    async fn people_count(&self) -> usize {
        self.plan.counts.people
    }

    /// Teams that come.
    async fn added(&self) -> Vec<TeamOpened> {
        OrgTreePlan::opened(&self.plan.added)
    }

    /// Teams that get another name.
    async fn renamed(&self) -> Vec<TeamRenamed> {
        let shown = |Renamed { id, path, before, after, by }: Renamed| TeamRenamed {
            id: team_id(&id),
            path,
            before,
            after,
            by,
        };
        self.plan.renamed.iter().cloned().map(shown).collect()
    }

    /// Teams that come under another one.
    async fn moved(&self) -> Vec<TeamMoved> {
        let shown = |Moved { id, before, after, by }: Moved| TeamMoved { id: team_id(&id), before, after, by };
        self.plan.moved.iter().cloned().map(shown).collect()
    }

    /// Teams that end.
    async fn closed(&self) -> Vec<TeamClosed> {
        let shown = |Closed { id, path, people }: Closed| TeamClosed { id: team_id(&id), path, people };
        self.plan.closed.iter().cloned().map(shown).collect()
    }

    /// Teams that had ended and are called for again.
    async fn reopened(&self) -> Vec<TeamOpened> {
        OrgTreePlan::opened(&self.plan.reopened)
    }

    /// Contributors whose team changes.
    async fn people(
        &self,
        #[graphql(desc = "How many from the start, up to 100; 20 where neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after the node of this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, up to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before the node of this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<TeamStep>>> {
        let numbered: Vec<(usize, &Step)> = self.plan.people.iter().enumerate().collect();
        let shown = |(_, step): &(usize, &Step)| TeamStep {
            contributor: Contributor::by_key(&self.directory, &step.person),
            before: step.before.clone(),
            after: step.after.clone(),
        };
        Some(page(&numbered, &Paging { first, after, last, before }, |(number, _)| number.to_string(), shown))
    }

    /// Contributors without any place in the tree.
    async fn unmatched(
        &self,
        #[graphql(desc = "How many from the start, up to 100; 20 where neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after the node of this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, up to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before the node of this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Contributor>>> {
        let by_id = &self.directory.resolved.by_id;
        let people: Vec<usize> = self.plan.unmatched.iter().filter_map(|id| by_id.get(id)).copied().collect();
        Some(Contributor::page(&self.directory, &people, &Paging { first, after, last, before }))
    }

    /// Reporting lines that go round: each reports to the next, and the last to the first. The tree is built as if the first
    /// had no manager.
    async fn cycles(&self) -> Vec<Vec<Contributor>> {
        self.plan.cycles.iter().map(|circle| self.named(circle)).collect()
    }

    /// Managers below the deepest level; their people are one level higher.
    async fn too_deep(&self) -> Vec<Contributor> {
        self.named(&self.plan.too_deep)
    }

    /// What was set by hand on teams that end, and no other team has.
    async fn lost(&self) -> Vec<TeamLoss> {
        let shown = |lost: &Lost| TeamLoss {
            id: team_id(&lost.id),
            path: lost.path.clone(),
            has_settings: lost.settings.is_some(),
            members: self.named(&lost.members),
        };
        self.plan.lost.iter().map(shown).collect()
    }
}
