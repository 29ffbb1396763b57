//! A second computation of whose an account is, straight from what the rules say: slow, and by other means.

use std::collections::BTreeSet;

use super::super::keys;
use super::*;

/// Account key, id of the person, rule: for every account, in order.
pub fn belongs(world: &World) -> Vec<(String, String, Rule)> {
    let brute = Brute::new(world);
    (0..brute.accounts.len())
        .map(|a| {
            let (person, rule) = match brute.contributor(a) {
                Some((contributor, rule)) => (contributor, rule),
                None if brute.alone(a) => (format!("account:{}", brute.key(a)), Rule::Manual),
                None => brute.detected(a),
            };
            (brute.key(a), person, rule)
        })
        .collect()
}

struct Brute<'w> {
    records: &'w Records,
    rules: Rules,
    accounts: Vec<SeenAccount>,
}

type Ids = BTreeSet<String>;

impl<'w> Brute<'w> {
    fn new(world: &'w World) -> Brute<'w> {
        let mut accounts = world.seen.accounts.clone();
        accounts.sort_by_key(|a| (a.source.clone(), a.login.clone()));
        Brute { records: &world.records, rules: world.records.identity_rules(), accounts }
    }

    fn key(&self, a: usize) -> String {
        account_key(&self.accounts[a].source, &self.accounts[a].login)
    }

    fn all(&self) -> std::ops::Range<usize> {
        0..self.accounts.len()
    }

    fn root(&self, id: &str) -> Option<String> {
        let document = self.records.contributors.get(id)?;
        document.merged_into.as_ref().map_or_else(|| Some(id.to_owned()), |into| self.root(into))
    }

    fn locked(&self, id: &str) -> bool {
        self.records.contributors[id].locked
    }

    fn decision(&self, a: usize) -> Option<&AccountDecision> {
        self.records.accounts.get(&self.key(a)).map(AsRef::as_ref)
    }

    fn alone(&self, a: usize) -> bool {
        self.decision(a).is_some_and(|d| d.alone) && self.manual(a).is_none()
    }

    fn ties(&self, a: usize) -> bool {
        !self.decision(a).is_some_and(|d| d.alone)
    }

    fn address(&self, a: usize) -> Option<String> {
        let SeenAccount { email, login, .. } = &self.accounts[a];
        email.iter().chain([login]).find_map(|text| keys::address(text))
    }

    fn name(&self, a: usize) -> Option<String> {
        self.accounts[a].name.as_deref().and_then(keys::name)
    }

    fn is_bot(&self, a: usize) -> bool {
        self.decision(a).and_then(|d| d.is_bot).unwrap_or(self.accounts[a].login.ends_with("[bot]"))
    }

    fn share_login(&self, a: usize, b: usize) -> bool {
        let (a, b) = (&self.accounts[a], &self.accounts[b]);
        let grouped = self.rules.same_logins.iter().any(|g| g.contains(&a.source) && g.contains(&b.source));
        grouped && keys::login(&a.login) == keys::login(&b.login)
    }

    fn share_address(&self, a: usize, b: usize) -> bool {
        self.rules.by_email && self.address(a).is_some() && self.address(a) == self.address(b)
    }

    /// The one of them, if it may get accounts by rule.
    fn one(&self, ids: &Ids) -> Option<String> {
        let only = ids.first().filter(|_| ids.len() == 1)?;
        (!self.locked(only)).then(|| only.clone())
    }

    fn manual(&self, a: usize) -> Option<String> {
        self.root(self.decision(a)?.contributor.as_ref()?)
    }

    fn by_email(&self, a: usize) -> Option<String> {
        let address = self.address(a).filter(|_| self.rules.by_email)?;
        let listed = |c: &Contributor| c.emails.iter().any(|e| keys::address(e).as_ref() == Some(&address));
        let of_documents: Ids =
            self.records.contributors.iter().filter(|(_, c)| listed(c)).filter_map(|(id, _)| self.root(id)).collect();
        if !of_documents.is_empty() {
            return self.one(&of_documents);
        }
        self.one(
            &self.all().filter(|b| self.ties(*b) && self.share_address(a, *b)).filter_map(|b| self.manual(b)).collect(),
        )
    }

    fn strong(&self, a: usize) -> Option<(String, Rule)> {
        let manual = self.manual(a).map(|id| (id, Rule::Manual));
        manual.or_else(|| if self.alone(a) { None } else { Some((self.by_email(a)?, Rule::Email)) })
    }

    fn with_login(&self, a: usize) -> Option<(String, Rule)> {
        self.strong(a).or_else(|| {
            let ids = self
                .all()
                .filter(|b| self.ties(*b) && self.share_login(a, *b))
                .filter_map(|b| self.strong(b))
                .map(|s| s.0);
            if self.alone(a) { None } else { Some((self.one(&ids.collect())?, Rule::Login)) }
        })
    }

    /// Everybody who goes by a name: contributors, and accounts that stand alone.
    fn named(&self, name: &str) -> Ids {
        let documents = self.records.contributors.iter().filter(|(_, c)| keys::name(&c.name).as_deref() == Some(name));
        let mut ids: Ids = documents.filter_map(|(id, _)| self.root(id)).collect();
        for b in self.all().filter(|b| self.name(*b).as_deref() == Some(name) && !self.is_bot(*b)) {
            ids.extend(self.with_login(b).filter(|_| self.ties(b)).map(|found| found.0));
            ids.extend((self.alone(b) && self.manual(b).is_none()).then(|| format!("account:{}", self.key(b))));
        }
        ids
    }

    fn only_of_source(&self, a: usize) -> bool {
        let same = |b: &usize| self.accounts[*b].source == self.accounts[a].source && self.name(*b) == self.name(a);
        self.all().filter(same).count() == 1
    }

    fn contributor(&self, a: usize) -> Option<(String, Rule)> {
        self.with_login(a).or_else(|| {
            let name = self.name(a).filter(|_| self.rules.by_name && !self.is_bot(a) && !self.alone(a))?;
            let named = self.named(&name);
            let person = named.first().filter(|id| named.len() == 1 && !id.starts_with("account:"))?;
            (self.only_of_source(a) && !self.locked(person)).then(|| (person.clone(), Rule::Name))
        })
    }

    fn is_free(&self, a: usize) -> bool {
        self.contributor(a).is_none() && !self.alone(a)
    }

    /// Everything that addresses and logins reach from an account.
    fn reached(&self, a: usize) -> BTreeSet<usize> {
        let mut reached = BTreeSet::from([a]);
        loop {
            let ties = |b: &usize| reached.iter().any(|r| self.share_address(*r, *b) || self.share_login(*r, *b));
            let wider: BTreeSet<usize> = self.all().filter(|b| self.is_free(*b)).filter(ties).collect();
            let before = reached.len();
            reached.extend(wider);
            if reached.len() == before {
                return reached;
            }
        }
    }

    /// Sets that a name makes one with an account's set, and whether the account is a single one that the name adds.
    fn name_ties(&self, a: usize) -> Option<(BTreeSet<usize>, bool)> {
        let name = self.name(a).filter(|_| self.rules.by_name && !self.is_bot(a))?;
        if !self.named(&name).is_empty() {
            return None;
        }
        let bearers =
            self.all().filter(|b| self.is_free(*b) && !self.is_bot(*b) && self.name(*b).as_ref() == Some(&name));
        let (singles, others): (Vec<usize>, Vec<usize>) =
            bearers.partition(|b| self.reached(*b).len() == 1 && self.only_of_source(*b));
        let persons: BTreeSet<BTreeSet<usize>> = others.iter().map(|b| self.reached(*b)).collect();
        (persons.len() <= 1).then(|| {
            let all = singles.iter().copied().chain(persons.into_iter().flatten()).collect();
            (all, singles.contains(&a))
        })
    }

    fn detected(&self, a: usize) -> (String, Rule) {
        let reached = self.reached(a);
        // A person of two names may have single accounts of both.
        let mut members = reached.clone();
        loop {
            let before = members.len();
            let named: Vec<usize> = members.iter().flat_map(|b| self.name_ties(*b)).flat_map(|(all, _)| all).collect();
            members.extend(named);
            if members.len() == before {
                break;
            }
        }
        let others = || members.iter().filter(|b| **b != a);
        let rule = if others().any(|b| self.share_address(a, *b)) {
            Rule::Email
        } else if others().any(|b| self.share_login(a, *b)) {
            Rule::Login
        } else if self
            .name_ties(a)
            .is_some_and(|(all, single)| all.len() > 1 && single || all.len() > 1 && reached.len() == 1)
        {
            Rule::Name
        } else {
            Rule::Unmatched
        };
        (format!("account:{}", self.key(members.first().copied().unwrap_or(a))), rule)
    }
}
