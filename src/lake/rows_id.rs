//! What the rows of files are known by, however they are cut into files.
//!
//! Each file that is written for new rows is given a number of its own, a hash of its name; the sum of the numbers of a
//! month's files stands for the month's rows. Whoever only moves rows to other files gives these numbers of the same sum.
//! So equal sums mean equal rows, and nothing but the log has to be read. Another engine's files have no such number
//! noted: theirs is the hash of their name, and a rewriting of theirs looks like other rows, which is slower, never wrong.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// Stands for the rows of one file or of several together. 128 bits; sums wrap around.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowsId(u128);

impl RowsId {
    /// Of a file whose rows are new, by its path in its table.
    pub(super) fn of_path(path: &str) -> RowsId {
        RowsId(Sha256::digest(path).iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte)))
    }

    /// For files that hold the rows of others now: numbers of the sum of theirs in each month. `before` are the month and
    /// number of each file that goes, `after` the month and path of each that comes.
    pub(super) fn moved<'a>(
        before: impl IntoIterator<Item = (Option<&'a str>, RowsId)>,
        after: &[(Option<&'a str>, &str)],
    ) -> Vec<RowsId> {
        let mut left: BTreeMap<Option<&str>, RowsId> = BTreeMap::new();
        for (month, id) in before {
            let sum = left.entry(month).or_default();
            *sum = *sum + id;
        }
        let mut ids: Vec<RowsId> = after.iter().map(|(_, path)| RowsId::of_path(path)).collect();
        for (id, (month, _)) in ids.iter().zip(after) {
            let rest = left.entry(*month).or_default();
            *rest = *rest - *id;
        }
        // What is missing to the sum goes to the first file of the month.
        for (id, (month, _)) in ids.iter_mut().zip(after) {
            *id = *id + left.remove(month).unwrap_or_default();
        }
        ids
    }
}

impl Add for RowsId {
    type Output = RowsId;

    fn add(self, other: RowsId) -> RowsId {
        RowsId(self.0.wrapping_add(other.0))
    }
}

impl Sub for RowsId {
    type Output = RowsId;

    fn sub(self, other: RowsId) -> RowsId {
        RowsId(self.0.wrapping_sub(other.0))
    }
}

impl fmt::Display for RowsId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for RowsId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<RowsId, Self::Err> {
        u128::from_str_radix(text, 16).map(RowsId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(ids: &[RowsId]) -> RowsId {
        ids.iter().fold(RowsId::default(), |sum, id| sum + *id)
    }

    #[test]
    fn moved_rows_keep_the_sum_of_their_month() {
        let ids: Vec<RowsId> = ["a", "b", "c"].into_iter().map(RowsId::of_path).collect();
        let before = [(Some("2026-01"), ids[0]), (Some("2026-01"), ids[1]), (None, ids[2])];
        let after = [(Some("2026-01"), "x"), (None, "y"), (Some("2026-01"), "z")];
        let moved = RowsId::moved(before, &after);
        assert_eq!(moved[0] + moved[2], ids[0] + ids[1]);
        assert_eq!(moved[1], ids[2]);
        // Each of several files still stands for rows of its own.
        assert!(moved.iter().all(|id| *id != RowsId::default()));
        assert_ne!(moved[0], sum(&moved));
    }

    #[test]
    fn a_number_is_read_as_it_is_written() {
        let id = RowsId::of_path("part-1");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!((id - id).to_string(), "0".repeat(32));
        assert!("x".parse::<RowsId>().is_err());
    }
}
