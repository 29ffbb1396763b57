//! Who wrote the commits of a random world, where on earth, and what they did to which files.

use chrono::Duration;
use rand::Rng;

use super::super::world::*;
use super::Author;

const PATHS: [&str; 4] = ["src/jam.rs", "src/lid.rs", "docs/jam.md", "src/label.rs"];

impl Author {
    /// The commits of a repository as its history left them, each with an author; some with the files that they touched.
    pub fn commits(&mut self, home: usize) {
        let mut commits = self.repositories[home].history.commits.clone();
        let people: &[&str] = match self.repositories[home].source {
            "gitlab" => &["gina", "gina", "ci", "robo"],
            _ => &["ann", "ann", "bob", "bob", "ci", "deps[bot]", "stranger"],
        };
        let known_files = self.one_in(3);
        for commit in &mut commits {
            commit.own.author = self.pick(people).to_owned();
            commit.own.authored_offset_minutes =
                self.pick(&[None, None, Some(0), Some(60), Some(-300), Some(330), Some(840), Some(-720)]);
            if self.one_in(6) {
                let near = Duration::minutes(self.rng.random_range(-900..900));
                commit.own.authored_at = commit.own.authored_at.map(|at| at + near);
            }
            if self.one_in(8) {
                commit.own.is_merge = None;
            }
            commit.own.additions = self.pick(&[None, Some(0), Some(7), Some(120)]);
            commit.own.deletions = self.pick(&[None, Some(0), Some(3), Some(50)]);
            if known_files || !self.one_in(4) {
                self.files(&commit.source, &commit.id);
            }
        }
        self.world.commits.extend(commits);
    }

    fn files(&mut self, source: &str, commit: &str) {
        for path in PATHS {
            if !self.one_in(3) {
                continue;
            }
            let renamed = self.one_in(6);
            let own = CommitFile {
                commit: commit.to_owned(),
                path: path.to_owned(),
                additions: self.pick(&[None, Some(0), Some(1), Some(5), Some(20), Some(300)]),
                deletions: self.pick(&[None, Some(0), Some(1), Some(4), Some(15), Some(100)]),
                previous_path: if renamed { Some(self.pick(&PATHS).to_owned()) } else { None },
            };
            let row = self.row(source, format!("{commit}-{path}"), own);
            self.world.commit_files.push(row);
        }
    }
}
