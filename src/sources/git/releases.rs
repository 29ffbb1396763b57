//! Tags of a clone: name, commit and date.

use anyhow::Result;

use super::command::LocalClone;

/// A tag on a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    pub tag: String,
    pub commit: String,
    /// The tag's own date, or for a tag without one its commit's; seconds UTC.
    pub at: i64,
}

/// The tags whose name matches a glob, by name. Those on anything but a commit are left out.
pub async fn releases(clone: &LocalClone, glob: &str) -> Result<Vec<Release>> {
    // Both the tag's object and what it points at: of these, one is the commit.
    let format = "--format=%(refname:strip=2)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)%00\
                  %(creatordate:unix)";
    // git's own `*` stops at a slash; alone it means every tag.
    let pattern = if glob == "*" { "refs/tags".to_owned() } else { format!("refs/tags/{glob}") };
    let listed = clone.line(&["for-each-ref", format, &pattern]).await?;
    Ok(listed.lines().filter_map(release).collect())
}

fn release(line: &str) -> Option<Release> {
    let [tag, kind, object, peeled_kind, peeled, at] = line.split('\0').collect::<Vec<_>>().try_into().ok()?;
    let commit = match (kind, peeled_kind) {
        ("commit", _) => object,
        ("tag", "commit") => peeled,
        _ => return None,
    };
    let at = at.trim().parse().ok().filter(|at| super::log::TIMES.contains(at))?;
    Some(Release { tag: tag.to_owned(), commit: commit.to_owned(), at })
}
