//! Errors as a client sees them: a message it can act on, and `extensions.code`.

use std::sync::Arc;

use async_graphql::{Error, ErrorExtensions};
use datafusion::error::DataFusionError;
use uuid::Uuid;

/// The caller can mend it.
pub const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
/// The request asks for too much at once.
pub const COST_LIMIT: &str = "COST_LIMIT";
/// The plan needed more memory than the server gives to plans.
pub const RESOURCE_EXHAUSTED: &str = "RESOURCE_EXHAUSTED";
/// A fault of ours.
pub const INTERNAL: &str = "INTERNAL";

/// An error with a code.
pub fn error(code: &'static str, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

/// The caller's mistake, in words that name the remedy.
pub fn bad_input(cause: impl std::fmt::Display) -> Error {
    error(BAD_USER_INPUT, cause.to_string())
}

/// What a failed plan or lookup tells the client: never its internals, which go to the log under the reference.
pub fn internal(cause: &anyhow::Error) -> Error {
    let engine = cause.chain().find_map(|link| link.downcast_ref::<DataFusionError>());
    if engine.is_some_and(|e| matches!(e.find_root(), DataFusionError::ResourcesExhausted(_))) {
        return error(
            RESOURCE_EXHAUSTED,
            "The answer needs more memory than there is for plans; ask for a shorter period or fewer buckets.",
        );
    }
    let reference = Uuid::new_v4();
    tracing::error!(%reference, error = format!("{cause:#}"), "a field failed");
    error(INTERNAL, format!("Internal error; the server's log has it under {reference}."))
        .extend_with(|_, extensions| extensions.set("reference", reference.to_string()))
}

/// The same, for an error that several fields share.
pub fn shared(cause: Arc<anyhow::Error>) -> Error {
    internal(&cause)
}
