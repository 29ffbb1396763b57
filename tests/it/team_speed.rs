//! What a breakdown by 5,000 teams costs beside one team. Not among the tests of every run, since it takes its time:
//! `cargo test --release --test it team_speed -- --ignored --nocapture`

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, StringArray, TimestampMicrosecondArray, new_null_array};
use chrono_tz::Tz;
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;
use throughline::model::attribution::{ALWAYS, Node, Person, Span};
use throughline::model::{self, Attribution, Dimension, Effective, Granularity, Membership};
use throughline::query::answer::{Answer, Rows};
use throughline::query::calendar::Period;
use throughline::query::plan::Plan;
use throughline::query::question::{By, Filter, Question, Scope, Wants};
use throughline::query::{facts, functions};

const ROWS: i64 = 500_000;
const PEOPLE: u32 = 50_000;
/// A tree of 12 levels: one way down, below which 4,988 teams.
const LEVELS: u32 = 12;
const NODES: u32 = 5_000;
/// 2026-01-01, and a year, in microseconds.
const START: i64 = 1_767_225_600_000_000;
const YEAR: i64 = 365 * 86_400_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn five_thousand_teams_cost_about_what_one_does() {
    let attribution = Arc::new(attribution());
    let schema = facts::schema(model::fact("changes").expect("a fact")).await.expect("a schema");
    let table =
        Arc::new(MemTable::try_new(Arc::clone(&schema), vec![batches(&schema), batches(&schema)]).expect("rows"));
    let team = |number: u32| Scope::Key(Dimension::Team, format!("n{number}"));
    let by_team: By = Dimension::Team.into();
    let teams = [by_team.clone()];
    let organization = time(&table, &attribution, vec![(Scope::Organization, &[])]).await;
    let one = time(&table, &attribution, vec![(team(100), &[])]).await;
    let all = time(&table, &attribution, vec![(Scope::Organization, &teams)]).await;
    let page = time(&table, &attribution, (12..512).map(|number| (team(number), &[][..])).collect()).await;
    println!("organization {organization:?}; one team {one:?}; 5,000 teams {all:?}; 500 scopes {page:?}");
    assert!(all < one * 5 && page < one * 5, "one team {one:?}; 5,000 teams {all:?}; 500 scopes {page:?}");
}

async fn time(table: &Arc<MemTable>, attribution: &Arc<Attribution>, scopes: Vec<(Scope, &[By])>) -> Duration {
    let fact = model::fact("changes").expect("a fact");
    let context = SessionContext::new_with_config(facts::session_config().with_target_partitions(2));
    functions::register(&context);
    let profile = Arc::new(Effective::built_in(model::defaults()));
    let day = |text: &str| text.parse().expect("a day");
    let period = Period::between(day("2026-01-01"), day("2027-01-01"), Tz::UTC).expect("a period");
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let started = Instant::now();
        let now = "2027-01-01T00:00:00Z".parse().expect("a time");
        let mut plan =
            Plan::new(fact, scopes[0].0.dimension(), Some(Arc::clone(attribution)), now, Arc::clone(&profile));
        let questions = scopes.iter().map(|(scope, by)| Question {
            metric: model::metric("PULL_REQUEST_CYCLE_TIME").expect("a metric"),
            scope: scope.clone(),
            period,
            filter: Filter::default(),
            membership: Membership::AtEvent,
            wants: Wants {
                series: [Granularity::Month].into(),
                breakdowns: by.iter().map(|by| (by.clone(), [Granularity::Month].into())).collect(),
                ..Wants::default()
            },
            profile: Arc::clone(&profile),
        });
        let questions: Vec<Question> = questions.collect();
        let places: Vec<_> = questions.iter().map(|q| plan.add(q).expect("can be asked")).collect();
        let frame = plan.build(&context, Arc::clone(table) as _).expect("a plan");
        let rows = Rows::read(&frame.collect().await.expect("runs"), plan.keys().as_ref()).expect("an answer");
        let rows = Arc::new(rows);
        for (question, places) in questions.into_iter().zip(&places) {
            let answer = Answer::new(Arc::clone(&rows), &plan, places, question);
            assert!(answer.total().eligible > 0);
            for by in scopes[0].1 {
                assert_eq!(answer.slices(by).len(), (NODES - LEVELS) as usize);
            }
        }
        best = best.min(started.elapsed());
    }
    best
}

fn attribution() -> Attribution {
    let (from, to) = ALWAYS;
    let node = |number: u32| {
        let parent = if number < LEVELS { number.checked_sub(1) } else { Some(LEVELS - 2) };
        let parents = parent.map(|node| Span { node, from, to }).into_iter().collect();
        Node { key: format!("n{number}"), parents, ..Node::default() }
    };
    let person = |number: u32| {
        let (first, then) = (LEVELS + number % (NODES - LEVELS), LEVELS + (number * 7) % (NODES - LEVELS));
        let change = START + YEAR / 2;
        Person {
            key: format!("p{number}"),
            present: ALWAYS,
            direct: vec![Span { node: first, from, to: change }, Span { node: then, from: change, to }],
            accounts: vec![("forge".to_owned(), format!("login-{number}"))],
            ..Person::default()
        }
    };
    Attribution::new("1".into(), vec!["t".into()], (0..NODES).map(node).collect(), (0..PEOPLE).map(person).collect())
}

/// Half of the rows, in batches as a scan gives them.
fn batches(schema: &arrow::datatypes::SchemaRef) -> Vec<RecordBatch> {
    const SIZE: i64 = 8_192;
    let batch = |first: i64| {
        let rows = first..(first + SIZE).min(ROWS / 2);
        let length = (rows.end - rows.start) as usize;
        let text = |value: &dyn Fn(i64) -> String| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(rows.clone().map(value)))
        };
        let times = |ahead: i64| -> ArrayRef {
            let times = rows.clone().map(|row| START + (row * 7_919 % (ROWS / 2)) * (YEAR / (ROWS / 2)) - ahead);
            Arc::new(TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC"))
        };
        let columns = schema.fields().iter().map(|field| match field.name().as_str() {
            "id" => text(&|row| row.to_string()),
            "source" => text(&|_| "forge".to_owned()),
            "author" => text(&|row| format!("login-{}", row * 104_729 % i64::from(PEOPLE))),
            "repository" => text(&|row| format!("repository-{}", row % 1_000)),
            "author_is_bot" => Arc::new(BooleanArray::from(vec![false; length])) as ArrayRef,
            "merged_at" => times(0),
            "first_commit_at" => times(3_600_000_000),
            _ => new_null_array(field.data_type(), length),
        });
        RecordBatch::try_new(Arc::clone(schema), columns.collect()).expect("rows of the fact")
    };
    (0..ROWS / 2).step_by(SIZE as usize).map(batch).collect()
}
