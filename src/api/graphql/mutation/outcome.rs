//! What became of a wish to change something: the change and the state after it, or what the caller can mend.

use std::sync::Arc;

use async_graphql::{Context, Result, SimpleObject};

use super::super::asking::Asking;
use super::super::error::internal;
use super::super::people::Change;
use crate::people::{Changed, Code, Directory, Draft, Fault};

/// What the caller can mend. Nothing was changed.
#[derive(SimpleObject, Clone, Debug)]
pub struct UserError {
    /// What kind of fault it is.
    code: Code,
    /// What is wrong, and what to do.
    message: String,
    /// Where in the input it is, such as `input.members[2].contributor`; null: the input as a whole.
    field: Option<String>,
}

/// What became of it.
pub struct Done<T> {
    /// What the change gave; `None`: it was not made.
    pub outcome: Option<T>,
    /// People and teams after it.
    pub directory: Arc<Directory>,
    /// Null where everything was so already.
    pub change: Option<Change>,
    pub user_errors: Vec<UserError>,
}

/// Names of fields that are others in the people room.
const NAMES: [(&str, &str); 3] = [("person", "contributor"), ("tree", "orgTree"), ("people_filter", "peopleFilters")];

impl From<Fault> for UserError {
    fn from(fault: Fault) -> UserError {
        let field = fault.field.map(|field| {
            if field.starts_with('[') { format!("input{field}") } else { format!("input.{}", in_api(&field)) }
        });
        UserError { code: fault.code, message: fault.message, field }
    }
}

impl UserError {
    /// A fault of a document, whose fields are places in it.
    pub fn in_document(fault: Fault) -> UserError {
        UserError::from(fault.under("document"))
    }
}

/// The path of a field as the API spells it.
fn in_api(field: &str) -> String {
    let segment = |segment: &str| {
        let (name, index) = segment.split_at(segment.find('[').unwrap_or(segment.len()));
        let name =
            NAMES.iter().find(|(room, _)| *room == name).map_or_else(|| camel(name), |(_, api)| (*api).to_owned());
        format!("{name}{index}")
    };
    let mut named = false;
    let segment = |text: &str| {
        // Names of parameters and classifications are as they are declared.
        let shown = if named { text.to_owned() } else { segment(text) };
        named = matches!(text, "parameters" | "classifications");
        shown
    };
    field.strip_prefix("input.").unwrap_or(field).split('.').map(segment).collect::<Vec<_>>().join(".")
}

/// `stable_id` as `stableId`. Names that are in capitals stay.
fn camel(name: &str) -> String {
    if name.chars().all(|c| !c.is_lowercase()) {
        return name.to_owned();
    }
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| {
        let mut letters = word.chars();
        let upper = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
        text + &upper + letters.as_str()
    })
}

/// Makes a change. `action` is what the audit calls it, in UPPER_SNAKE; `summary` says it in a sentence.
///
/// # Errors
/// When the lake cannot be read or written.
pub async fn change<T>(
    context: &Context<'_>,
    action: &str,
    summary: &str,
    work: impl Fn(&mut Draft, &Directory) -> Result<T, Vec<Fault>>,
) -> Result<Done<T>> {
    let asking = Asking::of(context)?;
    let made = asking.register.change(&asking.author(), action, summary, work).await;
    done(asking, action, summary, made).await
}

/// What became of a change that was tried.
pub async fn done<T>(
    asking: &Asking,
    action: &str,
    summary: &str,
    made: anyhow::Result<Result<Changed<T>, Vec<Fault>>>,
) -> Result<Done<T>> {
    let author = asking.author();
    match made.map_err(|error| internal(&error))? {
        Ok(changed) => {
            let directory = asking.register.directory(&changed.snapshot).await.map_err(|error| internal(&error))?;
            let change = changed.seq.map(|seq| Change {
                seq,
                at: changed.at,
                actor: author.actor,
                door: author.door,
                action: action.to_owned(),
                summary: Some(summary.to_owned()),
            });
            Ok(Done { outcome: Some(changed.outcome), directory, change, user_errors: Vec::new() })
        }
        Err(faults) => Ok(Done {
            outcome: None,
            directory: asking.directory().await?,
            change: None,
            user_errors: faults.into_iter().map(UserError::from).collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_named_as_in_the_api() {
        let field = |field: &str| UserError::from(Fault::new(Code::NotFound, "x").at(field)).field.expect("a field");
        assert_eq!(field("members[2].person"), "input.members[2].contributor");
        assert_eq!(field("stable_id"), "input.stableId");
        assert_eq!(field("people_filter.CHANGE_FAILURE_RATE"), "input.peopleFilters.CHANGE_FAILURE_RATE");
        assert_eq!(field("input.manager"), "input.manager");
        assert_eq!(field("parameters.hotfix_label"), "input.parameters.hotfix_label");
        assert_eq!(field("[3].sources"), "input[3].sources");
    }
}
