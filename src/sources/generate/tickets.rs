//! Tickets of a unit's tracker project: what becomes of them, and the sprints they are in. `tracker` writes them down.

use super::calendar::{DAY, HOUR};
use super::change::{Change, Kind};
use super::out::by;
use super::unit::Unit;

/// Sprints of all units are two weeks long and begin on Mondays, as many as these before and after 1970.
pub const SPRINT_DAYS: i64 = 14;
const FIRST_MONDAY: i64 = 4;
/// Every this many tickets, one is an epic that the following ones belong to.
pub const EPIC_EVERY: u32 = 25;
/// Of so many tickets about one is opened again after it was done.
const AGAIN_EVERY: u64 = 31;

/// An issue, planned whole. Times are seconds UTC.
#[derive(Debug, Clone)]
pub struct Ticket {
    pub n: u32,
    pub kind: &'static str,
    pub draw: u64,
    pub points: Option<f64>,
    pub assignee: u32,
    pub reporter: u32,
    pub parent: Option<u32>,
    pub created: i64,
    pub started: Option<i64>,
    pub in_review: Option<i64>,
    pub completed: Option<i64>,
    /// It had been done before, and was opened again.
    pub again: Option<(i64, i64)>,
    /// Points were corrected, from this value.
    pub resized: Option<(i64, f64)>,
    /// Sprint number, added, removed.
    pub sprints: Vec<(i64, i64, Option<i64>)>,
    pub seen: i64,
}

impl Ticket {
    pub fn events(&self) -> impl Iterator<Item = i64> + '_ {
        let sprints = self.sprints.iter().flat_map(|(_, added, removed)| [Some(*added), *removed]);
        let again = [self.again.map(|(done, _)| done), self.again.map(|(_, opened)| opened)];
        [Some(self.created), self.started, self.in_review, self.completed, self.resized.map(|(at, _)| at)]
            .into_iter()
            .chain(again)
            .chain(sprints)
            .flatten()
    }

    /// It is opened again some time after it was done, and done for good some time later.
    fn open_again(&mut self) {
        let Some(done) = self.completed else { return };
        let (open, work) = ((self.draw >> 16) as i64 % (4 * DAY), (self.draw >> 32) as i64 % (6 * DAY));
        let opened = done + HOUR + open;
        self.again = Some((done, opened));
        self.completed = Some(opened + HOUR + work);
    }

    /// When it was done, as one knows it at `now`: not while it is open again.
    pub fn done(&self, now: i64) -> Option<i64> {
        let before = self.again.filter(|(_, opened)| *opened >= now).map(|(done, _)| done);
        by(now, before.or(self.completed))
    }

    /// Whether everything planned lies before `now`.
    pub fn is_over(&self, now: i64) -> bool {
        self.events().all(|at| at < now)
    }
}

impl Unit {
    /// Key of the ticket that a change belongs to: a recent one, or one made for it.
    pub fn ticket_for(&mut self, change: &Change, author: u32, team: &[u32]) -> String {
        if self.next_ticket > 6 && self.chance.happens(0.3) {
            let n = self.next_ticket - 1 - self.chance.index(5) as u32;
            return format!("{}-{n}", self.key);
        }
        // Some start the ticket when the work is half done.
        let skew = if self.chance.happens(0.07) { 3 * HOUR } else { -self.chance.seconds(2.0, 1.0) };
        let started = change.began() + skew;
        let created = started - self.chance.seconds(80.0, 1.3);
        let end = change.merged.map(|at| (at + self.chance.seconds(3.0, 1.2)).max(started + 600));
        let kind = match change.kind {
            Kind::Fix | Kind::Hotfix => "Bug",
            Kind::Chore => "Task",
            _ => "Story",
        };
        let review =
            Some(change.ready.unwrap_or(change.opened)).filter(|at| *at > started && end.is_none_or(|e| *at < e));
        let n = self.plan_ticket(kind, author, team, created, Some(started), review, end);
        format!("{}-{n}", self.key)
    }

    /// A ticket that no change belongs to.
    pub fn plan_chore(&mut self, person: u32, team: &[u32], at: i64) {
        let created = at - self.chance.seconds(60.0, 1.4);
        let started = self.chance.happens(0.85).then_some(at);
        let completed = started.filter(|_| self.chance.happens(0.93)).map(|at| at + self.chance.seconds(14.0, 1.2));
        let kind = if self.chance.happens(0.3) { "Bug" } else { "Task" };
        self.plan_ticket(kind, person, team, created, started, None, completed);
    }

    #[allow(clippy::too_many_arguments)]
    fn plan_ticket(
        &mut self,
        kind: &'static str,
        assignee: u32,
        team: &[u32],
        created: i64,
        started: Option<i64>,
        in_review: Option<i64>,
        completed: Option<i64>,
    ) -> u32 {
        if self.next_ticket % EPIC_EVERY == 1 {
            self.push_ticket("Epic", assignee, team, created - DAY, started, None, completed.map(|at| at + 60 * DAY));
        }
        let n = self.push_ticket(kind, assignee, team, created, started, in_review, completed);
        if kind == "Story" && self.chance.happens(0.06) {
            let (begin, end) =
                (started.map(|at| at + 600), completed.map(|at| at - 60).filter(|at| Some(*at) > started));
            let child = self.push_ticket("Sub-task", assignee, team, created + 300, begin, None, end);
            if let Some(ticket) = self.tickets.iter_mut().rev().find(|ticket| ticket.n == child) {
                ticket.parent = Some(n);
            }
        }
        n
    }

    #[allow(clippy::too_many_arguments)]
    fn push_ticket(
        &mut self,
        kind: &'static str,
        assignee: u32,
        team: &[u32],
        created: i64,
        started: Option<i64>,
        in_review: Option<i64>,
        completed: Option<i64>,
    ) -> u32 {
        let n = self.next_ticket;
        self.next_ticket += 1;
        let points = (kind == "Story" || kind == "Bug" && self.chance.happens(0.5))
            .then(|| *self.chance.pick(&[1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 5.0, 8.0]));
        let resized = points
            .filter(|_| self.chance.happens(0.04))
            .zip(started)
            .map(|(points, at): (f64, i64)| (at + 2 * HOUR, (points - 1.0).max(0.0)));
        let mut ticket = Ticket {
            n,
            kind,
            draw: self.chance.whole(0, i64::MAX) as u64,
            points,
            assignee,
            reporter: if team.is_empty() { assignee } else { *self.chance.pick(team) },
            parent: None,
            created,
            started,
            in_review,
            completed,
            again: None,
            resized,
            sprints: Vec::new(),
            seen: i64::MIN,
        };
        if started.is_some() && kind != "Epic" && ticket.draw.is_multiple_of(AGAIN_EVERY) {
            ticket.open_again();
        }
        if self.has_sprints && !matches!(kind, "Epic" | "Sub-task") {
            self.plan_sprints(&mut ticket);
        }
        self.tickets.push(ticket);
        n
    }

    fn plan_sprints(&mut self, ticket: &mut Ticket) {
        let Some(started) = ticket.started else { return };
        let first = sprint_of(started);
        let last = ticket.completed.map_or(first, sprint_of).clamp(first, first + 3);
        for sprint in first..=last {
            let begins = sprint_start(sprint);
            let added = if sprint > first || (ticket.created < begins && self.chance.happens(0.8)) {
                (begins - self.chance.whole(HOUR, 2 * DAY)).max(ticket.created)
            } else {
                (started - self.chance.whole(600, 8 * HOUR)).max(ticket.created).max(begins)
            };
            let removed = (sprint == first && last > first && self.chance.happens(0.2)).then(|| added + 4 * DAY);
            ticket.sprints.push((sprint, added, removed));
        }
    }
}

/// The sprint in which an instant lies.
pub fn sprint_of(at: i64) -> i64 {
    (at.div_euclid(DAY) - FIRST_MONDAY).div_euclid(SPRINT_DAYS)
}

/// When a sprint begins: Monday, nine o'clock UTC.
pub fn sprint_start(sprint: i64) -> i64 {
    (sprint * SPRINT_DAYS + FIRST_MONDAY) * DAY + 9 * HOUR
}
