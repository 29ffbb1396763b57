//! Registered contributors, those that were merged put together: one group is one person.

use std::collections::{HashMap, HashSet};

use crate::people::document::Contributor;
use crate::people::records::Records;

/// Every group, by the survivor's id.
#[derive(Debug)]
pub struct Merged<'r> {
    pub groups: Vec<Group<'r>>,
    by_id: HashMap<&'r str, usize>,
}

/// Contributors that are one person.
#[derive(Debug)]
pub struct Group<'r> {
    /// The survivor's id: that of the person.
    pub id: &'r str,
    /// Id and document: the survivor's, then those merged into it, by id.
    pub documents: Vec<(&'r str, &'r Contributor)>,
}

impl<'r> Merged<'r> {
    pub fn new(records: &'r Records) -> Merged<'r> {
        let mut groups: Vec<Group<'r>> = Vec::with_capacity(records.contributors.len());
        let mut by_id = HashMap::with_capacity(records.contributors.len());
        let mut others = Vec::new();
        for (id, document) in &records.contributors {
            let survivor = end_of_chain(records, id);
            if survivor == id {
                by_id.insert(id.as_str(), groups.len());
                groups.push(Group { id, documents: vec![(id, document)] });
            } else {
                others.push((survivor, id, document));
            }
        }
        for (survivor, id, document) in others {
            if let Some(group) = by_id.get(survivor).copied() {
                groups[group].documents.push((id, document));
                by_id.insert(id, group);
            }
        }
        Merged { groups, by_id }
    }

    /// The group of a contributor's id, also of a merged one.
    pub fn of(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// The group that a group reports to: as the survivor's document says, else the others', by id. What says that it reports
    /// to itself, or to nobody known, does not count.
    pub fn manager(&self, group: usize) -> Option<usize> {
        let managers = self.groups[group].documents.iter().filter_map(|(_, document)| document.manager.as_deref());
        managers.filter_map(|id| self.of(id)).find(|manager| *manager != group)
    }

    /// Groups that report to each other in a circle through this one, if they do: in the order of reporting.
    pub fn circle(&self, group: usize) -> Option<Vec<usize>> {
        let mut walked = vec![group];
        let mut passed = HashSet::from([group]);
        let mut at = group;
        loop {
            at = self.manager(at)?;
            if at == group {
                return Some(walked);
            }
            if !passed.insert(at) {
                return None;
            }
            walked.push(at);
        }
    }
}

impl<'r> Group<'r> {
    /// The survivor's document.
    pub fn survivor(&self) -> &'r Contributor {
        self.documents[0].1
    }

    /// The first that a document says, the survivor's first.
    pub fn first<T>(&self, says: impl Fn(&'r Contributor) -> Option<T>) -> Option<T> {
        self.documents.iter().find_map(|(_, document)| says(document))
    }
}

/// The id of the person that a contributor is now; `None`: there is no such contributor.
pub fn survivor<'r>(records: &'r Records, id: &str) -> Option<&'r str> {
    records.contributors.get_key_value(id).map(|(id, _)| end_of_chain(records, id))
}

/// The id that a contributor's work counts for: the end of the chain of merges. Should there be a circle, which no change
/// allows, it is the smallest id in it.
fn end_of_chain<'r>(records: &'r Records, id: &'r str) -> &'r str {
    let mut path = vec![id];
    loop {
        let last = path[path.len() - 1];
        let into = records.contributors.get(last).and_then(|document| document.merged_into.as_deref());
        let Some(into) = into.filter(|into| records.contributors.contains_key(*into)) else { return last };
        if let Some(start) = path.iter().position(|passed| *passed == into) {
            return path[start..].iter().copied().min().unwrap_or(into);
        }
        path.push(into);
    }
}
