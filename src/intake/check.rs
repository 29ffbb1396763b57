//! `throughline check`: the same judgement as at intake, for files on this machine and before they are dropped.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use object_store::ObjectStoreExt;
use object_store::local::LocalFileSystem;
use serde::Serialize;

use crate::clock::Clock;
use crate::model::Table;

use super::limits::Limits;
use super::place::named;
use super::read::read;
use super::reason::{Kind, Reason};
use super::source::Source;
use super::verdict::Verdict;

/// What a check found.
#[derive(Debug, Clone, Serialize)]
pub struct Checked {
    pub file: PathBuf,
    /// The table it was checked against.
    pub table: Option<String>,
    pub rows: u64,
    /// Rows with a fault.
    pub refused: u64,
    /// Every reason to refuse it; none: intake would take it.
    pub reasons: Vec<Reason>,
    /// What intake would let pass, and say.
    pub notices: Vec<String>,
}

/// Checks one file. Without a table it is the one whose name is a folder of the path, the nearest to the file.
/// A file that cannot be read at all is refused here, since nobody will try again.
pub async fn check(path: &Path, table: Option<&Table>) -> Checked {
    check_at(path, table, Clock::System.now(), &Limits::default()).await
}

/// Checks one file as of a time, within limits.
pub async fn check_at(path: &Path, table: Option<&Table>, now: DateTime<Utc>, limits: &Limits) -> Checked {
    let table = match table {
        Some(table) => Ok(table),
        None => guess(path),
    };
    let name = table.as_ref().ok().map(|table| table.name.clone());
    let verdict = match table {
        Ok(table) => judge(path, table, now, limits).await.unwrap_or_else(|error| {
            let found = format!("a file that cannot be read: {error:#}");
            let remedy = "Look at the path and its permissions.";
            Verdict::refused(vec![Reason::file(Kind::Unreadable, found, "a file", remedy)])
        }),
        Err(reason) => Verdict::refused(vec![reason]),
    };
    Checked {
        file: path.to_owned(),
        table: name,
        rows: verdict.rows_read,
        refused: verdict.refused,
        reasons: verdict.reasons,
        notices: verdict.notices,
    }
}

/// Checks files one after the other and says all that was found, as text for a terminal. False: one of them is refused.
pub async fn report(paths: &[PathBuf], table: Option<&Table>, mut line: impl FnMut(&str)) -> bool {
    let mut all_good = true;
    for path in paths {
        let checked = check(path, table).await;
        all_good &= checked.reasons.is_empty();
        line(checked.to_string().trim_end());
    }
    all_good
}

/// One line for the verdict, then one for each reason and notice.
impl std::fmt::Display for Checked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = if self.reasons.is_empty() { "good" } else { "refused" };
        let mut text = format!("{}: {word}, {} rows", self.file.display(), self.rows);
        if let Some(table) = &self.table {
            write!(text, " for {table}")?;
        }
        writeln!(f, "{text}")?;
        self.reasons.iter().try_for_each(|reason| writeln!(f, "  fault: {reason}"))?;
        self.notices.iter().try_for_each(|notice| writeln!(f, "  notice: {notice}"))
    }
}

async fn judge(path: &Path, table: &Table, now: DateTime<Utc>, limits: &Limits) -> anyhow::Result<Verdict> {
    let location = object_store::path::Path::from_absolute_path(path.canonicalize()?)?;
    let store = Arc::new(LocalFileSystem::new());
    let meta = store.head(&location).await?;
    Ok(read(Source::new(store, &meta, limits.clone()), table, now, limits, false).await?)
}

/// The table by the nearest folder that names one.
fn guess(path: &Path) -> Result<&'static Table, Reason> {
    let folders = path.ancestors().skip(1).filter_map(|folder| folder.file_name()?.to_str());
    for folder in folders {
        match named(folder) {
            Err(reason) if reason.kind == Kind::UnknownTable => {}
            answer => return answer,
        }
    }
    let remedy = "Name the table with --table, or put the file into a folder of its name.";
    Err(Reason::file(Kind::NotInATable, "a path without a table's name", ".../<table>/<name>.parquet", remedy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_folder_that_names_a_table_counts() {
        let name = |path: &str| guess(Path::new(path)).map(|table| table.name.as_str()).map_err(|reason| reason.kind);
        assert_eq!(name("/lake/builds/landing/reviews/2026/x.parquet"), Ok("reviews"));
        assert_eq!(name("/tmp/x.parquet"), Err(Kind::NotInATable));
        assert_eq!(name("landing/ingestions/x.parquet"), Err(Kind::InternalTable));
    }
}
