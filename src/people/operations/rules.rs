//! How accounts are matched and bots are told.

use super::Outcome;
use crate::people::directory::Directory;
use crate::people::document::{IDENTITY_RULES, Rules};
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};
use crate::people::identity::Patterns;

/// Sets the rules of identity matching; they hold at once, for all time. Taken back by setting the earlier ones.
///
/// # Errors
/// INVALID_VALUE: a pattern is no regular expression, or sources that share logins are fewer than two.
pub fn set_rules(draft: &mut Draft, _: &Directory, rules: Rules) -> Outcome<()> {
    let mut faults = Vec::new();
    for (i, pattern) in rules.bots.iter().enumerate() {
        if let Err(error) = Patterns::new(std::slice::from_ref(pattern)) {
            faults.push(Fault::new(Code::InvalidValue, format!("{error:#}")).at(format!("bots[{i}]")));
        }
    }
    if let Err(error) = Patterns::new(&rules.bots)
        && faults.is_empty()
    {
        faults.push(Fault::new(Code::InvalidValue, format!("{error:#}")).at("bots"));
    }
    for (i, group) in rules.same_logins.iter().enumerate() {
        let at = |message: String| Fault::new(Code::InvalidValue, message).at(format!("sameLogins[{i}]"));
        let distinct: std::collections::BTreeSet<&String> = group.iter().collect();
        if group.iter().any(|source| source.trim().is_empty()) {
            faults.push(at("a source has no name".into()));
        } else if distinct.len() < 2 {
            faults.push(at("name at least two different sources that share logins".into()));
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    if rules == Rules::default() {
        draft.remove::<Rules>(IDENTITY_RULES);
    } else {
        draft.put(IDENTITY_RULES, rules);
    }
    Ok(())
}
