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
use super::rebuild::{Rebuilt, rebuild};
use crate::people::csv::{ProblemCode, Problems};
use crate::people::document::Kind;
use crate::people::{Code, Directory, Draft, Fault, Seen};

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
    /// Puts what the file says into a draft of the directory's records, and builds org trees anew. Gives the digest.
    ///
    /// # Errors
    /// Where the file does not fit what is there any more.
    pub fn apply(
        &self,
        bytes: &[u8],
        directory: &Directory,
        seen: &Seen,
        draft: &mut Draft,
    ) -> Result<String, Vec<Fault>> {
        let plan = self.plan(bytes, directory);
        if let Some(problem) = plan.problems.first() {
            let message = problem.samples.first().map_or("the file has errors", |sample| sample.message.as_str());
            return Err(vec![out_of_date(message)]);
        }
        plan.apply(draft);
        let rebuilt = rebuild(draft, seen, self.day)?;
        digest(draft, &rebuilt).map_err(|error| vec![Fault::new(Code::Conflict, format!("{error:#}"))])
    }

    /// The outcome on a draft that is thrown away.
    ///
    /// # Errors
    /// When the draft cannot be read, or no directory be made of it, which no file may cause.
    pub fn preview(&self, bytes: &[u8], directory: &Directory, seen: &Seen, now: DateTime<Utc>) -> Result<Worked> {
        let mut plan = self.plan(bytes, directory);
        let people = People::of(&plan);
        let mut draft = Draft::new(Arc::clone(&directory.records));
        let (mut teams_changed, mut count, mut worked) = (Vec::new(), 0, String::new());
        if plan.problems.is_empty() {
            plan.apply(&mut draft);
            match rebuild(&mut draft, seen, self.day) {
                Ok(rebuilt) => {
                    let after = Directory::new(Arc::new(draft.records().clone()), seen, directory.zone, now)?;
                    (teams_changed, count) = teams(directory, &after, self.day);
                    plan.notices.extend(rebuilt.notices());
                    worked = digest(&draft, &rebuilt)?;
                }
                Err(faults) => {
                    let mut problems = Problems::default();
                    for fault in faults {
                        problems.file(ProblemCode::InvalidValue, fault.message);
                    }
                    plan.problems = problems.list();
                }
            }
        }
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
        Ok(Worked { preview, digest: worked })
    }

    fn plan(&self, bytes: &[u8], directory: &Directory) -> Plan {
        plan::plan(directory, bytes, self.mode, &self.options, self.day, &self.id)
    }
}

/// Why an import is not made: it would do something else than was previewed.
pub fn out_of_date(why: &str) -> Fault {
    let message = format!("The import would do something else than was previewed: {why} Upload the file again.");
    Fault::new(Code::PreviewOutOfDate, message).at("id")
}

/// Stands for what a draft changes of contributors, accounts and teams.
fn digest(draft: &Draft, rebuilt: &Rebuilt) -> Result<String> {
    let mut hash = Sha256::new();
    for edit in draft.edits()?.iter().filter(|edit| matches!(edit.kind, Kind::Contributor | Kind::Account)) {
        for part in [edit.kind.name(), &edit.key, edit.value.as_deref().unwrap_or("-")] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    rebuilt.digest(&mut hash);
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
