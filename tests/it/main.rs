#![allow(clippy::unwrap_used)]

mod lake;
mod s3;
mod sources;
