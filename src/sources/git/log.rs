//! Reads `git log` with line counts, commit by commit.
//!
//! The format is NUL-separated throughout: a record begins with a token of one byte 1, then a fixed number of fields,
//! then the line counts. Neither a field nor a path can hold a NUL, and a line count begins with a digit or `-`, so
//! nothing in a message or a path is mistaken for structure. Text that is not UTF-8 is read with replacement
//! characters.

use anyhow::{Context, Result, bail};

use super::command::{LocalClone, Tokens};

/// `git log --format`: marker, sha, parents, author's e-mail and name by mailmap, author time and its zone, committer
/// time, message.
const FORMAT: &str = "--format=%x01%x00%H%x00%P%x00%aE%x00%aN%x00%at%x00%ai%x00%ct%x00%B";
const FIELDS: usize = 8;
const MARKER: &[u8] = b"\x01";
/// Messages are cut after this many bytes.
const LONGEST_MESSAGE: usize = 8_192;
/// The times that the lake takes, in seconds since 1970: to the end of 2199.
pub const TIMES: std::ops::Range<i64> = 0..7_258_118_400;

/// One commit. Times are seconds UTC.
#[derive(Debug, PartialEq, Eq)]
pub struct Commit {
    pub sha: String,
    pub parents: Vec<String>,
    /// E-mail in lower case; the name where there is none.
    pub author: String,
    pub author_name: String,
    /// `None`: git has no usable time.
    pub authored: Option<i64>,
    pub offset_minutes: Option<i64>,
    pub committed: Option<i64>,
    pub message: String,
    /// Empty for merges unless asked for.
    pub files: Vec<File>,
}

/// What a commit did to one file. Counts are none for binary files.
#[derive(Debug, PartialEq, Eq)]
pub struct File {
    pub path: String,
    pub previous: Option<String>,
    pub additions: Option<i64>,
    pub deletions: Option<i64>,
}

/// Which commits to read.
pub struct Range<'a> {
    /// Revisions and options that choose commits, such as `--all`.
    pub from: &'a [&'a str],
    /// Shas whose history is left out.
    pub without: &'a [String],
    /// Whether to count lines.
    pub files: bool,
}

/// A running `git log`.
pub struct Log {
    tokens: Tokens,
    /// Whether the next record's marker was read already.
    at_marker: bool,
}

impl Commit {
    /// When the commit happened for the lake: its commit time, else its author time.
    pub fn time(&self) -> Option<i64> {
        self.committed.or(self.authored)
    }

    /// Lines added and deleted in all files that have lines.
    pub fn lines(&self) -> (i64, i64) {
        let sum = |of: fn(&File) -> Option<i64>| self.files.iter().filter_map(of).sum();
        (sum(|file| file.additions), sum(|file| file.deletions))
    }
}

impl Log {
    /// Starts reading, oldest first.
    pub fn open(clone: &LocalClone, range: &Range<'_>) -> Result<Log> {
        let mut arguments =
            vec!["log", "-z", "--reverse", "--no-color", "--no-notes", "--no-decorate", FORMAT, "--stdin"];
        if range.files {
            arguments.extend(["--numstat", "-M", "--no-ext-diff", "--no-textconv"]);
        }
        arguments.extend(range.from);
        let without: String = range.without.iter().map(|sha| format!("^{sha}\n")).collect();
        Ok(Log { tokens: clone.tokens(&arguments, without)?, at_marker: false })
    }

    /// The next commit; none at the end.
    pub async fn next(&mut self) -> Result<Option<Commit>> {
        while !self.at_marker {
            match self.tokens.next().await? {
                None => return Ok(None),
                Some(token) if strip(token).is_empty() => {}
                Some(token) if strip(token) == MARKER => self.at_marker = true,
                Some(token) => bail!("git log: unexpected {:?}", String::from_utf8_lossy(token)),
            }
        }
        self.at_marker = false;
        let mut fields: Vec<String> = Vec::with_capacity(FIELDS);
        for _ in 0..FIELDS {
            let token = self.tokens.next().await?.context("git log ended within a commit")?;
            fields.push(String::from_utf8_lossy(token).into_owned());
        }
        let mut commit = header(fields)?;
        while let Some(token) = self.tokens.next().await? {
            let token = strip(token);
            if token == MARKER {
                self.at_marker = true;
                break;
            }
            if token.is_empty() {
                continue;
            }
            let (additions, deletions, path) = counts(token)?;
            let mut file = File { path, previous: None, additions, deletions };
            if file.path.is_empty() {
                // Renamed: the two paths follow.
                let mut path = async || -> Result<String> {
                    let token = self.tokens.next().await?.context("git log ended within a rename")?;
                    Ok(String::from_utf8_lossy(token).into_owned())
                };
                (file.previous, file.path) = (Some(path().await?), path().await?);
            }
            commit.files.push(file);
        }
        Ok(Some(commit))
    }
}

fn header(fields: Vec<String>) -> Result<Commit> {
    let [sha, parents, email, name, authored, zoned, committed, message]: [String; FIELDS] =
        fields.try_into().ok().context("git log: fields are missing")?;
    let time = |text: &str| text.parse::<i64>().ok().filter(|at| TIMES.contains(at));
    let author = match (email.trim(), name.trim()) {
        ("", "") => "unknown".to_owned(),
        ("", name) => name.to_lowercase(),
        (email, _) => email.to_lowercase(),
    };
    let (authored, committed) = (time(&authored), time(&committed));
    Ok(Commit {
        parents: parents.split_whitespace().map(str::to_owned).collect(),
        author,
        author_name: name,
        authored: authored.or(committed),
        offset_minutes: offset(&zoned).filter(|_| authored.is_some()),
        committed,
        message: shorten(message),
        files: Vec::new(),
        sha,
    })
}

/// Minutes from "2026-01-31 09:00:00 +0530"; none where they are no real zone.
fn offset(zoned: &str) -> Option<i64> {
    let zone = zoned.rsplit(' ').next()?;
    let number: i64 = zone.strip_prefix(['+', '-'])?.parse().ok()?;
    let minutes = number / 100 * 60 + number % 100;
    (number % 100 < 60 && minutes <= 15 * 60).then_some(if zone.starts_with('-') { -minutes } else { minutes })
}

fn shorten(mut message: String) -> String {
    let mut end = message.len().min(LONGEST_MESSAGE);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    message.truncate(end);
    message.truncate(message.trim_end().len());
    message
}

/// Before a commit's first line count, git prints a line end.
fn strip(token: &[u8]) -> &[u8] {
    token.strip_prefix(b"\n").unwrap_or(token)
}

/// "12<tab>3<tab>path"; "-" for binary files; an empty path for renames.
fn counts(token: &[u8]) -> Result<(Option<i64>, Option<i64>, String)> {
    let mut parts = token.splitn(3, |byte| *byte == b'\t').map(String::from_utf8_lossy);
    let (Some(additions), Some(deletions), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
        bail!("git log: no line count in {:?}", String::from_utf8_lossy(token));
    };
    let count = |text: &str| if text == "-" { Ok(None) } else { text.parse().map(Some) };
    let context = || format!("git log: no line count in {:?}", String::from_utf8_lossy(token));
    Ok((count(&additions).with_context(context)?, count(&deletions).with_context(context)?, path.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_minutes_or_nothing() {
        assert_eq!(offset("2026-01-31 09:00:00 +0530"), Some(330));
        assert_eq!(offset("2026-01-31 09:00:00 -0800"), Some(-480));
        assert_eq!(offset("2026-01-31 09:00:00 +51800"), None);
        assert_eq!(offset(""), None);
    }

    #[test]
    fn a_path_may_hold_tabs() {
        assert_eq!(counts(b"1\t2\ta\tb").expect("counts"), (Some(1), Some(2), "a\tb".to_owned()));
        assert_eq!(counts(b"-\t-\tx.png").expect("counts"), (None, None, "x.png".to_owned()));
        assert!(counts(b"warning").is_err());
    }

    #[test]
    fn long_messages_are_cut_between_characters() {
        let short = shorten("é".repeat(LONGEST_MESSAGE));
        assert_eq!(short.len(), LONGEST_MESSAGE);
        assert!(shorten(format!("a{}", "é".repeat(LONGEST_MESSAGE))).len() < LONGEST_MESSAGE);
    }
}
