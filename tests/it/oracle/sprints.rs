//! Issues in sprints: who was in when, what it was worth on entering, and what became of it there; and what metrics of
//! sprints count.

use throughline::model::Dimension;

use super::choices::Choices;
use super::facts::{Facts, is_bot};
use super::issue_history::{at, meanings, spells};
use super::item::Item;
use super::record::{At, Row};
use super::world::{Issue, Sprint, World};

/// An issue that was in a sprint during the sprint.
#[derive(Debug, Clone)]
pub struct Planned {
    pub sprint: Row<Sprint>,
    pub issue: Row<Issue>,
    pub ended_at: Option<At>,
    /// How long after the start it was added; none: the start is not known.
    pub after_start: Option<f64>,
    pub points_in: Option<f64>,
    pub points_out: Option<f64>,
    pub done_at_entry: bool,
    pub outcome: Outcome,
    pub assignee: Option<String>,
    pub bot: bool,
}

/// What became of an issue in a sprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Removed,
    Delivered,
    Missed,
}

/// An issue in a sprint with its weight.
pub struct Weighed<'p> {
    planned: &'p Planned,
    weight: f64,
    grace: f64,
    by_points: bool,
}

/// From when until when an issue was in a sprint; none: from its creation on, and still.
type Stay = (Option<At>, Option<At>);

/// Every issue in every sprint that it was in while that went on.
pub fn planned(world: &World) -> Vec<Planned> {
    let meanings = meanings(world);
    let mut all = Vec::new();
    for sprint in &world.sprints {
        for issue in world.issues.iter().filter(|i| i.source == sprint.source) {
            let ended_at = sprint.own.completed_at.or(sprint.own.ends_at);
            let starts_at = sprint.own.starts_at;
            let mut stays = stays(world, sprint, issue);
            stays.retain(|(since, until)| {
                let begins_in_time = ended_at.is_none_or(|end| since.is_none_or(|since| since < end));
                let ends_in_time = starts_at.is_none_or(|start| until.is_none_or(|until| until > start));
                begins_in_time && ends_in_time
            });
            let (Some(first), Some(last)) = (stays.first(), stays.last()) else { continue };
            let added = first.0.or(issue.own.created_at).expect("an issue was created");
            let entered = starts_at.map_or(added, |start| added.max(start));
            let removed_at = last.1.filter(|out| ended_at.is_none_or(|end| *out < end));
            let left = removed_at.or(ended_at);
            let statuses = spells(world, issue, "STATUS");
            let is_done = |when: Option<At>| match (statuses.last(), when) {
                (None, Some(when)) => issue.own.completed_at.is_some_and(|done| done <= when),
                (None, None) => issue.own.completed_at.is_some(),
                (Some(last), when) => {
                    let spell = when.map_or(Some(last), |when| at(&statuses, when));
                    let status = spell.and_then(|spell| spell.value.clone());
                    status.is_some_and(|status| meanings.get(&(issue.source.clone(), status)) == Some(&"DONE"))
                }
            };
            let estimates = spells(world, issue, "POINTS");
            let points = |when: Option<At>| {
                let spell = when.map_or(estimates.last(), |when| at(&estimates, when));
                spell.map_or(issue.own.story_points, |spell| spell.value.as_ref()?.parse().ok())
            };
            let assignees = spells(world, issue, "ASSIGNEE");
            let holding = left.map_or(assignees.last(), |left| at(&assignees, left));
            let assignee = holding.map_or(issue.own.assignee.clone(), |spell| spell.value.clone());
            all.push(Planned {
                ended_at,
                after_start: starts_at.and_then(|start| super::facts::seconds(Some(start), Some(entered))),
                points_in: points(Some(entered)),
                points_out: points(left),
                done_at_entry: is_done(Some(entered)),
                outcome: match removed_at {
                    Some(_) => Outcome::Removed,
                    None if is_done(ended_at) => Outcome::Delivered,
                    None => Outcome::Missed,
                },
                bot: assignee.as_ref().is_some_and(|login| is_bot(world, &issue.source, login)),
                assignee,
                sprint: sprint.clone(),
                issue: issue.clone(),
            });
        }
    }
    all
}

/// The sprints that an issue was ever in.
pub fn of_issue<'w>(world: &'w World, issue: &Row<Issue>) -> Vec<&'w Row<Sprint>> {
    let theirs = world.sprints.iter().filter(|sprint| sprint.source == issue.source);
    theirs.filter(|sprint| !stays(world, sprint, issue).is_empty()).collect()
}

/// The times of an issue in a sprint, in order: it comes in and goes out as lists of sprints and transitions tell. What says
/// the same as the event before says nothing. At one instant lists are heard before transitions, those by id, and going
/// out before coming in.
fn stays(world: &World, sprint: &Row<Sprint>, issue: &Row<Issue>) -> Vec<Stay> {
    let mut events: Vec<(At, bool, String, bool)> = Vec::new();
    let lists = world.sprint_issues.iter().filter(|l| l.source == sprint.source && l.own.sprint == sprint.id);
    for list in lists.filter(|l| l.own.issue == issue.id) {
        let (Some(added), removed) = (list.own.added_at, list.own.removed_at) else { continue };
        if removed.is_none_or(|removed| removed > added) {
            events.push((added, false, String::new(), true));
            events.extend(removed.map(|removed| (removed, false, String::new(), false)));
        }
    }
    let moves = world.issue_transitions.iter().filter(|t| t.source == issue.source && t.own.issue == issue.id);
    for transition in moves.filter(|t| t.own.field == "SPRINT") {
        let Some(at) = transition.own.at else { continue };
        let means = |value: &Option<String>| value.as_ref().is_some_and(|value| is_called(world, sprint, value));
        if means(&transition.own.from_value) {
            events.push((at, true, transition.id.clone(), false));
        }
        if means(&transition.own.to_value) {
            events.push((at, true, transition.id.clone(), true));
        }
    }
    events.sort();
    let mut stays: Vec<Stay> = Vec::new();
    let mut was_in = None;
    for (at, _, _, comes_in) in events {
        match (was_in, comes_in) {
            (None, false) => stays.push((None, Some(at))),
            (Some(true), false) => stays.last_mut().expect("who is in came in").1 = Some(at),
            (None | Some(false), true) => stays.push((Some(at), None)),
            _ => {}
        }
        was_in = Some(comes_in);
    }
    stays.retain(|(since, until)| since.is_none() || until.is_none() || until > since);
    stays
}

/// Whether a transition that names this means the sprint: its id, or its name where no other sprint is called so.
fn is_called(world: &World, sprint: &Row<Sprint>, value: &str) -> bool {
    let others = || world.sprints.iter().filter(|other| other.source == sprint.source && other.id != sprint.id);
    sprint.id == value || sprint.own.name == value && !others().any(|o| o.id == value || o.own.name == value)
}

impl Facts {
    /// Issues of completed sprints of which something holds, each by its weight.
    pub fn planned(&self, choices: &Choices, holds: impl Fn(&Weighed<'_>) -> bool) -> Vec<Item> {
        self.of_plan(choices, holds, |weighed| weighed.weight, |_| 1.0)
    }

    /// Issues of completed sprints of which something holds, each worth so much above the line and so much below it.
    /// Sub-tasks are left out, and what was done before it came in.
    pub fn of_plan(
        &self,
        choices: &Choices,
        holds: impl Fn(&Weighed<'_>) -> bool,
        above: impl Fn(&Weighed<'_>) -> f64,
        below: impl Fn(&Weighed<'_>) -> f64,
    ) -> Vec<Item> {
        let counts = |p: &Planned| p.is_over() && p.after_start.is_some() && !p.is_subtask() && !p.done_at_entry;
        let item = |planned: &Planned| {
            let weighed = planned.weighed(choices);
            let mut item = planned.item(planned.ended_at?, above(&weighed), choices);
            item.below = below(&weighed);
            item.known = !weighed.by_points || planned.points_in.is_some();
            (counts(planned) && holds(&weighed)).then_some(item)
        };
        self.planned.iter().filter_map(item).collect()
    }
}

impl Planned {
    fn is_over(&self) -> bool {
        let told = self.sprint.own.state.as_ref().is_some_and(|state| state.eq_ignore_ascii_case("closed"));
        self.sprint.own.completed_at.is_some() || told
    }

    fn is_subtask(&self) -> bool {
        let kind = self.issue.own.r#type.clone().unwrap_or_default().to_lowercase();
        kind.replace(['-', ' ', '_'], "") == "subtask"
    }

    fn weighed(&self, choices: &Choices) -> Weighed<'_> {
        let by_points = choices.sprint_unit == "STORY_POINTS";
        let weight = if by_points { self.points_in.unwrap_or(0.0) } else { 1.0 };
        Weighed { planned: self, weight, grace: choices.sprint_grace_seconds, by_points }
    }

    fn item(&self, at: At, value: f64, choices: &Choices) -> Item {
        let (own, sprint) = (&self.issue.own, &self.sprint.own);
        let complexity = self.points_in.map(|points| choices.complexity(points).to_owned());
        let mut item = Item::new(at, Some(value))
            .with(Dimension::Complexity, complexity)
            .of(&self.issue.source, self.assignee.as_ref(), Some(self.bot))
            .with(Dimension::Project, [own.project.clone()])
            .with(Dimension::IssueType, own.r#type.clone())
            .with(Dimension::Priority, own.priority.clone())
            .with(Dimension::Status, own.status.clone())
            .with(Dimension::Sprint, [sprint.name.clone()])
            .with(Dimension::Board, sprint.board.clone());
        item.group = format!("{} {}", self.sprint.source, self.sprint.id);
        item.place = [
            ("board", sprint.board.iter().cloned().collect()),
            ("component", own.components.clone()),
            ("label", own.labels.clone()),
            ("priority", own.priority.iter().cloned().collect()),
            ("project", vec![own.project.clone()]),
            ("type", own.r#type.iter().cloned().collect()),
        ]
        .into();
        item
    }
}

impl Weighed<'_> {
    /// In the sprint at its start, or added within the grace period; else it is creep.
    pub fn is_commit(&self) -> bool {
        self.planned.after_start.is_some_and(|after| after <= self.grace)
    }

    pub fn is(&self, outcome: Outcome) -> bool {
        self.planned.outcome == outcome
    }

    /// Its weight where something holds.
    pub fn only(&self, holds: bool) -> f64 {
        if holds { self.weight } else { 0.0 }
    }

    pub fn commit(&self) -> f64 {
        self.only(self.is_commit())
    }

    pub fn delivered(&self) -> f64 {
        self.only(self.is(Outcome::Delivered))
    }

    /// What it changed the sprint by: added late, removed, and its estimate, either way.
    pub fn churned(&self) -> f64 {
        let (before, after) = (self.planned.points_in.unwrap_or(0.0), self.planned.points_out.unwrap_or(0.0));
        let resized = if self.by_points { (after - before).abs() } else { 0.0 };
        self.only(!self.is_commit()) + self.only(self.is(Outcome::Removed)) + resized
    }
}
