//! A file by which a lake declares a metric of its own: how it is named, how large it may be, and what is wrong with it.
//! Where files lie and how often they are looked at is the doors' business; whether their SQL fits the fact, `query`'s.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use super::Metric;
use super::catalogue::interned;
use super::metric::{Denominator, Kind};
use super::words::words;

/// Metrics of its own that a lake may have.
pub const MOST_FILES: usize = 500;
/// Size of a file, in bytes.
pub const MOST_BYTES: u64 = 64 * 1024;
/// Length of a metric's name.
const MOST_NAME: usize = 64;
/// Length of a text that people read, in characters.
const MOST_TEXT: usize = 4_000;
/// Length of a piece of SQL, in characters.
const MOST_SQL: usize = 4_000;
/// Fields of pages that are no metrics.
const FIELDS: [&str; 2] = ["PERIOD", "OVERALL"];
/// Stages, counts, ratings of one metric, each.
const MOST_PARTS: usize = 20;

/// What became of a file.
#[derive(Debug, Clone, Serialize)]
pub struct DefinitionFile {
    /// Its name, relative to the folder of definitions of metrics.
    pub file: String,
    /// The metric that is in force by it.
    #[serde(serialize_with = "by_name")]
    pub metric: Option<&'static Metric>,
    pub status: Status,
    /// What is wrong with the file as it is now.
    pub fault: Option<Fault>,
    /// When the store says that it was written.
    pub changed_at: DateTime<Utc>,
}

/// What is wrong with a definition, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{}{reason}. {remedy}", .key.as_ref().map(|key| format!("{key}: ")).unwrap_or_default())]
pub struct Fault {
    /// The key in the file, such as `stages.2.from`; `None`: the file as a whole.
    pub key: Option<String>,
    pub reason: String,
    pub remedy: String,
}

words! {
    /// What became of a file of definitions.
    #[graphql(name = "DefinitionStatus")]
    Status {
        /// The metric is as the file says.
        InForce = "IN_FORCE",
        /// The file is wrong; the metric goes on as the file said before.
        OlderInForce = "OLDER_IN_FORCE",
        /// The file is wrong, and this server has not seen a good version of it: there is no such metric.
        Refused = "REFUSED",
    }
}

fn by_name<S: Serializer>(metric: &Option<&'static Metric>, serializer: S) -> Result<S::Ok, S::Error> {
    metric.map(|metric| &metric.name).serialize(serializer)
}

impl Fault {
    /// A fault of one key.
    pub fn of(key: impl Into<String>, reason: impl Into<String>, remedy: impl Into<String>) -> Fault {
        Fault { key: Some(key.into()), reason: sentence(reason.into()), remedy: remedy.into() }
    }

    /// A fault of the file as a whole.
    pub fn whole(reason: impl Into<String>, remedy: impl Into<String>) -> Fault {
        Fault { key: None, reason: sentence(reason.into()), remedy: remedy.into() }
    }
}

/// What a piece of SQL stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A time of the row.
    Instant,
    /// Whether a row counts.
    Condition,
    /// A number of the row.
    Number,
    /// A whole number that rows are put together by.
    Key,
    /// A number of all rows.
    Aggregate,
}

/// Every piece of SQL of a metric, with its key in the declaration.
pub fn expressions(metric: &Metric) -> Vec<(String, &str, Role)> {
    let mut all = vec![("time".to_owned(), metric.time.as_str(), Role::Instant)];
    match metric.filters.as_slice() {
        [only] => all.push(("filter".to_owned(), &only.keep, Role::Condition)),
        several => all.extend(several.iter().enumerate().map(|(place, filter)| {
            // In the order of the declaration; `filter` comes last.
            (format!("filters.{}.keep", place + 1), filter.keep.as_str(), Role::Condition)
        })),
    }
    match &metric.kind {
        Kind::Duration { from, to, stages, .. } => {
            all.push(("from".to_owned(), from, Role::Instant));
            all.push(("to".to_owned(), to, Role::Instant));
            for stage in stages {
                all.push((format!("stages.{}.from", stage.name), &stage.from, Role::Instant));
                all.push((format!("stages.{}.to", stage.name), &stage.to, Role::Instant));
            }
        }
        Kind::Formula { numerator, denominator, known, .. } => {
            all.extend(known.as_deref().map(|sql| ("known".to_owned(), sql, Role::Aggregate)));
            all.push(("numerator".to_owned(), numerator, Role::Aggregate));
            if let Denominator::Aggregate(sql) = denominator {
                all.push(("denominator".to_owned(), sql, Role::Aggregate));
            }
        }
        Kind::Shares { of, weight } => {
            all.push(("of".to_owned(), of, Role::Key));
            all.push(("weight".to_owned(), weight, Role::Number));
        }
    }
    for count in &metric.counts {
        let key = |key: &str| format!("counts.{}.{key}", count.name);
        all.push((key("value"), &count.value, Role::Aggregate));
        all.extend(count.time.as_deref().map(|sql| (key("time"), sql, Role::Instant)));
        all.extend(count.filter.as_deref().map(|sql| (key("filter"), sql, Role::Condition)));
    }
    all
}

/// Reads a definition. What needs the fact to be judged is not looked at.
///
/// # Errors
/// What is wrong with it; the first of several.
pub fn read(file: &str, bytes: &[u8]) -> Result<&'static Metric, Fault> {
    let name = name(file)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(too_large(bytes.len() as u64));
    }
    let text = std::str::from_utf8(bytes).map_err(|wrong| {
        Fault::whole(format!("not UTF-8 from byte {} on", wrong.valid_up_to()), "Save the file as UTF-8.")
    })?;
    if super::metric(&name).is_some() {
        let remedy = "Call the file otherwise: what a built-in metric means cannot be changed.";
        return Err(Fault::whole(format!("{name} is a built-in metric"), remedy));
    }
    // A fault keeps its key, and nothing else is an error of the closure.
    let metric = interned(&name, text, || Ok(checked(parsed(&name, text)?)?));
    metric.map_err(|error| match error.downcast::<Fault>() {
        Ok(fault) => fault,
        Err(other) => Fault::whole(format!("{other:#}"), REMEDY),
    })
}

/// A file that is refused unread.
pub fn too_large(bytes: u64) -> Fault {
    Fault::whole(format!("{bytes} bytes; a definition has {MOST_BYTES} at most"), "Shorten it.")
}

/// A file beyond the most that a lake may have.
pub fn too_many() -> Fault {
    let remedy = "Remove some: of more, the first by name count.";
    Fault::whole(format!("more than {MOST_FILES} files of definitions"), remedy)
}

const REMEDY: &str = "Compare it with the entries of schema/metrics/ in the source of Throughline.";

/// Whether a text could be the UPPER_SNAKE name of a metric.
pub fn is_name(text: &str) -> bool {
    // Each part begins with a letter, so that names in camel case are as distinct as these.
    let plain = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_uppercase())
            && part.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    text.len() <= MOST_NAME
        && text.split('_').all(plain)
        && !["TRUE", "FALSE", "NULL"].contains(&text)
        && !FIELDS.contains(&text)
}

/// The metric's name by its file's: `review_wait.toml` is REVIEW_WAIT.
fn name(file: &str) -> Result<String, Fault> {
    let remedy = "Call it like review_wait.toml: small letters a to z, digits and single underscores, each part beginning \
                  with a letter, right in the folder.";
    let stem = file.strip_suffix(".toml").unwrap_or(file);
    if stem.len() > MOST_NAME {
        return Err(Fault::whole(format!("a name of {} letters; {MOST_NAME} at most", stem.len()), remedy));
    }
    if stem.contains(|c: char| c.is_ascii_uppercase()) || !is_name(&stem.to_uppercase()) {
        return Err(Fault::whole(format!("{file:?} does not name a metric"), remedy));
    }
    Ok(stem.to_uppercase())
}

fn parsed(name: &str, text: &str) -> Result<Metric, Fault> {
    Metric::parse(name, text).map_err(|error| {
        // Where TOML itself or the types of its values are wrong, the error knows the place, else it begins with the key.
        if let Some(wrong) = error.chain().find_map(|link| link.downcast_ref::<toml::de::Error>()) {
            return of_toml(text, wrong);
        }
        let said = format!("{error:#}");
        match said.split_once(": ") {
            Some((key, reason)) if is_key(key) => Fault::of(key, reason, REMEDY),
            _ => Fault::whole(said, REMEDY),
        }
    })
}

fn of_toml(text: &str, wrong: &toml::de::Error) -> Fault {
    let message = wrong.message().lines().collect::<Vec<_>>().join(" ");
    if let Some(key) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        return Fault::of(key, "missing", format!("Give {key}. {REMEDY}"));
    }
    let unknown = message.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`'));
    let place = wrong.span().map(|span| place(text, span.start));
    let line = place.as_ref().map(|(line, _)| format!(" (line {line})")).unwrap_or_default();
    let key = match (unknown, place) {
        (Some((key, _)), _) => Some(key.to_owned()),
        (None, Some((_, key))) => key,
        (None, None) => None,
    };
    let reason = sentence(format!("{message}{line}"));
    Fault { key, reason, remedy: REMEDY.to_owned() }
}

/// The number of the line at an offset, from 1, and the key that the line is about.
fn place(text: &str, offset: usize) -> (usize, Option<String>) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count();
    let key = |line: &str| line.split_once('=').map(|(key, _)| key.trim().to_owned()).filter(|key| is_key(key));
    // A value may go over many lines.
    let of_lines = text.lines().take(line + 1).filter_map(key).last();
    (line + 1, of_lines)
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

/// What a lake's own definition must keep to, besides what every definition does.
fn checked(metric: Metric) -> Result<Metric, Fault> {
    let texts = [
        ("title", &metric.title),
        ("description", &metric.description),
        ("definition", &metric.definition),
        ("source", &metric.source),
    ];
    for (key, text) in texts {
        if text.trim().is_empty() {
            return Err(Fault::of(key, "empty", "Say it in a sentence: people see it wherever the metric stands."));
        }
        at_most(key, text, MOST_TEXT)?;
    }
    for (key, sql, _) in expressions(&metric) {
        at_most(&key, sql, MOST_SQL)?;
    }
    named("stages", metric.stages().iter().map(|stage| &stage.name))?;
    named("counts", metric.counts.iter().map(|count| &count.name))?;
    let parts = [("stages", metric.stages().len()), ("counts", metric.counts.len()), ("ratings", metric.ratings.len())];
    if let Some((key, many)) = parts.into_iter().find(|(_, many)| *many > MOST_PARTS) {
        return Err(Fault::of(key, format!("{many} of them; {MOST_PARTS} at most"), "Leave some out."));
    }
    for table in &metric.needs {
        if super::table(table).is_none() {
            let known: Vec<_> = super::tables().iter().map(|table| table.name.as_str()).collect();
            return Err(Fault::of("needs", format!("no table {table:?}"), format!("There are {}.", known.join(", "))));
        }
    }
    if super::fact(&metric.fact).is_none_or(|fact| fact.internal) {
        let facts = super::facts().iter().filter(|fact| !fact.internal).map(|fact| fact.name.as_str());
        let known = facts.collect::<Vec<_>>().join(", ");
        return Err(Fault::of("fact", format!("no fact {:?}", metric.fact), format!("There are {known}.")));
    }
    if let Some(other) = &metric.absent_where_zero
        && super::metric(&other.metric).is_none()
    {
        let reason = format!("no built-in metric {:?}", other.metric);
        return Err(Fault::of("absent_where_zero.metric", reason, "Name a built-in metric that explains the absence."));
    }
    Ok(metric)
}

/// Names of parts become names of columns and of values.
fn named<'n>(key: &str, names: impl Iterator<Item = &'n String>) -> Result<(), Fault> {
    let mut known = BTreeSet::new();
    for name in names {
        let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && name.len() <= MOST_NAME;
        if !plain {
            let remedy =
                format!("Letters a to z, digits and underscores, {MOST_NAME} at most, beginning with a letter.");
            return Err(Fault::of(key, format!("{name:?} is no name"), remedy));
        }
        if !known.insert(name.to_lowercase()) {
            return Err(Fault::of(key, format!("{name:?} is named twice"), "Give each a name of its own."));
        }
    }
    Ok(())
}

fn at_most(key: &str, text: &str, most: usize) -> Result<(), Fault> {
    let length = text.chars().count();
    match length > most {
        true => Err(Fault::of(key, format!("{length} characters; {most} at most"), "Shorten it.")),
        false => Ok(()),
    }
}

/// Without a full stop, since a remedy follows.
fn sentence(text: String) -> String {
    text.trim().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = include_str!("../../tests/cases/definitions/review_wait.toml");

    fn fault(text: &str) -> (Option<String>, String) {
        let fault = read("own.toml", text.as_bytes()).expect_err(text);
        assert!(!fault.remedy.is_empty());
        (fault.key, fault.reason)
    }

    #[test]
    fn a_file_names_its_metric() {
        assert_eq!(read("review_wait2.toml", TEXT.as_bytes()).expect("good").name, "REVIEW_WAIT2");
        for wrong in ["Wait.toml", "a__b.toml", "_a.toml", "a_2.toml", "2a.toml", "x/y.toml", "true.toml", ".toml"] {
            let fault = read(wrong, TEXT.as_bytes()).expect_err(wrong);
            assert!(fault.key.is_none() && fault.remedy.contains("review_wait.toml"), "{wrong}: {fault}");
        }
        let long = format!("{}.toml", "a".repeat(65));
        assert!(read(&long, TEXT.as_bytes()).expect_err("long").reason.contains("65"));
        let taken = read("change_failure_rate.toml", TEXT.as_bytes()).expect_err("taken");
        assert_eq!(taken.reason, "CHANGE_FAILURE_RATE is a built-in metric");
    }

    #[test]
    fn a_fault_names_the_key() {
        let key = |text: &str| fault(text).0;
        let other = |line: &str, with: &str| {
            assert!(TEXT.contains(line), "{line}");
            TEXT.replacen(line, with, 1)
        };
        assert_eq!(key(&other("title =", "titel =")).as_deref(), Some("titel"));
        assert_eq!(key(&other("unit = \"SECONDS\"", "unit = \"YEARS\"")).as_deref(), Some("unit"));
        assert_eq!(key(&other("unit = \"SECONDS\"", "")), Some("unit".to_owned()));
        assert_eq!(key(&other("unit = \"SECONDS\"", "unit = SECONDS")), Some("unit".to_owned()));
        assert_eq!(key(&other("kind = \"duration\"", "kind = \"length\"")).as_deref(), Some("kind"));
        assert_eq!(key(&other("fact = \"changes\"", "fact = \"ancestry\"")).as_deref(), Some("fact"));
        assert_eq!(key(&other("needs = [", "needs = [\"nothing\", ")).as_deref(), Some("needs"));
        assert_eq!(key("").as_deref(), Some("title"));
        let (key, reason) = fault(&other("better = \"LOWER\"", "better = 3"));
        assert!(key.as_deref() == Some("better") && reason.contains("(line "), "{key:?} {reason}");
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let long = TEXT.replacen("title = \"", &format!("title = \"{}", "x".repeat(5_000)), 1);
        assert_eq!(
            fault(&long),
            (Some("title".to_owned()), format!("{} characters; 4000 at most", 5_000 + "Wait for merge".len()))
        );
        let large = format!("{TEXT}\n# {}", "x".repeat(MOST_BYTES as usize));
        assert!(fault(&large).1.ends_with("65536 at most"));
        assert_eq!(read("own.toml", b"title = \"\xff\"").expect_err("no text").reason, "not UTF-8 from byte 9 on");
    }
}
