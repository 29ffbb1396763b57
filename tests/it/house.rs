//! Imports go down only: a door may use a room, a room the ground, and never the other way round or across.

use std::path::{Path, PathBuf};

use regex::Regex;

/// Each floor's modules and what they may import beside themselves. The roof (everything not named here) sees all.
const FLOORS: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("model", &["clock"]),
    ("lake", &["clock", "model"]),
    ("query", &["clock", "model", "lake"]),
    ("people", &["clock", "model", "lake"]),
    ("intake", &["clock", "model", "lake"]),
    ("sources", &["clock", "model", "lake"]),
    ("api", &["clock", "model", "lake", "query", "people", "intake", "sources"]),
];

#[test]
fn imports_go_down_only() {
    let import = Regex::new(r"crate::(?:\{([^}]*)\}|([a-z_]+))").unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (floor, below) in FLOORS {
        for file in files(&source, floor) {
            seen += 1;
            let text = std::fs::read_to_string(&file).unwrap();
            for found in import.captures_iter(&text) {
                let names = found.get(1).or(found.get(2)).unwrap().as_str();
                for name in names.split(',').map(|name| name.trim().split("::").next().unwrap_or_default()) {
                    if !name.is_empty() && name != *floor && !below.contains(&name) {
                        wrong.push(format!("{}: crate::{name}", file.strip_prefix(&source).unwrap().display()));
                    }
                }
            }
        }
    }
    assert!(seen > 50, "only {seen} files looked at");
    assert!(wrong.is_empty(), "imports that do not go down:\n{}", wrong.join("\n"));
}

fn files(source: &Path, floor: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![source.join(floor)];
    let file = source.join(format!("{floor}.rs"));
    found.extend(file.exists().then_some(file));
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    found
}
