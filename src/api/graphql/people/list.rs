//! Lists of contributors and teams: what is searched, filtered and ordered.

use std::collections::BTreeSet;

use async_graphql::{Enum, ID, InputObject, Result};

use super::super::error::bad_input;
use super::condition::ConditionInput;
use super::reference::{find_contributor, find_team, find_tree};
use super::team::{MemberScope, members};
use crate::people::Directory;
use crate::people::directory::Person;
use crate::people::org::rule::{self, text};

/// Narrows a list of contributors. One must fit everything that is given.
#[derive(InputObject, Default)]
pub struct ContributorFilter {
    /// Whether it is a bot. Left out: bots are left out.
    pub is_bot: Option<bool>,
    /// Whether somebody registered the person; false: only those detected from accounts.
    pub is_registered: Option<bool>,
    /// Who is today in one of these teams or below it, by id or path.
    pub teams: Option<Vec<String>>,
    /// Who reports directly to one of these contributors, by id or e-mail.
    pub managers: Option<Vec<String>>,
    /// These contributors, by id.
    pub ids: Option<Vec<ID>>,
    /// Who has an account with one of these integrations.
    pub sources: Option<Vec<String>>,
    /// For whom this holds, tested as by the filter of an org tree: attributes, `name`, `email`, `id` and `manager`. Only
    /// registered contributors that are no bots.
    pub condition: Option<ConditionInput>,
    /// Whose attributes have one of these values, for every attribute given.
    pub attributes: Option<Vec<AttributeFilter>>,
}

/// A test of one attribute.
#[derive(InputObject)]
pub struct AttributeFilter {
    /// Name of the attribute.
    pub name: String,
    /// Its value, as text, is one of these.
    pub values: Vec<String>,
}

/// By what a list of contributors is ordered.
#[derive(InputObject)]
pub struct ContributorOrder {
    /// The field.
    pub field: ContributorOrderField,
    /// The direction.
    pub direction: OrderDirection,
}

/// Fields that contributors can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ContributorOrderField {
    /// By name, upper and lower case alike.
    Name,
    /// By main e-mail address; those without one come last.
    Email,
    /// By the number of items that the tools know of.
    Items,
    /// By the time of the last item.
    LastActive,
}

/// A direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum OrderDirection {
    /// Smallest first.
    Asc,
    /// Greatest first.
    Desc,
}

/// Indices of the contributors who fit, in order.
pub fn contributors(
    directory: &Directory,
    search: Option<&str>,
    filter: &ContributorFilter,
    order: Option<&ContributorOrder>,
) -> Result<Vec<usize>> {
    let resolved = &directory.resolved;
    let mut found = directory.search(search.unwrap_or_default());
    let wanted = Wanted::new(directory, filter)?;
    found.retain(|index| wanted.fits(directory, *index));
    if let Some(order) = order {
        let accounts = |index: &usize| resolved.people[*index].accounts.iter().map(|a| &resolved.accounts[*a].seen);
        match order.field {
            ContributorOrderField::Name => {}
            ContributorOrderField::Email => {
                found.sort_by_key(|index| {
                    let email = resolved.people[*index].emails.first();
                    (email.is_none(), email)
                });
            }
            ContributorOrderField::Items => {
                found.sort_by_cached_key(|index| accounts(index).map(|account| account.items).sum::<i64>());
            }
            ContributorOrderField::LastActive => {
                found.sort_by_cached_key(|index| accounts(index).filter_map(|account| account.last).max());
            }
        }
        if order.direction == OrderDirection::Desc {
            found.reverse();
        }
    }
    Ok(found)
}

/// A filter whose names were looked up.
struct Wanted<'f> {
    filter: &'f ContributorFilter,
    members: Option<BTreeSet<usize>>,
    managers: Option<BTreeSet<usize>>,
    ids: Option<BTreeSet<usize>>,
    selected: Option<BTreeSet<usize>>,
}

impl<'f> Wanted<'f> {
    fn new(directory: &Directory, filter: &'f ContributorFilter) -> Result<Wanted<'f>> {
        let people = |name: &str, named: &[String]| -> Result<BTreeSet<usize>> {
            let find = |text: &String| {
                find_contributor(directory, text)
                    .ok_or_else(|| bad_input(format!("filter.{name}: there is no contributor {text:?}")))
            };
            named.iter().map(find).collect()
        };
        let in_teams = |named: &[String]| -> Result<BTreeSet<usize>> {
            let mut found = BTreeSet::new();
            for text in named {
                let team = find_team(directory, text)
                    .ok_or_else(|| bad_input(format!("filter.teams: there is no team {text:?}")))?;
                found.extend(members(directory, team, directory.today, MemberScope::All));
            }
            Ok(found)
        };
        let ids: Option<Vec<String>> = filter.ids.as_ref().map(|ids| ids.iter().map(|id| id.to_string()).collect());
        let selected = |condition: &ConditionInput| -> Result<BTreeSet<usize>> {
            let condition = condition.read();
            rule::check(&condition, &directory.resolved)
                .and_then(|()| rule::selected(Some(&condition), &directory.resolved))
                .map(|people| people.into_iter().collect())
                .map_err(|fault| bad_input(format!("filter.condition: {fault}")))
        };
        Ok(Wanted {
            filter,
            selected: filter.condition.as_ref().map(selected).transpose()?,
            members: filter.teams.as_deref().map(in_teams).transpose()?,
            managers: filter.managers.as_deref().map(|named| people("managers", named)).transpose()?,
            ids: ids.as_deref().map(|named| people("ids", named)).transpose()?,
        })
    }

    fn fits(&self, directory: &Directory, index: usize) -> bool {
        let person = &directory.resolved.people[index];
        let among = |set: &Option<BTreeSet<usize>>, index: Option<usize>| {
            set.as_ref().is_none_or(|set| index.is_some_and(|index| set.contains(&index)))
        };
        // Whoever is asked for by id is shown, bot or not.
        let bot = self.filter.is_bot.or(self.ids.is_none().then_some(false));
        bot.is_none_or(|bot| person.is_bot == bot)
            && self.filter.is_registered.is_none_or(|registered| person.registered == registered)
            && among(&self.members, Some(index))
            && among(&self.ids, Some(index))
            && among(&self.selected, Some(index))
            && among(&self.managers, person.manager)
            && self.filter.sources.as_ref().is_none_or(|sources| has_account(directory, person, sources))
            && self.filter.attributes.iter().flatten().all(|test| has_value(person, test))
    }
}

fn has_account(directory: &Directory, person: &Person, sources: &[String]) -> bool {
    person.accounts.iter().any(|account| sources.contains(&directory.resolved.accounts[*account].seen.source))
}

fn has_value(person: &Person, test: &AttributeFilter) -> bool {
    person.attributes.get(&test.name).is_some_and(|value| test.values.contains(&text(value)))
}

/// Indices of the teams that fit, by tree and path; closed ones are left out.
pub fn teams(directory: &Directory, tree: Option<&str>, search: Option<&str>, leaves_only: bool) -> Result<Vec<usize>> {
    let find =
        |tree| find_tree(directory, tree).ok_or_else(|| bad_input(format!("orgTree: there is no org tree {tree:?}")));
    let tree = tree.map(find).transpose()?;
    let typed = search.unwrap_or_default().to_lowercase();
    let words: Vec<&str> = typed.split_whitespace().collect();
    let fits = |path: &str| {
        words.iter().all(|word| path.split(['/', '-']).any(|part| part.starts_with(word)) || path.starts_with(word))
    };
    let wanted = directory.org.teams.iter().enumerate().filter(|(_, team)| {
        !team.closed
            && tree.is_none_or(|tree| team.tree == tree)
            && (!leaves_only || team.children.is_empty())
            && fits(&team.path)
    });
    Ok(wanted.map(|(index, _)| index).collect())
}
