//! What a kept fact is known by: everything that its rows depend on.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::lake::Snapshot;
use crate::model::{self, Fact};

/// Raised when the same SQL over the same tables gives other rows or other files than before.
const ENGINE_REVISION: u32 = 1;

/// A hash of the fact's definition, of the contents of the tables that it reads, and of the keys of the facts that it
/// reads. 32 hexadecimal digits.
pub fn key(snapshot: &Snapshot, fact: &Fact) -> Result<String> {
    let mut text = format!("{ENGINE_REVISION}\n{}\n{:?}\n{}\n", fact.name, fact.step, fact.sql);
    for table in &fact.inputs.tables {
        match snapshot.tables.get(table) {
            Some(version) => text += &format!("table {table} {} {}\n", version.id, version.contents),
            None => text += &format!("table {table} none\n"),
        }
    }
    for name in &fact.inputs.facts {
        let input = model::fact(name).with_context(|| format!("no fact {name}"))?;
        text += &format!("fact {name} {}\n", key(snapshot, input)?);
    }
    let digest = Sha256::digest(text.as_bytes());
    Ok(digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect())
}
