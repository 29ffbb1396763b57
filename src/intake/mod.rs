//! From `landing/` to `tables/`: finds dropped files, checks each against the contract, merges the good ones, refuses the
//! others whole with every reason, and records what it did in `ingestions`.
//!
//! `read` and below judge one file and know no lake; `run` knows both. Merging itself is the lake's.
//!
//! Whoever drops files on a local disk writes them under a hidden name (`_` or `.` in front, of the file or a folder) and
//! renames them when they are whole. Intake looks twice, a few seconds apart, at a file that is cut off, and then refuses it.
//! Object stores show only whole objects.

mod cast;
pub mod check;
mod columns;
mod discover;
mod faults;
mod gate;
mod ingestions;
mod limits;
mod numbers;
mod pages;
mod place;
mod read;
mod reason;
mod rejected;
mod rules;
mod run;
mod source;
mod times;
mod verdict;

pub use check::{Checked, check};
pub use ingestions::{Ingestion, Status};
pub use limits::Limits;
pub use reason::{Kind, Reason};
pub use run::{Progress, run, run_within};
