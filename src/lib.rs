//! Throughline: delivery metrics from Parquet in a lake, over one typed API.
//!
//! Imports go down only: `api` -> `query`, `people`, `intake`, `sources` -> `model`, `lake`.
//! ARCHITECTURE.md draws the house; each folder's `mod.rs` says what its floor is for.

pub mod api;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod generated;
pub mod intake;
pub mod jobs;
pub mod lake;
pub mod model;
pub mod people;
pub mod query;
pub mod sources;
