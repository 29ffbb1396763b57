//! Mutations of the settings of teams.

use async_graphql::{Context, InputObject, Object, Result};

use super::super::metric_name::MetricName;
use super::super::people::{ConditionInput, Team};
use super::outcome::{Done, change};
use super::payload::payload;
use super::team::team_id;
use crate::people::document::Settings;
use crate::people::org::edit::settings;

/// The settings of one team, in place of all that it has itself. What is left out is inherited.
#[derive(InputObject)]
pub struct TeamSettingsInput {
    /// The team, by id or path.
    pub team: String,
    /// Which rows are the team's, by repository, service, project, environment, branch, label and pipeline; of issues
    /// also by board, type, priority and component.
    pub sources: Option<ConditionInput>,
    /// For which metrics it is set whether only the work of the team's people counts.
    #[graphql(default)]
    pub people_filters: Vec<PeopleFilterInput>,
}

/// Whether, for one metric, only the work of the team's people counts.
#[derive(InputObject)]
pub struct PeopleFilterInput {
    /// The metric.
    pub metric: MetricName,
    /// True: rows must fit `sources` and be by the team's people. False: `sources` alone decides.
    pub applies: bool,
}

/// The settings of one or many teams.
#[derive(InputObject)]
pub struct SetTeamSettingsInput {
    /// Each team with its settings.
    pub teams: Vec<TeamSettingsInput>,
}

/// Settings that many teams get from one.
#[derive(InputObject)]
pub struct CopyTeamSettingsInput {
    /// The team that has them, by id or path.
    pub from: String,
    /// The teams that get them in place of theirs, by id or path.
    pub to: Vec<String>,
}

payload! {
    /// Teams after a change of their settings.
    TeamsPayload {
        /// The teams, in the order of the input.
        teams: Vec<Team>,
    }
}

fn payload_of(done: Done<Vec<String>>) -> TeamsPayload {
    let Done { outcome, directory, change, user_errors } = done;
    let teams = outcome.unwrap_or_default().iter().filter_map(|id| Team::by_key(&directory, id)).collect();
    TeamsPayload { teams, change, user_errors }
}

/// The part of `Mutation` that is about settings of teams.
#[derive(Default)]
pub struct SettingsMutation;

#[Object]
impl SettingsMutation {
    /// Sets the settings of one or many teams, all or none. They replace what each team has itself.
    async fn set_team_settings(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The teams, each with its settings.")] input: SetTeamSettingsInput,
    ) -> Option<Result<TeamsPayload>> {
        let summary = match input.teams.as_slice() {
            [one] => format!("set the settings of the team {:?}", one.team),
            many => format!("set the settings of {} teams", many.len()),
        };
        let done = change(context, "SET_TEAM_SETTINGS", &summary, |draft, directory| {
            let settings = |given: &TeamSettingsInput| {
                let filters =
                    given.people_filters.iter().map(|filter| (filter.metric.name().to_owned(), filter.applies));
                let sources = given.sources.as_ref().map(ConditionInput::read);
                let id = team_id(directory, &given.team);
                // Whose profile is whose has a mutation of its own.
                let profiles = draft.get::<Settings>(&id).map(|before| before.profiles.clone()).unwrap_or_default();
                (id, Settings { sources, people_filter: filters.collect(), profiles })
            };
            let many: Vec<(String, Settings)> = input.teams.iter().map(settings).collect();
            let ids = many.iter().map(|(id, _)| id.clone()).collect();
            match settings::set_many(draft, many) {
                Ok(()) => Ok(ids),
                Err(faults) => Err(faults.into_iter().map(|fault| fault.under("teams")).collect()),
            }
        });
        Some(done.await.map(payload_of))
    }

    /// Gives many teams the settings that one team has itself, in place of theirs.
    async fn copy_team_settings(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "From which team, and to which.")] input: CopyTeamSettingsInput,
    ) -> Option<Result<TeamsPayload>> {
        let summary = format!("copied the settings of the team {:?} to {} teams", input.from, input.to.len());
        let done = change(context, "COPY_TEAM_SETTINGS", &summary, |draft, directory| {
            let to: Vec<String> = input.to.iter().map(|text| team_id(directory, text)).collect();
            settings::copy(draft, &team_id(directory, &input.from), &to).map(|()| to)
        });
        Some(done.await.map(payload_of))
    }
}
