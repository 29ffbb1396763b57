//! The sample company, `data/sample/*.csv`, as landing files. `data/README.md` tells who is who and why.
//! How a cell is read is in `csv.rs`; what becomes of the files is intake's business.

use anyhow::{Context, Result};
use arrow::array::RecordBatch;
use include_dir::{Dir, include_dir};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::csv;
use crate::lake::layout;
use crate::model;

/// What the sample company is called.
pub const COMPANY: &str = "Marmalade Post";

/// The CSV files as they were when this binary was built.
static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/data/sample");

/// The people of the sample company, as an import of contributors takes them.
pub const CONTRIBUTORS: &str = include_str!("../../data/sample/people/contributors.csv");
/// Its teams, as a document of teams.
pub const TEAMS: &str = include_str!("../../data/sample/people/teams.toml");

/// Writes the sample company into `landing/<table>/sample/`, one Parquet file for each CSV file, and returns the
/// paths in the order of their names. Names and bytes are the same on every run, so that a second run is a file that
/// intake has seen before.
///
/// # Errors
/// When the store refuses a write.
pub async fn write_landing(store: &dyn ObjectStore) -> Result<Vec<Path>> {
    let texts = FILES
        .files()
        .filter_map(|file| Some((file.path().file_name()?.to_str()?, file.contents_utf8()?)))
        .filter(|(name, _)| name.ends_with(".csv"));
    write(store, "sample", texts).await
}

/// Writes CSV files, given as (name, text), into `landing/<table>/<folder>/`. A file is named after its table, with
/// anything between the table's name and `.csv`: `pull_requests.csv`, `pull_requests.late.csv`.
///
/// # Errors
/// When a name tells no table, when a text is not what the table declares, when the store refuses a write.
pub async fn write<'a>(
    store: &dyn ObjectStore,
    folder: &str,
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<Path>> {
    let mut files: Vec<_> = files.into_iter().collect();
    files.sort();
    let mut written = Vec::with_capacity(files.len());
    for (name, text) in files {
        let stem = name.strip_suffix(".csv").unwrap_or(name);
        let table = stem.split('.').next().unwrap_or(stem);
        let table = model::table(table).with_context(|| format!("{name}: there is no table {table:?}"))?;
        let rows = csv::read(table, name, text)?;
        let path = layout::landing(&table.name).join(folder).join(format!("{stem}.parquet"));
        store.put(&path, PutPayload::from(parquet(&rows)?)).await.with_context(|| format!("writing {path}"))?;
        written.push(path);
    }
    Ok(written)
}

fn parquet(rows: &RecordBatch) -> Result<Vec<u8>> {
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), Some(properties))?;
    writer.write(rows)?;
    Ok(writer.into_inner()?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use arrow::array::AsArray;
    use arrow::datatypes::DataType;
    use object_store::memory::InMemory;

    use super::*;

    #[tokio::test]
    async fn every_table_of_the_contract_has_a_sample_and_the_bytes_never_change() {
        let (first, second) = (InMemory::new(), InMemory::new());
        let paths = write_landing(&first).await.expect("the sample is as the tables declare");
        assert_eq!(paths, write_landing(&second).await.expect("the sample is as the tables declare"));
        for path in &paths {
            let bytes = first.get(path).await.expect("written").bytes().await.expect("readable");
            assert_eq!(bytes, second.get(path).await.expect("written").bytes().await.expect("readable"), "{path}");
        }
        let with_rows: BTreeSet<_> =
            paths.iter().filter_map(|p| p.parts().nth(1)).map(|p| p.as_ref().to_owned()).collect();
        let declared: BTreeSet<_> = model::tables().iter().filter(|t| !t.internal).map(|t| t.name.clone()).collect();
        assert_eq!(with_rows, declared);
    }

    /// The rows of one table, all its files together.
    fn cells(table: &str, column: &str) -> Vec<String> {
        let table = model::table(table).expect("a table of the contract");
        let of_table = |name: &str| name.split('.').next() == Some(table.name.as_str());
        let mut cells = Vec::new();
        for file in FILES.files() {
            let name = file.path().to_str().expect("plain names");
            if of_table(name) {
                let rows = csv::read(table, name, file.contents_utf8().expect("UTF-8")).expect("as declared");
                match rows[column].data_type() {
                    DataType::List(_) => {
                        let values = rows[column].as_list::<i32>().values();
                        cells.extend(values.as_string::<i32>().iter().flatten().map(str::to_owned));
                    }
                    _ => cells.extend(rows[column].as_string::<i32>().iter().flatten().map(str::to_owned)),
                }
            }
        }
        cells
    }

    #[test]
    fn every_reference_of_the_sample_leads_somewhere() {
        for (table, column, to, key) in [
            ("commits", "parents", "commits", "id"),
            ("commits", "author", "accounts", "login"),
            ("commits", "repository", "repositories", "name"),
            ("commit_files", "commit", "commits", "id"),
            ("pull_requests", "merge_commit", "commits", "id"),
            ("pull_requests", "author", "accounts", "login"),
            ("pull_request_commits", "commit", "commits", "id"),
            ("pull_request_commits", "pull_request", "pull_requests", "id"),
            ("reviews", "pull_request", "pull_requests", "id"),
            ("comments", "pull_request", "pull_requests", "id"),
            ("builds", "commit", "commits", "id"),
            ("deployments", "commit", "commits", "id"),
            ("deployment_commits", "commit", "commits", "id"),
            ("deployment_commits", "deployment", "deployments", "id"),
            ("deployment_changes", "commit", "commits", "id"),
            ("deployment_changes", "deployment", "deployments", "id"),
            ("incidents", "deployment", "deployments", "id"),
            ("issues", "epic", "issues", "id"),
            ("issue_transitions", "issue", "issues", "id"),
            ("sprint_issues", "issue", "issues", "id"),
            ("sprint_issues", "sprint", "sprints", "id"),
        ] {
            let known: BTreeSet<_> = cells(to, key).into_iter().collect();
            let found = cells(table, column);
            assert!(!found.is_empty(), "{table}.{column} has no value");
            for value in found {
                assert!(known.contains(&value), "{table}.{column}: {value} is not in {to}.{key}");
            }
        }
    }

    #[test]
    fn what_the_readme_tells_of_is_there() {
        let ids: BTreeSet<_> =
            ["pull_requests", "deployments", "incidents"].iter().flat_map(|t| cells(t, "id")).collect();
        let text = include_str!("../../data/README.md");
        let numbered = |word: &&str| {
            let (name, number) = word.split_once('-').unwrap_or_default();
            let known =
                ["storefront", "basket", "payments", "ledger", "shop", "postbox", "INC", "ALARM"].contains(&name);
            known && number.starts_with(|c: char| c.is_ascii_digit())
        };
        let told: Vec<_> = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(numbered).collect();
        assert!(told.len() > 30, "the oddities are told with their ids");
        for id in told {
            assert!(ids.contains(id), "{id} is told of and not there");
        }
    }

    #[tokio::test]
    async fn a_file_of_no_table_is_an_error() {
        let error = write(&InMemory::new(), "x", [("colours.csv", "id\n")]).await.expect_err("no such table");
        assert_eq!(error.to_string(), "colours.csv: there is no table \"colours\"");
    }
}
