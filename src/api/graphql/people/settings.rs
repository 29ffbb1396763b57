//! `TeamSettings`: which rows are a team's, set there or inherited from the teams above.

use std::sync::Arc;

use async_graphql::{Object, SimpleObject};

use super::condition::Condition;
use super::team::Team;
use crate::people::Directory;

/// Settings of a team.
#[derive(Clone)]
pub struct TeamSettings {
    directory: Arc<Directory>,
    /// Index of the team.
    team: usize,
}

/// Settings, each with the team that they are set at.
#[derive(SimpleObject)]
pub struct SettingsValues {
    /// Which rows are the team's, by where they happened: repository, service, project, environment, branch, label,
    /// pipeline; of issues also board, type, priority and component. Null: nothing is set; only the team's people say what is its own.
    sources: Option<Condition>,
    /// The team that `sources` is set at.
    sources_from: Option<Team>,
    /// Metrics of which it is set whether only the work of the team's people counts.
    people_filters: Vec<PeopleFilter>,
}

/// Whether, for one metric, only the work of a team's people counts.
#[derive(SimpleObject)]
pub struct PeopleFilter {
    /// Name of the metric.
    metric: String,
    /// True: rows must fit `sources` and be by the team's people. False: `sources` alone decides.
    applies: bool,
    /// The team that it is set at.
    from: Team,
}

impl TeamSettings {
    pub fn new(directory: &Arc<Directory>, team: usize) -> TeamSettings {
        TeamSettings { directory: Arc::clone(directory), team }
    }

    /// The team and the teams above it, the nearest first.
    fn line(&self) -> Vec<usize> {
        let teams = &self.directory.org.teams;
        std::iter::successors(Some(self.team), |team| teams[*team].parent).collect()
    }

    fn of(&self, line: &[usize]) -> SettingsValues {
        let mut values = SettingsValues { sources: None, sources_from: None, people_filters: Vec::new() };
        for team in line {
            let id = &self.directory.org.teams[*team].id;
            let Some(set) = self.directory.records.settings.get(id) else { continue };
            let from = || Team::new(&self.directory, *team);
            if let (None, Some(sources)) = (&values.sources, &set.sources) {
                values.sources = Some(Condition::new(sources));
                values.sources_from = Some(from());
            }
            for (metric, applies) in &set.people_filter {
                if values.people_filters.iter().all(|known| known.metric != *metric) {
                    values.people_filters.push(PeopleFilter {
                        metric: metric.clone(),
                        applies: *applies,
                        from: from(),
                    });
                }
            }
        }
        values.people_filters.sort_by(|a, b| a.metric.cmp(&b.metric));
        values
    }
}

/// The settings of a team. What is not set at a team is inherited from the nearest team above that sets it.
#[Object]
impl TeamSettings {
    /// What is set at the team itself.
    async fn own(&self) -> SettingsValues {
        self.of(&[self.team])
    }

    /// What holds for the team: its own settings, and what it inherits.
    async fn effective(&self) -> SettingsValues {
        self.of(&self.line())
    }
}
