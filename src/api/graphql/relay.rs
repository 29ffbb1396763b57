//! What every connection shares: page info, cursors, limits.

use std::ops::Range;

use async_graphql::{OutputType, Result, SimpleObject};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::bad_input;
use super::people::{Account, AuditEntry, Contributor, Team};

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

/// Which page of a list is wanted: forward with `first` and `after`, or backward with `last` and `before`.
#[derive(Debug, Clone, Default)]
pub struct Paging {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

/// Nodes of a page where neither `first` nor `last` is given, and at most.
const PAGE: (usize, i32) = (20, 100);

impl Paging {
    /// The part of `total` nodes that is wanted. `place` finds the node that a cursor names.
    ///
    /// # Errors
    /// When a size is out of bounds or a cursor is not of this list.
    pub fn range(&self, total: usize, place: impl Fn(&str) -> Option<usize>) -> Result<Range<usize>> {
        if self.first.is_some() && self.last.is_some() {
            return Err(bad_input("first and last: give one of them"));
        }
        let find = |cursor: &Option<String>| cursor.as_deref().map(|c| at(c, total, &place)).transpose();
        let start = find(&self.after)?.map_or(0, |found| found.after);
        let end = find(&self.before)?.map_or(total, |found| found.at).max(start);
        if let Some(last) = self.last {
            let size = sized("last", last)?;
            return Ok(end.saturating_sub(size).max(start)..end);
        }
        let size = self.first.map_or(Ok(PAGE.0), |first| sized("first", first))?;
        Ok(start..end.min(start.saturating_add(size)))
    }
}

/// Where a cursor's node is, or was: it may have gone since.
struct Found {
    at: usize,
    after: usize,
}

fn at(cursor: &str, total: usize, place: &impl Fn(&str) -> Option<usize>) -> Result<Found> {
    let [key, was] = read_cursor::<2>(cursor)?;
    match place(&key) {
        Some(at) => Ok(Found { at, after: at + 1 }),
        // The node is gone; its neighbours stand about where it stood.
        None => {
            let was: usize = was.parse().map_err(|_| bad_input("after: no cursor of this connection"))?;
            Ok(Found { at: was.min(total), after: was.min(total) })
        }
    }
}

fn sized(name: &str, size: i32) -> Result<usize> {
    match usize::try_from(size) {
        Ok(count) if (1..=PAGE.1).contains(&size) => Ok(count),
        _ => Err(bad_input(format!("{name}: {size} is not from 1 to {}", PAGE.1))),
    }
}

/// One page of a list.
#[derive(SimpleObject)]
#[graphql(
    concrete(name = "ContributorConnection", params(Contributor)),
    concrete(name = "TeamConnection", params(Team)),
    concrete(name = "AccountConnection", params(Account)),
    concrete(name = "AuditConnection", params(AuditEntry))
)]
pub struct Connection<T: OutputType> {
    /// The nodes of the page, each with its cursor.
    pub edges: Vec<Edge<T>>,
    /// The nodes of the page.
    pub nodes: Vec<T>,
    /// Where the page stands.
    pub page_info: PageInfo,
    /// How many nodes there are, on all pages.
    pub total_count: u64,
}

/// A node and its cursor.
#[derive(SimpleObject)]
#[graphql(
    concrete(name = "ContributorEdge", params(Contributor)),
    concrete(name = "TeamEdge", params(Team)),
    concrete(name = "AccountEdge", params(Account)),
    concrete(name = "AuditEdge", params(AuditEntry))
)]
pub struct Edge<T: OutputType> {
    /// Cursor of the node.
    pub cursor: String,
    /// The node.
    pub node: T,
}

/// The page of a list that is wanted. Of an item, `key` gives a name that no other item has, and `node` what is shown.
pub fn page<I, T: OutputType + Clone>(
    items: &[I],
    paging: &Paging,
    key: impl Fn(&I) -> String,
    node: impl Fn(&I) -> T,
) -> Result<Connection<T>> {
    let range = paging.range(items.len(), |wanted| items.iter().position(|item| key(item) == wanted))?;
    let cursors: Vec<String> = range.clone().map(|i| cursor(&[&key(&items[i]), &i.to_string()])).collect();
    let nodes: Vec<T> = items[range.clone()].iter().map(node).collect();
    let page_info = PageInfo {
        has_next_page: range.end < items.len(),
        has_previous_page: range.start > 0,
        start_cursor: cursors.first().cloned(),
        end_cursor: cursors.last().cloned(),
    };
    let edges = cursors.into_iter().zip(nodes.iter().cloned()).map(|(cursor, node)| Edge { cursor, node }).collect();
    Ok(Connection { edges, nodes, page_info, total_count: items.len() as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(paging: Paging) -> Range<usize> {
        paging.range(10, |key| key.parse().ok().filter(|i| *i < 10)).expect("a range")
    }

    #[test]
    fn pages_go_forward_and_backward_and_survive_what_is_gone() {
        let at = |i: usize| Some(cursor(&[&i.to_string(), &i.to_string()]));
        let none = Paging::default;
        assert_eq!(range(Paging { first: Some(3), ..none() }), 0..3);
        assert_eq!(range(Paging { first: Some(3), after: at(2), ..none() }), 3..6);
        assert_eq!(range(Paging { first: Some(30), after: at(8), ..none() }), 9..10);
        assert_eq!(range(Paging { last: Some(3), ..none() }), 7..10);
        assert_eq!(range(Paging { last: Some(3), before: at(2), ..none() }), 0..2);
        assert_eq!(range(Paging { first: Some(3), after: at(5), before: at(2), ..none() }), 6..6);
        let gone = Some(cursor(&["gone", "4"]));
        assert_eq!(range(Paging { first: Some(2), after: gone.clone(), ..none() }), 4..6);
        assert_eq!(range(Paging { last: Some(2), before: gone, ..none() }), 2..4);
        for wrong in [0, -1, 101] {
            assert!(Paging { first: Some(wrong), ..none() }.range(10, |_| None).is_err());
        }
        assert!(Paging { first: Some(1), last: Some(1), ..none() }.range(10, |_| None).is_err());
        assert!(Paging { after: Some("nonsense".into()), ..none() }.range(10, |_| None).is_err());
    }
}
