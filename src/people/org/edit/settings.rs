//! Settings of teams by hand, and what a condition matches before it is set.

use std::collections::BTreeMap;

use super::{Outcome, team};
use crate::model::attribution::SOURCE_FIELDS;
use crate::model::{self, Condition};
use crate::people::document::Settings;
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};

/// Sets the settings of a team, in place of all that it had itself. Empty ones: everything is inherited.
pub fn set(draft: &mut Draft, id: &str, settings: Settings) -> Outcome<()> {
    team(draft, id, "team")?;
    let settings = checked(draft, settings)?;
    match settings == Settings::default() {
        true => draft.remove::<Settings>(id),
        false => draft.put(id, settings),
    }
    Ok(())
}

/// Sets the settings of many teams, all or none. Faults name the place: `[3].sources`.
pub fn set_many(draft: &mut Draft, many: Vec<(String, Settings)>) -> Outcome<()> {
    let mut faults = Vec::new();
    for (number, (id, settings)) in many.into_iter().enumerate() {
        let wrong = set(draft, &id, settings).err().unwrap_or_default();
        faults.extend(wrong.into_iter().map(|fault| fault.under(&format!("[{number}]"))));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Gives many teams the settings that one team has itself, in place of theirs.
pub fn copy(draft: &mut Draft, from: &str, to: &[String]) -> Outcome<()> {
    team(draft, from, "from")?;
    let settings = draft.get::<Settings>(from).cloned().unwrap_or_default();
    let mut faults = Vec::new();
    for (number, id) in to.iter().enumerate() {
        let wrong = set(draft, id, settings.clone()).err().unwrap_or_default();
        faults.extend(wrong.into_iter().map(|fault| fault.at(format!("to[{number}]"))));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Takes away the settings that teams have themselves, so that they inherit everything.
pub fn clear(draft: &mut Draft, teams: &[String]) -> Outcome<()> {
    set_many(draft, teams.iter().map(|id| (id.clone(), Settings::default())).collect())
        .map_err(|faults| faults.into_iter().map(|fault| fault.under("teams")).collect())
}

/// The names that a condition on sources matches, for each field that it tests, out of those given for each field. A
/// field is looked at on its own: tests of the others step aside.
///
/// # Errors
/// When the condition cannot be used.
pub fn matching(
    condition: &Condition,
    candidates: &BTreeMap<String, Vec<String>>,
) -> Outcome<BTreeMap<String, Vec<String>>> {
    let matcher = compiled(condition)?;
    let tested = condition.fields();
    let of_field = |(field, names): (&String, &Vec<String>)| {
        let fits = |name: &&String| {
            let values = |asked: &str| (asked == field).then(|| vec![name.as_str()]);
            matcher.matches(&values) == Some(true)
        };
        (field.clone(), names.iter().filter(fits).cloned().collect())
    };
    Ok(candidates.iter().filter(|(field, _)| tested.contains(&field.as_str())).map(of_field).collect())
}

fn checked(draft: &Draft, settings: Settings) -> Outcome<Settings> {
    let mut faults = Vec::new();
    if let Some(wrong) = settings.sources.as_ref().and_then(|condition| compiled(condition).err()) {
        faults.extend(wrong);
    }
    for metric in settings.people_filter.keys().filter(|metric| draft.catalogue().metric(metric).is_none()) {
        let known: Vec<_> = draft.catalogue().metrics().map(|metric| metric.name.as_str()).collect();
        let message = format!("there is no metric {metric:?}; there are: {}", known.join(", "));
        faults.push(Fault::new(Code::InvalidValue, message).at(format!("peopleFilter.{metric}")));
    }
    if faults.is_empty() { Ok(settings) } else { Err(faults) }
}

fn compiled(condition: &Condition) -> Outcome<model::condition::Matcher> {
    let wrong = |error| vec![Fault::new(Code::InvalidValue, format!("{error:#}")).at("sources")];
    condition.compile(&SOURCE_FIELDS).map_err(wrong)
}
