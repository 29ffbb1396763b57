//! Reporting lines within a group of people: who is at the top, who has reports, and lines that go round.

use std::collections::HashMap;

/// The lines of a group.
#[derive(Debug, Default)]
pub struct Lines {
    /// Those without a manager in the group; of a line that goes round, one.
    pub tops: Vec<usize>,
    pub reports: HashMap<usize, Vec<usize>>,
    /// Lines that go round, each from the one who is taken for its top, up.
    pub cycles: Vec<Vec<usize>>,
}

/// For each person the nearest manager who is in the tree: of somebody who is not, that one's manager, and so on.
pub fn nearest_managers(managers: &[Option<usize>], in_tree: &[bool]) -> Vec<Option<usize>> {
    // Nobody's nearest is asked twice; a line of outsiders that goes round leads nowhere.
    let mut of_outsider: Vec<Option<Option<usize>>> = vec![None; managers.len()];
    let mut nearest = |person: usize| {
        let mut passed = Vec::new();
        let mut next = managers[person];
        let found = loop {
            match next {
                Some(manager) if !in_tree[manager] => {
                    if let Some(known) = of_outsider[manager] {
                        break known;
                    }
                    of_outsider[manager] = Some(None);
                    passed.push(manager);
                    next = managers[manager];
                }
                found => break found,
            }
        };
        for outsider in passed {
            of_outsider[outsider] = Some(found);
        }
        found
    };
    (0..managers.len()).map(|person| if in_tree[person] { nearest(person) } else { None }).collect()
}

impl Lines {
    /// The lines of a group; `manager` gives a person's manager in the group, and `before` says who comes first.
    pub fn new(
        group: &[usize],
        manager: impl Fn(usize) -> Option<usize>,
        before: impl Fn(usize, usize) -> bool,
    ) -> Lines {
        let mut lines = Lines::default();
        for person in group {
            match manager(*person) {
                Some(manager) => lines.reports.entry(manager).or_default().push(*person),
                None => lines.tops.push(*person),
            }
        }
        // 0: not seen; otherwise the number of the walk in which it was seen.
        let mut seen: HashMap<usize, usize> = HashMap::with_capacity(group.len());
        for (number, start) in group.iter().enumerate() {
            let mut at = Some(*start);
            while let Some(person) = at.filter(|person| !seen.contains_key(person)) {
                seen.insert(person, number);
                at = manager(person);
            }
            // A walk that meets itself has found a line that goes round.
            let Some(entry) = at.filter(|person| seen[person] == number) else { continue };
            let mut cycle = vec![entry];
            let mut next = manager(entry);
            while let Some(person) = next.filter(|person| *person != entry) {
                cycle.push(person);
                next = manager(person);
            }
            let top = (1..cycle.len()).fold(0, |top, i| if before(cycle[i], cycle[top]) { i } else { top });
            cycle.rotate_left(top);
            lines.cycles.push(cycle);
        }
        for cycle in &lines.cycles {
            let last = cycle[1 % cycle.len()];
            if let Some(reports) = lines.reports.get_mut(&last) {
                reports.retain(|report| *report != cycle[0]);
            }
            lines.tops.push(cycle[0]);
        }
        lines.reports.retain(|_, reports| !reports.is_empty());
        lines
    }
}
