#![allow(clippy::unwrap_used)]

mod http;
mod lake;
mod s3;
mod sources;
