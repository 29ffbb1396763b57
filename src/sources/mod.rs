//! Writers of landing files: what the outside said, as rows of the contract's tables.
//! A source writes Parquet and stops there; intake takes it up like anybody else's.

pub mod csv;
pub mod generate;
pub mod git;
pub mod landing;
pub mod rows;
pub mod sample;
