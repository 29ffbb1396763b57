//! Which accounts are no people.

use anyhow::{Context, Result, ensure};
use regex::Regex;

use crate::people::seen::SeenAccount;

/// How tools mark a bot at the end of its login or name, or before the @ of its address.
const MARK: &str = "[bot]";
/// The most patterns, and the most characters in one.
const MOST: (usize, usize) = (200, 500);

/// Patterns of bots' logins and names, ready to be asked.
#[derive(Debug)]
pub struct Patterns(Vec<Regex>);

impl Patterns {
    /// Makes patterns ready; each must fit a login or name as a whole. Errors name the pattern.
    pub fn new(patterns: &[String]) -> Result<Patterns> {
        let (most, longest) = MOST;
        ensure!(patterns.len() <= most, "{} patterns; at most {most} are allowed", patterns.len());
        let compiled = patterns.iter().map(|pattern| {
            ensure!(pattern.len() <= longest, "a pattern is longer than {longest} characters");
            ensure!(!pattern.is_empty(), "a pattern is empty");
            // By itself first: what is put around it must not be what makes it whole.
            Regex::new(pattern)
                .and_then(|_| Regex::new(&format!("^(?:{pattern})$")))
                .with_context(|| format!("{pattern:?} is no regular expression"))
        });
        Ok(Patterns(compiled.collect::<Result<_>>()?))
    }

    /// Whether an account is a bot's: as its tool says, by the mark that tools put into names, or by a pattern.
    pub fn say_bot(&self, account: &SeenAccount) -> bool {
        let name = account.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let login = account.login.trim();
        let mailbox = login.rsplit_once('@').map_or(login, |(mailbox, _)| mailbox);
        account.is_bot
            || [Some(mailbox), name].into_iter().flatten().any(ends_with_mark)
            || self.0.iter().any(|pattern| pattern.is_match(login) || name.is_some_and(|name| pattern.is_match(name)))
    }
}

fn ends_with_mark(text: &str) -> bool {
    text.len() >= MARK.len() && text.as_bytes()[text.len() - MARK.len()..].eq_ignore_ascii_case(MARK.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_marks_and_patterns_tell_bots() {
        let patterns = Patterns::new(&["ci-.*".into(), "Release Robot".into()]).expect("patterns");
        let says = |login: &str, name: &str, is_bot: bool| {
            let name = Some(name.to_owned());
            patterns.say_bot(&SeenAccount { login: login.into(), name, is_bot, ..SeenAccount::default() })
        };
        assert!(says("ann", "Ann", true));
        assert!(says("deps[bot]", "", false));
        assert!(says("9+deps[Bot]@users.noreply.forge.example", "", false));
        assert!(says("x", "Deps [bot]", false));
        assert!(says("ci-17", "", false));
        assert!(says("x", "Release Robot", false));
        assert!(!says("my-ci-17", "", false));
        assert!(!says("ann", "The Release Robot", false));
        assert!(!says("bot", "", false));
    }

    #[test]
    fn wrong_patterns_are_named() {
        let error = |pattern: &str| format!("{:#}", Patterns::new(&[pattern.into()]).expect_err("wrong"));
        assert!(error("(").contains("\"(\" is no regular expression"));
        assert!(error("a)|(?:b").contains("is no regular expression"));
        assert!(error("").contains("empty"));
    }
}
