//! Imports of contributors: upload, preview, approval. Until the approval nothing of an upload is in the tables; with it,
//! everything comes at once, in one change, exactly as it was previewed.

mod claims;
mod difference;
mod fold;
mod managers;
mod matching;
mod pending;
mod plan;
mod preview;
mod standing;
mod unique;
pub mod version;

use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest, Sha256};

pub use difference::FieldChange;
pub use pending::{KEPT, sweep};
pub use plan::{Mode, Options};
pub use preview::{Counts, MOST_LISTED, PersonChange, Preview, TeamChange};

use super::document::{Kind, Version};
use super::draft::Edit;
use super::{Author, Changed, Code, Directory, Draft, Fault, People, Seen};
use pending::Pending;
use plan::Plan;

/// What an approval made: the version and its number.
#[derive(Debug, Clone, PartialEq)]
pub struct Approved {
    /// Also the number of the change.
    pub number: i64,
    pub version: Version,
}

/// Reads a file, and says what its import would do. Where the file has no errors, it is kept for approval by any server.
///
/// # Errors
/// When the lake cannot be read or written. What is wrong with the file stands in the preview.
pub async fn preview(
    people: &People,
    seen: &Arc<Seen>,
    author: &Author,
    bytes: Vec<u8>,
    filename: &str,
    mode: Mode,
    options: Options,
) -> Result<Preview> {
    let snapshot = people.lake().refresh().await?;
    let directory = people.directory(&snapshot, seen).await?;
    let at = people.clock().now();
    let day = options.effective_from.unwrap_or(directory.today);
    let upload = Upload { id: pending::new_id(), filename: filename.to_owned(), mode, options, day, at };
    let seq = directory.records.seq;
    let kept_seen = Arc::clone(seen);
    let work = tokio::task::spawn_blocking(move || {
        let worked = upload.work(&bytes, &directory, &kept_seen)?;
        Ok::<_, anyhow::Error>((upload, bytes, worked))
    });
    let (upload, bytes, Worked { mut preview, digest }) = work.await.context("the preview was not finished")??;
    if preview.errors.is_empty() {
        let Upload { id, filename, mode, options, day, at } = upload;
        let (actor, counts, rows) = (author.actor.clone(), preview.counts, preview.rows);
        preview.id = Some(id.clone());
        let mut pending = Pending::new(id, at, actor, filename, mode, options, day);
        (pending.digest, pending.counts, pending.rows, pending.seq) = (digest, counts, rows, seq);
        pending.hold(&bytes);
        pending::put(people.lake(), &pending).await?;
    }
    Ok(preview)
}

/// What an upload that waits would do by now; it may be another outcome than that of its first preview, and an approval
/// would then be refused. A fault where there is no such upload.
///
/// # Errors
/// When the lake cannot be read.
pub async fn waiting(people: &People, seen: &Arc<Seen>, id: &str) -> Result<Result<Preview, Vec<Fault>>> {
    let snapshot = people.lake().refresh().await?;
    let directory = people.directory(&snapshot, seen).await?;
    let Some(pending) = pending::get(people.lake(), id, people.clock().now()).await? else {
        return Ok(Err(vec![absent(id, &directory)]));
    };
    let kept_seen = Arc::clone(seen);
    let work = tokio::task::spawn_blocking(move || {
        let upload = Upload::of(&pending);
        let mut worked = upload.work(&pending.bytes()?, &directory, &kept_seen)?;
        if worked.digest != pending.digest {
            let notice = "The contributors were changed since the upload, so this is another outcome than was previewed. \
                          Upload the file again to approve it.";
            worked.preview.notices.push(notice.to_owned());
        }
        worked.preview.id = Some(pending.id);
        Ok::<_, anyhow::Error>(worked.preview)
    });
    work.await.context("the preview was not finished")?.map(Ok)
}

/// Makes the change that was previewed, or none: a fault where there is no such upload, or where it would do something else
/// by now.
///
/// # Errors
/// When the lake cannot be read or written.
pub async fn approve(
    people: &People,
    seen: &Arc<Seen>,
    author: &Author,
    id: &str,
) -> Result<Result<Changed<Approved>, Vec<Fault>>> {
    let at = people.clock().now();
    let Some(pending) = pending::get(people.lake(), id, at).await? else {
        let snapshot = people.lake().refresh().await?;
        let directory = people.directory(&snapshot, seen).await?;
        return Ok(Err(vec![absent(id, &directory)]));
    };
    let bytes = pending.bytes()?;
    let Counts { added, changed, removed, unchanged, .. } = pending.counts;
    let mode = pending.mode.word();
    let summary = format!(
        "Import of {} ({mode}): {added} contributors added, {changed} changed, {removed} removed.",
        pending.filename
    );
    let upload = Upload::of(&pending);
    let work = |draft: &mut Draft, directory: &Directory| {
        if let Some(fault) = approved_already(id, directory) {
            return Err(vec![fault]);
        }
        let Worked { digest, .. } = upload.apply(&bytes, directory, seen, draft)?;
        if digest != pending.digest {
            let message = "Contributors were changed since the preview, so the import would do something else by now. \
                           Upload the file again.";
            return Err(vec![Fault::new(Code::PreviewOutOfDate, message).at("id")]);
        }
        let version = Version {
            mode: mode.to_owned(),
            origin: pending.filename.clone(),
            import: Some(pending.id.clone()),
            at,
            rows: u64::from(pending.rows),
            added: u64::from(added),
            changed: u64::from(changed),
            removed: u64::from(removed),
            unchanged: u64::from(unchanged),
        };
        Ok(version::put(draft, directory, version))
    };
    let outcome = people.change(author, "IMPORT_CONTRIBUTORS", &summary, seen, work).await?;
    if outcome.is_ok()
        && let Err(failure) = pending::remove(people.lake(), id).await
    {
        // The version says that it was approved; maintenance removes the upload later.
        tracing::warn!(id, "an approved upload could not be removed: {failure:#}");
    }
    Ok(outcome)
}

/// Throws an upload away. Whether there was one.
///
/// # Errors
/// When the lake cannot be written.
pub async fn discard(people: &People, id: &str) -> Result<bool> {
    pending::remove(people.lake(), id).await
}

/// An upload and how it is to be read.
struct Upload {
    id: String,
    filename: String,
    mode: Mode,
    options: Options,
    day: NaiveDate,
    at: DateTime<Utc>,
}

struct Worked {
    /// Without an id.
    preview: Preview,
    digest: String,
}

impl Upload {
    fn of(pending: &Pending) -> Upload {
        let Pending { id, filename, mode, options, day, at, .. } = pending.clone();
        Upload { id, filename, mode, options, day, at }
    }

    /// The outcome, on a draft that is thrown away.
    fn work(&self, bytes: &[u8], directory: &Directory, seen: &Seen) -> Result<Worked> {
        let mut draft = Draft::new(Arc::clone(&directory.records));
        let plan = self.plan(bytes, directory);
        todo!()
    }

    fn plan(&self, bytes: &[u8], directory: &Directory) -> Plan {
        plan::plan(directory, bytes, self.mode, &self.options, self.day, &self.id)
    }
}
