//! `Contributor`: a person, registered or detected from accounts.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::{Context, ID, MergedObject, Object, Result, SimpleObject};
use chrono::NaiveDate;

use super::super::asking::Asking;
use super::super::date::Date;
use super::super::error::shared;
use super::super::inputs::PeriodInput;
use super::super::measured::Measured;
use super::super::node::{GlobalId, Kind};
use super::super::relay::{Connection, Paging, page};
use super::account::Account;
use super::activity::ActivityDay;
use super::attribute::Attribute;
use super::team::Team;
use crate::clock::midnight;
use crate::model::Dimension;
use crate::people::Directory;
use crate::people::directory::Person;
use crate::query::question::Scope;

/// A person whose work is measured.
#[derive(Clone, MergedObject)]
pub struct Contributor(ContributorFields, Measured);

/// What a contributor has beside metrics.
#[derive(Clone)]
pub struct ContributorFields {
    directory: Arc<Directory>,
    /// Index of the person.
    index: usize,
}

/// A time that a contributor spent in a team.
#[derive(SimpleObject)]
pub struct TeamMembership {
    /// The team.
    team: Team,
    /// First day; null: always.
    from: Option<Date>,
    /// The day after the last one; null: still.
    to: Option<Date>,
    /// The contributor's home is another team. The work counts in both.
    shared: bool,
    /// A squad's rule says so; nobody listed the contributor there.
    by_rule: bool,
}

impl Contributor {
    pub fn new(directory: &Arc<Directory>, index: usize) -> Contributor {
        let scope = Scope::Key(Dimension::Contributor, directory.resolved.people[index].id.clone());
        Contributor(ContributorFields { directory: Arc::clone(directory), index }, Measured(scope))
    }

    /// The global id of a contributor.
    pub fn global_id(key: &str) -> ID {
        GlobalId::new(Kind::Contributor, key).encode()
    }

    /// A contributor by id.
    pub fn by_key(directory: &Arc<Directory>, key: &str) -> Option<Contributor> {
        directory.resolved.by_id.get(key).map(|index| Contributor::new(directory, *index))
    }

    /// The global id, for the `Node` interface.
    pub async fn id(&self, _: &Context<'_>) -> Result<ID> {
        Ok(self.0.global_id())
    }

    /// A page of contributors, given as indices of people.
    pub fn page(directory: &Arc<Directory>, people: &[usize], paging: &Paging) -> Result<Connection<Contributor>> {
        let key = |index: &usize| directory.resolved.people[*index].id.clone();
        page(people, paging, key, |index| Contributor::new(directory, *index))
    }
}

impl ContributorFields {
    fn person(&self) -> &Person {
        &self.directory.resolved.people[self.index]
    }

    fn global_id(&self) -> ID {
        GlobalId::new(Kind::Contributor, &self.person().id).encode()
    }

    /// Indices of the teams that the person was directly in on a day.
    fn teams_on(&self, day: NaiveDate) -> Vec<usize> {
        let attribution = &self.directory.attribution;
        let at = midnight(day, self.directory.zone).timestamp_micros();
        let person = attribution.person(&self.person().id);
        let mut teams: Vec<usize> =
            person.into_iter().flat_map(|person| attribution.direct_at(person, at)).map(|node| node as usize).collect();
        teams.sort_unstable();
        teams.dedup();
        teams
    }
}

/// A person: registered by import or by hand, or detected from accounts that nobody claimed yet.
#[Object]
impl ContributorFields {
    /// Global id.
    async fn id(&self) -> ID {
        self.global_id()
    }

    /// Full name; of a detected person, as its account gives it.
    async fn name(&self) -> &str {
        &self.person().name
    }

    /// The main e-mail address.
    async fn email(&self) -> Option<&str> {
        self.person().emails.first().map(String::as_str)
    }

    /// Every e-mail address, the main one first: those that were registered, then those of the accounts.
    async fn emails(&self) -> &[String] {
        &self.person().emails
    }

    /// Id in the organisation's own books, such as an employee number.
    async fn external_id(&self) -> Option<&str> {
        self.person().external_id.as_deref()
    }

    /// Whether somebody registered the person; a detected one is known by its accounts alone.
    async fn is_registered(&self) -> bool {
        self.person().registered
    }

    /// Whether it is a program: no metric counts its work.
    async fn is_bot(&self) -> bool {
        self.person().is_bot
    }

    /// Whether the person is locked: no rule adds accounts or takes them away.
    async fn is_locked(&self) -> bool {
        self.person().locked
    }

    /// Whom the person reports to.
    async fn manager(&self) -> Option<Contributor> {
        self.person().manager.map(|manager| Contributor::new(&self.directory, manager))
    }

    /// Those who report to the person directly, by name.
    async fn reports(
        &self,
        #[graphql(desc = "How many from the start, up to 100; 20 where neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after the node of this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, up to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before the node of this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Contributor>>> {
        let mut reports = self.person().reports.clone();
        reports.sort_unstable();
        Some(Contributor::page(&self.directory, &reports, &Paging { first, after, last, before }))
    }

    /// The accounts by which the tools know the person.
    async fn accounts(&self) -> Vec<Account> {
        self.person().accounts.iter().map(|index| Account::new(&self.directory, *index)).collect()
    }

    /// The teams that the person is directly in.
    async fn teams(
        &self,
        #[graphql(desc = "The day that is looked at; left out: today.")] at: Option<Date>,
    ) -> Vec<Team> {
        let day = at.map_or(self.directory.today, |day| day.0);
        self.teams_on(day).into_iter().map(|index| Team::new(&self.directory, index)).collect()
    }

    /// Every time that the person spent in a team, earliest first.
    async fn memberships(&self) -> Vec<TeamMembership> {
        let (teams, attribution) = (&self.directory.org.teams, &self.directory.attribution);
        let person = attribution.person(&self.person().id).map(|person| &attribution.people[person as usize]);
        let direct: BTreeSet<usize> =
            person.into_iter().flat_map(|person| &person.direct).map(|span| span.node as usize).collect();
        let of_team = |team: usize| teams[team].spans.iter().map(move |span| (team, span));
        let mut found: Vec<_> =
            direct.into_iter().flat_map(of_team).filter(|(_, span)| span.person == self.index).collect();
        found.sort_by_key(|(team, span)| (span.from, *team, span.to));
        let shown = |(team, span): (usize, &crate::people::directory::MemberSpan)| TeamMembership {
            team: Team::new(&self.directory, team),
            from: span.from.map(Date),
            to: span.to.map(Date),
            shared: span.shared,
            by_rule: span.by_rule,
        };
        found.into_iter().map(shown).collect()
    }

    /// Custom fields, by name.
    async fn attributes(&self) -> Vec<Attribute> {
        self.person().attributes.iter().map(|(name, value)| Attribute::new(name, value)).collect()
    }

    /// What the person did on each day of a period, by all accounts together: the heat-map. Days with nothing are left out.
    async fn activity(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Over which period.")] period: PeriodInput,
    ) -> Option<Result<Vec<ActivityDay>>> {
        let days = async {
            let asking = Asking::of(context)?;
            let period = period.resolve(asking, None)?;
            let accounts = self.person().accounts.iter().map(|index| &self.directory.resolved.accounts[*index].seen);
            let accounts = accounts.map(|seen| (seen.source.clone(), seen.login.clone())).collect();
            asking.activity.days(asking, accounts, &period).await.map_err(shared)
        };
        Some(days.await)
    }

    /// First day with the organisation; null: always.
    async fn starts_on(&self) -> Option<Date> {
        self.person().starts.map(Date)
    }

    /// The day after the last one with the organisation; null: still there.
    async fn ends_on(&self) -> Option<Date> {
        self.person().ends.map(Date)
    }

    /// Global ids of contributors that were merged into this one. They lead here.
    async fn merged_ids(&self) -> Vec<ID> {
        self.person().merged.iter().map(|id| GlobalId::new(Kind::Contributor, id).encode()).collect()
    }
}
