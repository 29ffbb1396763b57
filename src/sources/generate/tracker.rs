//! What the tracker says of a unit's tickets and sprints at some time, as rows. What became of them is planned in `tickets`.

use super::calendar::{DAY, HOUR};
use super::names;
use super::out::{ISSUE_TRANSITIONS, ISSUES, Out, SPRINT_ISSUES, SPRINTS, by, us};
use super::people::Organisation;
use super::tickets::{EPIC_EVERY, SPRINT_DAYS, Ticket, sprint_of, sprint_start};
use super::unit::Unit;

impl Unit {
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

fn write_ticket(key: &str, project: &str, org: &Organisation, ticket: &Ticket, updated: i64, now: i64, out: &mut Out) {
    let (started, completed) = (by(now, ticket.started), ticket.done(now));
    let opened = ticket.again.and_then(|(_, opened)| by(now, Some(opened)));
    let (status, category) = match (started, by(now, ticket.in_review), completed) {
        (_, _, Some(_)) => ("Done", "DONE"),
        _ if opened.is_some() => ("In Progress", "IN_PROGRESS"),
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
    let before = if ticket.in_review.is_some() { "In Review" } else { "In Progress" };
    if let Some((done, opened)) = ticket.again {
        write("done-first", done, "STATUS", Some(before), Some("Done"));
        write("again", opened, "STATUS", Some("Done"), Some("In Progress"));
    }
    if let Some(at) = ticket.completed {
        let before = if ticket.again.is_some() { "In Progress" } else { before };
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
