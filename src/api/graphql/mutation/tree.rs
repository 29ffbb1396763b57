//! Mutations of org trees.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};

use super::super::date::Date;
use super::super::people::{ConditionInput, OrgTree, OrgTreePlan, find_tree, tree_key};
use super::outcome::{Done, change};
use super::payload::payload;
use crate::people::directory::Directory;
use crate::people::document;
use crate::people::org::build::{Plan, build};
use crate::people::org::edit::tree;

/// A new org tree.
#[derive(InputObject)]
pub struct CreateOrgTreeInput {
    /// Name of the tree, which no other has.
    pub name: String,
    /// Attributes of contributors whose values are the upper levels, from the top.
    #[graphql(default)]
    pub levels: Vec<String>,
    /// Whether below the levels there is a node for each manager, as deep as the reporting lines go.
    pub by_manager: Option<bool>,
    /// Who is in the tree, by attributes, `name`, `email`, `id` and `manager`; left out: every registered contributor that
    /// is not a bot.
    pub filter: Option<ConditionInput>,
    /// Its place among the trees; the first is the default. Left out: the last.
    pub order: Option<u32>,
}

/// Changes of an org tree. What is left out stays.
#[derive(InputObject)]
pub struct UpdateOrgTreeInput {
    /// The tree, by id or name.
    pub id: ID,
    /// Another name.
    pub name: Option<String>,
    /// Other levels.
    pub levels: Option<Vec<String>>,
    /// Whether below the levels there is a node for each manager.
    pub by_manager: Option<bool>,
    /// Another filter; null: none.
    pub filter: MaybeUndefined<ConditionInput>,
    /// Another place among the trees.
    pub order: Option<u32>,
}

/// An org tree that goes.
#[derive(InputObject)]
pub struct DeleteOrgTreeInput {
    /// The tree, by id or name.
    pub id: ID,
}

payload! {
    /// An org tree after a change.
    OrgTreePayload {
        /// The tree.
        org_tree: Option<OrgTree>,
    }
}

/// A build of an org tree.
#[derive(InputObject)]
pub struct BuildOrgTreeInput {
    /// The tree, by id or name.
    pub id: ID,
    /// The day from which on it holds; left out: today. What was before stays as it was.
    pub on: Option<Date>,
}

payload! {
    /// A build of an org tree.
    BuildOrgTreePayload {
        /// The tree after it.
        org_tree: Option<OrgTree>,
        /// What it changed.
        plan: Option<OrgTreePlan>,
    }
}

payload! {
    /// What became of the removal of an org tree.
    DeleteOrgTreePayload {
        /// Global id of the tree that is gone.
        deleted_id: Option<ID>,
    }
}

fn tree_id(directory: &Directory, text: &str) -> String {
    find_tree(directory, text).map_or_else(|| tree_key(text), |index| directory.org.trees[index].id.clone())
}

fn payload_of(done: Done<String>) -> OrgTreePayload {
    let Done { outcome, directory, change, user_errors } = done;
    let org_tree = outcome.and_then(|id| OrgTree::by_key(&directory, &id));
    OrgTreePayload { org_tree, change, user_errors }
}

/// The part of `Mutation` that is about org trees.
#[derive(Default)]
pub struct TreeMutation;

#[Object]
impl TreeMutation {
    /// Makes an org tree without teams. `buildOrgTree` makes teams of levels and managers; `createTeam` by hand.
    async fn create_org_tree(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The tree.")] input: CreateOrgTreeInput,
    ) -> Option<Result<OrgTreePayload>> {
        let CreateOrgTreeInput { name, levels, by_manager, filter, order } = input;
        let (filter, by_manager) = (filter.map(|filter| filter.read()), by_manager.unwrap_or_default());
        let summary = format!("made the org tree {name:?}");
        let done = change(context, "CREATE_ORG_TREE", &summary, |draft, directory| {
            let order = order.unwrap_or_else(|| tree::next_order(draft));
            let (name, levels, filter) = (name.clone(), levels.clone(), filter.clone());
            let new = document::OrgTree { name, levels, by_manager, filter, order, ..document::OrgTree::default() };
            tree::create(draft, directory, new)
        });
        Some(done.await.map(payload_of))
    }

    /// Gives an org tree another name, place or definition. Its teams change with the next build.
    async fn update_org_tree(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The tree, and what changes.")] input: UpdateOrgTreeInput,
    ) -> Option<Result<OrgTreePayload>> {
        let filter = match &input.filter {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(filter) => Some(Some(filter.read())),
        };
        let summary = format!("changed the org tree {:?}", input.id.as_str());
        let done = change(context, "UPDATE_ORG_TREE", &summary, |draft, directory| {
            let id = tree_id(directory, &input.id);
            let mut changed = draft.get::<document::OrgTree>(&id).cloned().unwrap_or_default();
            changed.name = input.name.clone().unwrap_or(changed.name);
            changed.levels = input.levels.clone().unwrap_or(changed.levels);
            changed.by_manager = input.by_manager.unwrap_or(changed.by_manager);
            changed.filter = filter.clone().unwrap_or(changed.filter);
            changed.order = input.order.unwrap_or(changed.order);
            tree::redefine(draft, directory, &id, changed).map(|()| id)
        });
        Some(done.await.map(payload_of))
    }

    /// Makes the teams of a tree anew from the levels and managers of contributors. Teams that are there still keep their id,
    /// settings and history: they are recognised by stable id, path, manager, then members. `previewOrgTree` shows it before.
    async fn build_org_tree(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The tree, and from when on.")] input: BuildOrgTreeInput,
    ) -> Option<Result<BuildOrgTreePayload>> {
        let summary = format!("built the org tree {:?}", input.id.as_str());
        let done = change(context, "BUILD_ORG_TREE", &summary, |draft, directory| {
            let day = input.on.map_or(directory.today, |day| day.0);
            build(draft, &directory.resolved, &tree_id(directory, &input.id), day)
        });
        let payload = |Done { outcome, directory, change, user_errors }: Done<Plan>| BuildOrgTreePayload {
            org_tree: outcome.as_ref().and_then(|plan| OrgTree::by_key(&directory, &plan.tree)),
            plan: outcome.map(|plan| OrgTreePlan::new(&directory, plan)),
            change,
            user_errors,
        };
        Some(done.await.map(payload))
    }

    /// Removes an org tree with its teams, their settings and the memberships in them. What it was stays in the audit, and
    /// can be read with `asOf`.
    async fn delete_org_tree(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The tree.")] input: DeleteOrgTreeInput,
    ) -> Option<Result<DeleteOrgTreePayload>> {
        let summary = format!("removed the org tree {:?}", input.id.as_str());
        let done = change(context, "DELETE_ORG_TREE", &summary, |draft, directory| {
            let id = tree_id(directory, &input.id);
            tree::delete(draft, &id).map(|()| id)
        });
        let payload = |Done { outcome, change, user_errors, .. }: Done<String>| DeleteOrgTreePayload {
            deleted_id: outcome.map(|id| OrgTree::global_id(&id)),
            change,
            user_errors,
        };
        Some(done.await.map(payload))
    }
}
