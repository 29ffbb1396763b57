//! What an import would do, to be read before it is approved; and how a version differs from another.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::difference::{FieldChange, differences};
use super::plan::{Gone, Mode, Plan, Planned};
use crate::people::csv::{ColumnRead, Problem};
use crate::people::directory::{Directory, TeamNode};
use crate::people::document::Contributor;

/// Contributors and teams that are listed of each kind; the counts are whole.
pub const MOST_LISTED: usize = 1000;

/// What an import would do.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// What to approve; none: the file has errors, or this was approved.
    pub id: Option<String>,
    pub mode: Mode,
    pub filename: String,
    /// Columns that were no fields were kept as attributes.
    pub attributes: bool,
    /// The day from which on it counts, where no date of the file says otherwise.
    pub effective_from: NaiveDate,
    /// After this it cannot be approved any more.
    pub expires_at: DateTime<Utc>,
    /// Rows of people.
    pub rows: u32,
    pub counts: Counts,
    /// Up to 1,000 of each.
    pub added: Vec<PersonChange>,
    pub changed: Vec<PersonChange>,
    pub removed: Vec<PersonChange>,
    /// Teams whose members change, or that come or go; up to 1,000.
    pub teams: Vec<TeamChange>,
    pub columns: Vec<ColumnRead>,
    /// With any of these, it cannot be approved.
    pub errors: Vec<Problem>,
    pub notices: Vec<String>,
}

/// How many contributors become what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, serde::Deserialize, async_graphql::SimpleObject)]
#[graphql(name = "ImportCounts")]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Contributors that are new.
    pub added: u32,
    /// Contributors that are changed.
    pub changed: u32,
    /// Contributors that are removed, or leave.
    pub removed: u32,
    /// Contributors of the file that are as it says already.
    pub unchanged: u32,
    /// Teams that are listed as changed.
    pub teams: u32,
}

/// A contributor that is added, changed or removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, async_graphql::SimpleObject)]
#[graphql(name = "ContributorChange")]
#[serde(rename_all = "camelCase")]
pub struct PersonChange {
    /// Contributor id.
    pub id: String,
    /// Row of the file; null: it is in none.
    pub row: Option<u32>,
    pub name: String,
    /// Main e-mail address.
    pub email: Option<String>,
    /// The contributor is not in the file and stays as one who has left, since there is work or a team.
    pub left: bool,
    /// What changes, field by field.
    pub fields: Vec<FieldChange>,
}

/// A team that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, async_graphql::SimpleObject)]
#[graphql(name = "TeamMembersChange")]
#[serde(rename_all = "camelCase")]
pub struct TeamChange {
    /// Team id.
    pub id: String,
    pub path: String,
    /// The path before, where it was another.
    pub path_before: Option<String>,
    /// The team comes with the import.
    pub added: bool,
    /// The team ends with the import.
    pub removed: bool,
    /// People who come directly into it.
    pub joining: u32,
    /// People who go directly out of it.
    pub leaving: u32,
}

/// Contributors that differ, and how many.
#[derive(Debug, Default)]
pub struct People {
    pub counts: Counts,
    pub added: Vec<PersonChange>,
    pub changed: Vec<PersonChange>,
    pub removed: Vec<PersonChange>,
}

impl People {
    /// The people of a plan, by row.
    pub fn of(plan: &Plan) -> People {
        let mut people = People::default();
        let label =
            |id: &str| label(id, plan.people.get(id).map(|p| &p.after), plan.before.people.get(id).map(|s| &s.says));
        let mut by_row: Vec<(&String, &Planned)> = plan.people.iter().collect();
        by_row.sort_by_key(|(_, planned)| planned.row);
        for (id, planned) in by_row {
            let before = plan.before.people.get(id);
            let mut fields = before.map_or_else(Vec::new, |before| differences(&before.says, &planned.after, &label));
            fields.extend(planned.claims.iter().map(|(source, login)| FieldChange {
                field: format!("account:{source}"),
                before: None,
                after: Some(login.clone()),
            }));
            let change = change(id, Some(planned.row), &planned.after, fields);
            match before {
                None => push(&mut people.added, &mut people.counts.added, change),
                Some(_) if change.fields.is_empty() => people.counts.unchanged += 1,
                Some(_) => push(&mut people.changed, &mut people.counts.changed, change),
            }
        }
        let mut gone: Vec<(&Contributor, &String, &Gone)> =
            plan.gone.iter().filter_map(|(id, gone)| Some((&plan.before.people.get(id)?.says, id, gone))).collect();
        gone.sort_by(|(a, id_a, _), (b, id_b, _)| (&a.name, id_a).cmp(&(&b.name, id_b)));
        for (says, id, gone) in gone {
            let change = PersonChange { left: matches!(gone, Gone::Left(_)), ..change(id, None, says, Vec::new()) };
            push(&mut people.removed, &mut people.counts.removed, change);
        }
        people
    }

    /// What became of contributors between two states of their documents, by id.
    pub fn between(
        before: &BTreeMap<String, std::sync::Arc<Contributor>>,
        after: &BTreeMap<String, std::sync::Arc<Contributor>>,
    ) -> People {
        let mut people = People::default();
        let label = |id: &str| label(id, after.get(id).map(AsRef::as_ref), before.get(id).map(AsRef::as_ref));
        let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for id in ids {
            match (before.get(id), after.get(id)) {
                (Some(was), Some(is)) if was == is => people.counts.unchanged += 1,
                (Some(was), Some(is)) => {
                    let change = change(id, None, is, differences(was, is, &label));
                    push(&mut people.changed, &mut people.counts.changed, change);
                }
                (None, Some(is)) => push(&mut people.added, &mut people.counts.added, change(id, None, is, Vec::new())),
                (Some(was), None) => {
                    push(&mut people.removed, &mut people.counts.removed, change(id, None, was, Vec::new()));
                }
                (None, None) => {}
            }
        }
        people
    }
}

/// Teams whose direct members, place or existence differ on a day, by path; and how many there are.
pub fn teams(before: &Directory, after: &Directory, day: NaiveDate) -> (Vec<TeamChange>, u32) {
    let mut changes = Vec::new();
    let ids: BTreeSet<&str> = before.org.teams.iter().chain(&after.org.teams).map(|team| team.id.as_str()).collect();
    for id in ids {
        let (was, is) = (before.team(id), after.team(id));
        let open = |team: Option<&TeamNode>| {
            team.is_some_and(|team| {
                team.team.from.is_none_or(|from| from <= day) && team.team.to.is_none_or(|to| to > day)
            })
        };
        let (members_before, members_after) = (members(before, was, day), members(after, is, day));
        let path = |team: Option<&TeamNode>| team.map(|team| team.path.clone()).unwrap_or_default();
        let count = |a: &HashSet<&str>, b: &HashSet<&str>| u32::try_from(a.difference(b).count()).unwrap_or(u32::MAX);
        let change = TeamChange {
            id: id.to_owned(),
            path: if is.is_some() { path(is) } else { path(was) },
            path_before: (was.is_some() && is.is_some() && path(was) != path(is)).then(|| path(was)),
            added: open(is) && !open(was),
            removed: open(was) && !open(is),
            joining: count(&members_after, &members_before),
            leaving: count(&members_before, &members_after),
        };
        let counts = change.joining + change.leaving;
        if counts > 0 || change.added || change.removed || change.path_before.is_some() {
            changes.push(change);
        }
    }
    changes.sort_by(|a, b| (&a.path, &a.id).cmp(&(&b.path, &b.id)));
    let count = u32::try_from(changes.len()).unwrap_or(u32::MAX);
    changes.truncate(MOST_LISTED);
    (changes, count)
}

fn members<'d>(directory: &'d Directory, team: Option<&TeamNode>, day: NaiveDate) -> HashSet<&'d str> {
    let spans = team.into_iter().flat_map(|team| &team.spans);
    let on = spans.filter(|span| span.from.is_none_or(|from| from <= day) && span.to.is_none_or(|to| to > day));
    on.map(|span| directory.resolved.people[span.person].id.as_str()).collect()
}

fn change(id: &str, row: Option<u32>, contributor: &Contributor, fields: Vec<FieldChange>) -> PersonChange {
    let Contributor { name, emails, .. } = contributor;
    PersonChange { id: id.to_owned(), row, name: name.clone(), email: emails.first().cloned(), left: false, fields }
}

fn push(list: &mut Vec<PersonChange>, count: &mut u32, change: PersonChange) {
    *count += 1;
    if list.len() < MOST_LISTED {
        list.push(change);
    }
}

/// Who an id is: the e-mail address, else the name.
fn label(id: &str, after: Option<&Contributor>, before: Option<&Contributor>) -> String {
    let contributor = after.or(before);
    contributor.map_or(id, |c| c.emails.first().map_or(c.name.as_str(), String::as_str)).to_owned()
}
