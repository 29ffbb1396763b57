//! Errors as a client sees them: a message it can act on, and `extensions.code`.

use std::sync::Arc;

use async_graphql::{Error, ErrorExtensions};
use datafusion::error::DataFusionError;
use uuid::Uuid;

/// The caller can mend it.
pub const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
/// The request asks for too much at once.
pub const COST_LIMIT: &str = "COST_LIMIT";
/// The plan needed more memory than the server gives to plans, or the store behind the lake does not answer.
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
    let told = if cause.chain().any(|link| link.is::<object_store::Error>()) {
        let message = "The lake does not answer at present; ask again later. The server's log has why under";
        error(RESOURCE_EXHAUSTED, format!("{message} {reference}."))
    } else {
        error(INTERNAL, format!("Internal error; the server's log has it under {reference}."))
    };
    told.extend_with(|_, extensions| extensions.set("reference", reference.to_string()))
}

/// The same, for an error that several fields share.
pub fn shared(cause: Arc<anyhow::Error>) -> Error {
    internal(&cause)
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};
    use async_graphql::Value;
    use datafusion::parquet::errors::ParquetError;

    use super::*;

    #[test]
    fn a_store_that_fails_under_a_plan_is_told_from_a_fault_of_ours() {
        let away = || object_store::Error::Generic { store: "S3", source: "10.0.0.7 timed out".into() };
        let told = |cause: anyhow::Error| {
            let error = internal(&cause);
            assert!(!error.message.contains("10.0.0.7"), "{}", error.message);
            error.extensions.and_then(|extensions| extensions.get("code").cloned())
        };
        let in_a_plan = DataFusionError::ObjectStore(Box::new(away()));
        let in_a_file = DataFusionError::ParquetError(Box::new(ParquetError::External(Box::new(away()))));
        for cause in [Err(in_a_plan), Err(in_a_file)] {
            let cause = Result::<(), _>::context(cause, "the fact changes").expect_err("it is an error");
            assert_eq!(told(cause), Some(Value::from(RESOURCE_EXHAUSTED)));
        }
        assert_eq!(told(anyhow!("10.0.0.7 is no number")), Some(Value::from(INTERNAL)));
    }
}
