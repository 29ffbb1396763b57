//! Cells that a spreadsheet would take for a formula. Whoever writes a name may write `=HYPERLINK(...)`, and whoever opens the
//! export would run it. An apostrophe before it makes it text; reading takes the apostrophe away again.

use std::borrow::Cow;

/// What a formula may begin with.
const BEGINNINGS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The cell with an apostrophe before it where it needs one.
pub fn neutral(cell: &str) -> Cow<'_, str> {
    if is_risky(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// The cell as it was before [`neutral`].
pub fn original(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_risky(rest)).unwrap_or(cell)
}

/// With apostrophes before it, it is what this file made of such a cell, and must get one more to be told from it.
fn is_risky(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(BEGINNINGS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text_and_come_back() {
        for cell in ["=1+1", "+49 30 1", "-5", "@all", "\tx", "\rx", "'=1", "''@x", "'quoted'", "plain", "", "'"] {
            let written = neutral(cell);
            assert_eq!(original(&written), cell);
            assert!(!written.starts_with(BEGINNINGS), "{written:?}");
        }
        assert_eq!(neutral("O'Neill"), "O'Neill");
        assert_eq!(neutral("'tis"), "'tis");
    }
}
