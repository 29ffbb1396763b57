//! `Team`: a node of an org tree.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::{Context, Enum, ID, MergedObject, Object, Result, SimpleObject};
use chrono::NaiveDate;

use super::super::date::Date;
use super::super::measured::Measured;
use super::super::node::{GlobalId, Kind};
use super::super::profile::AssignedProfile;
use super::super::relay::{Connection, Paging, page};
use super::condition::Condition;
use super::contributor::Contributor;
use super::settings::TeamSettings;
use super::tree::OrgTree;
use crate::clock::midnight;
use crate::model::Dimension;
use crate::people::Directory;
use crate::people::directory::{MemberSpan, TeamNode};
use crate::people::profiles::{self, Origin};
use crate::query::question::Scope;

/// A team, or a part of the organisation that teams are in.
#[derive(Clone, MergedObject)]
pub struct Team(TeamFields, Measured);

/// What a team has beside metrics.
#[derive(Clone)]
pub struct TeamFields {
    directory: Arc<Directory>,
    /// Index of the team.
    index: usize,
}

/// Which members of a team are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum MemberScope {
    /// Those who are in the team itself.
    Direct,
    /// Those, and all who are in a team below it.
    All,
}

/// A time that a team stood under another.
#[derive(SimpleObject)]
pub struct TeamPlacement {
    /// The team above.
    parent: Team,
    /// First day; null: always.
    from: Option<Date>,
    /// The day after the last one; null: still.
    to: Option<Date>,
}

impl Team {
    pub fn new(directory: &Arc<Directory>, index: usize) -> Team {
        let scope = Scope::Key(Dimension::Team, directory.org.teams[index].id.clone());
        Team(TeamFields { directory: Arc::clone(directory), index }, Measured(scope))
    }

    /// A team by id.
    pub fn by_key(directory: &Arc<Directory>, key: &str) -> Option<Team> {
        directory.org.by_id.get(key).map(|index| Team::new(directory, *index))
    }

    /// The global id, for the `Node` interface.
    pub async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(self.0.global_id())
    }

    /// A page of teams, given as indices.
    pub fn page(directory: &Arc<Directory>, teams: &[usize], paging: &Paging) -> Result<Connection<Team>> {
        let key = |index: &usize| directory.org.teams[*index].id.clone();
        page(teams, paging, key, |index| Team::new(directory, *index))
    }
}

impl TeamFields {
    fn team(&self) -> &TeamNode {
        &self.directory.org.teams[self.index]
    }

    fn global_id(&self) -> ID {
        GlobalId::new(Kind::Team, &self.team().id).encode()
    }

    fn other(&self, index: usize) -> Team {
        Team::new(&self.directory, index)
    }
}

/// Indices of the people who were in a team on a day, by name.
pub fn members(directory: &Directory, team: usize, day: NaiveDate, scope: MemberScope) -> Vec<usize> {
    let at = midnight(day, directory.zone).timestamp_micros();
    let is_below = |node: usize| {
        let above = &directory.attribution.nodes[node].above;
        above.iter().any(|span| span.node as usize == team && span.from <= at && at < span.to)
    };
    let teams: Vec<usize> = match scope {
        MemberScope::Direct => vec![team],
        MemberScope::All => (0..directory.org.teams.len()).filter(|node| is_below(*node)).collect(),
    };
    let there = |span: &&MemberSpan| span.from.is_none_or(|from| from <= day) && span.to.is_none_or(|to| day < to);
    let spans = teams.iter().flat_map(|team| &directory.org.teams[*team].spans).filter(there);
    spans.map(|span| span.person).collect::<BTreeSet<_>>().into_iter().collect()
}

/// A team of an org tree. It may have members of its own and teams below it.
#[Object]
impl TeamFields {
    /// Global id; it stays the same when the team is renamed or moves.
    async fn id(&self) -> ID {
        self.global_id()
    }

    /// Name of the team.
    async fn name(&self) -> &str {
        &self.team().team.name
    }

    /// Names from the top of the tree, in lower case and with hyphens for spaces: "engineering/payments".
    async fn path(&self) -> &str {
        &self.team().path
    }

    /// The tree that it is in.
    async fn org_tree(&self) -> OrgTree {
        OrgTree::new(&self.directory, self.team().tree)
    }

    /// The team just above; null at the top.
    async fn parent(&self) -> Option<Team> {
        self.team().parent.map(|parent| self.other(parent))
    }

    /// The teams just below, by name.
    async fn children(&self) -> Vec<Team> {
        self.team().children.iter().map(|child| self.other(*child)).collect()
    }

    /// The teams above, from the top of the tree down to the one just above.
    async fn ancestors(&self) -> Vec<Team> {
        let mut above = Vec::new();
        let mut next = self.team().parent;
        while let Some(index) = next {
            above.push(self.other(index));
            next = self.directory.org.teams[index].parent;
        }
        above.reverse();
        above
    }

    /// Every team above that there was, with the times.
    async fn placements(&self) -> Vec<TeamPlacement> {
        let placements = self.team().parents.iter();
        let shown = placements.map(|placement| TeamPlacement {
            parent: self.other(placement.team),
            from: placement.from.map(Date),
            to: placement.to.map(Date),
        });
        shown.collect()
    }

    /// Who is in the team, by name. Each person stands here once, however many teams below hold them.
    #[allow(clippy::too_many_arguments)]
    async fn members(
        &self,
        #[graphql(desc = "The day that is looked at; left out: today.")] at: Option<Date>,
        #[graphql(desc = "With or without the teams below.", default_with = "MemberScope::All")] scope: MemberScope,
        #[graphql(desc = "How many from the start, up to 100; 20 where neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after the node of this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, up to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before the node of this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Contributor>>> {
        let day = at.map_or(self.directory.today, |day| day.0);
        let members = members(&self.directory, self.index, day, scope);
        Some(Contributor::page(&self.directory, &members, &Paging { first, after, last, before }))
    }

    /// Who leads it.
    async fn manager(&self) -> Option<Contributor> {
        self.team().team.manager.as_ref().and_then(|id| Contributor::by_key(&self.directory, id))
    }

    /// Whether no team is below it.
    async fn is_leaf(&self) -> bool {
        self.team().children.is_empty()
    }

    /// Whether it is a team across the reporting lines, kept by hand; builds of the tree leave it alone.
    async fn is_squad(&self) -> bool {
        self.team().team.squad
    }

    /// Who is in the squad beside those listed.
    async fn rule(&self) -> Option<Condition> {
        self.team().team.rule.as_ref().map(Condition::new)
    }

    /// An id that the organisation gives; by it a new build of the tree recognises the team first.
    async fn stable_id(&self) -> Option<&str> {
        self.team().team.stable_id.as_deref()
    }

    /// First day; null: always.
    async fn starts_on(&self) -> Option<Date> {
        self.team().team.from.map(Date)
    }

    /// The day after the last one; null: still there.
    async fn ends_on(&self) -> Option<Date> {
        self.team().team.to.map(Date)
    }

    /// Whether it does not exist any more, or not yet. What its people did while it existed stays its own.
    async fn is_closed(&self) -> bool {
        self.team().closed
    }

    /// What metrics of the team mean: the profile of each kind that holds for it.
    async fn profiles(&self) -> Vec<AssignedProfile> {
        let assigned = profiles::assigned(&self.directory.org, &self.directory.records, Some(self.index));
        AssignedProfile::all(&self.directory, assigned, Origin::Team(self.index))
    }

    /// Which rows are the team's, and whether its people narrow them.
    async fn settings(&self) -> TeamSettings {
        TeamSettings::new(&self.directory, self.index)
    }
}
