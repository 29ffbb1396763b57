//! The commits of one repository: a main line and a release line, with pull requests merged, squashed or fast-forwarded
//! onto them. Knows nothing of who deploys what.

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::record::{At, Row};
use super::world::Commit;

/// What a pull request left behind.
pub struct Merged {
    pub merge_commit: String,
    /// The commits of its branch, oldest first.
    pub branch: Vec<String>,
}

/// One repository's commits so far.
pub struct History {
    source: String,
    repository: String,
    pub commits: Vec<Row<Commit>>,
    /// Tips, oldest first.
    main: Vec<String>,
    release: Vec<String>,
}

impl History {
    pub fn new(source: &str, repository: &str, at: At) -> History {
        let (source, repository) = (source.to_owned(), repository.to_owned());
        let mut history = History { source, repository, commits: Vec::new(), main: Vec::new(), release: Vec::new() };
        let root = history.add(at, vec![]);
        history.main.push(root.clone());
        history.release.push(root);
        history
    }

    fn add(&mut self, at: At, parents: Vec<String>) -> String {
        let sha = format!("{}-c{}", self.repository.trim_start_matches("acme/"), self.commits.len());
        let own = Commit {
            repository: self.repository.clone(),
            author: "ann".to_owned(),
            authored_at: Some(at),
            is_merge: Some(parents.len() > 1),
            parents,
            ..Commit::default()
        };
        let (source, id) = (self.source.clone(), sha.clone());
        self.commits.push(Row { source, id, updated_at: at, deleted: false, url: None, own });
        sha
    }

    /// Merges a branch begun at `begun` at `at`, on the main line or the release line.
    pub fn merge(&mut self, rng: &mut ChaCha8Rng, begun: At, at: At) -> Merged {
        let to_release = rng.random_ratio(1, 6);
        let line = if to_release { &self.release } else { &self.main };
        let tip = line.last().expect("a line has a root").clone();
        let fork = line.choose(rng).expect("a line has a root").clone();
        let mut branch: Vec<String> = Vec::new();
        for number in 0..rng.random_range(0..=3) {
            let parent = branch.last().unwrap_or(&fork).clone();
            let sha = self.add(begun + (at - begun) * number / 4, vec![parent]);
            branch.push(sha);
        }
        let merge_commit = match (branch.last().cloned(), rng.random_range(0..4)) {
            (Some(last), 0) => {
                // Fast forward: the branch's last commit lands on top of the line.
                self.commits.last_mut().expect("the branch has one").own.parents.push(tip);
                last
            }
            (Some(last), 1..=2) => self.add(at, vec![tip, last]),
            _ => self.add(at, vec![tip]),
        };
        let line = if to_release { &mut self.release } else { &mut self.main };
        line.push(merge_commit.clone());
        if to_release && rng.random_ratio(1, 2) {
            let parents = vec![self.main.last().expect("a line has a root").clone(), merge_commit.clone()];
            let back = self.add(at, parents);
            self.main.push(back);
        }
        Merged { merge_commit, branch }
    }

    /// A commit that someone may deploy: mostly one of the newest of the main line.
    pub fn deployable(&self, rng: &mut ChaCha8Rng, share: f64) -> String {
        let line = if rng.random_ratio(1, 8) { &self.release } else { &self.main };
        let share = if rng.random_ratio(1, 6) { rng.random::<f64>() } else { share };
        let place = ((line.len() - 1) as f64 * share).round() as usize;
        // Mostly every fourth, so that some merges ship with the next one.
        let place = if rng.random_ratio(1, 8) { place } else { place - place % 4 };
        line[place].clone()
    }
}
