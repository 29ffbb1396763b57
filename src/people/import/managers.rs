//! Who reports to whom after an import: rows name managers by e-mail or id, and nobody may end up above themselves.

use std::collections::{BTreeMap, HashMap};

use crate::people::csv::{Manager, ProblemCode, Problems, Row};
use crate::people::document::Contributor;

/// Names shown of a circle.
const MOST_SHOWN: usize = 6;

/// Who may be a manager: contributors as they will be, by what rows may call them.
pub struct Managers<'c> {
    by_email: HashMap<&'c str, &'c str>,
    by_external: HashMap<&'c str, &'c str>,
    by_id: &'c dyn Fn(&str) -> Option<String>,
}

impl<'c> Managers<'c> {
    /// `by_id` finds contributors of `people` by contributor ids, also of merged ones.
    pub fn new(
        people: impl Iterator<Item = (&'c String, &'c Contributor)>,
        by_id: &'c dyn Fn(&str) -> Option<String>,
    ) -> Managers<'c> {
        let mut managers = Managers { by_email: HashMap::new(), by_external: HashMap::new(), by_id };
        for (id, contributor) in people {
            managers.by_email.extend(contributor.emails.iter().map(|email| (email.as_str(), id.as_str())));
            managers.by_external.extend(contributor.external_id.as_deref().map(|external| (external, id.as_str())));
        }
        managers
    }

    /// The manager of a row; `None`: the row names none, or one who is not there, which is told.
    pub fn find(&self, row: &Row, problems: &mut Problems) -> Option<String> {
        let Manager { email, id, column } = &row.manager;
        let mut not_found = |value: &str, what: &str| {
            let message =
                format!("No contributor has this {what}. Add a row for the manager, or leave the cell empty.");
            problems.cell(ProblemCode::ManagerNotFound, row.number, column, value, message);
        };
        let by_id = id.as_deref().map(|id| {
            let found = self.by_external.get(id).map(|id| (*id).to_owned()).or_else(|| (self.by_id)(id));
            if found.is_none() {
                not_found(id, "employee id or contributor id");
            }
            found
        });
        let by_email = email.as_deref().map(|email| {
            let found = self.by_email.get(email).map(|id| (*id).to_owned());
            if found.is_none() {
                not_found(email, "e-mail address");
            }
            found
        });
        match (by_id, by_email) {
            (Some(Some(by_id)), Some(Some(by_email))) if by_id != by_email => {
                let (email, id) = (email.as_deref().unwrap_or_default(), id.as_deref().unwrap_or_default());
                let message = format!("The manager's id {id} and e-mail address {email} are of two contributors.");
                problems.cell(ProblemCode::InvalidValue, row.number, column, id, message);
                None
            }
            (by_id, by_email) => by_id.or(by_email).flatten(),
        }
    }
}

/// Finds everybody who is above themselves. `row` gives row and column that say who somebody's manager is.
pub fn refuse_circles(
    people: &BTreeMap<&str, &Contributor>,
    row: &dyn Fn(&str) -> Option<(u32, String)>,
    problems: &mut Problems,
) {
    // The walk that came by each; 0: none.
    let mut walked: HashMap<&str, usize> = HashMap::with_capacity(people.len());
    let manager = |id: &str| people.get(id).and_then(|contributor| contributor.manager.as_deref());
    for (walk, start) in people.keys().enumerate() {
        let mut at = Some(*start);
        while let Some(id) = at.filter(|id| !walked.contains_key(id)) {
            walked.insert(id, walk);
            at = manager(id);
        }
        let Some(first) = at.filter(|id| walked.get(id) == Some(&walk)) else { continue };
        let mut circle: Vec<&str> =
            std::iter::successors(Some(first), |id| manager(id).filter(|manager| *manager != first)).collect();
        // From where the file first names it; the rest of it may have been there.
        let named = |id: &&str| row(id).map_or(u32::MAX, |(row, _)| row);
        let start = (0..circle.len()).min_by_key(|place| named(&circle[*place])).unwrap_or_default();
        circle.rotate_left(start);
        let first = circle[0];
        let label = |id: &str| {
            people.get(id).map_or(id, |c| c.emails.first().map_or(c.name.as_str(), String::as_str)).to_owned()
        };
        let mut shown: Vec<String> = circle.iter().take(MOST_SHOWN).map(|id| label(id)).collect();
        if circle.len() > MOST_SHOWN {
            shown.push("...".to_owned());
        }
        shown.push(label(first));
        let path = shown.join(" -> ");
        let message = match circle.len() {
            1 => {
                format!("{} cannot be their own manager. Leave the cell empty for who reports to nobody.", label(first))
            }
            count => format!("{count} people report to each other in a circle: {path}."),
        };
        match row(first) {
            Some((row, column)) => problems.cell(ProblemCode::CircularReference, row, &column, &path, message),
            None => problems.file(ProblemCode::CircularReference, message),
        }
    }
}
