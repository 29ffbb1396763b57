//! The address of a file of rows: `/records.csv?metric=...&team=...&from=...&to=...`. What is written here can be read here, so a
//! page can link to what it shows; a person can write one by hand.

use std::collections::BTreeMap;
use std::fmt::Display;

use async_graphql::ID;
use chrono::NaiveDate;
use url::form_urlencoded;

use super::Refused;
use crate::api::graphql::{Asking, ProfileParameterInput, Under, find_contributor, find_people, find_team, tree_key};
use crate::model::attribution::MOST_LEVELS;
use crate::model::exclusion::Excluded;
use crate::model::profile::{Kind, Value};
use crate::model::{self, Dimension, Effective, Granularity, Membership};
use crate::query::calendar::Period;
use crate::query::condition::has_dimension;
use crate::query::question::{By, Filter, Question, Scope, Wants};
use crate::query::records::{Asked, Order, Which};

/// Where the files are.
pub const PATH: &str = "/records.csv";

/// All parameters, as the error lists them.
const PARAMETERS: &str = "metric, team, contributor, repository, service, from, to, last, unit, timezone, membership, profile, parameter, where, by, orgTree, level, key, excluded, orderBy, direction";
/// Dimensions that are a scope of their own.
const SCOPES: [(&str, Dimension); 4] = [
    ("team", Dimension::Team),
    ("contributor", Dimension::Contributor),
    ("repository", Dimension::Repository),
    ("service", Dimension::Service),
];

/// The parameters as they were given, each well-formed.
#[derive(Debug, Default)]
pub struct Address {
    metric: String,
    scope: Option<(Dimension, String)>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    last: Option<i32>,
    unit: Option<Granularity>,
    timezone: Option<String>,
    membership: Option<Membership>,
    profile: Option<String>,
    parameters: Vec<ProfileParameterInput>,
    filter: Filter,
    by: Option<Dimension>,
    tree: Option<String>,
    level: Option<u32>,
    key: Option<String>,
    which: Option<Which>,
    order: Option<String>,
    ascending: bool,
}

/// The address of rows in an order. `held` is what holds for the scope where nobody asks otherwise.
pub fn path(asked: &Asked, order: &Order, held: &Effective) -> String {
    let Asked { question, slice, which } = asked;
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    let mut add = |name: &str, value: &dyn Display| {
        pairs.append_pair(name, &value.to_string());
    };
    add("metric", &question.metric.name);
    if let Scope::Key(dimension, key) = &question.scope
        && let Some((name, _)) = SCOPES.iter().find(|(_, known)| known == dimension)
    {
        add(name, key);
    }
    add("from", &question.period.from);
    add("to", &question.period.to);
    add("timezone", &question.period.zone.name());
    if question.membership != Membership::AtEvent {
        add("membership", &question.membership.name());
    }
    let profile = &question.profile;
    if profile.id != held.id {
        let other = Kind::ALL.iter().map(|kind| profile.profile(*kind)).zip(Kind::ALL.iter().map(|k| held.profile(*k)));
        for (profile, _) in other.filter(|(profile, held)| profile != held) {
            add("profile", &profile);
        }
        for (name, value) in profile.changed() {
            add("parameter", &format!("{name}:{}", serde_json::json!(value)));
        }
    }
    for (dimension, keys) in &question.filter.0 {
        if keys.is_empty() {
            add("where", &dimension.name());
        }
        for key in keys {
            add("where", &format!("{}:{key}", dimension.name()));
        }
    }
    if let Some((By { dimension, tree, level }, key)) = slice {
        add("by", &dimension.name());
        if let Some(tree) = tree {
            add("orgTree", tree);
        }
        if *level > 0 {
            add("level", level);
        }
        if let Some(key) = key {
            add("key", key);
        }
    }
    match which {
        Which::Eligible => {}
        Which::LeftOut(reason) => add("excluded", &reason.map_or("ALL", Excluded::name)),
    }
    if *order != Order::newest() {
        add("orderBy", &order.field());
        add("direction", &if order.is_descending() { "DESC" } else { "ASC" });
    }
    format!("{PATH}?{}", pairs.finish())
}

impl Address {
    /// Reads a query string strictly. The error names the parameter and what it takes.
    pub fn read(query: &str) -> Result<Address, String> {
        let mut address = Address::default();
        let mut seen = BTreeMap::<String, ()>::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if !["where", "parameter"].contains(&name.as_ref()) && seen.insert(name.to_string(), ()).is_some() {
                return Err(format!("Parameter '{name}' is given twice."));
            }
            address.take(&name, value.into_owned())?;
        }
        if address.metric.is_empty() {
            return Err(
                "Parameter 'metric' is missing: the name of a metric, such as LEAD_TIME_FOR_CHANGES.".to_owned()
            );
        }
        let between =
            address.from.is_some() && address.to.is_some() && address.last.is_none() && address.unit.is_none();
        let newest = address.last.is_some() && address.unit.is_some() && address.from.is_none() && address.to.is_none();
        if !between && !newest {
            return Err(
                "Give the period as 'from' and 'to' (two days, the second not included), or as 'last' and 'unit'."
                    .to_owned(),
            );
        }
        if address.by.is_none() && (address.key.is_some() || address.tree.is_some() || address.level.is_some()) {
            return Err("Parameters 'key', 'orgTree' and 'level' go with 'by'.".to_owned());
        }
        if address.ascending && address.order.is_none() {
            address.order = Some("at".to_owned());
        }
        Ok(address)
    }

    fn take(&mut self, name: &str, value: String) -> Result<(), String> {
        let day = || {
            let read = value.parse::<NaiveDate>();
            read.map_err(|_| format!("Parameter '{name}' must be a day such as 2026-03-29."))
        };
        if let Some((_, dimension)) = SCOPES.iter().find(|(scope, _)| *scope == name) {
            if self.scope.replace((*dimension, value)).is_some() {
                return Err(
                    "Give one of 'team', 'contributor', 'repository' and 'service', or none for all.".to_owned()
                );
            }
            return Ok(());
        }
        match name {
            "metric" => self.metric = value,
            "from" => self.from = Some(day()?),
            "to" => self.to = Some(day()?),
            "last" => {
                self.last = Some(value.parse().map_err(|_| "Parameter 'last' must be a number of units.".to_owned())?);
            }
            "unit" => self.unit = Some(word(name, &value, Granularity::ALL, Granularity::name)?),
            "timezone" => self.timezone = Some(value),
            "membership" => self.membership = Some(word(name, &value, Membership::ALL, Membership::name)?),
            "profile" => self.profile = Some(value),
            "parameter" => self.parameters.push(parameter(&value)?),
            "where" => {
                let (dimension, key) = match value.split_once(':') {
                    Some((dimension, key)) => (dimension, Some(key)),
                    None => (value.as_str(), None),
                };
                let dimension = word(name, dimension, Dimension::ALL, Dimension::name)?;
                self.filter.0.entry(dimension).or_default().extend(key.map(str::to_owned));
            }
            "by" => self.by = Some(word(name, &value, Dimension::ALL, Dimension::name)?),
            "orgTree" => self.tree = Some(value),
            "level" => {
                let level = value.parse().ok().filter(|level| (1..=MOST_LEVELS as u32).contains(level));
                self.level = Some(level.ok_or_else(|| format!("Parameter 'level' must be from 1 to {MOST_LEVELS}."))?);
            }
            "key" => self.key = Some(value),
            "excluded" if value == "ALL" => self.which = Some(Which::LeftOut(None)),
            "excluded" => {
                self.which = Some(Which::LeftOut(Some(word(name, &value, Excluded::ALL, Excluded::name)?)));
            }
            "orderBy" => self.order = Some(value),
            "direction" => self.ascending = word(name, &value, &[true, false], |up| if up { "ASC" } else { "DESC" })?,
            _ => return Err(format!("There is no parameter '{name}'; there are {PARAMETERS}.")),
        }
        Ok(())
    }

    /// The rows that are meant. Teams and people may be named as in GraphQL: by id, path, e-mail or login.
    pub async fn resolve(self, asking: &Asking) -> Result<(Asked, Order), Refused> {
        let wrong = |message: String| Refused::Address(message);
        let told = |error: async_graphql::Error| Refused::Address(error.message);
        let metric = asking.catalogue.metric(&self.metric);
        let metric =
            metric.ok_or_else(|| wrong(format!("Parameter 'metric': there is no metric {:?}.", self.metric)))?;
        let fact = model::fact(&metric.fact).ok_or_else(|| wrong("This metric has no fact.".to_owned()))?;
        let zone = asking.zone(self.timezone.as_deref()).map_err(told)?;
        let period = match (self.from, self.to, self.last, self.unit) {
            (Some(from), Some(to), ..) => Period::between(from, to, zone),
            (.., Some(last), Some(unit)) => Period::last(last, unit, asking.now, zone),
            _ => return Err(wrong("Parameters 'from' and 'to' are missing.".to_owned())),
        };
        let period = period.map_err(|error| wrong(format!("The period: {error}.")))?;
        let scope = match self.scope {
            None => Scope::Organization,
            Some((dimension, text)) => Scope::Key(dimension, key(asking, dimension, text).await?),
        };
        let mut filter = Filter::default();
        for (dimension, keys) in self.filter.0 {
            has_dimension(fact, dimension).map_err(|error| wrong(format!("Parameter 'where': {error}.")))?;
            let known = filter.0.entry(dimension).or_default();
            for text in keys {
                match dimension {
                    Dimension::Contributor => {
                        let directory = asking.directory().await.map_err(told)?;
                        let people = find_people(&directory, &text);
                        if people.is_empty() {
                            return Err(wrong(format!("Parameter 'where': there is no contributor {text:?}.")));
                        }
                        known.extend(people.into_iter().map(|person| directory.resolved.people[person].id.clone()));
                    }
                    dimension if dimension.is_of_people() => {
                        return Err(wrong("Parameter 'where': for a team write 'team'.".to_owned()));
                    }
                    _ => drop(known.insert(text)),
                }
            }
        }
        let slice = match self.by {
            None => None,
            Some(dimension) => {
                has_dimension(fact, dimension).map_err(|error| wrong(format!("Parameter 'by': {error}.")))?;
                let key = match (self.key, dimension) {
                    (Some(text), Dimension::Team | Dimension::OrgLevel) => {
                        Some(key(asking, Dimension::Team, text).await?)
                    }
                    (Some(text), _) => Some(key(asking, dimension, text).await?),
                    (None, _) => None,
                };
                let tree = self.tree.map(|tree| tree_key(&tree));
                if let Some(tree) = &tree {
                    let directory = asking.directory().await.map_err(told)?;
                    if !directory.org.trees.iter().any(|known| known.id == *tree) {
                        return Err(wrong(format!("Parameter 'orgTree': there is no org tree {tree:?}.")));
                    }
                }
                Some((By::new(dimension, tree, self.level.unwrap_or(1)), key))
            }
        };
        let order = match &self.order {
            None => Order::newest(),
            Some(field) => Order::new(metric, fact, field, !self.ascending)
                .map_err(|error| wrong(format!("Parameter 'orderBy': {error}.")))?,
        };
        let membership = self.membership.unwrap_or(Membership::AtEvent);
        let under = Under { profile: self.profile.map(ID::from), parameters: Some(self.parameters) };
        let profile = under.effective(asking, &scope).await.map_err(told)?;
        let question = Question { metric, scope, period, filter, membership, wants: Wants::default(), profile };
        Ok((Asked { question, slice, which: self.which.unwrap_or(Which::Eligible) }, order))
    }
}

/// The key of what is named: ids of teams and people, names of everything else.
async fn key(asking: &Asking, dimension: Dimension, text: String) -> Result<String, Refused> {
    if !dimension.is_of_people() {
        return Ok(text);
    }
    let directory = asking.directory().await.map_err(|error| Refused::Address(error.message))?;
    let found = match dimension {
        Dimension::Contributor => {
            let mut named = find_people(&directory, &text).into_iter();
            let person = find_contributor(&directory, &text).or(named.next().filter(|_| named.next().is_none()));
            person.map(|person| directory.resolved.people[person].id.clone())
        }
        _ => find_team(&directory, &text).map(|team| directory.org.teams[team].id.clone()),
    };
    let what = if dimension == Dimension::Contributor { "contributor" } else { "team" };
    found.ok_or_else(|| Refused::Address(format!("There is no {what} {text:?}.")))
}

/// `name:value`, where the value is JSON: a number, a text, a list of texts, or true or false.
fn parameter(text: &str) -> Result<ProfileParameterInput, String> {
    let read = text.split_once(':').and_then(|(name, value)| Some((name, serde_json::from_str(value).ok()?)));
    let (name, value) =
        read.ok_or("Parameter 'parameter' must be a name, a colon and JSON, such as rework_days:14.")?;
    let empty = ProfileParameterInput {
        name: name.to_owned(),
        number: None,
        text: None,
        texts: None,
        boolean: None,
        reset: false,
    };
    Ok(match value {
        Value::Number(number) => ProfileParameterInput { number: Some(number), ..empty },
        Value::Text(text) => ProfileParameterInput { text: Some(text), ..empty },
        Value::Texts(texts) => ProfileParameterInput { texts: Some(texts), ..empty },
        Value::Boolean(boolean) => ProfileParameterInput { boolean: Some(boolean), ..empty },
    })
}

fn word<W: Copy>(name: &str, text: &str, all: &[W], name_of: impl Fn(W) -> &'static str) -> Result<W, String> {
    let found = all.iter().copied().find(|word| name_of(*word) == text);
    found.ok_or_else(|| {
        let known = all.iter().map(|word| name_of(*word)).collect::<Vec<_>>().join(", ");
        format!("Parameter '{name}': {text:?} is none of {known}.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_strictly() {
        let period = "metric=X&from=2026-01-01&to=2026-02-01";
        let read = Address::read(&format!("{period}&team=a/b&where=REPOSITORY:a:b&where=REPOSITORY:c&by=SERVICE"));
        let read = read.expect("an address");
        assert_eq!(read.scope, Some((Dimension::Team, "a/b".to_owned())));
        let keys: Vec<&str> = read.filter.0[&Dimension::Repository].iter().map(String::as_str).collect();
        assert_eq!((keys, read.by, read.key), (vec!["a:b", "c"], Some(Dimension::Service), None));
        for wrong in [
            "from=2026-01-01&to=2026-02-01",
            "metric=X",
            "metric=X&from=2026-01-01",
            "metric=X&from=2026-01-01&to=2026-02-01&last=1&unit=DAY",
            "metric=X&last=1",
            "metric=X&from=soon&to=2026-02-01",
            "metric=X&metric=Y&from=2026-01-01&to=2026-02-01",
            "metric=X&from=2026-01-01&to=2026-02-01&team=a&service=b",
            "metric=X&from=2026-01-01&to=2026-02-01&key=a",
            "metric=X&from=2026-01-01&to=2026-02-01&by=COLOUR",
            "metric=X&from=2026-01-01&to=2026-02-01&excluded=bot",
            "metric=X&from=2026-01-01&to=2026-02-01&by=ORG_LEVEL&level=0",
            "metric=X&from=2026-01-01&to=2026-02-01&parameter=rework_days",
            "metric=X&from=2026-01-01&to=2026-02-01&parameter=rework_days:",
            "metric=X&from=2026-01-01&to=2026-02-01&who=me",
        ] {
            assert!(Address::read(wrong).is_err(), "{wrong}");
        }
    }
}
