//! The directory: who there is, by which accounts, in which teams, as one state of records and tables says. Read-only, made
//! whole and shared; what anybody asks about people is looked up here.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use anyhow::Result;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::document::{Attribute, OrgTree, Settings, Team};
use super::records::Records;
use super::seen::{Seen, SeenAccount};
use super::{identity, org};
use crate::model::Attribution;

/// People, accounts, teams.
#[derive(Debug)]
pub struct Directory {
    /// Changes when anything in it does.
    pub id: String,
    pub records: Arc<Records>,
    /// Key of the accounts that it was made of.
    pub seen_key: String,
    pub zone: Tz,
    /// The day that "now" is.
    pub today: NaiveDate,
    pub resolved: Resolved,
    pub org: Org,
    pub attribution: Arc<Attribution>,
}

/// Who the accounts belong to.
#[derive(Debug, Default)]
pub struct Resolved {
    /// By name (case folded), then id.
    pub people: Vec<Person>,
    /// By source and login.
    pub accounts: Vec<Account>,
    /// Contributor id (also of merged ones) -> index of the person.
    pub by_id: HashMap<String, usize>,
    /// Main and further e-mails -> index of the person.
    pub by_email: HashMap<String, usize>,
    /// Finds likely people for accounts; made when first asked.
    pub suggester: OnceLock<identity::Suggester>,
}

/// A contributor: registered (by import or by hand), or detected from accounts that nobody claimed.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// A registered one's id; of a detected one `account:<source>/<login>` of its first account.
    pub id: String,
    pub name: String,
    /// Main one first: the registered ones, then those of the accounts.
    pub emails: Vec<String>,
    pub registered: bool,
    pub external_id: Option<String>,
    pub is_bot: bool,
    pub locked: bool,
    /// Index of the manager.
    pub manager: Option<usize>,
    pub reports: Vec<usize>,
    pub attributes: BTreeMap<String, Attribute>,
    pub starts: Option<NaiveDate>,
    pub ends: Option<NaiveDate>,
    /// Indices of its accounts.
    pub accounts: Vec<usize>,
    /// Contributor ids that were merged into it.
    pub merged: Vec<String>,
}

/// An account and whom it belongs to.
#[derive(Debug, Clone, Default)]
pub struct Account {
    pub seen: SeenAccount,
    /// Work by it is no person's: as is said by hand of it or of its contributor, else by rule.
    pub is_bot: bool,
    /// Index of the person.
    pub person: usize,
    pub rule: Rule,
    /// 0 to 1.
    pub confidence: f64,
}

/// What matched an account to its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, async_graphql::Enum)]
#[graphql(name = "MatchRule")]
pub enum Rule {
    /// Somebody said so.
    Manual,
    /// The same e-mail address.
    Email,
    /// The same login in sources that share logins.
    Login,
    /// The same full name, which nobody else has. Check it.
    Name,
    /// Nothing: the account counts as a person of its own.
    #[default]
    Unmatched,
}

/// The org trees.
#[derive(Debug, Default)]
pub struct Org {
    /// In their order; the first is the default.
    pub trees: Vec<Tree>,
    /// Every team that ever was, by tree and path; numbered as the nodes of the attribution.
    pub teams: Vec<TeamNode>,
    pub by_id: HashMap<String, usize>,
    /// Current path -> indices of teams that exist today, in the order of the trees.
    pub by_path: HashMap<String, Vec<usize>>,
}

/// An org tree.
#[derive(Debug, Clone)]
pub struct Tree {
    pub id: String,
    pub definition: Arc<OrgTree>,
    /// Its topmost teams today.
    pub roots: Vec<usize>,
}

/// A team, as it is today.
#[derive(Debug, Clone)]
pub struct TeamNode {
    pub id: String,
    pub team: Arc<Team>,
    /// Index of the tree.
    pub tree: usize,
    /// "engineering/payments": names from the top, in lower case, spaces as hyphens. Of a closed team, as it was last.
    pub path: String,
    pub parent: Option<usize>,
    pub children: Vec<usize>,
    /// Teams that it was or will be under, in order of the days, on days on which both exist.
    pub parents: Vec<ParentSpan>,
    /// Persons who are or were directly in it, on days on which it exists and they are with the organisation. A person's
    /// spans do not overlap.
    pub spans: Vec<MemberSpan>,
    /// Own settings and those of the teams above, the nearest first for each field.
    pub settings: Arc<Settings>,
    /// It does not exist any more, or not yet.
    pub closed: bool,
}

/// A team's time under another one, by days, half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParentSpan {
    /// Index of the team above.
    pub team: usize,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// A person's time in a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberSpan {
    pub person: usize,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub shared: bool,
    /// By the squad's rule.
    pub by_rule: bool,
}

impl Directory {
    /// The directory of records and accounts. Fails where records contradict themselves, which no change allows.
    pub fn new(records: Arc<Records>, seen: &Seen, zone: Tz, now: DateTime<Utc>) -> Result<Directory> {
        let today = now.with_timezone(&zone).date_naive();
        let id = format!("{}-{}-{}-{}", records.seq, seen.key, zone.name(), today);
        let resolved = identity::resolve(&records, seen)?;
        let org = org::org(&records, &resolved, today)?;
        let attribution = Arc::new(org::attribution(id.clone(), &resolved, &org, zone)?);
        let seen_key = seen.key.clone();
        Ok(Directory { id, records, seen_key, zone, today, resolved, org, attribution })
    }

    /// A contributor by id, also of one that was merged, or of an account's `account:<source>/<login>`.
    pub fn person(&self, id: &str) -> Option<&Person> {
        self.resolved.by_id.get(id).map(|index| &self.resolved.people[*index])
    }

    /// A team by id.
    pub fn team(&self, id: &str) -> Option<&TeamNode> {
        self.org.by_id.get(id).map(|index| &self.org.teams[*index])
    }
}
