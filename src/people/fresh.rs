//! New ids of documents: a letter for the kind, and twelve characters that nobody can guess or mistake for each other.

use rand::Rng;

/// Digits and letters without i, l, o and u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A new id, such as `c-7k2m9qx4t0ab`.
pub fn id(kind: char) -> String {
    let mut random = rand::rng();
    let letters = (0..12).map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())]));
    format!("{kind}-{}", letters.collect::<String>())
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_differ() {
        let (one, other) = (super::id('t'), super::id('t'));
        assert!(one.len() == 14 && one.starts_with("t-") && one != other);
    }
}
