//! From numbers down to their rows: pages in every order, files, and the whole catalogue asked of everything.

mod asked;
mod catalogue;
mod files;
mod orders;
mod recompute;
