//! Tests of the org trees against second computations that share nothing with the first but the documents.

mod build;
pub mod edits;
mod membership;
mod rebuild;
pub mod world;
