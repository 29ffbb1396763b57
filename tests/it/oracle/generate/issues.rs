//! Issues of a random world and what became of them: re-opened, moved on and back, estimated anew, handed over, with
//! histories that are missing or say otherwise than the issue does.

use chrono::Duration;
use rand::Rng;

use super::super::record::At;
use super::super::world::*;
use super::Author;

/// Statuses and what they mean to most issues.
pub const STATUSES: [(&str, &str); 6] = [
    ("Backlog", "TO_DO"),
    ("To do", "TO_DO"),
    ("Doing", "IN_PROGRESS"),
    ("In review", "IN_PROGRESS"),
    ("Done", "DONE"),
    ("Dropped", "DONE"),
];
const TYPES: [Option<&str>; 10] = [
    Some("Story"),
    Some("Story"),
    Some("Bug"),
    Some("bug"),
    Some("Task"),
    Some("Epic"),
    Some("Epic"),
    Some("Sub-task"),
    Some("Feature"),
    None,
];
const PEOPLE: [Option<&str>; 7] =
    [None, Some("ann"), Some("ann"), Some("gina"), Some("triage"), Some("stranger"), Some("bob")];

impl Author {
    pub fn issues(&mut self) {
        for (source, project) in [("tracker", "PAY"), ("tracker", "OPS"), ("github", "PAY")] {
            for number in 1..=self.pick(&[2, 5, 9]) {
                self.issue(source, project, number);
            }
        }
        // Now and then somebody makes a circle.
        if self.one_in(3) {
            let ids: Vec<String> = self.world.issues.iter().map(|i| i.id.clone()).collect();
            let parent = self.pick(&ids);
            self.world.issues[0].own.parent = Some(parent);
        }
    }

    fn issue(&mut self, source: &str, project: &str, number: usize) {
        let id = format!("{project}{}", 1000 + number);
        let created = self.moment();
        let theirs = self.world.issues.iter().filter(|i| i.source == source && i.own.project == project);
        let others: Vec<String> = theirs.flat_map(|i| [i.id.clone(), i.own.key.clone()]).collect();
        let above = |author: &mut Author, of: u32| match others.is_empty() || !author.one_in(of) {
            true => None,
            false if author.one_in(8) => Some("unheard of".to_owned()),
            false => Some(author.pick(&others)),
        };
        let (parent, epic) = (above(self, 3), above(self, 4));
        let status = self.history(source, &id, created);
        let told = self.pick(&STATUSES[..]);
        let (status, category) = match self.rng.random_range(0..12) {
            0 => (Some(told.0), Some(told.1)),
            1 => (status.map(|s| s.0), self.pick(&[None, Some("TO_DO"), Some("IN_PROGRESS")])),
            2 => (None, None),
            _ => (status.map(|s| s.0), status.map(|s| s.1)),
        };
        let (started, completed) = (self.after(created, 90), self.after(created, 300));
        let own = Issue {
            key: format!("{project}-{number}"),
            project: project.to_owned(),
            r#type: self.pick(&TYPES).map(str::to_owned),
            title: Some(format!("Issue {number}")),
            status: status.map(str::to_owned),
            category,
            priority: self.pick(&[None, Some("High"), Some("Low")]).map(str::to_owned),
            labels: self.words(&["tech-debt", "urgent", "kickoff"]),
            components: self.words(&["till", "shelf"]),
            parent,
            epic,
            story_points: self.pick(&[None, Some(0.0), Some(0.5), Some(2.0), Some(3.0), Some(5.0), Some(8.0)]),
            assignee: self.pick(&PEOPLE).map(str::to_owned),
            reporter: self.pick(&PEOPLE).map(str::to_owned),
            created_at: Some(created),
            started_at: if self.one_in(3) { None } else { Some(started) },
            completed_at: if self.one_in(3) { None } else { Some(completed) },
            ..Issue::default()
        };
        let row = self.row(source, id, own);
        self.world.issues.push(row);
    }

    /// Moves an issue through statuses, and gives the last one; none where nothing was recorded.
    fn history(&mut self, source: &str, issue: &str, created: At) -> Option<(&'static str, &'static str)> {
        let moves = self.pick(&[0, 1, 2, 3, 3, 5]);
        if moves == 0 {
            return if self.one_in(3) { None } else { Some(self.pick(&STATUSES)) };
        }
        let mut at = created;
        let mut status = STATUSES[usize::from(self.one_in(2))];
        for number in 0..moves {
            at = match self.rng.random_range(0..10) {
                0 => at, // A tie.
                1 => created - Duration::hours(5),
                _ => self.after(at, 200),
            };
            let next = if self.one_in(8) { ("Waiting", "TO_DO") } else { self.pick(&STATUSES) };
            let from = if self.one_in(8) { None } else { Some(status.0) };
            self.transition(source, issue, &format!("s{number}"), at, "STATUS", from, Some(next.0));
            status = next;
        }
        if self.one_in(4) {
            let who = self.pick(&PEOPLE);
            self.transition(source, issue, "a", at, "ASSIGNEE", None, who);
        }
        Some(status)
    }

    /// One change of one field of an issue.
    #[expect(clippy::too_many_arguments, reason = "they are the columns")]
    pub fn transition(
        &mut self,
        source: &str,
        issue: &str,
        name: &str,
        at: At,
        field: &'static str,
        from: Option<&str>,
        to: Option<&str>,
    ) {
        let (from_value, to_value) = (from.map(str::to_owned), to.map(str::to_owned));
        let own = Transition { issue: issue.to_owned(), at: Some(at), field, from_value, to_value };
        let row = self.row(source, format!("{issue}-{name}"), own);
        self.world.issue_transitions.push(row);
    }

    fn words(&mut self, words: &[&str]) -> Vec<String> {
        let words: Vec<&str> = words.iter().copied().filter(|_| self.one_in(4)).collect();
        words.into_iter().map(str::to_owned).collect()
    }
}
