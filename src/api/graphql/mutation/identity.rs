//! Mutations of whose accounts are, who is a bot, and by which rules.

use async_graphql::{Context, InputObject, Object, Result};

use super::super::people::{Account, Contributor, IdentityRules};
use super::contributor::{ContributorPayload, ContributorsPayload, many, one, renamed};
use super::outcome::{Done, change};
use super::payload::payload;
use super::team::contributor_id;
use crate::people::document::Rules;
use crate::people::operations::{self, AccountId};

/// An account: a login with an integration.
#[derive(InputObject)]
pub struct AccountInput {
    /// Name of the integration.
    pub source: String,
    /// The login there; upper and lower case differ.
    pub login: String,
}

/// Whose accounts are.
#[derive(InputObject)]
pub struct AssignAccountsInput {
    /// The accounts.
    pub accounts: Vec<AccountInput>,
    /// Whose they are, by id or e-mail; left out: the rules say again, or they stand alone.
    pub contributor: Option<String>,
    /// Whether each is a person of its own, whatever rules say. Only without `contributor`.
    pub alone: Option<bool>,
}

/// Accounts that are another person's.
#[derive(InputObject)]
pub struct SplitContributorInput {
    /// The accounts that go, all of one contributor.
    pub accounts: Vec<AccountInput>,
    /// Name of the new contributor; left out: as the accounts say.
    pub name: Option<String>,
}

/// Contributors that are locked or unlocked.
#[derive(InputObject)]
pub struct LockContributorsInput {
    /// Whom, by id or e-mail.
    pub contributors: Vec<String>,
}

/// Who is a bot. Give contributors, accounts, or both.
#[derive(InputObject)]
pub struct SetBotInput {
    /// Contributors, by id or e-mail.
    #[graphql(default)]
    pub contributors: Vec<String>,
    /// Accounts.
    #[graphql(default)]
    pub accounts: Vec<AccountInput>,
    /// Whether they are bots; left out: the rules say again.
    pub is_bot: Option<bool>,
}

/// How accounts are matched to people. What is left out stays.
#[derive(InputObject)]
pub struct SetIdentityRulesInput {
    /// Whether accounts with one e-mail address are one person's.
    pub by_email: Option<bool>,
    /// Groups of integrations in which the same login is the same person.
    pub same_logins: Option<Vec<Vec<String>>>,
    /// Whether an account goes by exact full name to the only person who has it.
    pub by_name: Option<bool>,
    /// Regular expressions; an account whose whole login or name fits one is a bot.
    pub bots: Option<Vec<String>>,
}

payload! {
    /// Accounts after a change.
    AccountsPayload {
        /// The accounts, in the order of the input.
        accounts: Vec<Account>,
    }
}

payload! {
    /// What became of who is a bot.
    SetBotPayload {
        /// The contributors, in the order of the input.
        contributors: Vec<Contributor>,
        /// The accounts, in the order of the input.
        accounts: Vec<Account>,
    }
}

payload! {
    /// The rules after a change.
    IdentityRulesPayload {
        /// The rules.
        rules: Option<IdentityRules>,
    }
}

fn read(accounts: &[AccountInput]) -> Vec<AccountId> {
    accounts.iter().map(|account| AccountId::new(account.source.clone(), account.login.clone())).collect()
}

fn shown<T>(done: &Done<T>, accounts: &[AccountId]) -> Vec<Account> {
    let found = accounts.iter().filter_map(|a| done.directory.resolved.account(&a.source, &a.login));
    let changed = done.outcome.is_some();
    found.filter(|_| changed).map(|index| Account::new(&done.directory, index)).collect()
}

/// The part of `Mutation` that is about identities.
#[derive(Default)]
pub struct IdentityMutation;

#[Object]
impl IdentityMutation {
    /// Says whose accounts are. It goes before every rule.
    async fn assign_accounts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The accounts, and whose they are.")] input: AssignAccountsInput,
    ) -> Option<Result<AccountsPayload>> {
        let (accounts, alone) = (read(&input.accounts), input.alone.unwrap_or_default());
        let whose = match (&input.contributor, alone) {
            (Some(contributor), _) => format!("gave {} accounts to {contributor:?}", accounts.len()),
            (None, true) => format!("said that {} accounts stand alone", accounts.len()),
            (None, false) => format!("left {} accounts to the rules", accounts.len()),
        };
        let done = change(context, "ASSIGN_ACCOUNTS", &whose, |draft, directory| match (&input.contributor, alone) {
            (Some(contributor), _) => {
                operations::assign(draft, directory, &accounts, &contributor_id(directory, contributor)).map(drop)
            }
            (None, true) => operations::set_alone(draft, directory, &accounts),
            (None, false) => operations::clear(draft, directory, &accounts),
        });
        let payload = |done: Done<()>| {
            let accounts = shown(&done, &accounts);
            AccountsPayload { accounts, change: done.change, user_errors: done.user_errors }
        };
        Some(done.await.map(payload))
    }

    /// Takes accounts of one contributor away and gives them to a new one.
    async fn split_contributor(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The accounts that go.")] input: SplitContributorInput,
    ) -> Option<Result<ContributorPayload>> {
        let accounts = read(&input.accounts);
        let summary = format!("split {} accounts off their contributor", accounts.len());
        let done = change(context, "SPLIT_CONTRIBUTOR", &summary, |draft, directory| {
            operations::split(draft, directory, &accounts, input.name.as_deref())
        });
        Some(done.await.map(one))
    }

    /// Locks contributors: no rule adds accounts to them or takes them away.
    async fn lock_contributors(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whom.")] input: LockContributorsInput,
    ) -> Option<Result<ContributorsPayload>> {
        let summary = format!("locked {} contributors", input.contributors.len());
        let done = change(context, "LOCK_CONTRIBUTORS", &summary, |draft, directory| {
            let ids: Vec<String> = input.contributors.iter().map(|text| contributor_id(directory, text)).collect();
            operations::lock(draft, directory, &ids).map_err(|faults| renamed(faults, "ids", "contributors"))
        });
        Some(done.await.map(many))
    }

    /// Unlocks contributors: the rules say again.
    async fn unlock_contributors(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whom.")] input: LockContributorsInput,
    ) -> Option<Result<ContributorsPayload>> {
        let summary = format!("unlocked {} contributors", input.contributors.len());
        let done = change(context, "UNLOCK_CONTRIBUTORS", &summary, |draft, directory| {
            let ids: Vec<String> = input.contributors.iter().map(|text| contributor_id(directory, text)).collect();
            operations::unlock(draft, directory, &ids).map_err(|faults| renamed(faults, "ids", "contributors"))
        });
        Some(done.await.map(many))
    }

    /// Says who is a bot, and who is not. It goes before every rule.
    async fn set_bot(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who, and whether.")] input: SetBotInput,
    ) -> Option<Result<SetBotPayload>> {
        let accounts = read(&input.accounts);
        let what = match input.is_bot {
            Some(true) => "bots",
            Some(false) => "no bots",
            None => "what the rules say",
        };
        let summary =
            format!("said that {} contributors and {} accounts are {what}", input.contributors.len(), accounts.len());
        let done = change(context, "SET_BOT", &summary, |draft, directory| {
            let ids: Vec<String> = input.contributors.iter().map(|text| contributor_id(directory, text)).collect();
            let changed = operations::set_bot(draft, directory, &ids, input.is_bot)
                .map_err(|faults| renamed(faults, "ids", "contributors"))?;
            operations::set_account_bot(draft, directory, &accounts, input.is_bot)?;
            Ok(changed)
        });
        let payload = |done: Done<Vec<String>>| {
            let accounts = shown(&done, &accounts);
            let ContributorsPayload { contributors, change, user_errors } = many(done);
            SetBotPayload { contributors, accounts, change, user_errors }
        };
        Some(done.await.map(payload))
    }

    /// Sets the rules by which accounts are matched to people. They hold at once, and for all of the past.
    async fn set_identity_rules(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The rules.")] input: SetIdentityRulesInput,
    ) -> Option<Result<IdentityRulesPayload>> {
        let done = change(context, "SET_IDENTITY_RULES", "set the rules of identity matching", |draft, directory| {
            let before = draft.records().identity_rules();
            let rules = Rules {
                by_email: input.by_email.unwrap_or(before.by_email),
                same_logins: input.same_logins.clone().unwrap_or(before.same_logins),
                by_name: input.by_name.unwrap_or(before.by_name),
                bots: input.bots.clone().unwrap_or(before.bots),
            };
            operations::set_rules(draft, directory, rules)
        });
        let payload = |Done { outcome, directory, change, user_errors }: Done<()>| IdentityRulesPayload {
            rules: outcome.map(|()| IdentityRules::new(directory.records.identity_rules())),
            change,
            user_errors,
        };
        Some(done.await.map(payload))
    }
}
