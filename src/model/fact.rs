//! One fact, as declared in `schema/facts/<name>.sql` (the SELECT) and `schema/facts/<name>.toml` (what it means).
//! How a fact is computed and kept is `query::facts`' business.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use anyhow::{Context, Result, bail, ensure};
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast::{Expr, visit_expressions};
use datafusion::sql::sqlparser::dialect::DuckDbDialect;
use include_dir::Dir;
use serde::Deserialize;

use super::Dimension;
use super::attribution::SOURCE_FIELDS;
use super::term::{self, Term};

/// Schema under which facts stand in a fact's own SQL: `facts.changes`. Unqualified names are tables.
pub const FACT_SCHEMA: &str = "facts";

/// A fact: one row per countable thing.
#[derive(Debug, Clone)]
pub struct Fact {
    pub name: String,
    pub description: String,
    /// One SELECT over the tables of the contract (tombstones left out) and over `facts.<name>`.
    pub sql: String,
    /// What becomes of the SELECT's rows before they are the fact; `None`: they are the fact.
    pub step: Option<Step>,
    /// A building block of other facts, which no metric is asked of.
    pub internal: bool,
    /// Built after the others, where all are: it takes long, and less depends on it.
    pub last: bool,
    /// The column that files are sorted by, before `source` and `id`; `None`: sorted by the first column.
    pub time: Option<String>,
    /// Column with the title of a row, for drill-down.
    pub title: Option<String>,
    /// Column with the address of a row.
    pub url: Option<String>,
    /// Columns that tell a person about a row, the most telling first.
    pub shown: Vec<String>,
    /// What a row was linked to, and by which rule.
    pub links: Vec<Link>,
    /// Column with the account that a row belongs to, a login of `person_source`.
    pub person: Option<String>,
    /// Column with the integration that the account is of; mostly the row's own, `source`.
    pub person_source: String,
    /// Column that says whether that account is a bot, as its tool has it.
    pub bot: Option<String>,
    /// The columns that settings of teams test, by field (`attribution::SOURCE_FIELDS`): a string, or a list of strings.
    pub fields: Vec<(String, String)>,
    /// Every output column, in order.
    pub columns: Vec<FactColumn>,
    /// SQL over the columns, mostly one of them, that gives the keys of each dimension: a string, or a list of strings.
    pub dimensions: Vec<(Dimension, String)>,
    /// SQL over the columns that has a name: `$name` in whatever SQL is written over the fact.
    pub terms: BTreeMap<String, Term>,
    /// What the fact is computed from.
    pub inputs: Inputs,
    /// The table that its rows come from; `None`: there is no one such table.
    pub driver: Option<Driver>,
}

/// A table of which each row gives at most one row of the fact, whatever the other rows of the table are. A fact that has
/// one can be computed for some of the table's months alone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Driver {
    pub table: String,
    /// Column of the fact that holds the table's event time as it is.
    pub time: String,
    /// Rows of the table from which on the fact is kept by month. Below, one file is better than one for each month.
    pub from_rows: u64,
}

/// An output column of a fact. Its type comes from the SELECT.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactColumn {
    pub name: String,
    pub description: String,
}

/// Columns that name something else that a row was linked to: the deployment that shipped a change.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// UPPER_SNAKE.
    pub name: String,
    pub title: String,
    /// Column with the id of the other.
    pub id: String,
    /// Column with the integration that the other comes from; `None`: that of the row.
    pub source: Option<String>,
    /// Column with the rule that found it.
    pub rule: Option<String>,
    /// Column with the other's time.
    pub at: Option<String>,
}

/// A computation that SQL cannot do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// The SELECT gives the tips of streams; the walk over `commits.parents` gives the commits each deployment shipped.
    Ancestry,
    /// The SELECT gives every change of a commit to a file, in the order of their writing; the walk says how many of the
    /// deleted lines were young.
    Rework,
}

/// Names of what a fact reads, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Tables of the contract.
    pub tables: Vec<String>,
    /// Other facts.
    pub facts: Vec<String>,
}

impl Fact {
    /// Every declared fact, each after the facts that it reads. Fails on a cycle and on an unknown input.
    pub fn load_all(schema: &Dir<'_>) -> Result<Vec<Fact>> {
        let mut facts = Vec::new();
        for (name, text) in super::declarations(schema, "facts")? {
            let sql = schema.get_file(format!("facts/{name}.sql")).and_then(|file| file.contents_utf8());
            let sql = sql.with_context(|| format!("schema/facts/{name}.sql is missing or not UTF-8"))?;
            facts.push(Fact::parse(name, sql, text).with_context(|| format!("schema/facts/{name}"))?);
        }
        in_order_of_reading(facts)
    }

    /// Reads one declaration. Errors name the key.
    pub fn parse(name: &str, sql: &str, text: &str) -> Result<Fact> {
        let d: Declaration = toml::from_str(text)?;
        let named = |key: &str, column: &Option<String>| match column {
            Some(c) if !d.columns.iter().any(|column| column.name == *c) => bail!("{key}: no column {c:?}"),
            _ => Ok(()),
        };
        named("time", &d.time)?;
        named("title", &d.title)?;
        named("url", &d.url)?;
        named("person", &d.person)?;
        named("person_source", &d.person_source)?;
        named("bot", &d.bot)?;
        for column in &d.shown {
            named("shown", &Some(column.clone()))?;
        }
        for Link { name, id, source, rule, at, .. } in &d.links {
            for (key, column) in [("id", &Some(id.clone())), ("source", source), ("rule", rule), ("at", at)] {
                named(&format!("links.{name}.{key}"), column)?;
            }
        }
        for (field, column) in &d.fields {
            ensure!(SOURCE_FIELDS.contains(&field.as_str()), "fields: no field {field:?}");
            named(&format!("fields.{field}"), &Some(column.clone()))?;
        }
        let dimensions: Vec<(Dimension, String)> = d.dimensions.into_iter().collect();
        for (dimension, column) in &dimensions {
            let name = dimension.name();
            ensure!(
                ![Dimension::Team, Dimension::OrgLevel].contains(dimension),
                "dimensions.{name}: no column holds it"
            );
            if !column.is_empty() && column.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
                named(&format!("dimensions.{name}"), &Some(column.clone()))?;
            }
        }
        term::check(&d.terms)?;
        let mut inputs = inputs(sql)?;
        if d.step == Some(Step::Ancestry) && !inputs.tables.iter().any(|table| table == "commits") {
            inputs.tables.push("commits".to_owned());
            inputs.tables.sort();
        }
        if let Some(driver) = &d.driver {
            named("driver.time", &Some(driver.time.clone()))?;
            ensure!(inputs.tables.contains(&driver.table), "driver.table: the SQL does not read {:?}", driver.table);
            ensure!(d.step.is_none(), "driver: a fact with a step is computed whole");
        }
        Ok(Fact {
            name: name.to_owned(),
            description: d.description,
            sql: sql.to_owned(),
            step: d.step,
            internal: d.internal,
            last: d.last,
            time: d.time,
            title: d.title,
            url: d.url,
            shown: d.shown,
            links: d.links,
            person_source: d.person_source.unwrap_or_else(|| "source".to_owned()),
            person: d.person,
            bot: d.bot,
            fields: d.fields.into_iter().collect(),
            columns: d.columns,
            dimensions,
            terms: d.terms,
            inputs,
            driver: d.driver,
        })
    }

    pub fn column(&self, name: &str) -> Option<&FactColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// What is said of SQL that is one column or one term; `None`: it is neither.
    pub fn described(&self, sql: &str) -> Option<&str> {
        let term = || sql.strip_prefix('$').and_then(|name| self.terms.get(name)).map(|term| &term.description);
        self.column(sql).map(|column| &column.description).or_else(term).map(String::as_str)
    }

    /// SQL over the fact with its terms written out. Every door to the fact's SQL goes through here before it is parsed.
    pub fn written_out<'s>(&self, sql: &'s str) -> Cow<'s, str> {
        term::expand(&self.terms, sql)
    }

    /// SQL that gives the keys of a dimension; `None`: the dimension has no meaning for this fact.
    pub fn dimension(&self, dimension: Dimension) -> Option<&str> {
        self.dimensions.iter().find(|(known, _)| *known == dimension).map(|(_, column)| column.as_str())
    }

    /// Columns that the fact's files are sorted by.
    pub fn sort(&self) -> Vec<&str> {
        let first = self.time.as_deref().or(self.columns.first().map(|column| column.name.as_str()));
        let key = ["source", "id"].into_iter().filter(|key| self.column(key).is_some());
        let mut sort: Vec<&str> = first.into_iter().collect();
        for column in key {
            if !sort.contains(&column) {
                sort.push(column);
            }
        }
        sort
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declaration {
    description: String,
    #[serde(default)]
    step: Option<Step>,
    #[serde(default)]
    internal: bool,
    #[serde(default)]
    last: bool,
    time: Option<String>,
    title: Option<String>,
    url: Option<String>,
    #[serde(default)]
    shown: Vec<String>,
    #[serde(default)]
    links: Vec<Link>,
    person: Option<String>,
    person_source: Option<String>,
    bot: Option<String>,
    #[serde(default)]
    fields: BTreeMap<String, String>,
    columns: Vec<FactColumn>,
    driver: Option<Driver>,
    #[serde(default)]
    dimensions: BTreeMap<Dimension, String>,
    #[serde(default)]
    terms: BTreeMap<String, Term>,
}

/// What a SELECT reads: its relations, common table expressions left out.
fn inputs(sql: &str) -> Result<Inputs> {
    let mut statements = DFParserBuilder::new(sql).with_dialect(&DuckDbDialect {}).build()?.parse_statements()?;
    ensure!(statements.len() == 1, "the SQL must be one SELECT");
    let statement = statements.pop_front().context("the SQL must be one SELECT")?;
    let Statement::Statement(select) = &statement else { bail!("the SQL must be one SELECT") };
    // A fact is the same whenever it is built.
    let clock = visit_expressions(select.as_ref(), |expr: &Expr| match expr {
        Expr::Function(f)
            if ["now", "current_date", "current_timestamp", "random"].contains(&lower(&f.name).as_str()) =>
        {
            ControlFlow::Break(f.name.to_string())
        }
        _ => ControlFlow::Continue(()),
    });
    if let ControlFlow::Break(function) = clock {
        bail!("{function}() makes the fact depend on when it is built");
    }
    let (relations, _) = resolve_table_references(&statement, true)?;
    let mut inputs = Inputs::default();
    for relation in relations {
        match relation.schema() {
            None => inputs.tables.push(relation.table().to_owned()),
            Some(FACT_SCHEMA) => inputs.facts.push(relation.table().to_owned()),
            Some(_) => bail!("{relation}: neither a table nor {FACT_SCHEMA}.<fact>"),
        }
    }
    inputs.tables.sort();
    inputs.facts.sort();
    Ok(inputs)
}

fn lower(name: &impl ToString) -> String {
    name.to_string().to_ascii_lowercase()
}

/// Facts after the facts that they read, by name where that leaves a choice.
fn in_order_of_reading(mut waiting: Vec<Fact>) -> Result<Vec<Fact>> {
    let mut ordered: Vec<Fact> = Vec::new();
    while !waiting.is_empty() {
        let ready = |fact: &Fact| fact.inputs.facts.iter().all(|input| ordered.iter().any(|done| done.name == *input));
        let Some(next) = waiting.iter().position(ready) else {
            let names: Vec<&str> = waiting.iter().map(|fact| fact.name.as_str()).collect();
            bail!("facts read each other in a circle, or one that is not there: {}", names.join(", "));
        };
        ordered.push(waiting.remove(next));
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declared_fact_loads_after_what_it_reads() {
        let facts = Fact::load_all(&crate::model::SCHEMA).expect("schema/facts loads");
        for (i, fact) in facts.iter().enumerate() {
            for input in &fact.inputs.facts {
                assert!(facts[..i].iter().any(|f| f.name == *input), "{} reads {input}", fact.name);
            }
            for table in &fact.inputs.tables {
                assert!(crate::model::table(table).is_some(), "{} reads the unknown table {table}", fact.name);
            }
        }
        let named = |name: &str| facts.iter().any(|fact| fact.name == name && !fact.internal);
        assert!(named("changes") && named("deployments") && named("incidents"));
    }

    #[test]
    fn inputs_come_from_the_sql() {
        let found =
            inputs("WITH c AS (SELECT * FROM commits) SELECT * FROM c JOIN facts.changes ON true").expect("parses");
        assert_eq!(found, Inputs { tables: vec!["commits".into()], facts: vec!["changes".into()] });
        assert!(inputs("SELECT now() FROM commits").is_err());
        assert!(inputs("SELECT 1; SELECT 2").is_err());
        assert!(
            inputs("DROP TABLE commits").is_ok_and(|i| i.tables.is_empty()) || inputs("DROP TABLE commits").is_err()
        );
    }

    #[test]
    fn a_driver_is_a_table_that_is_read() {
        let parse = |table: &str, time: &str| {
            let driver = format!("[driver]\ntable = {table:?}\ntime = {time:?}\nfrom_rows = 1");
            let text = format!("description = \"x\"\n[[columns]]\nname = \"at\"\ndescription = \"y\"\n{driver}");
            Fact::parse("a", "SELECT authored_at AS at FROM commits", &text)
        };
        let driver = parse("commits", "at").expect("parses").driver.expect("declared");
        assert_eq!((driver.table.as_str(), driver.from_rows), ("commits", 1));
        assert!(parse("builds", "at").expect_err("not read").to_string().contains("builds"));
        assert!(parse("commits", "when").expect_err("no column").to_string().contains("driver.time"));
    }

    #[test]
    fn a_circle_is_refused() {
        let fact = |name: &str, reads: &str| {
            let text = "description = \"x\"\ncolumns = []";
            Fact::parse(name, &format!("SELECT * FROM facts.{reads}"), text).expect("parses")
        };
        let error = in_order_of_reading(vec![fact("a", "b"), fact("b", "a")]).expect_err("a circle");
        assert!(error.to_string().contains("a, b"), "{error}");
    }
}
