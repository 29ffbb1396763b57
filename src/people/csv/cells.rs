//! Text to rows of cells: comma, semicolon, tab or bar between them, quotes around those that need it. Rows are numbered as a
//! spreadsheet shows them (blank ones count, a line break inside quotes does not), which the `csv` crate does not tell.

use super::problem::{ProblemCode, Problems};

/// Between cells, the likeliest first.
pub const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// A row that has something in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// From 1.
    pub row: u32,
    /// Trimmed.
    pub cells: Vec<String>,
}

/// The rows of a text. Those that cannot be read go to `problems`.
pub fn records(text: &str, separator: char, problems: &mut Problems) -> Vec<Record> {
    let mut reader = Reader::new(text, separator);
    let mut records = Vec::new();
    while let Some(next) = reader.next() {
        match next {
            Ok(record) => records.push(record),
            Err((row, message)) => problems.row(ProblemCode::InvalidCsv, row, message),
        }
    }
    records
}

/// The first row that has something in it; `None`: there is none. Of a row that cannot be read, none of its cells.
pub fn first(text: &str, separator: char) -> Option<Record> {
    Some(Reader::new(text, separator).next()?.unwrap_or_else(|(row, _)| Record { row, cells: Vec::new() }))
}

/// A first line `sep=;`, by which spreadsheets tell each other the separator, and the text after it.
pub fn told_separator(text: &str) -> Option<(char, &str)> {
    let rest = text.strip_prefix("sep=").or_else(|| text.strip_prefix("SEP="))?;
    let separator = rest.chars().next().filter(|c| SEPARATORS.contains(c))?;
    let rest = &rest[separator.len_utf8()..];
    let line = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\n', '\r']));
    line.map(|rest| (separator, rest))
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    row: u32,
    separator: u8,
}

/// What ended a cell.
enum End {
    Cell,
    Row,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, separator: char) -> Reader<'t> {
        debug_assert!(separator.is_ascii());
        Reader { text, at: 0, row: 0, separator: separator as u8 }
    }

    fn next(&mut self) -> Option<Result<Record, (u32, String)>> {
        while self.at < self.text.len() {
            self.row += 1;
            let mut cells = Vec::new();
            loop {
                match self.cell() {
                    Ok((cell, end)) => {
                        cells.push(cell);
                        if let End::Row = end {
                            break;
                        }
                    }
                    Err(message) => {
                        self.skip_line();
                        return Some(Err((self.row, message)));
                    }
                }
            }
            if cells.iter().any(|cell| !cell.is_empty()) {
                return Some(Ok(Record { row: self.row, cells }));
            }
        }
        None
    }

    fn cell(&mut self) -> Result<(String, End), String> {
        let rest = &self.text[self.at..];
        let spaces = rest.len() - rest.trim_start_matches(' ').len();
        if rest[spaces..].starts_with('"') {
            self.at += spaces + 1;
            return self.quoted();
        }
        let separator = self.separator as char;
        let length = rest.find([separator, '\n', '\r']).unwrap_or(rest.len());
        self.at += length;
        Ok((rest[..length].trim().to_owned(), self.end().expect("a cell ends at a separator, a line end or the end")))
    }

    fn quoted(&mut self) -> Result<(String, End), String> {
        let mut cell = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(length) = rest.find('"') else {
                self.at = self.text.len();
                return Err("A quote is opened and never closed.".to_owned());
            };
            cell.push_str(&rest[..length]);
            self.at += length + 1;
            if !self.text[self.at..].starts_with('"') {
                break;
            }
            cell.push('"');
            self.at += 1;
        }
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches(' ').len();
        match self.end() {
            Some(end) => Ok((cell.trim().to_owned(), end)),
            None => Err("After a closing quote, something follows. A quote inside a cell must be doubled.".to_owned()),
        }
    }

    /// Steps over what ends a cell.
    fn end(&mut self) -> Option<End> {
        let bytes = &self.text.as_bytes()[self.at..];
        let (length, end) = match bytes {
            [] => (0, End::Row),
            [b'\r', b'\n', ..] => (2, End::Row),
            [b'\r' | b'\n', ..] => (1, End::Row),
            [byte, ..] if *byte == self.separator => (1, End::Cell),
            _ => return None,
        };
        self.at += length;
        Some(end)
    }

    fn skip_line(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.find('\n').map_or(rest.len(), |length| length + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, separator: char) -> (Vec<(u32, Vec<String>)>, Problems) {
        let mut problems = Problems::default();
        let records = records(text, separator, &mut problems);
        (records.into_iter().map(|record| (record.row, record.cells)).collect(), problems)
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_shows_them() {
        let (rows, problems) = read("a,b\r\n\r\n\"x\r\ny\",  \"say \"\"hi\"\"\" \n,,\n 1 ,2\n\n\n", ',');
        assert!(problems.is_empty());
        let expected = [(1, vec!["a", "b"]), (3, vec!["x\r\ny", "say \"hi\""]), (5, vec!["1", "2"])];
        assert_eq!(rows, expected.map(|(row, cells)| (row, cells.into_iter().map(str::to_owned).collect())));
        assert_eq!(read("a;b\rc;d", ';').0.len(), 2, "line ends of old machines");
        assert_eq!(read("a\tb \"c\"\t", '\t').0[0].1, ["a", "b \"c\"", ""]);
    }

    #[test]
    fn broken_rows_are_told_and_the_others_read() {
        let (rows, problems) = read("a\n\"b\"c\nd\n\"e\nf", ',');
        assert_eq!(rows.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [1, 3]);
        let problem = &problems.list()[0];
        assert_eq!((problem.code, problem.count), (ProblemCode::InvalidCsv, 2));
        assert_eq!((problem.samples[0].row, problem.samples[1].row), (Some(2), Some(4)));
    }

    #[test]
    fn a_told_separator_is_heard() {
        assert_eq!(told_separator("sep=;\r\nName;Email"), Some((';', "Name;Email")));
        assert_eq!(told_separator("sep=x\nName"), None);
        assert_eq!(told_separator("September,Email"), None);
    }
}
