//! How much one dropped file may cost. A file is decoded whole before it is merged (a query sees all of it or none),
//! so these limits are what bounds the memory of intake.

use std::time::Duration;

/// Limits for one file. The defaults let through what a bulk export writes and stop what only a fault or a zip bomb makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Size of the file as dropped, in bytes. Default 2 GiB.
    pub max_file_bytes: u64,
    /// Rows in one file. Default 50 million.
    pub max_rows: u64,
    /// Bytes of the decoded columns of the contract together. Default 2 GiB.
    pub max_decoded_bytes: u64,
    /// Bytes of one page after decompression. Default 256 MiB (writers make pages of 1 MiB, some of up to 100 MiB).
    pub max_page_bytes: u64,
    /// Decompressed bytes for each compressed one, looked at where more than 64 MiB come out. Default 2,000.
    pub max_ratio: u64,
    /// Bytes of one string. Default 16 MiB.
    pub max_value_bytes: u64,
    /// How long a cut-off file on a local disk may be "still being written" before it is refused. Default 3 seconds.
    pub settle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_file_bytes: 2 << 30,
            max_rows: 50_000_000,
            max_decoded_bytes: 2 << 30,
            max_page_bytes: 256 << 20,
            max_ratio: 2_000,
            max_value_bytes: 16 << 20,
            settle: Duration::from_secs(3),
        }
    }
}

impl Limits {
    /// Below this many decompressed bytes no ratio is suspicious: a column of nulls compresses without end.
    pub const RATIO_FROM_BYTES: u64 = 64 << 20;
}
