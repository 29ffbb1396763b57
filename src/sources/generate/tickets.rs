//! Tickets of a unit's tracker project, what became of them, and the sprints they were in.

use super::calendar::{DAY, HOUR};
use super::change::{Change, Kind};
use super::names;
use super::out::{ISSUE_TRANSITIONS, ISSUES, Out, SPRINT_ISSUES, SPRINTS, by, us};
use super::people::Organisation;
use super::unit::Unit;

/// Sprints of all units are two weeks long and begin on Mondays, as many as these before and after 1970.
const SPRINT_DAYS: i64 = 14;
const FIRST_MONDAY: i64 = 4;
/// Every this many tickets, one is an epic that the following ones belong to.
const EPIC_EVERY: u32 = 25;

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
    /// Points were corrected, from this value.
    pub resized: Option<(i64, f64)>,
    /// Sprint number, added, removed.
    pub sprints: Vec<(i64, i64, Option<i64>)>,
    pub seen: i64,
}

impl Ticket {
    fn events(&self) -> impl Iterator<Item = i64> + '_ {
        let sprints = self.sprints.iter().flat_map(|(_, added, removed)| [Some(*added), *removed]);
        [Some(self.created), self.started, self.in_review, self.completed, self.resized.map(|(at, _)| at)]
            .into_iter()
            .chain(sprints)
            .flatten()
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
            resized,
            sprints: Vec::new(),
            seen: i64::MIN,
        };
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

    /// Writes the tickets of which something happened before `now`.
    pub fn write_tickets(&mut self, org: &Organisation, now: i64, out: &mut Out) {
        for ticket in &mut self.tickets {
            let seen = ticket.seen;
            let fresh = |at: i64| at >= seen && at < now;
            let Some(updated) = ticket.events().filter(|at| fresh(*at)).max() else { continue };
            let known = ticket.events().filter(|at| *at < now).max().unwrap_or(updated);
            write_ticket(&self.key, &self.project, org, ticket, known, now, out);
            write_transitions(&self.key, org, ticket, &fresh, out);
            for (sprint, added, removed) in &ticket.sprints {
                if fresh(*added) || removed.is_some_and(fresh) {
                    let at = by(now, *removed).map_or(*added, |_| removed.unwrap_or(*added));
                    let issue = format!("{}-{}", self.key, ticket.n);
                    out.row(SPRINT_ISSUES, &format!("{}-s{sprint}/{issue}", self.key), at)
                        .text("sprint", format!("{}-s{sprint}", self.key).as_str())
                        .text("issue", issue.as_str())
                        .time("added_at", us(*added))
                        .time("removed_at", by(now, *removed));
                }
            }
            ticket.seen = now;
        }
    }

    /// Writes the sprints that begin or end in `[from, now)`.
    pub fn write_sprints(&mut self, from: i64, now: i64, out: &mut Out) {
        if !self.has_sprints {
            return;
        }
        // Tickets may have been in sprints of before the unit's first month.
        let from = if from <= self.born { from - 6 * SPRINT_DAYS * DAY } else { from };
        for sprint in sprint_of(from) - 1..=sprint_of(now - 1) {
            let (starts, ends) = (sprint_start(sprint), sprint_start(sprint + 1) - 3 * DAY + 16 * HOUR);
            let closed = ends + 5400;
            let fresh = |at: i64| at >= from && at < now;
            if starts < now && (fresh(starts) || fresh(closed)) {
                let done = by(now, Some(closed));
                out.row(SPRINTS, &format!("{}-s{sprint}", self.key), if done.is_some() { closed } else { starts })
                    .text("board", self.key.as_str())
                    .text("name", format!("{} {sprint}", self.key).as_str())
                    .text("state", if done.is_some() { "closed" } else { "active" })
                    .time("starts_at", us(starts))
                    .time("ends_at", us(ends))
                    .time("completed_at", done);
            }
        }
    }
}

fn sprint_of(at: i64) -> i64 {
    (at.div_euclid(DAY) - FIRST_MONDAY).div_euclid(SPRINT_DAYS)
}

/// Monday, nine o'clock UTC.
fn sprint_start(sprint: i64) -> i64 {
    (sprint * SPRINT_DAYS + FIRST_MONDAY) * DAY + 9 * HOUR
}

fn write_ticket(key: &str, project: &str, org: &Organisation, ticket: &Ticket, updated: i64, now: i64, out: &mut Out) {
    let (started, completed) = (by(now, ticket.started), by(now, ticket.completed));
    let (status, category) = match (started, by(now, ticket.in_review), completed) {
        (_, _, Some(_)) => ("Done", "DONE"),
        (_, Some(_), None) => ("In Review", "IN_PROGRESS"),
        (Some(_), None, None) => ("In Progress", "IN_PROGRESS"),
        (None, None, None) => ("To Do", "TO_DO"),
    };
    let points = match ticket.resized {
        Some((at, before)) if at >= now => Some(before),
        _ => ticket.points,
    };
    let id = format!("{key}-{}", ticket.n);
    let epic = format!("{key}-{}", (ticket.n - 1) / EPIC_EVERY * EPIC_EVERY + 1);
    out.row(ISSUES, &id, updated)
        .text("key", id.as_str())
        .text("project", project)
        .text("type", ticket.kind)
        .text("title", names::title(ticket.draw).as_str())
        .text("status", status)
        .text("category", category)
        .text("resolution", completed.map(|_| if ticket.draw.is_multiple_of(19) { "Won't do" } else { "Done" }))
        .text("priority", ["Low", "Medium", "Medium", "High"][ticket.draw as usize % 4])
        .list("labels", ticket.draw.is_multiple_of(6).then_some("customer"))
        .list("components", [["backend", "frontend", "data"][(ticket.draw >> 8) as usize % 3]])
        .text("parent", ticket.parent.map(|n| format!("{key}-{n}")).as_deref())
        .text("epic", Some(epic.as_str()).filter(|epic| *epic != id))
        .float("story_points", points)
        .text("assignee", started.map(|_| org.person(ticket.assignee).email.as_str()))
        .text("reporter", org.person(ticket.reporter).email.as_str())
        .time("created_at", us(ticket.created))
        .time("started_at", started)
        .time("completed_at", completed);
}

fn write_transitions(key: &str, org: &Organisation, ticket: &Ticket, fresh: &dyn Fn(i64) -> bool, out: &mut Out) {
    let id = format!("{key}-{}", ticket.n);
    let mut write = |n: &str, at: i64, field: &str, from: Option<&str>, to: Option<&str>| {
        if fresh(at) {
            out.row(ISSUE_TRANSITIONS, &format!("{id}/{n}"), at)
                .text("issue", id.as_str())
                .time("at", us(at))
                .text("field", field)
                .text("from_value", from)
                .text("to_value", to);
        }
    };
    if let Some(at) = ticket.started {
        write("started", at, "STATUS", Some("To Do"), Some("In Progress"));
        write("assigned", at, "ASSIGNEE", None, Some(&org.person(ticket.assignee).email));
    }
    if let Some(at) = ticket.in_review {
        write("review", at, "STATUS", Some("In Progress"), Some("In Review"));
    }
    if let Some(at) = ticket.completed {
        let before = if ticket.in_review.is_some() { "In Review" } else { "In Progress" };
        write("done", at, "STATUS", Some(before), Some("Done"));
    }
    if let (Some((at, before)), Some(points)) = (ticket.resized, ticket.points) {
        write("points", at, "POINTS", Some(&before.to_string()), Some(&points.to_string()));
    }
    for (sprint, added, removed) in &ticket.sprints {
        let name = format!("{key} {sprint}");
        write(&format!("s{sprint}"), *added, "SPRINT", None, Some(&name));
        if let Some(at) = removed {
            write(&format!("s{sprint}-out"), *at, "SPRINT", Some(&name), None);
        }
    }
}
