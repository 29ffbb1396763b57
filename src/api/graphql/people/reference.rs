//! How clients name people, teams and trees: by global id, by plain id, or by what a person knows (e-mail, path).

use std::collections::BTreeSet;

use super::super::node::{GlobalId, Kind};
use crate::people::Directory;
use crate::people::directory::Account;

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

/// Everybody whom an id, an e-mail address or a login means: indices of the people. A login may be of several.
pub fn find_people(directory: &Directory, text: &str) -> Vec<usize> {
    if let Some(person) = find_contributor(directory, text) {
        return vec![person];
    }
    let accounts = directory.resolved.accounts.iter().filter(|account| is_login(account, text));
    accounts.map(|account| account.person).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whether a text is the account's login, alone or as "source/login".
pub fn is_login(account: &Account, text: &str) -> bool {
    let (source, login) = (account.seen.source.as_str(), account.seen.login.as_str());
    login == text || text.strip_prefix(source).and_then(|rest| rest.strip_prefix('/')) == Some(login)
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
