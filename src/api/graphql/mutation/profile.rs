//! Mutations of profiles. Each input makes its change on a draft, so that `profilePreview` can make it on one that is thrown
//! away.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};

use super::super::asking::Asking;
use super::super::date::Date;
use super::super::people::{OrgTree, Team, find_team, find_tree, team_key, tree_key};
use super::super::profile::{
    AssignedProfile, Profile, ProfileClassificationInput, ProfileMetricInput, ProfileParameterInput, metric_values,
    parameter, profile_key,
};
use super::document::DocumentDifference;
use super::outcome::{Done, UserError, change};
use super::payload::payload;
use crate::model;
use crate::model::profile::{Kind, Values, Version};
use crate::people::document_file::{Difference, Format, import_profiles};
use crate::people::profiles::{self, Origin, Target, VersionChange};
use crate::people::{Directory, Draft, Fault};

type Outcome<T> = Result<T, Vec<Fault>>;

/// A new profile. What it does not say is as it is built in.
#[derive(InputObject, Clone, Debug)]
pub struct CreateProfileInput {
    /// What it is about; it stays so.
    pub kind: Kind,
    /// Name of the profile, unlike that of any other.
    pub name: String,
    /// The day from which on it says what follows, in the organisation's time zone; left out: always.
    pub from: Option<Date>,
    /// Parameters that it says.
    #[graphql(default)]
    pub parameters: Vec<ProfileParameterInput>,
    /// Metrics that it says something of.
    #[graphql(default)]
    pub metrics: Vec<ProfileMetricInput>,
    /// Classifications that it says.
    #[graphql(default)]
    pub classifications: Vec<ProfileClassificationInput>,
}

/// A change of a profile. What is left out stays as it is.
#[derive(InputObject, Clone, Debug)]
pub struct UpdateProfileInput {
    /// The profile, by id or name.
    pub id: ID,
    /// Another name.
    pub name: Option<String>,
    /// The day from which on what follows holds; left out: today; null: always, before all versions that have a day.
    /// Where a version begins that day, it is changed; else there is a new one, which has all that held that day beside.
    pub from: MaybeUndefined<Date>,
    /// Parameters to say, or to leave as they are built in.
    #[graphql(default)]
    pub parameters: Vec<ProfileParameterInput>,
    /// Metrics, each with all that is said of it; one of which nothing is said is as it is built in.
    #[graphql(default)]
    pub metrics: Vec<ProfileMetricInput>,
    /// Classifications to say, or to leave as they are built in.
    #[graphql(default)]
    pub classifications: Vec<ProfileClassificationInput>,
    /// Days whose versions go, so that what was before them holds on; null: the version that always held.
    #[graphql(default)]
    pub remove_versions: Vec<Option<Date>>,
}

/// A profile that goes.
#[derive(InputObject, Clone, Debug)]
pub struct DeleteProfileInput {
    /// The profile, by id or name.
    pub id: ID,
    /// What takes its place where it is assigned, by id or name; of what is built in, the name of the kind.
    pub replacement: Option<ID>,
}

/// Profiles that org trees and teams get.
#[derive(InputObject, Clone, Debug)]
pub struct AssignProfilesInput {
    /// Each of them.
    pub assignments: Vec<ProfileAssignmentInput>,
}

/// A profile that an org tree or a team gets; one of the two is given.
#[derive(InputObject, Clone, Debug)]
pub struct ProfileAssignmentInput {
    /// The org tree, by id or name. The default one's profiles hold for all that is no team, too.
    pub org_tree: Option<ID>,
    /// The team, by id or path; the teams below it that have none of their own inherit it.
    pub team: Option<String>,
    /// The kind of profile.
    pub kind: Kind,
    /// The profile, by id or name; of what is built in, the name of the kind. Null: what it inherits.
    pub profile: Option<ID>,
}

/// Profiles as a document says.
#[derive(InputObject, Clone, Debug)]
pub struct ApplyProfilesInput {
    /// The text, with profiles and nothing else. `Profile.document` gives that of how one is.
    pub document: String,
    /// How it is written; left out: TOML.
    pub format: Option<Format>,
    /// Whether only to say what would change.
    #[graphql(default)]
    pub dry_run: bool,
}

payload! {
    /// A profile after a change.
    ProfilePayload {
        /// The profile.
        profile: Option<Profile>,
    }
}

payload! {
    /// What became of the removal of a profile.
    DeleteProfilePayload {
        /// Global id of the profile that is gone.
        deleted_id: Option<ID>,
    }
}

payload! {
    /// Whose profiles are whose, after a change.
    AssignProfilesPayload {
        /// The profiles that hold now for what was assigned one, in the order of the input.
        profiles: Vec<AssignedProfile>,
        /// The org trees that were assigned one.
        org_trees: Vec<OrgTree>,
        /// The teams that were assigned one.
        teams: Vec<Team>,
    }
}

payload! {
    /// What a document of profiles changes.
    ApplyProfilesPayload {
        /// Everything that differs, by path; empty where all is so already.
        differences: Vec<DocumentDifference>,
    }
}

impl CreateProfileInput {
    /// Makes it, and gives its id.
    pub fn make(&self, draft: &mut Draft) -> Outcome<String> {
        let parameters = read(&self.parameters)?.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let classifications = self.classifications.iter().map(ProfileClassificationInput::read);
        let values = Values {
            parameters: parameters.collect(),
            metrics: self.metrics.iter().map(metric_values).collect(),
            classifications: classifications.filter_map(|(name, said)| Some((name, said?))).collect(),
        };
        let versions = vec![Version { from: self.from.map(|from| from.0), values }];
        let made = profiles::create(draft, model::Profile { kind: self.kind, name: self.name.clone(), versions });
        made.map_err(|faults| faults.into_iter().map(of_only_version).collect())
    }
}

/// A fault with its field as the input has it, which has one version.
fn of_only_version(mut fault: Fault) -> Fault {
    fault.field = fault.field.map(|field| field.strip_prefix("versions[0].").map(str::to_owned).unwrap_or(field));
    fault
}

fn read(inputs: &[ProfileParameterInput]) -> Outcome<Vec<(String, Option<model::profile::Value>)>> {
    inputs.iter().map(|input| parameter(input).map_err(|fault| vec![fault])).collect()
}

/// The plain id of the profile that a text means; the text, where it means none.
fn stored(draft: &Draft, text: &str) -> String {
    let key = profile_key(text);
    profiles::find(draft.records(), &key).map_or(key, |(id, _)| id)
}

impl UpdateProfileInput {
    /// Makes the change, and gives the profile's id.
    pub fn make(&self, draft: &mut Draft, directory: &Directory) -> Outcome<String> {
        let id = stored(draft, &self.id);
        let says_nothing = self.parameters.is_empty() && self.metrics.is_empty() && self.classifications.is_empty();
        let from = match self.from {
            MaybeUndefined::Undefined => Some(directory.today),
            MaybeUndefined::Null => None,
            MaybeUndefined::Value(day) => Some(day.0),
        };
        let version = VersionChange {
            from,
            parameters: read(&self.parameters)?,
            metrics: self.metrics.iter().map(metric_values).collect(),
            classifications: self.classifications.iter().map(ProfileClassificationInput::read).collect(),
        };
        let change = profiles::Change {
            name: self.name.clone(),
            version: (!says_nothing || !self.from.is_undefined()).then_some(version),
            remove: self.remove_versions.iter().map(|day| day.map(|day| day.0)).collect(),
        };
        profiles::update(draft, &id, change).map(|()| id)
    }
}

impl DeleteProfileInput {
    /// Makes it go, and gives its id.
    pub fn make(&self, draft: &mut Draft) -> Outcome<String> {
        let id = stored(draft, &self.id);
        let replacement = self.replacement.as_ref().map(|text| profile_key(text));
        profiles::delete(draft, &id, replacement.as_deref()).map(|()| id)
    }
}

impl AssignProfilesInput {
    /// Assigns them, and says what to.
    pub fn make(&self, draft: &mut Draft, directory: &Directory) -> Outcome<Vec<(Target, Kind)>> {
        let (mut made, mut faults) = (Vec::new(), Vec::new());
        for (number, assignment) in self.assignments.iter().enumerate() {
            let place = format!("assignments[{number}]");
            let profile = assignment.profile.as_ref().map(|text| profile_key(text));
            let assigned = assignment.target(directory).and_then(|target| {
                profiles::assign(draft, &target, assignment.kind, profile.as_deref()).map(|()| target)
            });
            match assigned {
                Ok(target) => made.push((target, assignment.kind)),
                Err(wrong) => faults.extend(wrong.into_iter().map(|fault| fault.under(&place))),
            }
        }
        if faults.is_empty() { Ok(made) } else { Err(faults) }
    }
}

impl ProfileAssignmentInput {
    fn target(&self, directory: &Directory) -> Outcome<Target> {
        match (&self.org_tree, &self.team) {
            (Some(tree), None) => Ok(Target::Tree(
                find_tree(directory, tree)
                    .map_or_else(|| tree_key(tree), |index| directory.org.trees[index].id.clone()),
            )),
            (None, Some(team)) => Ok(Target::Team(
                find_team(directory, team)
                    .map_or_else(|| team_key(team), |index| directory.org.teams[index].id.clone()),
            )),
            _ => Err(vec![Fault::new(crate::people::Code::InvalidValue, "give one of orgTree and team")]),
        }
    }
}

impl ApplyProfilesInput {
    /// Makes profiles as the document says, and tells what differs.
    pub fn make(&self, draft: &mut Draft, directory: &Directory) -> Outcome<Vec<Difference>> {
        import_profiles(draft, directory, &self.document, self.format.unwrap_or(Format::Toml))
            .map_err(|faults| faults.into_iter().map(|fault| fault.under("document")).collect())
    }
}

fn payload_of(done: Done<String>) -> ProfilePayload {
    let Done { outcome, directory, change, user_errors } = done;
    let profile = outcome.and_then(|id| Profile::by_key(&directory, &id));
    ProfilePayload { profile, change, user_errors }
}

/// The part of `Mutation` that is about profiles.
#[derive(Default)]
pub struct ProfileMutation;

#[Object]
impl ProfileMutation {
    /// Makes a profile. It changes no number before it is assigned with `assignProfiles`.
    async fn create_profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The profile.")] input: CreateProfileInput,
    ) -> Option<Result<ProfilePayload>> {
        let summary = format!("made the profile {:?}", input.name);
        let done = change(context, "CREATE_PROFILE", &summary, |draft, _| input.make(draft));
        Some(done.await.map(payload_of))
    }

    /// Changes what a profile says from a day on. `profilePreview` shows before which numbers change.
    async fn update_profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The profile, and what changes.")] input: UpdateProfileInput,
    ) -> Option<Result<ProfilePayload>> {
        let summary = format!("changed the profile {:?}", profile_key(&input.id));
        let done = change(context, "UPDATE_PROFILE", &summary, |draft, directory| input.make(draft, directory));
        Some(done.await.map(payload_of))
    }

    /// Deletes a profile. One that is assigned needs another to take its place.
    async fn delete_profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The profile.")] input: DeleteProfileInput,
    ) -> Option<Result<DeleteProfilePayload>> {
        let summary = format!("deleted the profile {:?}", profile_key(&input.id));
        let done = change(context, "DELETE_PROFILE", &summary, |draft, _| input.make(draft));
        let payload = |Done { outcome, change, user_errors, .. }: Done<String>| DeleteProfilePayload {
            deleted_id: outcome.map(|id| Profile::global_id(&id)),
            change,
            user_errors,
        };
        Some(done.await.map(payload))
    }

    /// Says which profiles org trees and teams have, all or none.
    async fn assign_profiles(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whose, and which.")] input: AssignProfilesInput,
    ) -> Option<Result<AssignProfilesPayload>> {
        let summary = format!("assigned profiles {} times", input.assignments.len());
        let done = change(context, "ASSIGN_PROFILES", &summary, |draft, directory| input.make(draft, directory)).await;
        Some(done.map(|Done { outcome, directory, change, user_errors }| {
            let (mut held, mut org_trees, mut teams) = (Vec::new(), Vec::new(), Vec::new());
            for (target, kind) in outcome.unwrap_or_default() {
                let (org, records) = (&directory.org, &directory.records);
                let (assigned, of) = match &target {
                    Target::Tree(id) => {
                        let Some(index) = org.trees.iter().position(|tree| tree.id == *id) else { continue };
                        org_trees.push(OrgTree::new(&directory, index));
                        (profiles::of_tree(org, records, index), Origin::Tree(index))
                    }
                    Target::Team(id) => {
                        let Some(index) = org.by_id.get(id).copied() else { continue };
                        teams.push(Team::new(&directory, index));
                        (profiles::assigned(org, records, Some(index)), Origin::Team(index))
                    }
                };
                let of_kind = assigned.into_iter().filter(|assigned| assigned.kind == kind).collect();
                held.extend(AssignedProfile::all(&directory, of_kind, of));
            }
            AssignProfilesPayload { profiles: held, org_trees, teams, change, user_errors }
        }))
    }

    /// Makes profiles as a document says, all or nothing. Profiles that it does not name stay.
    async fn apply_profiles(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The document.")] input: ApplyProfilesInput,
    ) -> Option<Result<ApplyProfilesPayload>> {
        let applied = async {
            let shown = |found: Vec<Difference>| found.into_iter().map(DocumentDifference::from).collect();
            if input.dry_run {
                let asking = Asking::of(context)?;
                let directory = asking.directory().await?;
                let (differences, faults) = match input.make(&mut asking.draft(&directory), &directory) {
                    Ok(found) => (shown(found), Vec::new()),
                    Err(faults) => (Vec::new(), faults),
                };
                let user_errors = faults.into_iter().map(UserError::from).collect();
                return Ok(ApplyProfilesPayload { differences, change: None, user_errors });
            }
            let done = change(context, "APPLY_PROFILES", "applied a document of profiles", |draft, directory| {
                input.make(draft, directory)
            });
            let Done { outcome, change, user_errors, .. } = done.await?;
            Ok(ApplyProfilesPayload { differences: shown(outcome.unwrap_or_default()), change, user_errors })
        };
        Some(applied.await)
    }
}
