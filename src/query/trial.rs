//! A definition tried before it is in force: each piece of its SQL is bound to the fact and must be what it stands for, then
//! the whole is planned and run over no rows. So a query of an accepted metric fails for no reason that the text gives.

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use arrow::datatypes::{DataType, Schema, SchemaRef};
use chrono::{NaiveDate, Utc};
use chrono_tz::Tz;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, DataFusionError};
use datafusion::datasource::empty::EmptyTable;
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::{Expr, ExprSchemable, Volatility};

use super::bind::{Binder, Judge};
use super::calendar::Period;
use super::facts;
use super::functions;
use super::plan::Plan;
use super::question::{By, Filter, Question, Scope, Wants};
use super::views::View;
use crate::model::definition::{Fault, Role, expressions};
use crate::model::profile::Kind as ProfileKind;
use crate::model::{self, Dimension, Effective, Fact, Granularity, Membership, Metric};

/// How deep an expression may be nested. Planning goes as deep, on the stack of whoever asks.
const MOST_DEPTH: usize = 50;
/// A stack on which texts of any shape can be read, whatever their depth.
const DEEP_STACK: usize = 256 << 20;
/// The most that is said of what is wrong.
const MOST_REASON: usize = 600;

/// Reads a file of definitions and tries what it says; `known`: a metric that was tried before.
///
/// # Errors
/// The first fault that is found.
pub async fn read(
    context: &SessionContext,
    profile: &Arc<Effective>,
    file: &str,
    bytes: &[u8],
    known: Option<&'static Metric>,
) -> Result<&'static Metric, Fault> {
    let metric = on_deep_stack(|| model::definition::read(file, bytes))?;
    if known.is_some_and(|known| std::ptr::eq(known, metric)) {
        return Ok(metric);
    }
    check(context, profile, metric).await.map(|()| metric)
}

/// Reads and tries a file on this machine, as a lake's would be.
///
/// # Errors
/// The first fault that is found, or that it cannot be read.
pub async fn read_local(path: &Path) -> Result<&'static Metric, Fault> {
    let bytes = tokio::fs::read(path).await;
    let bytes = bytes.map_err(|error| Fault::whole(format!("cannot be read: {error}"), "Look at the path."))?;
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    read(&session(), &built_in(), name, &bytes, None).await
}

fn built_in() -> Arc<Effective> {
    Arc::new(Effective::built_in(model::defaults()))
}

fn session() -> SessionContext {
    let context = SessionContext::new_with_config(facts::session_config());
    functions::register(&context);
    context
}

/// Tries a definition.
///
/// # Errors
/// The first fault that is found, by key.
pub async fn check(context: &SessionContext, profile: &Arc<Effective>, metric: &'static Metric) -> Result<(), Fault> {
    let fact = model::fact(&metric.fact).ok_or_else(|| Fault::of("fact", "no such fact", "Name one that there is."))?;
    let schema = facts::schema(fact).await.map_err(|error| unsaid(fact, error))?;
    on_deep_stack(|| {
        let binder = binder(context, profile, metric, fact, &schema)?;
        let columns = DFSchema::try_from(schema.as_ref().clone()).map_err(|error| unsaid(fact, error.into()))?;
        for (key, sql, role) in expressions(metric) {
            let wrong = |reason: String| Fault::of(key.clone(), shortened(&reason), remedy(fact));
            let bound = binder.bind(sql).map_err(|error| wrong(root(&error)))?;
            fits(&bound, role, &columns).map_err(wrong)?;
        }
        View::of(metric, profile, Tz::UTC)
            .map(drop)
            .map_err(|error| Fault::whole(shortened(&root(&error)), remedy(fact)))
    })?;
    run_dry(context, profile, metric, fact, schema)
        .await
        .map_err(|error| Fault::whole(shortened(&root(&error)), remedy(fact)))
}

/// What binds the metric's SQL. The time is bound before anything else.
fn binder<'a>(
    context: &'a SessionContext,
    profile: &'a Effective,
    metric: &'a Metric,
    fact: &'a Fact,
    schema: &Schema,
) -> Result<Binder<'a>, Fault> {
    let judge = Judge { profile, kind: ProfileKind::of(metric), time: &metric.time, reach: 0..1 };
    let binder = Binder::new(context, fact, schema, judge, Tz::UTC, None);
    binder.map_err(|error| Fault::of("time", shortened(&root(&error)), remedy(fact)))
}

/// Runs a question that asks for everything over no rows.
async fn run_dry(
    context: &SessionContext,
    profile: &Arc<Effective>,
    metric: &'static Metric,
    fact: &'static Fact,
    schema: SchemaRef,
) -> anyhow::Result<()> {
    let day = |n| NaiveDate::from_ymd_opt(2026, 1, n).context("a constant day");
    let period = Period::between(day(5)?, day(7)?, Tz::UTC)?;
    let of_rows = |dimension: &Dimension| !dimension.is_of_people() && *dimension != Dimension::Contributor;
    let sliced = fact.dimensions.iter().map(|(dimension, _)| *dimension).filter(of_rows);
    let units = std::iter::once(Granularity::Day).collect();
    let wants = Wants {
        breakdowns: sliced
            .map(|dimension| (By::from(dimension), std::iter::once(Granularity::Day).collect()))
            .collect(),
        series: units,
        stages: true,
        counts: true,
    };
    let (filter, membership) = (Filter::default(), Membership::AtEvent);
    let (scope, profile) = (Scope::Organization, Arc::clone(profile));
    let question = Question { metric, scope, period, filter, membership, wants, profile: Arc::clone(&profile) };
    let mut plan = Plan::new(fact, None, None, Utc::now(), profile);
    plan.add(&question)?;
    plan.build(context, Arc::new(EmptyTable::new(schema)))?.collect().await?;
    Ok(())
}

/// Whether an expression is what it stands for.
fn fits(expr: &Expr, role: Role, columns: &DFSchema) -> Result<(), String> {
    let deep = depth(expr);
    if deep > MOST_DEPTH {
        return Err(format!("nested {deep} deep; {MOST_DEPTH} at most. Write `x IN ('a', 'b')` for many `OR`"));
    }
    let mut aggregates = false;
    let walked = expr.apply(|part| {
        aggregates |= matches!(part, Expr::AggregateFunction(_));
        match part {
            Expr::ScalarFunction(call) if call.func.signature().volatility != Volatility::Immutable => {
                Err(DataFusionError::Plan(format!("{}() does not always give the same", call.func.name())))
            }
            Expr::WindowFunction(_) | Expr::ScalarSubquery(_) | Expr::Exists(_) | Expr::InSubquery(_) => {
                Err(DataFusionError::Plan("neither subqueries nor windows: it is over the rows of the fact".to_owned()))
            }
            _ => Ok(TreeNodeRecursion::Continue),
        }
    });
    walked.map_err(|error| said(&error))?;
    let kind = expr.get_type(columns).map_err(|error| said(&error))?;
    let (fits, wanted) = match role {
        Role::Instant => (matches!(kind, DataType::Timestamp(..)) && !aggregates, "an instant of the row"),
        Role::Condition => (matches!(kind, DataType::Boolean) && !aggregates, "a condition on the row, true or false"),
        Role::Aggregate => (is_number(&kind) && aggregates, "a number aggregated from rows, such as count(*)"),
        Role::Number => (is_number(&kind) && !aggregates, "a number of the row"),
        Role::Key => (kind.is_integer() && !aggregates, "a whole number of the row, such as $contributor"),
    };
    let is = if aggregates { "an aggregate, " } else { "" };
    if fits { Ok(()) } else { Err(format!("{is}{kind}; it must be {wanted}")) }
}

fn is_number(kind: &DataType) -> bool {
    kind.is_numeric() || matches!(kind, DataType::Null)
}

fn depth(expr: &Expr) -> usize {
    let mut deepest = 0;
    // It fails only where the closure does.
    let walked = expr.apply_children(|child| {
        deepest = deepest.max(depth(child));
        Ok(TreeNodeRecursion::Continue)
    });
    walked.map_or(usize::MAX, |_| deepest.saturating_add(1))
}

/// Runs `work` where the depth of a text cannot exhaust the stack. It waits: what is done there takes milliseconds.
fn on_deep_stack<T: Send>(work: impl FnOnce() -> Result<T, Fault> + Send) -> Result<T, Fault> {
    let failed = |error: &dyn Display| Fault::whole(format!("not judged: {error}"), "Look at the server's log.");
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("definition".to_owned()).stack_size(DEEP_STACK);
        let running = thread.spawn_scoped(scope, work).map_err(|error| failed(&error))?;
        running.join().unwrap_or_else(|_| Err(failed(&"the check stopped early")))
    })
}

fn remedy(fact: &Fact) -> String {
    format!("It is SQL over the columns of the fact {}, with $parameters; /glossary.md lists both.", fact.name)
}

fn unsaid(fact: &Fact, error: anyhow::Error) -> Fault {
    tracing::error!("the fact {} has no schema: {error:#}", fact.name);
    Fault::of("fact", format!("{} cannot be used", fact.name), "The server's log says why.")
}

/// What is wrong, without where it was noticed.
fn root(error: &anyhow::Error) -> String {
    match error.chain().find_map(|link| link.downcast_ref::<DataFusionError>()) {
        Some(engine) => said(engine),
        None => format!("{error:#}"),
    }
}

fn said(error: &DataFusionError) -> String {
    let text = error.find_root().strip_backtrace();
    let known = ["Schema error: ", "Error during planning: ", "SQL error: ", "Execution error: "];
    known.iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(&text).to_owned()
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST_REASON) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: &str = include_str!("../../tests/cases/definitions/unreviewed_share.toml");
    const TIME: &str = include_str!("../../tests/cases/definitions/review_wait.toml");

    async fn tried(text: &str) -> Result<&'static Metric, Fault> {
        read(&session(), &built_in(), "own.toml", text.as_bytes(), None).await
    }

    /// The text with another value of a key of its first section.
    fn with(text: &str, key: &str, value: &str) -> String {
        let set = |line: &str| match line.split_once(" = ") {
            Some((own, _)) if own == key => format!("{key} = {value}"),
            _ => line.to_owned(),
        };
        let changed = text.lines().map(set).collect::<Vec<_>>().join("\n");
        assert_ne!(changed, text, "{key}");
        changed
    }

    #[tokio::test]
    async fn every_built_in_metric_would_be_accepted() {
        let context = session();
        for metric in model::metrics() {
            let checked = check(&context, &built_in(), metric).await;
            checked.unwrap_or_else(|fault| panic!("{}: {fault}", metric.name));
        }
    }

    #[tokio::test]
    async fn what_does_not_fit_the_fact_is_refused_by_key() {
        let wrong = [
            (with(TIME, "time", "\"deployed\""), "time", "deployed"),
            (with(TIME, "time", "\"title\""), "time", "an instant"),
            (with(TIME, "from", "\"ready_at + 1\""), "from", ""),
            (with(TIME, "filter", "\"lines_changed\""), "filter", "a condition"),
            (with(TIME, "filter", "\"count(*) > 1\""), "filter", "an aggregate"),
            (with(TIME, "filter", "\"author = $nobody\""), "filter", "no parameter $nobody"),
            (with(TIME, "filter", "\"merged_at < now()\""), "filter", "now()"),
            (with(TIME, "filter", "\"random() < 0.5\""), "filter", "random()"),
            (with(TIME, "filter", "\"author IN (SELECT login FROM accounts)\""), "filter", ""),
            (with(TIME, "filter", "\"lines_changed >\""), "filter", ""),
            (with(RATE, "numerator", "\"1\""), "numerator", "aggregated"),
            (with(RATE, "numerator", "\"max(repository)\""), "numerator", "Utf8"),
            (with(RATE, "denominator", "\"sum(nothing)\""), "denominator", "nothing"),
        ];
        for (text, key, reason) in wrong {
            let fault = tried(&text).await.expect_err(key);
            assert_eq!(fault.key.as_deref(), Some(key), "{fault}");
            assert!(fault.reason.contains(reason) && !fault.remedy.is_empty(), "{fault}");
        }
        tried(TIME).await.expect("as it is, it is good");
    }

    #[tokio::test]
    async fn a_text_of_any_depth_is_refused_rather_than_followed() {
        let terms = (0..900).map(|n| format!("a={n}")).collect::<Vec<_>>().join("+");
        let long = with(TIME, "filter", &format!("\"{}\"", "(".repeat(1_900) + "true" + &")".repeat(1_900)));
        assert_eq!(tried(&long).await.expect_err("deep").key.as_deref(), Some("filter"));
        let wide = with(TIME, "filter", &format!("\"{}\"", terms[..3_900].trim_end_matches(['+', '=', 'a'])));
        assert_eq!(tried(&wide).await.expect_err("deep").key.as_deref(), Some("filter"));
        let many = (0..150).map(|n| format!("lines_changed={n}")).collect::<Vec<_>>().join(" OR ");
        let fault = tried(&with(TIME, "filter", &format!("\"{many}\""))).await.expect_err("deep");
        assert!(fault.reason.contains("nested"), "{fault}");
        let numerator = format!("\"count(*) {}\"", "+1".repeat(1_800));
        assert_eq!(
            tried(&with(RATE, "numerator", &numerator)).await.expect_err("deep").key.as_deref(),
            Some("numerator")
        );
    }
}
