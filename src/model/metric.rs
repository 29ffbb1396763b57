//! One metric, as declared in `schema/metrics/<name>.toml`: what it means, over which fact, at which time.
//! Its SQL expressions are text here; `query::bind` binds them to the fact.

use std::ops::ControlFlow;

use anyhow::{Context, Result, bail, ensure};
use datafusion::sql::sqlparser::ast::{Expr, visit_expressions};
use datafusion::sql::sqlparser::dialect::DuckDbDialect;
use datafusion::sql::sqlparser::parser::Parser;
use include_dir::Dir;
use serde::Deserialize;

use super::exclusion::{Keep, conditions};
use super::rating::Rating;
use super::words::words;

/// Aggregates that have no value of no rows.
const NULL_OF_NOTHING: [&str; 9] =
    ["avg", "min", "max", "median", "stddev", "stddev_pop", "var_pop", "percentile_cont", "spread"];

/// A metric of the catalogue.
#[derive(Debug, Clone)]
pub struct Metric {
    /// UPPER_SNAKE; the file's name in upper case.
    pub name: String,
    pub title: String,
    pub description: String,
    /// What exactly is computed, in words.
    pub definition: String,
    pub category: Category,
    pub unit: Unit,
    pub better: Better,
    /// Whose definition this is.
    pub source: String,
    /// Tables without which the metric is NOT_COLLECTED.
    pub needs: Vec<String>,
    /// Fact whose rows are counted.
    pub fact: String,
    /// SQL over the fact, mostly a column: the instant that says to which period a row belongs.
    pub time: String,
    /// SQL over the fact: which rows are eligible. All of `filters` as one.
    pub filter: Option<String>,
    /// The conditions that a row must meet, in order, each with what it means where it does not.
    pub filters: Vec<Keep>,
    /// Which rows are items of their own; `None`: all.
    pub items: Option<String>,
    /// Which rows have a known value; `None`: all.
    pub known: Option<String>,
    /// Aggregate that counts the items: all rows, or those that the entry says are items of their own.
    pub eligible: String,
    pub kind: Kind,
    /// Further numbers reported beside the value.
    pub counts: Vec<Count>,
    pub ratings: Vec<Rating>,
    /// Reason given where there is no value.
    pub absent: Absent,
    /// A metric and a reason: where that metric counts nothing, an absent value has that reason instead.
    pub absent_where_zero: Option<AbsentWhereZero>,
}

/// How the value comes from the rows.
#[derive(Debug, Clone)]
pub enum Kind {
    /// The distribution of the time between two milestones.
    Duration { from: String, to: String, statistic: Statistic, stages: Vec<Stage> },
    /// A quotient of two aggregates, or of one and the length of the period.
    Formula {
        numerator: String,
        denominator: Denominator,
        /// Aggregate that counts the items whose value is known; `None`: it is known of all.
        known: Option<String>,
        /// Whether the numerator is 0 where there are no rows, as counts and sums are; else there is no value.
        zero_filled: bool,
    },
    /// For each key its share, within the slice, of the key's whole weight, added up over the keys: of engineers, how
    /// many full-time equivalents worked on the slice. Of the whole: the number of keys that have weight.
    Shares {
        /// SQL over the fact: the key, an integer.
        of: String,
        /// SQL over the fact: the weight of a row; null is none.
        weight: String,
    },
}

/// What a formula divides by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denominator {
    /// Calendar days of the period or bucket, in the asked time zone.
    Days,
    /// Weeks that developers of the scope spent in it during the period or bucket: of a team its members, of the
    /// organisation everybody with it. Bots are no developers.
    DeveloperWeeks,
    /// Nothing: the value is the numerator.
    One,
    /// A SQL aggregate over the same rows.
    Aggregate(String),
}

/// A part of a duration, with its own milestones and its own number of known items.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub name: String,
    pub title: String,
    pub description: String,
    pub from: String,
    pub to: String,
    /// Off, unless a profile switches it on.
    #[serde(default)]
    pub optional: bool,
    /// Where it is on, the whole duration begins where this stage does.
    #[serde(default)]
    pub starts_total: bool,
}

/// A named number beside the value.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    pub name: String,
    pub description: String,
    /// SQL aggregate over the fact's eligible rows.
    pub value: String,
    /// Another time column than the metric's.
    pub time: Option<String>,
    /// Another filter than the metric's; only with `time`.
    pub filter: Option<String>,
}

/// A metric that explains why another has no value.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AbsentWhereZero {
    pub metric: String,
    pub reason: Absent,
}

words! {
    /// The part of the catalogue that a metric belongs to.
    #[graphql(name = "MetricCategory")]
    Category {
        /// How fast and how safely changes reach production.
        Delivery = "DELIVERY",
        /// How much work gets done, and how long it waits.
        Productivity = "PRODUCTIVITY",
        /// What the work is for.
        BusinessAlignment = "BUSINESS_ALIGNMENT",
        /// How well a sprint's plan holds.
        Sprints = "SPRINTS",
        /// How builds fare.
        Ci = "CI",
    }
}

words! {
    /// The unit of a metric's value.
    #[graphql(name = "MetricUnit")]
    Unit {
        /// Seconds.
        Seconds = "SECONDS",
        /// A share from 0 to 1.
        Ratio = "RATIO",
        /// How many per calendar day.
        PerDay = "PER_DAY",
        /// How many per developer and week.
        PerDeveloperPerWeek = "PER_DEVELOPER_PER_WEEK",
        /// Days per developer and week.
        DaysPerDeveloperPerWeek = "DAYS_PER_DEVELOPER_PER_WEEK",
        /// How many per pull request.
        PerPullRequest = "PER_PULL_REQUEST",
        /// A plain number of things.
        Count = "COUNT",
        /// Story points.
        StoryPoints = "STORY_POINTS",
        /// Story points or issues, as the profile says.
        Effort = "EFFORT",
        /// Full-time equivalents: engineers, each divided among what they worked on.
        Fte = "FTE",
    }
}

words! {
    /// Which way a metric gets better.
    Better {
        /// More is better.
        Higher = "HIGHER",
        /// Less is better.
        Lower = "LOWER",
    }
}

words! {
    /// A statistic of a distribution.
    Statistic {
        /// Arithmetic mean.
        Mean = "MEAN",
        /// 50th percentile.
        Median = "MEDIAN",
        /// 75th percentile.
        P75 = "P75",
        /// 90th percentile.
        P90 = "P90",
        /// 95th percentile.
        P95 = "P95",
    }
}

words! {
    /// Why there is no value.
    #[graphql(name = "AbsentReason")]
    Absent {
        /// Nothing to compute it from in this period.
        NoData = "NO_DATA",
        /// No successful production deployment in this period.
        NoDeployments = "NO_DEPLOYMENTS",
        /// A setting that it needs is missing.
        NotConfigured = "NOT_CONFIGURED",
        /// The lake holds none of the tables that it is computed from.
        NotCollected = "NOT_COLLECTED",
        /// It has no meaning here: a repository has no developers, and nobody tells whose an incident is.
        NotApplicable = "NOT_APPLICABLE",
        /// You may not see it.
        NotAuthorized = "NOT_AUTHORIZED",
    }
}

impl Metric {
    /// Every declared metric, sorted by name. Errors name file and key.
    pub fn load_all(schema: &Dir<'_>) -> Result<Vec<Metric>> {
        let parse = |(name, text): (&str, &str)| {
            Metric::parse(&name.to_uppercase(), text).with_context(|| format!("schema/metrics/{name}.toml"))
        };
        let mut metrics = super::declarations(schema, "metrics")?.into_iter().map(parse).collect::<Result<Vec<_>>>()?;
        metrics.sort_by(|a, b| (a.category, &a.name).cmp(&(b.category, &b.name)));
        for metric in &metrics {
            if let Some(other) = &metric.absent_where_zero {
                ensure!(
                    metrics.iter().any(|m| m.name == other.metric),
                    "{}: absent_where_zero: no metric {}",
                    metric.name,
                    other.metric
                );
            }
        }
        Ok(metrics)
    }

    /// Reads one declaration. Errors name the key.
    pub fn parse(name: &str, text: &str) -> Result<Metric> {
        let d: Declaration = toml::from_str(text)?;
        ensure!(d.kind == "formula" || (d.items.is_none() && d.known.is_none()), "items, known: for formulas only");
        let items = |and: Option<String>| match [d.items.clone(), and].into_iter().flatten().collect::<Vec<_>>() {
            all if all.is_empty() => "count(*)".to_owned(),
            all => format!("count(*) FILTER (WHERE ({}))", all.join(") AND (")),
        };
        let kind = match d.kind.as_str() {
            "duration" => {
                ensure!(d.numerator.is_none(), "numerator: a duration has none");
                Kind::Duration {
                    from: d.from.context("from: missing")?,
                    to: d.to.context("to: missing")?,
                    statistic: d.statistic.context("statistic: missing")?,
                    stages: d.stages,
                }
            }
            "formula" => {
                ensure!(
                    d.from.is_none() && d.to.is_none() && d.stages.is_empty(),
                    "from, to, stages: for durations only"
                );
                let numerator = d.numerator.context("numerator: missing")?;
                Kind::Formula {
                    zero_filled: is_zero_of_nothing(&numerator).context("numerator")?,
                    numerator,
                    known: d.known.clone().map(|known| items(Some(known))),
                    denominator: match d.denominator.as_deref() {
                        None => Denominator::One,
                        Some("days") => Denominator::Days,
                        Some("developer_weeks") => Denominator::DeveloperWeeks,
                        Some(sql) => Denominator::Aggregate(sql.to_owned()),
                    },
                }
            }
            "shares" => Kind::Shares { of: d.of.context("of: missing")?, weight: d.weight.context("weight: missing")? },
            other => bail!("kind: {other:?} is none of \"duration\", \"formula\", \"shares\""),
        };
        for count in &d.counts {
            ensure!(count.filter.is_none() || count.time.is_some(), "counts.{}: filter goes with time", count.name);
        }
        for rating in &d.ratings {
            rating.check(&d.counts).with_context(|| format!("ratings.{}", rating.scheme.name()))?;
        }
        let (filters, filter) = conditions(d.filters, d.filter)?;
        Ok(Metric {
            name: name.to_owned(),
            title: d.title,
            description: d.description,
            definition: d.definition,
            category: d.category,
            unit: d.unit,
            better: d.better,
            source: d.source,
            needs: d.needs,
            fact: d.fact,
            time: d.time,
            filter,
            filters,
            eligible: items(None),
            items: d.items,
            known: d.known,
            kind,
            counts: d.counts,
            ratings: d.ratings,
            absent: d.absent,
            absent_where_zero: d.absent_where_zero,
        })
    }

    /// The stages of a duration; none for a formula.
    pub fn stages(&self) -> &[Stage] {
        match &self.kind {
            Kind::Duration { stages, .. } => stages,
            Kind::Formula { .. } | Kind::Shares { .. } => &[],
        }
    }

    /// Whether its SQL asks whose a row is, whatever the account.
    pub fn asks_for_contributors(&self) -> bool {
        let texts: Vec<&String> = match &self.kind {
            Kind::Duration { from, to, .. } => vec![from, to],
            Kind::Formula { numerator, denominator, .. } => match denominator {
                Denominator::Aggregate(denominator) => vec![numerator, denominator],
                Denominator::Days | Denominator::DeveloperWeeks | Denominator::One => vec![numerator],
            },
            Kind::Shares { of, weight } => vec![of, weight],
        };
        let texts = texts.into_iter().chain(&self.filter).chain(self.counts.iter().map(|count| &count.value));
        texts.into_iter().any(|sql| sql.contains("$contributor") || sql.contains("contributor("))
    }

    /// Whether it is divided by the time that developers spent.
    pub fn is_per_developer(&self) -> bool {
        matches!(self.kind, Kind::Formula { denominator: Denominator::DeveloperWeeks, .. })
    }

    /// The statistic shown when none is asked for; `None` where the value is no distribution.
    pub fn statistic(&self) -> Option<Statistic> {
        match &self.kind {
            Kind::Duration { statistic, .. } => Some(*statistic),
            Kind::Formula { .. } | Kind::Shares { .. } => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declaration {
    title: String,
    description: String,
    definition: String,
    category: Category,
    unit: Unit,
    better: Better,
    source: String,
    needs: Vec<String>,
    fact: String,
    time: String,
    filter: Option<String>,
    #[serde(default)]
    filters: Vec<Keep>,
    kind: String,
    from: Option<String>,
    to: Option<String>,
    statistic: Option<Statistic>,
    #[serde(default)]
    stages: Vec<Stage>,
    numerator: Option<String>,
    denominator: Option<String>,
    /// Which rows are items of their own, where an item may be several rows.
    items: Option<String>,
    /// Which items have a known value.
    known: Option<String>,
    of: Option<String>,
    weight: Option<String>,
    #[serde(default)]
    counts: Vec<Count>,
    #[serde(default)]
    ratings: Vec<Rating>,
    #[serde(default = "no_data")]
    absent: Absent,
    absent_where_zero: Option<AbsentWhereZero>,
}

/// Whether an aggregate of no rows is 0. Only counts and sums are; whatever is computed from them follows.
fn is_zero_of_nothing(aggregate: &str) -> Result<bool> {
    let expr = Parser::new(&DuckDbDialect {}).try_with_sql(aggregate)?.parse_expr()?;
    let other = visit_expressions(&expr, |expr: &Expr| match expr {
        Expr::Function(f) if NULL_OF_NOTHING.contains(&f.name.to_string().to_ascii_lowercase().as_str()) => {
            ControlFlow::Break(())
        }
        _ => ControlFlow::Continue(()),
    });
    Ok(other.is_continue())
}

fn no_data() -> Absent {
    Absent::NoData
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_loads() {
        let metrics = Metric::load_all(&crate::model::SCHEMA).expect("schema/metrics loads");
        assert!(metrics.iter().any(|m| m.name == "LEAD_TIME_FOR_CHANGES" && m.stages().len() == 5));
    }

    #[test]
    fn a_wrong_entry_names_the_key() {
        let text = include_str!("../../schema/metrics/change_failure_rate.toml");
        let error =
            Metric::parse("X", &text.replace("kind = \"formula\"", "kind = \"sum\"")).expect_err("no such kind");
        assert!(error.to_string().starts_with("kind: \"sum\""), "{error}");
        let error = Metric::parse("X", &text.replace("unit =", "units =")).expect_err("no such key");
        assert!(error.to_string().contains("units"), "{error}");
    }
}
