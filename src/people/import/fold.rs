//! A row laid over what is known of its contributor.

use chrono::NaiveDate;

use super::plan::{Mode, Options};
use crate::people::csv::{Has, Row, Type};
use crate::people::document::Contributor;
use crate::people::standing::Standee;

/// A contributor as a row makes it; what the file has no column for stays. The manager comes later.
pub fn after(
    standee: Option<&Standee>,
    row: &Row,
    has: &Has,
    mode: Mode,
    options: &Options,
    day: NaiveDate,
) -> Contributor {
    let mut after = standee.map(|standee| standee.says.clone()).unwrap_or_default();
    after.name.clone_from(&row.name);
    let before = std::mem::take(&mut after.emails);
    after.emails.extend(row.email.clone());
    // An address that somebody had is still on old work: it stays where the file does not list them all.
    let further = if has.other_emails { &row.other_emails } else { &before };
    let main_stays = if row.email.is_none() { &before[..] } else { &[] };
    for email in main_stays.iter().chain(further) {
        if !after.emails.contains(email) {
            after.emails.push(email.clone());
        }
    }
    if has.external_id {
        after.external_id.clone_from(&row.external_id);
    }
    if has.starts {
        after.starts = row.starts;
    }
    if has.ends {
        after.ends = row.ends;
    } else if mode == Mode::Replace && after.ends.is_some_and(|ends| ends <= day) {
        // Who had left is in the whole set again.
        after.ends = None;
    }
    if has.is_bot {
        after.is_bot = row.is_bot;
    }
    if mode == Mode::Replace && options.attributes {
        after.attributes.retain(|name, _| has.attributes.contains(name));
    }
    for name in &has.attributes {
        let (was, is) = (after.attributes.get(name), row.attributes.get(name));
        let (was_text, is_text) = (was.map(|was| was.cell()), is.map(|is| is.cell()));
        let trimmed = was_text.as_deref().map(str::trim).unwrap_or_default();
        let same_kind = was.zip(is).is_none_or(|(was, is)| Type::of(was) == Type::of(is));
        // Space around a text does not survive a sheet, and is no difference.
        if same_kind && trimmed == is_text.as_deref().unwrap_or_default() {
            continue;
        }
        match is.cloned() {
            Some(is) => drop(after.attributes.insert(name.clone(), is)),
            None => drop(after.attributes.remove(name)),
        }
    }
    after
}
