//! What a build of an org tree changes: for people to read before they approve it.

use chrono::NaiveDate;

use crate::people::document::Settings;
use crate::people::org::path;

/// The plan. Paths are those before the build where something goes, those after it where something comes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Org tree id.
    pub tree: String,
    /// The day from which on it holds.
    pub day: NaiveDate,
    /// The tree had no teams; it is built as if it had always been so, and memberships begin when people did.
    pub first: bool,
    pub counts: Counts,
    pub added: Vec<Opened>,
    pub renamed: Vec<Renamed>,
    /// Under another team than before.
    pub moved: Vec<Moved>,
    /// No contributor calls for them any more.
    pub closed: Vec<Closed>,
    /// Closed earlier and called for again.
    pub reopened: Vec<Opened>,
    /// Whose team changes.
    pub people: Vec<Step>,
    /// Contributor ids of those without any place in the tree.
    pub unmatched: Vec<String>,
    /// Reporting lines that go round: contributor ids, each reporting to the next and the last to the first. The tree is
    /// built as if the first had no manager.
    pub cycles: Vec<Vec<String>>,
    /// Contributor ids of managers below the deepest level; their people are one level higher.
    pub too_deep: Vec<String>,
    /// What was set by hand on teams that are closed.
    pub lost: Vec<Lost>,
}

/// The tree after the build, squads left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub teams: usize,
    /// People with a place in it.
    pub people: usize,
    pub unmatched: usize,
    pub cycles: usize,
}

/// A team that comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Team id. Of a preview it is only an example.
    pub id: String,
    pub path: String,
    /// People directly in it.
    pub people: usize,
}

/// What a team was recognised by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "TeamMatch")]
pub enum By {
    /// The customer's own id of it.
    StableId,
    /// The same name at the same place.
    Path,
    /// The same manager.
    Manager,
    /// Most of the same people.
    Members,
    /// It is kept by hand, and follows what is above it.
    Hand,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    pub id: String,
    pub path: String,
    /// Names.
    pub before: String,
    pub after: String,
    pub by: By,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub id: String,
    /// Paths.
    pub before: String,
    pub after: String,
    pub by: By,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    pub id: String,
    pub path: String,
    /// People whom the last build had placed directly in it.
    pub people: usize,
}

/// A person's way from one team to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Contributor id.
    pub person: String,
    /// Path of the team before; `None`: the person joins the tree.
    pub before: Option<String>,
    /// Path of the team after; `None`: the person leaves the tree.
    pub after: Option<String>,
}

/// What a closed team had that no other team has now. It is kept, and holds again where the team is opened again.
#[derive(Debug, Clone, PartialEq)]
pub struct Lost {
    pub id: String,
    pub path: String,
    pub settings: Option<Settings>,
    /// Contributor ids of members by hand.
    pub members: Vec<String>,
}

impl Plan {
    /// Teams in the order of a tree walked from the top.
    pub(super) fn sort(&mut self) {
        for opened in [&mut self.added, &mut self.reopened] {
            opened.sort_by(|a, b| path::order(&a.path, &b.path));
        }
        self.renamed.sort_by(|a, b| path::order(&a.path, &b.path));
        self.moved.sort_by(|a, b| path::order(&a.before, &b.before));
        self.closed.sort_by(|a, b| path::order(&a.path, &b.path));
        self.lost.sort_by(|a, b| path::order(&a.path, &b.path));
    }

    /// Nothing changes.
    pub fn is_empty(&self) -> bool {
        let teams = self.added.len() + self.renamed.len() + self.moved.len() + self.closed.len() + self.reopened.len();
        teams + self.people.len() == 0
    }
}
