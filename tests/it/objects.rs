//! The whole way on an S3-speaking store: files dropped into a bucket, two servers that take them in at once, and the same
//! answers from both as from a lake in memory that one run made.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use object_store::{ObjectStore, ObjectStoreExt, path::Path};
use serde_json::{Value, json};
use throughline::clock::Clock;
use throughline::lake::Lake;
use throughline::{intake, sources};

use crate::server::Server;
use crate::{company, s3};

/// Intake and refresh of the servers: often, so that they meet.
const OFTEN: Duration = Duration::from_millis(300);
/// Servers see each other's commits within their refresh; the rest is for slow machines.
const PATIENCE: Duration = Duration::from_secs(30);

/// One more deployment, and one that is taken back.
const LATE: (&str, &str) = (
    "deployments.objects.csv",
    "source,id,updated_at,deleted,service,environment,tier,kind,status,started_at,finished_at\n\
     kettle,shop-late,2026-07-01T00:00:00Z,,shop,prod,PRODUCTION,PIPELINE,SUCCESS,2026-05-05T12:00:00Z,2026-05-05T12:06:00Z\n\
     kettle,ledger-2026-01-09,2026-07-01T00:00:00Z,true,,,,,,,\n",
);
/// An incident that was none.
const TOMBSTONE: (&str, &str) = (
    "incidents.objects.csv",
    "source,id,updated_at,deleted,title,created_at\npager,INC-101,2026-07-01T00:00:00Z,true,,\n",
);

fn clock() -> Clock {
    let now: DateTime<Utc> = "2026-07-10T00:00:00Z".parse().unwrap();
    Clock::Fixed(now)
}

async fn start(lake: Lake) -> Server {
    Server::start_with(lake, |config| {
        config.clock = clock();
        (config.intake_interval, config.refresh_interval) = (OFTEN, OFTEN);
    })
    .await
}

/// The six metrics with half a year of months, and how many rows each table holds.
async fn answers(server: &Server) -> Value {
    let metric = |alias: &str, name: &str, statistic: &str| {
        format!(
            "{alias}: metric(name: {name}, period: {{ between: {{ from: \"2026-01-05\", to: \"2026-07-06\" }} }}) {{
                value{statistic} numerator denominator sampleSize coverage absent
                series(granularity: MONTH) {{ start value{statistic} numerator denominator sampleSize }}
            }}"
        )
    };
    let metrics = [
        metric("frequency", "DEPLOYMENT_FREQUENCY", ""),
        metric("failures", "CHANGE_FAILURE_RATE", ""),
        metric("rework", "DEPLOYMENT_REWORK_RATE", ""),
        metric("lead", "LEAD_TIME_FOR_CHANGES", "(statistic: P90)"),
        metric("recovery", "FAILED_DEPLOYMENT_RECOVERY_TIME", "(statistic: MEDIAN)"),
        metric("restore", "TIME_TO_RESTORE_SERVICE", "(statistic: MEAN)"),
    ];
    let query = format!("{{ organization {{ {} }} lake {{ tables {{ name rows }} }} }}", metrics.join("\n"));
    let mut answer = server.graphql(&query, json!({})).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    // How many records intake makes is asked for by itself.
    let tables = answer["data"]["lake"]["tables"].as_array_mut().unwrap();
    tables.retain(|table| table["name"] != "ingestions");
    answer
}

/// What became of each file, by its path: all that does not depend on who took it in, and when.
async fn outcomes(server: &Server) -> Vec<Value> {
    let query = "{ ingestions(first: 100) { totalCount nodes { file table status rowsRead inserted updated unchanged refused } } }";
    let answer = server.graphql(query, json!({})).await;
    let mut nodes = answer["data"]["ingestions"]["nodes"].as_array().unwrap_or_else(|| panic!("{answer}")).clone();
    assert_eq!(answer["data"]["ingestions"]["totalCount"], json!(nodes.len()), "all on one page");
    nodes.sort_by_key(|node| node["file"].as_str().unwrap().to_owned());
    nodes
}

/// Asks again until the answer is as expected; the last one is what a failure shows.
async fn becomes(expected: &[Value], ask: impl AsyncFn() -> Vec<Value>) {
    let since = Instant::now();
    loop {
        let found = ask().await;
        if found == expected || since.elapsed() > PATIENCE {
            assert_eq!(found, expected);
            return;
        }
        tokio::time::sleep(OFTEN).await;
    }
}

async fn drop_late_files(store: &dyn ObjectStore) {
    sources::sample::write(store, "late", [LATE, TOMBSTONE]).await.unwrap();
    let wrong = Path::from("landing/pull_requests/late/wrong.parquet");
    store.put(&wrong, "this is no Parquet file".into()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_one_bucket_answer_as_one_lake_in_memory() {
    let golden = Server::start_with(company::sample(clock()).await, |config| config.clock = clock()).await;

    let bucket = s3::start().await;
    let open = || Lake::open_with("s3://lake/company", bucket.options());
    let (one, two) = (open().await.unwrap(), open().await.unwrap());
    sources::sample::write_landing(&*one.store()).await.unwrap();
    // Their jobs begin at once; the calls return when everything is applied, whoever did it.
    let (one, two) = (start(one).await, start(two).await);
    tokio::join!(one.intake(), two.intake());
    let (before, files) = (answers(&golden).await, outcomes(&golden).await);
    assert!(files.len() >= 20 && before["data"]["organization"]["frequency"]["numerator"] == json!(144.0), "{before}");
    for server in [&one, &two] {
        assert_eq!(outcomes(server).await, files, "each file once, with the counts of one run");
        assert_eq!(answers(server).await, before);
    }

    drop_late_files(&*golden.app.lake.store()).await;
    golden.intake().await;
    let (after, files) = (answers(&golden).await, outcomes(&golden).await);
    let of_month = |answer: &Value, metric: &str, month: usize| {
        answer["data"]["organization"][metric]["series"][month]["numerator"].as_f64().unwrap()
    };
    let moved = |metric, month| of_month(&after, metric, month) - of_month(&before, metric, month);
    assert_eq!((moved("frequency", 0), moved("frequency", 4)), (-1.0, 1.0), "January lost one, May won one");
    let restored = |answer: &Value| answer["data"]["organization"]["restore"]["sampleSize"].as_f64().unwrap();
    assert_eq!(restored(&before) - restored(&after), 1.0);
    let refused: Vec<_> = files.iter().filter(|file| file["status"] == "REFUSED").collect();
    assert_eq!(refused.len(), 1, "{refused:?}");

    // Nobody is called: the jobs of both look, and meet.
    drop_late_files(&*one.app.lake.store()).await;
    for server in [&one, &two] {
        becomes(&files, || outcomes(server)).await;
        becomes(std::slice::from_ref(&after), async || vec![answers(server).await]).await;
    }
    let report = Path::from("rejected/pull_requests/late/wrong.parquet.json");
    let report = two.app.lake.store().get(&report).await.expect("a report").bytes().await.unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(report["reasons"][0]["kind"], "NOT_PARQUET", "{report}");
    // A third that comes later finds nothing to do, and the same lake.
    let third = open().await.unwrap();
    assert_eq!(intake::run(&third, clock(), |_| ()).await.unwrap(), []);
    assert_eq!(third.snapshot().await.unwrap().id, two.app.lake.refresh().await.unwrap().id);
}
