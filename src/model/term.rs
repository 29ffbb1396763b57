//! Terms of a fact: SQL over its columns that has a name, since several metrics, filters and dimensions mean the same by it.
//! SQL over the fact writes `$name`, as it does for parameters; here the name becomes the text.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use anyhow::{Result, ensure};
use regex::{Captures, Regex};
use serde::Deserialize;

/// Terms within terms, at most.
const MOST_DEPTH: usize = 16;

static NAME: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\$([a-z_]+)").expect("a constant pattern"));

/// SQL with a name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    pub description: String,
    /// Over the columns, parameters and other terms of the fact.
    pub sql: String,
}

/// The text with the SQL of terms in place of their names, as deep as they go. Other names stay.
pub fn expand<'s>(terms: &BTreeMap<String, Term>, sql: &'s str) -> Cow<'s, str> {
    let mut text = Cow::Borrowed(sql);
    for _ in 0..MOST_DEPTH {
        if !names(&text).any(|name| terms.contains_key(name)) {
            break;
        }
        let replaced = NAME.replace_all(&text, |captures: &Captures<'_>| match terms.get(&captures[1]) {
            Some(term) => format!("({})", term.sql.split_whitespace().collect::<Vec<_>>().join(" ")),
            None => captures[0].to_owned(),
        });
        text = Cow::Owned(replaced.into_owned());
    }
    text
}

/// Checks that terms come to an end.
///
/// # Errors
/// Names a term that goes in a circle.
pub fn check(terms: &BTreeMap<String, Term>) -> Result<()> {
    for (name, term) in terms {
        let mut reached: Vec<&str> = names(&term.sql).filter(|name| terms.contains_key(*name)).collect();
        let mut next = 0;
        while let Some(&one) = reached.get(next) {
            ensure!(one != name, "terms.{name}: stands for itself");
            let more = names(&terms[one].sql).filter(|name| terms.contains_key(*name));
            let more: Vec<&str> = more.filter(|name| !reached.contains(name)).collect();
            reached.extend(more);
            next += 1;
        }
    }
    Ok(())
}

fn names(sql: &str) -> impl Iterator<Item = &str> {
    NAME.captures_iter(sql).filter_map(|captures| captures.get(1)).map(|name| name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(of: &[(&str, &str)]) -> BTreeMap<String, Term> {
        let term = |sql: &str| Term { description: String::new(), sql: sql.to_owned() };
        of.iter().map(|(name, sql)| ((*name).to_owned(), term(sql))).collect()
    }

    #[test]
    fn names_become_text_and_parameters_stay() {
        let terms = terms(&[("ends", "coalesce($ships, at)"), ("ships", "CASE WHEN $on\n  THEN a END")]);
        check(&terms).expect("no circle");
        assert_eq!(expand(&terms, "$ends < $limit"), "(coalesce((CASE WHEN $on THEN a END), at)) < $limit");
        assert!(matches!(expand(&terms, "$limit"), Cow::Borrowed("$limit")));
    }

    #[test]
    fn a_circle_is_refused() {
        let error = check(&terms(&[("a", "$b"), ("b", "1 + $c"), ("c", "$b")])).expect_err("a circle").to_string();
        assert!(error.starts_with("terms.b") || error.starts_with("terms.c"), "{error}");
    }
}
