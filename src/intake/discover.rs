//! Finds what lies in `landing/`, and gives each file an identity. Reads names only, never contents.

use anyhow::{Context, Result};
use chrono::SecondsFormat;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore};
use sha2::{Digest, Sha256};

use crate::lake::{Lake, layout};

use super::place::is_hidden;

/// A file as it was listed.
#[derive(Debug, Clone)]
pub struct Landed {
    pub meta: ObjectMeta,
    /// Identity: the same path with other contents is another file. The id of its row in `ingestions`.
    pub id: String,
    /// Path below `landing/`.
    below: String,
}

impl Landed {
    fn new(meta: ObjectMeta, below: String) -> Landed {
        // A store without entity tags has at least the time of the last change.
        let version = match &meta.e_tag {
            Some(tag) => tag.clone(),
            None => meta.last_modified.to_rfc3339_opts(SecondsFormat::Nanos, true),
        };
        let hash = Sha256::digest(format!("{}\n{}\n{version}", meta.location, meta.size));
        let id = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Landed { meta, id, below }
    }

    /// Path below the lake's root.
    pub fn path(&self) -> &str {
        self.meta.location.as_ref()
    }

    /// Path below `landing/`.
    pub fn below_landing(&self) -> &str {
        &self.below
    }

    /// Size in bytes.
    pub fn bytes(&self) -> u64 {
        self.meta.size
    }
}

/// Every file in `landing/` that is not hidden, sorted by path.
///
/// Fails where the store cannot be listed.
pub async fn list(lake: &Lake) -> Result<Vec<Landed>> {
    let prefix = Path::from(layout::LANDING);
    let store = lake.store();
    let listed = store.list(Some(&prefix)).try_filter_map(|meta| {
        let below = meta.location.as_ref().strip_prefix(layout::LANDING).unwrap_or_default();
        let below = below.trim_start_matches('/').to_owned();
        let landed = (!below.is_empty() && !is_hidden(&below)).then(|| Landed::new(meta, below));
        async move { Ok(landed) }
    });
    let mut files: Vec<Landed> =
        listed.try_collect().await.with_context(|| format!("landing/ of {} cannot be listed", lake.url()))?;
    files.sort_by(|a, b| a.meta.location.cmp(&b.meta.location));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_size_or_tag_is_another_file() {
        let id = |size, tag: Option<&str>| {
            let meta = ObjectMeta {
                location: Path::from("landing/reviews/x.parquet"),
                last_modified: Default::default(),
                size,
                e_tag: tag.map(str::to_owned),
                version: None,
            };
            Landed::new(meta, "reviews/x.parquet".into()).id
        };
        assert_eq!(id(1, Some("a")), id(1, Some("a")));
        assert_ne!(id(1, Some("a")), id(2, Some("a")));
        assert_ne!(id(1, Some("a")), id(1, Some("b")));
        assert_ne!(id(1, Some("a")), id(1, None));
    }
}
