//! Why a number is what it is, or is not there, in sentences for people: with the numbers behind it and what can be done. Pure.

use super::answer::Number;
use super::question::{Question, Scope};
use super::records::Exclusion;
use crate::model::exclusion::Excluded;
use crate::model::metric::Absent;
use crate::model::{self, Dimension, Fact};

/// What is known of a number.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    pub question: &'a Question,
    /// Why there is no value; `None`: there is one.
    pub absent: Option<Absent>,
    /// The number; `None` where nothing is known, not even that it is zero.
    pub number: Option<&'a Number>,
    /// Tables that the lake lacks.
    pub missing: &'a [&'a str],
    /// What the number leaves out; empty where that was not looked at, since nothing is known.
    pub exclusions: &'a [Exclusion],
}

/// Why there is no value and what can be done; or what the value was computed from, and what it leaves out.
pub fn explanation(told: &Told<'_>) -> String {
    let Told { question, number, exclusions, .. } = *told;
    let Some(fact) = model::fact(&question.metric.fact) else { return String::new() };
    let mut sentences = vec![match told.absent {
        Some(absent) => why(told, fact, absent),
        None => computed_from(number, fact),
    }];
    sentences.extend(exclusions.iter().map(|exclusion| sentence(question, exclusion)));
    if told.absent.is_some_and(|absent| matches!(absent, Absent::NoData | Absent::NoDeployments)) {
        sentences.push("A longer period may have some.".to_owned());
    }
    sentences.join(" ")
}

/// What an exclusion means, in a sentence or a few.
pub fn sentence(question: &Question, exclusion: &Exclusion) -> String {
    let fact = model::fact(&question.metric.fact);
    let named = |sql: &str| match fact.and_then(|fact| fact.described(sql)) {
        Some(description) => format!("`{}` ({})", sql.trim_start_matches('$'), description.trim_end_matches('.')),
        None => format!("`{}`", one_line(sql)),
    };
    let count = exclusion.count;
    let (rows, have) = if count == 1 { ("1 row".to_owned(), "has") } else { (format!("{count} rows"), "have") };
    let are = if count == 1 { "is" } else { "are" };
    let each = |text: &dyn Fn(&str) -> String| {
        let details = exclusion.details.iter().map(|(detail, rows)| format!("{} ({rows})", text(detail)));
        details.collect::<Vec<_>>().join("; ")
    };
    match exclusion.reason {
        Excluded::Bot | Excluded::NotCounted => match exclusion.details.as_slice() {
            [(because, _)] => format!("{rows} {are} left out: {because}."),
            _ => format!("{rows} {are} left out: {}.", each(&str::to_owned)),
        },
        Excluded::NoTime => {
            let time = named(&question.metric.time);
            format!("{rows} {have} no {time}, by which this metric tells the period, and {are} left out.")
        }
        Excluded::UnknownValue => {
            let lacking = match exclusion.details.is_empty() {
                true => exclusion.reason.because().to_owned(),
                false => each(&|milestone| match question.metric.statistic() {
                    Some(_) => format!("without {}", named(milestone)),
                    None => milestone.to_owned(),
                }),
            };
            format!(
                "{rows} {have} no known value and {are} in no statistic: {lacking}; sources that deliver it raise the coverage."
            )
        }
        Excluded::Negative => {
            format!(
                "{rows} {have} the milestones in the wrong order and {are} in no statistic, since no duration is negative; \
                 look at the clocks of the sources."
            )
        }
    }
}

fn computed_from(number: Option<&Number>, fact: &Fact) -> String {
    let (known, eligible) = number.map_or((0, 0), |number| (number.known, number.eligible));
    let what = if number.is_none_or(|number| number.rows == eligible) { "rows" } else { "items" };
    match known == eligible {
        true => format!("Computed from {known} {what} of {}.", fact.name),
        false => {
            let name = &fact.name;
            format!("Computed from {known} of {eligible} {what} of {name}; of the others the value is not known.")
        }
    }
}

fn why(told: &Told<'_>, fact: &Fact, absent: Absent) -> String {
    let Told { question, number, .. } = *told;
    let eligible = number.map_or(0, |number| number.eligible);
    let (from, to) = (question.period.from, question.period.to);
    match absent {
        Absent::NotCollected => {
            let tables = told.missing.join(", ");
            format!(
                "The lake has no rows of {tables}. Drop Parquet files into landing/<table>/ for each; schema/tables/ says which columns they have."
            )
        }
        Absent::NotApplicable => not_applicable(question, fact),
        Absent::NotConfigured => not_configured(question, fact),
        Absent::NotAuthorized => "You may not see it.".to_owned(),
        Absent::NoDeployments => {
            format!("No successful production deployment finished from {from} up to, and without, {to}.")
        }
        Absent::NoData if eligible == 0 => {
            format!("No row of {} counts from {from} up to, and without, {to}.", fact.name)
        }
        Absent::NoData => {
            format!("{eligible} rows of {} count, but there is nothing to compute a value from.", fact.name)
        }
    }
}

fn not_applicable(question: &Question, fact: &Fact) -> String {
    let what = match question.scope.dimension() {
        Some(Dimension::Repository) => "repository",
        Some(Dimension::Service) => "service",
        Some(Dimension::Contributor) => "contributor",
        _ => "team",
    };
    let others = "Ask it of a scope that has: the organisation always does.";
    let has_dimension = question.scope.dimension().is_some_and(|d| super::condition::has_dimension(fact, d).is_ok());
    match question.scope.dimension() {
        Some(Dimension::Repository | Dimension::Service) if has_dimension && question.metric.is_per_developer() => {
            format!(
                "A {what} has no developers, by whose time this metric is divided. Ask it of a team, a contributor or the organisation."
            )
        }
        Some(Dimension::Contributor) => {
            format!("Rows of {} are nobody's, so a contributor has none. {others}", fact.name)
        }
        _ => format!("Rows of {} tell no {what}. {others}", fact.name),
    }
}

fn not_configured(question: &Question, fact: &Fact) -> String {
    let (from, to) = (question.period.from, question.period.to);
    match &question.scope {
        _ if !question.in_force().is_on(question.metric) => {
            "The profile in force has this metric switched off. Switch it on there, or ask under another profile."
                .to_owned()
        }
        Scope::Key(Dimension::Team, _) if fact.person.is_none() => {
            let fields = fact.fields.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>().join(", ");
            format!(
                "Rows of {} are nobody's, and the settings of the team do not say which of them are its own. Set its sources, \
                 by one of {fields}.",
                fact.name
            )
        }
        _ if question.metric.is_per_developer() => {
            format!(
                "Nobody was there from {from} up to, and without, {to}, by whose time this metric is divided. Register contributors \
                 and memberships with their days."
            )
        }
        _ => "A setting that it needs is missing.".to_owned(),
    }
}

fn one_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}
