//! Each rule by cases.

use super::super::{Reason, licence_use};
use super::*;

fn matched(id: &str, rule: Rule) -> (String, Rule) {
    (id.to_owned(), rule)
}

#[test]
fn a_decision_beats_every_rule() {
    let world = World::default()
        .contributor("c-ann", "Ann Applewick", &["ann@acme.example"])
        .contributor("c-bob", "Bob Birch", &["bob@acme.example"])
        .account("forge", "ann", "Ann Applewick", "ann@acme.example")
        .account("chat", "ann", "Ann Applewick", "ann@acme.example")
        .given("forge", "ann", "c-bob")
        .given("later", "bobby", "c-bob")
        .given("chat", "ann", "c-nobody");
    assert_eq!(world.of("forge", "ann"), matched("c-bob", Rule::Manual));
    assert_eq!(world.of("later", "bobby"), matched("c-bob", Rule::Manual), "not seen yet");
    assert_eq!(world.of("chat", "ann"), matched("c-ann", Rule::Email), "the decision's contributor is gone");
    let resolved = world.resolved();
    assert_eq!(resolved.accounts[resolved.account("forge", "ann").expect("there")].confidence, 1.0);
    let bob = &resolved.people[resolved.by_id["c-bob"]];
    assert_eq!(bob.emails, ["bob@acme.example"], "an address of Ann's document stays hers");
    assert_eq!(resolved.people[resolved.by_email["ann@acme.example"]].id, "c-ann");
}

#[test]
fn addresses_match_where_exactly_one_contributor_has_them() {
    let world = World::default()
        .contributor("c-ann", "Ann", &["ann@acme.example", "ann@home.example", "ann@localhost"])
        .contributor("c-two", "Two", &["team@acme.example"])
        .contributor("c-three", "Three", &["team@acme.example"])
        .account("forge", "a1", "", " Ann@ACME.example ")
        .account("git", "ann@home.example", "", "")
        .account("git", "ann@localhost", "", "")
        .account("git", "team@acme.example", "", "");
    assert_eq!(world.of("forge", "a1"), matched("c-ann", Rule::Email));
    assert_eq!(world.of("git", "ann@home.example"), matched("c-ann", Rule::Email));
    assert_eq!(world.of("git", "ann@localhost"), matched("account:git/ann@localhost", Rule::Unmatched));
    assert_eq!(world.of("git", "team@acme.example").1, Rule::Unmatched);
    let off = world.rules(Rules { by_email: false, ..Rules::default() });
    assert_eq!(off.of("forge", "a1"), matched("account:forge/a1", Rule::Unmatched));
}

#[test]
fn an_account_given_by_hand_brings_its_address() {
    let world = World::default()
        .contributor("c-ann", "Ann", &[])
        .contributor("c-bob", "Bob", &[])
        .account("forge", "ann", "", "ann@home.example")
        .account("git", "ann@home.example", "", "")
        .given("forge", "ann", "c-ann");
    assert_eq!(world.of("git", "ann@home.example"), matched("c-ann", Rule::Email));
    let in_a_document = world.clone().with("c-bob", |bob| bob.emails = vec!["ann@home.example".into()]);
    assert_eq!(in_a_document.of("git", "ann@home.example"), matched("c-bob", Rule::Email));
    let of_two = world.account("chat", "x", "", "ann@home.example").given("chat", "x", "c-bob");
    assert_eq!(of_two.of("git", "ann@home.example").1, Rule::Unmatched);
}

#[test]
fn logins_match_within_a_group_and_only_after_stronger_rules() {
    let world = World::default()
        .contributor("c-ann", "Ann", &["ann@acme.example"])
        .account("forge", "Ann-A", "", "ann@acme.example")
        .account("review", "ann-a", "", "")
        .account("chat", "ann-a", "", "")
        .account("git", "77+ann-a@users.noreply.forge.example", "", "")
        .same_logins(&["forge", "review", "git"])
        .same_logins(&["review", "chat"]);
    assert_eq!(world.of("review", "ann-a"), matched("c-ann", Rule::Login));
    assert_eq!(world.of("git", "77+ann-a@users.noreply.forge.example"), matched("c-ann", Rule::Login));
    assert_eq!(world.of("chat", "ann-a").1, Rule::Unmatched, "a login match brings no other");
    let of_two =
        world.contributor("c-bob", "Bob", &[]).account("review", "ANN-A", "", "").given("review", "ANN-A", "c-bob");
    assert_eq!(of_two.of("review", "ann-a").1, Rule::Login, "tied to git, whose login it is");
    assert!(of_two.of("review", "ann-a").0.starts_with("account:"), "two contributors have that login");
}

#[test]
fn names_match_alone_and_bring_nothing() {
    let world = World::default()
        .contributor("c-ann", "Ann  Applewick", &[])
        .contributor("c-bob", "Bob", &[])
        .account("forge", "ann", "ann APPLEWICK", "ann@home.example")
        .account("git", "ann@home.example", "A. A.", "")
        .account("chat", "bob", "Bob", "");
    assert_eq!(world.of("forge", "ann"), matched("c-ann", Rule::Name));
    assert_eq!(world.of("git", "ann@home.example").1, Rule::Unmatched, "never transitively");
    assert_eq!(world.of("chat", "bob").1, Rule::Unmatched, "one word is not enough");
    let off = world.clone().rules(Rules { by_name: false, ..Rules::default() });
    assert_eq!(off.of("forge", "ann").1, Rule::Email, "tied to git only");
    let namesake = world.clone().contributor("c-ann2", "Ann Applewick", &[]);
    assert!(namesake.of("forge", "ann").0.starts_with("account:"));
    let second = world.clone().account("forge", "ann2", "Ann Applewick", "");
    assert!(second.of("forge", "ann").0.starts_with("account:"));
    let apart = world.account("chat", "ann", "Ann Applewick", "").alone("chat", "ann");
    assert!(apart.of("forge", "ann").0.starts_with("account:"), "somebody else is said to have that name");
    assert_eq!(apart.of("chat", "ann"), matched("account:chat/ann", Rule::Manual));
}

#[test]
fn bots_are_told_and_do_not_match_by_name() {
    let rules = Rules { bots: vec!["ci-.*".into()], ..Rules::default() };
    let by_hand = |is_bot| AccountDecision { is_bot: Some(is_bot), ..AccountDecision::default() };
    let world = World::default()
        .rules(rules)
        .contributor("c-ann", "Ann Applewick", &["ann@acme.example"])
        .contributor("c-ci", "Release Robot", &["robot@acme.example"])
        .account("forge", "ann", "", "ann@acme.example")
        .account("forge", "ci-ann", "Ann Applewick", "")
        .account("git", "robot@acme.example", "ci-7", "")
        .account("forge", "x[bot]", "", "")
        .account("forge", "ci-human", "", "")
        .account("forge", "robot", "", "")
        .decision("forge", "ci-human", by_hand(false))
        .decision("forge", "robot", by_hand(true));
    let resolved = world.resolved();
    let is_bot = |id: &str| resolved.people[resolved.by_id[id]].is_bot;
    assert_eq!(world.of("forge", "ci-ann").0, "account:forge/ci-ann");
    assert!(!is_bot("c-ann") && is_bot("c-ci"), "all accounts are bots");
    assert!(is_bot("account:forge/ci-ann") && is_bot("account:forge/x[bot]") && is_bot("account:forge/robot"));
    assert!(!is_bot("account:forge/ci-human"));
    let pending = |login: &str| resolved.is_pending(resolved.account("forge", login).expect("there"));
    assert!(pending("ci-human") && !pending("robot") && !pending("ann"));
    let said = world.with("c-ci", |c| c.is_bot = Some(false)).with("c-ann", |c| c.is_bot = Some(true)).resolved();
    assert!(said.people[said.by_id["c-ann"]].is_bot && !said.people[said.by_id["c-ci"]].is_bot);
    let is_bot = |source: &str, login: &str| said.accounts[said.account(source, login).expect("there")].is_bot;
    assert!(is_bot("forge", "ann") && !is_bot("git", "robot@acme.example"), "what is said of people beats all");
}

#[test]
fn locked_contributors_get_nothing_by_rule() {
    let world = World::default()
        .contributor("c-ann", "Ann Applewick", &["ann@acme.example"])
        .with("c-ann", |ann| ann.locked = true)
        .account("forge", "ann", "", "ann@acme.example")
        .account("review", "ann", "", "")
        .account("chat", "x", "Ann Applewick", "")
        .account("git", "ann@acme.example", "", "")
        .given("forge", "ann", "c-ann")
        .same_logins(&["forge", "review"]);
    assert_eq!(world.of("forge", "ann"), matched("c-ann", Rule::Manual));
    for (source, login) in [("review", "ann"), ("chat", "x"), ("git", "ann@acme.example")] {
        assert_eq!(world.of(source, login).1, Rule::Unmatched, "{source}/{login}");
    }
}

#[test]
fn what_nobody_claims_is_put_together_by_the_same_rules() {
    let world = World::default()
        .account("forge", "zoe", "Zoe Zander", "")
        .account("git", "zoe@home.example", "zz", "")
        .account("review", "zoe", "Z", "zoe@home.example")
        .account("chat", "u1", "Zoe Zander", "")
        .account("tracker", "cleo", "Cleo Cray", "")
        .account("chat", "cleo", "Cleo Cray", "")
        .same_logins(&["forge", "review"]);
    let zoe = "account:chat/u1";
    assert_eq!(world.of("chat", "u1"), matched(zoe, Rule::Name));
    assert_eq!(world.of("forge", "zoe"), matched(zoe, Rule::Login));
    assert_eq!(world.of("review", "zoe"), matched(zoe, Rule::Email));
    assert_eq!(world.of("git", "zoe@home.example"), matched(zoe, Rule::Email));
    assert_eq!(world.of("tracker", "cleo"), matched("account:chat/cleo", Rule::Name));
    let resolved = world.resolved();
    let person = &resolved.people[resolved.by_id["account:git/zoe@home.example"]];
    assert_eq!((person.name.as_str(), person.registered, person.accounts.len()), ("Zoe Zander", false, 4));
    assert_eq!(person.emails, ["zoe@home.example"]);
    assert_eq!(resolved.people[resolved.by_email["zoe@home.example"]].id, zoe);
    // A second person of that name, of several accounts: nobody can tell whose the single one is.
    let two = world.account("desk", "zz", "Zoe Zander", "zz@acme.example").account("git", "zz@acme.example", "", "");
    assert_eq!(two.of("chat", "u1"), matched(zoe, Rule::Unmatched));
}

#[test]
fn merged_contributors_are_one() {
    let number = |n: f64| crate::people::document::Attribute::Number(n);
    let world = World::default()
        .contributor("c-boss", "Boss", &[])
        .contributor("c-a", "Ann Old", &["old@acme.example"])
        .contributor("c-b", "Ann New", &["new@acme.example"])
        .contributor("c-c", "Ann Third", &["third@acme.example"])
        .contributor("c-report", "Rob", &[])
        .with("c-a", |a| {
            a.merged_into = Some("c-c".into());
            a.manager = Some("c-boss".into());
            a.attributes = [("x".to_owned(), number(1.0)), ("y".to_owned(), number(1.0))].into();
        })
        .with("c-c", |c| {
            c.merged_into = Some("c-b".into());
            c.attributes = [("y".to_owned(), number(3.0)), ("z".to_owned(), number(3.0))].into();
        })
        .with("c-b", |b| {
            b.manager = Some("c-a".into());
            b.attributes = [("z".to_owned(), number(2.0))].into();
        })
        .with("c-report", |report| report.manager = Some("c-a".into()))
        .account("git", "old@acme.example", "", "")
        .account("git", "third@acme.example", "", "")
        .account("chat", "ann", "Ann Old", "");
    let resolved = world.resolved();
    let person = &resolved.people[resolved.by_id["c-a"]];
    assert_eq!((person.id.as_str(), person.name.as_str()), ("c-b", "Ann New"));
    assert_eq!(person.emails, ["new@acme.example", "old@acme.example", "third@acme.example"]);
    assert_eq!(person.merged, ["c-a", "c-c"]);
    assert_eq!(person.accounts.len(), 3);
    assert_eq!(
        person.attributes,
        [("x".into(), number(1.0)), ("y".into(), number(1.0)), ("z".into(), number(2.0))].into()
    );
    assert_eq!(person.manager, Some(resolved.by_id["c-boss"]), "she does not report to herself");
    assert_eq!(person.reports, [resolved.by_id["c-report"]]);
    assert_eq!(resolved.people.len(), 3);
    let circle = world.with("c-b", |b| b.merged_into = Some("c-a".into()));
    assert_eq!(circle.of("git", "third@acme.example").0, "c-a", "a circle counts for the smallest id");
}

#[test]
fn suggestions_come_with_reasons() {
    let world = World::default()
        .contributor("c-ann", "Ann Applewick", &["ann.applewick@acme.example"])
        .contributor("c-anna", "Anna Applewood", &["anna.applewood@acme.example"])
        .contributor("c-bob", "Bob Birch", &["bob@acme.example"])
        .contributor("c-lock", "Ann Applewick-Lock", &["applewick@lock.example"])
        .with("c-lock", |locked| locked.locked = true)
        .account("chat", "applewick-ann", "", "")
        .account("git", "ann.applewick@home.example", "Ann", "")
        .account("git", "nobody-known", "", "");
    let resolved = world.resolved();
    let suggested = |source: &str, login: &str| {
        let found = resolved.suggestions(resolved.account(source, login).expect("there"));
        found.into_iter().map(|s| (resolved.people[s.person].id.clone(), s.reasons, s.score)).collect::<Vec<_>>()
    };
    let chat = suggested("chat", "applewick-ann");
    assert_eq!((chat[0].0.as_str(), chat[0].1.as_slice()), ("c-ann", [Reason::SimilarLogin].as_slice()));
    let git = suggested("git", "ann.applewick@home.example");
    assert_eq!(git[0].0, "c-ann");
    assert_eq!(git[0].1, [Reason::SimilarLogin, Reason::SameMailbox]);
    assert!(git[0].2 > chat[0].2);
    assert!(git.iter().chain(&chat).all(|s| s.0 != "c-bob" && s.0 != "c-lock"));
    assert_eq!(suggested("git", "nobody-known"), []);
}

#[test]
fn licence_counts_people_with_code_and_people_with_activity() {
    let mut world = World::default()
        .contributor("c-ann", "Ann", &["ann@acme.example"])
        .account("chat", "bob", "", "")
        .account("forge", "ann", "", "ann@acme.example")
        .account("forge", "deps[bot]", "", "")
        .account("git", "cleo@home.example", "", "");
    for account in &mut world.seen.accounts {
        account.code_items = i64::from(account.source != "chat");
    }
    let resolved = world.resolved();
    let day = |day| chrono::NaiveDate::from_ymd_opt(2026, 3, day).expect("a day");
    let active = [("chat", "bob"), ("forge", "ann"), ("forge", "deps[bot]"), ("forge", "gone")];
    let used = licence_use(&resolved, day(1)..day(10), active);
    let ids = |list: &[usize]| list.iter().map(|p| resolved.people[*p].id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&used.source_control), ["c-ann", "account:git/cleo@home.example"]);
    assert_eq!(ids(&used.active), ["c-ann", "account:chat/bob"]);

    // Who has left by the first day, or comes after the last, is no seat any more, or none yet.
    let mut left = world.resolved();
    let ann = left.by_id["c-ann"];
    let seats = |left: &Resolved| licence_use(left, day(1)..day(10), []).source_control.contains(&ann);
    left.people[ann].ends = Some(day(2));
    assert!(seats(&left));
    left.people[ann].ends = Some(day(1));
    assert!(!seats(&left));
    (left.people[ann].starts, left.people[ann].ends) = (Some(day(10)), None);
    assert!(!seats(&left));
}

#[test]
fn an_account_that_stands_alone_ties_nobody_even_when_it_is_given() {
    let decision = |alone| AccountDecision { contributor: Some("c-ann".into()), alone, ..AccountDecision::default() };
    let world = World::default()
        .contributor("c-ann", "Ann", &[])
        .account("forge", "ann", "Ann Applewick", "shared@acme.example")
        .account("git", "shared@acme.example", "", "")
        .account("review", "ann", "", "")
        .account("chat", "x", "Ann Applewick", "")
        .same_logins(&["forge", "review"]);
    let others = [("git", "shared@acme.example"), ("review", "ann"), ("chat", "x")];
    let tied = world.clone().decision("forge", "ann", decision(false));
    let alone = world.decision("forge", "ann", decision(true));
    assert_eq!(alone.of("forge", "ann"), matched("c-ann", Rule::Manual));
    for (source, login) in others {
        assert_eq!(tied.of(source, login).0, "c-ann", "{source}/{login}");
        assert_eq!(alone.of(source, login).1, Rule::Unmatched, "{source}/{login}");
    }
}
