//! The SQL views of the catalogue: one for each metric, a row for each item that it counts. Whoever speaks SQL aggregates
//! them as the comment on the view says, and gets the numbers that every other door gives.
//!
//! A view knows accounts, not people: its column `contributor` is a login, no column tells a team, and a bot is what its tool
//! says is one. Whom accounts belong to changes without any table's doing; views are text.

use std::fmt::Write;

use anyhow::{Context, Result, bail};
use datafusion::sql::sqlparser::ast::Expr;
use datafusion::sql::sqlparser::dialect::DuckDbDialect;
use datafusion::sql::sqlparser::parser::Parser;
use regex::{Captures, Regex};

use crate::model::metric::{Denominator, Kind};
use crate::model::profile::{Kind as ProfileKind, Segment, Value};
use crate::model::{self, Effective, Metric};

/// A view, its text and what is said of it.
#[derive(Debug, Clone)]
pub struct View {
    /// The metric's name in lower case.
    pub name: String,
    /// The SELECT, over `facts.<fact>`.
    pub select: String,
    /// What the view is, and how the metric's value comes from its rows.
    pub comment: String,
    /// Columns and their comments, in order.
    pub columns: Vec<(String, String)>,
}

/// Every metric's view, in the order of the catalogue.
pub fn views(profile: &Effective) -> Result<Vec<View>> {
    model::metrics().iter().map(|metric| View::of(metric, profile).with_context(|| metric.name.clone())).collect()
}

/// All views as one script of CREATE VIEW and COMMENT statements.
pub fn script(profile: &Effective) -> Result<String> {
    let mut script = String::from(
        "-- The SQL views of the catalogue, with the default profile's parameters. Generated from schema/; do not edit.\n",
    );
    for view in views(profile)? {
        writeln!(script, "\nCREATE VIEW {} AS\n{};", view.name, view.select)?;
        writeln!(script, "COMMENT ON VIEW {} IS {};", view.name, text(&view.comment))?;
        for (column, comment) in &view.columns {
            writeln!(script, "COMMENT ON COLUMN {}.{column} IS {};", view.name, text(comment))?;
        }
    }
    Ok(script)
}

impl View {
    fn of(metric: &Metric, profile: &Effective) -> Result<View> {
        let fact = model::fact(&metric.fact).with_context(|| format!("no fact {}", metric.fact))?;
        let segment = &profile.segments()[0];
        let described = |name: &str| {
            let column = fact.columns.iter().find(|column| column.name == name);
            column.map_or_else(String::new, |column| column.description.clone())
        };
        let mut columns = vec![
            ("source".to_owned(), "source".to_owned(), described("source")),
            ("id".to_owned(), "id".to_owned(), described("id")),
            ("at".to_owned(), metric.time.clone(), format!("The time it belongs to. {}", described(&metric.time))),
        ];
        for (dimension, column) in &fact.dimensions {
            columns.push((dimension.name().to_lowercase(), column.clone(), described(column)));
        }
        let comment = match &metric.kind {
            Kind::Duration { from, to, stages, .. } => {
                // Of a profile with a business calendar: the session has fixed it, and a time zone.
                let working = segment.calendar(metric).is_some();
                let function = if working { "working_time" } else { "duration" };
                let seconds = |from: &str, to: &str| format!("{function}({from}, {to}) / 1e6");
                columns.push((
                    "seconds".to_owned(),
                    seconds(from, to),
                    "The duration in seconds; null where unknown.".into(),
                ));
                for stage in stages {
                    let name = format!("{}_seconds", stage.name.to_lowercase());
                    columns.push((name, seconds(&stage.from, &stage.to), stage.description.clone()));
                }
                "The value is avg(seconds) or percentile_cont(seconds, p)".to_owned()
            }
            Kind::Shares { .. } => bail!("shares have no row-level view yet"),
            Kind::Formula { numerator, denominator, .. } => {
                let counted = counted(numerator)?;
                columns.push(("counted".to_owned(), counted, "1 where the numerator counts the row, else 0.".into()));
                match denominator {
                    Denominator::Days => "The value is sum(counted) divided by the calendar days of the period",
                    Denominator::DeveloperWeeks => {
                        "The value is sum(counted) divided by the weeks that developers spent there, which no view tells"
                    }
                    Denominator::One => "The value is sum(counted)",
                    Denominator::Aggregate(sql) if sql == "count(*)" => "The value is avg(counted)",
                    Denominator::Aggregate(sql) => bail!("denominator: {sql:?} has no row-level view; use count(*)"),
                }
                .to_owned()
            }
        };
        let selected: Vec<String> = columns
            .iter()
            .map(|(name, sql, _)| if name == sql { name.clone() } else { format!("{} AS {name}", one_line(sql)) })
            .collect();
        let mut select =
            format!("SELECT {}\nFROM facts.{}\nWHERE {} IS NOT NULL", selected.join(",\n    "), fact.name, metric.time);
        if let Some(filter) = &metric.filter {
            write!(select, "\n    AND ({})", one_line(filter))?;
        }
        Ok(View {
            name: metric.name.to_lowercase(),
            select: with_parameters(&select, ProfileKind::of(metric), segment)?,
            comment: format!("{} {comment}, over the rows whose \"at\" lies in the period.", metric.definition),
            columns: columns.into_iter().map(|(name, _, comment)| (name, comment)).collect(),
        })
    }
}

/// The condition of a counting aggregate, as 1 or 0.
fn counted(aggregate: &str) -> Result<String> {
    let expr = Parser::new(&DuckDbDialect {}).try_with_sql(aggregate)?.parse_expr()?;
    match expr {
        Expr::Function(function) => Ok(match function.filter {
            Some(filter) => format!("CASE WHEN {filter} THEN 1 ELSE 0 END"),
            None => "1".to_owned(),
        }),
        other => bail!("numerator: {other} is no aggregate"),
    }
}

/// The text with each `$parameter` replaced by its value.
fn with_parameters(sql: &str, kind: ProfileKind, segment: &Segment) -> Result<String> {
    let parameter = Regex::new(r"\$([a-z_]+)").context("a constant pattern")?;
    let mut unknown = None;
    let replaced = parameter.replace_all(sql, |captures: &Captures<'_>| match segment.parameter(kind, &captures[1]) {
        Some(Value::Boolean(holds)) => holds.to_string(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Text(value)) => text(value),
        Some(Value::Texts(values)) => {
            let values: Vec<String> = values.iter().map(|value| text(value)).collect();
            format!("make_array({})", values.join(", "))
        }
        None => match segment.classification(&captures[1]) {
            Some(classification) => text(&classification.write()),
            None => {
                unknown = Some(captures[1].to_owned());
                String::new()
            }
        },
    });
    match unknown {
        Some(name) => bail!("no parameter ${name}; schema/profile.toml and schema/classifications list them"),
        None => Ok(replaced.into_owned()),
    }
}

fn one_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}
