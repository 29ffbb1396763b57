//! Mutations of imports of contributors: upload, approve, discard, restore.

use async_graphql::{Context, InputObject, Object, Result, Upload};

use super::super::asking::Asking;
use super::super::date::Date;
use super::super::error::{bad_input, internal};
use super::super::people::{ContributorVersion, ImportPreview};
use super::outcome::{Done, UserError, done};
use super::payload::payload;
use crate::people::import::{self, Approved, Mode, Options, version};

/// A file of contributors. Give `file` or `text`.
#[derive(InputObject)]
pub struct ImportContributorsInput {
    /// The file, as a part of a multipart request (the GraphQL multipart request specification).
    pub file: Option<Upload>,
    /// The content of the file as text.
    pub text: Option<String>,
    /// Name of the file, for the audit; left out: as it is uploaded.
    pub filename: Option<String>,
    /// What is done with contributors that the file does not name; left out: they stay.
    pub mode: Option<Mode>,
    /// Whether columns that are no fields become custom attributes.
    pub attributes: Option<bool>,
    /// The day from which on it counts, where no date of the file says otherwise; left out: today.
    pub effective_from: Option<Date>,
}

/// An import that waits.
#[derive(InputObject)]
pub struct ImportInput {
    /// Id of the preview.
    pub id: String,
}

/// A version of the contributors that holds again.
#[derive(InputObject)]
pub struct RestoreContributorVersionInput {
    /// Number of the version.
    pub number: i64,
}

payload! {
    /// What an import would do. Nothing is written yet, so `change` is null.
    ImportContributorsPayload {
        /// The preview.
        preview: Option<ImportPreview>,
    }
}

payload! {
    /// A new version of the contributors.
    ContributorVersionPayload {
        /// The version.
        version: Option<ContributorVersion>,
    }
}

payload! {
    /// What became of an import that was not wanted.
    DiscardImportPayload {
        /// Whether there was one.
        discarded: bool,
    }
}

fn payload_of(done: Done<Approved>) -> ContributorVersionPayload {
    let Done { outcome, change, user_errors, .. } = done;
    let version = outcome.map(|Approved { number, version }| ContributorVersion::new(&number.to_string(), &version));
    ContributorVersionPayload { version, change, user_errors }
}

async fn seen(asking: &Asking) -> anyhow::Result<std::sync::Arc<crate::people::Seen>> {
    asking.register.seen(&asking.register.people().lake().refresh().await?).await
}

/// The part of `Mutation` that is about imports.
#[derive(Default)]
pub struct ImportMutation;

#[Object]
impl ImportMutation {
    /// Reads a file of contributors and says what its import would do. Nothing is written before `approveImport`.
    async fn import_contributors(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The file.")] input: ImportContributorsInput,
    ) -> Option<Result<ImportContributorsPayload>> {
        let previewed = async {
            let asking = Asking::of(context)?;
            let ImportContributorsInput { file, text, filename, mode, attributes, effective_from } = input;
            let (bytes, uploaded) = match (file, text) {
                (Some(file), None) => {
                    let file = file.value(context)?;
                    (file.content.to_vec(), file.filename)
                }
                (None, Some(text)) => (text.into_bytes(), "text".to_owned()),
                _ => return Err(bad_input("input: give one of file and text")),
            };
            let (mode, attributes) = (mode.unwrap_or(Mode::Merge), attributes.unwrap_or_default());
            let options = Options { attributes, effective_from: effective_from.map(|day| day.0) };
            let (author, filename) = (asking.author(), filename.unwrap_or(uploaded));
            let preview = async {
                let seen = seen(asking).await?;
                import::preview(asking.register.people(), &seen, &author, bytes, &filename, mode, options).await
            };
            let preview = preview.await.map_err(|error| internal(&error))?;
            Ok(ImportContributorsPayload {
                preview: Some(ImportPreview(preview)),
                change: None,
                user_errors: Vec::new(),
            })
        };
        Some(previewed.await)
    }

    /// Makes the change that was previewed, all or nothing. Where it would do something else by now, it is refused.
    async fn approve_import(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The import.")] input: ImportInput,
    ) -> Option<Result<ContributorVersionPayload>> {
        let approved = async {
            let asking = Asking::of(context)?;
            let made = async {
                let seen = seen(asking).await?;
                import::approve(asking.register.people(), &seen, &asking.author(), &input.id).await
            };
            let summary = format!("approved the import {}", input.id);
            done(asking, "IMPORT_CONTRIBUTORS", &summary, made.await).await.map(payload_of)
        };
        Some(approved.await)
    }

    /// Throws an import away that waits for approval.
    async fn discard_import(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The import.")] input: ImportInput,
    ) -> Option<Result<DiscardImportPayload>> {
        let discarded = async {
            let asking = Asking::of(context)?;
            let discarded = import::discard(asking.register.people(), &input.id).await;
            let discarded = discarded.map_err(|error| internal(&error))?;
            let user_errors: Vec<UserError> = Vec::new();
            Ok(DiscardImportPayload { discarded, change: None, user_errors })
        };
        Some(discarded.await)
    }

    /// Puts contributors back as a version left them, as a new version. Teams, memberships and whose accounts are stay.
    async fn restore_contributor_version(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The version.")] input: RestoreContributorVersionInput,
    ) -> Option<Result<ContributorVersionPayload>> {
        let restored = async {
            let asking = Asking::of(context)?;
            let made = async {
                let seen = seen(asking).await?;
                version::restore(asking.register.people(), &seen, &asking.author(), input.number).await
            };
            let summary = format!("contributors as of version {}", input.number);
            done(asking, "RESTORE_CONTRIBUTORS", &summary, made.await).await.map(payload_of)
        };
        Some(restored.await)
    }
}
