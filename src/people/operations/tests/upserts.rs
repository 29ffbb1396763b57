//! Contributors made and changed, by cases.

use chrono::NaiveDate;

use super::*;
use crate::people::document::Attribute;

fn named(name: &str, email: &str) -> ContributorInput {
    ContributorInput { name: Some(name.into()), emails: Some(vec![email.into()]), ..Default::default() }
}

fn day(text: &str) -> Option<Option<NaiveDate>> {
    Some(Some(text.parse().expect("a day")))
}

#[test]
fn contributors_are_told_by_id_external_id_and_address() {
    let mut world =
        World::default().account("forge", "ann", "", "ann@home.example").account("chat", "bob", "Bob Birch", "");
    let external = |id: &str, input: ContributorInput| ContributorInput { external_id: Some(Some(id.into())), ..input };
    let inputs = [external("E1", named(" Ann  Applewick ", " ANN@acme.example ")), named("Cleo", "cleo@acme.example")];
    let made = world.must(|d, r| upsert(d, r, &inputs));
    assert!(made.iter().all(|made| made.effect == Effect::Created && made.id.starts_with("c-")));
    let ann = made[0].id.clone();
    let document = &world.records.contributors[&ann];
    assert_eq!(
        (document.name.as_str(), document.emails.as_slice()),
        ("Ann Applewick", ["ann@acme.example".to_owned()].as_slice())
    );

    let again = world.must(|d, r| upsert(d, r, &inputs));
    assert!(again.iter().zip(&made).all(|(again, made)| again.id == made.id && again.effect == Effect::Unchanged));
    let moved = external("E1", named("Ann Birch", "ann@home.example"));
    let changed = world.must(|d, r| upsert_one(d, r, &moved));
    assert_eq!(changed, Upserted { id: ann.clone(), effect: Effect::Changed });
    assert_eq!(world.of("forge", "ann").0, ann, "her new address has an account");
    let input = ContributorInput { id: Some("account:chat/bob".into()), ..Default::default() };
    let bob = world.must(|d, r| upsert_one(d, r, &input));
    assert_eq!((bob.effect, world.of("chat", "bob").0), (Effect::Created, bob.id.clone()));
    assert_eq!(world.records.contributors[&bob.id].name, "Bob Birch");
}

#[test]
fn values_are_set_kept_and_taken_away() {
    let mut world = World::default().contributor("c-1", "One", &["one@acme.example"]);
    let set = |name: &str, value| BTreeMap::from([(name.to_owned(), value)]);
    let input = |input: ContributorInput| ContributorInput { id: Some("c-1".into()), ..input };
    let attributes = set("level", Some(Attribute::Number(3.0)));
    let full =
        ContributorInput { starts: day("2024-01-01"), ends: day("2025-01-01"), attributes, ..Default::default() };
    world.must(|d, r| upsert_one(d, r, &input(full)));
    world.must(|d, r| upsert_one(d, r, &input(ContributorInput { ends: Some(None), ..Default::default() })));
    let document = world.records.contributors["c-1"].clone();
    assert_eq!((document.starts, document.ends), (day("2024-01-01").flatten(), None));
    assert_eq!((document.attributes.len(), document.emails.len()), (1, 1));
    world.must(|d, r| {
        upsert_one(d, r, &input(ContributorInput { attributes: set("level", None), ..Default::default() }))
    });
    assert!(world.records.contributors["c-1"].attributes.is_empty());

    let faults = |wrong: ContributorInput| world.faults(|d, r| upsert_one(d, r, &input(wrong)));
    let invalid = |field: &str| [(Code::InvalidValue, format!("input.{field}"))];
    assert_eq!(faults(ContributorInput { ends: day("2024-01-01"), ..Default::default() }), invalid("ends"));
    assert_eq!(
        faults(ContributorInput { emails: Some(vec!["a b@c".into()]), ..Default::default() }),
        invalid("emails")
    );
    let nan = set("x", Some(Attribute::Number(f64::NAN)));
    assert_eq!(faults(ContributorInput { attributes: nan, ..Default::default() }), invalid("attributes"));
    let blank = set(" ", Some(Attribute::Boolean(true)));
    assert_eq!(faults(ContributorInput { attributes: blank, ..Default::default() }), invalid("attributes"));
    let no_name = faults(ContributorInput { name: Some("  ".into()), ..Default::default() });
    assert_eq!(no_name, [(Code::RequiredValueMissing, "input.name".into())]);
}

#[test]
fn addresses_and_external_ids_are_one_contributors() {
    let world = World::default()
        .contributor("c-1", "One", &["one@acme.example"])
        .contributor("c-2", "Two", &["two@acme.example"])
        .with("c-2", |two| two.external_id = Some("E2".into()));
    let of = |id: &str, emails: &[&str]| ContributorInput {
        id: Some(id.into()),
        emails: Some(emails.iter().map(|email| (*email).to_owned()).collect()),
        ..Default::default()
    };
    let faults = |inputs: &[ContributorInput]| world.faults(|d, r| upsert(d, r, inputs));
    assert_eq!(faults(&[of("c-1", &["TWO@acme.example"])]), [(Code::DuplicateEmail, "input[0].emails".into())]);
    let mut swapped = world.clone();
    swapped.must(|d, r| upsert(d, r, &[of("c-1", &["two@acme.example"]), of("c-2", &["one@acme.example"])]));
    assert_eq!(swapped.records.contributors["c-1"].emails, ["two@acme.example"], "an exchange in one call is none");
    let both_new = [named("A", "new@acme.example"), named("B", "new@acme.example")];
    assert_eq!(faults(&both_new).len(), 2);
    let external = ContributorInput { external_id: Some(Some(" E2 ".into())), ..of("c-1", &["one@acme.example"]) };
    assert_eq!(faults(&[external]), [(Code::DuplicateKey, "input[0].externalId".into())]);
    let twice = [of("c-1", &["one@acme.example"]), named("One", "one@acme.example")];
    assert_eq!(faults(&twice), [(Code::Conflict, "input[1]".into())]);
    assert_eq!(faults(&[of("c-9", &[])]), [(Code::NotFound, "input[0].id".into())]);
    assert_eq!(faults(&[named("", "x@acme.example")]), [(Code::RequiredValueMissing, "input[0].name".into())]);
}

#[test]
fn managers_come_in_the_same_call_and_make_no_circles() {
    let mut world = World::default().contributor("c-1", "One", &["one@acme.example"]).account("chat", "boss", "", "");
    let under =
        |manager: &str, input: ContributorInput| ContributorInput { manager: Some(Some(manager.into())), ..input };
    let inputs = [
        under("two@acme.example", named("Three", "three@acme.example")),
        under("c-1", named("Two", "Two@acme.example")),
        under("account:chat/boss", ContributorInput { id: Some("c-1".into()), ..Default::default() }),
    ];
    let made = world.must(|d, r| upsert(d, r, &inputs));
    let directory = world.directory();
    let manager =
        |id: &str| directory.person(id).and_then(|p| p.manager).map(|m| directory.resolved.people[m].id.clone());
    assert_eq!(manager(&made[0].id), Some(made[1].id.clone()));
    assert_eq!(manager(&made[1].id), Some("c-1".into()));
    assert_eq!(manager("c-1"), Some(world.of("chat", "boss").0));
    let one_under = |manager: &str| [under(manager, ContributorInput { id: Some("c-1".into()), ..Default::default() })];
    let faults = |inputs: &[ContributorInput]| world.faults(|d, r| upsert(d, r, inputs));
    assert_eq!(faults(&one_under("three@acme.example")), [(Code::CircularReference, "input[0].manager".into())]);
    assert_eq!(faults(&one_under("c-1")), [(Code::CircularReference, "input[0].manager".into())]);
    assert_eq!(faults(&one_under("nobody@acme.example")), [(Code::ManagerNotFound, "input[0].manager".into())]);
    let none = ContributorInput { id: Some("c-1".into()), manager: Some(None), ..Default::default() };
    world.must(|d, r| upsert_one(d, r, &none));
    assert_eq!(world.records.contributors["c-1"].manager, None);
}

#[test]
fn ten_thousand_go_in_one_call_and_not_one_more() {
    let input = |n: usize| {
        let manager = (n > 0).then(|| format!("p{}@acme.example", (n - 1) / 8));
        ContributorInput { manager: Some(manager), ..named(&format!("Person {n}"), &format!("p{n}@acme.example")) }
    };
    let inputs: Vec<ContributorInput> = (0..=MOST).map(input).collect();
    let mut world = World::default();
    assert_eq!(world.faults(|d, r| upsert(d, r, &inputs)), [(Code::TooMany, "input".into())]);
    let directory = world.directory();
    let mut draft = Draft::new(Arc::clone(&directory.records));
    let started = std::time::Instant::now();
    upsert(&mut draft, &directory, &inputs[..MOST]).expect("goes well");
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
    world.records = draft.records().clone();
    let deepest = world.resolved();
    assert_eq!(deepest.people.iter().filter(|person| person.manager.is_none()).count(), 1);
}
