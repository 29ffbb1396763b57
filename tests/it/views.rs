//! The SQL views give the numbers that the engine gives: the second door, computed a second way.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::Float64Type;
use chrono::NaiveDate;
use chrono_tz::Tz;
use datafusion::execution::context::SessionContext;
use throughline::clock::Clock;
use throughline::lake::Snapshot;
use throughline::model::business_calendar::{self, BusinessCalendar};
use throughline::model::metric::{Denominator, Kind, Statistic};
use throughline::model::{self, Defaults, Membership, Metric};
use throughline::query::attribution::accounts_alone;
use throughline::query::calendar::Period;
use throughline::query::engine::{Engine, Limits};
use throughline::query::question::{Filter, Question, Scope, Wants};
use throughline::query::views;
use throughline::query::working_time::WorkingTime;
use throughline::query::{facts, functions};
use tokio::runtime::Handle;

use crate::company;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_agree_with_the_engine() {
    let defaults = model::defaults().clone();
    agree(defaults.clone()).await;
    let calendar = BusinessCalendar {
        weekend: business_calendar::weekend(&["SATURDAY".to_owned(), "SUNDAY".to_owned()]).unwrap(),
        holidays: business_calendar::holidays(&["2026-05-01".to_owned()]).unwrap(),
        metrics: business_calendar::metrics(&["LEAD_TIME_FOR_CHANGES".to_owned()]).unwrap(),
    };
    agree(defaults.with_calendar(calendar)).await;
}

async fn agree(defaults: Defaults) {
    let lake = company::sample(Clock::System).await;
    let limits = Limits { memory: 1 << 30, plans: 2, partitions: 2 };
    let engine = Engine::new(lake.clone(), Handle::current(), defaults.clone(), &limits).unwrap();
    let snapshot = lake.refresh().await.unwrap();
    let context = SessionContext::new_with_state(engine.context().state());
    functions::register(&context);
    functions::register_working_time(&context, WorkingTime::new(defaults.calendar().clone(), Tz::UTC));
    for fact in model::facts().iter().filter(|fact| !fact.internal) {
        facts::register(&context, &fact.name, engine.fact(&snapshot, fact).await.unwrap()).unwrap();
    }
    for view in views::views(engine.built_in()).unwrap() {
        context.sql(&format!("CREATE VIEW {} AS {}", view.name, view.select)).await.unwrap();
        let metric = model::metric(&view.name.to_uppercase()).unwrap();
        for (from, to) in [("2026-01-05", "2026-07-05"), ("2026-03-01", "2026-04-01"), ("2026-05-04", "2026-05-11")] {
            let by_view = by_view(&context, metric, from, to).await;
            let by_engine = by_engine(&engine, &snapshot, metric, from, to).await;
            let same = match (by_view, by_engine) {
                // DataFusion's percentile_cont interpolates in millionths of the distance between two values.
                (Some(a), Some(b)) => (a - b).abs() <= 1e-6 * a.abs().max(1.0),
                (a, b) => a == b,
            };
            assert!(same, "{} {from}..{to}: view {by_view:?}, engine {by_engine:?}", metric.name);
        }
    }
}

async fn by_view(context: &SessionContext, metric: &Metric, from: &str, to: &str) -> Option<f64> {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let days = (day(to) - day(from)).num_days();
    let value = match &metric.kind {
        Kind::Duration { .. } => "percentile_cont(seconds, 0.9)".to_owned(),
        // No view knows developers; what they are divided into it does.
        Kind::Formula { denominator: Denominator::DeveloperWeeks, .. } => "coalesce(sum(counted), 0)".to_owned(),
        Kind::Formula { denominator: Denominator::Days, .. } => format!("sum(counted) / {days}.0"),
        Kind::Formula { .. } => "avg(CAST(counted AS DOUBLE))".to_owned(),
        Kind::Shares { .. } => panic!("shares have no view"),
    };
    let sql = format!(
        "SELECT CAST({value} AS DOUBLE) FROM {} WHERE at >= TIMESTAMPTZ '{from}T00:00:00Z' AND at < TIMESTAMPTZ '{to}T00:00:00Z'",
        metric.name.to_lowercase()
    );
    let batches = context.sql(&sql).await.unwrap().collect().await.unwrap();
    let column = batches[0].column(0).as_primitive::<Float64Type>();
    column.iter().next().flatten()
}

async fn by_engine(
    engine: &Engine,
    snapshot: &Arc<Snapshot>,
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
        profile: Arc::clone(engine.built_in()),
    };
    let attribution = accounts_alone(engine.clone(), Arc::clone(snapshot));
    let answered = engine.answer(snapshot, vec![question], chrono::Utc::now(), &attribution).await;
    let total = answered.answers[0].as_ref().unwrap().total();
    match &metric.kind {
        Kind::Formula { denominator: Denominator::DeveloperWeeks, .. } => Some(total.numerator),
        _ => total.value(Statistic::P90),
    }
}
