//! Uploads that wait for approval, as objects in the lake, so that any server can show and approve them. Nothing of them is in
//! the tables.

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use object_store::{Error, ObjectStoreExt, PutMode};
use serde::{Deserialize, Serialize};

use super::preview::Counts;
use super::upload::{Upload, Worked};
use crate::lake::{Lake, layout};

/// How long an upload waits.
pub const KEPT: TimeDelta = TimeDelta::days(7);
/// Before the letters of an id.
const PREFIX: &str = "i-";

/// An upload, and what its preview said.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pending {
    #[serde(flatten)]
    pub upload: Upload,
    /// Who uploaded it.
    pub actor: String,
    /// Stands for everything that the preview said would change.
    pub digest: String,
    pub counts: Counts,
    pub rows: u32,
    /// Number of the last change that the preview was made of.
    pub seq: i64,
    /// The file: as it is where it is UTF-8, else in Base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

impl Pending {
    /// An upload of which the outcome is known: it can be approved.
    pub fn new(upload: Upload, actor: &str, bytes: &[u8], worked: &Worked, seq: i64) -> Pending {
        let text = std::str::from_utf8(bytes).ok().map(str::to_owned);
        let base64 = text.is_none().then(|| BASE64_STANDARD.encode(bytes));
        let (actor, digest) = (actor.to_owned(), worked.digest.clone());
        Pending { upload, actor, digest, counts: worked.preview.counts, rows: worked.preview.rows, seq, text, base64 }
    }

    /// The bytes of the file.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        match (&self.text, &self.base64) {
            (Some(text), _) => Ok(text.clone().into_bytes()),
            (None, Some(text)) => BASE64_STANDARD.decode(text).context("the upload's Base64 cannot be read"),
            (None, None) => anyhow::bail!("the upload has no file"),
        }
    }

    /// After this it cannot be approved any more.
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.upload.at + KEPT
    }
}

/// A new id.
pub fn new_id() -> String {
    format!("{PREFIX}{}", crate::people::fresh::letters(uuid::Uuid::new_v4().as_bytes()))
}

/// Writes an upload; there must be none of its id.
pub async fn put(lake: &Lake, pending: &Pending) -> Result<()> {
    let bytes = serde_json::to_vec(pending)?;
    let put = lake.store().put_opts(&layout::import(&pending.upload.id), bytes.into(), PutMode::Create.into()).await;
    put.with_context(|| format!("upload {} cannot be kept", pending.upload.id))?;
    Ok(())
}

/// An upload; `None`: there is none of this id, or it has waited too long.
pub async fn get(lake: &Lake, id: &str, now: DateTime<Utc>) -> Result<Option<Pending>> {
    if !is_id(id) {
        return Ok(None);
    }
    let bytes = match lake.store().get(&layout::import(id)).await {
        Ok(found) => found.bytes().await?,
        Err(Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("upload {id} cannot be read")),
    };
    let read = tokio::task::spawn_blocking(move || serde_json::from_slice::<Pending>(&bytes)).await?;
    let pending = read.with_context(|| format!("upload {id} cannot be understood"))?;
    Ok(Some(pending).filter(|pending| pending.expires_at() > now))
}

/// Removes an upload. Whether there was one.
pub async fn remove(lake: &Lake, id: &str) -> Result<bool> {
    if !is_id(id) {
        return Ok(false);
    }
    let path = layout::import(id);
    // Some stores delete what is not there without a word.
    match lake.store().head(&path).await {
        Ok(_) => {}
        Err(Error::NotFound { .. }) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    match lake.store().delete(&path).await {
        Ok(()) | Err(Error::NotFound { .. }) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Removes uploads that have waited too long; gives their number.
pub async fn sweep(lake: &Lake, now: DateTime<Utc>) -> Result<usize> {
    let store = lake.store();
    let files: Vec<_> = store.list(Some(&layout::imports())).try_collect().await?;
    let mut removed = 0;
    for file in files.into_iter().filter(|file| file.last_modified + KEPT < now) {
        match store.delete(&file.location).await {
            Ok(()) | Err(Error::NotFound { .. }) => removed += 1,
            Err(error) => return Err(error).context("an old upload cannot be removed"),
        }
    }
    Ok(removed)
}

fn is_id(id: &str) -> bool {
    id.strip_prefix(PREFIX).is_some_and(|rest| {
        (1..=40).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}
