//! Which team that there is, is which team that is wanted: by stable id, then path, then manager, then people. Each is
//! paired once. Closed teams come back by stable id or path, where no open team does.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::place::Home;
use super::plan::By;
use super::wanted::Wanted;
use crate::people::directory::Resolved;
use crate::people::org::forest::Forest;
use crate::people::org::path;

/// The pairs found.
pub struct Pairs {
    /// By wanted team: the team of the forest.
    found: Vec<Option<(usize, By)>>,
    /// By team of the forest.
    taken: Vec<bool>,
}

/// What is known of a team that there is.
struct Known<'f> {
    stem: usize,
    open: bool,
    path: String,
    parent: Option<usize>,
    level: usize,
    slug: String,
    stable_id: Option<&'f str>,
    manager: Option<usize>,
}

struct Pairing<'a> {
    wanted: &'a Wanted,
    known: Vec<Known<'a>>,
    pairs: Pairs,
}

impl Pairs {
    pub fn new(
        wanted: &Wanted,
        forest: &Forest<'_>,
        built: &[usize],
        resolved: &Resolved,
        homes: &BTreeMap<usize, Home>,
        day: NaiveDate,
    ) -> Pairs {
        let known = |stem: &usize| {
            let (stem, of) = (*stem, &forest.teams[*stem]);
            let at = of.exists.nearest(day);
            Known {
                stem,
                open: !of.exists.since(day).is_empty(),
                path: forest.path(stem, at),
                parent: forest.parent(stem, at),
                level: forest.up(stem, at).count() - 1,
                slug: path::slug(&of.team.name),
                stable_id: of.team.stable_id.as_deref(),
                manager: of.team.manager.as_ref().and_then(|id| resolved.by_id.get(id)).copied(),
            }
        };
        let mut known: Vec<Known<'_>> = built.iter().map(known).collect();
        // Open ones first, then those that were closed last.
        known.sort_by_key(|known| (!known.open, std::cmp::Reverse(forest.teams[known.stem].exists.to()), known.stem));
        let pairs = Pairs { found: vec![None; wanted.teams.len()], taken: vec![false; forest.teams.len()] };
        let mut pairing = Pairing { wanted, known, pairs };
        pairing.by_stable_id();
        pairing.by_path();
        pairing.by_manager();
        pairing.by_members(homes);
        pairing.pairs
    }

    /// The team that a wanted one is, and by what it was recognised.
    pub fn of(&self, wanted: usize) -> Option<(usize, By)> {
        self.found[wanted]
    }

    /// Whether a team of the forest is wanted.
    pub fn is_taken(&self, stem: usize) -> bool {
        self.taken[stem]
    }
}

impl Pairing<'_> {
    fn is_free(&self, wanted: usize) -> bool {
        self.pairs.found[wanted].is_none()
    }

    fn pair(&mut self, wanted: usize, stem: usize, by: By) {
        if self.is_free(wanted) && !self.pairs.taken[stem] {
            self.pairs.found[wanted] = Some((stem, by));
            self.pairs.taken[stem] = true;
        }
    }

    /// Pairs, in the order of the wanted teams, the first free team that has the same key.
    fn by_key<K: std::hash::Hash + Eq>(
        &mut self,
        by: By,
        of_known: impl Fn(&Known<'_>) -> Option<K>,
        of_wanted: impl Fn(&Pairs, usize) -> Option<K>,
    ) {
        let mut waiting: HashMap<K, Vec<usize>> = HashMap::new();
        for known in self.known.iter().rev().filter(|known| !self.pairs.taken[known.stem]) {
            if let Some(key) = of_known(known) {
                waiting.entry(key).or_default().push(known.stem);
            }
        }
        for number in 0..self.wanted.teams.len() {
            let key = if self.is_free(number) { of_wanted(&self.pairs, number) } else { None };
            if let Some(stem) = key.and_then(|key| waiting.get_mut(&key)).and_then(Vec::pop) {
                self.pair(number, stem, by);
            }
        }
    }

    /// On the same level first: two levels may use the same ids.
    fn by_stable_id(&mut self) {
        let wanted = self.wanted;
        let id = |number: usize| wanted.teams[number].stable_id.clone();
        self.by_key(
            By::StableId,
            |known| Some((known.level, known.stable_id?.to_owned())),
            |_, number| Some((wanted.teams[number].level, id(number)?)),
        );
        self.by_key(By::StableId, |known| known.stable_id.map(str::to_owned), |_, number| id(number));
    }

    /// Below the same team first, even where that one is called otherwise now; then by the whole path.
    fn by_path(&mut self) {
        let (wanted, paths) = (self.wanted, self.wanted.paths());
        self.by_place();
        self.by_key(By::Path, |known| Some(known.path.clone()), |_, number| Some(paths[number].clone()));
        debug_assert_eq!(paths.len(), wanted.teams.len());
    }

    fn by_place(&mut self) {
        let wanted = self.wanted;
        let place = |pairs: &Pairs, number: usize| {
            let team = &wanted.teams[number];
            let above = match team.parent {
                None => None,
                Some(parent) => Some(pairs.of(parent)?.0),
            };
            Some((above, path::slug(&team.name)))
        };
        self.by_key(By::Path, |known| Some((known.parent, known.slug.clone())), place);
    }

    /// A manager with one team left on each side, from the top down; what is below a team recognised so is at its place.
    fn by_manager(&mut self) {
        let wanted = self.wanted;
        let deepest = wanted.teams.iter().map(|team| team.level).max().unwrap_or(0);
        for level in 0..=deepest {
            self.by_only_manager(|at| at == level, |at| at == level);
            self.by_place();
        }
        self.by_only_manager(|_| true, |_| true);
        self.by_place();
    }

    fn by_only_manager(&mut self, known_at: impl Fn(usize) -> bool, wanted_at: impl Fn(usize) -> bool) {
        let mut teams: BTreeMap<usize, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        let free = |known: &&Known<'_>| known.open && !self.pairs.taken[known.stem] && known_at(known.level);
        for known in self.known.iter().filter(free) {
            if let Some(manager) = known.manager {
                teams.entry(manager).or_default().0.push(known.stem);
            }
        }
        for (number, team) in self.wanted.teams.iter().enumerate() {
            if let Some(manager) = team.manager.filter(|_| self.is_free(number) && wanted_at(team.level)) {
                teams.entry(manager).or_default().1.push(number);
            }
        }
        for (known, wanted) in teams.into_values() {
            if let ([stem], [number]) = (known.as_slice(), wanted.as_slice()) {
                self.pair(*number, *stem, By::Manager);
            }
        }
    }

    /// Two teams with more than half of the people of each in both.
    fn by_members(&mut self, homes: &BTreeMap<usize, Home>) {
        let (mut both, mut before): (BTreeMap<(usize, usize), usize>, HashMap<usize, usize>) = Default::default();
        for (person, home) in homes {
            let Some(stem) = home.stem else { continue };
            *before.entry(stem).or_default() += 1;
            if let Some(number) = self.wanted.at[*person] {
                *both.entry((stem, number)).or_default() += 1;
            }
        }
        for ((stem, number), shared) in both {
            if shared * 2 > before[&stem] && shared * 2 > self.wanted.teams[number].people {
                self.pair(number, stem, By::Members);
            }
        }
        self.by_place();
    }
}
