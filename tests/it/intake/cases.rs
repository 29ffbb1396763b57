//! The cases under `tests/cases/intake/`: a file as a writer may make it, and every reason and notice it gets.
//!
//! A case takes `rows` good rows of `table`, leaves out the columns in `without`, sets those in `columns` (values are
//! JSON in a string, since TOML has no null), and says what is expected.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use throughline::intake::Limits;
use throughline::intake::check::check_at;
use throughline::model;

use super::files;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    table: String,
    rows: usize,
    #[serde(default)]
    without: Vec<String>,
    #[serde(default)]
    columns: BTreeMap<String, Set>,
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    #[serde(rename = "type")]
    kind: String,
    values: String,
}

#[derive(Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
struct Expect {
    /// Rows with a fault.
    refused: u64,
    #[serde(default)]
    reasons: Vec<String>,
    #[serde(default)]
    notices: Vec<String>,
}

/// The time of all cases.
pub fn now() -> DateTime<Utc> {
    "2026-06-01T00:00:00Z".parse().expect("a time")
}

#[tokio::test]
async fn every_case_gets_every_reason() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/intake");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(&folder).expect("cases").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    assert!(paths.len() >= 20, "the cases are there");
    let mut failed = Vec::new();
    for path in &paths {
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        let text = std::fs::read_to_string(path).expect("a case");
        let case: Case = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = outcome(&case).await;
        if std::env::var_os("UPDATE_CASES").is_some() {
            std::fs::write(path, rewritten(&text, &found)).expect("written");
        } else if found != case.expect {
            failed.push(format!("{name}\n  found:    {found:#?}\n  expected: {:#?}", case.expect));
        }
    }
    assert!(failed.is_empty(), "{} of {} cases:\n{}", failed.len(), paths.len(), failed.join("\n"));
}

/// The case with what was found in place of what is expected: for `UPDATE_CASES=1`, and then for a person to read.
fn rewritten(text: &str, found: &Expect) -> String {
    let kept = text.split("[expect]").next().expect("the beginning");
    let list = |name: &str, lines: &[String]| match lines {
        [] => String::new(),
        lines => {
            let lines: Vec<String> = lines.iter().map(|line| format!("    {},\n", serde_json::json!(line))).collect();
            format!("{name} = [\n{}]\n", lines.concat())
        }
    };
    let (reasons, notices) = (list("reasons", &found.reasons), list("notices", &found.notices));
    format!("{kept}[expect]\nrefused = {}\n{reasons}{notices}", found.refused)
}

async fn outcome(case: &Case) -> Expect {
    let mut columns = files::good(&case.table, case.rows);
    columns.retain(|(name, ..)| !case.without.contains(name));
    for (name, set) in &case.columns {
        let values: Vec<serde_json::Value> = serde_json::from_str(&set.values).expect("values are JSON");
        files::set(&mut columns, name, &set.kind, values);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("case.parquet");
    std::fs::write(&path, files::parquet(&columns)).expect("written");
    let table = model::table(&case.table).expect("a table");
    let checked = check_at(&path, Some(table), now(), &Limits::default()).await;
    Expect {
        refused: checked.refused,
        reasons: checked.reasons.iter().map(ToString::to_string).collect(),
        notices: checked.notices,
    }
}
