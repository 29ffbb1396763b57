//! The lake through its own door: merges, snapshots, scans and housekeeping, on a local folder and on an S3 server.

mod house;
mod merging;
mod order;
mod race;
mod rows;
