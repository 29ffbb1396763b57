//! Merging, splitting, giving, locking, deleting: by cases.

use super::*;
use crate::people::directory::Rule;
use crate::people::document::{Membership, Memberships, OrgTree, Rules, Team};

fn company() -> World {
    World::default()
        .contributor("c-ann", "Ann Applewick", &["ann@acme.example"])
        .contributor("c-bob", "Bob Birch", &["bob@acme.example"])
        .account("forge", "ann", "Ann Applewick", "ann@acme.example")
        .account("git", "ann@home.example", "ann", "")
        .account("chat", "annie", "Annie", "ann@home.example")
        .account("forge", "bob", "", "bob@acme.example")
        .account("forge", "cleo", "Cleo Cray", "cleo@home.example")
}

#[test]
fn detected_people_are_registered_when_merged_and_stay_registered_after() {
    let mut world = company();
    let merged = world.must(|d, r| merge(d, r, "c-ann", &ids(&["account:git/ann@home.example"])));
    assert_eq!(merged, "c-ann");
    assert_eq!(world.of("chat", "annie").0, "c-ann");
    let directory = world.directory();
    let ann = directory.person("c-ann").expect("Ann");
    assert_eq!(ann.emails, ["ann@acme.example", "ann@home.example"]);
    let other = ann.merged[0].clone();
    assert_eq!(directory.person("account:chat/annie").expect("found by account").id, "c-ann");
    world.must(|d, r| merge(d, r, &other, &ids(&["c-ann", "account:chat/annie"])));
    assert_eq!(world.directory().person("c-ann").expect("Ann").id, "c-ann", "who is one stays one");
    world.must(|d, r| unmerge(d, r, &other));
    assert_eq!(world.of("git", "ann@home.example"), (other.clone(), Rule::Manual));
    assert_eq!(world.of("chat", "annie").0, other);
    assert_eq!(world.of("forge", "ann").0, "c-ann");
}

#[test]
fn merges_that_cannot_be_are_refused() {
    let reports_to =
        |manager: &'static str| move |c: &mut crate::people::document::Contributor| c.manager = Some(manager.into());
    let world = company()
        .contributor("c-top", "Top", &[])
        .with("c-ann", reports_to("c-bob"))
        .with("c-bob", reports_to("c-top"));
    let faults = |into: &str, from: &[&str]| world.faults(|d, r| merge(d, r, into, &ids(from)));
    assert_eq!(faults("c-top", &["c-ann"]), [(Code::CircularReference, "from".into())]);
    assert_eq!(faults("c-no", &["c-ann", "c-nor"]).len(), 2);
    let locked = world.clone().with("c-bob", |bob| bob.locked = true);
    let refused = locked.faults(|d, r| merge(d, r, "c-ann", &ids(&["c-bob"])));
    assert_eq!(refused, [(Code::Locked, "from[0]".into())]);
    assert_eq!(world.faults(|d, r| unmerge(d, r, "c-ann")), [(Code::Conflict, "id".into())]);
    assert_eq!(world.faults(|d, r| unmerge(d, r, "account:forge/cleo")), [(Code::Conflict, "id".into())]);
    let mut direct = world;
    direct.must(|d, r| merge(d, r, "c-bob", &ids(&["c-ann"])));
    let bob = direct.directory();
    assert_eq!(bob.person("c-ann").and_then(|p| p.manager), bob.resolved.by_id.get("c-top").copied());
}

#[test]
fn managers_changed_since_a_merge_may_forbid_to_take_it_back() {
    let mut world =
        World::default().contributor("c-a", "A", &[]).contributor("c-c", "C", &[]).contributor("c-y", "Y", &[]);
    world = world.contributor("c-x", "X", &[]).contributor("c-z", "Z", &[]);
    let manager = |world: &mut World, id: &str, manager: &str| {
        let input = ContributorInput { id: Some(id.into()), manager: Some(Some(manager.into())), ..Default::default() };
        world.must(|d, r| upsert_one(d, r, &input));
    };
    manager(&mut world, "c-a", "c-x");
    manager(&mut world, "c-c", "c-y");
    manager(&mut world, "c-z", "c-a");
    let before = world.clone();
    manager(&mut world, "c-z", "c-c");
    world.must(|d, r| merge(d, r, "c-a", &ids(&["c-c"])));
    manager(&mut world, "c-y", "c-z");
    let faults = world.faults(|d, r| unmerge(d, r, "c-c"));
    assert_eq!(faults, [(Code::CircularReference, "id".to_owned())]);
    assert!(documents(&before.records) != documents(&world.records));
}

#[test]
fn addresses_go_back_with_whose_they_were() {
    let mut world = company();
    world.must(|d, r| merge(d, r, "c-ann", &ids(&["c-bob"])));
    let emails = Some(vec!["bob@acme.example".into(), "ann@acme.example".into()]);
    let input = ContributorInput { id: Some("c-ann".into()), emails, ..Default::default() };
    world.must(|d, r| upsert_one(d, r, &input));
    assert_eq!(world.directory().person("c-ann").expect("Ann").emails[0], "bob@acme.example", "the main one now");
    world.must(|d, r| unmerge(d, r, "c-bob"));
    let directory = world.directory();
    let emails = |id: &str| directory.person(id).expect("there").emails.clone();
    assert_eq!((emails("c-ann"), emails("c-bob")), (vec!["ann@acme.example".into()], vec!["bob@acme.example".into()]));
}

#[test]
fn a_split_takes_accounts_and_their_addresses_and_leaves_the_rest() {
    let mut world = company().account("review", "ann", "", "").same_logins(&["forge", "review"]);
    world = world.with("c-ann", |ann| ann.emails.push("ann@home.example".into()));
    let before = (world.owners(), world.sets());
    assert!(before.0.values().filter(|id| *id == "c-ann").count() == 4);
    let split_off = accounts(&[("git", "ann@home.example"), ("chat", "annie")]);
    let new = world.must(|d, r| split(d, r, &split_off, Some(" Annie Other ")));
    let directory = world.directory();
    let other = directory.person(&new).expect("the new one");
    assert_eq!(
        (other.name.as_str(), other.emails.as_slice(), other.accounts.len()),
        ("Annie Other", ["ann@home.example".to_owned()].as_slice(), 2)
    );
    assert_eq!(directory.person("c-ann").expect("Ann").emails, ["ann@acme.example"]);
    assert_eq!(world.of("review", "ann"), ("c-ann".into(), Rule::Manual), "what hung on a login stays");
    world.must(|d, r| merge(d, r, "c-ann", &ids(&[&new])));
    assert_eq!((world.owners(), world.sets()), before);

    // The main address stays, and with it what it matches.
    let mut world = company().account("git", "ann@acme.example", "", "");
    let new = world.must(|d, r| split(d, r, &accounts(&[("forge", "ann")]), None));
    assert_eq!(world.of("git", "ann@acme.example"), ("c-ann".into(), Rule::Email));
    assert_eq!(world.directory().person(&new).expect("the new one").name, "Ann Applewick");
}

#[test]
fn a_detected_person_is_registered_to_be_split() {
    let mut world = company();
    let new = world.must(|d, r| split(d, r, &accounts(&[("chat", "annie")]), None));
    let (rest, rule) = world.of("git", "ann@home.example");
    assert!(rest.starts_with("c-") && rest != new && rule == Rule::Manual);
    assert_eq!(world.of("chat", "annie").0, new);
    let faults = |list: &[(&str, &str)]| company().faults(|d, r| split(d, r, &accounts(list), None));
    assert_eq!(faults(&[("forge", "cleo")]), [(Code::Conflict, "accounts".into())]);
    assert_eq!(faults(&[]), [(Code::RequiredValueMissing, "accounts".into())]);
    assert_eq!(faults(&[("forge", "ann"), ("forge", "bob")]), [(Code::Conflict, "accounts[1]".into())]);
    assert_eq!(faults(&[("forge", "nobody")]), [(Code::NotFound, "accounts[0]".into())]);
}

#[test]
fn accounts_are_given_set_alone_and_left_to_the_rules_again() {
    let mut world = company();
    let before = (documents(&world.records), world.owners());
    let git = accounts(&[("git", "ann@home.example")]);
    assert_eq!(world.must(|d, r| assign(d, r, &git, "c-ann")), "c-ann");
    assert_eq!(world.of("git", "ann@home.example"), ("c-ann".into(), Rule::Manual));
    assert_eq!(world.of("chat", "annie"), ("c-ann".into(), Rule::Email), "tied by its address");
    world.must(|d, r| set_alone(d, r, &git));
    assert_eq!(world.of("git", "ann@home.example"), ("account:git/ann@home.example".into(), Rule::Manual));
    assert!(!world.resolved().is_pending(world.resolved().account("git", "ann@home.example").expect("there")));
    world.must(|d, r| clear(d, r, &git));
    assert_eq!((documents(&world.records), world.owners()), before);
    let to_detected = world.must(|d, r| assign(d, r, &accounts(&[("forge", "bob")]), "account:forge/cleo"));
    assert_eq!((world.of("forge", "bob").0, world.of("forge", "cleo").0), (to_detected.clone(), to_detected));
    let faults = |list: &[(&str, &str)], to: &str| company().faults(|d, r| assign(d, r, &accounts(list), to));
    assert_eq!(faults(&[("forge", "Ann")], "c-ann"), [(Code::NotFound, "accounts[0]".into())]);
    assert_eq!(faults(&[("forge", "ann")], "c-no"), [(Code::NotFound, "contributor".into())]);
}

#[test]
fn locking_keeps_what_is_there() {
    let mut world = company();
    let before = documents(&world.records);
    world.must(|d, r| lock(d, r, &ids(&["c-ann"])));
    assert_eq!(world.of("forge", "ann"), ("c-ann".into(), Rule::Manual));
    world = world.account("desk", "ann", "", "ann@acme.example");
    assert_eq!(world.of("desk", "ann").0, "account:desk/ann");
    let refused = [(Code::Locked, "accounts[0]".to_owned())];
    assert_eq!(world.faults(|d, r| assign(d, r, &accounts(&[("forge", "ann")]), "c-bob")), refused);
    assert_eq!(world.faults(|d, r| set_alone(d, r, &accounts(&[("forge", "ann")]))), refused);
    assert_eq!(world.faults(|d, r| split(d, r, &accounts(&[("forge", "ann")]), None)), refused);
    let into_locked = world.faults(|d, r| assign(d, r, &accounts(&[("forge", "bob")]), "c-ann"));
    assert_eq!(into_locked, [(Code::Locked, "contributor".into())]);
    assert_eq!(world.faults(|d, r| delete(d, r, &ids(&["c-ann"]))), [(Code::Locked, "ids[0]".into())]);
    world.must(|d, r| unlock(d, r, &ids(&["c-ann"])));
    assert_eq!(documents(&world.records), before);
    assert_eq!(world.of("desk", "ann").0, "c-ann");
    let cleo = world.must(|d, r| lock(d, r, &ids(&["account:forge/cleo"]))).remove(0);
    assert!(world.directory().person(&cleo).is_some_and(|person| person.locked && person.registered));
}

#[test]
fn bots_are_said_by_hand() {
    let mut world = company();
    let before = documents(&world.records);
    world.must(|d, r| set_bot(d, r, &ids(&["c-ann"]), Some(true)));
    assert!(world.directory().person("c-ann").is_some_and(|person| person.is_bot));
    world.must(|d, r| set_account_bot(d, r, &accounts(&[("forge", "bob")]), Some(true)));
    assert!(world.directory().person("c-bob").is_some_and(|person| person.is_bot), "its only account is one");
    assert!(world.must(|d, r| set_bot(d, r, &ids(&["account:forge/cleo"]), None)).is_empty());
    world.must(|d, r| set_bot(d, r, &ids(&["c-ann"]), None));
    world.must(|d, r| set_account_bot(d, r, &accounts(&[("forge", "bob")]), None));
    assert_eq!(documents(&world.records), before);
    let twice = ids(&["account:git/ann@home.example", "account:chat/annie"]);
    let registered = world.must(|d, r| set_bot(d, r, &twice, Some(true)));
    assert_eq!(registered[0], registered[1]);
    world = world.account("tracker", "annie", "", "ann@home.example");
    assert!(
        world.directory().person("account:tracker/annie").is_some_and(|person| person.is_bot),
        "accounts to come too"
    );
}

#[test]
fn who_is_deleted_can_be_brought_back() {
    let span = |team: &str| Membership { team: team.into(), from: None, to: None, shared: false, manual: true };
    let mut world = company()
        .contributor("c-old", "Ann Old", &["old@acme.example"])
        .with("c-old", |old| old.merged_into = Some("c-ann".into()))
        .with("c-bob", |bob| bob.manager = Some("c-old".into()))
        .given("forge", "cleo", "c-old");
    let team = Team { tree: "o-1".into(), manager: Some("c-ann".into()), name: "Team".into(), ..Team::default() };
    world.records.trees.insert("o-1".into(), Arc::new(OrgTree { name: "Tree".into(), ..OrgTree::default() }));
    world.records.teams.insert("t-1".into(), Arc::new(team));
    world.records.memberships.insert("c-ann".into(), Arc::new(Memberships { spans: vec![span("t-1")] }));
    let before = (world.records.clone(), world.owners());
    assert_eq!(world.must(|d, r| delete(d, r, &ids(&["c-old"]))), ["c-ann"]);
    assert_eq!(world.of("forge", "ann"), ("account:forge/ann".into(), Rule::Unmatched));
    assert_eq!(world.of("forge", "cleo"), ("account:forge/cleo".into(), Rule::Unmatched));
    assert_eq!(
        (world.records.contributors["c-bob"].manager.as_ref(), world.records.teams["t-1"].manager.as_ref()),
        (None, None)
    );
    assert!(world.records.memberships.is_empty());
    let deleted = world.clone();
    assert_eq!(world.must(|d, r| restore(d, r, &before.0, &ids(&["c-ann"]))), ["c-ann"]);
    assert_eq!((documents(&world.records), world.owners()), (documents(&before.0), before.1));
    let again = world.faults(|d, r| restore(d, r, &before.0, &ids(&["c-ann"])));
    assert_eq!(again, [(Code::Conflict, "ids[0]".into())]);
    assert_eq!(deleted.faults(|d, r| restore(d, r, &before.0, &ids(&["c-x"]))), [(Code::NotFound, "ids[0]".into())]);
    let taken = deleted.contributor("c-new", "New", &["old@acme.example"]);
    let taken = taken.faults(|d, r| restore(d, r, &before.0, &ids(&["c-ann"])));
    assert_eq!(taken, [(Code::DuplicateEmail, "ids".into())]);
    let detected = world.faults(|d, r| delete(d, r, &ids(&["account:git/ann@home.example", "c-x"])));
    assert_eq!(detected, [(Code::Conflict, "ids[0]".into()), (Code::NotFound, "ids[1]".into())]);
}

#[test]
fn rules_are_checked_and_hold_at_once() {
    let mut world = company();
    let rules = Rules { bots: vec!["an.*".into()], by_email: false, ..Rules::default() };
    world.must(|d, r| set_rules(d, r, rules));
    let resolved = world.resolved();
    assert!(resolved.accounts[resolved.account("forge", "ann").expect("there")].is_bot);
    assert_eq!(world.of("forge", "bob").1, Rule::Unmatched);
    world.must(|d, r| set_rules(d, r, Rules::default()));
    assert!(world.records.rules.is_empty());
    let groups = vec![ids(&["forge", "forge"]), ids(&["forge", "git"]), ids(&["forge", " ", "git"])];
    let wrong = Rules { bots: vec!["ok".into(), "(".into(), String::new()], same_logins: groups, ..Rules::default() };
    let fields: Vec<String> = world.faults(|d, r| set_rules(d, r, wrong)).into_iter().map(|fault| fault.1).collect();
    assert_eq!(fields, ["bots[1]", "bots[2]", "sameLogins[0]", "sameLogins[2]"]);
}
