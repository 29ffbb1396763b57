//! `testCondition`: what a condition on sources matches, before it is set.

use std::collections::BTreeMap;

use async_graphql::{Context, Result, SimpleObject};

use super::super::asking::Asking;
use super::super::error::{bad_input, internal};
use super::condition::ConditionInput;
use crate::people::org::edit::settings::matching;
use crate::query::values::values;

/// Names that are shown of each field.
const SHOWN: usize = 200;

/// What a condition matches of one field that it tests. The tests of other fields are left out.
#[derive(SimpleObject)]
pub struct ConditionMatch {
    /// The field.
    field: String,
    /// Values that match, in order, 200 at most.
    matched: Vec<String>,
    /// How many values match.
    matched_count: usize,
    /// How many values there are in the tables.
    total_count: usize,
}

/// What a condition matches, for each field that it tests.
pub async fn test(context: &Context<'_>, condition: &ConditionInput) -> Result<Vec<ConditionMatch>> {
    let asking = Asking::of(context)?;
    let condition = condition.read();
    let wrong = |faults: Vec<crate::people::Fault>| {
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        bad_input(format!("condition: {}", told.join("; ")))
    };
    // Before anything is read.
    matching(&condition, &BTreeMap::new()).map_err(wrong)?;
    let mut candidates = BTreeMap::new();
    for field in condition.fields() {
        if !candidates.contains_key(field) {
            asking.collector.count_plan();
            let found = values(&asking.engine, &asking.snapshot, field).await.map_err(|error| internal(&error))?;
            candidates.insert(field.to_owned(), found);
        }
    }
    let matched = matching(&condition, &candidates).map_err(wrong)?;
    let shown = |(field, matched): (String, Vec<String>)| ConditionMatch {
        total_count: candidates.get(&field).map_or(0, Vec::len),
        matched_count: matched.len(),
        matched: matched.into_iter().take(SHOWN).collect(),
        field,
    };
    Ok(matched.into_iter().map(shown).collect())
}
