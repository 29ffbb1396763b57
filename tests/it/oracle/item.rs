//! What metrics count: one thing at the instant it belongs to, with what it is worth, whose it is and where it happened.

use throughline::model::Dimension;

use super::record::At;
use super::whose::{Account, Place};

/// One thing that a metric counts.
#[derive(Debug, Clone)]
pub struct Item {
    pub at: At,
    /// `at` is the midnight in UTC of a local day, and stands for that date in whatever zone is asked.
    pub is_day: bool,
    /// The total and then each stage: the seconds of a duration, or what is added up; none where it is not known.
    pub parts: Vec<Option<f64>>,
    /// Whether what is added up is known of it.
    pub known: bool,
    /// What is added up below the line of a quotient.
    pub below: f64,
    /// What distinct things are counted by, or told apart.
    pub group: String,
    /// Whether things like this are somebody's.
    pub of_people: bool,
    pub account: Option<Account>,
    /// Whose it must not be to count.
    pub not_of: Option<Account>,
    /// Whether the tool says that the account is a bot; none where that does not matter.
    pub bot: Option<bool>,
    /// Its keys in each dimension that such things have; people and teams apart.
    pub keys: Vec<(Dimension, Vec<String>)>,
    /// What settings of teams can test.
    pub place: Place,
}

/// What a metric is asked of.
#[derive(Debug, Clone, PartialEq)]
pub enum Scope {
    Organization,
    Repository(String),
    Service(String),
    /// By key.
    Contributor(String),
    Team(String),
}

/// What a breakdown slices by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By {
    pub dimension: Dimension,
    /// Number of the org tree; none: the scope's, else the first.
    pub tree: Option<usize>,
    /// Levels below the scope, where it is by level.
    pub level: usize,
}

impl Item {
    /// A thing that is worth so much and belongs to nobody and nowhere.
    pub fn new(at: At, value: Option<f64>) -> Item {
        Item {
            at,
            is_day: false,
            parts: vec![value],
            known: true,
            below: 1.0,
            group: String::new(),
            of_people: false,
            account: None,
            not_of: None,
            bot: None,
            keys: Vec::new(),
            place: Place::new(),
        }
    }

    /// Its keys in a dimension of its own.
    pub fn keys(&self, dimension: Dimension) -> &[String] {
        self.keys.iter().find(|(known, _)| *known == dimension).map_or(&[], |(_, keys)| keys)
    }

    /// The same with a key, or none, in a dimension.
    pub fn with(mut self, dimension: Dimension, keys: impl IntoIterator<Item = String>) -> Item {
        self.keys.retain(|(known, _)| *known != dimension);
        self.keys.push((dimension, keys.into_iter().collect()));
        self
    }

    /// The same as somebody's. `bot`: whether the tool says it is a bot's; none where bots count.
    pub fn of(mut self, source: &str, login: Option<&String>, bot: Option<bool>) -> Item {
        self.of_people = true;
        self.account = login.map(|login| (source.to_owned(), login.clone()));
        self.bot = bot;
        self
    }
}

impl By {
    pub fn new(dimension: Dimension) -> By {
        By { dimension, tree: None, level: 1 }
    }
}

impl From<Dimension> for By {
    fn from(dimension: Dimension) -> By {
        By::new(dimension)
    }
}
