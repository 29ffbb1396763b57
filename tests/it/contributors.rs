//! Contributors as CSV: what files are read as, what imports do, what comes out again.

mod cases;
mod commands;
mod door;
mod house;
mod imports;
mod readme;
mod roundtrip;
mod trees;
