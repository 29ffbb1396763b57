//! What must hold of operations in random small worlds.

use std::collections::HashSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;
use crate::people::document::{AccountDecision, Contributor, Rules};
use crate::people::identity::tests::random::{self, told};

const IDS: [&str; 4] = ["c-1", "c-2", "c-3", "c-4"];

/// A world as operations make them: an address is in one document, and a decision names somebody who is there.
fn world() -> impl Strategy<Value = World> {
    random::world().prop_map(|mut world| {
        let mut taken = HashSet::new();
        for document in world.records.contributors.values_mut() {
            let mut own = Contributor::clone(document);
            own.emails.retain(|email| taken.insert(email.clone()));
            *document = Arc::new(own);
        }
        let contributors = &world.records.contributors;
        for decision in world.records.accounts.values_mut() {
            let mut own = AccountDecision::clone(decision);
            own.contributor = own.contributor.filter(|id| contributors.contains_key(id));
            *decision = Arc::new(own);
        }
        world.records.accounts.retain(|_, decision| **decision != AccountDecision::default());
        world
    })
}

fn is_locked(faults: &[Fault]) -> bool {
    faults.iter().all(|fault| fault.code == Code::Locked)
}

/// Applies merges; those of locked people are left out.
fn merged(mut world: World, merges: &[(&str, &str)]) -> World {
    for (into, from) in merges {
        let outcome = world.change(|d, r| merge(d, r, into, &ids(&[from])));
        assert!(outcome.is_ok() || outcome.is_err_and(|faults| is_locked(&faults)));
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Merges that take each contributor in once, into one of a smaller id: in any order, everything is the same.
    #[test]
    fn merges_in_any_order_give_the_same_people(
        world in world(),
        targets in vec(any::<Index>(), 3),
        order in Just(vec![1, 2, 3]).prop_shuffle(),
    ) {
        let mut world = world;
        for document in world.records.contributors.values_mut() {
            *document = Arc::new(Contributor { locked: false, merged_into: None, ..Contributor::clone(document) });
        }
        let present: Vec<String> = world.records.contributors.keys().cloned().collect();
        let merge_of = |from: usize| (present[targets[from - 1].index(from)].as_str(), present[from].as_str());
        let merges: Vec<(&str, &str)> = (1..present.len()).map(merge_of).collect();
        let shuffled: Vec<(&str, &str)> = order.into_iter().filter(|n| *n < present.len()).map(merge_of).collect();
        prop_assert_eq!(told(&merged(world.clone(), &merges).resolved()), told(&merged(world, &shuffled).resolved()));
    }

    /// Any merges at all, also of detected people: in any order the same accounts are together.
    #[test]
    fn merges_of_detected_people_in_any_order_put_the_same_accounts_together(
        world in world(),
        pairs in vec((any::<Index>(), any::<Index>()), 0..5),
        seed in any::<u64>(),
    ) {
        let rules = Rules { by_name: false, ..Rules::default() };
        let mut world = world.rules(rules);
        for document in world.records.contributors.values_mut() {
            *document = Arc::new(Contributor { locked: false, ..Contributor::clone(document) });
        }
        let mut people: Vec<String> = world.resolved().people.iter().map(|person| person.id.clone()).collect();
        people.sort();
        if people.is_empty() {
            return Ok(());
        }
        let merges: Vec<(&str, &str)> =
            pairs.iter().map(|(a, b)| (a.get(&people).as_str(), b.get(&people).as_str())).collect();
        let mut shuffled = merges.clone();
        shuffled.reverse();
        if !shuffled.is_empty() {
            let by = (seed % shuffled.len() as u64) as usize;
            shuffled.rotate_left(by);
        }
        prop_assert_eq!(merged(world.clone(), &merges).sets(), merged(world, &shuffled).sets());
    }

    #[test]
    fn unmerging_gives_back_what_was(world in world(), into in select(&IDS[..]), from in select(&IDS[..])) {
        let before = (documents(&world.records), told(&world.resolved()));
        let resolved = world.resolved();
        let (Some(a), Some(b)) = (resolved.by_id.get(into), resolved.by_id.get(from)) else { return Ok(()) };
        let from = resolved.people[*b].id.clone();
        if a == b || resolved.people[*a].locked || resolved.people[*b].locked {
            return Ok(());
        }
        let mut world = world;
        world.must(|d, r| merge(d, r, into, &ids(&[&from])));
        prop_assert!(world.resolved().people.len() < resolved.people.len());
        world.must(|d, r| unmerge(d, r, &from));
        prop_assert_eq!((documents(&world.records), told(&world.resolved())), before);
    }

    #[test]
    fn unlocking_gives_back_what_was(world in world(), id in select(&IDS[..])) {
        let mut world = world;
        let resolved = world.resolved();
        let Some(person) = resolved.by_id.get(id).map(|person| &resolved.people[*person]) else { return Ok(()) };
        if person.locked {
            return Ok(());
        }
        let before = documents(&world.records);
        let owners = world.owners();
        world.must(|d, r| lock(d, r, &ids(&[id])));
        let own = |owners: &BTreeMap<(String, String), String>| -> BTreeSet<(String, String)> {
            owners.iter().filter(|(_, owner)| **owner == person.id).map(|(account, _)| account.clone()).collect()
        };
        prop_assert_eq!(own(&owners), own(&world.owners()));
        world.must(|d, r| unlock(d, r, &ids(&[id])));
        prop_assert_eq!(documents(&world.records), before);
    }

    #[test]
    fn restoring_gives_back_what_was(world in world(), id in select(&IDS[..])) {
        let mut world = world;
        let before = world.records.clone();
        match world.change(|d, r| delete(d, r, &ids(&[id]))) {
            Ok(deleted) => {
                prop_assert!(world.directory().person(&deleted[0]).is_none());
                world.must(|d, r| restore(d, r, &before, &deleted));
            }
            Err(faults) => prop_assert!(faults.iter().all(|f| matches!(f.code, Code::Locked | Code::NotFound))),
        }
        prop_assert_eq!(documents(&world.records), documents(&before));
    }

    /// The accounts that leave are together and alone; those that stay, stay; merging brings all together again.
    #[test]
    fn a_split_moves_what_it_is_told_to(world in world(), first in any::<Index>(), which in vec(any::<bool>(), 10)) {
        let mut world = world;
        let resolved = world.resolved();
        if resolved.accounts.is_empty() {
            return Ok(());
        }
        let person = &resolved.people[first.get(&resolved.accounts).person];
        let seen = |account: &usize| {
            let seen = &resolved.accounts[*account].seen;
            (seen.source.clone(), seen.login.clone())
        };
        let (leaving, staying): (Vec<_>, Vec<_>) =
            person.accounts.iter().map(seen).enumerate().partition(|(n, _)| *n == 0 || which[n % which.len()]);
        let account = |(_, (source, login)): &(usize, (String, String))| AccountId::new(source, login);
        let list: Vec<AccountId> = leaving.iter().map(account).collect();
        match world.change(|d, r| split(d, r, &list, Some("Somebody New"))) {
            Ok(new) => {
                let owners = world.owners();
                prop_assert!(leaving.iter().all(|(_, account)| owners[account] == new));
                let old: BTreeSet<&String> = staying.iter().map(|(_, account)| &owners[account]).collect();
                prop_assert!(old.len() <= 1 && !old.contains(&new));
                prop_assert!(!person.registered || old.iter().all(|old| **old == person.id));
                let Some(old) = old.first().map(|old| (*old).clone()) else { return Ok(()) };
                world.must(|d, r| merge(d, r, &old, &ids(&[&new])));
                let owners = world.owners();
                prop_assert!(leaving.iter().chain(&staying).all(|(_, account)| owners[account] == old));
            }
            Err(faults) => prop_assert!(faults.iter().all(|f| matches!(f.code, Code::Locked | Code::Conflict))),
        }
    }
}
