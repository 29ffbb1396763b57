//! What is wrong with a wish to change people or settings, so that the caller can mend it. What the caller cannot mend is an
//! `anyhow::Error` instead.

use thiserror::Error;

/// A wish that cannot be fulfilled as it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Fault {
    pub code: Code,
    /// What is wrong, and what to do.
    pub message: String,
    /// Path of the input field, such as `input.manager`.
    pub field: Option<String>,
}

/// Kinds of faults, as `UserError.code` spells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum)]
#[graphql(name = "UserErrorCode")]
pub enum Code {
    /// A value does not fit its field.
    InvalidValue,
    /// Something that must be given is missing.
    RequiredValueMissing,
    /// There is nothing of that id, e-mail or path.
    NotFound,
    /// An e-mail address belongs to another contributor.
    DuplicateEmail,
    /// A key that must be unique is taken.
    DuplicateKey,
    /// The manager is not there.
    ManagerNotFound,
    /// Something would stand above itself.
    CircularReference,
    /// The contributor is locked; unlock it first.
    Locked,
    /// It contradicts what is there.
    Conflict,
    /// The preview was made of an older state; make a new one.
    PreviewOutOfDate,
    /// More at once than is allowed.
    TooMany,
}

impl Fault {
    pub fn new(code: Code, message: impl Into<String>) -> Fault {
        Fault { code, message: message.into(), field: None }
    }

    /// The same, with the input field that it is about.
    pub fn at(mut self, field: impl Into<String>) -> Fault {
        self.field = Some(field.into());
        self
    }

    /// The same, with its field as part of a larger input: `members[1]` under `teams[3]` is `teams[3].members[1]`.
    pub fn under(mut self, place: &str) -> Fault {
        self.field = Some(match self.field {
            Some(field) if field.starts_with('[') => format!("{place}{field}"),
            Some(field) => format!("{place}.{field}"),
            None => place.to_owned(),
        });
        self
    }
}
