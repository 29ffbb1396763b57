#![allow(clippy::unwrap_used)]

mod lake;
mod oracle;
mod s3;
mod sources;
