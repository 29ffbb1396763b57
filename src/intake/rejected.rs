//! The report on a refused file, under `rejected/`: every reason, for people and for programs.

use anyhow::{Context, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use object_store::ObjectStoreExt;
use object_store::path::Path;
use serde::Serialize;

use crate::lake::{Lake, layout};

use super::discover::Landed;
use super::reason::Reason;
use super::verdict::Verdict;

/// Stands for the table of files that lie in no table's folder.
const NO_TABLE: &str = "_";

#[derive(Serialize)]
struct Report<'a> {
    file: &'a str,
    table: Option<&'a str>,
    bytes: u64,
    rows: u64,
    refused_rows: u64,
    judged_at: String,
    reasons: &'a [Reason],
    notices: &'a [String],
}

/// Writes the report on a file; one that is there from before is replaced.
pub async fn write(
    lake: &Lake,
    file: &Landed,
    table: Option<&str>,
    verdict: &Verdict,
    now: DateTime<Utc>,
) -> Result<()> {
    let report = Report {
        file: file.path(),
        table,
        bytes: file.bytes(),
        rows: verdict.rows_read,
        refused_rows: verdict.refused,
        judged_at: now.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        reasons: &verdict.reasons,
        notices: &verdict.notices,
    };
    let path = place(file.path(), file.below_landing(), table);
    let text = serde_json::to_vec_pretty(&report).context("a report is always JSON")?;
    lake.store().put(&path, text.into()).await.with_context(|| format!("{path} cannot be written"))?;
    Ok(())
}

fn place(path: &str, below_landing: &str, table: Option<&str>) -> Path {
    match table {
        Some(table) => layout::rejected(table, path),
        None => layout::rejected(NO_TABLE, below_landing),
    }
}
