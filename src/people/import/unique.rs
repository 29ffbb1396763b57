//! What only one contributor may have: an e-mail address, an external id. In the file itself, `csv` has looked already; here
//! it is about contributors whom rows do not name.

use std::collections::{BTreeMap, HashMap};

use super::plan::Planned;
use crate::people::csv::{ProblemCode, Reading, Row};
use crate::people::document::Contributor;

/// Tells of rows that take what belongs to another contributor. `all`: everybody as they will be.
pub fn refuse_shared(all: &BTreeMap<&str, &Contributor>, people: &BTreeMap<String, Planned>, reading: &mut Reading) {
    let mut found = Vec::new();
    let mut owners: HashMap<&str, Vec<&str>> = HashMap::with_capacity(all.len());
    let mut external: HashMap<&str, Vec<&str>> = HashMap::new();
    for (id, contributor) in all {
        for email in &contributor.emails {
            owners.entry(email).or_default().push(id);
        }
        if let Some(key) = &contributor.external_id {
            external.entry(key).or_default().push(id);
        }
    }
    let by_row: HashMap<u32, &Row> = reading.rows.iter().map(|row| (row.number, row)).collect();
    for (id, planned) in people.iter() {
        let Some(row) = by_row.get(&planned.row) else { continue };
        for email in row.email.iter().chain(&row.other_emails) {
            let others = owners.get(email.as_str()).into_iter().flatten().filter(|other| **other != id.as_str());
            for other in others {
                let listed = |row: &&Row| row.email.iter().chain(&row.other_emails).any(|listed| listed == email);
                let twin = people.get(*other).and_then(|other| by_row.get(&other.row)).is_some_and(listed);
                if !twin {
                    found.push((
                        ProblemCode::DuplicateEmail,
                        planned.row,
                        "Email",
                        email.clone(),
                        all[other].name.clone(),
                    ));
                }
            }
        }
        if let Some(key) = &row.external_id {
            let others = external.get(key.as_str()).into_iter().flatten();
            for other in others.filter(|other| **other != id.as_str() && !people.contains_key(**other)) {
                found.push((
                    ProblemCode::InvalidValue,
                    planned.row,
                    "EmployeeId",
                    key.clone(),
                    all[other].name.clone(),
                ));
            }
        }
    }
    found.sort_by_key(|(_, row, ..)| *row);
    for (code, row, field, value, name) in found {
        let column = reading.columns.iter().find(|column| column.field.as_deref() == Some(field));
        let column = column.map_or(field.to_owned(), |column| column.name.clone());
        let message =
            format!("It belongs to another contributor, {name}. Merge the two, or take it from one of them first.");
        reading.problems.cell(code, row, &column, &value, message);
    }
}
