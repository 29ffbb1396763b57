//! `profilePreview`: the numbers before and after a change of profiles. The change is made on a draft that is thrown away,
//! by the operations that make it for good; both numbers are asked as any metric is.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, OneofObject, Result, SimpleObject};

use super::super::asking::Asking;
use super::super::definition::MetricDefinition;
use super::super::error::bad_input;
use super::super::find;
use super::super::inputs::PeriodInput;
use super::super::measured::measured;
use super::super::metric::Metric;
use super::super::mutation::{
    ApplyProfilesInput, AssignProfilesInput, CreateProfileInput, DeleteProfileInput, UpdateProfileInput, UserError,
};
use super::super::node::{GlobalId, Kind as NodeKind, Node};
use super::super::number::Period;
use super::super::people::find_team;
use super::object::profile_key;
use crate::model::metric::{Absent, Statistic};
use crate::model::profile::{Kind, Profile};
use crate::model::{self, Effective, Membership};
use crate::people::{Directory, Draft, Fault, Records, profiles};
use crate::query::calendar;
use crate::query::question::{Filter, Question, Scope, Wants};

/// The most teams that are looked at where none are named.
const TEAMS: usize = 50;

/// A change of profiles: exactly one field is given.
#[derive(OneofObject, Clone, Debug)]
pub enum ProfileChangeInput {
    /// As if this profile held, by id or name.
    Profile(String),
    /// As if this profile were there and held.
    Create(CreateProfileInput),
    /// A change of a profile, for whomever it holds.
    Update(UpdateProfileInput),
    /// The end of a profile.
    Delete(DeleteProfileInput),
    /// Profiles that org trees and teams get.
    Assign(AssignProfilesInput),
    /// Profiles of a document.
    Apply(ApplyProfilesInput),
}

/// Which numbers are looked at.
#[derive(InputObject, Clone, Debug)]
pub struct ProfilePreviewInput {
    /// Over which period.
    pub period: PeriodInput,
    /// Whose numbers, by global id, or teams by path; left out: the organisation's and those of the topmost teams of the
    /// default org tree, 50 at most.
    pub scopes: Option<Vec<ID>>,
    /// IANA time zone that days begin and end in; left out: the organisation's.
    pub timezone: Option<String>,
    /// Only numbers that would change.
    #[graphql(default)]
    pub only_changed: bool,
}

/// What a change of profiles would do.
#[derive(SimpleObject, Default)]
pub struct ProfilePreview {
    /// The numbers, by scope, then metric.
    differences: Vec<ProfileDifference>,
    /// What the caller can mend; where there is any, the change would not be made.
    user_errors: Vec<UserError>,
}

/// A number before and after a change of profiles.
#[derive(SimpleObject)]
pub struct ProfileDifference {
    /// What is measured.
    definition: MetricDefinition,
    /// Of what.
    scope: Node,
    /// The scope as a person reads it: of a team its path.
    label: String,
    /// Over which days.
    period: Period,
    /// The value now; null has a reason.
    before: Option<f64>,
    /// Why there is no value now.
    before_absent: Option<Absent>,
    /// The statistic that is shown now; null where the value is no distribution.
    before_statistic: Option<Statistic>,
    /// How many items it is computed from now.
    before_sample_size: u64,
    /// The value after the change.
    after: Option<f64>,
    /// Why there is no value after the change.
    after_absent: Option<Absent>,
    /// The statistic that is shown after the change.
    after_statistic: Option<Statistic>,
    /// How many items it is computed from after the change.
    after_sample_size: u64,
    /// After minus before; null where either has no value.
    difference: Option<f64>,
    /// The difference relative to the value before: 0.1 is 10 % more. Null where that is 0.
    relative: Option<f64>,
    /// Whether the two differ in value or reason.
    is_changed: bool,
}

/// What a change comes to.
struct Outcome {
    /// The records as they would be.
    records: Arc<Records>,
    /// Kinds of profiles that it is about.
    kinds: BTreeSet<Kind>,
    /// A profile that holds, whatever is assigned.
    held: Option<(Kind, String)>,
}

/// The numbers before and after a change.
pub async fn preview(
    context: &Context<'_>,
    change: &ProfileChangeInput,
    of: &ProfilePreviewInput,
) -> Result<ProfilePreview> {
    let asking = Asking::of(context)?;
    let directory = asking.directory().await?;
    let outcome = match outcome(asking, &directory, change).await? {
        Ok(outcome) => outcome,
        Err(faults) => {
            let user_errors = faults.into_iter().map(UserError::from).collect();
            return Ok(ProfilePreview { user_errors, ..ProfilePreview::default() });
        }
    };
    let period = of.period.resolve(asking, of.timezone.as_deref())?;
    let scopes = scopes(context, &directory, of.scopes.as_deref()).await?;
    let but = outcome.held.as_ref().map(|(kind, id)| (*kind, id.as_str()));
    let mut asked = Vec::new();
    for (id, scope) in scopes {
        let before = asking.held(&directory, &directory.records, &scope, None);
        let after = asking.held(&directory, &outcome.records, &scope, but);
        for metric in asking.metrics().filter(|metric| outcome.kinds.contains(&Kind::of(metric))) {
            let ask = |profile: &Arc<Effective>| {
                let question = question(metric, &scope, period, profile);
                Metric::register(asking, question, &[])
            };
            asked.push((id.clone(), metric, ask(&before)?, ask(&after)?));
        }
    }
    let mut differences = Vec::with_capacity(asked.len());
    for (id, metric, before, after) in asked {
        let difference = ProfileDifference::of(context, id, metric, period, &before, &after).await?;
        differences.extend(Some(difference).filter(|difference| difference.is_changed || !of.only_changed));
    }
    Ok(ProfilePreview { differences, user_errors: Vec::new() })
}

fn question(
    metric: &'static model::Metric,
    scope: &Scope,
    period: calendar::Period,
    profile: &Arc<Effective>,
) -> Question {
    Question {
        metric,
        scope: scope.clone(),
        period,
        filter: Filter::default(),
        membership: Membership::AtEvent,
        wants: Wants::default(),
        profile: Arc::clone(profile),
    }
}

/// Makes the change on a draft that is thrown away.
async fn outcome(
    asking: &Asking,
    directory: &Arc<Directory>,
    change: &ProfileChangeInput,
) -> Result<Result<Outcome, Vec<Fault>>> {
    let mut draft = asking.draft(directory);
    let held = match change {
        ProfileChangeInput::Profile(text) => match profiles::find(&directory.records, &profile_key(text)) {
            Some((id, kind)) => {
                let (records, kinds) = (Arc::clone(&directory.records), [kind].into());
                return Ok(Ok(Outcome { records, kinds, held: Some((kind, id)) }));
            }
            None => return Err(bad_input(format!("change.profile: there is no profile {text:?}"))),
        },
        ProfileChangeInput::Create(input) => input.make(&mut draft).map(Some),
        ProfileChangeInput::Update(input) => input.make(&mut draft, directory).map(|_| None),
        ProfileChangeInput::Delete(input) => input.make(&mut draft).map(|_| None),
        ProfileChangeInput::Assign(input) => input.make(&mut draft, directory).map(|_| None),
        ProfileChangeInput::Apply(input) => input.make(&mut draft, directory).map(|_| None),
    };
    let held = match held {
        Ok(held) => held,
        Err(faults) => return Ok(Err(faults)),
    };
    let records = Arc::new(draft.records().clone());
    let held = held.and_then(|id| Some((records.profiles.get(&id)?.kind, id)));
    let kinds = held.as_ref().map_or_else(|| kinds(directory, &draft), |(kind, _)| [*kind].into());
    Ok(Ok(Outcome { records, kinds, held }))
}

/// Kinds of profiles that a draft changes or assigns anew.
fn kinds(directory: &Directory, draft: &Draft) -> BTreeSet<Kind> {
    let (before, after) = (&directory.records, draft.records());
    let mut found = BTreeSet::new();
    let ids: Vec<&str> = draft.touched::<Profile>().collect();
    for id in ids {
        found.extend([before, after].into_iter().filter_map(|records| records.profiles.get(id).map(|p| p.kind)));
    }
    for kind in Kind::ALL {
        let of_trees = before
            .trees
            .iter()
            .any(|(id, tree)| after.trees.get(id).is_some_and(|now| now.profiles.get(kind) != tree.profiles.get(kind)));
        let set = |records: &Records, id: &str| {
            records.settings.get(id).and_then(|settings| settings.profiles.get(kind).cloned())
        };
        let mut teams = before.settings.keys().chain(after.settings.keys());
        if of_trees || teams.any(|id| set(before, id) != set(after, id)) {
            found.insert(*kind);
        }
    }
    found
}

async fn scopes(context: &Context<'_>, directory: &Directory, named: Option<&[ID]>) -> Result<Vec<(GlobalId, Scope)>> {
    let team = |index: &usize| GlobalId::new(NodeKind::Team, &directory.org.teams[*index].id);
    let ids: Vec<GlobalId> = match named {
        None => {
            let roots = directory.org.trees.first().map_or(&[][..], |tree| &tree.roots);
            let organization = GlobalId::new(NodeKind::Organization, "");
            std::iter::once(organization).chain(roots.iter().take(TEAMS).map(team)).collect()
        }
        Some(named) => {
            let one = |(n, text): (usize, &ID)| {
                let found = GlobalId::decode(text).or_else(|| find_team(directory, text).as_ref().map(team));
                found.ok_or_else(|| {
                    bad_input(format!("of.scopes[{n}]: {:?} is neither an id nor a team's path", text.as_str()))
                })
            };
            named.iter().enumerate().map(one).collect::<Result<_>>()?
        }
    };
    let mut scopes = Vec::with_capacity(ids.len());
    for (n, id) in ids.into_iter().enumerate() {
        if find(context, id.clone()).await?.is_none() {
            return Err(bad_input(format!("of.scopes[{n}]: there is no such thing")));
        }
        let scope = measured(&id).ok_or_else(|| bad_input(format!("of.scopes[{n}]: nothing is measured of it")))?;
        scopes.push((id, scope));
    }
    Ok(scopes)
}

impl ProfileDifference {
    async fn of(
        context: &Context<'_>,
        id: GlobalId,
        metric: &'static model::Metric,
        period: calendar::Period,
        before: &Metric,
        after: &Metric,
    ) -> Result<ProfileDifference> {
        let label = label(Asking::of(context)?, &id).await?;
        let scope = find(context, id).await?.ok_or_else(|| bad_input("of.scopes: there is no such thing"))?;
        let (was, is) = (before.value_of(context, None).await?, after.value_of(context, None).await?);
        let (before_absent, after_absent) = (before.absent_reason(context).await?, after.absent_reason(context).await?);
        let difference = was.zip(is).map(|(was, is)| is - was);
        Ok(ProfileDifference {
            definition: MetricDefinition(metric),
            scope,
            label,
            period: Period(period),
            before: was,
            before_absent,
            before_statistic: before.shown_statistic(),
            before_sample_size: before.known(context).await?,
            after: is,
            after_absent,
            after_statistic: after.shown_statistic(),
            after_sample_size: after.known(context).await?,
            difference,
            relative: difference.zip(was.filter(|was| *was != 0.0)).map(|(difference, was)| difference / was),
            is_changed: (was, before_absent) != (is, after_absent),
        })
    }
}

async fn label(asking: &Asking, id: &GlobalId) -> Result<String> {
    Ok(match id.kind {
        NodeKind::Organization => asking.settings.organization.clone(),
        NodeKind::Team => {
            let directory = asking.directory().await?;
            directory.team(&id.key).map_or_else(|| id.key.clone(), |team| team.path.clone())
        }
        NodeKind::Contributor => {
            let directory = asking.directory().await?;
            directory.person(&id.key).map_or_else(|| id.key.clone(), |person| person.name.clone())
        }
        _ => id.key.clone(),
    })
}
