//! Lets the runs of one process on one lake take turns, and keeps between them what is recorded already.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use object_store::ObjectStore;
use tokio::sync::OwnedMutexGuard;

use crate::lake::Lake;

use super::ingestions::Recorded;

/// The turn of one lake.
pub struct Gate(Arc<tokio::sync::Mutex<Recorded>>);

struct Known {
    /// Clones of an open lake share their store, which so stands for the lake; a `memory://` URL would not.
    store: Weak<dyn ObjectStore>,
    gate: Arc<tokio::sync::Mutex<Recorded>>,
}

impl Gate {
    /// The gate of a lake, the same for all its clones.
    pub fn of(lake: &Lake) -> Gate {
        static KNOWN: Mutex<Vec<Known>> = Mutex::new(Vec::new());
        let store = Arc::downgrade(&lake.store());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|known| known.store.strong_count() > 0);
        let gate = match known.iter().find(|known| known.store.ptr_eq(&store)) {
            Some(known) => Arc::clone(&known.gate),
            None => {
                let gate = Arc::default();
                known.push(Known { store, gate: Arc::clone(&gate) });
                gate
            }
        };
        Gate(gate)
    }

    /// Waits for the turn.
    pub async fn enter(self) -> OwnedMutexGuard<Recorded> {
        self.0.lock_owned().await
    }
}
