//! `audit`: who changed what, newest first.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::super::asking::Asking;
use super::super::error::{bad_input, internal};
use super::super::relay::{Connection, Edge, cursor, page_size, read_cursor};
use crate::people::document::Kind;
use crate::people::journal::{Door, Entry};
use crate::people::{People, audit};

/// Narrows the audit. An entry must fit everything that is given.
#[derive(InputObject, Default)]
pub struct AuditFilter {
    /// Who made the change.
    pub actor: Option<String>,
    /// What was done, such as UPSERT_CONTRIBUTORS.
    pub action: Option<String>,
    /// Kind of the document.
    pub kind: Option<Kind>,
    /// Key of the document: a contributor's, team's or tree's plain id, or `source/login` of an account.
    pub key: Option<String>,
    /// Changes at this time or later.
    pub from: Option<DateTime<Utc>>,
    /// Changes before this time.
    pub to: Option<DateTime<Utc>>,
}

/// A change of people or settings: everything in it came about together.
#[derive(SimpleObject, Clone)]
pub struct Change {
    /// Number of the change, from 1.
    pub seq: i64,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Who made it.
    pub actor: String,
    /// Through which door it came.
    pub door: Door,
    /// What was done.
    pub action: String,
    /// The change in a sentence.
    pub summary: Option<String>,
}

/// What a change made of one document.
#[derive(Clone)]
pub struct AuditEntry {
    entry: Entry,
    before: Option<String>,
}

/// What a change made of one document.
#[Object]
impl AuditEntry {
    /// The change that it is a part of.
    async fn change(&self) -> Change {
        let Entry { seq, at, actor, door, action, summary, .. } = self.entry.clone();
        Change { seq, at, actor, door, action, summary }
    }

    /// Number of the change.
    async fn seq(&self) -> i64 {
        self.entry.seq
    }

    /// When the change was made.
    async fn at(&self) -> DateTime<Utc> {
        self.entry.at
    }

    /// Who made the change.
    async fn actor(&self) -> &str {
        &self.entry.actor
    }

    /// Through which door it came.
    async fn door(&self) -> Door {
        self.entry.door
    }

    /// What was done.
    async fn action(&self) -> &str {
        &self.entry.action
    }

    /// Kind of the document.
    async fn kind(&self) -> Kind {
        self.entry.edit.kind
    }

    /// Key of the document within its kind.
    async fn key(&self) -> &str {
        &self.entry.edit.key
    }

    /// The whole document before, as JSON text; null: there was none.
    async fn before(&self) -> Option<&str> {
        self.before.as_deref()
    }

    /// The whole document after, as JSON text; null: it was removed.
    async fn after(&self) -> Option<&str> {
        self.entry.edit.value.as_deref()
    }
}

impl AuditFilter {
    fn read(self) -> audit::Filter {
        let AuditFilter { actor, action, kind, key, from, to } = self;
        audit::Filter { actor, action, kind, key, from, to }
    }
}

/// A page of the audit.
pub async fn page(
    context: &Context<'_>,
    filter: Option<AuditFilter>,
    first: i32,
    after: Option<String>,
) -> Result<Connection<AuditEntry>> {
    let asking = Asking::of(context)?;
    let size = page_size(first, 100)?;
    let place = after.as_deref().map(place).transpose()?;
    let filter = filter.unwrap_or_default().read();
    let lake = People::lake(asking.register.people());
    let read = audit::page(lake, &asking.snapshot, &filter, place.as_ref(), size).await;
    let found = read.map_err(|error| internal(&error))?;
    let edges: Vec<Edge<AuditEntry>> = found
        .entries
        .into_iter()
        .map(|(entry, before)| Edge {
            cursor: cursor(&[&entry.seq.to_string(), entry.edit.kind.name(), &entry.edit.key]),
            node: AuditEntry { entry, before },
        })
        .collect();
    Ok(Connection::new(edges, after.is_some(), found.more, found.total))
}

fn place(cursor: &str) -> Result<audit::Place> {
    let [seq, kind, key] = read_cursor::<3>(cursor)?;
    let kind = Kind::ALL.into_iter().find(|k| k.name() == kind);
    match (seq.parse(), kind) {
        (Ok(seq), Some(kind)) => Ok(audit::Place { seq, kind, key }),
        _ => Err(bad_input("after: no cursor of this connection; pass an `endCursor`")),
    }
}
