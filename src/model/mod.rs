//! What exists: tables, facts, metrics, profiles. Words only; nothing here reads a file or waits.
//!
//! The definitions are text under `schema/`, embedded in the binary. One definition feeds the API, the SQL views
//! and the docs.

pub mod attribution;
pub mod benchmark;
pub mod business_calendar;
pub mod catalogue;
pub mod classification;
pub mod condition;
pub mod definition;
pub mod dimension;
pub mod exclusion;
pub mod fact;
pub mod metric;
pub mod profile;
pub mod rating;
pub mod table;
pub mod term;
pub(crate) mod words;

use std::sync::OnceLock;

use anyhow::{Context, Result};
use include_dir::{Dir, include_dir};

pub use attribution::Attribution;
pub use benchmark::Benchmark;
pub use business_calendar::BusinessCalendar;
pub use catalogue::Catalogue;
pub use classification::Classification;
pub use condition::Condition;
pub use dimension::{Dimension, Granularity, Membership};
pub use fact::{Fact, FactColumn};
pub use metric::Metric;
pub use profile::{Defaults, Effective, Profile};
pub use table::{Column, ColumnType, Table};

/// The table of all changes of people and settings; a lake has it once anything was changed.
pub const EDITS: &str = "edits";

/// The `schema/` folder as it was when this binary was built.
pub(crate) static SCHEMA: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/schema");

/// Name and text of every TOML file in a folder of `schema/`, by name.
fn declarations<'d>(schema: &'d Dir<'_>, folder: &str) -> Result<Vec<(&'d str, &'d str)>> {
    let files = schema.get_dir(folder).with_context(|| format!("schema/{folder} is missing"))?.files();
    let mut texts = files
        .filter(|file| file.path().extension().is_some_and(|e| e == "toml"))
        .map(|file| {
            let name = file.path().file_stem().and_then(|s| s.to_str()).unwrap_or_default();
            let text = file.contents_utf8().with_context(|| format!("schema/{folder}/{name}.toml: not UTF-8"))?;
            Ok((name, text))
        })
        .collect::<Result<Vec<_>>>()?;
    texts.sort_unstable();
    Ok(texts)
}

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

/// The built-in metrics, by category and name. A lake may have more: see [`Catalogue`].
pub fn metrics() -> &'static [Metric] {
    static METRICS: OnceLock<Vec<Metric>> = OnceLock::new();
    METRICS.get_or_init(|| Metric::load_all(&SCHEMA).expect("schema/metrics is checked by a unit test"))
}

/// One built-in metric, by its UPPER_SNAKE name.
pub fn metric(name: &str) -> Option<&'static Metric> {
    metrics().iter().find(|metric| metric.name == name)
}

/// What was published about the whole industry, by scheme.
pub fn benchmarks() -> &'static [Benchmark] {
    static BENCHMARKS: OnceLock<Vec<Benchmark>> = OnceLock::new();
    BENCHMARKS.get_or_init(|| {
        Benchmark::load_all(&SCHEMA, metrics()).expect("schema/benchmarks.toml is checked by a unit test")
    })
}

/// What holds when no profile says otherwise.
pub fn defaults() -> &'static Defaults {
    static DEFAULTS: OnceLock<Defaults> = OnceLock::new();
    DEFAULTS.get_or_init(|| Defaults::load(&SCHEMA).expect("schema/profile.toml is checked by a unit test"))
}
