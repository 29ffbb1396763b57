//! Files and what an import makes of them: each `tests/cases/people/csv/<case>.csv` beside a `.toml` that says it. Files whose
//! names begin with `_` are imported before a case.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use throughline::people::csv::Problem;
use throughline::people::document::Contributor;
use throughline::people::import::{Mode, Options, Preview};

use super::house::House;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(default)]
    mode: Option<Mode>,
    #[serde(default)]
    attributes: bool,
    /// The file to import first.
    before: Option<String>,
    /// Added, changed, removed, unchanged.
    counts: Option<[u32; 4]>,
    #[serde(default)]
    errors: Vec<Wrong>,
    /// A part of a notice each, in order; left out: there is none.
    #[serde(default)]
    notices: Vec<String>,
    /// Column -> field, for those that matter.
    #[serde(default)]
    columns: BTreeMap<String, String>,
    /// Contributors after the approval, for those that matter.
    #[serde(default)]
    people: Vec<Expected>,
    /// Names of those that are removed; with "left" behind the name, of those who stay as people who have left.
    #[serde(default)]
    removed: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrong {
    code: String,
    count: u32,
    /// As `row column: value`, for the first ones.
    #[serde(default)]
    samples: Vec<String>,
}

/// What is said of a contributor; left out: it is not looked at. `""`: there must be none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    email: String,
    name: Option<String>,
    emails: Option<Vec<String>>,
    employee_id: Option<String>,
    /// E-mail address.
    manager: Option<String>,
    starts: Option<String>,
    /// The day after the last one.
    ends: Option<String>,
    is_bot: Option<bool>,
    /// `source/login`
    accounts: Option<Vec<String>>,
    /// Values as `type value`.
    attributes: Option<BTreeMap<String, String>>,
}

#[tokio::test]
async fn files_are_read_as_their_cases_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/people/csv");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert!(names.len() > 35, "only {} cases", names.len());
    let mut codes = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    for name in names {
        let case = std::fs::read_to_string(folder.join(format!("{name}.toml"))).unwrap();
        let case: Case = toml::from_str(&case).unwrap_or_else(|error| panic!("{name}.toml: {error}"));
        codes.extend(case.errors.iter().map(|error| error.code.clone()));
        let faults = check(&folder, &name, &case).await;
        wrong.extend(faults.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(codes.len(), 9, "every kind of error has a case: {codes:?}");
}

async fn check(folder: &Path, name: &str, case: &Case) -> Vec<String> {
    let read = |name: &str| std::fs::read(folder.join(format!("{name}.csv"))).unwrap();
    let house = House::new().await;
    if let Some(before) = &case.before {
        house.import(&read(before), Mode::Merge).await;
    }
    let options = Options { attributes: case.attributes, effective_from: None };
    let mode = case.mode.unwrap_or(Mode::Merge);
    let preview = house.preview(&read(name), &format!("{name}.csv"), mode, options).await;
    let mut wrong = Vec::new();
    let mut same = |what: &str, found: String, expected: String| {
        if found != expected {
            wrong.push(format!("{what}:\n  found    {found}\n  expected {expected}"));
        }
    };
    let counts = preview.counts;
    if let Some(expected) = case.counts {
        let found = [counts.added, counts.changed, counts.removed, counts.unchanged];
        same("counts", format!("{found:?}"), format!("{expected:?}"));
    }
    let found: Vec<_> = preview.errors.iter().map(|problem| shown(problem, &case.errors)).collect();
    let expected: Vec<_> =
        case.errors.iter().map(|error| format!("{} x{} {:?}", error.code, error.count, error.samples)).collect();
    same("errors", found.join("\n"), expected.join("\n"));
    let fits = preview.notices.len() == case.notices.len()
        && preview.notices.iter().zip(&case.notices).all(|(notice, part)| notice.contains(part));
    if !fits {
        same("notices", format!("{:?}", preview.notices), format!("{:?}", case.notices));
    }
    for (column, field) in &case.columns {
        let found = preview.columns.iter().find(|found| found.name == *column);
        same(
            "column",
            format!("{:?}", found.map(|found| found.field.as_deref().unwrap_or(""))),
            format!("{:?}", Some(field)),
        );
    }
    let removed: Vec<_> = preview
        .removed
        .iter()
        .map(|person| if person.left { format!("{} left", person.name) } else { person.name.clone() })
        .collect();
    same("removed", format!("{removed:?}"), format!("{:?}", case.removed));
    match (&preview.id, preview.errors.is_empty()) {
        (Some(id), true) => {
            house.approve(id).await.unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
            people(&house, &preview, case, &mut same).await;
        }
        (None, false) => assert_eq!(house.directory().await.records.seq, i64::from(case.before.is_some()), "{name}"),
        _ => same("id", format!("{:?}", preview.id), "one where there are no errors".to_owned()),
    }
    wrong
}

/// As a case writes it, with as many samples.
fn shown(problem: &Problem, expected: &[Wrong]) -> String {
    let code = problem.code.word();
    let most = expected.iter().find(|error| error.code == code).map_or(1, |error| error.samples.len());
    let samples: Vec<_> = problem
        .samples
        .iter()
        .take(most)
        .map(|sample| {
            let row = sample.row.map_or("file".to_owned(), |row| row.to_string());
            match (&sample.column, &sample.value) {
                (Some(column), Some(value)) => format!("{row} {column}: {value}"),
                _ => row,
            }
        })
        .collect();
    format!("{code} x{} {samples:?}", problem.count)
}

async fn people(house: &House, preview: &Preview, case: &Case, same: &mut impl FnMut(&str, String, String)) {
    let directory = house.directory().await;
    let contributors = &directory.records.contributors;
    assert!(directory.records.versions.values().any(|version| version.rows == u64::from(preview.rows)));
    for expected in &case.people {
        let found = contributors.iter().find(|(_, contributor)| contributor.emails.contains(&expected.email));
        let Some((id, found)) = found else {
            same("contributor", "nobody".to_owned(), expected.email.clone());
            continue;
        };
        let found: &Contributor = found;
        let mut text = |what: &str, found: Option<String>, wanted: &Option<String>| {
            if let Some(wanted) = wanted {
                same(
                    &format!("{} {what}", expected.email),
                    format!("{:?}", found.unwrap_or_default()),
                    format!("{wanted:?}"),
                );
            }
        };
        text("name", Some(found.name.clone()), &expected.name);
        text("emails", Some(found.emails.join(" ")), &expected.emails.as_ref().map(|emails| emails.join(" ")));
        text("employee id", found.external_id.clone(), &expected.employee_id);
        let manager = found.manager.as_ref().map(|id| contributors[id].emails[0].clone());
        text("manager", manager, &expected.manager);
        text("starts", found.starts.map(|day| day.to_string()), &expected.starts);
        text("ends", found.ends.map(|day| day.to_string()), &expected.ends);
        text("is bot", found.is_bot.map(|is| is.to_string()), &expected.is_bot.map(|is| is.to_string()));
        let person = directory.person(id).unwrap();
        let accounts = person.accounts.iter().map(|index| &directory.resolved.accounts[*index].seen);
        let accounts: Vec<_> = accounts.map(|seen| format!("{}/{}", seen.source, seen.login)).collect();
        text("accounts", Some(accounts.join(" ")), &expected.accounts.as_ref().map(|accounts| accounts.join(" ")));
        if let Some(wanted) = &expected.attributes {
            let kind = |value| throughline::people::csv::Type::of(value).word();
            let shown: BTreeMap<_, _> = found
                .attributes
                .iter()
                .map(|(name, value)| (name.clone(), format!("{} {}", kind(value), value.cell())))
                .collect();
            same(&format!("{} attributes", expected.email), format!("{shown:?}"), format!("{wanted:?}"));
        }
    }
}
