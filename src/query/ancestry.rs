//! Which commits lie between two points of a history: `reachable(new) - reachable(old)`, at a cost that follows the
//! difference, not the history. Pure; where commits come from and what a difference means is left to others.

use std::collections::{BinaryHeap, HashMap};
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};
use std::ops::Range;

/// The graph of the commits that are known, each a number. About 120 bytes a commit.
#[derive(Debug)]
pub struct History {
    names: Names,
    /// Where each commit's parents stand in `parents`, with the end of the last.
    starts: Vec<u32>,
    parents: Vec<u32>,
    /// One more than the greatest of its parents: a commit is never reachable from one that is not greater.
    generations: Vec<u32>,
    known: Vec<bool>,
}

/// Collects commits, in any order.
#[derive(Debug, Default)]
pub struct HistoryBuilder {
    names: Names,
    known: Vec<bool>,
    /// (commit, parent)
    edges: Vec<(u32, u32)>,
}

/// Walks one history many times, reusing its memory.
#[derive(Debug)]
pub struct Walk<'a> {
    history: &'a History,
    colours: Vec<u8>,
    touched: Vec<u32>,
    queue: BinaryHeap<(u32, u32)>,
}

const NEW: u8 = 1;
const OLD: u8 = 2;
const DONE: u8 = 4;

impl HistoryBuilder {
    /// Adds a commit. Told twice, a commit has the parents of both tellings.
    pub fn add<'s>(&mut self, commit: &str, parents: impl IntoIterator<Item = &'s str>) {
        let commit = self.intern(commit);
        self.known[commit as usize] = true;
        for parent in parents {
            let parent = self.intern(parent);
            self.edges.push((commit, parent));
        }
    }

    /// The history. Parents that were never added end it.
    pub fn build(self) -> History {
        let HistoryBuilder { names, known, mut edges } = self;
        edges.retain(|&(_, parent)| known[parent as usize]);
        edges.sort_unstable();
        edges.dedup();
        let mut starts = Vec::with_capacity(known.len() + 1);
        let mut next = 0;
        for commit in 0..known.len() {
            starts.push(next as u32);
            while edges.get(next).is_some_and(|&(child, _)| child as usize == commit) {
                next += 1;
            }
        }
        starts.push(next as u32);
        let parents = edges.into_iter().map(|(_, parent)| parent).collect();
        let mut history = History { names, starts, parents, generations: Vec::new(), known };
        history.generations = history.count_generations();
        history
    }

    fn intern(&mut self, name: &str) -> u32 {
        let number = self.names.intern(name);
        if number as usize == self.known.len() {
            self.known.push(false);
        }
        number
    }
}

impl History {
    /// The number of a known commit.
    pub fn find(&self, commit: &str) -> Option<u32> {
        self.names.find(commit).filter(|&number| self.known[number as usize])
    }

    /// The commit of a number.
    pub fn name(&self, commit: u32) -> &str {
        self.names.get(commit)
    }

    /// Numbers are below this.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// A walker; it takes a byte per commit.
    pub fn walk(&self) -> Walk<'_> {
        Walk { history: self, colours: vec![0; self.len()], touched: Vec::new(), queue: BinaryHeap::new() }
    }

    fn parents(&self, commit: u32) -> &[u32] {
        &self.parents[self.range(commit)]
    }

    fn range(&self, commit: u32) -> Range<usize> {
        self.starts[commit as usize] as usize..self.starts[commit as usize + 1] as usize
    }

    /// Depth first without recursion: histories are deep. Edges that close a circle (no real history has one) are
    /// passed over.
    fn count_generations(&self) -> Vec<u32> {
        const UNSEEN: u32 = 0;
        const OPEN: u32 = u32::MAX;
        let mut generations = vec![UNSEEN; self.len()];
        let mut stack: Vec<(u32, usize)> = Vec::new();
        for root in 0..self.len() as u32 {
            if generations[root as usize] != UNSEEN {
                continue;
            }
            generations[root as usize] = OPEN;
            stack.push((root, self.range(root).start));
            while let Some((commit, next)) = stack.last_mut() {
                let commit = *commit;
                if *next < self.range(commit).end {
                    let parent = self.parents[*next];
                    *next += 1;
                    if generations[parent as usize] == UNSEEN {
                        generations[parent as usize] = OPEN;
                        stack.push((parent, self.range(parent).start));
                    }
                } else {
                    let finished = |&&parent: &&u32| generations[parent as usize] != OPEN;
                    let above = self.parents(commit).iter().filter(finished).map(|&p| generations[p as usize]).max();
                    generations[commit as usize] = above.unwrap_or(0) + 1;
                    stack.pop();
                }
            }
        }
        generations
    }
}

impl Walk<'_> {
    /// Visits every commit that is reachable from one of `new` (which are among them) and from none of `old`.
    ///
    /// Commits are taken by falling generation, so that all that lead to a commit have been seen before it: its colour
    /// is then final. The walk ends when nothing that waits is reachable from `new` alone.
    pub fn difference(&mut self, new: &[u32], old: &[u32], mut visit: impl FnMut(u32)) {
        let mut waiting = 0_usize;
        for (&commit, colour) in new.iter().map(|c| (c, NEW)).chain(old.iter().map(|c| (c, OLD))) {
            self.colour(commit, colour, &mut waiting);
        }
        while waiting > 0 {
            let Some((_, commit)) = self.queue.pop() else { break };
            let colour = self.colours[commit as usize];
            self.colours[commit as usize] = colour | DONE;
            if colour == NEW {
                waiting -= 1;
                visit(commit);
            }
            for &parent in self.history.parents(commit) {
                self.colour(parent, colour, &mut waiting);
            }
        }
        self.queue.clear();
        for commit in self.touched.drain(..) {
            self.colours[commit as usize] = 0;
        }
    }

    fn colour(&mut self, commit: u32, colour: u8, waiting: &mut usize) {
        let before = self.colours[commit as usize];
        let after = before | colour;
        self.colours[commit as usize] = after;
        if before == 0 {
            self.touched.push(commit);
            self.queue.push((self.history.generations[commit as usize], commit));
        }
        match (before, after) {
            (0, NEW) => *waiting += 1,
            (NEW, after) if after & OLD != 0 => *waiting -= 1,
            _ => {}
        }
    }
}

/// Strings as numbers, in the order of their first coming. All text lies in one buffer.
#[derive(Debug, Default)]
struct Names {
    text: String,
    ends: Vec<usize>,
    /// Of each hash the latest name; `earlier` leads to the other names of that hash.
    latest: HashMap<u64, u32, BuildHasherDefault<Ready>>,
    earlier: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Names {
    fn intern(&mut self, name: &str) -> u32 {
        if let Some(number) = self.find(name) {
            return number;
        }
        let number = self.ends.len() as u32;
        self.text.push_str(name);
        self.ends.push(self.text.len());
        self.earlier.push(self.latest.insert(hash(name), number).unwrap_or(NONE));
        number
    }

    fn find(&self, name: &str) -> Option<u32> {
        let mut number = *self.latest.get(&hash(name))?;
        while number != NONE {
            if self.get(number) == name {
                return Some(number);
            }
            number = self.earlier[number as usize];
        }
        None
    }

    fn get(&self, number: u32) -> &str {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        &self.text[start..self.ends[number as usize]]
    }
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// The keys are hashes already.
#[derive(Default)]
struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn history(commits: &[(&str, &[&str])]) -> History {
        let mut builder = HistoryBuilder::default();
        for (commit, parents) in commits {
            builder.add(commit, parents.iter().copied());
        }
        builder.build()
    }

    fn difference(history: &History, new: &[&str], old: &[&str]) -> Vec<String> {
        let numbers = |names: &[&str]| names.iter().filter_map(|name| history.find(name)).collect::<Vec<_>>();
        let mut found = Vec::new();
        history.walk().difference(&numbers(new), &numbers(old), |c| found.push(history.name(c).to_owned()));
        found.sort();
        found
    }

    #[test]
    fn a_merged_branch_belongs_to_the_difference() {
        let h = history(&[("d", &["c", "y"]), ("y", &["x"]), ("x", &["a"]), ("c", &["b"]), ("b", &["a"]), ("a", &[])]);
        assert_eq!(difference(&h, &["d"], &["b"]), ["c", "d", "x", "y"]);
        assert_eq!(difference(&h, &["b"], &["d"]), Vec::<String>::new(), "a rollback ships nothing");
        assert_eq!(difference(&h, &["d"], &["d"]), Vec::<String>::new());
    }

    #[test]
    fn unknown_parents_end_the_walk() {
        let h = history(&[("c", &["b", "gone"]), ("b", &["lost"])]);
        assert_eq!(difference(&h, &["c"], &[]), ["b", "c"]);
        assert_eq!(h.find("gone"), None);
    }

    #[test]
    fn a_circle_ends() {
        let h = history(&[("a", &["b"]), ("b", &["c"]), ("c", &["a"]), ("d", &["a"])]);
        difference(&h, &["d"], &["b"]);
    }

    #[test]
    fn the_cost_follows_the_difference() {
        let mut builder = HistoryBuilder::default();
        let name = |i: u32| format!("c{i}");
        builder.add(&name(0), []);
        (1..100_000).for_each(|i| builder.add(&name(i), [name(i - 1).as_str()]));
        let h = builder.build();
        let mut walk = h.walk();
        let mut visited = 0;
        for i in (10..100_000).step_by(10) {
            let at = |i| [h.find(&name(i)).expect("added")];
            walk.difference(&at(i), &at(i - 10), |_| visited += 1);
            assert!(walk.touched.capacity() < 64, "touched far more than the ten of the difference");
        }
        assert_eq!(visited, 99_990);
    }

    fn reachable(edges: &[Vec<usize>], from: &[usize]) -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        let mut stack = from.to_vec();
        while let Some(commit) = stack.pop() {
            if seen.insert(commit) {
                stack.extend(&edges[commit]);
            }
        }
        seen
    }

    proptest! {
        #[test]
        fn the_difference_is_that_of_the_reachable_sets(
            picks in proptest::collection::vec(proptest::collection::vec(any::<prop::sample::Index>(), 0..4), 1..40),
            pairs in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..20),
        ) {
            // Parents are always earlier commits; roots, merges and forks all come up.
            let edges: Vec<Vec<usize>> = picks.iter().enumerate().map(|(i, picks)| {
                if i == 0 { Vec::new() } else { picks.iter().map(|pick| pick.index(i)).collect() }
            }).collect();
            let names: Vec<String> = (0..edges.len()).map(|i| format!("c{i}")).collect();
            let mut builder = HistoryBuilder::default();
            for (i, parents) in edges.iter().enumerate().rev() {
                builder.add(&names[i], parents.iter().map(|&p| names[p].as_str()));
            }
            let history = builder.build();
            let mut walk = history.walk();
            for (new, old) in pairs {
                let (new, old) = (new.index(edges.len()), old.index(edges.len()));
                let mut found = Vec::new();
                let number = |i: usize| history.find(&names[i]).expect("added");
                walk.difference(&[number(new)], &[number(old)], |c| found.push(history.name(c).to_owned()));
                found.sort();
                let gone = reachable(&edges, &[old]);
                let mut expected: Vec<String> =
                    reachable(&edges, &[new]).difference(&gone).map(|&i| names[i].clone()).collect();
                expected.sort();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
