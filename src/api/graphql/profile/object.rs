//! `Profile` and its versions.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use chrono::NaiveDate;

use super::super::asking::Asking;
use super::super::date::Date;
use super::super::error::internal;
use super::super::node::{self, GlobalId};
use super::super::people::{OrgTree, Team};
use super::chosen::{self, ProfileClassification, ProfileMetric, ProfileParameter};
use crate::clock::midnight;
use crate::model::Effective;
use crate::model::profile::{Kind, Segment, Values, Version};
use crate::people::document_file::{Format, export_profile};
use crate::people::{Directory, profiles};

/// A profile, a stored one or one that is built in.
#[derive(Clone)]
pub struct Profile {
    directory: Arc<Directory>,
    id: String,
    kind: Kind,
}

/// What a profile says from a day on, until the next version. What it does not say is as it is built in.
#[derive(SimpleObject)]
pub struct ProfileVersion {
    /// First day, in the organisation's time zone; null: always.
    from: Option<Date>,
    /// The day after the last one; null: no version follows.
    to: Option<Date>,
    /// The parameters that it says.
    parameters: Vec<ProfileParameter>,
    /// The metrics that it says something of.
    metrics: Vec<ProfileMetric>,
    /// The classifications that it says.
    classifications: Vec<ProfileClassification>,
}

/// The plain id of a profile, from a global or a plain one; a text that is neither is taken as it is.
pub fn profile_key(text: &str) -> String {
    match GlobalId::decode(text) {
        Some(id) if id.kind == node::Kind::Profile => id.key,
        _ => text.trim().to_owned(),
    }
}

impl Profile {
    /// A profile by plain id; of one that is built in, the name of its kind.
    pub fn by_key(directory: &Arc<Directory>, key: &str) -> Option<Profile> {
        let stored = directory.records.profiles.get(key).map(|profile| profile.kind);
        let kind = stored.or_else(|| profiles::built_in(key))?;
        Some(Profile { directory: Arc::clone(directory), id: key.to_owned(), kind })
    }

    /// Every profile, those that are built in first, the others by name.
    pub fn all(directory: &Arc<Directory>) -> Vec<Profile> {
        let built_in = Kind::ALL.iter().map(|kind| (kind.name().to_owned(), *kind));
        let stored = profiles::listed(&directory.records).map(|(id, profile)| (id.to_owned(), profile.kind));
        let all = built_in.chain(stored);
        all.map(|(id, kind)| Profile { directory: Arc::clone(directory), id, kind }).collect()
    }

    /// The global id of a profile.
    pub fn global_id(key: &str) -> ID {
        GlobalId::new(node::Kind::Profile, key).encode()
    }

    pub fn kind_of(&self) -> Kind {
        self.kind
    }

    fn stored(&self) -> Option<&crate::model::Profile> {
        self.directory.records.profiles.get(&self.id).map(Arc::as_ref)
    }

    fn versions_of(&self) -> &[Version] {
        self.stored().map_or(&[], |profile| &profile.versions)
    }

    /// What it comes to by itself.
    fn effective(&self, asking: &Asking) -> Arc<Effective> {
        let ids = [Kind::ALL[0], Kind::ALL[1], Kind::ALL[2]].map(Kind::name);
        let ids = ids.map(|name| if name == self.kind.name() { self.id.as_str() } else { name });
        asking.composed(&self.directory.records, self.directory.zone, ids)
    }

    fn on<T>(&self, context: &Context<'_>, on: Option<Date>, show: impl FnOnce(&Asking, &Segment) -> T) -> Result<T> {
        let asking = Asking::of(context)?;
        let day = on.map_or(self.directory.today, |day| day.0);
        Ok(show(asking, self.effective(asking).at(self.start(day))))
    }

    fn start(&self, day: NaiveDate) -> i64 {
        midnight(day, self.directory.zone).timestamp_micros()
    }

    fn version(&self, asking: &Asking, version: &Version, next: Option<&Version>) -> ProfileVersion {
        let effective = self.effective(asking);
        let segment = effective.at(version.from.map_or(i64::MIN, |day| self.start(day)));
        let Values { parameters, metrics, classifications } = &version.values;
        let said = chosen::parameters(asking, self.kind, segment);
        let of = chosen::metrics(asking, self.kind, segment);
        let classes = chosen::classifications(asking, self.kind, segment);
        ProfileVersion {
            from: version.from.map(Date),
            to: next.and_then(|next| next.from).map(Date),
            parameters: said.into_iter().filter(|one| parameters.contains_key(&one.name)).collect(),
            metrics: of.into_iter().filter(|one| metrics.contains_key(one.name())).collect(),
            classifications: classes.into_iter().filter(|one| classifications.contains_key(&one.name)).collect(),
        }
    }
}

/// What an organisation says of one part of its metrics: which are on, what feeds them, which statistic and thresholds they
/// are shown with, and from when on. One of each kind is built in, and holds where nothing else is assigned.
#[Object]
impl Profile {
    /// Global id.
    pub async fn id(&self) -> ID {
        Profile::global_id(&self.id)
    }

    /// What it is about.
    async fn kind(&self) -> Kind {
        self.kind
    }

    /// Name of the profile.
    async fn name(&self, context: &Context<'_>) -> Result<String> {
        let defaults = || Ok(Asking::of(context)?.engine.defaults().title(self.kind).to_owned());
        self.stored().map_or_else(defaults, |profile| Ok(profile.name.clone()))
    }

    /// Whether it is built in: it cannot be changed or deleted.
    async fn is_built_in(&self) -> bool {
        self.stored().is_none()
    }

    /// What it says from which day on, by day. Before the first version what is built in holds.
    async fn versions(&self, context: &Context<'_>) -> Result<Vec<ProfileVersion>> {
        let (asking, versions) = (Asking::of(context)?, self.versions_of());
        let shown = |(n, version): (usize, &Version)| self.version(asking, version, versions.get(n + 1));
        Ok(versions.iter().enumerate().map(shown).collect())
    }

    /// Every parameter that profiles of the kind may say, with the value that holds.
    async fn parameters(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The day that is looked at; left out: today.")] on: Option<Date>,
    ) -> Result<Vec<ProfileParameter>> {
        self.on(context, on, |asking, segment| chosen::parameters(asking, self.kind, segment))
    }

    /// Every metric of the kind, and how it is shown.
    async fn metrics(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The day that is looked at; left out: today.")] on: Option<Date>,
    ) -> Result<Vec<ProfileMetric>> {
        self.on(context, on, |asking, segment| chosen::metrics(asking, self.kind, segment))
    }

    /// The classifications that profiles of the kind may say, as they hold.
    async fn classifications(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The day that is looked at; left out: today.")] on: Option<Date>,
    ) -> Result<Vec<ProfileClassification>> {
        self.on(context, on, |asking, segment| chosen::classifications(asking, self.kind, segment))
    }

    /// The org trees that it is assigned to.
    async fn org_trees(&self) -> Vec<OrgTree> {
        let (trees, _) = profiles::places(&self.directory.records, &self.id);
        trees.iter().filter_map(|id| OrgTree::by_key(&self.directory, id)).collect()
    }

    /// The teams that it is assigned to themselves, by path; the teams below them inherit it.
    async fn teams(&self) -> Vec<Team> {
        let (_, teams) = profiles::places(&self.directory.records, &self.id);
        let mut found: Vec<usize> = teams.iter().filter_map(|id| self.directory.org.by_id.get(id).copied()).collect();
        found.sort_unstable();
        found.into_iter().map(|team| Team::new(&self.directory, team)).collect()
    }

    /// The profile as a document, which `applyProfiles` reads; null for what is built in.
    async fn document(
        &self,
        #[graphql(desc = "How it is written.", default_with = "Format::Toml")] format: Format,
    ) -> Option<Result<String>> {
        let profile = self.stored()?;
        Some(export_profile(&self.id, profile, format).map_err(|error| internal(&error)))
    }
}
