//! Pull requests: what others said of them and when, and what metrics of pull requests and reviews count.

use throughline::model::Dimension;

use super::choices::Choices;
use super::classes::work_type;
use super::facts::{Change, Facts, Key, is_bot, key_of};
use super::item::Item;
use super::record::{At, Row};
use super::world::{Issue, PullRequest, Repository, World};

/// A pull request of any state.
#[derive(Debug, Clone)]
pub struct Pull {
    /// Source and id.
    pub key: Key,
    pub repository: String,
    pub service: Option<String>,
    pub project: Option<String>,
    pub author: String,
    pub bot: bool,
    pub labels: Vec<String>,
    pub base_branch: Option<String>,
    pub head_branch: Option<String>,
    /// Keys of issues, as it says.
    pub issues: Vec<String>,
    /// Those of them that are known.
    pub known_issues: Vec<Row<Issue>>,
    pub lines: Option<i64>,
    pub state: &'static str,
    /// A draft, still open, that nobody marked ready.
    pub never_ready: bool,
    pub opened_at: Option<At>,
    pub ready_at: Option<At>,
    pub merged_at: Option<At>,
    pub said: Said,
}

/// What other humans said of a pull request.
#[derive(Debug, Clone, Default)]
pub struct Said {
    pub comments: usize,
    /// The first comment or review.
    pub first_at: Option<At>,
    pub first_approval_at: Option<At>,
}

/// A review, and whose work it was of.
#[derive(Debug, Clone)]
pub struct Reviewed {
    pub source: String,
    pub reviewer: String,
    pub bot: bool,
    pub at: Option<At>,
    pub state: &'static str,
    /// None: of a pull request that is not there.
    pub pull: Option<Pull>,
}

/// A pull request of a world.
pub fn pull(world: &World, row: &Row<PullRequest>) -> Pull {
    let own = &row.own;
    let home = home(world, &own.repository);
    Pull {
        key: key_of(row),
        repository: own.repository.clone(),
        service: home.and_then(|r| r.service.clone()),
        project: home.and_then(|r| r.project.clone()),
        author: own.author.clone(),
        bot: is_bot(world, &row.source, &own.author),
        labels: own.labels.clone(),
        base_branch: own.base_branch.clone(),
        head_branch: own.head_branch.clone(),
        issues: own.issues.clone(),
        known_issues: world.issues.iter().filter(|i| own.issues.contains(&i.own.key)).cloned().collect(),
        lines: own.additions.zip(own.deletions).map(|(more, less)| more + less),
        state: own.state,
        never_ready: own.draft == Some(true) && own.ready_at.is_none() && own.state == "OPEN",
        opened_at: own.created_at,
        ready_at: own.ready_at.or(own.created_at),
        merged_at: own.merged_at,
        said: said(world, row),
    }
}

/// The repository of a name.
pub fn home<'w>(world: &'w World, name: &str) -> Option<&'w Repository> {
    world.repositories.iter().find(|r| r.own.name == name).map(|r| &r.own)
}

fn said(world: &World, pull: &Row<PullRequest>) -> Said {
    let counts = |login: &String| *login != pull.own.author && !is_bot(world, &pull.source, login);
    let comments = world.comments.iter().filter(|c| pull.key() == (&c.source, &c.own.pull_request));
    let comments: Vec<_> = comments.filter(|c| counts(&c.own.author)).collect();
    let reviews = world.reviews.iter().filter(|r| pull.key() == (&r.source, &r.own.pull_request));
    let reviews: Vec<_> = reviews.filter(|r| counts(&r.own.reviewer)).collect();
    let approvals = reviews.iter().filter(|r| r.own.state == "APPROVED");
    let commented = comments.iter().filter_map(|c| c.own.created_at);
    Said {
        comments: comments.len(),
        first_at: commented.chain(reviews.iter().filter_map(|r| r.own.submitted_at)).min(),
        first_approval_at: approvals.filter_map(|r| r.own.submitted_at).min(),
    }
}

/// Every review.
pub fn reviewed(world: &World) -> Vec<Reviewed> {
    let of = |review: &Row<super::world::Review>| {
        let theirs = world.pull_requests.iter().find(|p| p.key() == (&review.source, &review.own.pull_request));
        Reviewed {
            source: review.source.clone(),
            reviewer: review.own.reviewer.clone(),
            bot: is_bot(world, &review.source, &review.own.reviewer),
            at: review.own.submitted_at,
            state: review.own.state,
            pull: theirs.map(|p| pull(world, p)),
        }
    };
    world.reviews.iter().map(of).collect()
}

impl Facts {
    /// Merged pull requests, each worth so much.
    pub fn merged(&self, choices: &Choices, value: impl Fn(&Pull) -> f64) -> Vec<Item> {
        let item = |c: &Change| Some(self.change_item(c, c.pull.merged_at?, vec![Some(value(&c.pull))], choices));
        self.changes.iter().filter_map(item).collect()
    }

    /// Merged pull requests, from their first commit to the merge, with stages.
    pub fn cycle_times(&self, choices: &Choices) -> Vec<Item> {
        let item = |c: &Change| {
            let pull = &c.pull;
            let (said, approved) = (pull.said.first_at, pull.said.first_approval_at);
            let parts = vec![
                self.open(c.first_commit_at, pull.merged_at),
                self.open(c.first_commit_at, pull.opened_at),
                self.open(pull.ready_at, said),
                self.open(said, approved),
                self.open(approved, pull.merged_at),
            ];
            Some(self.change_item(c, pull.merged_at?, parts, choices))
        };
        self.changes.iter().filter_map(item).collect()
    }

    /// Pull requests of any state, for as long as they waited for the first word.
    pub fn first_comments(&self, choices: &Choices) -> Vec<Item> {
        let item = |p: &Pull| {
            let ready_at = p.ready_at.filter(|_| !p.never_ready);
            Some(p.item(p.opened_at?, vec![self.open(ready_at, p.said.first_at)], choices))
        };
        self.pulls.iter().filter_map(item).collect()
    }

    /// Reviews; those of one's own pull requests do not count.
    pub fn reviews(&self, choices: &Choices) -> Vec<Item> {
        let item = |r: &Reviewed| {
            let item = match &r.pull {
                Some(pull) => pull.item(r.at?, vec![Some(1.0)], choices),
                None => nowhere(r.at?, Some(1.0)),
            };
            let mut item = item.with(Dimension::Status, [r.state.to_owned()]);
            item.not_of = r.pull.as_ref().map(|pull| (pull.key.0.clone(), pull.author.clone()));
            Some(item.of(&r.source, Some(&r.reviewer), Some(r.bot)))
        };
        self.reviewed.iter().filter_map(item).collect()
    }

    /// A change at an instant, with the environment that it was deployed to.
    pub fn change_item(&self, change: &Change, at: At, parts: Vec<Option<f64>>, choices: &Choices) -> Item {
        let environment = change.environment.clone().filter(|_| change.shipped_at(choices).is_some());
        change.pull.item(at, parts, choices).with(Dimension::Environment, environment)
    }
}

impl Pull {
    /// It at an instant, as its author's.
    pub fn item(&self, at: At, parts: Vec<Option<f64>>, choices: &Choices) -> Item {
        let size = self.lines.map(|lines| lines as f64).map(|lines| match () {
            () if lines < choices.small_pull_request_below => "SMALL",
            () if lines <= choices.medium_pull_request_up_to => "MEDIUM",
            () => "LARGE",
        });
        let item = Item { parts, ..nowhere(at, None) };
        let mut item = item
            .of(&self.key.0, Some(&self.author), Some(self.bot))
            .with(Dimension::Repository, [self.repository.clone()])
            .with(Dimension::Service, self.service.clone())
            .with(Dimension::Project, self.project.clone())
            .with(Dimension::Branch, self.base_branch.clone())
            .with(Dimension::Status, [self.state.to_owned()])
            .with(Dimension::Size, size.map(str::to_owned))
            .with(Dimension::WorkType, [work_type(self, &choices.work_types)]);
        item.place.insert("branch", self.base_branch.iter().cloned().collect());
        item.place.insert("label", self.labels.clone());
        item.place.insert("project", self.project.iter().cloned().collect());
        item.place.insert("repository", vec![self.repository.clone()]);
        item.place.insert("service", self.service.iter().cloned().collect());
        item
    }
}

/// Something that may have a place in code, and has none.
fn nowhere(at: At, value: Option<f64>) -> Item {
    let mut item = Item::new(at, value);
    item.place = ["branch", "label", "project", "repository", "service"].map(|field| (field, Vec::new())).into();
    item
}
