//! What every connection shares: page info, cursors, limits.

use async_graphql::{Result, SimpleObject};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::bad_input;

/// Where a page stands in its connection.
#[derive(SimpleObject, Debug, Clone, Default)]
pub struct PageInfo {
    /// Whether there are nodes after this page.
    pub has_next_page: bool,
    /// Whether there are nodes before this page.
    pub has_previous_page: bool,
    /// Cursor of the first node of the page.
    pub start_cursor: Option<String>,
    /// Cursor of the last node of the page; pass it as `after` for the next page.
    pub end_cursor: Option<String>,
}

/// `first`, if it is from 1 to a limit.
pub fn page_size(first: i32, limit: i32) -> Result<usize> {
    match usize::try_from(first) {
        Ok(size) if (1..=limit).contains(&first) => Ok(size),
        _ => Err(bad_input(format!("first: {first} is not from 1 to {limit}"))),
    }
}

/// An opaque cursor that holds a few texts.
pub fn cursor(parts: &[&str]) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(parts).unwrap_or_default())
}

/// The texts that a cursor holds, if there are as many as expected.
pub fn read_cursor<const N: usize>(cursor: &str) -> Result<[String; N]> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let parts = bytes.and_then(|bytes| serde_json::from_slice::<Vec<String>>(&bytes).ok());
    let parts = parts.and_then(|parts| <[String; N]>::try_from(parts).ok());
    parts.ok_or_else(|| bad_input(format!("after: {cursor:?} is no cursor of this connection; pass an `endCursor`")))
}
