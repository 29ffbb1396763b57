//! One build at a time of one version of a fact in a process, and a memory of the versions found.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use object_store::ObjectStore;
use tokio::sync::OnceCell;

use super::FactVersion;
use crate::lake::Lake;

/// Versions remembered of one fact of one lake; the oldest are forgotten first.
const REMEMBERED: usize = 8;

/// A lake (by the address of its store), and a fact.
type Of = (usize, String);

struct Known {
    /// Keeps the address from being used again, and tells when the lake is closed.
    store: Weak<dyn ObjectStore>,
    /// By key, the newest last.
    versions: Vec<(String, Arc<OnceCell<FactVersion>>)>,
}

/// Where a version of a fact is or will be.
pub fn cell(lake: &Lake, fact: &str, key: &str) -> Arc<OnceCell<FactVersion>> {
    static KNOWN: OnceLock<Mutex<HashMap<Of, Known>>> = OnceLock::new();
    let mut known = KNOWN.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    known.retain(|_, known| known.store.strong_count() > 0);
    let store = lake.store();
    let address = Arc::as_ptr(&store).cast::<()>() as usize;
    let entry = known.entry((address, fact.to_owned()));
    let versions = &mut entry.or_insert_with(|| Known { store: Arc::downgrade(&store), versions: Vec::new() }).versions;
    if let Some((_, cell)) = versions.iter().find(|(known, _)| known == key) {
        return Arc::clone(cell);
    }
    if versions.len() >= REMEMBERED {
        versions.remove(0);
    }
    let cell = Arc::new(OnceCell::new());
    versions.push((key.to_owned(), Arc::clone(&cell)));
    cell
}
