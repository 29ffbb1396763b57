//! The one integration-test binary. Cases are files under `tests/cases/`.

#![allow(clippy::unwrap_used)]

mod intake;
mod lake;
mod s3;
mod sources;
