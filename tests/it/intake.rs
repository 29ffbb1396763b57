//! Intake, from files: what is refused and why, what the lake holds afterwards, and what a crash leaves.

mod cases;
mod crash;
mod damaged;
pub mod files;
mod lakes;
mod order;
mod runs;
