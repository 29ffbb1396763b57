//! Removes versions of facts that nobody needs any more, and their parts.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};

use super::{fragment, key, manifest};
use crate::lake::{Lake, Snapshot, layout};
use crate::model;

/// What lies under `derived/`: the files of each folder.
type Folders = BTreeMap<Path, Vec<ObjectMeta>>;

/// Removes every version of a fact, and every part of one, that is not of this snapshot, was last written to more than
/// `age` before `now`, and is needed by no version that stays. A version stays for `age` after the next one was written:
/// a query may still read it, and another process may be building a newer one from its parts. An hour is a good age.
/// Returns how many were removed.
pub async fn sweep(lake: &Lake, snapshot: &Snapshot, now: DateTime<Utc>, age: TimeDelta) -> Result<usize> {
    let store = lake.store();
    let mut folders = Folders::new();
    let mut listed = store.list(Some(&Path::from(layout::DERIVED)));
    while let Some(file) = listed.try_next().await? {
        folders.entry(file.location.parent().unwrap_or_default()).or_default().push(file);
    }
    drop(listed);
    let mut keep = BTreeSet::new();
    for fact in model::facts() {
        keep.insert(layout::derived(&fact.name, &key(snapshot, fact)?));
        keep.extend(fragment::fragments(snapshot, fact)?.into_iter().map(|fragment| fragment.folder));
        for version in versions(&folders, &fact.name) {
            if keep.contains(version) || since_succeeded(&folders, &fact.name, version).is_none_or(|at| at + age > now)
            {
                let files = manifest::read(lake, &fact.name, version).await?.unwrap_or_default();
                keep.extend(files.into_iter().filter_map(|file| file.path.parent()));
                keep.insert(version.clone());
            }
        }
    }
    let mut removed = 0;
    for (folder, mut files) in folders {
        if keep.contains(&folder) || files.iter().any(|file| file.last_modified + age > now) {
            continue;
        }
        // Without its manifest it is gone, whatever happens to the rest.
        files.sort_by_key(|file| !file.location.as_ref().ends_with(".json"));
        for file in files {
            match store.delete(&file.location).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        removed += 1;
    }
    Ok(removed)
}

/// Folders of whole versions of a fact that were committed.
fn versions<'a>(folders: &'a Folders, fact: &str) -> impl Iterator<Item = &'a Path> {
    let of = layout::fact(fact);
    let committed = |folder: &&Path| committed_at(folders, folder).is_some();
    folders.keys().filter(move |folder| folder.parent().as_ref() == Some(&of)).filter(committed)
}

fn committed_at(folders: &Folders, folder: &Path) -> Option<DateTime<Utc>> {
    let manifest = layout::manifest(folder);
    folders.get(folder)?.iter().find(|file| file.location == manifest).map(|file| file.last_modified)
}

/// When the next version of the fact was committed; `None`: there is none.
fn since_succeeded(folders: &Folders, fact: &str, version: &Path) -> Option<DateTime<Utc>> {
    let own = committed_at(folders, version);
    versions(folders, fact).filter_map(|other| committed_at(folders, other)).filter(|at| Some(*at) > own).min()
}
