//! `IdentityRules`: how accounts are matched to people.

use async_graphql::SimpleObject;

use crate::people::document::Rules;

/// How accounts are matched to people, in this order: by hand, by e-mail, by login, by name.
#[derive(SimpleObject)]
pub struct IdentityRules {
    /// Accounts with one e-mail address are one person's.
    by_email: bool,
    /// Groups of integrations in which the same login is the same person.
    same_logins: Vec<Vec<String>>,
    /// An account goes by exact full name to the only person who has it.
    by_name: bool,
    /// Regular expressions; an account whose whole login or name fits one is a bot.
    bots: Vec<String>,
}

impl IdentityRules {
    pub fn new(rules: Rules) -> IdentityRules {
        let Rules { by_email, same_logins, by_name, bots } = rules;
        IdentityRules { by_email, same_logins, by_name, bots }
    }
}
