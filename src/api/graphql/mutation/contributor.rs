//! Mutations of contributors: who there is, and who is one person.

use std::collections::BTreeMap;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::super::asking::Asking;
use super::super::date::Date;
use super::super::error::internal;
use super::super::people::{AttributeInput, Contributor, contributor_key};
use super::outcome::{Done, change};
use super::payload::payload;
use super::team::{contributor_id, given};
use crate::people::Fault;
use crate::people::operations::{self, Effect, Upserted};

/// A contributor as it is to be. What is left out stays as it is; null takes it away.
#[derive(InputObject)]
pub struct ContributorInput {
    /// Whom to change, by id; also a detected person, who is registered by this. Left out: whoever has the external id, else
    /// one of the e-mail addresses; where there is nobody, a new contributor is made.
    pub id: Option<ID>,
    /// Full name; needed for a new one.
    pub name: Option<String>,
    /// All e-mail addresses, the main one first.
    pub emails: Option<Vec<String>>,
    /// Id in the organisation's own books, such as an employee number; nobody else has it.
    pub external_id: MaybeUndefined<String>,
    /// Whom the person reports to: id, external id or e-mail, also of somebody who comes in the same call.
    pub manager: MaybeUndefined<String>,
    /// Custom fields to set or take away; others stay.
    #[graphql(default)]
    pub attributes: Vec<AttributeInput>,
    /// First day with the organisation.
    pub starts_on: MaybeUndefined<Date>,
    /// The day after the last one with the organisation.
    pub ends_on: MaybeUndefined<Date>,
}

/// Contributors that are made or changed.
#[derive(InputObject)]
pub struct UpsertContributorsInput {
    /// The contributors, 10,000 at most.
    pub contributors: Vec<ContributorInput>,
}

/// Contributors that are taken away.
#[derive(InputObject)]
pub struct DeleteContributorsInput {
    /// Whom, by id or e-mail, 10,000 at most.
    pub contributors: Vec<String>,
}

/// Contributors that come back.
#[derive(InputObject)]
pub struct RestoreContributorsInput {
    /// Whom, by id.
    pub ids: Vec<ID>,
    /// A time at which they were there.
    pub as_of: DateTime<Utc>,
}

/// Contributors who are one person.
#[derive(InputObject)]
pub struct MergeContributorsInput {
    /// Who stays, by id or e-mail.
    pub into: String,
    /// Who goes into that one, by id or e-mail.
    pub from: Vec<String>,
}

/// A merge that is taken back.
#[derive(InputObject)]
pub struct UnmergeContributorInput {
    /// The id that the contributor had before it was merged; `mergedIds` has it.
    pub id: ID,
}

/// A contributor that an upsert made or changed.
#[derive(SimpleObject)]
pub struct UpsertedContributor {
    /// What was done.
    effect: Effect,
    /// The contributor.
    contributor: Option<Contributor>,
}

payload! {
    /// What became of contributors to make or change.
    UpsertContributorsPayload {
        /// Each contributor, in the order of the input.
        results: Vec<UpsertedContributor>,
        /// How many are new.
        created: usize,
        /// How many were changed.
        changed: usize,
        /// How many were so already.
        unchanged: usize,
    }
}

payload! {
    /// What became of contributors to take away.
    DeleteContributorsPayload {
        /// Global ids of those who are gone.
        deleted_ids: Vec<ID>,
    }
}

payload! {
    /// Contributors after a change.
    ContributorsPayload {
        /// The contributors.
        contributors: Vec<Contributor>,
    }
}

payload! {
    /// A contributor after a change.
    ContributorPayload {
        /// The contributor.
        contributor: Option<Contributor>,
    }
}

impl ContributorInput {
    fn read(&self) -> Result<operations::ContributorInput> {
        let mut attributes = BTreeMap::new();
        for attribute in &self.attributes {
            attributes.insert(attribute.name.clone(), attribute.value()?);
        }
        Ok(operations::ContributorInput {
            id: self.id.as_ref().map(|id| contributor_key(id)),
            name: self.name.clone(),
            emails: self.emails.clone(),
            external_id: given(&self.external_id).map(|id| id.cloned()),
            manager: given(&self.manager).map(|manager| manager.map(|text| contributor_key(text))),
            attributes,
            starts: given(&self.starts_on).map(|day| day.map(|day| day.0)),
            ends: given(&self.ends_on).map(|day| day.map(|day| day.0)),
        })
    }
}

pub fn one(done: Done<String>) -> ContributorPayload {
    let Done { outcome, directory, change, user_errors } = done;
    let contributor = outcome.and_then(|id| Contributor::by_key(&directory, &id));
    ContributorPayload { contributor, change, user_errors }
}

pub fn many(done: Done<Vec<String>>) -> ContributorsPayload {
    let Done { outcome, directory, change, user_errors } = done;
    let contributors =
        outcome.unwrap_or_default().iter().filter_map(|id| Contributor::by_key(&directory, id)).collect();
    ContributorsPayload { contributors, change, user_errors }
}

/// The same faults, with a list's name as the API has it: `ids[3]` is `contributors[3]`.
pub fn renamed(faults: Vec<Fault>, from: &str, to: &str) -> Vec<Fault> {
    let rename = |mut fault: Fault| {
        fault.field =
            fault.field.map(|field| field.strip_prefix(from).map(|rest| format!("{to}{rest}")).unwrap_or(field));
        fault
    };
    faults.into_iter().map(rename).collect()
}

/// The part of `Mutation` that is about contributors.
#[derive(Default)]
pub struct ContributorMutation;

#[Object]
impl ContributorMutation {
    /// Makes or changes contributors, all or none.
    async fn upsert_contributors(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The contributors.")] input: UpsertContributorsInput,
    ) -> Option<Result<UpsertContributorsPayload>> {
        let done = async {
            let inputs: Vec<_> = input.contributors.iter().map(ContributorInput::read).collect::<Result<_>>()?;
            let summary = format!("made or changed {} contributors", inputs.len());
            let done = change(context, "UPSERT_CONTRIBUTORS", &summary, |draft, directory| {
                operations::upsert(draft, directory, &inputs).map_err(|faults| renamed(faults, "input", "contributors"))
            });
            let Done { outcome, directory, change, user_errors } = done.await?;
            let upserted = outcome.unwrap_or_default();
            let count = |effect: Effect| upserted.iter().filter(|one| one.effect == effect).count();
            let (created, changed, unchanged) =
                (count(Effect::Created), count(Effect::Changed), count(Effect::Unchanged));
            let result = |Upserted { id, effect }: Upserted| UpsertedContributor {
                effect,
                contributor: Contributor::by_key(&directory, &id),
            };
            let results = upserted.into_iter().map(result).collect();
            Ok(UpsertContributorsPayload { results, created, changed, unchanged, change, user_errors })
        };
        Some(done.await)
    }

    /// Takes contributors away, all or none. Their accounts are pending again; what they did stays, by their accounts.
    async fn delete_contributors(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whom.")] input: DeleteContributorsInput,
    ) -> Option<Result<DeleteContributorsPayload>> {
        let summary = format!("deleted {} contributors", input.contributors.len());
        let done = change(context, "DELETE_CONTRIBUTORS", &summary, |draft, directory| {
            let ids: Vec<String> = input.contributors.iter().map(|text| contributor_id(directory, text)).collect();
            operations::delete(draft, directory, &ids).map_err(|faults| renamed(faults, "ids", "contributors"))
        });
        let payload = |Done { outcome, change, user_errors, .. }: Done<Vec<String>>| DeleteContributorsPayload {
            deleted_ids: outcome.unwrap_or_default().iter().map(|id| Contributor::global_id(id)).collect(),
            change,
            user_errors,
        };
        Some(done.await.map(payload))
    }

    /// Brings contributors back that were there at an earlier time, with their accounts and memberships of then.
    async fn restore_contributors(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whom, and as of when.")] input: RestoreContributorsInput,
    ) -> Option<Result<ContributorsPayload>> {
        let done = async {
            let asking = Asking::of(context)?;
            let earlier = asking.register.people().records_at(&asking.snapshot, input.as_of).await;
            let earlier = earlier.map_err(|error| internal(&error))?;
            let ids: Vec<String> = input.ids.iter().map(|id| contributor_key(id)).collect();
            let summary = format!("brought {} contributors back as of {}", ids.len(), input.as_of);
            let done = change(context, "RESTORE_CONTRIBUTORS", &summary, |draft, directory| {
                operations::restore(draft, directory, &earlier, &ids)
            });
            done.await.map(many)
        };
        Some(done.await)
    }

    /// Says that contributors are one person. All ids go on to lead to the one who stays.
    async fn merge_contributors(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who stays, and who goes into that one.")] input: MergeContributorsInput,
    ) -> Option<Result<ContributorPayload>> {
        let summary = format!("merged {} contributors into {:?}", input.from.len(), input.into);
        let done = change(context, "MERGE_CONTRIBUTORS", &summary, |draft, directory| {
            let from: Vec<String> = input.from.iter().map(|text| contributor_id(directory, text)).collect();
            operations::merge(draft, directory, &contributor_id(directory, &input.into), &from)
        });
        Some(done.await.map(one))
    }

    /// Makes a contributor that was merged into another a person of its own again.
    async fn unmerge_contributor(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whom.")] input: UnmergeContributorInput,
    ) -> Option<Result<ContributorPayload>> {
        let id = contributor_key(&input.id);
        let summary = format!("took back that the contributor {id:?} is another");
        let done = change(context, "UNMERGE_CONTRIBUTOR", &summary, |draft, directory| {
            operations::unmerge(draft, directory, &id).map(|()| id.clone())
        });
        Some(done.await.map(one))
    }
}
