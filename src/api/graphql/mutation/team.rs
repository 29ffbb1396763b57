//! Mutations of teams: what they are, and where they stand.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};

use super::super::date::Date;
use super::super::people::{ConditionInput, Team, find_contributor, find_team, find_tree, team_key};
use super::outcome::{Done, change};
use super::payload::payload;
use crate::people::directory::Directory;
use crate::people::org::edit::team::{self, NewTeam, TeamChange};
use crate::people::{Code, Fault};

/// A new team.
#[derive(InputObject)]
pub struct CreateTeamInput {
    /// The tree that it is in, by id or name; left out: that of the team above, or the default one.
    pub org_tree: Option<String>,
    /// Name of the team; beside it, no other has this name.
    pub name: String,
    /// The team above, by id or path; left out: it stands at the top.
    pub parent: Option<String>,
    /// Who leads it, by id or e-mail.
    pub manager: Option<String>,
    /// An id of the organisation's own, by which a build of the tree recognises the team.
    pub stable_id: Option<String>,
    /// Whether it is a team across the reporting lines, which builds of the tree leave alone.
    pub is_squad: Option<bool>,
    /// Who is in the squad beside those listed, by attributes, `name`, `email`, `id` and `manager`.
    pub rule: Option<ConditionInput>,
    /// First day of the team; left out: it always was.
    pub starts_on: Option<Date>,
}

/// Changes of a team. What is left out stays.
#[derive(InputObject)]
pub struct UpdateTeamInput {
    /// The team, by id or path.
    pub id: ID,
    /// Another name.
    pub name: Option<String>,
    /// Who leads it, by id or e-mail; null: nobody.
    pub manager: MaybeUndefined<String>,
    /// An id of the organisation's own; null: none.
    pub stable_id: MaybeUndefined<String>,
    /// Who is in the squad beside those listed; null: nobody.
    pub rule: MaybeUndefined<ConditionInput>,
}

/// A move of a team.
#[derive(InputObject)]
pub struct MoveTeamInput {
    /// The team, by id or path.
    pub id: ID,
    /// The team that it goes under, by id or path; left out: to the top.
    pub parent: Option<String>,
    /// The day from which on it stands there; left out: today. What happened before stays where it was.
    pub on: Option<Date>,
}

/// The end of a team.
#[derive(InputObject)]
pub struct CloseTeamInput {
    /// The team, by id or path.
    pub id: ID,
    /// The day from which on it is no more; left out: today.
    pub on: Option<Date>,
    /// Whether the teams below end too. Without this, there may be none.
    pub with_below: Option<bool>,
}

/// A closed team that goes on.
#[derive(InputObject)]
pub struct ReopenTeamInput {
    /// The team, by id.
    pub id: ID,
}

payload! {
    /// A team after a change.
    TeamPayload {
        /// The team.
        team: Option<Team>,
    }
}

/// The plain id of a team that is named by id or path; a name of nothing stays as it is, and is refused later.
pub fn team_id(directory: &Directory, text: &str) -> String {
    find_team(directory, text).map_or_else(|| team_key(text), |index| directory.org.teams[index].id.clone())
}

/// The plain id of a contributor who is named by id or e-mail; a name of nobody stays as it is, and is refused later.
pub fn contributor_id(directory: &Directory, text: &str) -> String {
    find_contributor(directory, text)
        .map_or_else(|| text.trim().to_owned(), |index| directory.resolved.people[index].id.clone())
}

/// The tree that a new team is in.
fn tree_of(directory: &Directory, named: Option<&str>, parent: Option<&str>) -> Result<String, Vec<Fault>> {
    let trees = &directory.org.trees;
    let fault = |code, message: String| vec![Fault::new(code, message).at("tree")];
    if let Some(name) = named {
        let found = find_tree(directory, name).map(|index| trees[index].id.clone());
        return found.ok_or_else(|| fault(Code::NotFound, format!("there is no org tree {name:?}")));
    }
    let above = parent.and_then(|parent| find_team(directory, parent)).map(|team| directory.org.teams[team].tree);
    let found = trees.get(above.unwrap_or(0)).map(|tree| tree.id.clone());
    found.ok_or_else(|| fault(Code::RequiredValueMissing, "there is no org tree yet; make one first".to_owned()))
}

/// What is to become of a field: `None`: it stays; `Some(None)`: it goes.
pub fn given<T>(given: &MaybeUndefined<T>) -> Option<Option<&T>> {
    match given {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

pub fn payload_of(done: Done<String>) -> TeamPayload {
    let Done { outcome, directory, change, user_errors } = done;
    TeamPayload { team: outcome.and_then(|id| Team::by_key(&directory, &id)), change, user_errors }
}

/// The part of `Mutation` that is about teams.
#[derive(Default)]
pub struct TeamMutation;

#[Object]
impl TeamMutation {
    /// Makes a team or a squad.
    async fn create_team(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The team.")] input: CreateTeamInput,
    ) -> Option<Result<TeamPayload>> {
        let summary = format!("made the team {:?}", input.name);
        let done = change(context, "CREATE_TEAM", &summary, |draft, directory| {
            let new = NewTeam {
                tree: tree_of(directory, input.org_tree.as_deref(), input.parent.as_deref())?,
                name: input.name.clone(),
                parent: input.parent.as_deref().map(|parent| team_id(directory, parent)),
                manager: input.manager.as_deref().map(|manager| contributor_id(directory, manager)),
                stable_id: input.stable_id.clone(),
                squad: input.is_squad.unwrap_or_default(),
                rule: input.rule.as_ref().map(ConditionInput::read),
                from: input.starts_on.map(|day| day.0),
            };
            team::create(draft, directory, new)
        });
        Some(done.await.map(payload_of))
    }

    /// Changes what a team is called, who leads it, or a squad's rule.
    async fn update_team(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The team, and what changes.")] input: UpdateTeamInput,
    ) -> Option<Result<TeamPayload>> {
        let summary = format!("changed the team {:?}", input.id.as_str());
        let done = change(context, "UPDATE_TEAM", &summary, |draft, directory| {
            let id = team_id(directory, &input.id);
            let manager = given(&input.manager);
            let wanted = TeamChange {
                name: input.name.clone(),
                manager: manager.map(|manager| manager.map(|manager| contributor_id(directory, manager))),
                stable_id: given(&input.stable_id).map(|stable_id| stable_id.cloned()),
                rule: given(&input.rule).map(|rule| rule.map(ConditionInput::read)),
            };
            team::change(draft, directory, &id, wanted).map(|()| id)
        });
        Some(done.await.map(payload_of))
    }

    /// Puts a team, with all below it, under another one from a day on. Its history stays where it was.
    async fn move_team(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The team, and where it goes.")] input: MoveTeamInput,
    ) -> Option<Result<TeamPayload>> {
        let to = input.parent.as_deref().unwrap_or("the top");
        let summary = format!("moved the team {:?} to {to:?}", input.id.as_str());
        let done = change(context, "MOVE_TEAM", &summary, |draft, directory| {
            let id = team_id(directory, &input.id);
            let parent = input.parent.as_deref().map(|parent| team_id(directory, parent));
            let day = input.on.map_or(directory.today, |day| day.0);
            team::move_to(draft, &id, parent.as_deref(), day).map(|()| id)
        });
        Some(done.await.map(payload_of))
    }

    /// Ends a team. What its people did until then stays its own.
    async fn close_team(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The team, and when it ends.")] input: CloseTeamInput,
    ) -> Option<Result<TeamPayload>> {
        let summary = format!("closed the team {:?}", input.id.as_str());
        let done = change(context, "CLOSE_TEAM", &summary, |draft, directory| {
            let id = team_id(directory, &input.id);
            let day = input.on.map_or(directory.today, |day| day.0);
            team::close(draft, &id, day, input.with_below.unwrap_or_default()).map(|_| id)
        });
        Some(done.await.map(payload_of))
    }

    /// Lets a closed team go on as if it had never ended.
    async fn reopen_team(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The team.")] input: ReopenTeamInput,
    ) -> Option<Result<TeamPayload>> {
        let summary = format!("reopened the team {:?}", input.id.as_str());
        let done = change(context, "REOPEN_TEAM", &summary, |draft, directory| {
            let id = team_id(directory, &input.id);
            team::reopen(draft, directory, &id).map(|()| id)
        });
        Some(done.await.map(payload_of))
    }
}
