//! Teams by hand: made, changed, moved, closed. In a tree that is built, the next build closes what nobody's attributes
//! call for; a squad it leaves alone.

use chrono::NaiveDate;

use super::{Outcome, fits, name, team};
use crate::model::Condition;
use crate::people::directory::Directory;
use crate::people::document::{OrgTree, Placement, Team};
use crate::people::draft::Draft;
use crate::people::fault::{Code, Fault};
use crate::people::fresh;
use crate::people::operations::registered;
use crate::people::org::days::Days;
use crate::people::org::forest::Forest;
use crate::people::org::{path, rule};

/// A team to be made.
#[derive(Debug, Clone, Default)]
pub struct NewTeam {
    /// Org tree id.
    pub tree: String,
    pub name: String,
    /// Id of the team above; `None`: at the top.
    pub parent: Option<String>,
    /// Contributor id.
    pub manager: Option<String>,
    pub stable_id: Option<String>,
    pub squad: bool,
    /// Of a squad: who is in it beside those listed.
    pub rule: Option<Condition>,
    /// First day; `None`: it always was.
    pub from: Option<NaiveDate>,
}

/// What changes about a team; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct TeamChange {
    pub name: Option<String>,
    /// `Some(None)`: nobody any more; so for the others.
    pub manager: Option<Option<String>>,
    pub stable_id: Option<Option<String>>,
    pub rule: Option<Option<Condition>>,
}

/// Makes a team or a squad, and gives its id.
pub fn create(draft: &mut Draft, directory: &Directory, new: NewTeam) -> Outcome<String> {
    if draft.get::<OrgTree>(&new.tree).is_none() {
        return Err(vec![Fault::new(Code::NotFound, format!("there is no org tree {:?}", new.tree)).at("tree")]);
    }
    let above = match &new.parent {
        Some(parent) => Some(team(draft, parent, "parent")?),
        None => None,
    };
    if above.is_some_and(|above| above.tree != new.tree) {
        return Err(vec![Fault::new(Code::Conflict, "the team above is in another org tree").at("parent")]);
    }
    let id = fresh::id('t');
    let change = TeamChange {
        name: Some(new.name),
        manager: Some(new.manager),
        stable_id: Some(new.stable_id),
        rule: Some(new.rule),
    };
    let placement = |parent: String| Placement { parent, from: new.from, to: None };
    let document = Team {
        tree: new.tree,
        squad: new.squad,
        parents: new.parent.into_iter().map(placement).collect(),
        from: new.from,
        ..Team::default()
    };
    let document = changed(draft, directory, &id, document, change)?;
    draft.put(&id, document);
    fits(draft, "parent")?;
    alone(draft, &id, new.from.unwrap_or(directory.today))?;
    Ok(id)
}

/// Changes name, manager, stable id or rule. A name holds for all days: it is what the team is called now.
pub fn change(draft: &mut Draft, directory: &Directory, id: &str, change: TeamChange) -> Outcome<()> {
    let document = team(draft, id, "id")?.clone();
    let renamed = change.name.is_some();
    let document = changed(draft, directory, id, document, change)?;
    draft.put(id, document);
    if renamed { alone(draft, id, directory.today) } else { Ok(()) }
}

/// Puts a team under another one (`None`: at the top) from a day on; whatever was said of later days is replaced.
pub fn move_to(draft: &mut Draft, id: &str, parent: Option<&str>, day: NaiveDate) -> Outcome<()> {
    let mut document = team(draft, id, "id")?.clone();
    if let Some(parent) = parent {
        let above = team(draft, parent, "parent")?;
        if above.tree != document.tree {
            return Err(vec![Fault::new(Code::Conflict, "the team above is in another org tree").at("parent")]);
        }
        if !Days::new(above.from, above.to).contains(day) {
            let message = format!("team {:?} does not exist on {day}", above.name);
            return Err(vec![Fault::new(Code::Conflict, message).at("parent")]);
        }
    }
    document.parents = placed(&document.parents, parent, day);
    draft.put(id, document);
    fits(draft, "parent")?;
    alone(draft, id, day)
}

/// Closes a team as of a day: that day it does not exist any more. What it was stays in the history.
pub fn close(draft: &mut Draft, id: &str, day: NaiveDate, with_below: bool) -> Outcome<()> {
    let mut closing = vec![(id.to_owned(), team(draft, id, "id")?.clone())];
    let forest = Forest::new(draft.records()).map_err(|fault| vec![fault])?;
    let (tree, mut next) = (closing[0].1.tree.clone(), 0);
    while next < closing.len() {
        let Some(number) = forest.number(&closing[next].0) else { break };
        let below = forest.children(&tree, Some(number), day).map(|child| &forest.teams[child]);
        closing.extend(below.map(|stem| (stem.id.to_owned(), Team::clone(stem.team))));
        next += 1;
    }
    if closing.len() > 1 && !with_below {
        let message = format!("{} teams are below it; move them first, or close them too", closing.len() - 1);
        return Err(vec![Fault::new(Code::Conflict, message).at("id")]);
    }
    for (id, mut document) in closing {
        if document.from.is_some_and(|from| from > day) {
            let message = format!("team {:?} begins only after {day}", document.name);
            return Err(vec![Fault::new(Code::Conflict, message).at("day")]);
        }
        document.to = Some(day);
        draft.put(&id, document);
    }
    Ok(())
}

/// Opens a closed team again, as if it had not been closed. Its members are not restored where they were moved elsewhere.
pub fn reopen(draft: &mut Draft, directory: &Directory, id: &str) -> Outcome<()> {
    let mut document = team(draft, id, "id")?.clone();
    document.to = None;
    draft.put(id, document);
    fits(draft, "id")?;
    alone(draft, id, directory.today)
}

/// Placements that are as they were before a day, and under one team (`None`: at the top) from then on.
pub(crate) fn placed(parents: &[Placement], parent: Option<&str>, day: NaiveDate) -> Vec<Placement> {
    let mut placed: Vec<(String, Days)> = parents
        .iter()
        .map(|p| (p.parent.clone(), Days::new(p.from, p.to).before(day)))
        .filter(|(_, days)| !days.is_empty())
        .collect();
    placed.sort_by_key(|(_, days)| *days);
    if let Some(parent) = parent {
        let since = Days::ALWAYS.since(day);
        match placed.last_mut() {
            Some((last, days)) if last == parent && days.reaches(since) => *days = days.hull(since),
            _ => placed.push((parent.to_owned(), since)),
        }
    }
    placed.into_iter().map(|(parent, days)| Placement { parent, from: days.from(), to: days.to() }).collect()
}

fn changed(draft: &mut Draft, directory: &Directory, id: &str, mut team: Team, change: TeamChange) -> Outcome<Team> {
    let mut faults = Vec::new();
    match change.name.map(|text| name(&text, "name")) {
        Some(Ok(name)) => team.name = name,
        Some(Err(fault)) => faults.push(fault),
        None => {}
    }
    match change.manager {
        Some(Some(manager)) => match registered(draft, directory, &manager, "manager") {
            Ok(manager) => team.manager = Some(manager),
            Err(mut fault) => {
                fault.code = Code::ManagerNotFound;
                faults.push(fault);
            }
        },
        Some(None) => team.manager = None,
        None => {}
    }
    if let Some(stable_id) = change.stable_id {
        let stable_id = stable_id.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let same = |other: &Team| other.tree == team.tree && other.stable_id == stable_id && other.to.is_none();
        if stable_id.is_some() && draft.records().teams.iter().any(|(other, document)| other != id && same(document)) {
            faults.push(Fault::new(Code::DuplicateKey, "another team of the tree has this stable id").at("stableId"));
        }
        team.stable_id = stable_id;
    }
    match change.rule {
        Some(Some(_)) if !team.squad => {
            faults.push(Fault::new(Code::Conflict, "only a squad has members by rule").at("rule"));
        }
        Some(rule) if rule != team.rule => {
            faults.extend(
                rule.as_ref().and_then(|rule| rule::check(rule, &directory.resolved).err()).map(|f| f.at("rule")),
            );
            team.rule = rule;
        }
        _ => {}
    }
    if faults.is_empty() { Ok(team) } else { Err(faults) }
}

/// Proves that no other team has the same path on a day.
fn alone(draft: &Draft, id: &str, day: NaiveDate) -> Outcome<()> {
    let forest = Forest::new(draft.records()).map_err(|fault| vec![fault])?;
    let Some(number) = forest.number(id) else { return Ok(()) };
    let day = forest.teams[number].exists.nearest(day);
    let (team, parent) = (forest.teams[number].team, forest.parent(number, day));
    let same =
        |other: &usize| *other != number && path::slug(&forest.teams[*other].team.name) == path::slug(&team.name);
    match forest.children(&team.tree, parent, day).find(same) {
        Some(_) => {
            let message = format!("there is a team {:?} on {day}; give another name", forest.path(number, day));
            Err(vec![Fault::new(Code::DuplicateKey, message).at("name")])
        }
        None => Ok(()),
    }
}
