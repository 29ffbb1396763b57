//! Bytes of a file to text, whatever a spreadsheet saved it as: UTF-8 with or without a byte order mark, UTF-16 of either
//! order, or the old one-byte encoding of Western Europe.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes that are looked at to tell UTF-16 without a mark from other encodings.
const LOOKED_AT: usize = 4096;

/// Text, and the name of the encoding that it was in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    pub text: String,
    pub encoding: &'static str,
}

/// Decodes a file. The error says what the file is instead of text, and what to do.
pub fn decode(bytes: &[u8]) -> Result<Decoded, String> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err("The file is a workbook or an archive. Save it as \"CSV UTF-8\".".to_owned());
    }
    let (encoding, rest) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => (encoding, &bytes[mark..]),
        None => (guessed(bytes)?, bytes),
    };
    let (text, damaged) = encoding.decode_without_bom_handling(rest);
    if damaged {
        return Err(format!("The file begins as {} and is not. Save it as \"CSV UTF-8\".", encoding.name()));
    }
    if text.contains('\0') {
        return Err("The file is no text. Save it as \"CSV UTF-8\".".to_owned());
    }
    Ok(Decoded { text: text.into_owned(), encoding: encoding.name() })
}

fn guessed(bytes: &[u8]) -> Result<&'static Encoding, String> {
    let start = &bytes[..bytes.len().min(LOOKED_AT)];
    let zeros = |parity: usize| start.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    // Separators and line ends are of Latin script even where names are not.
    match (zeros(0), zeros(1)) {
        (0, odd) if odd > 0 => return Ok(UTF_16LE),
        (even, 0) if even > 0 => return Ok(UTF_16BE),
        _ => {}
    }
    let (mut whole, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    match (whole, broken) {
        (_, 0) => Ok(UTF_8),
        // Read as one-byte text, every good character would come out as two wrong ones.
        (whole, broken) if whole > broken => {
            Err(format!("The file is UTF-8 with {broken} broken characters. Save it again as \"CSV UTF-8\"."))
        }
        _ => Ok(WINDOWS_1252),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Name,Email\r\nZoë Müller,zoe@example.com\r\n";

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn every_way_of_saving_gives_the_same_text() {
        let latin1: Vec<u8> = TEXT.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
        let marked = format!("\u{feff}{TEXT}");
        for (bytes, encoding) in [
            (TEXT.as_bytes().to_vec(), "UTF-8"),
            (marked.as_bytes().to_vec(), "UTF-8"),
            (utf16(&marked, u16::to_le_bytes), "UTF-16LE"),
            (utf16(&marked, u16::to_be_bytes), "UTF-16BE"),
            (utf16(TEXT, u16::to_le_bytes), "UTF-16LE"),
            (utf16(TEXT, u16::to_be_bytes), "UTF-16BE"),
            (latin1, "windows-1252"),
        ] {
            assert_eq!(decode(&bytes), Ok(Decoded { text: TEXT.to_owned(), encoding }));
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for bytes in [&b"PK\x03\x04 and the rest of a workbook"[..], b"Name,Email\nAnn\0\0,x"] {
            assert!(decode(bytes).is_err(), "{bytes:?}");
        }
        let mut cut = "Zoë, Jürgen, Åsa".as_bytes().to_vec();
        cut.remove(3);
        assert!(decode(&cut).is_err_and(|message| message.contains("broken")), "two good characters, one broken");
        assert!(decode(b"\xEF\xBB\xBFJ\xFCrgen").is_err(), "a mark of UTF-8 before Latin-1");
    }
}
