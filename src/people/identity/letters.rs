//! Words, letter by letter: for finding those that are nearly the same.

/// Letters and digits, folded; digits at the end go where enough is left.
pub fn compact(text: &str) -> String {
    let text = fold(&text.chars().filter(|c| c.is_alphanumeric()).collect::<String>());
    let without = text.trim_end_matches(|c: char| c.is_ascii_digit());
    if without.len() >= 3 { without.to_owned() } else { text }
}

/// Lower case, and the plain letter for accented ones.
pub fn fold(text: &str) -> String {
    let plain = |c: char| match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'é' | 'è' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => 'e',
        'ğ' => 'g',
        'í' | 'ì' | 'î' | 'ï' | 'ī' | 'ı' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => 'o',
        'ř' => 'r',
        'ś' | 'š' | 'ş' | 'ș' => 's',
        'ť' | 'ț' | 'ţ' => 't',
        'ú' | 'ù' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ž' | 'ż' => 'z',
        other => other,
    };
    text.chars().flat_map(char::to_lowercase).map(plain).collect()
}

/// Letters to insert, drop or exchange to make one of the other; above `most` only that it is more.
pub fn distance(a: &str, b: &str, most: usize) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return most + 1;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let exchanged = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = exchanged.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

/// Every word that differs from another in one letter.
pub fn variants(word: &str, mut add: impl FnMut(&str)) {
    let mut variant = String::with_capacity(word.len() + 1);
    let mut put = |before: &str, letter: Option<char>, after: &str| {
        variant.clear();
        variant.push_str(before);
        variant.extend(letter);
        variant.push_str(after);
        add(&variant);
    };
    for (place, letter) in word.char_indices() {
        let (before, after) = (&word[..place], &word[place + letter.len_utf8()..]);
        put(before, None, after);
        for other in ('a'..='z').filter(|other| *other != letter) {
            put(before, Some(other), after);
        }
        for more in 'a'..='z' {
            put(before, Some(more), &word[place..]);
        }
    }
    for more in 'a'..='z' {
        put(word, Some(more), "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, wanted) in [("", "", 0), ("abc", "abc", 0), ("abc", "abd", 1), ("abc", "ac", 1), ("abc", "xabcy", 2)]
        {
            assert_eq!(distance(a, b, 2), wanted, "{a} {b}");
        }
        assert_eq!(distance("abc", "abcdefg", 2), 3);
    }

    #[test]
    fn variants_are_all_that_is_one_letter_away() {
        let mut found = Vec::new();
        variants("ab", |variant| found.push(variant.to_owned()));
        found.sort();
        found.dedup();
        assert!(found.iter().all(|variant| distance("ab", variant, 1) == 1));
        // 2 shorter, 2 * 25 exchanged, 3 * 26 longer, of which "aab" and "abb" come twice.
        assert_eq!(found.len(), 2 + 50 + 76);
    }
}
