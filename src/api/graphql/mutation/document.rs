//! `applyDocument`: profiles, trees, teams, members, settings and rules from one text.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};

use super::super::asking::Asking;
use super::super::date::Date;
use super::outcome::{Done, UserError, change};
use super::payload::payload;
use crate::people::Draft;
use crate::people::document::Kind;
use crate::people::document_file::{Difference, Format, import};

/// A document.
#[derive(InputObject)]
pub struct ApplyDocumentInput {
    /// The text. `orgDocument` gives that of how things are.
    pub document: String,
    /// How it is written; left out: TOML.
    pub format: Option<Format>,
    /// The day from which on it holds; left out: today.
    pub on: Option<Date>,
    /// Whether only to say what would change.
    pub dry_run: Option<bool>,
}

/// One thing that a document changes.
#[derive(SimpleObject)]
pub struct DocumentDifference {
    /// What kind of thing it is.
    kind: Kind,
    /// Which one: tree and path of a team, e-mail of a person, name of a tree.
    path: String,
    /// What it was, as JSON text; null: it was not there.
    before: Option<String>,
    /// What it becomes, as JSON text; null: it goes.
    after: Option<String>,
}

payload! {
    /// What a document changes.
    ApplyDocumentPayload {
        /// Everything that differs, by kind and path; empty where all is so already.
        differences: Vec<DocumentDifference>,
    }
}

impl From<Difference> for DocumentDifference {
    fn from(difference: Difference) -> DocumentDifference {
        let Difference { kind, path, before, after } = difference;
        DocumentDifference { kind, path, before, after }
    }
}

/// The part of `Mutation` that is about documents.
#[derive(Default)]
pub struct DocumentMutation;

#[Object]
impl DocumentMutation {
    /// Makes profiles, org trees, teams, members by hand, settings and identity rules as a document says, all or nothing. What it
    /// leaves out stays as it is.
    async fn apply_document(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The document.")] input: ApplyDocumentInput,
    ) -> Option<Result<ApplyDocumentPayload>> {
        let applied = async {
            let ApplyDocumentInput { document, format, on, dry_run } = &input;
            let format = format.unwrap_or(Format::Toml);
            if *dry_run == Some(true) {
                let asking = Asking::of(context)?;
                let directory = asking.directory().await?;
                let draft = Draft::new(Arc::clone(&directory.records));
                let mut draft = draft.about(Arc::clone(&asking.catalogue));
                let day = on.map_or(directory.today, |day| day.0);
                let (found, faults) = match import(&mut draft, &directory, document, format, day) {
                    Ok(found) => (found, Vec::new()),
                    Err(faults) => (Vec::new(), faults),
                };
                return Ok(ApplyDocumentPayload {
                    differences: found.into_iter().map(DocumentDifference::from).collect(),
                    change: None,
                    user_errors: faults.into_iter().map(UserError::in_document).collect(),
                });
            }
            let done = change(context, "APPLY_DOCUMENT", "applied a document of teams", |draft, directory| {
                let day = on.map_or(directory.today, |day| day.0);
                import(draft, directory, document, format, day)
                    .map_err(|faults| faults.into_iter().map(|fault| fault.under("document")).collect())
            });
            let Done { outcome, change, user_errors, .. } = done.await?;
            let differences = outcome.unwrap_or_default().into_iter().map(DocumentDifference::from).collect();
            Ok(ApplyDocumentPayload { differences, change, user_errors })
        };
        Some(applied.await)
    }
}
