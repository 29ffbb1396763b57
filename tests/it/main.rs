//! The one integration-test binary. Cases are files under `tests/cases/`.

#![allow(clippy::unwrap_used)]

mod cli;
mod facts;
mod http;
mod intake;
mod lake;
mod s3;
mod sample_facts;
mod server;
mod sources;
