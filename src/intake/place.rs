//! Which table a path is meant for, from the path alone.

use crate::model::{self, Table};

use super::reason::{Kind, Reason};

/// The table of a file below `landing/`, by its path there: `<table>/**/<name>.parquet`.
///
/// The first value is the folder's name, also where it is no table. The error says why the file cannot be taken.
pub fn place(below_landing: &str) -> (Option<&str>, Result<&'static Table, Reason>) {
    let Some((folder, rest)) = below_landing.split_once('/') else {
        let remedy = "Move it into the folder of its table.";
        let reason =
            Reason::file(Kind::NotInATable, "a file outside any table's folder", "landing/<table>/...", remedy);
        return (None, Err(reason));
    };
    let name = rest.rsplit('/').next().unwrap_or(rest);
    if !name.to_ascii_lowercase().ends_with(".parquet") {
        let remedy = "Write Parquet; begin the name with _ or . where intake shall leave it alone.";
        let found = format!("a name that does not end in .parquet: {name}");
        return (Some(folder), Err(Reason::file(Kind::NotAParquetName, found, "*.parquet", remedy)));
    }
    (Some(folder), named(folder))
}

/// A table that files may be dropped for, by its name.
pub fn named(name: &str) -> Result<&'static Table, Reason> {
    match model::table(name) {
        Some(table) if table.internal => Err(Reason::file(
            Kind::InternalTable,
            format!("a file for {name}, which Throughline writes itself"),
            tables(),
            "Do not drop files there.",
        )),
        Some(table) => Ok(table),
        None => Err(Reason::file(
            Kind::UnknownTable,
            format!("a file for {name}, which is no table"),
            tables(),
            "Move it into the folder of its table.",
        )),
    }
}

/// Whether intake leaves a path alone: writers keep their unfinished and own files under names with `_` or `.` in front.
pub fn is_hidden(below_landing: &str) -> bool {
    below_landing.split('/').any(|part| part.starts_with(['_', '.']))
}

fn tables() -> String {
    let names: Vec<&str> = model::tables().iter().filter(|t| !t.internal).map(|t| t.name.as_str()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_folder_names_the_table() {
        let (folder, table) = place("reviews/2026/03/x.parquet");
        assert_eq!((folder, table.expect("a table").name.as_str()), (Some("reviews"), "reviews"));
        let kind = |path| place(path).1.expect_err("no table").kind;
        assert_eq!(kind("x.parquet"), Kind::NotInATable);
        assert_eq!(kind("revews/x.parquet"), Kind::UnknownTable);
        assert_eq!(kind("ingestions/x.parquet"), Kind::InternalTable);
        assert_eq!(kind("reviews/x.csv"), Kind::NotAParquetName);
    }

    #[test]
    fn hidden_is_what_any_part_hides() {
        assert!(is_hidden("reviews/_temporary/0/x.parquet"));
        assert!(is_hidden("reviews/.x.parquet.crc"));
        assert!(!is_hidden("reviews/a_b/x.parquet"));
    }
}
