//! The SQL views give the numbers that the engine gives: the second door, computed a second way. Those of a lake's own metrics
//! too.

use std::path::Path;
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::Float64Type;
use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;
use datafusion::execution::context::SessionContext;
use serde_json::json;
use throughline::clock::Clock;
use throughline::lake::Snapshot;
use throughline::model::business_calendar::{self, BusinessCalendar};
use throughline::model::definition::{self, DefinitionFile, Status};
use throughline::model::metric::{Denominator, Kind, Statistic};
use throughline::model::{self, Catalogue, Defaults, Effective, Membership, Metric, Profile};
use throughline::query::attribution::accounts_alone;
use throughline::query::calendar::Period;
use throughline::query::engine::{Engine, Limits};
use throughline::query::question::{Filter, Question, Scope, Wants};
use throughline::query::views::{self, View};
use throughline::query::working_time::WorkingTime;
use throughline::query::{facts, functions};
use tokio::runtime::Handle;

use crate::company;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_agree_with_the_engine() {
    let defaults = model::defaults().clone();
    agree(&defaults, Effective::built_in(&defaults), &BusinessCalendar::default()).await;
    let metrics = business_calendar::metrics(&["LEAD_TIME_FOR_CHANGES".to_owned()]).unwrap();
    let calendar = BusinessCalendar { metrics, ..weekends() };
    let defaults = defaults.with_calendar(calendar.clone());
    agree(&defaults, Effective::built_in(&defaults), &calendar).await;
}

/// A view judges a row by the version of its own time, as the engine does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_agree_with_the_engine_where_a_profile_has_versions() {
    let profile = json!({ "kind": "EFFICIENCY", "name": "x", "versions": [
        { "values": { "parameters": { "incident_max_age_seconds": 3600.0, "deployment_kinds": ["PIPELINE"] } } },
        { "from": "2026-04-01", "values": {
            "parameters": { "weekend": ["SATURDAY", "SUNDAY"], "holidays": ["2026-05-01"] },
            "metrics": { "LEAD_TIME_FOR_CHANGES": { "stages": {
                "REVIEW": { "from": "ready_at" }, "BUILD": { "enabled": false } } } },
        } },
    ] });
    let profile: Profile = serde_json::from_value(profile).unwrap();
    let effective = Effective::compose(model::defaults(), [Some(("p", &profile)), None, None], Tz::UTC);
    agree(model::defaults(), effective, &weekends()).await;
}

fn weekends() -> BusinessCalendar {
    BusinessCalendar {
        weekend: business_calendar::weekend(&["SATURDAY".to_owned(), "SUNDAY".to_owned()]).unwrap(),
        holidays: business_calendar::holidays(&["2026-05-01".to_owned()]).unwrap(),
        ..BusinessCalendar::default()
    }
}

/// The built-in metrics, and the lake's own that the cases have.
fn catalogue() -> Catalogue {
    let files = std::fs::read_dir(Path::new("tests/cases/definitions")).unwrap();
    let toml = files.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "toml"));
    let files = toml.map(|path| {
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        let metric = definition::read(&file, &std::fs::read(&path).unwrap()).unwrap();
        let (status, changed_at) = (Status::InForce, DateTime::UNIX_EPOCH);
        DefinitionFile { file, metric: Some(metric), status, fault: None, changed_at }
    });
    Catalogue::with(files.collect())
}

async fn agree(defaults: &Defaults, profile: Effective, calendar: &BusinessCalendar) {
    let profile = Arc::new(profile);
    let (lake, catalogue) = (company::sample(Clock::System).await, catalogue());
    let limits = Limits { memory: 1 << 30, plans: 2, partitions: 2 };
    let engine = Engine::new(lake.clone(), Handle::current(), defaults.clone(), &limits).unwrap();
    let snapshot = lake.refresh().await.unwrap();
    let context = SessionContext::new_with_state(engine.context().state());
    functions::register(&context);
    functions::register_working_time(&context, WorkingTime::new(calendar.clone(), Tz::UTC));
    for fact in model::facts().iter().filter(|fact| !fact.internal) {
        facts::register(&context, &fact.name, engine.fact(&snapshot, fact).await.unwrap()).unwrap();
    }
    let views = views::views_of(&catalogue, &profile, Tz::UTC).unwrap();
    assert_eq!(views.len(), catalogue.metrics().len());
    let mut faults = Vec::new();
    for (view, metric) in views.iter().zip(catalogue.metrics()) {
        context.sql(&format!("CREATE VIEW {} AS {}", view.name, view.select)).await.unwrap();
        let (mut known, windows) =
            (0, [("2026-01-05", "2026-07-05"), ("2026-03-01", "2026-04-01"), ("2026-05-04", "2026-05-11")]);
        for (from, to) in windows {
            let by_view = by_view(&context, metric, view, from, to).await;
            let by_engine = by_engine(&engine, &snapshot, &profile, metric, from, to).await;
            known += usize::from(by_engine.is_some_and(|value| value != 0.0));
            let same = match (by_view, by_engine) {
                // DataFusion's percentile_cont interpolates in millionths of the distance between two values.
                (Some(a), Some(b)) => (a - b).abs() <= 1e-6 * a.abs().max(1.0),
                (a, b) => a == b,
            };
            if !same {
                faults.push(format!("{} {from}..{to}: view {by_view:?}, engine {by_engine:?}", metric.name));
            }
        }
        if known == 0 {
            println!("{} is nothing in the sample, of either door", metric.name);
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

async fn by_view(context: &SessionContext, metric: &Metric, view: &View, from: &str, to: &str) -> Option<f64> {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let days = (day(to) - day(from)).num_days();
    let View { name, numerator, denominator, .. } = view;
    let numerator = match &metric.kind {
        Kind::Formula { zero_filled: true, .. } => format!("coalesce({numerator}, 0)"),
        _ => numerator.clone(),
    };
    let value = match &metric.kind {
        Kind::Duration { .. } => "percentile_cont(seconds, 0.9)".to_owned(),
        Kind::Shares { .. } => "count(DISTINCT share_of)".to_owned(),
        Kind::Formula { denominator: Denominator::Days, .. } => format!("{numerator} / {days}.0"),
        // No view knows developers; what they are divided into it does.
        Kind::Formula { .. } => match denominator {
            Some(denominator) => format!("CAST({numerator} AS DOUBLE) / nullif({denominator}, 0)"),
            None => numerator,
        },
    };
    let mut rows = format!(
        "SELECT * FROM {name} WHERE at >= TIMESTAMPTZ '{from}T00:00:00Z' AND at < TIMESTAMPTZ '{to}T00:00:00Z'"
    );
    if matches!(metric.kind, Kind::Shares { .. }) {
        rows = format!("SELECT share_of FROM ({rows}) GROUP BY share_of HAVING sum(weight) > 0");
    }
    let sql = format!("SELECT CAST({value} AS DOUBLE) FROM ({rows})");
    let batches = context.sql(&sql).await.unwrap_or_else(|error| panic!("{sql}\n{error}")).collect().await.unwrap();
    let column = batches[0].column(0).as_primitive::<Float64Type>();
    column.iter().next().flatten()
}

async fn by_engine(
    engine: &Engine,
    snapshot: &Arc<Snapshot>,
    profile: &Arc<Effective>,
    metric: &'static Metric,
    from: &str,
    to: &str,
) -> Option<f64> {
    let period = Period::between(from.parse().unwrap(), to.parse().unwrap(), Tz::UTC).unwrap();
    let question = Question {
        metric,
        scope: Scope::Organization,
        period,
        filter: Filter::default(),
        membership: Membership::AtEvent,
        wants: Wants::default(),
        profile: Arc::clone(profile),
    };
    let attribution = accounts_alone(engine.clone(), Arc::clone(snapshot));
    let answered = engine.answer(snapshot, vec![question], chrono::Utc::now(), &attribution).await;
    let answer = answered.answers[0].as_ref().unwrap_or_else(|error| panic!("{}: {error:#}", metric.name));
    let total = answer.total();
    match metric.is_per_developer() {
        true => Some(total.numerator),
        false => total.value(Statistic::P90),
    }
}
