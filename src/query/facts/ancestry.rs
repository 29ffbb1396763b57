//! The step behind rule ANCESTRY: from the tips of the streams of deployments to the commits that each brought.

use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::{Array, AsArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use datafusion::prelude::{DataFrame, SessionContext};
use futures::StreamExt;

use crate::query::ancestry::{History, HistoryBuilder};

const NEVER: i64 = i64::MAX;

/// Columns of the fact: a commit, and the rank of the earliest started deployment that brought it.
pub fn schema() -> SchemaRef {
    let field = |name, kind| Field::new(name, kind, true);
    Arc::new(Schema::new(vec![field("commit", DataType::Utf8), field("rank", DataType::Int64)]))
}

/// Walks from tip to tip of each stream. `tips` has (stream, finished_at, source, id, rank, commit) in the order of the
/// stream. Reads the table `commits` of the session only where some stream has two deployments.
pub async fn walk(ctx: &SessionContext, tips: DataFrame) -> Result<Vec<RecordBatch>> {
    let tips = Tips::collect(tips).await?;
    if !tips.stops.windows(2).any(|pair| pair[0].stream == pair[1].stream) {
        return Ok(Vec::new());
    }
    let commits = read_commits(ctx).await?;
    let task = tokio::task::spawn_blocking(move || {
        let history = commits.build();
        batch(&history, &first_ranks(&history, &tips))
    });
    Ok(vec![task.await.context("the walk over the commits ended early")??])
}

/// A deployment in its stream, and the commits it stood at (of one repository: mostly one).
struct Stop {
    stream: i64,
    rank: i64,
    commits: Vec<String>,
}

struct Tips {
    stops: Vec<Stop>,
}

impl Tips {
    async fn collect(tips: DataFrame) -> Result<Tips> {
        let mut stops: Vec<Stop> = Vec::new();
        // The SELECT ends with ORDER BY: one stream, in order.
        let mut batches = tips.execute_stream().await?;
        while let Some(batch) = batches.next().await {
            let batch = batch?;
            let column = |name: &str| batch.column_by_name(name).with_context(|| format!("the tips have no {name}"));
            let streams = column("stream")?.as_primitive::<Int64Type>();
            let ranks = column("rank")?.as_primitive::<Int64Type>();
            let commits = column("commit")?.as_string::<i32>();
            for row in 0..batch.num_rows() {
                let (stream, rank, commit) = (streams.value(row), ranks.value(row), commits.value(row).to_owned());
                match stops.last_mut() {
                    Some(stop) if stop.stream == stream && stop.rank == rank => stop.commits.push(commit),
                    _ => stops.push(Stop { stream, rank, commits: vec![commit] }),
                }
            }
        }
        Ok(Tips { stops })
    }
}

async fn read_commits(ctx: &SessionContext) -> Result<HistoryBuilder> {
    let commits = ctx.sql("SELECT id, parents FROM commits WHERE id IS NOT NULL").await?;
    let mut builder = HistoryBuilder::default();
    let mut batches = commits.execute_stream().await?;
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        let ids = batch.column(0).as_string::<i32>();
        let parents = batch.column(1).as_list::<i32>();
        let all = parents.values().as_string::<i32>();
        for row in 0..batch.num_rows() {
            let range = match parents.is_null(row) {
                true => 0..0,
                false => parents.value_offsets()[row] as usize..parents.value_offsets()[row + 1] as usize,
            };
            builder.add(ids.value(row), range.filter(|&i| !all.is_null(i)).map(|i| all.value(i)));
        }
    }
    Ok(builder)
}

/// For each commit the lowest rank of the deployments that brought it.
///
/// A stream's first deployment has no difference, nor has one whose predecessor stood at commits that are all unknown:
/// what came since cannot be told then, and the whole history would be laid to it otherwise.
fn first_ranks(history: &History, tips: &Tips) -> Vec<i64> {
    let mut ranks = vec![NEVER; history.len()];
    let mut walk = history.walk();
    let known = |stop: &Stop| stop.commits.iter().filter_map(|commit| history.find(commit)).collect::<Vec<_>>();
    for pair in tips.stops.windows(2).filter(|pair| pair[0].stream == pair[1].stream) {
        let (old, new) = (known(&pair[0]), known(&pair[1]));
        if old.is_empty() || new.is_empty() {
            continue;
        }
        walk.difference(&new, &old, |commit| {
            let rank = &mut ranks[commit as usize];
            *rank = pair[1].rank.min(*rank);
        });
    }
    ranks
}

fn batch(history: &History, ranks: &[i64]) -> Result<RecordBatch> {
    let found = || (0_u32..).zip(ranks).filter(|&(_, &rank)| rank != NEVER);
    let commits: StringArray = found().map(|(commit, _)| Some(history.name(commit))).collect();
    let ranks: Int64Array = found().map(|(_, &rank)| Some(rank)).collect();
    Ok(RecordBatch::try_new(schema(), vec![Arc::new(commits), Arc::new(ranks)])?)
}
