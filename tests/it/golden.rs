//! Golden cases: every `tests/cases/graphql/**/*.graphql` is asked of a real server, and its answer held against the
//! `.json` beside it. Variables stand in `<case>.vars.json`. A case is asked of the sample company, unless a comment
//! line `# lake: <folder>` names a folder of CSV files, relative to the case. `# now: <time>` sets the server's clock;
//! lines `# set: <TOML>` are a settings file, of which the time zone and the calendar are taken; with a line
//! `# people: sample` the sample company has its contributors and teams; `# profiles: <file>` names a document beside the
//! case that is applied first.
//!
//! `BLESS=1` rewrites the expected answers. A number is blessed only after it was computed another way; the
//! arithmetic stands in the case's comments.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use throughline::clock::Clock;
use throughline::config::{Config, Sources};

use crate::company;
use crate::server::Server;

/// Where the sample company's half year lies well behind, on a Friday.
pub const NOW: &str = "2026-07-10T00:00:00Z";
/// Servers that run side by side.
const LAKES_AT_ONCE: usize = 4;

/// What a server is made of: its lake, the time, settings, whether it has the sample's people, and a document that is applied.
type Place = (Option<PathBuf>, String, String, bool, Option<PathBuf>);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn golden_cases() {
    let cases = Case::all(Path::new("tests/cases/graphql"));
    assert!(cases.len() > 60, "only {} cases found", cases.len());
    let mut by_lake: BTreeMap<Place, Vec<Case>> = BTreeMap::new();
    for case in cases {
        let place =
            (case.lake.clone(), case.now.clone(), case.settings.clone(), case.has_people, case.document.clone());
        by_lake.entry(place).or_default().push(case);
    }
    // Spawned when its turn comes, so that lakes are worked on in parallel, but only a few at once.
    let groups = (by_lake.into_iter()).map(|(place, cases)| async { tokio::spawn(check_all(place, cases)).await });
    let faults: Vec<Vec<String>> = stream::iter(groups)
        .buffered(LAKES_AT_ONCE)
        .map(|faults| faults.expect("the cases of a lake are asked"))
        .collect()
        .await;
    let faults = faults.concat();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Asks all cases of one lake, of a server of its own.
async fn check_all((lake, now, settings, has_people, document): Place, cases: Vec<Case>) -> Vec<String> {
    let clock = Clock::Fixed(now.parse().expect("`# now:` is an RFC 3339 time"));
    // Taken in at the end of the story: a case may ask as of an earlier time, and intake refuses rows of the future.
    let end: DateTime<Utc> = NOW.parse().expect("NOW is an RFC 3339 time");
    let taken_in = Clock::Fixed(clock.now().max(end));
    let lake = match lake {
        None => company::sample(taken_in).await,
        Some(folder) => company::of_csv(&folder, taken_in).await,
    };
    let file = Some(("# set:".to_owned(), settings));
    let set = Config::resolve(&Sources { file, ..Sources::default() }).expect("`# set:` is a settings file");
    let change =
        |config: &mut Config| (config.clock, config.timezone, config.calendar) = (clock, set.timezone, set.calendar);
    let server = Server::start_with(lake, change).await;
    if has_people {
        server.app.make_sample_people().await.expect("the sample's people");
    }
    if let Some(document) = document {
        apply(&server, &document).await;
    }
    let mut faults = Vec::new();
    for case in cases {
        faults.extend(check(&server, &case).await);
    }
    faults
}

/// Applies a document, as `throughline apply` does.
async fn apply(server: &Server, document: &Path) {
    let text = std::fs::read_to_string(document).expect("a document is UTF-8");
    let apply = "mutation($document: String!) { applyDocument(input: { document: $document }) { userErrors { field message } } }";
    let answer = server.graphql(apply, json!({ "document": text })).await;
    assert_eq!(answer["data"]["applyDocument"]["userErrors"], json!([]), "{}: {answer}", document.display());
}

/// Asks one case; returns what is wrong with the answer, one line each, in the words of the case's file.
async fn check(server: &Server, case: &Case) -> Vec<String> {
    let answer = server.graphql(&case.query, case.variables.clone()).await;
    if std::env::var_os("BLESS").is_some() {
        let text = serde_json::to_string_pretty(&answer).expect("an answer is JSON");
        std::fs::write(case.file.with_extension("json"), text + "\n").expect("tests/cases can be written");
        return Vec::new();
    }
    let mut faults = Vec::new();
    compare("", &case.expected, &answer, &mut faults);
    faults.into_iter().map(|fault| format!("{}: {fault}", case.file.display())).collect()
}

struct Case {
    file: PathBuf,
    query: String,
    variables: Value,
    expected: Value,
    /// Folder of CSV files; `None`: the sample company.
    lake: Option<PathBuf>,
    now: String,
    has_people: bool,
    /// File of a document that is applied first.
    document: Option<PathBuf>,
    /// TOML; empty: the defaults.
    settings: String,
}

impl Case {
    /// Every case below a folder, sorted by path.
    fn all(folder: &Path) -> Vec<Case> {
        let mut cases = Vec::new();
        for entry in std::fs::read_dir(folder).expect("the folder of cases") {
            let path = entry.expect("an entry of the folder").path();
            if path.is_dir() {
                cases.extend(Case::all(&path));
            } else if path.extension().is_some_and(|e| e == "graphql") {
                cases.push(Case::read(path));
            }
        }
        cases.sort_by(|a, b| a.file.cmp(&b.file));
        cases
    }

    fn read(file: PathBuf) -> Case {
        let query = std::fs::read_to_string(&file).expect("a case is UTF-8");
        let told =
            |key: &str| query.lines().find_map(|line| line.strip_prefix(&format!("# {key}: ")).map(str::to_owned));
        let read = |extension: &str| {
            let text = std::fs::read_to_string(file.with_extension(extension)).ok()?;
            Some(serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {extension}: {e}", file.display())))
        };
        Case {
            lake: told("lake").map(|lake| file.parent().expect("a case lies in a folder").join(lake)),
            settings: query.lines().filter_map(|line| line.strip_prefix("# set: ")).collect::<Vec<_>>().join("\n"),
            has_people: told("people").is_some(),
            document: told("profiles").map(|name| file.with_file_name(name)),
            now: told("now").unwrap_or_else(|| NOW.to_owned()),
            variables: read("vars.json").unwrap_or_else(|| json!({})),
            // A case without an answer fails, unless it is being blessed.
            expected: read("json").unwrap_or(Value::Null),
            query,
            file,
        }
    }
}

/// Adds a line for every place at which `actual` differs. Numbers may differ by 1e-9 of themselves; the order of keys
/// is not looked at.
pub fn compare(place: &str, expected: &Value, actual: &Value, faults: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(e), Value::Object(a)) => {
            for (key, value) in e {
                match a.get(key) {
                    Some(found) => compare(&format!("{place}.{key}"), value, found, faults),
                    None => faults.push(format!("{place}.{key} is missing")),
                }
            }
            for key in a.keys().filter(|key| !e.contains_key(*key)) {
                faults.push(format!("{place}.{key} is not expected: {}", a[key]));
            }
        }
        (Value::Array(e), Value::Array(a)) => {
            for (i, (value, found)) in e.iter().zip(a).enumerate() {
                compare(&format!("{place}[{i}]"), value, found, faults);
            }
            if e.len() != a.len() {
                faults.push(format!("{place}: expected {} items, found {}", e.len(), a.len()));
            }
        }
        (Value::Number(e), Value::Number(a)) => {
            let (e, a) = (e.as_f64().unwrap_or(f64::NAN), a.as_f64().unwrap_or(f64::NAN));
            let is_close = (e - a).abs() <= 1e-9 * e.abs();
            if !is_close {
                faults.push(format!("{place}: expected {e}, found {a}"));
            }
        }
        _ if expected == actual => {}
        _ => faults.push(format!("{place}: expected {expected}, found {actual}")),
    }
}

#[test]
fn the_comparison_sees_every_difference() {
    let differ = |expected: Value, actual: Value| {
        let mut faults = Vec::new();
        compare("", &expected, &actual, &mut faults);
        faults
    };
    assert_eq!(differ(json!({"a": [1, null]}), json!({"a": [1.0, null]})), Vec::<String>::new());
    assert_eq!(differ(json!(0.1), json!(0.1 + 1e-12)), Vec::<String>::new());
    assert_eq!(differ(json!({"a": 1}), json!({"a": 1.000001})), [".a: expected 1, found 1.000001"]);
    assert_eq!(differ(json!({"a": null}), json!({"a": 0})), [".a: expected null, found 0"]);
    assert_eq!(differ(json!({"a": 0}), json!({})), [".a is missing"]);
    assert_eq!(differ(json!({}), json!({"errors": []})), [".errors is not expected: []"]);
    assert_eq!(differ(json!([1, 2]), json!([1])), [": expected 2 items, found 1"]);
}
