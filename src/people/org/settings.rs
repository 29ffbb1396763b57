//! Effective settings of teams: their own, and what they inherit from the teams above.

use std::sync::Arc;

use super::forest::Forest;
use crate::people::document::Settings;
use crate::people::records::Records;

/// The effective settings of each team of the forest, as of the days given for each: for every field the nearest
/// that sets it. Shared where a team has none of its own.
pub fn effective(records: &Records, forest: &Forest<'_>, days: &[chrono::NaiveDate]) -> Vec<Arc<Settings>> {
    let mut found: Vec<Option<Arc<Settings>>> = vec![None; forest.teams.len()];
    let nothing = Arc::new(Settings::default());
    for team in 0..forest.teams.len() {
        // From the nearest team above of which it is known already, or the top, down to this one.
        let mut waiting = Vec::from_iter(found[team].is_none().then_some(team));
        let mut above = Arc::clone(&nothing);
        while let Some(parent) = waiting.last().and_then(|last| forest.parent(*last, days[*last])) {
            if let Some(known) = &found[parent] {
                above = Arc::clone(known);
                break;
            }
            waiting.push(parent);
        }
        while let Some(team) = waiting.pop() {
            let own = records.settings.get(forest.teams[team].id);
            above = own.map_or(above.clone(), |own| Arc::new(inherit(own, &above)));
            found[team] = Some(Arc::clone(&above));
        }
    }
    found.into_iter().map(|settings| settings.unwrap_or_default()).collect()
}

/// Own settings, completed by those from above.
pub fn inherit(own: &Settings, above: &Settings) -> Settings {
    let mut people_filter = above.people_filter.clone();
    people_filter.extend(own.people_filter.iter().map(|(metric, on)| (metric.clone(), *on)));
    let mut profiles = above.profiles.clone();
    profiles.extend(own.profiles.iter().map(|(kind, profile)| (*kind, profile.clone())));
    Settings { sources: own.sources.as_ref().or(above.sources.as_ref()).cloned(), people_filter, profiles }
}
