//! From `landing/` to `tables/`: finds dropped files, checks each against the contract, merges the good ones, refuses the
//! others whole with every reason, and records what it did in `ingestions`.
//!
//! `read` and below judge one file and know no lake; `run` knows both. Merging itself is the lake's.

mod cast;
pub mod check;
mod columns;
mod faults;
mod limits;
mod numbers;
mod pages;
mod place;
mod read;
mod reason;
mod rules;
mod source;
mod times;
mod verdict;

pub use check::{Checked, check};
pub use limits::Limits;
pub use reason::{Kind, Reason};
