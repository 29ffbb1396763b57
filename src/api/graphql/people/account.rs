//! `Account`: how a tool knows somebody, and to whom it was matched.

use std::sync::Arc;

use async_graphql::{Enum, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::contributor::Contributor;
use crate::people::Directory;
use crate::people::directory::{self, Rule};
use crate::people::identity::Reason;

/// Whether it is known whose account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AccountStatus {
    /// Nobody registered claims it; it counts as a person of its own until somebody does.
    Pending,
    /// It belongs to a registered contributor.
    Matched,
}

/// An account of a person with a tool.
#[derive(Clone)]
pub struct Account {
    directory: Arc<Directory>,
    index: usize,
}

impl Account {
    pub fn new(directory: &Arc<Directory>, index: usize) -> Account {
        Account { directory: Arc::clone(directory), index }
    }

    fn account(&self) -> &directory::Account {
        &self.directory.resolved.accounts[self.index]
    }
}

/// Somebody whose account it may be.
#[derive(SimpleObject)]
pub struct AccountSuggestion {
    /// The contributor.
    contributor: Contributor,
    /// How likely it is, 0 to 1.
    score: f64,
    /// Why, the best reason first.
    reasons: Vec<Reason>,
}

/// The status of an account: bots wait for nobody, nor do those of which somebody said that they stand alone.
fn status(directory: &Directory, index: usize) -> Option<AccountStatus> {
    let account = &directory.resolved.accounts[index];
    if directory.resolved.people[account.person].registered {
        return Some(AccountStatus::Matched);
    }
    directory.resolved.is_pending(index).then_some(AccountStatus::Pending)
}

/// Indices of the accounts that fit, by integration and login.
pub fn list(directory: &Directory, wanted: Option<AccountStatus>, search: Option<&str>) -> Vec<usize> {
    let typed = search.unwrap_or_default().trim().to_lowercase();
    let fits = |account: &directory::Account| {
        let seen = &account.seen;
        let texts = [Some(&seen.login), seen.name.as_ref(), seen.email.as_ref()];
        typed.is_empty() || texts.into_iter().flatten().any(|text| text.to_lowercase().contains(&typed))
    };
    let accounts = directory.resolved.accounts.iter().enumerate();
    let wanted = accounts.filter(|(index, account)| {
        wanted.is_none_or(|wanted| status(directory, *index) == Some(wanted)) && fits(account)
    });
    wanted.map(|(index, _)| index).collect()
}

fn time(micros: Option<i64>) -> Option<DateTime<Utc>> {
    micros.and_then(DateTime::from_timestamp_micros)
}

/// An account: how one tool knows somebody.
#[Object]
impl Account {
    /// Integration that the account is of.
    async fn source(&self) -> &str {
        &self.account().seen.source
    }

    /// Login with that integration; for plain git, an e-mail address.
    async fn login(&self) -> &str {
        &self.account().seen.login
    }

    /// Name that the tool shows.
    async fn name(&self) -> Option<&str> {
        self.account().seen.name.as_deref()
    }

    /// E-mail address that the tool knows.
    async fn email(&self) -> Option<&str> {
        self.account().seen.email.as_deref()
    }

    /// Whether it is a program's: by its tool, by a rule, or said by hand.
    async fn is_bot(&self) -> bool {
        self.account().is_bot
    }

    /// Whom it belongs to; of a pending account, the person that it stands for.
    async fn contributor(&self) -> Contributor {
        Contributor::new(&self.directory, self.account().person)
    }

    /// Whether it is known whose it is; null for a bot that nobody claims, and where somebody said that it stands alone.
    async fn status(&self) -> Option<AccountStatus> {
        status(&self.directory, self.index)
    }

    /// What matched it to its contributor.
    async fn rule(&self) -> Rule {
        self.account().rule
    }

    /// Whose it may be, the likeliest first, five at most; nobody, where it is known.
    async fn suggestions(&self) -> Vec<AccountSuggestion> {
        if status(&self.directory, self.index) != Some(AccountStatus::Pending) {
            return Vec::new();
        }
        let found = self.directory.resolved.suggestions(self.index).into_iter();
        found
            .map(|found| AccountSuggestion {
                contributor: Contributor::new(&self.directory, found.person),
                score: found.score,
                reasons: found.reasons,
            })
            .collect()
    }

    /// How sure the match is, 0 to 1.
    async fn confidence(&self) -> f64 {
        self.account().confidence
    }

    /// Time of its first item.
    async fn first_active_at(&self) -> Option<DateTime<Utc>> {
        time(self.account().seen.first)
    }

    /// Time of its last item.
    async fn last_active_at(&self) -> Option<DateTime<Utc>> {
        time(self.account().seen.last)
    }

    /// Commits, pull requests and reviews by it.
    async fn code_items(&self) -> i64 {
        self.account().seen.code_items
    }

    /// Items of all kinds by it.
    async fn items(&self) -> i64 {
        self.account().seen.items
    }
}
