//! Org trees follow imports, in the same change.

use chrono::NaiveDate;
use throughline::people::document::OrgTree;
use throughline::people::import::{Mode, Options};

use super::house::{House, author};

const WITH: Options = Options { attributes: true, effective_from: None };

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Paths of teams that are open today, with the names of their direct members on a day.
async fn teams(house: &House, day: NaiveDate) -> Vec<(String, Vec<String>)> {
    let directory = house.directory().await;
    let open = directory.org.teams.iter().filter(|team| !team.closed);
    open.map(|team| {
        let on =
            team.spans.iter().filter(|span| span.from.is_none_or(|f| f <= day) && span.to.is_none_or(|to| to > day));
        let mut names: Vec<_> = on.map(|span| directory.resolved.people[span.person].name.clone()).collect();
        names.sort();
        (team.path.clone(), names)
    })
    .collect()
}

#[tokio::test]
async fn teams_are_built_with_the_import_and_move_with_the_next() {
    let house = House::new().await;
    let tree = OrgTree { name: "Org".to_owned(), levels: vec!["Department".to_owned()], ..OrgTree::default() };
    let author = author();
    let changed = house.people.change(&author, "TEST", "a tree", &house.seen, |draft, _| {
        draft.put("o-1", tree.clone());
        Ok(())
    });
    changed.await.unwrap().unwrap();
    let first = "Name,Email,Department\nAvery,avery@example.com,Shop\nBlake,blake@example.com,Shop\nCasey,casey@example.com,Money\n";
    let preview = house.preview(first.as_bytes(), "a.csv", Mode::Merge, WITH).await;
    let shown: Vec<_> = preview.teams.iter().map(|t| (t.path.as_str(), t.added, t.joining, t.leaving)).collect();
    assert_eq!(shown, [("money", true, 1, 0), ("shop", true, 2, 0)]);
    let made = house.approve(preview.id.as_deref().unwrap()).await.unwrap();
    assert_eq!(made.seq, Some(2), "contributors, version and teams are one change");
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let expected =
        |money: &[&str], shop: &[&str]| vec![("money".to_owned(), names(money)), ("shop".to_owned(), names(shop))];
    assert_eq!(teams(&house, day("2026-06-15")).await, expected(&["Casey"], &["Avery", "Blake"]));

    // Blake changes on a day; what was before it stays.
    let second = "Name,Email,Department\nBlake,blake@example.com,Money\n";
    let options = Options { effective_from: Some(day("2026-06-01")), ..WITH };
    let preview = house.preview(second.as_bytes(), "b.csv", Mode::Merge, options).await;
    let shown: Vec<_> = preview.teams.iter().map(|t| (t.path.as_str(), t.added, t.joining, t.leaving)).collect();
    assert_eq!(shown, [("money", false, 1, 0), ("shop", false, 0, 1)]);
    house.approve(preview.id.as_deref().unwrap()).await.unwrap();
    assert_eq!(teams(&house, day("2026-05-31")).await, expected(&["Casey"], &["Avery", "Blake"]));
    assert_eq!(teams(&house, day("2026-06-01")).await, expected(&["Blake", "Casey"], &["Avery"]));
}
