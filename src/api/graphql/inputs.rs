//! The inputs of a question: period, filter, membership.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::{InputObject, OneofObject, Result};

use super::asking::Asking;
use super::date::Date;
use super::error::bad_input;
use super::people::find_people;
use crate::model::{Dimension, Granularity};
use crate::query::calendar::Period;
use crate::query::question::Filter;

/// The period a metric is computed over: one of two ways to say it.
#[derive(Debug, Clone, OneofObject)]
pub enum PeriodInput {
    /// From one date to another.
    Between(BetweenInput),
    /// The newest whole days, weeks, months, quarters or years.
    Last(LastInput),
}

/// Half-open: `from` belongs to the period, `to` does not.
#[derive(Debug, Clone, InputObject)]
pub struct BetweenInput {
    /// First day.
    pub from: Date,
    /// The day after the last one.
    pub to: Date,
}

/// The newest whole units; a unit that is not over yet is left out.
#[derive(Debug, Clone, InputObject)]
pub struct LastInput {
    /// How many units.
    pub count: i32,
    /// Which unit.
    pub unit: Granularity,
}

/// Narrows the rows that a metric counts. A row must fit every list that is given.
#[derive(Debug, Clone, Default, InputObject)]
pub struct MetricFilter {
    /// Names of repositories.
    pub repositories: Option<Vec<String>>,
    /// Names of services.
    pub services: Option<Vec<String>>,
    /// Names of projects.
    pub projects: Option<Vec<String>>,
    /// Names of environments.
    pub environments: Option<Vec<String>>,
    /// The people who did the work, by id, e-mail address or login (alone or as "source/login").
    pub contributors: Option<Vec<String>>,
    /// Keys of any other dimension, as `breakdown` names them.
    #[graphql(name = "where")]
    pub others: Option<Vec<DimensionFilter>>,
}

/// Which keys of a dimension count.
#[derive(Debug, Clone, InputObject)]
pub struct DimensionFilter {
    /// The dimension; not TEAM or ORG_LEVEL, which are scopes, nor CONTRIBUTOR, which has a list of its own.
    pub dimension: Dimension,
    /// The keys.
    pub keys: Vec<String>,
}

impl PeriodInput {
    /// The period in a time zone.
    pub fn resolve(&self, asking: &Asking, timezone: Option<&str>) -> Result<Period> {
        let zone = asking.zone(timezone)?;
        let period = match self {
            PeriodInput::Between(between) => Period::between(between.from.0, between.to.0, zone),
            PeriodInput::Last(last) => Period::last(last.count, last.unit, asking.now, zone),
        };
        period.map_err(|error| bad_input(format!("period: {error}")))
    }
}

impl MetricFilter {
    /// The filter as the query floor knows it. People are looked up.
    pub async fn resolve(&self, asking: &Asking) -> Result<Filter> {
        let contributors = match &self.contributors {
            None => None,
            Some(named) => {
                let directory = asking.directory().await?;
                let mut keys = Vec::new();
                for text in named {
                    let found = find_people(&directory, text);
                    if found.is_empty() {
                        return Err(bad_input(format!("filter.contributors: there is no contributor {text:?}")));
                    }
                    keys.extend(found.into_iter().map(|person| directory.resolved.people[person].id.clone()));
                }
                Some(keys)
            }
        };
        let lists = [
            (Dimension::Repository, &self.repositories),
            (Dimension::Service, &self.services),
            (Dimension::Project, &self.projects),
            (Dimension::Environment, &self.environments),
            (Dimension::Contributor, &contributors),
        ];
        let given = lists.into_iter().filter_map(|(d, keys)| Some((d, keys.as_ref()?)));
        let mut filter = BTreeMap::<Dimension, BTreeSet<String>>::new();
        for (dimension, keys) in given {
            filter.insert(dimension, keys.iter().cloned().collect());
        }
        for (place, other) in self.others.iter().flatten().enumerate() {
            if other.dimension.is_of_people() {
                let name = other.dimension.name();
                return Err(bad_input(format!(
                    "filter.where[{place}].dimension: {name} is no column; ask the team, or filter by contributors"
                )));
            }
            let keys = other.keys.iter().cloned().collect();
            match filter.get_mut(&other.dimension) {
                Some(known) => known.retain(|key| other.keys.contains(key)),
                None => drop(filter.insert(other.dimension, keys)),
            }
        }
        Ok(Filter(filter))
    }
}
