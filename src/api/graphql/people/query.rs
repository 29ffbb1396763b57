//! What can be asked of people, teams, settings and their history.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};

use super::super::asking::Asking;
use super::super::date::Date;
use super::super::error::{bad_input, internal};
use super::super::inputs::PeriodInput;
use super::super::relay::{Connection, Paging, page};
use super::account::{self, Account, AccountStatus};
use super::attribute::{AttributeInUse, in_use};
use super::audit::{self, AuditEntry, AuditFilter};
use super::condition::ConditionInput;
use super::contributor::Contributor;
use super::import::{ContributorVersionDifference, ImportPreview};
use super::licence::{LicenceUse, licence_use};
use super::list::{self, ContributorFilter, ContributorOrder};
use super::matching::{self, ConditionMatch};
use super::plan::OrgTreePlan;
use super::reference::{contributor_key, find_team, find_tree, is_login, team_key};
use super::rules::IdentityRules;
use super::team::Team;
use super::tree::OrgTree;
use super::version::ContributorVersion;
use super::viewer::Viewer;
use crate::people::document_file::{Format, export};
use crate::people::import::{self, version};
use crate::people::org::build::build;
use crate::people::org::edit;
use crate::people::{Draft, Fault, document};

/// The part of `Query` that is about people.
#[derive(Default)]
pub struct PeopleQuery;

#[Object]
impl PeopleQuery {
    /// Who asks.
    async fn viewer(&self, context: &Context<'_>) -> Result<Viewer> {
        Ok(Viewer::new(&Asking::of(context)?.caller))
    }

    /// A contributor, by one of id, e-mail and login; null where there is none.
    async fn contributor(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id; also of one that was merged into another, who then is given.")] id: Option<ID>,
        #[graphql(desc = "One of the e-mail addresses; upper and lower case are alike.")] email: Option<String>,
        #[graphql(
            desc = "A login, alone or as \"source/login\". Of several contributors with that login, the first by name."
        )]
        login: Option<String>,
        #[graphql(desc = "As recorded at this time; left out: as recorded now.")] as_of: Option<DateTime<Utc>>,
    ) -> Option<Result<Contributor>> {
        let found = async {
            let directory = Asking::of(context)?.directory_at(as_of).await?;
            let resolved = &directory.resolved;
            let index = match (id, email, login) {
                (Some(id), None, None) => resolved.by_id.get(&contributor_key(&id)).copied(),
                (None, Some(email), None) => resolved.by_email.get(&email.trim().to_lowercase()).copied(),
                (None, None, Some(login)) => {
                    let accounts = resolved.accounts.iter();
                    accounts.filter(|account| is_login(account, &login)).map(|account| account.person).min()
                }
                _ => return Err(bad_input("contributor: give one of id, email and login")),
            };
            Ok(index.map(|index| Contributor::new(&directory, index)))
        };
        found.await.transpose()
    }

    /// Contributors, by name.
    #[allow(clippy::too_many_arguments)]
    async fn contributors(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "As somebody types: every word must begin a word of the name, an e-mail address or a login.")]
        search: Option<String>,
        #[graphql(desc = "Which contributors; left out: all that are no bots.")] filter: Option<ContributorFilter>,
        #[graphql(desc = "The order; left out: by name.")] order_by: Option<ContributorOrder>,
        #[graphql(desc = "As recorded at this time; left out: as recorded now.")] as_of: Option<DateTime<Utc>>,
        #[graphql(desc = "How many from the start, up to 100; 20 where neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after the node of this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, up to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before the node of this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Contributor>>> {
        let found = async {
            let directory = Asking::of(context)?.directory_at(as_of).await?;
            let filter = filter.unwrap_or_default();
            let people = list::contributors(&directory, search.as_deref(), &filter, order_by.as_ref())?;
            Contributor::page(&directory, &people, &Paging { first, after, last, before })
        };
        Some(found.await)
    }

    /// A team, by id or path; null where there is none.
    async fn team(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id.")] id: Option<ID>,
        #[graphql(desc = "Names from the top of the tree, such as \"engineering/payments\".")] path: Option<String>,
        #[graphql(
            desc = "The tree that the path is in, by id or name; left out: the first tree that has such a path."
        )]
        org_tree: Option<String>,
        #[graphql(desc = "As recorded at this time; left out: as recorded now.")] as_of: Option<DateTime<Utc>>,
    ) -> Option<Result<Team>> {
        let found = async {
            let directory = Asking::of(context)?.directory_at(as_of).await?;
            let index = match (id, path) {
                (Some(id), None) => directory.org.by_id.get(&team_key(&id)).copied(),
                (None, Some(path)) => match org_tree {
                    None => find_team(&directory, &path),
                    Some(tree) => {
                        let wanted = find_tree(&directory, &tree)
                            .ok_or_else(|| bad_input(format!("orgTree: there is no org tree {tree:?}")))?;
                        let teams = directory.org.by_path.get(&path).into_iter().flatten();
                        teams.copied().find(|team| directory.org.teams[*team].tree == wanted)
                    }
                },
                _ => return Err(bad_input("team: give one of id and path")),
            };
            Ok(index.map(|index| Team::new(&directory, index)))
        };
        found.await.transpose()
    }

    /// Teams, by tree and path. Closed ones are left out.
    #[allow(clippy::too_many_arguments)]
    async fn teams(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only teams of this tree, by id or name.")] org_tree: Option<String>,
        #[graphql(desc = "As somebody types: every word must begin the path or a word of it.")] search: Option<String>,
        #[graphql(desc = "Only teams without a team below.")] leaves_only: Option<bool>,
        #[graphql(desc = "As recorded at this time; left out: as recorded now.")] as_of: Option<DateTime<Utc>>,
        #[graphql(desc = "How many from the start, up to 100; 20 where neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after the node of this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, up to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before the node of this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Team>>> {
        let found = async {
            let directory = Asking::of(context)?.directory_at(as_of).await?;
            let leaves_only = leaves_only.unwrap_or_default();
            let teams = list::teams(&directory, org_tree.as_deref(), search.as_deref(), leaves_only)?;
            Team::page(&directory, &teams, &Paging { first, after, last, before })
        };
        Some(found.await)
    }

    /// Every org tree, the default one first.
    async fn org_trees(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "As recorded at this time; left out: as recorded now.")] as_of: Option<DateTime<Utc>>,
    ) -> Option<Result<Vec<OrgTree>>> {
        let found = async {
            let directory = Asking::of(context)?.directory_at(as_of).await?;
            Ok((0..directory.org.trees.len()).map(|index| OrgTree::new(&directory, index)).collect())
        };
        Some(found.await)
    }

    /// An org tree; null where there is none.
    async fn org_tree(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id, or the name.")] id: ID,
        #[graphql(desc = "As recorded at this time; left out: as recorded now.")] as_of: Option<DateTime<Utc>>,
    ) -> Option<Result<OrgTree>> {
        let found = async {
            let directory = Asking::of(context)?.directory_at(as_of).await?;
            Ok(find_tree(&directory, &id).map(|index| OrgTree::new(&directory, index)))
        };
        found.await.transpose()
    }

    /// What a build of an org tree would change, as it is defined or with another definition. Nothing is written;
    /// `buildOrgTree` makes it.
    #[allow(clippy::too_many_arguments)]
    async fn preview_org_tree(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The tree, by id or name.")] id: ID,
        #[graphql(desc = "The day from which on it would hold; left out: today.")] on: Option<Date>,
        #[graphql(desc = "Other levels, as attributes from the top; left out: those of the tree.")] levels: Option<
            Vec<String>,
        >,
        #[graphql(desc = "Whether it follows the managers below the levels; left out: as the tree does.")]
        by_manager: Option<bool>,
        #[graphql(desc = "Another filter of who is in it; left out: that of the tree.")] filter: Option<ConditionInput>,
    ) -> Option<Result<OrgTreePlan>> {
        let found = async {
            let directory = Asking::of(context)?.directory().await?;
            let tree = find_tree(&directory, &id)
                .ok_or_else(|| bad_input(format!("id: there is no org tree {:?}", id.as_str())))?;
            let tree = directory.org.trees[tree].id.clone();
            let mut draft = Draft::new(Arc::clone(&directory.records));
            let mut definition = draft.get::<document::OrgTree>(&tree).cloned().unwrap_or_default();
            definition.levels = levels.unwrap_or(definition.levels);
            definition.by_manager = by_manager.unwrap_or(definition.by_manager);
            definition.filter = filter.map(|filter| filter.read()).or(definition.filter);
            let day = on.map_or(directory.today, |day| day.0);
            let planned = edit::tree::redefine(&mut draft, &directory, &tree, definition)
                .and_then(|()| build(&mut draft, &directory.resolved, &tree, day));
            match planned {
                Ok(plan) => Ok(OrgTreePlan::new(&directory, plan)),
                Err(faults) => Err(faulty(&faults)),
            }
        };
        Some(found.await)
    }

    /// Accounts that the tools know, by integration and login.
    #[allow(clippy::too_many_arguments)]
    async fn accounts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only accounts of this status.")] status: Option<AccountStatus>,
        #[graphql(desc = "Only accounts whose login, name or e-mail address holds this text.")] search: Option<String>,
        #[graphql(desc = "How many from the start, up to 100; 20 where neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after the node of this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, up to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before the node of this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Account>>> {
        let found = async {
            let directory = Asking::of(context)?.directory().await?;
            let accounts = account::list(&directory, status, search.as_deref());
            let key = |index: &usize| {
                let seen = &directory.resolved.accounts[*index].seen;
                format!("{}/{}", seen.source, seen.login)
            };
            page(&accounts, &Paging { first, after, last, before }, key, |index| Account::new(&directory, *index))
        };
        Some(found.await)
    }

    /// What a condition on the sources of a team matches, for each field that it tests. Nothing is set.
    async fn test_condition(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The condition, as `setTeamSettings` takes it.")] condition: ConditionInput,
    ) -> Option<Result<Vec<ConditionMatch>>> {
        Some(matching::test(context, &condition).await)
    }

    /// Custom attributes that at least one contributor has, by name.
    async fn attributes(&self, context: &Context<'_>) -> Option<Result<Vec<AttributeInUse>>> {
        let found = async { Ok(in_use(Asking::of(context)?.directory().await?.as_ref())) };
        Some(found.await)
    }

    /// How accounts are matched to people.
    async fn identity_rules(&self, context: &Context<'_>) -> Option<Result<IdentityRules>> {
        let found = async {
            let directory = Asking::of(context)?.directory().await?;
            Ok(IdentityRules::new(directory.records.identity_rules()))
        };
        Some(found.await)
    }

    /// Who changed what of people and settings, newest first.
    async fn audit(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which entries; left out: all.")] filter: Option<AuditFilter>,
        #[graphql(desc = "How many entries, up to 100.", default = 20)] first: i32,
        #[graphql(desc = "The `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<Connection<AuditEntry>>> {
        Some(audit::page(context, filter, first, after).await)
    }

    /// Who counts where a licence counts people.
    async fn licence_use(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "In which period people were active.")] period: PeriodInput,
    ) -> Option<Result<LicenceUse>> {
        Some(licence_use(context, &period).await)
    }

    /// Approved imports of contributors, newest first.
    async fn contributor_versions(&self, context: &Context<'_>) -> Option<Result<Vec<ContributorVersion>>> {
        let found = async {
            let directory = Asking::of(context)?.directory().await?;
            let versions = version::list(&directory.records).into_iter();
            Ok(versions.map(|made| ContributorVersion::new(&made.number.to_string(), &made.version)).collect())
        };
        Some(found.await)
    }

    /// All org trees with their teams, settings, members by hand, and the identity rules, as one text. `applyDocument` of it
    /// changes nothing.
    async fn org_document(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How it is written.", default_with = "Format::Toml")] format: Format,
        #[graphql(desc = "As recorded at this time; left out: as recorded now.")] as_of: Option<DateTime<Utc>>,
    ) -> Option<Result<String>> {
        let found = async {
            let directory = Asking::of(context)?.directory_at(as_of).await?;
            export(&directory, format).map_err(|error| internal(&error))
        };
        Some(found.await)
    }

    /// How contributors differ between two versions, or between a version and now.
    async fn contributor_version_difference(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Number of the earlier version.")] from: i64,
        #[graphql(desc = "Number of the later version; left out: now.")] to: Option<i64>,
    ) -> Option<Result<ContributorVersionDifference>> {
        let found = async {
            let people = Asking::of(context)?.register.people().clone();
            let found = version::difference(&people, from, to).await.map_err(|error| internal(&error))?;
            found.map(ContributorVersionDifference::from).map_err(|faults| faulty(&faults))
        };
        Some(found.await)
    }

    /// What an import that waits for approval would do by now; null where none of this id waits.
    async fn contributor_import(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the import.")] id: String,
    ) -> Option<Result<ImportPreview>> {
        let found = async {
            let asking = Asking::of(context)?;
            let seen = asking.register.seen(&asking.snapshot).await.map_err(|error| internal(&error))?;
            let waiting = import::waiting(asking.register.people(), &seen, &id).await;
            Ok(waiting.map_err(|error| internal(&error))?.ok().map(ImportPreview))
        };
        found.await.transpose()
    }
}

/// What is wrong with the arguments of a field.
fn faulty(faults: &[Fault]) -> async_graphql::Error {
    bad_input(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}
