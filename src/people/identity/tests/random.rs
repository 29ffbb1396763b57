//! Random small worlds: the fast computation gives what the slow one gives, whatever order accounts come in.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;

const SOURCES: [&str; 3] = ["chat", "forge", "git"];
const LOGINS: [&str; 6] = ["ann", "ANN", "bob", "ann@a.example", "9+ann@users.noreply.f.example", "x[bot]"];
const EMAILS: [&str; 5] = ["ann@a.example", "bob@a.example", "cleo@a.example", "ann@localhost", "Ann@A.example"];
const NAMES: [&str; 4] = ["Ann Applewick", "ann  applewick", "Bob Birch", "Cleo"];
const IDS: [&str; 4] = ["c-1", "c-2", "c-3", "c-4"];

fn account() -> impl Strategy<Value = ((&'static str, &'static str), SeenAccount)> {
    let texts = (select(&NAMES[..]), select(&EMAILS[..]));
    (select(&SOURCES[..]), select(&LOGINS[..]), option::of(Just(())), texts, any::<(bool, bool)>()).prop_map(
        |(source, login, _, (name, email), (has_name, has_email))| {
            let seen = SeenAccount {
                source: source.into(),
                login: login.into(),
                name: has_name.then(|| name.into()),
                email: has_email.then(|| email.into()),
                ..SeenAccount::default()
            };
            ((source, login), seen)
        },
    )
}

fn contributor() -> impl Strategy<Value = Contributor> {
    (select(&NAMES[..]), subsequence(&EMAILS[..4], 0..=2), prop::bool::weighted(0.2)).prop_map(
        |(name, emails, locked)| {
            let emails = emails.into_iter().map(str::to_owned).collect();
            Contributor { name: name.into(), emails, locked, ..Contributor::default() }
        },
    )
}

fn decision() -> impl Strategy<Value = AccountDecision> {
    let is_bot = option::weighted(0.2, any::<bool>());
    (option::of(select(&IDS[..])), any::<bool>(), is_bot).prop_map(|(contributor, alone, is_bot)| AccountDecision {
        contributor: contributor.map(str::to_owned),
        alone,
        is_bot,
        by_lock: false,
    })
}

fn rules() -> impl Strategy<Value = Rules> {
    let group = subsequence(&SOURCES[..], 2..=3).prop_map(|group| group.into_iter().map(str::to_owned).collect());
    (prop::bool::weighted(0.8), vec(group, 0..3), prop::bool::weighted(0.8))
        .prop_map(|(by_email, same_logins, by_name)| Rules { by_email, same_logins, by_name, bots: Vec::new() })
}

/// A world; merges go to smaller ids only, so that they make no circle.
pub fn world() -> impl Strategy<Value = World> {
    let accounts = vec(account(), 0..10);
    let contributors = btree_map(select(&IDS[..]), (contributor(), option::weighted(0.3, select(&IDS[..]))), 0..=4);
    let decisions = vec((any::<prop::sample::Index>(), decision()), 0..4);
    (accounts, contributors, decisions, rules()).prop_map(|(accounts, contributors, decisions, rules)| {
        let mut world = World::default().rules(rules);
        for (id, (document, into)) in &contributors {
            let merged_into = into.filter(|into| into < id && contributors.contains_key(into)).map(str::to_owned);
            let document = Contributor { merged_into, ..document.clone() };
            world.records.contributors.insert((*id).into(), Arc::new(document));
        }
        for (key, account) in accounts {
            if !world.seen.accounts.iter().any(|known| (known.source.as_str(), known.login.as_str()) == key) {
                world.seen.accounts.push(account);
            }
        }
        if !world.seen.accounts.is_empty() {
            for (index, decision) in decisions {
                let SeenAccount { source, login, .. } = index.get(&world.seen.accounts).clone();
                world = world.decision(&source, &login, decision);
            }
        }
        world
    })
}

/// Everything that a directory says of people and accounts.
pub fn told(resolved: &Resolved) -> String {
    let mut by_id: Vec<_> = resolved.by_id.iter().collect();
    let mut by_email: Vec<_> = resolved.by_email.iter().collect();
    by_id.sort();
    by_email.sort();
    format!("{:#?}\n{:#?}\n{by_id:?}\n{by_email:?}", resolved.people, resolved.accounts)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_computations_agree(world in world()) {
        let resolved = world.resolved();
        let fast: Vec<_> = resolved.accounts.iter().map(|account| {
            let key = account_key(&account.seen.source, &account.seen.login);
            (key, resolved.people[account.person].id.clone(), account.rule)
        }).collect();
        prop_assert_eq!(fast, brute::belongs(&world));
        for (number, person) in resolved.people.iter().enumerate() {
            prop_assert!(person.registered || !person.accounts.is_empty());
            prop_assert!(person.accounts.iter().all(|account| resolved.accounts[*account].person == number));
        }
    }

    #[test]
    fn order_of_accounts_does_not_matter(world in world(), seed in any::<u64>()) {
        let mut shuffled = world.clone();
        shuffled.seen.accounts.sort_by_key(|account| {
            let text = format!("{seed}{}{}", account.source, account.login);
            text.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
        });
        prop_assert_eq!(told(&world.resolved()), told(&shuffled.resolved()));
    }
}

#[test]
fn five_thousand_people_are_resolved_at_once() {
    let mut world = World::default().same_logins(&["forge", "review"]);
    for n in 0..5_000 {
        let email = format!("person{n}@acme.example");
        world = world.contributor(&format!("c-{n:05}"), &format!("First{n} Last{n}"), &[&email]);
    }
    for n in 0..6_000 {
        let (login, email) = (format!("user{n}"), format!("person{n}@acme.example"));
        world = world.account("forge", &login, "", &email).account("review", &login, "", "");
        let name = if n < 5_000 { format!("First{n} Last{n}") } else { format!("Last{0}, First{0}", n - 5_000) };
        world = world.account("chat", &format!("chatter{n}"), &name, "");
    }
    let started = std::time::Instant::now();
    let resolved = world.resolved();
    let took = started.elapsed();
    assert_eq!(resolved.people.len(), 5_000 + 2 * 1_000);
    assert_eq!(resolved.people.iter().filter(|person| person.registered && person.accounts.len() == 3).count(), 5_000);
    for n in 5_000..5_100 {
        let account = resolved.account("chat", &format!("chatter{n}")).expect("there");
        let likeliest = &resolved.suggestions(account)[0];
        assert_eq!(resolved.people[likeliest.person].name, format!("First{0} Last{0}", n - 5_000));
    }
    assert!(took.as_secs() < 20, "{took:?}");
}
