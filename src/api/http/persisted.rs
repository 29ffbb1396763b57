//! Automatic persisted queries (Apollo's protocol): a client sends a query's SHA-256 instead of its text, and the text
//! once when the hash is unknown. The memory is bounded and belongs to one process; a client always knows how to go on.

use std::sync::Arc;

use axum::http::header;
use moka::future::Cache;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    error::{Code, Refusal},
    params::Params,
};

/// All texts together.
const MAX_BYTES: u64 = 16 << 20;

/// Query texts by their hash.
pub struct PersistedQueries(Cache<String, Arc<str>>);

impl PersistedQueries {
    pub fn new() -> PersistedQueries {
        let weigh = |hash: &String, text: &Arc<str>| u32::try_from(hash.len() + text.len()).unwrap_or(u32::MAX);
        PersistedQueries(Cache::builder().max_capacity(MAX_BYTES).weigher(weigh).build())
    }

    /// The text of the query that the request means.
    pub async fn text(&self, params: &Params) -> Result<Arc<str>, Refusal> {
        let hash = match params.extensions.get("persistedQuery") {
            None | Some(Value::Null) => None,
            Some(extension) => Some(hash(extension)?),
        };
        match (hash, &params.query) {
            (None, Some(query)) => Ok(query.as_str().into()),
            (Some(hash), Some(query)) if hash == sha256_hex(query) => Ok(query.as_str().into()),
            (Some(_), Some(_)) => Err(Refusal::bad("The persisted query's hash is not that of the query.")),
            (Some(hash), None) => self.0.get(&hash).await.ok_or_else(|| {
                Refusal::graphql(Code::PersistedQueryNotFound, "PersistedQueryNotFound")
                    .header(header::CACHE_CONTROL, "no-store")
            }),
            (None, None) => Err(Refusal::bad("Parameter 'query' is missing.")),
        }
    }

    /// Keeps a text that proved to be a good query, when the request asked for it.
    pub async fn keep(&self, params: &Params, text: &Arc<str>) {
        if params.query.is_some()
            && params.extensions.get("persistedQuery").is_some_and(|extension| !extension.is_null())
        {
            self.0.insert(sha256_hex(text), text.clone()).await;
        }
    }
}

fn hash(extension: &Value) -> Result<String, Refusal> {
    let version = extension.get("version").and_then(Value::as_u64);
    match (version, extension.get("sha256Hash").and_then(Value::as_str)) {
        (Some(1), Some(hash)) => Ok(hash.to_ascii_lowercase()),
        _ => Err(Refusal::bad("A persisted query needs 'version': 1 and 'sha256Hash'.")),
    }
}

fn sha256_hex(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
