//! What can be changed: people, teams, settings. Every change is one entry of the audit, all or nothing, and whoever asks
//! next sees it. What changes mean is the people room's business; here they get inputs and payloads.

mod contributor;
mod definitions;
mod document;
mod identity;
mod import;
mod member;
mod outcome;
mod payload;
mod profile;
mod settings;
mod team;
mod tree;

use async_graphql::MergedObject;

use contributor::ContributorMutation;
use definitions::DefinitionMutation;
use document::DocumentMutation;
use identity::IdentityMutation;
use import::ImportMutation;
use member::MemberMutation;
pub use outcome::UserError;
use profile::ProfileMutation;
pub use profile::{
    ApplyProfilesInput, AssignProfilesInput, CreateProfileInput, DeleteProfileInput, UpdateProfileInput,
};
use settings::SettingsMutation;
use team::TeamMutation;
use tree::TreeMutation;

/// Everything that can be changed. Several changes of one request are made one after the other.
#[derive(MergedObject, Default)]
pub struct Mutation(
    ContributorMutation,
    IdentityMutation,
    ImportMutation,
    TreeMutation,
    TeamMutation,
    MemberMutation,
    SettingsMutation,
    DocumentMutation,
    ProfileMutation,
    DefinitionMutation,
);
