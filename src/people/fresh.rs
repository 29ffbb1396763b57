//! New ids of documents: a letter for the kind, and twelve characters that nobody can guess or mistake for each other.

use rand::Rng;

/// Digits and letters without i, l, o and u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters behind the kind.
const LENGTH: usize = 12;

/// A new id, such as `c-7k2m9qx4t0ab`.
pub fn id(kind: char) -> String {
    format!("{kind}-{}", letters(&rand::rng().random::<[u8; LENGTH]>()))
}

/// The characters of an id, out of at least twelve random bytes.
pub fn letters(bytes: &[u8]) -> String {
    bytes.iter().take(LENGTH).map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_differ() {
        let (one, other) = (super::id('t'), super::id('t'));
        assert!(one.len() == 14 && one.starts_with("t-") && one != other);
    }
}
