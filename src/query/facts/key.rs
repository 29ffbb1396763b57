//! What a kept fact, or a part of one, is known by: everything that its rows depend on.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::fragment::is_by_month;
use crate::lake::{RowsId, Snapshot};
use crate::model::{self, Fact};

/// Raised when the same SQL over the same tables gives other rows or other files than before.
const ENGINE_REVISION: u32 = 1;

/// A hash of the fact's definition, of the contents of the tables that it reads, and of the keys of the facts that it
/// reads. 32 hexadecimal digits.
pub fn key(snapshot: &Snapshot, fact: &Fact) -> Result<String> {
    let mut text = definition(fact) + &inputs(snapshot, fact, None)?;
    if is_by_month(snapshot, fact) {
        text += "by month\n";
    }
    Ok(hash(&text))
}

/// A hash of what the rows of any month of a fact's driver depend on beside the driver's own: the fact's definition, and
/// its other inputs.
pub fn base_of_months(snapshot: &Snapshot, fact: &Fact, driver: &str) -> Result<String> {
    Ok(hash(&(definition(fact) + &inputs(snapshot, fact, Some(driver))?)))
}

/// The key of one month's part of a fact. `table` is the identity of the driver's table, `rows` that of the month's rows.
pub fn of_month(base: &str, month: Option<&str>, table: &str, rows: RowsId) -> String {
    hash(&format!("{base}\nmonth {}\ntable {table} {rows}\n", month.unwrap_or("none")))
}

fn definition(fact: &Fact) -> String {
    format!("{ENGINE_REVISION}\n{}\n{:?}\n{}\n", fact.name, fact.step, fact.sql)
}

fn inputs(snapshot: &Snapshot, fact: &Fact, left_out: Option<&str>) -> Result<String> {
    let mut text = String::new();
    for table in fact.inputs.tables.iter().filter(|table| Some(table.as_str()) != left_out) {
        match snapshot.tables.get(table) {
            Some(version) => text += &format!("table {table} {} {}\n", version.id, version.contents),
            None => text += &format!("table {table} none\n"),
        }
    }
    for name in &fact.inputs.facts {
        let input = model::fact(name).with_context(|| format!("no fact {name}"))?;
        text += &format!("fact {name} {}\n", key(snapshot, input)?);
    }
    Ok(text)
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
