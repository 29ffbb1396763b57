//! Walks the page headers of a column chunk before the decoder sees it. The footer only claims how large things are; the
//! page headers are what the decoder acts on, so a zip bomb is stopped here, before anything is allocated for it.

use super::limits::Limits;
use super::reason::{Kind, Reason};

/// What a chunk is, as the footer says.
#[derive(Debug, Clone)]
pub struct Chunk {
    pub column: String,
    /// Whether a row can hold many values (a list).
    pub repeated: bool,
    /// Values in the chunk, nulls included.
    pub values: u64,
}

/// What all chunks that were walked so far come to.
#[derive(Debug, Default)]
pub struct Walked {
    pub compressed_bytes: u64,
    pub decompressed_bytes: u64,
}

impl Walked {
    /// Walks the pages of one chunk. The error is the reason to refuse the file.
    pub fn chunk(&mut self, chunk: &Chunk, bytes: &[u8], limits: &Limits) -> Result<(), Reason> {
        let (mut at, mut values) = (0, 0_u64);
        while at < bytes.len() && values < chunk.values.max(1) {
            let Some((page, header)) = Header::read(&bytes[at..]) else {
                return Err(damaged("a page header cannot be read").about(&chunk.column));
            };
            let (Ok(compressed), Ok(decompressed)) = (u64::try_from(page.compressed), u64::try_from(page.decompressed))
            else {
                return Err(damaged("a page header has a negative size").about(&chunk.column));
            };
            if decompressed > limits.max_page_bytes {
                let found = format!("a page of {decompressed} bytes");
                let allowed = format!("{} bytes for each page", limits.max_page_bytes);
                return Err(too_large(found, allowed).about(&chunk.column));
            }
            self.compressed_bytes += compressed + header as u64;
            self.decompressed_bytes += decompressed;
            if page.is_data {
                values += u64::try_from(page.values).unwrap_or(0);
            }
            self.check(limits).map_err(|reason| reason.about(&chunk.column))?;
            // A value of a list takes at least its 16-byte view, whatever the page takes.
            if chunk.repeated && values.saturating_mul(16) > limits.max_decoded_bytes {
                let found = format!("{values} list items in one row group");
                let allowed = format!("{} bytes when decoded", limits.max_decoded_bytes);
                return Err(too_large(found, allowed).about(&chunk.column));
            }
            at = at.saturating_add(header).saturating_add(usize::try_from(compressed).unwrap_or(usize::MAX));
        }
        Ok(())
    }

    /// Whether what was walked so far is within the limits of a file.
    pub fn check(&self, limits: &Limits) -> Result<(), Reason> {
        let (out, packed) = (self.decompressed_bytes, self.compressed_bytes.max(1));
        if out > limits.max_decoded_bytes {
            let allowed = format!("{} bytes when decoded", limits.max_decoded_bytes);
            return Err(too_large(format!("{out} bytes after decompression, or more"), allowed));
        }
        if out > Limits::RATIO_FROM_BYTES && out / packed > limits.max_ratio {
            let found = format!("{packed} bytes that decompress to {out} or more");
            return Err(too_large(found, format!("a ratio of {}", limits.max_ratio)));
        }
        Ok(())
    }
}

/// The reason for a file that is too large, however it is measured.
pub fn too_large(found: impl Into<String>, allowed: impl Into<String>) -> Reason {
    Reason::file(Kind::TooLarge, found, allowed, "Write the rows to several files.")
}

fn damaged(found: &str) -> Reason {
    Reason::file(Kind::Unreadable, found, "a whole Parquet file", "Write the file again.")
}

/// The fields of a Parquet page header that say how much the decoder will do.
#[derive(Debug, Default, PartialEq)]
struct Header {
    is_data: bool,
    compressed: i64,
    decompressed: i64,
    values: i64,
}

impl Header {
    /// Reads one header in Thrift's compact protocol, and its length.
    fn read(bytes: &[u8]) -> Option<(Header, usize)> {
        let mut thrift = Thrift { bytes, at: 0 };
        let mut header = Header::default();
        let mut field = 0;
        while let Some(kind) = thrift.field(&mut field)? {
            match (field, kind) {
                (2, I32) => header.decompressed = thrift.int()?,
                (3, I32) => header.compressed = thrift.int()?,
                // data_page_header and data_page_header_v2, both with num_values first.
                (5 | 8, STRUCT) => {
                    header.is_data = true;
                    let mut inner = 0;
                    while let Some(kind) = thrift.field(&mut inner)? {
                        if (inner, kind) == (1, I32) {
                            header.values = thrift.int()?;
                        } else {
                            thrift.skip(kind, 0)?;
                        }
                    }
                }
                _ => thrift.skip(kind, 0)?,
            }
        }
        Some((header, thrift.at))
    }
}

const I32: u8 = 5;
const STRUCT: u8 = 12;

/// A reader of Thrift's compact protocol; every step is `None` where the bytes end or make no sense.
struct Thrift<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Thrift<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn int(&mut self) -> Option<i64> {
        let raw = self.varint()?;
        Some((raw >> 1) as i64 ^ -((raw & 1) as i64))
    }

    /// The type of the next field, whose number goes to `field`; `Some(None)` at the end of the struct.
    fn field(&mut self, field: &mut i64) -> Option<Option<u8>> {
        let byte = self.byte()?;
        if byte == 0 {
            return Some(None);
        }
        *field = match byte >> 4 {
            0 => self.int()?,
            delta => field.checked_add(i64::from(delta))?,
        };
        Some(Some(byte & 0x0f))
    }

    fn skip(&mut self, kind: u8, depth: u8) -> Option<()> {
        if depth > 16 {
            return None;
        }
        match kind {
            1 | 2 => {}
            3 => self.at += 1,
            4..=6 => {
                self.varint()?;
            }
            7 => self.at += 8,
            8 => {
                let length = usize::try_from(self.varint()?).ok()?;
                self.at = self.at.checked_add(length)?;
            }
            9 | 10 => {
                let head = self.byte()?;
                let length = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
                for _ in 0..length {
                    match head & 0x0f {
                        1 | 2 => self.at += 1,
                        item => self.skip(item, depth + 1)?,
                    }
                    (self.at <= self.bytes.len()).then_some(())?;
                }
            }
            12 => {
                let mut field = 0;
                while let Some(kind) = self.field(&mut field)? {
                    self.skip(kind, depth + 1)?;
                }
            }
            _ => return None,
        }
        (self.at <= self.bytes.len()).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// type = DATA_PAGE, uncompressed, compressed, then {num_values, encoding, ...}.
    fn page(decompressed: i32, body: usize, values: i32) -> Vec<u8> {
        let mut bytes = vec![0x15, 0x00];
        for (tag, value) in [(0x15, decompressed), (0x15, body as i32), (0x2c, -1), (0x15, values)] {
            bytes.push(tag);
            if tag != 0x2c {
                let mut raw = ((value << 1) ^ (value >> 31)) as u32;
                while raw >= 0x80 {
                    bytes.push(raw as u8 | 0x80);
                    raw >>= 7;
                }
                bytes.push(raw as u8);
            }
        }
        bytes.extend([0x00, 0x00]);
        bytes.extend(std::iter::repeat_n(0xff, body));
        bytes
    }

    fn chunk(repeated: bool, values: u64) -> Chunk {
        Chunk { column: "labels".into(), repeated, values }
    }

    #[test]
    fn pages_are_followed_to_the_end_of_the_chunk() {
        let bytes = [page(1000, 10, 5), page(2000, 20, 7)].concat();
        let mut walked = Walked::default();
        walked.chunk(&chunk(false, 12), &bytes, &Limits::default()).expect("within the limits");
        assert_eq!(walked.decompressed_bytes, 3000);
        assert_eq!(walked.compressed_bytes, bytes.len() as u64);
    }

    #[test]
    fn a_page_may_not_be_larger_than_allowed_whatever_the_footer_says() {
        let limits = Limits { max_page_bytes: 999, ..Limits::default() };
        let reason = Walked::default().chunk(&chunk(false, 5), &page(1000, 10, 5), &limits).expect_err("too large");
        assert_eq!((reason.kind, reason.found.as_str()), (Kind::TooLarge, "a page of 1000 bytes"));
    }

    #[test]
    fn a_run_of_list_items_is_counted_before_it_is_unrolled() {
        let bytes = page(20, 20, i32::MAX);
        let reason = Walked::default().chunk(&chunk(true, 1 << 31), &bytes, &Limits::default()).expect_err("too many");
        assert_eq!(reason.kind, Kind::TooLarge);
    }

    #[test]
    fn garbage_is_damage_and_never_a_panic() {
        for seed in 0..2000_u32 {
            let mut state = seed.wrapping_mul(2_654_435_761) | 1;
            let bytes: Vec<u8> = (0..64)
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 17;
                    state ^= state << 5;
                    state as u8
                })
                .collect();
            let _ = Walked::default().chunk(&chunk(false, u64::MAX), &bytes, &Limits::default());
        }
        let reason = Walked::default().chunk(&chunk(false, 1), &[0xff; 8], &Limits::default()).expect_err("no header");
        assert_eq!(reason.kind, Kind::Unreadable);
    }
}
