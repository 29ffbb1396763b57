//! `_manifest.json`: the list of the files of a fact's version, or of one month's part of it. It is written last and never
//! changed; without it the files are nobody's.

use anyhow::{Context, Result};
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutMode};
use serde::{Deserialize, Serialize};

use crate::lake::{DataFile, Lake, layout};

#[derive(Serialize, Deserialize)]
struct Manifest {
    fact: String,
    key: String,
    rows: u64,
    files: Vec<File>,
}

#[derive(Serialize, Deserialize)]
struct File {
    name: String,
    /// Where it lies, from the fact's own folder; none: beside the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    size: u64,
    rows: u64,
}

/// The files that a manifest in this folder lists; `None`: there is no manifest.
pub async fn read(lake: &Lake, fact: &str, folder: &Path) -> Result<Option<Vec<DataFile>>> {
    let path = layout::manifest(folder);
    let bytes = match lake.store().get(&path).await {
        Ok(found) => found.bytes().await?,
        Err(object_store::Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("{path} cannot be read")),
    };
    let manifest: Manifest = serde_json::from_slice(&bytes).with_context(|| format!("{path} is not a manifest"))?;
    let file = |file: File| {
        let folder = match &file.folder {
            None => folder.clone(),
            Some(within) => Path::from_iter(layout::fact(fact).parts().chain(Path::from(within.as_str()).parts())),
        };
        DataFile { path: folder.join(file.name), size: file.size, rows: file.rows, month: None }
    };
    Ok(Some(manifest.files.into_iter().map(file).collect()))
}

/// Makes a folder what `key` stands for: these files, of which some may lie in other folders of the fact. If another writer
/// was first, the files are those that it listed, and ours in the folder are removed.
pub async fn commit(lake: &Lake, fact: &str, folder: &Path, key: &str, files: Vec<DataFile>) -> Result<Vec<DataFile>> {
    let manifest = Manifest {
        fact: fact.to_owned(),
        key: key.to_owned(),
        rows: files.iter().map(|file| file.rows).sum(),
        files: files.iter().map(|file| listed(fact, folder, file)).collect::<Result<_>>()?,
    };
    let path = layout::manifest(folder);
    let bytes = serde_json::to_vec_pretty(&manifest)?;
    match lake.store().put_opts(&path, bytes.into(), PutMode::Create.into()).await {
        Ok(_) => Ok(files),
        Err(object_store::Error::AlreadyExists { .. }) => {
            let winner = read(lake, fact, folder).await?.with_context(|| format!("{path} was there and is gone"))?;
            let is_ours = |file: &&DataFile| {
                file.path.prefix_matches(folder) && !winner.iter().any(|other| other.path == file.path)
            };
            for file in files.iter().filter(is_ours) {
                // Files that stay are swept later.
                if let Err(error) = lake.store().delete(&file.path).await {
                    tracing::debug!(path = %file.path, %error, "a file that lost its race stays for now");
                }
            }
            Ok(winner)
        }
        Err(error) => Err(error).with_context(|| format!("{path} cannot be written")),
    }
}

fn listed(fact: &str, folder: &Path, file: &DataFile) -> Result<File> {
    let name = file.path.filename().unwrap_or_default().to_owned();
    let beside = file.path.parent().as_ref() == Some(folder);
    let within = || -> Result<String> {
        let parent = file.path.parent().unwrap_or_default();
        let parts = parent.prefix_match(&layout::fact(fact));
        let parts = parts.with_context(|| format!("{} is no file of the fact {fact}", file.path))?;
        Ok(Path::from_iter(parts).into())
    };
    let folder = if beside { None } else { Some(within()?) };
    Ok(File { name, folder, size: file.size, rows: file.rows })
}
