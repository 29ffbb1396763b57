//! Entity tags of GET answers. The same tag means the same bytes: it covers the snapshot, the question, how it is
//! written, and everything else that the answer depends on. Pure.

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};

use super::{media::Media, params::Params};

/// A strong tag, with its quotes.
pub fn tag(
    snapshot_id: &str,
    fingerprint: &str,
    query: &str,
    params: &Params,
    media: Media,
    headers: &HeaderMap,
) -> String {
    let mut hash = Sha256::new();
    let variables = sorted(&params.variables);
    let parts = [
        snapshot_id,
        fingerprint,
        query,
        params.operation_name.as_deref().unwrap_or_default(),
        &variables,
        if params.explain() { "explain" } else { "" },
        media.content_type(),
        // The bytes differ when they are compressed.
        if gzip(headers) { "gzip" } else { "" },
    ];
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    written(hash)
}

fn written(hash: Sha256) -> String {
    let text: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{text}\"")
}

/// A strong tag of a text as it is sent, with its quotes.
pub fn of_text(text: &str, headers: &HeaderMap) -> String {
    let mut hash = Sha256::new();
    hash.update(text);
    hash.update(if gzip(headers) { "gzip" } else { "" });
    written(hash)
}

/// True when the client says that it has this answer already. Weak comparison, as RFC 9110 wants it here.
pub fn matches(headers: &HeaderMap, tag: &str) -> bool {
    let strength_aside = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    let tag = strength_aside(tag);
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|candidate| {
            let candidate = candidate.trim();
            candidate == "*" || strength_aside(candidate) == tag
        })
}

/// The order of variables means nothing.
fn sorted(variables: &serde_json::Map<String, serde_json::Value>) -> String {
    let mut entries: Vec<_> = variables.iter().map(|(name, value)| format!("{name:?}:{value}")).collect();
    entries.sort();
    entries.join(",")
}

fn gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .any(|value| value.to_str().is_ok_and(|text| text.contains("gzip") || text.contains('*')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_changes_the_bytes_changes_the_tag() {
        let params = |text: &str| Params::from_query_string(text).unwrap();
        let base = params("query=q&variables={\"a\":1,\"b\":2}");
        let none = HeaderMap::new();
        let mut gzip = HeaderMap::new();
        gzip.insert(header::ACCEPT_ENCODING, "br, gzip".parse().unwrap());
        let tag_of = |snapshot: &str, print: &str, query: &str, params: &Params, media, headers: &HeaderMap| {
            tag(snapshot, print, query, params, media, headers)
        };
        let mine = tag_of("1", "p", "q", &base, Media::Json, &none);
        let same = tag_of("1", "p", "q", &params("query=q&variables={\"b\":2,\"a\":1}"), Media::Json, &none);
        assert_eq!(mine, same);
        let others = [
            tag_of("2", "p", "q", &base, Media::Json, &none),
            tag_of("1", "x", "q", &base, Media::Json, &none),
            tag_of("1", "p", "r", &base, Media::Json, &none),
            tag_of("1", "p", "q", &params("query=q"), Media::Json, &none),
            tag_of("1", "p", "q", &params("query=q&variables={\"a\":1,\"b\":2}&operationName=o"), Media::Json, &none),
            tag_of("1", "p", "q", &base, Media::GraphQl, &none),
            tag_of("1", "p", "q", &base, Media::Json, &gzip),
        ];
        for other in others {
            assert_ne!(mine, other);
        }
    }

    #[test]
    fn lists_of_tags_are_understood() {
        let matches_text = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, text.parse().unwrap());
            matches(&headers, "\"abc\"")
        };
        assert!(matches_text("\"abc\"") && matches_text("\"x\", W/\"abc\"") && matches_text("*"));
        assert!(!matches_text("\"abcd\"") && !matches_text("abc"));
    }
}
