//! Issues: when work on them began and ended, how long it went on, what is above them; and what metrics of issues count.

use throughline::model::Dimension;

use super::choices::Choices;
use super::classes::{Judged, judged};
use super::facts::{Facts, is_bot};
use super::issue_history::{Spell, at, meanings, spells};
use super::item::Item;
use super::record::{At, Row};
use super::world::{Issue, World};

/// An issue.
#[derive(Debug, Clone)]
pub struct Work {
    pub row: Row<Issue>,
    /// Account that it was assigned to when it was done; not done, now.
    pub assignee: Option<String>,
    pub bot: bool,
    pub created_at: Option<At>,
    pub started_at: Option<At>,
    pub completed_at: Option<At>,
    pub seconds_in_progress: Option<f64>,
    /// Names of the sprints that it was ever in, and their boards.
    pub sprints: Vec<String>,
    pub boards: Vec<String>,
    /// Itself, then what is above it, the nearest first.
    pub line: Vec<Judged>,
    pub is_leaf: bool,
}

/// Every issue.
pub fn work(world: &World) -> Vec<Work> {
    let meanings = meanings(world);
    let of = |issue: &Row<Issue>| {
        let own = &issue.own;
        let statuses = spells(world, issue, "STATUS");
        let meaning = |spell: &Spell| {
            let status = spell.value.as_ref()?;
            meanings.get(&(issue.source.clone(), status.clone())).copied()
        };
        let is = |spell: &Spell, wanted: &str| meaning(spell) == Some(wanted);
        // A value that was there before the first change was entered at no known time.
        let entered = |wanted: &str| -> Vec<At> {
            let pairs = statuses.windows(2).filter(|pair| is(&pair[1], wanted) && !is(&pair[0], wanted));
            pairs.filter_map(|pair| pair[1].since).collect()
        };
        let completed_at = match statuses.last() {
            None => own.completed_at,
            Some(last) if is(last, "DONE") => entered("DONE").last().copied().or(own.completed_at),
            Some(_) => None,
        };
        let started_at = entered("IN_PROGRESS").first().copied().or(own.started_at);
        let assignees = spells(world, issue, "ASSIGNEE");
        let holding = match completed_at {
            Some(completed) => at(&assignees, completed),
            None => assignees.last(),
        };
        let assignee = holding.map_or(own.assignee.clone(), |spell| spell.value.clone());
        let spent = statuses.iter().filter(|spell| is(spell, "IN_PROGRESS"));
        let spent: Vec<f64> = spent.filter_map(|s| wall(s.since.or(own.created_at), s.until)).collect();
        let in_sprints = super::sprints::of_issue(world, issue);
        Work {
            bot: assignee.as_ref().is_some_and(|login| is_bot(world, &issue.source, login)),
            assignee,
            created_at: own.created_at,
            started_at,
            completed_at,
            seconds_in_progress: match spent.is_empty() {
                true => wall(started_at, completed_at),
                false => Some(spent.iter().sum()),
            },
            sprints: in_sprints.iter().map(|sprint| sprint.own.name.clone()).collect(),
            boards: in_sprints.iter().filter_map(|sprint| sprint.own.board.clone()).collect(),
            line: line(world, issue).into_iter().map(|issue| judged(world, issue)).collect(),
            is_leaf: !world.issues.iter().any(|other| {
                let above = |name: &Option<String>| name.as_ref().is_some_and(|name| names(issue, name));
                other.source == issue.source && (above(&other.own.parent) || above(&other.own.epic))
            }),
            row: issue.clone(),
        }
    };
    world.issues.iter().map(of).collect()
}

/// Wall-clock seconds; none where the second instant comes first.
fn wall(from: Option<At>, to: Option<At>) -> Option<f64> {
    super::facts::seconds(from, to).filter(|seconds| *seconds >= 0.0)
}

/// Whether an issue is what another of its source calls so.
fn names(issue: &Row<Issue>, name: &str) -> bool {
    issue.id == name || issue.own.key == name
}

/// The issue of a source that a name means: by id, else by key.
pub fn named<'w>(world: &'w World, source: &str, name: &str) -> Option<&'w Row<Issue>> {
    let theirs = || world.issues.iter().filter(|i| i.source == source);
    theirs().find(|i| i.id == name).or_else(|| theirs().find(|i| i.own.key == name))
}

/// An issue, its parent (where it has none, its epic), and so on; nobody twice.
fn line<'w>(world: &'w World, issue: &'w Row<Issue>) -> Vec<&'w Row<Issue>> {
    let mut line = vec![issue];
    while let Some(above) = line.last().and_then(|last| {
        let name = last.own.parent.as_ref().or(last.own.epic.as_ref())?;
        named(world, &last.source, name)
    }) {
        if line.iter().any(|known| known.key() == above.key()) {
            break;
        }
        line.push(above);
    }
    line
}

impl Facts {
    /// Completed issues, each worth so much.
    pub fn completed(&self, choices: &Choices, value: impl Fn(&Work) -> Option<f64>) -> Vec<Item> {
        let item = |w: &Work| Some(w.item(w.completed_at?, value(w), choices));
        self.work.iter().filter_map(item).collect()
    }

    /// Completed issues from their creation on, with stages.
    pub fn issue_lead_times(&self, choices: &Choices) -> Vec<Item> {
        let item = |w: &Work| {
            let parts = vec![
                self.open(w.created_at, w.completed_at),
                self.open(w.created_at, w.started_at),
                self.open(w.started_at, w.completed_at),
            ];
            Some(Item { parts, ..w.item(w.completed_at?, None, choices) })
        };
        self.work.iter().filter_map(item).collect()
    }

    /// Completed issues by the effort that they took, in one unit: of some it is not known.
    pub fn effort(&self, choices: &Choices, unit: &str) -> Vec<Item> {
        let mut items = self.completed(choices, |w| w.effort(unit));
        for item in &mut items {
            item.known = item.parts[0].is_some();
        }
        items
    }

    /// Completed issues by their effort in the profile's unit; what is not known is none.
    pub fn all_effort(&self, choices: &Choices) -> Vec<Item> {
        self.completed(choices, |w| Some(w.effort(choices.effort_unit).unwrap_or(0.0)))
    }

    /// The effort of issues that belong to no category, of all.
    pub fn uncategorized(&self, choices: &Choices) -> Vec<Item> {
        let mut items = self.all_effort(choices);
        for item in &mut items {
            let effort = item.parts[0].unwrap_or(0.0);
            item.below = effort;
            let is_none = item.keys(Dimension::Category) == [choices.categories.otherwise.clone()];
            item.parts[0] = Some(if is_none { effort } else { 0.0 });
        }
        items
    }
}

impl Work {
    fn effort(&self, unit: &str) -> Option<f64> {
        match unit {
            "ISSUE_COUNT" => Some(1.0),
            "STORY_POINTS" => self.row.own.story_points,
            _ => self.seconds_in_progress,
        }
    }

    fn item(&self, at: At, value: Option<f64>, choices: &Choices) -> Item {
        let own = &self.row.own;
        let complexity = own.story_points.map(|points| choices.complexity(points).to_owned());
        let mut item = Item::new(at, value)
            .of(&self.row.source, self.assignee.as_ref(), Some(self.bot))
            .with(Dimension::Project, [own.project.clone()])
            .with(Dimension::IssueType, own.r#type.clone())
            .with(Dimension::Priority, own.priority.clone())
            .with(Dimension::Status, own.status.clone())
            .with(Dimension::Sprint, self.sprints.clone())
            .with(Dimension::Board, self.boards.clone())
            .with(Dimension::Complexity, complexity)
            .with(Dimension::WorkType, [choices.work_types.class(&self.line, self.is_leaf).to_owned()])
            .with(Dimension::Category, [choices.categories.class(&self.line, self.is_leaf).to_owned()]);
        item.place = [
            ("board", self.boards.clone()),
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
