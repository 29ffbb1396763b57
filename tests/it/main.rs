#![allow(clippy::unwrap_used)]

mod facts;
mod generated;
mod lake;
mod s3;
mod sources;
