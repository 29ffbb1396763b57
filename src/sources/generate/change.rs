//! A change on its way: commits, pull request, reviews, comments. Planned whole when work begins; what has happened by
//! the end of a month is then written month by month.

use super::calendar::{DAY, HOUR};
use super::people::Organisation;
use super::random::Chance;

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Person(u32),
    /// An index into `people::BOTS`.
    Bot(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Feature,
    Fix,
    Chore,
    Dependency,
    Revert,
    Hotfix,
}

/// A pull request with all that belongs to it. Times are seconds UTC.
#[derive(Debug, Clone)]
pub struct Change {
    /// Within the repository; 0 until it is given one.
    pub number: u32,
    pub author: Who,
    pub kind: Kind,
    /// Decides title and paths.
    pub draw: u64,
    pub commits: Vec<Commit>,
    pub opened: i64,
    pub ready: Option<i64>,
    pub reviews: Vec<Review>,
    pub comments: Vec<Comment>,
    pub merged: Option<i64>,
    /// Closed without a merge.
    pub closed: Option<i64>,
    /// Labels were corrected after the end.
    pub edited: Option<i64>,
    /// Keys of issues, or the id of an incident.
    pub issues: Vec<String>,
    pub merge: Option<Merge>,
    /// All before this moment has been written.
    pub seen: i64,
}

#[derive(Debug, Clone)]
pub struct Commit {
    /// The repository's `n`th commit; its sha follows from that.
    pub n: u32,
    pub at: i64,
    pub additions: i64,
    pub deletions: i64,
    pub files: i64,
    /// A merge of the default branch into this one.
    pub from_base: bool,
}

#[derive(Debug, Clone)]
pub struct Review {
    pub at: i64,
    pub by: u32,
    pub state: &'static str,
}

#[derive(Debug, Clone)]
pub struct Comment {
    pub at: i64,
    pub by: Who,
    pub inline: bool,
    /// When it was deleted again.
    pub deleted: Option<i64>,
}

/// What merging left on the base branch.
#[derive(Debug, Clone)]
pub struct Merge {
    pub n: u32,
    /// Tip of the base branch before.
    pub base: String,
    /// The commits were squashed into one, else they were merged.
    pub squashed: bool,
}

/// How the people of one unit work.
#[derive(Debug, Clone)]
pub struct Manners {
    pub drafts: f64,
    pub unreviewed: f64,
    /// Median hours until the first review.
    pub review_hours: f64,
    pub closed: f64,
}

impl Change {
    /// The first commit's time.
    pub fn began(&self) -> i64 {
        self.commits.first().map_or(self.opened, |commit| commit.at)
    }

    /// Whether everything planned lies before `now`.
    pub fn is_over(&self, now: i64) -> bool {
        let end = self.merged.or(self.closed).unwrap_or(self.opened + 120 * DAY);
        let deleted = self.comments.iter().filter_map(|comment| comment.deleted).max();
        [Some(end), self.edited, self.ready, deleted, self.comments.last().map(|comment| comment.at)]
            .into_iter()
            .flatten()
            .all(|at| at < now)
    }
}

/// Plans a person's change that begins at `begin`, by the manners of the unit, reviewed by some of `team`.
pub fn plan(
    chance: &mut Chance,
    org: &Organisation,
    manners: &Manners,
    author: u32,
    team: &[u32],
    begin: i64,
    kind: Kind,
) -> Change {
    let urgent = matches!(kind, Kind::Hotfix | Kind::Revert);
    let span = if urgent { chance.seconds(0.4, 0.5) } else { chance.seconds(5.0, 1.2) };
    let count = if urgent { 1 } else { 1 + chance.count(2.0) };
    let mut commits: Vec<Commit> = Vec::with_capacity(count + 1);
    for i in 0..count {
        let earliest = commits.last().map_or(begin, |commit| commit.at + 60);
        let at = (begin + span * i as i64 / count as i64 + chance.whole(0, 240)).max(earliest);
        let at = if urgent || i == 0 { at } else { org.when_working(at, author, chance) };
        commits.push(commit(chance, at));
    }
    let last = commits.last().map_or(begin, |commit| commit.at);
    let mut opened = last + chance.seconds(0.3, 1.0);
    if !urgent && chance.happens(0.015) {
        // Opened before its first commit was written: rebased since, or a wrong clock.
        opened = begin - chance.seconds(2.0, 0.8);
    }
    let ready = (!urgent && chance.happens(manners.drafts))
        .then(|| org.when_working(opened.max(last) + chance.seconds(6.0, 1.1), author, chance));
    let mut change = Change {
        number: 0,
        author: Who::Person(author),
        kind,
        draw: chance.whole(0, i64::MAX) as u64,
        commits,
        opened,
        ready,
        reviews: Vec::new(),
        comments: Vec::new(),
        merged: None,
        closed: None,
        edited: None,
        issues: Vec::new(),
        merge: None,
        seen: i64::MIN,
    };
    let others: Vec<u32> = team.iter().copied().filter(|person| *person != author).collect();
    let mut end = ready.unwrap_or(opened).max(last);
    if !others.is_empty() && !chance.happens(if urgent { 0.35 } else { manners.unreviewed }) {
        end = review(chance, org, manners, &mut change, author, &others, end, urgent);
    }
    finish(chance, org, manners, &mut change, author, end, urgent);
    change
}

/// A bot's change: one commit, reviewed by a person or by nobody.
pub fn plan_bump(chance: &mut Chance, org: &Organisation, team: &[u32], begin: i64) -> Change {
    let mut change = Change {
        number: 0,
        author: Who::Bot(0),
        kind: Kind::Dependency,
        draw: chance.whole(0, i64::MAX) as u64,
        commits: vec![Commit { additions: chance.whole(1, 12), ..commit(chance, begin) }],
        opened: begin + 20,
        ready: None,
        reviews: Vec::new(),
        comments: Vec::new(),
        merged: None,
        closed: None,
        edited: None,
        issues: Vec::new(),
        merge: None,
        seen: i64::MIN,
    };
    let mut at = change.opened + chance.seconds(9.0, 1.3);
    if !team.is_empty() && chance.happens(0.6) {
        let by = *chance.pick(team);
        at = org.calendar.next_working(org.person(by).zone, at);
        change.reviews.push(Review { at, by, state: "APPROVED" });
    }
    if chance.happens(0.7) {
        change.merged = Some(at + chance.whole(60, 1800));
    } else {
        change.closed = Some(at + chance.seconds(80.0, 0.8));
    }
    change
}

fn commit(chance: &mut Chance, at: i64) -> Commit {
    let (additions, deletions) = (chance.around(22.0, 1.4) as i64, chance.around(7.0, 1.5) as i64);
    Commit { n: 0, at, additions, deletions, files: 1 + chance.count(1.0) as i64, from_base: false }
}

/// Adds reviews, comments and what they lead to; when the last of it happened.
#[allow(clippy::too_many_arguments)]
fn review(
    chance: &mut Chance,
    org: &Organisation,
    manners: &Manners,
    change: &mut Change,
    author: u32,
    others: &[u32],
    from: i64,
    urgent: bool,
) -> i64 {
    let hours = if urgent { 0.2 } else { manners.review_hours };
    let reviewer = *chance.pick(others);
    let mut at = from + chance.seconds(hours, 1.3);
    if !urgent {
        at = org.when_working(at, reviewer, chance);
    }
    let first = match chance.index(20) {
        0..11 => "APPROVED",
        11..15 => "CHANGES_REQUESTED",
        _ => "COMMENTED",
    };
    change.reviews.push(Review { at, by: reviewer, state: first });
    for _ in 0..chance.count(if urgent { 0.3 } else { 2.2 }) {
        let by = match chance.index(10) {
            0..3 => Who::Person(author),
            3 => Who::Person(*chance.pick(others)),
            _ => Who::Person(reviewer),
        };
        let deleted = chance.happens(0.003).then(|| at + chance.seconds(30.0, 1.0));
        let inline = chance.happens(0.7);
        change.comments.push(Comment { at: at - chance.whole(0, (at - from).min(3 * HOUR)), by, inline, deleted });
    }
    if first != "APPROVED" {
        at += chance.seconds(3.0, 1.0);
        if first == "CHANGES_REQUESTED" || chance.happens(0.4) {
            at = org.when_working(at, author, chance);
            change.commits.push(commit(chance, at));
        }
        at = org.when_working(at + chance.seconds(hours.min(4.0), 1.1), reviewer, chance);
        if chance.happens(0.93) {
            change.reviews.push(Review { at, by: reviewer, state: "APPROVED" });
        }
    }
    if others.len() > 1 && chance.happens(0.25) {
        let second = *chance.pick(others);
        if second != reviewer {
            at = org.when_working(at + chance.seconds(2.0, 1.0), second, chance);
            change.reviews.push(Review { at, by: second, state: "APPROVED" });
        }
    }
    change.comments.sort_by_key(|comment| comment.at);
    at
}

/// Merges or closes the change, or leaves it open for ever.
fn finish(
    chance: &mut Chance,
    org: &Organisation,
    manners: &Manners,
    change: &mut Change,
    author: u32,
    from: i64,
    urgent: bool,
) {
    if !urgent && chance.happens(manners.closed) {
        change.closed = Some(from + chance.seconds(70.0, 1.2));
    } else if urgent {
        change.merged = Some(from + chance.seconds(0.1, 0.5));
    } else if !chance.happens(0.008) {
        let at = org.when_working(from + chance.seconds(1.0, 1.3), author, chance);
        if at - change.began() > 4 * DAY && chance.happens(0.4) {
            // Brought up to date before merging.
            change.commits.push(Commit { n: 0, at: at - 600, additions: 0, deletions: 0, files: 0, from_base: true });
            change.commits.sort_by_key(|commit| commit.at);
        }
        change.merged = Some(at);
        change.edited = chance.happens(0.02).then(|| at + chance.seconds(60.0, 1.0));
    }
}
