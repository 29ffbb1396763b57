//! Finds people as one types: every word that is typed must begin a word of the name, an e-mail address or a login.

use super::directory::Resolved;

/// The words of everybody, in order. Made once for a directory.
#[derive(Debug, Default)]
pub struct Index {
    /// A word in lower case, and the index of a person.
    words: Vec<(Box<str>, u32)>,
}

impl Index {
    pub fn new(resolved: &Resolved) -> Index {
        let mut words = Vec::new();
        for (number, person) in resolved.people.iter().enumerate() {
            let logins = person.accounts.iter().map(|account| &resolved.accounts[*account].seen.login);
            let names = std::iter::once(&person.name).chain(&person.emails).chain(logins).chain(&person.external_id);
            for text in names {
                for word in words_of(&text.to_lowercase()) {
                    words.push((word.into(), number as u32));
                }
            }
        }
        words.sort_unstable();
        words.dedup();
        Index { words }
    }

    /// Indices of the people who fit, in their order; everybody where nothing is typed.
    pub fn find(&self, typed: &str, people: usize) -> Vec<usize> {
        let typed = typed.to_lowercase();
        let mut found: Option<Vec<u32>> = None;
        for word in typed.split_whitespace() {
            let mut fitting = self.beginning_with(word);
            if let Some(found) = &found {
                fitting.retain(|person| found.binary_search(person).is_ok());
            }
            found = Some(fitting);
        }
        match found {
            None => (0..people).collect(),
            Some(found) => found.into_iter().map(|person| person as usize).collect(),
        }
    }

    /// Sorted, without repetition.
    fn beginning_with(&self, prefix: &str) -> Vec<u32> {
        let start = self.words.partition_point(|(word, _)| word.as_ref() < prefix);
        let fitting = self.words[start..].iter().take_while(|(word, _)| word.starts_with(prefix));
        let mut people: Vec<u32> = fitting.map(|(_, person)| *person).collect();
        people.sort_unstable();
        people.dedup();
        people
    }
}

/// The words of a text: its parts between spaces, and the parts of those between signs.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    let parts = |word| str::split(word, |c: char| !c.is_alphanumeric());
    text.split_whitespace()
        .flat_map(move |word| std::iter::once(word).chain(parts(word)))
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::directory::Person;
    use super::*;

    fn index(people: &[(&str, &str)]) -> Index {
        let person = |(name, email): &(&str, &str)| Person {
            name: (*name).into(),
            emails: vec![(*email).into()],
            ..Person::default()
        };
        Index::new(&Resolved { people: people.iter().map(person).collect(), ..Resolved::default() })
    }

    #[test]
    fn every_typed_word_begins_a_word() {
        let index =
            index(&[("Ann Applewick", "ann@example.com"), ("Bob O'Hare", "b.ohare@example.com"), ("Änne Bo", "")]);
        let find = |typed: &str| index.find(typed, 3);
        assert_eq!(find("  "), [0, 1, 2]);
        assert_eq!(find("an"), [0]);
        assert_eq!(find("APP ann"), [0]);
        assert_eq!(find("bo"), [1, 2]);
        assert_eq!(find("o'h"), [1]);
        assert_eq!(find("ohare"), [1]);
        assert_eq!(find("ann@ex"), [0]);
        assert_eq!(find("än"), [2]);
        assert_eq!(find("exam bo"), [1]);
        assert_eq!(find("ann bo"), [0; 0]);
    }
}
