//! Why a row is not behind a number, and the conditions of a metric that say so.

use anyhow::{Result, ensure};
use serde::Deserialize;

use super::words::words;

words! {
    /// Why a row of the period is left out of a number. Of several reasons a row has the first, in this order; conditions of the metric
    /// stand in the order in which the metric names them.
    #[graphql(name = "ExclusionReason")]
    Excluded {
        /// A bot did the work.
        Bot = "BOT",
        /// The metric does not count such rows: a deployment that failed, say, or one to a test system.
        NotCounted = "NOT_COUNTED",
        /// It lacks the time that the metric goes by: a change that is not deployed, say. It is of the period by its own time.
        NoTime = "NO_TIME",
        /// It is among the metric's items, but the value is not known: one of the two milestones is missing.
        UnknownValue = "UNKNOWN_VALUE",
        /// It is among the metric's items, but its milestones are in the wrong order: such a duration is unknown, never 0.
        Negative = "NEGATIVE",
    }
}

/// A condition of a metric: which rows it keeps, and why it leaves the others out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    pub reason: Excluded,
    /// SQL over the fact; rows for which it is not true are left out.
    pub keep: String,
    /// What holds of a row that is left out, after "left out, since": "it did not go to production".
    pub because: Option<String>,
}

impl Excluded {
    /// What holds of a row that is left out for this reason, after "left out, since".
    pub fn because(self) -> &'static str {
        match self {
            Excluded::Bot => "a bot did the work",
            Excluded::NotCounted => "the metric does not count such rows",
            Excluded::NoTime => "the time that the metric goes by is missing",
            Excluded::UnknownValue => "a milestone is missing, and the duration with it",
            Excluded::Negative => "the milestones are in the wrong order",
        }
    }

    /// Whether such a row is among the items that the metric is about, and only its value is not known.
    pub fn is_eligible(self) -> bool {
        matches!(self, Excluded::UnknownValue | Excluded::Negative)
    }
}

impl Keep {
    /// What holds of a row that this leaves out.
    pub fn because(&self) -> &str {
        self.because.as_deref().unwrap_or(self.reason.because())
    }
}

/// The conditions of a metric in order: the labelled ones, then the rest, and all of them as one.
pub(super) fn conditions(mut labelled: Vec<Keep>, rest: Option<String>) -> Result<(Vec<Keep>, Option<String>)> {
    for Keep { reason, .. } in &labelled {
        let decided = matches!(reason, Excluded::Bot | Excluded::NotCounted);
        ensure!(decided, "filters: reason {} follows from the rows; write BOT or NOT_COUNTED", reason.name());
    }
    labelled.extend(rest.map(|keep| Keep { reason: Excluded::NotCounted, keep, because: None }));
    let whole = match labelled.as_slice() {
        [] => None,
        [one] => Some(one.keep.clone()),
        several => Some(several.iter().map(|k| format!("({})", k.keep.trim())).collect::<Vec<_>>().join(" AND ")),
    };
    Ok((labelled, whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_one_and_several() {
        let keep = |reason, keep: &str| Keep { reason, keep: keep.to_owned(), because: None };
        let of = |labelled, rest: Option<&str>| conditions(labelled, rest.map(str::to_owned));
        assert_eq!(of(vec![], None).expect("none"), (vec![], None));
        let (parts, whole) = of(vec![keep(Excluded::Bot, "NOT bot")], Some("a OR b")).expect("two");
        assert_eq!(whole.as_deref(), Some("(NOT bot) AND (a OR b)"));
        assert_eq!(parts[1], keep(Excluded::NotCounted, "a OR b"));
        assert_eq!(of(vec![keep(Excluded::Bot, "NOT bot")], None).expect("one").1.as_deref(), Some("NOT bot"));
        let error = of(vec![keep(Excluded::Negative, "true")], None).expect_err("follows from the rows");
        assert!(error.to_string().contains("NEGATIVE"), "{error}");
    }
}
