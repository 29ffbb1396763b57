//! The columns of a row as a table shows them: first what every metric has, then what its value is made of, then what tells a person
//! most, last the rest.

use crate::model::metric::{Denominator, Kind, Stage};
use crate::model::{Fact, Metric};

/// A column of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// In lower case, with underscores.
    pub name: String,
    pub description: String,
    pub holds: Holds,
}

/// What of a record a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    Source,
    Id,
    Title,
    Url,
    At,
    Login,
    /// Name of the person whose account it is.
    Person,
    /// Id of that person.
    PersonId,
    Value,
    Key,
    Weight,
    WeightKey,
    Reason,
    Because,
    /// A stage, by its name.
    Stage(&'static str),
    /// A column of the fact, by its place in [`fields`].
    Field(usize),
}

/// The columns of a fact as records hold them: links, what tells a person most, the rest.
pub fn fields(fact: &Fact) -> Vec<&str> {
    let links = fact.links.iter().flat_map(|link| {
        [Some(&link.id), link.rule.as_ref(), link.source.as_ref(), link.at.as_ref()].into_iter().flatten()
    });
    let columns = fact.columns.iter().map(|column| &column.name);
    let mut fields: Vec<&str> = Vec::new();
    for name in links.chain(&fact.shown).chain(columns) {
        if !fields.contains(&name.as_str()) {
            fields.push(name);
        }
    }
    fields
}

/// The columns of a metric's rows with these stages; `left_out`: of those that it leaves out.
pub fn columns(
    metric: &'static Metric,
    fact: &Fact,
    stages: impl IntoIterator<Item = &'static Stage>,
    left_out: bool,
) -> Vec<Column> {
    let described = |name: &str| fact.column(name).map_or_else(String::new, |column| column.description.clone());
    let mut columns = Vec::new();
    let mut add = |name: &str, description: String, holds: Holds| {
        columns.push(Column { name: name.to_owned(), description, holds });
    };
    add("source", described("source"), Holds::Source);
    add("id", described("id"), Holds::Id);
    if let Some(title) = &fact.title {
        add("title", described(title), Holds::Title);
    }
    if let Some(url) = &fact.url {
        add("url", described(url), Holds::Url);
    }
    add("at", "The time that places the row in the period.".to_owned(), Holds::At);
    if let Some(person) = &fact.person {
        add("login", described(person), Holds::Login);
        add("contributor", "Name of the person whose account that is.".to_owned(), Holds::Person);
        add("contributor_id", "Id of that person.".to_owned(), Holds::PersonId);
    }
    if left_out {
        add("reason", "Why the number leaves the row out.".to_owned(), Holds::Reason);
        add("because", "What holds of the row, in words.".to_owned(), Holds::Because);
    }
    let is_duration = matches!(metric.kind, Kind::Duration { .. });
    let value = if is_duration {
        "The duration in seconds; empty where unknown."
    } else {
        "What the row adds to the numerator."
    };
    add("value", value.to_owned(), Holds::Value);
    let Parts { key, weight, weight_key } = Parts::of(metric);
    if key {
        add("key", "Rows of one key are counted once.".to_owned(), Holds::Key);
    }
    if weight {
        add("weight", "What the row adds to the denominator.".to_owned(), Holds::Weight);
    }
    if weight_key {
        add("weight_key", "The denominator counts rows of one such key once.".to_owned(), Holds::WeightKey);
    }
    for stage in stages {
        let description = format!("{} In seconds; empty where unknown.", stage.description);
        add(&format!("{}_seconds", stage.name.to_lowercase()), description, Holds::Stage(&stage.name));
    }
    let there: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    for (place, name) in fields(fact).into_iter().enumerate() {
        let told = [&fact.title, &fact.url, &fact.person].into_iter().flatten().any(|told| told == name);
        if !told && !there.iter().any(|known| known == name) {
            columns.push(Column { name: name.to_owned(), description: described(name), holds: Holds::Field(place) });
        }
    }
    columns
}

/// What a value is made of beside itself. Read from the text of the formula: it decides about columns, not about what is in them.
struct Parts {
    key: bool,
    weight: bool,
    weight_key: bool,
}

impl Parts {
    fn of(metric: &Metric) -> Parts {
        let has = |sql: &str, word: &str| sql.to_lowercase().contains(word);
        match &metric.kind {
            Kind::Duration { .. } => Parts { key: false, weight: false, weight_key: false },
            Kind::Shares { .. } => Parts { key: true, weight: false, weight_key: false },
            Kind::Formula { numerator, denominator, .. } => {
                let divisor = match denominator {
                    Denominator::Aggregate(sql) => Some(sql),
                    Denominator::Days | Denominator::DeveloperWeeks | Denominator::One => None,
                };
                let spread = has(numerator, "spread(");
                Parts {
                    key: spread || has(numerator, "distinct"),
                    weight: spread || divisor.is_some(),
                    weight_key: divisor.is_some_and(|sql| has(sql, "distinct")),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model;

    #[test]
    fn every_column_of_every_metric_is_named_once_and_described() {
        for metric in model::metrics() {
            let fact = model::fact(&metric.fact).expect("its fact");
            for left_out in [false, true] {
                let columns = columns(metric, fact, metric.stages(), left_out);
                let mut names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
                names.sort_unstable();
                names.dedup();
                assert_eq!(names.len(), columns.len(), "{}: a name twice", metric.name);
                let bare = columns.iter().find(|column| column.description.is_empty());
                assert_eq!(bare, None, "{}", metric.name);
                let held = |name: &str| columns.iter().any(|column| column.name == name);
                let told =
                    |name: &&str| [&fact.title, &fact.url, &fact.person].into_iter().flatten().any(|t| t == name);
                let missing = fields(fact).into_iter().find(|name| !held(name) && !told(name));
                assert_eq!(missing, None, "{}", metric.name);
            }
        }
    }
}
