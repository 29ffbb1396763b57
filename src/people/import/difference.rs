//! How a contributor differs from what it was, field by field, in words that a person reads.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::people::document::Contributor;

/// A field of a contributor that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, async_graphql::SimpleObject)]
#[graphql(name = "ContributorFieldChange")]
pub struct FieldChange {
    /// `name`, `emails`, `employeeId`, `manager`, `startDate`, `endDate`, `isBot`, `locked`, `mergedInto`,
    /// `account:SOURCE` or `attribute:NAME`.
    pub field: String,
    /// What it was; null: there was none.
    pub before: Option<String>,
    /// What it becomes; null: it is taken away.
    pub after: Option<String>,
}

/// The fields in which two states differ. `label` says who an id is.
pub fn differences(before: &Contributor, after: &Contributor, label: &dyn Fn(&str) -> String) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let mut add = |field: &str, before: Option<String>, after: Option<String>| {
        if before != after {
            changes.push(FieldChange { field: field.to_owned(), before, after });
        }
    };
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let who = |id: &Option<String>| id.as_deref().map(label);
    let day = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string());
    let last = |date: Option<chrono::NaiveDate>| day(date.and_then(|date| date.pred_opt()));
    add("name", text(&before.name), text(&after.name));
    add("emails", text(&before.emails.join(", ")), text(&after.emails.join(", ")));
    add("employeeId", before.external_id.clone(), after.external_id.clone());
    if before.manager != after.manager {
        let same_label = who(&before.manager) == who(&after.manager);
        // Two of one name: their ids tell them apart.
        let shown = |id: &Option<String>| if same_label { id.clone() } else { who(id) };
        add("manager", shown(&before.manager), shown(&after.manager));
    }
    add("startDate", day(before.starts), day(after.starts));
    add("endDate", last(before.ends), last(after.ends));
    add("isBot", before.is_bot.map(|is| is.to_string()), after.is_bot.map(|is| is.to_string()));
    add("locked", Some(before.locked.to_string()), Some(after.locked.to_string()));
    add("mergedInto", who(&before.merged_into), who(&after.merged_into));
    let names: BTreeSet<&String> = before.attributes.keys().chain(after.attributes.keys()).collect();
    for name in names {
        let (was, is) = (before.attributes.get(name), after.attributes.get(name));
        if was == is {
            continue;
        }
        let cell = |value: &crate::people::document::Attribute| value.cell().into_owned();
        let (mut was_cell, mut is_cell) = (was.map(cell), is.map(cell));
        if let (Some(was), Some(is)) = (was, is)
            && was_cell == is_cell
        {
            // Of another type.
            let typed = |value| format!("{} ({})", cell(value), crate::people::csv::Type::of(value).word());
            (was_cell, is_cell) = (Some(typed(was)), Some(typed(is)));
        }
        add(&format!("attribute:{name}"), was_cell, is_cell);
    }
    changes
}
