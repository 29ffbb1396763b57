//! What profiles say, written out in the SQL of a view. Where a profile has several versions a row is judged by the one in
//! force at its own time, as in every plan.

use anyhow::{Context, Result, bail};
use chrono::{DateTime, SecondsFormat};
use chrono_tz::Tz;
use regex::{Captures, Regex};

use super::one_line;
use crate::model::profile::{Kind, Segment, Value};
use crate::model::{Effective, Fact, Metric};

/// By what the rows of a metric are judged.
pub struct Judging<'a> {
    kind: Kind,
    fact: &'a Fact,
    zone: Tz,
    /// Versions in force, oldest first; at least one.
    pub segments: &'a [Segment],
    /// SQL over the fact: the time of a row, as the newest version has it.
    time: String,
}

impl<'a> Judging<'a> {
    pub fn of(metric: &Metric, fact: &'a Fact, profile: &'a Effective, zone: Tz) -> Result<Judging<'a>> {
        let segments = profile.segments();
        let newest = &segments[segments.len() - 1..];
        let judging = Judging { kind: Kind::of(metric), fact, zone, segments: newest, time: String::new() };
        let time = judging.with_parameters(&one_line(&metric.time))?;
        Ok(Judging { segments, time, ..judging })
    }

    /// The text with the fact's terms written out and each `$parameter` replaced by its value.
    ///
    /// # Errors
    /// Names a parameter that there is not.
    pub fn with_parameters(&self, sql: &str) -> Result<String> {
        let parameter = Regex::new(r"\$([a-z_]+)").context("a constant pattern")?;
        let mut unknown = None;
        let sql = self.fact.written_out(sql);
        let replaced = parameter.replace_all(&sql, |captures: &Captures<'_>| match self.value(&captures[1]) {
            Some(value) => value,
            None => {
                unknown = Some(captures[1].to_owned());
                String::new()
            }
        });
        match unknown {
            Some(name) => bail!("no parameter ${name}; schema/profile.toml and schema/classifications list them"),
            None => Ok(replaced.into_owned()),
        }
    }

    /// What each version makes of a row, by the time of the row.
    pub fn by_version(&self, of: impl Fn(&Segment) -> String) -> String {
        let each: Vec<String> = self.segments.iter().map(of).collect();
        let last = each.len() - 1;
        if each.iter().all(|sql| *sql == each[last]) {
            return each[last].clone();
        }
        let cases = each[..last].iter().zip(&self.segments[1..]).map(|(sql, next)| {
            let until = DateTime::from_timestamp_micros(next.starts()).unwrap_or(DateTime::UNIX_EPOCH);
            let until = until.to_rfc3339_opts(SecondsFormat::Secs, true);
            format!("WHEN {} < TIMESTAMPTZ '{until}' THEN {sql}", self.time)
        });
        format!("CASE {} ELSE {} END", cases.collect::<Vec<_>>().join(" "), each[last])
    }

    fn value(&self, name: &str) -> Option<String> {
        match (name, &self.fact.person) {
            ("timezone", _) => return Some(text(self.zone.name())),
            // Whom accounts belong to is not known: each is a person.
            ("contributor", Some(person)) => {
                return Some(format!("contributor({}, {person})", self.fact.person_source));
            }
            _ => {}
        }
        let known = self.segments.iter().all(|segment| self.literal(segment, name).is_some());
        known.then(|| self.by_version(|segment| self.literal(segment, name).unwrap_or_default()))
    }

    fn literal(&self, segment: &Segment, name: &str) -> Option<String> {
        match segment.parameter(self.kind, name) {
            Some(Value::Boolean(holds)) => Some(holds.to_string()),
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(Value::Text(value)) => Some(text(value)),
            Some(Value::Texts(values)) => {
                let values: Vec<String> = values.iter().map(|value| text(value)).collect();
                Some(format!("make_array({})", values.join(", ")))
            }
            None => segment.classification(name).map(|classification| text(&classification.write())),
        }
    }
}

/// A literal.
pub fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}
