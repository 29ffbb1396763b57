//! Invented names, from syllables. Nobody and nothing real is meant.

use super::random::mix;

const FIRST: [&str; 24] = [
    "ar", "be", "ca", "do", "el", "fa", "gi", "ha", "io", "ju", "ka", "lu", "ma", "ne", "or", "pi", "qua", "ri", "so",
    "ta", "ul", "vi", "wen", "ze",
];
const LAST: [&str; 20] = [
    "bel", "dan", "dor", "fen", "gar", "lan", "lis", "mir", "mon", "nar", "nis", "ral", "ren", "sen", "tan", "tor",
    "val", "ven", "vor", "zin",
];
const TRADES: [&str; 16] = [
    "api", "gateway", "worker", "web", "ledger", "search", "billing", "catalog", "events", "identity", "mail",
    "pricing", "reports", "router", "stock", "sync",
];
const VERBS: [&str; 14] = [
    "Add", "Rework", "Simplify", "Support", "Speed up", "Validate", "Log", "Cache", "Split", "Rename", "Guard",
    "Expose", "Document", "Test",
];
const THINGS: [&str; 18] = [
    "the retry policy",
    "pagination",
    "the order form",
    "currency rounding",
    "session handling",
    "the import job",
    "request limits",
    "the audit trail",
    "e-mail templates",
    "the address check",
    "feature flags",
    "the price table",
    "error messages",
    "the nightly export",
    "connection reuse",
    "the search index",
    "access rules",
    "date parsing",
];

fn word(n: u64, salt: u64) -> String {
    let draw = mix(0x6e61_6d65, n, salt);
    let first = FIRST[draw as usize % FIRST.len()];
    format!("{first}{}", LAST[(draw >> 20) as usize % LAST.len()])
}

/// A word with a capital.
fn proper(n: u64, salt: u64) -> String {
    let word = word(n, salt);
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Given and family name of the `n`th person.
pub fn person(n: usize) -> (String, String) {
    let family = format!("{}{}", proper(n as u64, 2), LAST[mix(7, n as u64, 3) as usize % LAST.len()]);
    (proper(n as u64, 1), family)
}

/// Name of the `n`th service; the number keeps names distinct.
pub fn service(n: usize) -> String {
    let trade = TRADES[mix(9, n as u64, 5) as usize % TRADES.len()];
    format!("{}-{trade}-{}", word(n as u64, 4), n + 1)
}

/// Name of the `n`th project.
pub fn project(n: usize) -> String {
    format!("{} {}", proper(n as u64, 6), n + 1)
}

/// Name of the `n`th division of the organisation.
pub fn division(n: usize) -> String {
    const FIELDS: [&str; 10] =
        ["Commerce", "Platform", "Payments", "Logistics", "Insight", "Mobility", "Media", "Retail", "Security", "Care"];
    let field = FIELDS[n % FIELDS.len()];
    if n < FIELDS.len() { field.to_owned() } else { format!("{field} {}", n / FIELDS.len() + 1) }
}

/// Key of the `n`th tracker project, such as "VALA": letters only and distinct.
pub fn key(n: usize) -> String {
    let mut rest = n;
    let mut letters = word(n as u64, 8).to_uppercase();
    letters.truncate(2);
    for _ in 0..3 {
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters
}

/// A title for work, from a draw.
pub fn title(draw: u64) -> String {
    format!("{} {}", VERBS[draw as usize % VERBS.len()], THINGS[(draw >> 24) as usize % THINGS.len()])
}

/// A file path, from a draw.
pub fn path(draw: u64) -> String {
    const FOLDERS: [&str; 6] = ["src", "src/core", "src/http", "src/store", "tests", "docs"];
    let folder = FOLDERS[draw as usize % FOLDERS.len()];
    let ending = if folder == "docs" { "md" } else { "rs" };
    format!("{folder}/{}.{ending}", word(draw >> 40 & 0xff, 9))
}
