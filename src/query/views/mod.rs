//! The SQL views of the catalogue: one for each metric, a row for each item that it counts. Whoever speaks SQL aggregates
//! them as the comment on the view says, and gets the numbers that every other door gives.
//!
//! A view knows accounts, not people: its column `contributor` is a login, no column tells a team, and a bot is what its tool
//! says is one. Whom accounts belong to changes without any table's doing; views are text.

mod aggregate;

use std::fmt::Write;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, SecondsFormat};
use chrono_tz::Tz;
use regex::{Captures, Regex};

use crate::model::metric::{Denominator, Kind};
use crate::model::profile::{Kind as ProfileKind, Segment, Value};
use crate::model::{self, Catalogue, Effective, Fact, Metric};
use aggregate::{apart, is_every_row};

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
        "-- The SQL views of the catalogue, as the profiles of the organisation have it; days are those of {zone}. Generated; do not \
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
    /// The view of one metric. A row is judged by the version of a profile in force at its own time, as in every answer.
    ///
    /// # Errors
    /// When its numerator or denominator has no meaning for a single row.
    pub fn of(metric: &'static Metric, profile: &Effective, zone: Tz) -> Result<View> {
        let fact = model::fact(&metric.fact).with_context(|| format!("no fact {}", metric.fact))?;
        let versions = Versions { metric, fact, segments: profile.segments(), zone };
        let of_each: Vec<Valued> =
            versions.segments.iter().map(|segment| valued(metric, segment)).collect::<Result<_>>()?;
        let time = versions.time()?;
        let described = |sql: &str| described(fact, sql);
        let told = format!("The time it belongs to. {}", described(&metric.time));
        let mut columns = vec![
            ("source".to_owned(), "source".to_owned(), described("source")),
            ("id".to_owned(), "id".to_owned(), described("id")),
            ("at".to_owned(), time.clone(), told.trim_end().to_owned()),
        ];
        for (dimension, sql) in &fact.dimensions {
            let comment = Some(described(sql)).filter(|comment| !comment.is_empty());
            let comment = comment.unwrap_or_else(|| format!("The key in the dimension {}.", dimension.name()));
            columns.push((dimension.name().to_lowercase(), versions.judged(&time, |_| Some(sql))?, comment));
        }
        // A stage that some versions have off is a column all the same.
        let mut named: Vec<&Column> = Vec::new();
        for column in of_each.iter().rev().flat_map(|valued| &valued.columns) {
            if named.iter().all(|(name, ..)| *name != column.0) {
                named.push(column);
            }
        }
        for (name, _, comment) in named {
            let of = |place: usize| of_each[place].columns.iter().find(|own| own.0 == *name).map(|own| own.1.as_str());
            columns.push((name.clone(), versions.judged(&time, of)?, comment.clone()));
        }
        let selected: Vec<String> = columns
            .iter()
            .map(|(name, sql, _)| if name == sql { name.clone() } else { format!("{sql} AS {name}") })
            .collect();
        let mut select =
            format!("SELECT {}\nFROM facts.{}\nWHERE {time} IS NOT NULL", selected.join(",\n    "), fact.name);
        if let Some(filter) = &metric.filter {
            write!(select, "\n    AND ({})", versions.judged(&time, |_| Some(filter))?)?;
        }
        let definition = &metric.definition;
        let Valued { comment, remark, numerator, denominator, .. } =
            of_each.into_iter().next_back().context("a profile without versions")?;
        Ok(View {
            name: metric.name.to_lowercase(),
            select,
            comment: format!("{definition} {comment}, over the rows whose \"at\" lies in the period.{remark}"),
            columns: columns.into_iter().map(|(name, _, comment)| (name, comment)).collect(),
            numerator,
            denominator,
        })
    }
}

/// The versions that rows of a metric are judged by, as text.
struct Versions<'a> {
    metric: &'static Metric,
    fact: &'static Fact,
    /// Oldest first, at least one.
    segments: &'a [Segment],
    zone: Tz,
}

impl Versions<'_> {
    /// The text under the version at a place.
    fn under(&self, sql: &str, place: usize) -> Result<String> {
        let of = (ProfileKind::of(self.metric), &self.segments[place]);
        with_parameters(&one_line(sql), self.fact, of, self.zone)
    }

    /// The time of a row: what a version says it is, if that lies in the version's own time.
    fn time(&self) -> Result<String> {
        let times = (0..self.segments.len()).map(|place| self.under(&self.metric.time, place));
        let times = times.collect::<Result<Vec<_>>>()?;
        if times.iter().all(|time| *time == times[0]) {
            return Ok(times[0].clone());
        }
        let cases = times.iter().enumerate().map(|(place, time)| {
            let after = (place > 0).then(|| format!("{time} >= {}", self.start(place)));
            let before = self.segments.get(place + 1).map(|_| format!("{time} < {}", self.start(place + 1)));
            let within: Vec<String> = after.into_iter().chain(before).collect();
            format!("WHEN {} THEN {time}", within.join(" AND "))
        });
        Ok(format!("CASE {} END", cases.collect::<Vec<_>>().join(" ")))
    }

    /// What a text comes to for a row, by its time. `of` gives the text of the version at a place; `None`: null.
    fn judged<'s>(&self, time: &str, of: impl Fn(usize) -> Option<&'s str>) -> Result<String> {
        let under = |place: usize| of(place).map_or_else(|| Ok("NULL".to_owned()), |sql| self.under(sql, place));
        let mut under = (0..self.segments.len()).map(under).collect::<Result<Vec<_>>>()?;
        let last = under.pop().context("a profile without versions")?;
        let mut cases = String::new();
        for (place, text) in under.iter().enumerate() {
            if under.get(place + 1).unwrap_or(&last) != text {
                write!(cases, "WHEN {time} < {} THEN {text} ", self.start(place + 1))?;
            }
        }
        Ok(if cases.is_empty() { last } else { format!("CASE {cases}ELSE {last} END") })
    }

    fn start(&self, place: usize) -> String {
        let at = DateTime::from_timestamp_micros(self.segments[place].starts()).unwrap_or_default();
        format!("TIMESTAMPTZ '{}'", at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

fn valued(metric: &'static Metric, segment: &Segment) -> Result<Valued> {
    Ok(match &metric.kind {
        Kind::Duration { .. } => duration(metric, segment),
        Kind::Formula { numerator, denominator, known, .. } => formula(numerator, denominator, known.as_deref())?,
        Kind::Shares { of, weight } => shares(of, weight),
    })
}

fn duration(metric: &'static Metric, segment: &Segment) -> Valued {
    // Of a profile with a business calendar: the session has fixed it, and a time zone. It knows one calendar.
    let function = if segment.calendar(metric).is_some() { "working_time" } else { "duration" };
    let seconds = |from: &str, to: &str| format!("{function}({from}, {to}) / 1e6");
    let whole = segment.bounds(metric).map(|(from, to)| {
        ("seconds".to_owned(), seconds(from, to), "The duration in seconds; null where unknown.".to_owned())
    });
    let stages = segment.stages(metric).map(|in_force| {
        let name = format!("{}_seconds", in_force.stage.name.to_lowercase());
        (name, seconds(in_force.from, in_force.to), in_force.stage.description.clone())
    });
    let columns = whole.into_iter().chain(stages).collect();
    Valued {
        columns,
        comment: "The value is avg(seconds) or percentile_cont(seconds, p)".to_owned(),
        remark: "",
        numerator: "sum(seconds)".to_owned(),
        denominator: Some("count(seconds)".to_owned()),
    }
}

fn formula(numerator: &str, denominator: &Denominator, known: Option<&str>) -> Result<Valued> {
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
    if let Some(known) = known {
        let known = apart(known, "known").context("known")?;
        columns.extend(known.columns.into_iter().map(|own| column(own, "1 where the row's value is known, else 0.")));
    }
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

/// What the fact says of a column; nothing of other SQL.
fn described(fact: &Fact, sql: &str) -> String {
    fact.column(sql).map_or_else(String::new, |column| column.description.clone())
}

/// The text with each `$parameter` replaced by its value.
fn with_parameters(sql: &str, fact: &Fact, (kind, segment): (ProfileKind, &Segment), zone: Tz) -> Result<String> {
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
        None => match (&captures[1], segment.classification(&captures[1]), &fact.person) {
            ("timezone", ..) => text(zone.name()),
            // Whom accounts belong to is not known: each is a person.
            ("contributor", _, Some(person)) => format!("contributor({}, {person})", fact.person_source),
            (_, Some(classification), _) => text(&classification.write()),
            (name, None, _) => {
                unknown = Some(name.to_owned());
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
