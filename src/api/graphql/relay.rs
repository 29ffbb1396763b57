//! What every connection shares: page info, cursors, limits.

use std::borrow::Cow;
use std::ops::Range;

use async_graphql::{Object, OutputType, Result, SimpleObject, TypeName};
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

/// One page of a list. In the schema, `ContributorConnection` is that of `Contributor`.
pub struct Connection<T> {
    pub edges: Vec<Edge<T>>,
    pub page_info: PageInfo,
    pub total_count: usize,
}

/// A node and its cursor.
pub struct Edge<T> {
    pub cursor: String,
    pub node: T,
}

impl<T: OutputType> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

impl<T: OutputType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

/// One page of a list.
#[Object(name_type)]
impl<T: OutputType> Connection<T> {
    /// The nodes of the page, each with its cursor.
    async fn edges(&self) -> &[Edge<T>] {
        &self.edges
    }

    /// The nodes of the page.
    async fn nodes(&self) -> Vec<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Where the page stands.
    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }

    /// How many nodes there are, on all pages.
    async fn total_count(&self) -> usize {
        self.total_count
    }
}

/// A node of a list, and where it stands.
#[Object(name_type)]
impl<T: OutputType> Edge<T> {
    /// Cursor of the node; pass it as `after` or `before`.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The node.
    async fn node(&self) -> &T {
        &self.node
    }
}

/// The page of a list that is wanted. Of an item, `key` gives a name that no other item has, and `node` what is shown.
pub fn page<I, T>(
    items: &[I],
    paging: &Paging,
    key: impl Fn(&I) -> String,
    node: impl Fn(&I) -> T,
) -> Result<Connection<T>> {
    let range = paging.range(items.len(), |wanted| items.iter().position(|item| key(item) == wanted))?;
    let edge = |i: usize| Edge { cursor: cursor(&[&key(&items[i]), &i.to_string()]), node: node(&items[i]) };
    let (more, earlier) = (range.end < items.len(), range.start > 0);
    Ok(Connection::new(range.map(edge).collect(), earlier, more, items.len()))
}

impl<T> Connection<T> {
    /// A page, whether there are nodes before and after it, and how many there are on all pages.
    pub fn new(edges: Vec<Edge<T>>, earlier: bool, more: bool, total_count: usize) -> Connection<T> {
        let page_info = PageInfo {
            has_next_page: more,
            has_previous_page: earlier,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        };
        Connection { edges, page_info, total_count }
    }
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
