//! The SQL views of the catalogue: one for each metric, a row for each item that it counts. Whoever speaks SQL aggregates
//! them as the comment on the view says, and gets the numbers that every other door gives.
//!
//! A view knows accounts, not people: its column `contributor` is a login, no column tells a team, and a bot is what its tool
//! says is one. Whom accounts belong to changes without any table's doing; views are text.

mod aggregate;
mod judging;

use std::fmt::Write;

use anyhow::{Context, Result};
use chrono_tz::Tz;

use crate::model::metric::{Denominator, Kind};
use crate::model::profile::Segment;
use crate::model::{self, Catalogue, Effective, Fact, Metric};
use aggregate::{apart, is_every_row};
use judging::{Judging, text};

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
    /// SQL aggregate over the view's rows: what the value is a quotient of. Empty for shares, which no one aggregate gives.
    pub numerator: String,
    /// SQL aggregate over the view's rows that the numerator is divided by; `None`: by nothing, or by what no row tells.
    pub denominator: Option<String>,
    /// SQL aggregate over the view's rows that counts the items: mostly rows.
    pub items: String,
    /// SQL aggregate over the view's rows that counts the items whose value is known.
    pub known: String,
}

/// The view of every built-in metric, in the order of the catalogue; days are those of UTC.
pub fn views(profile: &Effective) -> Result<Vec<View>> {
    views_of(&Catalogue::built_in(), profile, Tz::UTC)
}

/// The view of every metric of a catalogue, in its order. What asks for local days gets those of a zone.
pub fn views_of(catalogue: &Catalogue, profile: &Effective, zone: Tz) -> Result<Vec<View>> {
    catalogue.metrics().map(|metric| View::of(metric, profile, zone).with_context(|| metric.name.clone())).collect()
}

/// All views as one script of CREATE VIEW and COMMENT statements.
pub fn script(catalogue: &Catalogue, profile: &Effective, zone: Tz) -> Result<String> {
    let mut script = format!(
        "-- The SQL views of the catalogue, with the parameters of the profiles that hold for the organisation; days are those of {zone}. Generated; do not \
         edit.\n"
    );
    for view in views_of(catalogue, profile, zone)? {
        writeln!(script, "\nCREATE VIEW {} AS\n{};", view.name, view.select)?;
        writeln!(script, "COMMENT ON VIEW {} IS {};", view.name, text(&view.comment))?;
        for (column, comment) in &view.columns {
            writeln!(script, "COMMENT ON COLUMN {}.{column} IS {};", view.name, text(comment))?;
        }
    }
    Ok(script)
}

/// A column: its name, its SQL over the fact, and what it means.
type Column = (String, String, String);

/// The columns that the value comes from, and how.
struct Valued {
    columns: Vec<Column>,
    /// "The value is ...", to which the period is added.
    comment: String,
    /// What else must be known; empty, or a sentence after a space.
    remark: &'static str,
    numerator: String,
    denominator: Option<String>,
}

impl View {
    /// The view of one metric.
    ///
    /// # Errors
    /// When its numerator or denominator has no meaning for a single row.
    pub fn of(metric: &'static Metric, profile: &Effective, zone: Tz) -> Result<View> {
        let fact = model::fact(&metric.fact).with_context(|| format!("no fact {}", metric.fact))?;
        let judging = Judging::of(metric, fact, profile, zone)?;
        let described = |sql: &str| described(fact, sql);
        let apart = |sql: &str, name: &str| apart(&fact.written_out(sql), name);
        let time = format!("The time it belongs to. {}", described(&metric.time));
        let mut columns = vec![
            ("source".to_owned(), "source".to_owned(), described("source")),
            ("id".to_owned(), "id".to_owned(), described("id")),
            ("at".to_owned(), metric.time.clone(), time.trim_end().to_owned()),
        ];
        for (dimension, sql) in &fact.dimensions {
            let comment = Some(described(sql)).filter(|comment| !comment.is_empty());
            let comment = comment.unwrap_or_else(|| format!("The key in the dimension {}.", dimension.name()));
            columns.push((dimension.name().to_lowercase(), sql.clone(), comment));
        }
        let valued = match &metric.kind {
            Kind::Duration { .. } => duration(metric, &judging),
            Kind::Formula { numerator, denominator, .. } => formula(fact, numerator, denominator)?,
            Kind::Shares { of, weight } => shares(of, weight),
        };
        let Valued { columns: values, comment, remark, numerator, denominator } = valued;
        columns.extend(values);
        let items = match is_every_row(&metric.eligible) {
            true => "count(*)".to_owned(),
            false => {
                let item = apart(&metric.eligible, "item").context("eligible")?;
                let what = "The item that the row is of: an item may have several rows.";
                columns.extend(item.columns.into_iter().map(|(name, sql)| (name, sql, what.to_owned())));
                item.sql
            }
        };
        let known = match &metric.kind {
            Kind::Duration { .. } => "count(seconds)".to_owned(),
            Kind::Formula { known: Some(known), .. } => {
                let known = apart(known, "known").context("known")?;
                let what = if known.counts {
                    "1 where the row's value is known, else 0."
                } else {
                    "The item, if its value is known."
                };
                columns.extend(known.columns.into_iter().map(|(name, sql)| (name, sql, what.to_owned())));
                known.sql
            }
            Kind::Formula { known: None, .. } | Kind::Shares { .. } => items.clone(),
        };
        let selected: Vec<String> = columns
            .iter()
            .map(|(name, sql, _)| if name == sql { name.clone() } else { format!("{} AS {name}", one_line(sql)) })
            .collect();
        let time = one_line(&metric.time);
        let mut select =
            format!("SELECT {}\nFROM facts.{}\nWHERE {time} IS NOT NULL", selected.join(",\n    "), fact.name);
        if let Some(filter) = &metric.filter {
            write!(select, "\n    AND ({})", one_line(filter))?;
        }
        let definition = &metric.definition;
        Ok(View {
            name: metric.name.to_lowercase(),
            select: judging.with_parameters(&select)?,
            comment: format!("{definition} {comment}, over the rows whose \"at\" lies in the period.{remark}"),
            columns: columns.into_iter().map(|(name, _, comment)| (name, comment)).collect(),
            numerator,
            denominator,
            items,
            known,
        })
    }
}

fn duration(metric: &'static Metric, judging: &Judging<'_>) -> Valued {
    // Of a profile with a business calendar: the session has fixed it, and a time zone.
    let seconds = |segment: &Segment, bounds: Option<(&str, &str)>| match bounds {
        Some((from, to)) if segment.calendar(metric).is_some() => format!("working_time({from}, {to}) / 1e6"),
        Some((from, to)) => format!("duration({from}, {to}) / 1e6"),
        None => "NULL".to_owned(),
    };
    let whole = judging.by_version(|segment| seconds(segment, segment.bounds(metric)));
    let mut columns = vec![("seconds".to_owned(), whole, "The duration in seconds; null where unknown.".to_owned())];
    for stage in
        metric.stages().iter().filter(|stage| judging.segments.iter().any(|s| s.stage(metric, stage).is_some()))
    {
        let name = format!("{}_seconds", stage.name.to_lowercase());
        let bounds = |segment: &Segment| {
            let in_force = segment.stage(metric, stage);
            seconds(segment, in_force.as_ref().map(|in_force| (in_force.from, in_force.to)))
        };
        columns.push((name, judging.by_version(bounds), stage.description.clone()));
    }
    Valued {
        columns,
        comment: "The value is avg(seconds) or percentile_cont(seconds, p)".to_owned(),
        remark: "",
        numerator: "sum(seconds)".to_owned(),
        denominator: Some("count(seconds)".to_owned()),
    }
}

fn formula(fact: &Fact, numerator: &str, denominator: &Denominator) -> Result<Valued> {
    // Terms are written out first: an aggregate of a bare `$name` looks at nothing.
    let apart = |sql: &str, name: &str| apart(&fact.written_out(sql), name);
    let counted = apart(numerator, "counted").context("numerator")?;
    let counts = counted.counts && counted.columns.len() == 1;
    let meaning = if counts { "1 where the numerator counts the row, else 0." } else { "What the numerator looks at." };
    let column = |(name, sql): (String, String), meaning: &str| (name, sql, meaning.to_owned());
    let mut columns: Vec<Column> = counted.columns.into_iter().map(|own| column(own, meaning)).collect();
    let numerator = counted.sql;
    let quotient = |denominator: &str| format!("CAST({numerator} AS DOUBLE) / nullif({denominator}, 0)");
    let (value, denominator) = match denominator {
        Denominator::Days => (format!("{numerator} divided by the calendar days of the period"), None),
        Denominator::DeveloperWeeks => {
            let told = "divided by the weeks that developers spent there, which no view tells";
            (format!("{numerator} {told}"), None)
        }
        Denominator::One => (numerator.clone(), None),
        Denominator::Aggregate(sql) if is_every_row(sql) => {
            let value = if counts { "avg(counted)".to_owned() } else { quotient("count(*)") };
            (value, Some("count(*)".to_owned()))
        }
        Denominator::Aggregate(sql) => {
            let divisor = apart(sql, "divisor").context("denominator")?;
            columns.extend(divisor.columns.into_iter().map(|own| column(own, "What the denominator looks at.")));
            (quotient(&divisor.sql), Some(divisor.sql))
        }
    };
    let spreads = numerator.contains("spread(");
    let remark = " spread(k, a, b) is the population standard deviation, over the keys k, of sum(a) / sum(b); keys of which \
                  sum(b) is not above 0 are left out.";
    let comment = format!("The value is {value}");
    Ok(Valued { columns, comment, remark: if spreads { remark } else { "" }, numerator, denominator })
}

fn shares(of: &str, weight: &str) -> Valued {
    let key = "Whose share it is: the person or thing that the weight is divided among the slices of.";
    Valued {
        columns: vec![
            ("share_of".to_owned(), of.to_owned(), key.to_owned()),
            ("weight".to_owned(), weight.to_owned(), "What the row weighs; null weighs nothing.".to_owned()),
        ],
        comment:
            "The value of a slice is, added up over share_of, sum(weight) of the slice divided by sum(weight) of all \
                  slices; the value of the whole is the number of share_of whose sum(weight) is above 0"
                .to_owned(),
        remark: "",
        numerator: String::new(),
        denominator: None,
    }
}

/// What the fact says of a column or a term; nothing of other SQL.
fn described(fact: &Fact, sql: &str) -> String {
    fact.described(sql).unwrap_or_default().to_owned()
}

fn one_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}
