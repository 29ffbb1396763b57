//! Facts, computed from one snapshot and kept under `derived/`. What a fact means stands in `schema/facts/`; what is
//! asked of it is the planner's business.

mod ancestry;
mod compute;

pub use compute::{compute, register, schema, session_config};

#[cfg(test)]
mod tests;
