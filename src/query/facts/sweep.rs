//! Removes versions of facts that nobody needs any more.

use std::collections::BTreeSet;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use super::key;
use crate::lake::{Lake, Snapshot, layout};
use crate::model;

/// Removes every version under `derived/` that is not of this snapshot and was last written to more than `age` before
/// `now`. Returns how many. A query may still read an older version, and another process may be writing a newer one:
/// an hour is a good age.
pub async fn sweep(lake: &Lake, snapshot: &Snapshot, now: DateTime<Utc>, age: TimeDelta) -> Result<usize> {
    let store = lake.store();
    let keep: BTreeSet<Path> = model::facts()
        .iter()
        .map(|fact| Ok(layout::derived(&fact.name, &key(snapshot, fact)?)))
        .collect::<Result<_>>()?;
    let mut removed = 0;
    for fact in folders(&store, &Path::from(layout::DERIVED)).await? {
        for version in folders(&store, &fact).await?.into_iter().filter(|version| !keep.contains(version)) {
            let mut files: Vec<_> = store.list(Some(&version)).try_collect().await?;
            if files.iter().any(|file| file.last_modified + age > now) {
                continue;
            }
            // Without its manifest the version is gone, whatever happens to the rest.
            files.sort_by_key(|file| !file.location.as_ref().ends_with(".json"));
            for file in files {
                match store.delete(&file.location).await {
                    Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            removed += 1;
        }
    }
    Ok(removed)
}

async fn folders(store: &dyn ObjectStore, within: &Path) -> Result<Vec<Path>> {
    Ok(store.list_with_delimiter(Some(within)).await?.common_prefixes)
}
