//! Contributors as CSV: what files are read as, what imports do, what comes out again.

mod cases;
mod house;
mod imports;
mod roundtrip;
