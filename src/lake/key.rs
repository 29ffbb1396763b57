//! The key of a row, (`source`, `id`), as 128 bits, so that maps over millions of keys hold no strings.
//!
//! Two independently and randomly keyed SipHashes make up the bits. With a thousand million keys in one map the chance
//! that any two collide is about 1e-21, less than that of a memory error going unseen, and nobody can prepare
//! colliding ids, since the hash keys differ with every merge and never leave the process.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use anyhow::{Context, Result, ensure};
use arrow::array::{Array, AsArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::TimestampMicrosecondType;

/// A map from hashed keys. The keys are hashes already.
pub(super) type KeyMap<V> = HashMap<u128, V, BuildHasherDefault<Low64>>;

/// Hashes keys; two hashers give different hashes.
#[derive(Debug, Clone, Default)]
pub(super) struct KeyHasher(RandomState, RandomState);

/// The columns that say which row is which and which one wins. None of them has nulls.
pub(super) struct KeyColumns<'a> {
    pub source: &'a StringArray,
    pub id: &'a StringArray,
    pub updated_at: &'a TimestampMicrosecondArray,
}

/// Names of the columns of [`KeyColumns`].
pub(super) const KEY_COLUMNS: [&str; 3] = ["source", "id", "updated_at"];

impl KeyHasher {
    pub fn hash(&self, source: &str, id: &str) -> u128 {
        let half = |state: &RandomState| {
            let mut hasher = state.build_hasher();
            hasher.write(source.as_bytes());
            // No UTF-8 string has this byte, so ("a", "bc") and ("ab", "c") differ.
            hasher.write_u8(0xff);
            hasher.write(id.as_bytes());
            hasher.finish()
        };
        (u128::from(half(&self.0)) << 64) | u128::from(half(&self.1))
    }
}

impl<'a> KeyColumns<'a> {
    /// Finds the columns by name. Fails where one is missing, of another type, or has a null.
    pub fn of(batch: &'a RecordBatch) -> Result<KeyColumns<'a>> {
        let column = |name: &str| {
            let column = batch.column_by_name(name).with_context(|| format!("column {name} is missing"))?;
            ensure!(column.null_count() == 0, "column {name} has a null, but is part of every row's key");
            Ok(column)
        };
        let wrong = |name: &str| format!("column {name} has another type than the contract's");
        Ok(KeyColumns {
            source: column("source")?.as_string_opt().with_context(|| wrong("source"))?,
            id: column("id")?.as_string_opt().with_context(|| wrong("id"))?,
            updated_at: column("updated_at")?
                .as_primitive_opt::<TimestampMicrosecondType>()
                .with_context(|| wrong("updated_at"))?,
        })
    }

    pub fn len(&self) -> usize {
        self.id.len()
    }
}

/// Takes the low 64 bits of a key that is a hash already.
#[derive(Debug, Default)]
pub(super) struct Low64(u64);

impl Hasher for Low64 {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, key: u128) {
        self.0 = key as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_border_between_source_and_id_counts() {
        let hasher = KeyHasher::default();
        assert_ne!(hasher.hash("a", "bc"), hasher.hash("ab", "c"));
        assert_eq!(hasher.hash("a", "bc"), hasher.hash("a", "bc"));
        assert_ne!(hasher.hash("a", "b"), KeyHasher::default().hash("a", "b"), "seeds differ between hashers");
    }
}
