//! Which commits each commit of the default branch brought: a walk over the whole history, once, in linear time.

use std::collections::HashMap;

use anyhow::Result;

use super::command::LocalClone;
use super::log::{Log, Range};

/// A history without messages and files. Commits are numbered as they come.
#[derive(Default)]
pub struct Graph {
    numbers: HashMap<[u8; 32], u32>,
    commits: Vec<Node>,
    authors: Vec<String>,
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
    /// Reads the history of one revision.
    pub async fn read(clone: &LocalClone, revision: &str) -> Result<Graph> {
        let mut graph = Graph::default();
        let mut authors: HashMap<String, u32> = HashMap::new();
        let range = Range { from: &["--topo-order", revision], without: &[], files: false };
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

    /// For each commit of the first-parent line (oldest first, as shas): what it brought that was not there before,
    /// newest first, without itself. Empty for all but merges.
    pub fn brought(&self, line: &[String]) -> Vec<Vec<Brought>> {
        let mut known = vec![false; self.commits.len()];
        line.iter().map(|sha| self.number(sha).map(|n| self.collect(n, &mut known)).unwrap_or_default()).collect()
    }

    /// Marks all that `commit` reaches and is not known yet; gives what is reached through its later parents.
    fn collect(&self, commit: u32, known: &mut [bool]) -> Vec<Brought> {
        let node = &self.commits[commit as usize];
        // What came before the line's first commit belongs to no merge of it.
        self.walk(node.parents.first().copied().into_iter().collect(), known);
        let mut found = self.walk(node.parents.iter().skip(1).copied().collect(), known);
        known[commit as usize] = true;
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.into_iter().map(|n| self.describe(n)).collect()
    }

    fn walk(&self, mut open: Vec<u32>, known: &mut [bool]) -> Vec<u32> {
        let mut found = Vec::new();
        while let Some(n) = open.pop() {
            if !std::mem::replace(&mut known[n as usize], true) {
                found.push(n);
                open.extend(&self.commits[n as usize].parents);
            }
        }
        found
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
