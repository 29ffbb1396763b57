//! An uploaded file, and what becomes of contributors and teams when it is imported into a draft: the same for a preview and
//! for its approval.

use std::sync::Arc;

use anyhow::Result;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::pending::KEPT;
use super::plan::{self, Mode, Options, Plan};
use super::preview::{Counts, People, Preview, teams};
use crate::people::document::Kind;
use crate::people::{Directory, Draft, Seen};

/// An upload and how it is to be read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Upload {
    pub id: String,
    pub filename: String,
    pub mode: Mode,
    pub options: Options,
    /// The day from which on it counts, where no date of the file says otherwise.
    pub day: NaiveDate,
    pub at: DateTime<Utc>,
}

/// The outcome of an upload.
pub struct Worked {
    /// Without an id.
    pub preview: Preview,
    /// Stands for everything that changes.
    pub digest: String,
}

impl Upload {
    /// Puts what the file says into a draft of the directory's records. `None`: the file has errors by now.
    ///
    /// # Errors
    /// When the draft cannot be read.
    pub fn apply(&self, bytes: &[u8], directory: &Directory, draft: &mut Draft) -> Result<Option<String>> {
        let plan = self.plan(bytes, directory);
        if !plan.problems.is_empty() {
            return Ok(None);
        }
        plan.apply(draft);
        digest(draft).map(Some)
    }

    /// The outcome on a draft that is thrown away.
    ///
    /// # Errors
    /// When the draft cannot be read, or no directory be made of it, which no file may cause.
    pub fn preview(&self, bytes: &[u8], directory: &Directory, seen: &Seen, now: DateTime<Utc>) -> Result<Worked> {
        let plan = self.plan(bytes, directory);
        let people = People::of(&plan);
        let mut draft = Draft::new(Arc::clone(&directory.records));
        let (mut teams_changed, mut count) = (Vec::new(), 0);
        if plan.problems.is_empty() {
            plan.apply(&mut draft);
            let after = Directory::new(Arc::new(draft.records().clone()), seen, directory.zone, now)?;
            (teams_changed, count) = teams(directory, &after, self.day);
        }
        let digest = digest(&draft)?;
        let preview = Preview {
            id: None,
            mode: self.mode,
            filename: self.filename.clone(),
            attributes: self.options.attributes,
            effective_from: self.day,
            expires_at: self.at + KEPT,
            rows: plan.rows,
            counts: Counts { teams: count, ..people.counts },
            added: people.added,
            changed: people.changed,
            removed: people.removed,
            teams: teams_changed,
            columns: plan.columns,
            errors: plan.problems,
            notices: plan.notices,
        };
        Ok(Worked { preview, digest })
    }

    fn plan(&self, bytes: &[u8], directory: &Directory) -> Plan {
        plan::plan(directory, bytes, self.mode, &self.options, self.day, &self.id)
    }
}

/// Stands for what a draft changes of contributors and accounts.
fn digest(draft: &Draft) -> Result<String> {
    let mut hash = Sha256::new();
    for edit in draft.edits()?.iter().filter(|edit| matches!(edit.kind, Kind::Contributor | Kind::Account)) {
        for part in [edit.kind.name(), &edit.key, edit.value.as_deref().unwrap_or("-")] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
