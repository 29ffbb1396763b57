//! Tests of the org trees against second computations that share nothing with the first but the documents.

mod build;
pub mod edits;
mod membership;
mod persons;
mod rebuild;
mod scale;
pub mod world;
