//! A change in the making: the records as they will be, and the edits that make them so. Nothing is written here.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;

use super::document::Kind;
use super::records::{Document, Records};
use crate::model::Catalogue;

/// One edit: what a document becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub kind: Kind,
    pub key: String,
    /// The whole document as JSON; `None`: it is removed.
    pub value: Option<String>,
}

/// Records that remember what is put into them.
#[derive(Debug, Clone)]
pub struct Draft {
    before: Arc<Records>,
    now: Records,
    touched: BTreeMap<(Kind, String), ()>,
    catalogue: Arc<Catalogue>,
}

impl Draft {
    /// A draft whose documents may name the built-in metrics.
    pub fn new(before: Arc<Records>) -> Draft {
        let now = Records::clone(&before);
        Draft { before, now, touched: BTreeMap::new(), catalogue: Catalogue::built_in() }
    }

    /// The same draft, whose documents may name the metrics of a catalogue.
    pub fn about(self, catalogue: Arc<Catalogue>) -> Draft {
        Draft { catalogue, ..self }
    }

    /// The metrics that documents may name.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The records with what was put so far.
    pub fn records(&self) -> &Records {
        &self.now
    }

    pub fn get<T: Document>(&self, key: &str) -> Option<&T> {
        T::map(&self.now).get(key).map(Arc::as_ref)
    }

    pub fn put<T: Document>(&mut self, key: &str, document: T) {
        T::map_mut(&mut self.now).insert(key.to_owned(), Arc::new(document));
        self.touched.insert((T::KIND, key.to_owned()), ());
    }

    pub fn remove<T: Document>(&mut self, key: &str) {
        if T::map_mut(&mut self.now).remove(key).is_some() {
            self.touched.insert((T::KIND, key.to_owned()), ());
        }
    }

    /// Keys of documents of a kind that were put or removed.
    pub fn touched<T: Document>(&self) -> impl Iterator<Item = &str> {
        self.touched.keys().filter(|(kind, _)| *kind == T::KIND).map(|(_, key)| key.as_str())
    }

    /// What differs from before, by kind and key. What was put and is the same is no edit.
    pub fn edits(&self) -> Result<Vec<Edit>> {
        let mut edits = Vec::new();
        for (kind, key) in self.touched.keys() {
            let (before, after) = (self.before.stored(*kind, key)?, self.now.stored(*kind, key)?);
            if before != after {
                edits.push(Edit { kind: *kind, key: key.clone(), value: after });
            }
        }
        Ok(edits)
    }
}
