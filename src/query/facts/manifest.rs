//! `_manifest.json`: the list of a fact version's files. It is written last and never changed; without it the files are
//! nobody's.

use anyhow::{Context, Result};
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutMode};
use serde::{Deserialize, Serialize};

use super::{FactVersion, schema};
use crate::lake::{DataFile, Lake, layout};
use crate::model::Fact;

#[derive(Serialize, Deserialize)]
struct Manifest {
    fact: String,
    key: String,
    rows: u64,
    files: Vec<File>,
}

#[derive(Serialize, Deserialize)]
struct File {
    /// Name within the folder of the manifest.
    name: String,
    size: u64,
    rows: u64,
}

/// The version that was kept; `None`: none was.
pub async fn read(lake: &Lake, fact: &Fact, key: &str) -> Result<Option<FactVersion>> {
    let path = layout::manifest(&fact.name, key);
    let bytes = match lake.store().get(&path).await {
        Ok(found) => found.bytes().await?,
        Err(object_store::Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("{path} cannot be read")),
    };
    let manifest: Manifest = serde_json::from_slice(&bytes).with_context(|| format!("{path} is not a manifest"))?;
    let folder = layout::derived(&fact.name, key);
    let file = |file: File| DataFile {
        path: folder.clone().join(file.name.as_str()),
        size: file.size,
        rows: file.rows,
        month: None,
    };
    let files = manifest.files.into_iter().map(file).collect();
    Ok(Some(FactVersion { key: manifest.key, files, schema: schema(fact).await?, rows: manifest.rows }))
}

/// Makes written files the version, unless another was first: then theirs is returned and these files are removed.
pub async fn commit(lake: &Lake, fact: &Fact, key: &str, files: Vec<DataFile>) -> Result<FactVersion> {
    let name = |path: &Path| path.filename().unwrap_or_default().to_owned();
    let manifest = Manifest {
        fact: fact.name.clone(),
        key: key.to_owned(),
        rows: files.iter().map(|file| file.rows).sum(),
        files: files.iter().map(|f| File { name: name(&f.path), size: f.size, rows: f.rows }).collect(),
    };
    let path = layout::manifest(&fact.name, key);
    let bytes = serde_json::to_vec_pretty(&manifest)?;
    match lake.store().put_opts(&path, bytes.into(), PutMode::Create.into()).await {
        Ok(_) => Ok(FactVersion { key: key.to_owned(), files, schema: schema(fact).await?, rows: manifest.rows }),
        Err(object_store::Error::AlreadyExists { .. }) => {
            let winner = read(lake, fact, key).await?.with_context(|| format!("{path} was there and is gone"))?;
            for file in files.iter().filter(|file| !winner.files.iter().any(|other| other.path == file.path)) {
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
