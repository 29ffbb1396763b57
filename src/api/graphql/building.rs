//! The catalogue that a schema is being made of. The library asks types for their descriptions without a word of for whom,
//! hence it stands where the making thread finds it. Requests have theirs in `Asking`.

use std::cell::RefCell;
use std::sync::Arc;

use crate::model::Catalogue;

thread_local! {
    static BUILDING: RefCell<Option<Arc<Catalogue>>> = const { RefCell::new(None) };
}

/// Runs `make`, during which [`catalogue`] is this one.
pub fn with<T>(catalogue: &Arc<Catalogue>, make: impl FnOnce() -> T) -> T {
    /// Puts back what was there, however `make` ends.
    struct Before(Option<Arc<Catalogue>>);
    impl Drop for Before {
        fn drop(&mut self) {
            BUILDING.set(self.0.take());
        }
    }
    let _before = Before(BUILDING.replace(Some(Arc::clone(catalogue))));
    make()
}

/// The catalogue that a schema is being made of on this thread; the built-in one where none is.
pub fn catalogue() -> Arc<Catalogue> {
    BUILDING.with_borrow(|building| building.clone()).unwrap_or_else(Catalogue::built_in)
}
