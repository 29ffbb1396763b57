//! What the outside said, written as landing files: git clones, the synthetic organisation.
//!
//! A source only writes below `landing/`. What becomes of the files is intake's affair, and no source reads a table.

pub mod generate;
pub mod git;
pub mod landing;
pub mod rows;
