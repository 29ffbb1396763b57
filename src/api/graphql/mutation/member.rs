//! Mutations of who is in a team, and when.

use async_graphql::{Context, InputObject, Object, Result};

use super::super::date::Date;
use super::outcome::change;
use super::team::{TeamPayload, contributor_id, payload_of, team_id};
use crate::people::directory::Directory;
use crate::people::org::edit::member::{self, Entry};

/// A member of a team, and when.
#[derive(InputObject)]
pub struct TeamMemberInput {
    /// The contributor, by id or e-mail.
    pub contributor: String,
    /// First day in the team; left out: always.
    pub from: Option<Date>,
    /// The day after the last one; left out: for good.
    pub to: Option<Date>,
    /// Whether the contributor's home is another team. The work counts in both.
    pub shared: Option<bool>,
}

/// Members who come.
#[derive(InputObject)]
pub struct AddTeamMembersInput {
    /// The team, by id or path.
    pub team: String,
    /// Who comes, and when.
    pub members: Vec<TeamMemberInput>,
    /// Whether they leave the other teams of the tree for that time. Shared memberships and squads stay.
    pub leave_others: Option<bool>,
}

/// Members who go.
#[derive(InputObject)]
pub struct RemoveTeamMembersInput {
    /// The team, by id or path.
    pub team: String,
    /// Who goes, by id or e-mail.
    pub contributors: Vec<String>,
    /// The day from which on they are not in the team; left out: today. What they did before stays the team's.
    pub on: Option<Date>,
    /// Whether they are taken out of the past too, as if they had never been in the team.
    pub ever: Option<bool>,
}

/// All members of a team.
#[derive(InputObject)]
pub struct SetTeamMembersInput {
    /// The team, by id or path.
    pub team: String,
    /// Who is in the team from then on; nobody else is.
    pub members: Vec<TeamMemberInput>,
    /// The day from which on; left out: today.
    pub on: Option<Date>,
}

fn entries(directory: &Directory, members: &[TeamMemberInput]) -> Vec<Entry> {
    let entry = |member: &TeamMemberInput| Entry {
        person: contributor_id(directory, &member.contributor),
        from: member.from.map(|day| day.0),
        to: member.to.map(|day| day.0),
        shared: member.shared.unwrap_or_default(),
    };
    members.iter().map(entry).collect()
}

/// The part of `Mutation` that is about members of teams.
#[derive(Default)]
pub struct MemberMutation;

#[Object]
impl MemberMutation {
    /// Adds members to a team. On days on which somebody was in it already, what is said here counts.
    async fn add_team_members(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The team, and who comes.")] input: AddTeamMembersInput,
    ) -> Option<Result<TeamPayload>> {
        let summary = format!("added {} to the team {:?}", people(input.members.len()), input.team);
        let done = change(context, "ADD_TEAM_MEMBERS", &summary, |draft, directory| {
            let id = team_id(directory, &input.team);
            let entries = entries(directory, &input.members);
            member::add(draft, directory, &id, &entries, input.leave_others.unwrap_or_default()).map(|()| id)
        });
        Some(done.await.map(payload_of))
    }

    /// Takes members out of a team from a day on, or as if they had never been in it.
    async fn remove_team_members(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The team, and who goes.")] input: RemoveTeamMembersInput,
    ) -> Option<Result<TeamPayload>> {
        let summary = format!("took {} out of the team {:?}", people(input.contributors.len()), input.team);
        let done = change(context, "REMOVE_TEAM_MEMBERS", &summary, |draft, directory| {
            let id = team_id(directory, &input.team);
            let people: Vec<String> = input.contributors.iter().map(|text| contributor_id(directory, text)).collect();
            let day = (input.ever != Some(true)).then(|| input.on.map_or(directory.today, |day| day.0));
            member::remove(draft, directory, &id, &people, day).map(|()| id)
        });
        Some(done.await.map(payload_of))
    }

    /// Says who is in a team from a day on, and that nobody else is.
    async fn set_team_members(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The team, and its members.")] input: SetTeamMembersInput,
    ) -> Option<Result<TeamPayload>> {
        let summary = format!("set the members of the team {:?}: {}", input.team, people(input.members.len()));
        let done = change(context, "SET_TEAM_MEMBERS", &summary, |draft, directory| {
            let id = team_id(directory, &input.team);
            let entries = entries(directory, &input.members);
            let day = input.on.map_or(directory.today, |day| day.0);
            member::replace(draft, directory, &id, &entries, day).map(|()| id)
        });
        Some(done.await.map(payload_of))
    }
}

fn people(number: usize) -> String {
    if number == 1 { "1 person".to_owned() } else { format!("{number} people") }
}
