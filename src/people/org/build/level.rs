//! A level of an org tree: people put together by an attribute, and by the stable ids of their teams.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use crate::people::org::path;

/// People of one team to be.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Group {
    pub people: Vec<usize>,
    /// The spelling that most use; of equals the first in the alphabet.
    pub name: String,
    pub stable_id: Option<String>,
    /// What tells it from a namesake beside it.
    pub mark: String,
}

/// People by how they spell a value.
type Spellings<'v> = BTreeMap<Cow<'v, str>, Vec<usize>>;

/// Puts people together by id where they have one. Without, by name; and with the one id that others of this name have.
/// Gives the groups in order, then those without a name.
pub fn split<'v>(
    people: &[usize],
    name: impl Fn(usize) -> Option<Cow<'v, str>>,
    id: impl Fn(usize) -> Option<Cow<'v, str>>,
) -> (Vec<Group>, Vec<usize>) {
    // Few names and many people: what takes time is done once for each name.
    let mut spelled: HashMap<Cow<'v, str>, Vec<usize>> = HashMap::new();
    let mut rest = Vec::new();
    for person in people {
        match name(*person) {
            Some(name) => spelled.entry(name).or_default().push(*person),
            None => rest.push(*person),
        }
    }
    let mut named: BTreeMap<String, Spellings<'v>> = BTreeMap::new();
    for (name, people) in spelled {
        match path::slug(&name) {
            slug if slug.is_empty() => rest.extend(people),
            slug => {
                named.entry(slug).or_default().insert(name, people);
            }
        }
    }
    let mut parts: BTreeMap<(Option<Cow<'v, str>>, String), Spellings<'v>> = BTreeMap::new();
    for (slug, spellings) in named {
        let ids: Vec<Vec<Option<Cow<'v, str>>>> =
            spellings.values().map(|people| people.iter().map(|person| id(*person)).collect()).collect();
        let mut known = ids.iter().flatten().flatten();
        let only = known.next().filter(|first| known.all(|other| other == *first)).cloned();
        for ((name, people), ids) in spellings.into_iter().zip(ids) {
            for (person, id) in people.into_iter().zip(ids) {
                let key = match id.or_else(|| only.clone()) {
                    Some(id) => (Some(id), String::new()),
                    None => (None, slug.clone()),
                };
                parts.entry(key).or_default().entry(name.clone()).or_default().push(person);
            }
        }
    }
    rest.sort_unstable();
    (parts.into_iter().map(|((id, slug), spellings)| group(id.map(Cow::into_owned), slug, spellings)).collect(), rest)
}

fn group(stable_id: Option<String>, slug: String, spellings: Spellings<'_>) -> Group {
    let most = spellings.iter().rev().max_by_key(|(_, people)| people.len());
    let name = most.map(|(name, _)| name.to_string()).unwrap_or_default();
    let mut people: Vec<usize> = spellings.into_values().flatten().collect();
    people.sort_unstable();
    Group { people, name, mark: stable_id.clone().unwrap_or(slug), stable_id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_before_names() {
        let names = [
            Some("Web"),
            Some("web"),
            Some("web"),
            Some("Shop"),
            Some("Ops"),
            Some("Ops"),
            None,
            Some("/"),
            Some("Ops"),
        ];
        let ids = [Some("1"), None, None, Some("1"), Some("2"), Some("3"), Some("1"), None, None];
        let people: Vec<usize> = (0..names.len()).collect();
        let (groups, rest) = split(&people, |p| names[p].map(Cow::from), |p| ids[p].map(Cow::from));
        let found: Vec<(&str, &str, &[usize])> =
            groups.iter().map(|g| (g.mark.as_str(), g.name.as_str(), g.people.as_slice())).collect();
        // 1 is called "web" by two of four; who says Ops without an id may mean either.
        let expected: [(&str, &str, &[usize]); 4] =
            [("ops", "Ops", &[8]), ("1", "web", &[0, 1, 2, 3]), ("2", "Ops", &[4]), ("3", "Ops", &[5])];
        assert_eq!(found, expected);
        assert_eq!(rest, [6, 7]);
    }
}
