//! A clone's references: which there are, which branch is the default, what the repository is called.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use super::command::LocalClone;

/// The options that choose every commit that counts.
pub const ALL: [&str; 3] = ["--exclude=refs/notes/*", "--exclude=refs/stash", "--all"];

/// Commit by name of reference, for all references that point at a commit.
pub async fn references(clone: &LocalClone) -> Result<BTreeMap<String, String>> {
    let format = "--format=%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)";
    let listed = clone.line(&["for-each-ref", format]).await?;
    let reference = |line: &str| {
        let [name, kind, object, peeled_kind, peeled] = line.split('\0').collect::<Vec<_>>().try_into().ok()?;
        let commit = match (kind, peeled_kind) {
            ("commit", _) => object,
            ("tag", "commit") => peeled,
            _ => return None,
        };
        let counts = !name.starts_with("refs/notes/") && name != "refs/stash";
        counts.then(|| (name.to_owned(), commit.to_owned()))
    };
    Ok(listed.lines().filter_map(reference).collect())
}

/// Where the branch of a numbered change ended, if the code host keeps a reference for it and the clone has it.
pub fn head_of(references: &BTreeMap<String, String>, number: i64) -> Option<&str> {
    let names = [format!("refs/pull/{number}/head"), format!("refs/merge-requests/{number}/head")];
    names.iter().find_map(|name| references.get(name)).map(String::as_str)
}

/// Whether everything that these commits reach is still reached by some reference.
pub async fn all_reachable(clone: &LocalClone, commits: &[String]) -> bool {
    if commits.is_empty() {
        return true;
    }
    let asked = [&["rev-list", "--count", "--stdin", "--not"], &ALL[..]].concat();
    let input = commits.iter().map(|sha| format!("{sha}\n")).collect();
    // An error means that git has a commit no longer.
    clone.count(&asked, input).await.is_ok_and(|lost| lost == 0)
}

/// Name and commit of the default branch: the one asked for, else the origin's, else the one checked out.
pub async fn default_branch(clone: &LocalClone, asked: Option<&str>) -> Result<(String, String)> {
    let name = match asked {
        Some(name) => name.to_owned(),
        None => match clone.maybe(&["symbolic-ref", "--short", "refs/remotes/origin/HEAD"]).await {
            Some(remote) => remote.strip_prefix("origin/").unwrap_or(&remote).to_owned(),
            None => clone.line(&["symbolic-ref", "--short", "HEAD"]).await.context("no default branch: name one")?,
        },
    };
    for reference in [format!("refs/remotes/origin/{name}"), format!("refs/heads/{name}")] {
        let commit = format!("{reference}^{{commit}}");
        if let Some(tip) = clone.maybe(&["rev-parse", "--verify", "--quiet", &commit]).await {
            return Ok((name, tip));
        }
    }
    anyhow::bail!("{}: no branch {name:?}, or no commit on it", clone.path().display())
}

/// Owner and name from the origin's address; without an origin the folder's name.
pub async fn repository_name(clone: &LocalClone) -> String {
    if let Some(address) = clone.maybe(&["config", "--get", "remote.origin.url"]).await {
        let address = address.trim_end_matches('/').trim_end_matches(".git");
        let mut parts: Vec<&str> = address.rsplit(['/', ':']).take(2).filter(|part| !part.is_empty()).collect();
        parts.reverse();
        if !parts.is_empty() {
            return parts.join("/");
        }
    }
    let path = std::path::absolute(clone.path()).unwrap_or_else(|_| clone.path().to_owned());
    let path = if path.ends_with(".git") { path.parent().unwrap_or(&path).to_owned() } else { path };
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.strip_suffix(".git").map(str::to_owned).unwrap_or(name)
}
