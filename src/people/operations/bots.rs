//! Who is no person, said by hand.

use super::accounts::{AccountId, decide, known};
use super::reference::{Target, merged, required};
use super::{Outcome, all, at_most, register};
use crate::people::directory::Directory;
use crate::people::document::Contributor;
use crate::people::draft::Draft;

/// Says that contributors are bots, or are people; `None`: the rules say again. It beats what is said of accounts. Detected
/// ones are registered first, so that it holds for accounts to come. Gives the ids of contributors it is now said of.
/// Taken back by another call.
///
/// # Errors
/// NOT_FOUND, TOO_MANY.
pub fn set_bot(draft: &mut Draft, directory: &Directory, ids: &[String], is_bot: Option<bool>) -> Outcome<Vec<String>> {
    at_most(ids.len(), "ids")?;
    let targets = ids.iter().enumerate().map(|(i, id)| required(draft, directory, id, &format!("ids[{i}]")));
    let targets = all(targets)?;
    let merged = merged(draft.records());
    let mut changed = Vec::new();
    for (target, asked) in targets.into_iter().zip(ids) {
        let id = match target {
            Target::Registered(id) => id,
            Target::Detected(_) if is_bot.is_none() => continue,
            // Two ids may be of one detected person: the first has registered it.
            Target::Detected(person) => match super::target(draft, directory, asked) {
                Some(Target::Registered(id)) => id,
                _ => register(draft, directory, person),
            },
        };
        // What a merged one says counts where the survivor says nothing.
        let others = if is_bot.is_none() { merged.get(&id).cloned().unwrap_or_default() } else { Vec::new() };
        for id in others.iter().chain([&id]) {
            if let Some(document) = draft.get::<Contributor>(id).filter(|document| document.is_bot != is_bot) {
                let document = Contributor { is_bot, ..document.clone() };
                draft.put(id, document);
            }
        }
        changed.push(id);
    }
    Ok(changed)
}

/// Says that accounts are bots', or are people's; `None`: the rules say again. Taken back by another call.
///
/// # Errors
/// NOT_FOUND, TOO_MANY.
pub fn set_account_bot(
    draft: &mut Draft,
    directory: &Directory,
    accounts: &[AccountId],
    is_bot: Option<bool>,
) -> Outcome<()> {
    known(draft, directory, accounts)?;
    for AccountId { source, login } in accounts {
        decide(draft, source, login, |decision| decision.is_bot = is_bot);
    }
    Ok(())
}
