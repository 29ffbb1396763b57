//! `ImportPreview`: what an import of contributors would do, to be read before it is approved.

use async_graphql::{Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::super::date::Date;
use crate::people::csv::{ColumnRead, Problem};
use crate::people::import::version::VersionDifference;
use crate::people::import::{Counts, Mode, PersonChange, Preview, TeamChange};

/// What an import would do.
pub struct ImportPreview(pub Preview);

/// What an import of contributors would do. Nothing is written before `approveImport`.
#[Object]
impl ImportPreview {
    /// What to approve or discard; null: the file has errors, or it was approved.
    async fn id(&self) -> Option<&str> {
        self.0.id.as_deref()
    }

    /// What is done with contributors that the file does not name.
    async fn mode(&self) -> Mode {
        self.0.mode
    }

    /// Name of the file.
    async fn filename(&self) -> &str {
        &self.0.filename
    }

    /// The day from which on it counts, where no date of the file says otherwise.
    async fn effective_from(&self) -> Date {
        Date(self.0.effective_from)
    }

    /// After this it cannot be approved any more.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }

    /// Rows of people in the file.
    async fn rows(&self) -> u32 {
        self.0.rows
    }

    /// How many contributors and teams would become what.
    async fn counts(&self) -> Counts {
        self.0.counts
    }

    /// Contributors that would be new, 1,000 at most.
    async fn added(&self) -> &[PersonChange] {
        &self.0.added
    }

    /// Contributors that would change, 1,000 at most.
    async fn changed(&self) -> &[PersonChange] {
        &self.0.changed
    }

    /// Contributors that would go or leave, 1,000 at most.
    async fn removed(&self) -> &[PersonChange] {
        &self.0.removed
    }

    /// Teams whose members would change, or that would come or go, 1,000 at most.
    async fn teams(&self) -> &[TeamChange] {
        &self.0.teams
    }

    /// The columns of the file, and what each was taken for.
    async fn columns(&self) -> &[ColumnRead] {
        &self.0.columns
    }

    /// What is wrong with the file, by kind. With any of these it cannot be approved.
    async fn errors(&self) -> &[Problem] {
        &self.0.errors
    }

    /// What was noticed and let pass.
    async fn notices(&self) -> &[String] {
        &self.0.notices
    }
}

/// How contributors differ between two versions.
#[derive(SimpleObject)]
pub struct ContributorVersionDifference {
    /// How many contributors became what.
    counts: Counts,
    /// Contributors that came, 1,000 at most.
    added: Vec<PersonChange>,
    /// Contributors that changed, 1,000 at most.
    changed: Vec<PersonChange>,
    /// Contributors that went, 1,000 at most.
    removed: Vec<PersonChange>,
}

impl From<VersionDifference> for ContributorVersionDifference {
    fn from(difference: VersionDifference) -> ContributorVersionDifference {
        let VersionDifference { counts, added, changed, removed } = difference;
        ContributorVersionDifference { counts, added, changed, removed }
    }
}
