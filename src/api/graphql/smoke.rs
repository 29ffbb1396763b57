//! smoke (temporary)
use std::sync::Arc;
use futures::TryStreamExt;
use object_store::ObjectStoreExt;
use super::*;
use crate::lake::merge::{Incoming, merge};
use crate::query::engine::{Engine, Limits};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn smoke() {
    let _ = tracing_subscriber::fmt().try_init();
    let lake = crate::lake::Lake::open("memory://").await.unwrap();
    let store = lake.store();
    for path in crate::sources::sample::write_landing(store.as_ref()).await.unwrap() {
        let table = model::table(path.parts().nth(1).unwrap().as_ref()).unwrap();
        let bytes = store.get(&path).await.unwrap().bytes().await.unwrap();
        let rows: Vec<_> = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap().build().unwrap().collect::<Result<_, _>>().unwrap();
        let merged = merge(&lake, table, vec![Incoming { file: path.to_string(), rows }]).await.unwrap();
        println!("{path} {:?}", merged.files);
    }
    let snapshot = lake.refresh().await.unwrap();
    let engine = Engine::new(lake.clone(), tokio::runtime::Handle::current(), model::profile().clone(), &Limits { memory: 1 << 30, plans: 2, partitions: 2 }).unwrap();
    let schema = schema().finish();
    std::fs::write("/tmp/schema.graphql", schema.sdl()).unwrap();
    for query in std::env::var("QUERY").map(|q| vec![q]).unwrap_or_default().iter().chain(&[
        r#"{ organization { metrics(names: [DEPLOYMENT_FREQUENCY LEAD_TIME_FOR_CHANGES CHANGE_FAILURE_RATE FAILED_DEPLOYMENT_RECOVERY_TIME TIME_TO_RESTORE_SERVICE DEPLOYMENT_REWORK_RATE], period: {between: {from: "2026-01-05", to: "2026-07-05"}}) { definition { name unit } value mean: value(statistic: MEAN) absent numerator denominator sampleSize coverage counts { name value } r21: rating(scheme: DORA_2021) { level } r23: rating(scheme: DORA_2023) { level } r25: rating(scheme: DORA_2025) { score } previous { value } change trend(granularity: MONTH) { slope points } series(granularity: MONTH) { start end partial value sampleSize } breakdown(by: REPOSITORY) { key value sampleSize series(granularity: QUARTER) { start value } } stages { name value sampleSize coverage } records(first: 2) { totalCount nodes { id title at value contributor stages { name seconds } fields { name value } } pageInfo { endCursor } } freshness { newestEvent newestIntake snapshot } } } repository(name: "nope") { id } lake { tables { name rows version } } ingestions { totalCount } }"#.to_string(),
    ]) {
        let asking = Asking::new(engine.clone(), snapshot.clone(), chrono::Utc::now(), Arc::new(Settings { organization: "x".into(), zone: chrono_tz::UTC, cost_limit: 100_000 }));
        let collector = asking.collector.clone();
        let response = schema.execute(async_graphql::Request::new(query).data(asking)).await;
        println!("{} plans={}", serde_json::to_string_pretty(&response).unwrap(), collector.plans());
    }
    let _ = futures::stream::empty::<Result<(), ()>>().try_collect::<Vec<_>>();
}
