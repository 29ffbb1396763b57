//! Which commits each commit of the default branch brought: a walk over the whole history, once, in linear time.

use std::collections::HashMap;

use anyhow::Result;

use super::command::LocalClone;
use super::log::{Log, Range};
use super::refs::ALL;

/// A squashed change with more commits than this is none: its branch went on elsewhere.
const LONGEST_BRANCH: usize = 1_000;

/// A history without messages and files. Commits are numbered as they come.
#[derive(Default)]
pub struct Graph {
    numbers: HashMap<[u8; 32], u32>,
    commits: Vec<Node>,
    authors: Vec<String>,
}

/// A walk along the default branch, oldest first.
pub struct Walk<'a> {
    graph: &'a Graph,
    /// By commit: reached by the line so far.
    known: Vec<bool>,
}

struct Node {
    sha: [u8; 32],
    parents: Vec<u32>,
    author: u32,
    authored: Option<i64>,
}

/// A commit that a merge brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    pub sha: String,
    pub author: String,
    /// Seconds UTC.
    pub authored: Option<i64>,
    pub is_merge: bool,
}

impl Graph {
    /// Reads the history of all references.
    pub async fn read(clone: &LocalClone) -> Result<Graph> {
        let mut graph = Graph::default();
        let mut authors: HashMap<String, u32> = HashMap::new();
        let range = Range { from: &[&["--topo-order"], &ALL[..]].concat(), without: &[], files: false };
        let mut log = Log::open(clone, &range)?;
        while let Some(commit) = log.next().await? {
            let author = *authors.entry(commit.author).or_insert_with_key(|author| {
                graph.authors.push(author.clone());
                graph.authors.len() as u32 - 1
            });
            // Parents come first, except those that a shallow clone leaves out.
            let parents = commit.parents.iter().filter_map(|sha| graph.number(sha)).collect();
            let sha = pack(&commit.sha);
            graph.numbers.insert(sha, graph.commits.len() as u32);
            graph.commits.push(Node { sha, parents, author, authored: commit.authored });
        }
        Ok(graph)
    }

    fn number(&self, sha: &str) -> Option<u32> {
        self.numbers.get(&pack(sha)).copied()
    }

    /// The first-parent line that ends at a commit, oldest first, as shas.
    pub fn line(&self, tip: &str) -> Vec<String> {
        let mut line = Vec::new();
        let mut next = self.number(tip);
        while let Some(n) = next {
            let node = &self.commits[n as usize];
            line.push(node.name());
            next = node.parents.first().copied();
        }
        line.reverse();
        line
    }

    /// Begins a walk along a first-parent line.
    pub fn walk(&self) -> Walk<'_> {
        Walk { graph: self, known: vec![false; self.commits.len()] }
    }

    fn describe(&self, n: u32) -> Brought {
        let node = &self.commits[n as usize];
        Brought {
            sha: node.name(),
            author: self.authors[node.author as usize].clone(),
            authored: node.authored,
            is_merge: node.parents.len() > 1,
        }
    }
}

impl Walk<'_> {
    /// Goes on to the line's next commit. Gives what it brought that was not there before, newest first, without
    /// itself: for a merge, what its later parents reach. `head` is where the change's own branch ended, where it is
    /// known; it tells for a squashed commit.
    pub fn step(&mut self, commit: &str, head: Option<&str>) -> Vec<Brought> {
        let Some(commit) = self.graph.number(commit) else { return Vec::new() };
        let node = &self.graph.commits[commit as usize];
        // What came before the line's first commit belongs to no merge of it.
        self.reach(node.parents.first().copied().into_iter().collect());
        let mut found = self.reach(node.parents.iter().skip(1).copied().collect());
        if let (1, Some(head)) = (node.parents.len(), head.and_then(|head| self.graph.number(head))) {
            // The branch stays outside the default branch's history: it is known no better afterwards.
            found = self.reach(vec![head]);
            found.iter().for_each(|n| self.known[*n as usize] = false);
            if found.contains(&commit) || found.len() > LONGEST_BRANCH {
                found.clear();
            }
        }
        self.known[commit as usize] = true;
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.into_iter().map(|n| self.graph.describe(n)).collect()
    }

    /// Marks all that these reach and that is not known yet; gives it.
    fn reach(&mut self, mut open: Vec<u32>) -> Vec<u32> {
        let mut found = Vec::new();
        while let Some(n) = open.pop() {
            if !std::mem::replace(&mut self.known[n as usize], true) {
                found.push(n);
                open.extend(&self.graph.commits[n as usize].parents);
            }
        }
        found
    }
}

impl Node {
    fn name(&self) -> String {
        let bytes = if self.sha[20..].iter().all(|byte| *byte == 0) { 20 } else { 32 };
        self.sha[..bytes].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A SHA-1 or SHA-256 name in bytes; a SHA-1 is filled up with zeros.
fn pack(sha: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(sha.as_bytes().chunks_exact(2)) {
        let digit = |c: u8| char::from(c).to_digit(16).unwrap_or(0) as u8;
        *byte = digit(digits[0]) << 4 | digit(digits[1]);
    }
    bytes
}
