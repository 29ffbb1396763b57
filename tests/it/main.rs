#![allow(clippy::unwrap_used)]

mod cli;
mod facts;
mod http;
mod lake;
mod s3;
mod server;
mod sources;
