//! Several contributors turn out to be one person, or not to be.

use super::reference::{Target, documents, no_circle, nobody, required, unlocked};
use super::{Outcome, all, at_most, registered};
use crate::people::directory::Directory;
use crate::people::document::Contributor;
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};

/// Makes contributors one, under the id and name of `into`, and gives that id: e-mails, accounts, attributes (those of `into`
/// win) and memberships are united, whenever the work was done. Detected ones are registered first. Those that are one
/// already stay so. Each of `from` is taken back by [`unmerge`].
///
/// # Errors
/// NOT_FOUND; LOCKED, where one is; CIRCULAR_REFERENCE, where the one would report to itself; TOO_MANY.
pub fn merge(draft: &mut Draft, directory: &Directory, into: &str, from: &[String]) -> Outcome<String> {
    at_most(from.len(), "from")?;
    let field = |i: usize| format!("from[{i}]");
    let others = from.iter().enumerate().map(|(i, id)| required(draft, directory, id, &field(i)).map(drop));
    all(others.chain([required(draft, directory, into, "into").map(drop)]))?;
    let into = registered(draft, directory, into, "into").map_err(|fault| vec![fault])?;
    unlocked(draft, &into, "into").map_err(|fault| vec![fault])?;
    for (i, id) in from.iter().enumerate() {
        let id = registered(draft, directory, id, &field(i)).map_err(|fault| vec![fault])?;
        if id == into {
            continue;
        }
        unlocked(draft, &id, &field(i)).map_err(|fault| vec![fault])?;
        let document = draft.get::<Contributor>(&id).ok_or_else(|| vec![nobody(&id, &field(i))])?;
        let document = Contributor { merged_into: Some(into.clone()), ..document.clone() };
        draft.put(&id, document);
    }
    no_circle(draft.records(), &[(&into, "from".into())])?;
    Ok(into)
}

/// Makes a contributor that was merged into another a person of its own again, with what was its own then, and what was
/// merged into it before. Taken back by [`merge`].
///
/// # Errors
/// NOT_FOUND; CONFLICT, where it was not merged; LOCKED, where the person it belongs to is; CIRCULAR_REFERENCE, where
/// managers were changed meanwhile so that somebody would report to herself.
pub fn unmerge(draft: &mut Draft, directory: &Directory, id: &str) -> Outcome<()> {
    let one = |fault: Fault| vec![fault];
    let Target::Registered(survivor) = required(draft, directory, id, "id").map_err(one)? else {
        let message = format!("{id:?} is no contributor that was merged; split its accounts instead");
        return Err(vec![Fault::new(Code::Conflict, message).at("id")]);
    };
    let Some(document) = draft.get::<Contributor>(id).filter(|_| survivor != id) else {
        let merged = documents(draft.records(), &survivor)[1..].join(", ");
        let message = match merged.is_empty() {
            true => format!("nothing was merged into contributor {id:?}"),
            false => format!("contributor {id:?} was not merged into another; into it were: {merged}"),
        };
        return Err(vec![Fault::new(Code::Conflict, message).at("id")]);
    };
    unlocked(draft, &survivor, "id").map_err(one)?;
    let document = Contributor { merged_into: None, ..document.clone() };
    draft.put(id, document);
    // An address that was written into the survivor's document since goes back with whose it was.
    let own: Vec<String> = documents(draft.records(), id);
    let addresses: Vec<String> =
        own.iter().filter_map(|id| draft.get::<Contributor>(id)).flat_map(|d| d.emails.clone()).collect();
    for other in documents(draft.records(), &survivor) {
        let has = |document: &&Contributor| document.emails.iter().any(|email| addresses.contains(email));
        if let Some(document) = draft.get::<Contributor>(&other).filter(has) {
            let mut document = document.clone();
            document.emails.retain(|email| !addresses.contains(email));
            draft.put(&other, document);
        }
    }
    no_circle(draft.records(), &[(id, "id".into()), (&survivor, "id".into())])
}
