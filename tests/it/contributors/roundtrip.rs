//! What is exported is imported without a difference, whatever people are called.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use throughline::people::csv;
use throughline::people::document::{AccountDecision, Attribute, Contributor};
use throughline::people::import::{Counts, Mode, Options};

use super::house::{House, author};

const WORLDS: u64 = 12;
const PEOPLE: usize = 30;
const TEXTS: &[&str] = &[
    "plain",
    "=1+1",
    "+49 30 1",
    "-5",
    "@all",
    "'=x",
    "''+y",
    "'tis",
    "a,b;c\td|e",
    "line\nbreak",
    "\"quoted\"",
    "\"",
    "sep=;",
    "Zoë",
    "007",
    "3,5",
    "true",
    "2026-01-02",
    "1e5",
    "ends with space ",
    "\tbegins with a tab",
    "名前",
    "",
];
const NAMES: &[&str] = &[
    "Level",
    "level",
    "Email",
    "Start Date",
    "a:number",
    "attribute:x",
    "account:y",
    "=sum",
    "github login",
    "Größe, cm",
];

fn contributor(random: &mut StdRng, number: usize) -> Contributor {
    let text = |random: &mut StdRng| (*TEXTS.choose(random).unwrap()).to_owned();
    let name = format!("{}{number}", text(random)).split_whitespace().collect::<Vec<_>>().join(" ");
    let count = random.random_range(0..3);
    let day = |random: &mut StdRng| {
        chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + chrono::TimeDelta::days(random.random_range(0..3000))
    };
    let starts = random.random_bool(0.5).then(|| day(random));
    let ends = random.random_bool(0.2).then(|| starts.unwrap_or_else(|| day(random)) + chrono::TimeDelta::days(400));
    let attributes: BTreeMap<String, Attribute> = NAMES
        .iter()
        .filter_map(|name| {
            let value = match random.random_range(0..8) {
                0 => Attribute::Number(random.random_range(-1e6..1e6)),
                1 => Attribute::Number(f64::from(random.random_range(-5..5_i32))),
                2 => Attribute::Date(day(random)),
                3 => Attribute::Boolean(random.random()),
                4 | 5 => Attribute::Text(text(random)),
                _ => return None,
            };
            Some(((*name).to_owned(), value))
        })
        .collect();
    Contributor {
        name,
        emails: (0..count).map(|i| format!("p{number}.{i}@example.com")).collect(),
        external_id: random.random_bool(0.7).then(|| format!("{number:04}")),
        attributes,
        starts,
        ends,
        is_bot: random.random_bool(0.1).then(|| random.random()),
        ..Contributor::default()
    }
}

#[tokio::test]
async fn what_is_exported_is_imported_without_a_difference() {
    for world in 0..WORLDS {
        let mut random = StdRng::seed_from_u64(world);
        let house = House::new().await;
        let mut people: Vec<Contributor> = (0..PEOPLE).map(|number| contributor(&mut random, number)).collect();
        for (number, person) in people.iter_mut().enumerate().skip(1) {
            if random.random_bool(0.8) {
                person.manager = Some(format!("c-{}", random.random_range(0..number)));
            }
        }
        // Someone was merged into another, and someone has an account by hand.
        people[PEOPLE - 1].merged_into = Some("c-1".to_owned());
        people[PEOPLE - 1].manager = Some("c-0".to_owned());
        let author = author();
        let changed = house.people.change(&author, "TEST", "a world", &house.seen, |draft, _| {
            for (number, person) in people.iter().enumerate() {
                draft.put(&format!("c-{number}"), person.clone());
            }
            let decision = AccountDecision { contributor: Some("c-3".to_owned()), ..AccountDecision::default() };
            draft.put("jira/blake", decision);
            Ok(())
        });
        changed.await.unwrap().unwrap();
        let file = csv::export(&*house.directory().await).unwrap();
        let shown = String::from_utf8_lossy(&file).into_owned();
        for mode in [Mode::Merge, Mode::Replace] {
            for attributes in [true, false] {
                let options = Options { attributes, effective_from: None };
                let preview = house.preview(&file, "export.csv", mode, options).await;
                assert_eq!(preview.errors, [], "world {world}\n{shown}");
                let same = Counts { unchanged: PEOPLE as u32 - 1, ..Counts::default() };
                assert_eq!(preview.counts, same, "world {world} {mode:?}: {:#?}\n{shown}", preview.changed);
            }
        }
    }
}

#[tokio::test]
async fn no_cell_of_an_export_is_a_formula() {
    let house = House::new().await;
    let people = "Name,Email,=cmd\n\"=HYPERLINK(\"\"http://x\"\")\",a@example.com,@SUM(1)\n+1,b@example.com,-x\n";
    house.import(people.as_bytes(), Mode::Merge).await;
    let file = String::from_utf8(csv::export(&*house.directory().await).unwrap()).unwrap();
    let mut reader =
        ::csv::ReaderBuilder::new().has_headers(false).from_reader(file.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let cells: Vec<&str> = rows.iter().flatten().collect();
    assert!(cells.contains(&"'=cmd") && cells.contains(&"'=HYPERLINK(\"http://x\")"), "{file}");
    assert!(cells.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{file}");
}

#[tokio::test]
async fn a_lake_is_filled_from_the_export_of_another() {
    let (one, other) = (House::new().await, House::new().await);
    one.import(include_bytes!("../../cases/people/csv/_team.csv"), Mode::Merge).await;
    let file = csv::export(&*one.directory().await).unwrap();
    other.import(&file, Mode::Replace).await;
    assert_eq!(one.directory().await.records.contributors, other.directory().await.records.contributors, "ids and all");
}
