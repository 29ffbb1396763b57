#![allow(clippy::unwrap_used)]

mod facts;
mod lake;
mod s3;
mod sample_facts;
mod sources;
