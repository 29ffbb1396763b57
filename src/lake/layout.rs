//! Where things lie in a lake: the only place that spells its paths. All are relative to the lake's root.
//! Data files inside a table are named in `write`, the Delta log by the Delta protocol.

use object_store::path::Path;

/// Folder under which data engineers and connectors drop files, one folder per table.
pub const LANDING: &str = "landing";
/// Folder of the Delta tables.
pub const TABLES: &str = "tables";
/// Folder of what is rebuilt deterministically from tables.
pub const DERIVED: &str = "derived";
/// Folder of the reports on refused files.
pub const REJECTED: &str = "rejected";

/// `landing/<table>`: files dropped for a table.
pub fn landing(table: &str) -> Path {
    Path::from_iter([LANDING, table])
}

/// `tables/<table>`: a Delta table.
pub fn tables(table: &str) -> Path {
    Path::from_iter([TABLES, table])
}

/// `derived/<fact>`: all that is kept of a fact.
pub fn fact(fact: &str) -> Path {
    Path::from_iter([DERIVED, fact])
}

/// `derived/<fact>/<key>`: a fact built from the table versions that `key` stands for.
pub fn derived(fact: &str, key: &str) -> Path {
    Path::from_iter([DERIVED, fact, key])
}

/// `derived/<fact>/months/<month>/<key>`: the part of a fact that comes from one month of its driver. `None`: from rows
/// without an event time.
pub fn fragment(fact: &str, month: Option<&str>, key: &str) -> Path {
    Path::from_iter([DERIVED, fact, "months", month.unwrap_or("none"), key])
}

/// `_manifest.json` in a folder of `derived`: written last; without it the folder is not there.
pub fn manifest(folder: &Path) -> Path {
    folder.clone().join("_manifest.json")
}

/// `rejected/<table>/<file>.json`: the report on a refused file. `file` is its path in the lake
/// (`landing/<table>/...`) or within `landing/<table>/`; folders are kept.
pub fn rejected(table: &str, file: &str) -> Path {
    let prefix = format!("{LANDING}/{table}/");
    let within = file.strip_prefix(&prefix).unwrap_or(file);
    let parts = within.split('/').filter(|part| !part.is_empty());
    let folder = Path::from_iter([REJECTED, table].into_iter().chain(parts));
    Path::from(format!("{folder}.json"))
}

/// `sources/git/<source>/<repository>.json`: what was imported of a git repository. Slashes in its name make folders.
pub fn git_state(source: &str, repository: &str) -> Path {
    let folders = ["sources", "git", source].into_iter().chain(repository.split('/'));
    Path::from(format!("{}.json", Path::from_iter(folders)))
}

/// `definitions/metrics`: the metrics that the lake declares itself, a TOML file each.
pub fn definitions_of_metrics() -> Path {
    Path::from_iter(["definitions", "metrics"])
}

/// `people/imports`: uploads that wait for approval.
pub fn imports() -> Path {
    Path::from_iter(["people", "imports"])
}

/// `people/imports/<id>.json`: an upload that waits for approval.
pub fn import(id: &str) -> Path {
    Path::from_iter(["people", "imports", &format!("{id}.json")])
}

/// `people/generated/<file>`: people and teams of the synthetic organisation, as files that somebody may import.
pub fn generated_people(file: &str) -> Path {
    Path::from_iter(["people", "generated", file])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_keep_the_folders_of_the_file() {
        let report = "rejected/builds/2026/a.parquet.json";
        assert_eq!(rejected("builds", "landing/builds/2026/a.parquet").as_ref(), report);
        assert_eq!(rejected("builds", "2026/a.parquet").as_ref(), report);
    }
}
