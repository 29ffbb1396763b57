//! How clients name people, teams and trees: by global id, by plain id, or by what a person knows (e-mail, path).

use super::super::node::{GlobalId, Kind};
use crate::people::Directory;

/// The plain id of what a client names; a text that is no global id of the kind is taken as it is.
fn key(kind: Kind, text: &str) -> String {
    match GlobalId::decode(text) {
        Some(id) if id.kind == kind => id.key,
        _ => text.trim().to_owned(),
    }
}

/// The plain id of a contributor, from a global or a plain one.
pub fn contributor_key(text: &str) -> String {
    key(Kind::Contributor, text)
}

/// The plain id of a team.
pub fn team_key(text: &str) -> String {
    key(Kind::Team, text)
}

/// The plain id of an org tree.
pub fn tree_key(text: &str) -> String {
    key(Kind::OrgTree, text)
}

/// A contributor by id or e-mail: index of the person.
pub fn find_contributor(directory: &Directory, text: &str) -> Option<usize> {
    let resolved = &directory.resolved;
    let email = || resolved.by_email.get(text.trim().to_lowercase().as_str());
    resolved.by_id.get(&contributor_key(text)).or_else(email).copied()
}

/// A team by id or path: index of the team. Of teams of several trees with one path, that of the first tree.
pub fn find_team(directory: &Directory, text: &str) -> Option<usize> {
    let org = &directory.org;
    let path = || org.by_path.get(&as_path(text)).and_then(|teams| teams.first());
    org.by_id.get(&team_key(text)).or_else(path).copied()
}

/// An org tree by id or name: its index.
pub fn find_tree(directory: &Directory, text: &str) -> Option<usize> {
    let (trees, key) = (&directory.org.trees, tree_key(text));
    let named = || trees.iter().position(|tree| tree.definition.name.eq_ignore_ascii_case(text.trim()));
    trees.iter().position(|tree| tree.id == key).or_else(named)
}

/// A path as paths are written: in lower case, with hyphens for spaces.
fn as_path(text: &str) -> String {
    text.trim().trim_matches('/').to_lowercase().split_whitespace().collect::<Vec<_>>().join("-")
}
