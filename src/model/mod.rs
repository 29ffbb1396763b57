//! What exists: tables, facts, metrics, profiles. Words only; nothing here reads a file or waits.
//!
//! The definitions are text under `schema/`, embedded in the binary. One definition feeds the API, the SQL views
//! and the docs.

pub mod fact;
pub mod table;

use std::sync::OnceLock;

use include_dir::{Dir, include_dir};

pub use fact::{Fact, FactColumn};
pub use table::{Column, ColumnType, Table};

/// The `schema/` folder as it was when this binary was built.
pub(crate) static SCHEMA: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/schema");

/// Every table of the contract, by name.
pub fn tables() -> &'static [Table] {
    static TABLES: OnceLock<Vec<Table>> = OnceLock::new();
    TABLES.get_or_init(|| Table::load_all(&SCHEMA).expect("schema/tables is checked by a unit test"))
}

/// One table of the contract.
pub fn table(name: &str) -> Option<&'static Table> {
    tables().iter().find(|table| table.name == name)
}

/// Every fact, each after the facts that it reads. Some are internal.
pub fn facts() -> &'static [Fact] {
    static FACTS: OnceLock<Vec<Fact>> = OnceLock::new();
    FACTS.get_or_init(|| Fact::load_all(&SCHEMA).expect("schema/facts is checked by a unit test"))
}

/// One fact.
pub fn fact(name: &str) -> Option<&'static Fact> {
    facts().iter().find(|fact| fact.name == name)
}
