//! Uploads, approvals and versions: nothing comes before an approval, and everything that was previewed with it.

use chrono::TimeDelta;
use futures::TryStreamExt;
use object_store::path::Path;
use throughline::lake::Lake;
use throughline::people::document::{Contributor, Membership, Memberships, OrgTree, Team};
use throughline::people::import::{self, Approved, Mode, Options, version};
use throughline::people::{Changed, Code};

use super::house::{House, author, now};

const TEAM: &[u8] = include_bytes!("../../cases/people/csv/_team.csv");
const WITH: Options = Options { attributes: true, effective_from: None };

async fn uploads(lake: &Lake) -> usize {
    let files: Vec<_> = lake.store().list(Some(&Path::from("people/imports"))).try_collect().await.unwrap();
    files.len()
}

async fn id_of(house: &House, email: &str) -> String {
    let directory = house.directory().await;
    let found = directory.records.contributors.iter().find(|(_, c)| c.emails.first().is_some_and(|e| e == email));
    found.unwrap_or_else(|| panic!("nobody has {email}")).0.clone()
}

async fn put(house: &House, work: impl Fn(&mut throughline::people::Draft)) {
    let (author, seen) = (author(), &house.seen);
    let changed = house.people.change(&author, "TEST", "by hand", seen, |draft, _| {
        work(draft);
        Ok(())
    });
    changed.await.unwrap().unwrap();
}

#[tokio::test]
async fn nothing_is_written_before_approval_and_any_server_can_approve() {
    let lake = Lake::open("memory:///").await.unwrap();
    let (one, other) = (House::at(&lake, now()), House::at(&lake, now()));
    let preview = one.preview(TEAM, "team.csv", Mode::Merge, WITH).await;
    let id = preview.id.unwrap();
    assert_eq!((preview.counts.added, preview.rows, uploads(&lake).await), (4, 4, 1));
    assert!(lake.refresh().await.unwrap().tables.is_empty(), "an upload is no change");

    let waiting = import::waiting(&other.people, &other.seen, &id).await.unwrap().unwrap();
    assert_eq!((waiting.counts, waiting.added), (preview.counts, preview.added.clone()));
    let Changed { outcome, seq, .. } = other.approve(&id).await.unwrap();
    let Approved { number, version } = outcome;
    assert_eq!((Some(number), version.mode.as_str(), version.added), (seq, "MERGE", 4));
    assert_eq!((version.origin.as_str(), uploads(&lake).await), ("team.csv", 0));
    let directory = one.directory().await;
    assert_eq!(directory.records.seq, 1, "one change, with its version");
    assert_eq!(directory.records.versions.len(), 1);
    for added in &preview.added {
        assert_eq!(directory.records.contributors[&added.id].name, added.name, "ids are those of the preview");
    }
    let again = one.approve(&id).await.unwrap_err();
    assert_eq!((again[0].code, again[0].field.as_deref()), (Code::Conflict, Some("id")));
    assert!(again[0].message.contains("version 1"), "{}", again[0].message);
}

#[tokio::test]
async fn a_file_with_errors_is_not_kept() {
    let house = House::new().await;
    let preview = house.preview(b"Name\nAvery\n", "short.csv", Mode::Merge, WITH).await;
    assert_eq!((preview.id, uploads(house.people.lake()).await), (None, 0));
    for id in ["i-000000000000", "../../tables/edits", "", "i-"] {
        assert_eq!(house.approve(id).await.unwrap_err()[0].code, Code::NotFound, "{id:?}");
        assert!(!import::discard(&house.people, id).await.unwrap());
    }
}

#[tokio::test]
async fn what_would_do_something_else_by_now_is_refused() {
    let house = House::new().await;
    house.import(TEAM, Mode::Merge).await;
    let file = b"Name,Email\nAvery Other,avery@example.com\n";
    let preview = house.preview(file, "a.csv", Mode::Merge, WITH).await;
    let id = preview.id.unwrap();
    let (avery, blake) = (id_of(&house, "avery@example.com").await, id_of(&house, "blake@example.com").await);
    put(&house, |draft| {
        let mut other = draft.get::<Contributor>(&blake).cloned().unwrap();
        other.name = "Blake Other".to_owned();
        draft.put(&blake, other);
    })
    .await;
    let waiting = import::waiting(&house.people, &house.seen, &id).await.unwrap().unwrap();
    assert_eq!(waiting.notices, Vec::<String>::new(), "what does not touch the import does not matter");
    put(&house, |draft| {
        let mut other = draft.get::<Contributor>(&avery).cloned().unwrap();
        other.external_id = Some("17".to_owned());
        draft.put(&avery, other);
    })
    .await;
    let waiting = import::waiting(&house.people, &house.seen, &id).await.unwrap().unwrap();
    assert!(waiting.notices[0].contains("another outcome"), "{:?}", waiting.notices);
    let before = house.directory().await.records.seq;
    assert_eq!(house.approve(&id).await.unwrap_err()[0].code, Code::PreviewOutOfDate);
    assert_eq!(house.directory().await.records.seq, before);
    assert!(import::discard(&house.people, &id).await.unwrap());
    assert_eq!(house.approve(&id).await.unwrap_err()[0].code, Code::NotFound);
}

#[tokio::test]
async fn of_two_approvals_at_once_one_is_made() {
    let lake = Lake::open("memory:///").await.unwrap();
    let (one, other) = (House::at(&lake, now()), House::at(&lake, now()));
    let preview = one.preview(TEAM, "team.csv", Mode::Merge, WITH).await;
    let id = preview.id.unwrap();
    let (a, b) = tokio::join!(one.approve(&id), other.approve(&id));
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1);
    assert_eq!(one.directory().await.records.seq, 1);
}

#[tokio::test]
async fn uploads_wait_for_a_week() {
    let lake = Lake::open("memory:///").await.unwrap();
    let house = House::at(&lake, now());
    let id = house.preview(TEAM, "team.csv", Mode::Merge, WITH).await.id.unwrap();
    let late = House::at(&lake, now() + TimeDelta::days(7) + TimeDelta::seconds(1));
    assert_eq!(late.approve(&id).await.unwrap_err()[0].code, Code::NotFound);
    // The store tells when it was written, by its own clock.
    let written = chrono::Utc::now();
    assert_eq!(import::sweep(&lake, written + TimeDelta::days(6)).await.unwrap(), 0);
    assert_eq!(import::sweep(&lake, written + TimeDelta::days(8)).await.unwrap(), 1);
    assert_eq!(uploads(&lake).await, 0);
}

#[tokio::test]
async fn the_preview_tells_whose_teams_change() {
    let house = House::new().await;
    house.import(TEAM, Mode::Merge).await;
    let casey = id_of(&house, "casey@example.com").await;
    let devon = id_of(&house, "devon@example.com").await;
    put(&house, |draft| {
        draft.put("o-1", OrgTree { name: "Teams".to_owned(), ..OrgTree::default() });
        let team = |name: &str| Team { tree: "o-1".to_owned(), name: name.to_owned(), ..Team::default() };
        draft.put("t-1", team("Payments"));
        draft.put("t-2", team("Search"));
        let member =
            |team: &str| Membership { team: team.to_owned(), from: None, to: None, shared: false, manual: true };
        draft.put(&casey, Memberships { spans: vec![member("t-1")] });
        draft.put(&devon, Memberships { spans: vec![member("t-1"), Membership { shared: true, ..member("t-2") }] });
    })
    .await;
    let file = b"Name,Email\nAvery Example,avery@example.com\nBlake Example,blake@example.com\nCasey Example,casey@example.com\n";
    let preview = house.preview(file, "three.csv", Mode::Replace, Options::default()).await;
    let teams: Vec<_> = preview.teams.iter().map(|team| (team.path.as_str(), team.joining, team.leaving)).collect();
    assert_eq!((teams, preview.counts.teams), (vec![("payments", 0, 1), ("search", 0, 1)], 2));
    assert!(preview.removed[0].left, "a former member stays as one");
    house.approve(preview.id.as_deref().unwrap()).await.unwrap();
    let directory = house.directory().await;
    let payments = &directory.team("t-1").unwrap().spans;
    let ends: Vec<_> = payments.iter().map(|span| span.to.map(|day| day.to_string())).collect();
    assert_eq!(payments.len(), 2);
    assert!(ends.contains(&None) && ends.contains(&Some("2026-06-15".to_owned())), "{ends:?}");

    // Who had left comes back with the whole set, at the place that was kept.
    let back = house.import(TEAM, Mode::Replace).await;
    assert_eq!((back.counts.changed, back.teams.len()), (1, 2));
    assert!(house.directory().await.team("t-1").unwrap().spans.iter().all(|span| span.to.is_none()));
}

#[tokio::test]
async fn versions_are_listed_set_against_each_other_and_put_back() {
    let house = House::new().await;
    house.import(TEAM, Mode::Merge).await;
    let file = b"Name,Email,Level\nAvery Example,avery@example.com,8\nEmery Example,emery@example.com,1\n";
    let second = house.import(file, Mode::Replace).await;
    assert_eq!((second.counts.added, second.counts.changed, second.counts.removed), (1, 1, 3));
    let records = house.directory().await.records.clone();
    let numbers: Vec<i64> = version::list(&records).iter().map(|version| version.number).collect();
    assert_eq!(numbers, [2, 1], "the newest first");

    let difference = async |from, to| version::difference(&house.people, from, to).await.unwrap();
    let changes = difference(1, Some(2)).await.unwrap();
    // Casey has an account and stays as one who has left; Blake has one by no rule, and goes with Devon.
    assert_eq!((changes.counts.added, changes.counts.changed, changes.counts.removed), (1, 2, 2));
    let fields = |email: &str| {
        let person = changes.changed.iter().find(|person| person.email.as_deref() == Some(email)).unwrap();
        person.fields.iter().map(|f| format!("{} {:?} {:?}", f.field, f.before, f.after)).collect::<Vec<_>>()
    };
    assert_eq!(
        fields("avery@example.com"),
        [r#"attribute:Department Some("Engineering") None"#, r#"attribute:Level Some("7") Some("8")"#]
    );
    assert_eq!(fields("casey@example.com"), [r#"endDate None Some("2026-06-14")"#]);
    assert_eq!(difference(7, None).await.unwrap_err()[0].code, Code::NotFound);

    let author = author();
    let restored = version::restore(&house.people, &house.seen, &author, 1).await.unwrap().unwrap();
    assert_eq!((restored.outcome.number, restored.outcome.version.mode.as_str()), (3, "RESTORE"));
    assert_eq!((restored.outcome.version.origin.as_str(), restored.outcome.version.added), ("1", 2));
    let same = difference(1, None).await.unwrap();
    assert_eq!((same.counts.added, same.counts.changed, same.counts.removed, same.counts.unchanged), (0, 0, 0, 4));
    let back = version::restore(&house.people, &house.seen, &author, 2).await.unwrap().unwrap();
    assert_eq!(back.seq, Some(4), "a restored version can be put back, too");
    assert_eq!(house.directory().await.records.contributors, records.contributors);
    let absent = version::restore(&house.people, &house.seen, &author, 9).await.unwrap().unwrap_err();
    assert_eq!(absent[0].code, Code::NotFound);
}
