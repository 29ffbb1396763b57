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
mod unique;
mod upload;
pub mod version;

use std::sync::Arc;

use anyhow::{Context, Result};

pub use difference::FieldChange;
pub use pending::{KEPT, sweep};
pub use plan::{Mode, Options};
pub use preview::{Counts, MOST_LISTED, PersonChange, Preview, TeamChange};
pub use version::Approved;

use super::document::Version;
use super::{Author, Changed, Code, Directory, Draft, Fault, People, Seen};
use pending::Pending;
use upload::Upload;

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
    let (seq, seen, actor) = (directory.records.seq, Arc::clone(seen), author.actor.clone());
    let work = tokio::task::spawn_blocking(move || {
        let mut worked = upload.preview(&bytes, &directory, &seen, at)?;
        if !worked.preview.errors.is_empty() {
            return Ok((worked.preview, None));
        }
        worked.preview.id = Some(upload.id.clone());
        let pending = Pending::new(upload, &actor, &bytes, &worked, seq);
        Ok::<_, anyhow::Error>((worked.preview, Some(pending)))
    });
    let (preview, pending) = work.await.context("the preview was not finished")??;
    if let Some(pending) = pending {
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
    let now = people.clock().now();
    let Some(pending) = pending::get(people.lake(), id, now).await? else {
        return Ok(Err(vec![absent(id, &directory)]));
    };
    let seen = Arc::clone(seen);
    let work = tokio::task::spawn_blocking(move || {
        let mut worked = pending.upload.preview(&pending.bytes()?, &directory, &seen, now)?;
        if worked.digest != pending.digest {
            let notice = "Contributors were changed since the upload, so this is another outcome than was previewed. \
                          Upload the file again to approve it.";
            worked.preview.notices.push(notice.to_owned());
        }
        worked.preview.id = Some(pending.upload.id);
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
        return Ok(Err(vec![absent(id, &*people.directory(&snapshot, seen).await?)]));
    };
    let (bytes, upload, counts) = (pending.bytes()?, &pending.upload, pending.counts);
    let (mode, Counts { added, changed, removed, unchanged, .. }) = (upload.mode.word(), counts);
    let summary =
        format!("Import of {} ({mode}): {added} added, {changed} changed, {removed} removed.", upload.filename);
    let work = |draft: &mut Draft, directory: &Directory| {
        if let Some(fault) = approved_already(id, directory) {
            return Err(vec![fault]);
        }
        let digest = upload.apply(&bytes, directory, draft).map_err(|error| {
            vec![Fault::new(Code::Conflict, format!("The import does not fit what is there: {error:#}")).at("id")]
        })?;
        if digest.as_ref() != Some(&pending.digest) {
            let message = "Contributors were changed since the preview, so the import would do something else by now. \
                           Upload the file again.";
            return Err(vec![Fault::new(Code::PreviewOutOfDate, message).at("id")]);
        }
        let version = Version {
            mode: mode.to_owned(),
            origin: upload.filename.clone(),
            import: Some(upload.id.clone()),
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

/// Why there is no such upload.
fn absent(id: &str, directory: &Directory) -> Fault {
    approved_already(id, directory).unwrap_or_else(|| {
        let message = format!("No import {id:?} waits for approval. They wait 7 days; upload the file again.");
        Fault::new(Code::NotFound, message).at("id")
    })
}

fn approved_already(id: &str, directory: &Directory) -> Option<Fault> {
    let versions = &directory.records.versions;
    let (number, _) = versions.iter().find(|(_, version)| version.import.as_deref() == Some(id))?;
    let message = format!("Import {id:?} was approved already; it is version {number}.");
    Some(Fault::new(Code::Conflict, message).at("id"))
}
