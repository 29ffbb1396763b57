//! `Lake`: the tables that a request's snapshot holds.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::asking::Asking;
use super::definitions::LakeDefinitions;
use crate::lake::{Snapshot, TableVersion};
use crate::model::{self, Table};

/// The lake, as one snapshot.
pub struct Lake(pub Arc<Snapshot>);

/// The lake that this request answers from.
#[Object]
impl Lake {
    /// The version of the snapshot: it changes when, and only when, a table does.
    async fn snapshot(&self) -> &str {
        &self.0.id
    }

    /// When the snapshot was taken.
    async fn taken_at(&self) -> DateTime<Utc> {
        self.0.taken_at
    }

    /// Time of the newest event in any table.
    async fn newest_event(&self) -> Option<DateTime<Utc>> {
        self.0.tables.values().filter_map(|version| version.newest_event).max()
    }

    /// Rows in all tables, tombstones not counted.
    async fn rows(&self) -> f64 {
        self.0.tables.values().map(|version| version.rows as f64).sum()
    }

    /// The metrics that the lake declares itself.
    async fn definitions(&self, context: &Context<'_>) -> Result<LakeDefinitions> {
        Ok(LakeDefinitions(Arc::clone(&Asking::of(context)?.catalogue)))
    }

    /// Every table of the contract, also those that hold nothing yet.
    async fn tables(&self) -> Vec<LakeTable> {
        model::tables()
            .iter()
            .map(|table| LakeTable { table, version: self.0.tables.get(&table.name).cloned() })
            .collect()
    }
}

/// A table of the lake.
pub struct LakeTable {
    table: &'static Table,
    version: Option<TableVersion>,
}

/// A table of the contract and what the lake holds of it.
#[Object]
impl LakeTable {
    /// Name of the table.
    async fn name(&self) -> &str {
        &self.table.name
    }

    /// What its rows are.
    async fn description(&self) -> &str {
        &self.table.description
    }

    /// The columns of the contract.
    async fn columns(&self) -> Vec<TableColumn> {
        let column = |c: &'static crate::model::Column| TableColumn {
            name: &c.name,
            kind: c.kind.name(),
            required: c.required,
            description: &c.description,
        };
        self.table.columns.iter().map(column).collect()
    }

    /// Version of the Delta table; null while nothing was ever dropped for it.
    async fn version(&self) -> Option<u64> {
        self.version.as_ref().map(|version| version.version)
    }

    /// Rows, tombstones not counted.
    async fn rows(&self) -> f64 {
        self.version.as_ref().map_or(0.0, |version| version.rows as f64)
    }

    /// Files.
    async fn files(&self) -> usize {
        self.version.as_ref().map_or(0, |version| version.files.len())
    }

    /// Size of the files in bytes.
    async fn bytes(&self) -> f64 {
        self.version.as_ref().map_or(0.0, |version| version.files.iter().map(|file| file.size as f64).sum())
    }

    /// Time of the newest event.
    async fn newest_event(&self) -> Option<DateTime<Utc>> {
        self.version.as_ref().and_then(|version| version.newest_event)
    }

    /// When the table last changed.
    async fn changed_at(&self) -> Option<DateTime<Utc>> {
        self.version.as_ref().map(|version| version.committed_at)
    }
}

/// A column of a table.
#[derive(SimpleObject)]
pub struct TableColumn {
    /// Name of the column.
    name: &'static str,
    /// Type of the column in the contract.
    #[graphql(name = "type")]
    kind: &'static str,
    /// Whether it may not be null.
    required: bool,
    /// What it holds.
    description: &'static str,
}
