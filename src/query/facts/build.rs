//! Computes a version of a fact from a snapshot and writes its files. Which rows it is computed from, and what becomes of
//! the files, is decided by `mod` and `monthly`.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use anyhow::{Context, Result};
use arrow::array::RecordBatch;
use arrow::compute::SortOptions;
use arrow::datatypes::SchemaRef;
use datafusion::execution::memory_pool::{FairSpillPool, MemoryPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, execute_stream_partitioned};
use datafusion::prelude::SessionContext;
use futures::StreamExt;

use super::{FactVersion, compute, manifest, register, schema, session_config};
use crate::lake::{DataFile, Lake, Snapshot, layout, scan, write};
use crate::model::Fact;

/// Memory that all builds of a process share unless [`limit_memory`] says otherwise, in bytes.
const MEMORY: usize = 4 << 30;
/// A fact that reads fewer rows than this becomes one file.
const ROWS_WORTH_SHARING: u64 = 100_000;
/// Consumers named in the error when memory runs out.
const NAMED_CONSUMERS: usize = 5;

static POOL: OnceLock<Arc<dyn MemoryPool>> = OnceLock::new();

/// Sets how much memory the builds of this process may take together, in bytes. Only the first call counts, and only
/// before the first build.
pub fn limit_memory(bytes: usize) {
    POOL.get_or_init(|| pool(bytes));
}

fn pool(bytes: usize) -> Arc<dyn MemoryPool> {
    let named = std::num::NonZeroUsize::new(NAMED_CONSUMERS).expect("a constant above zero");
    Arc::new(TrackConsumersPool::new(FairSpillPool::new(bytes), named))
}

/// A session in which a fact's inputs are registered: the tables of the snapshot, and these facts.
pub fn session(lake: &Lake, snapshot: &Snapshot, inputs: &[(&str, FactVersion)]) -> Result<SessionContext> {
    let memory = Arc::clone(POOL.get_or_init(|| pool(MEMORY)));
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(memory).build_arc()?;
    let ctx = SessionContext::new_with_config_rt(session_config(), runtime);
    scan::register_store(lake, &ctx);
    scan::register_tables(lake, snapshot, &ctx)?;
    for (name, input) in inputs {
        register(&ctx, name, input.provider(lake))?;
    }
    Ok(ctx)
}

/// Computes the whole version that `key` names and commits it. `inputs` are the facts that it reads.
pub async fn build(
    lake: &Lake,
    snapshot: &Snapshot,
    fact: &Fact,
    key: &str,
    inputs: &[(&str, FactVersion)],
) -> Result<Vec<DataFile>> {
    let started = Instant::now();
    let ctx = session(lake, snapshot, inputs)?;
    let plan = compute(&ctx, fact).await?.create_physical_plan().await?;
    let rows_read = rows_read(snapshot, fact, inputs);
    let plan = if rows_read >= ROWS_WORTH_SHARING { plan } else { in_one_partition(plan) };
    let plan = sorted(plan, &fact.sort())?;
    let declared = schema(fact).await?;
    let folder = layout::derived(&fact.name, key);
    let sort: Vec<String> = fact.sort().into_iter().map(str::to_owned).collect();
    // Each partition is sorted and becomes files of its own, so that all cores encode, and later all cores scan.
    let parts = execute_stream_partitioned(plan, ctx.task_ctx())?.into_iter().map(|part| {
        let (schema, declared) = (Arc::clone(&declared), Arc::clone(&declared));
        let rows = part.map(move |batch| as_declared(&declared, &batch?));
        write::write_files(lake, &folder, schema, &sort, rows)
    });
    let files = futures::future::try_join_all(parts).await?.concat();
    let files = manifest::commit(lake, &fact.name, &folder, key, files).await?;
    tracing::info!(
        fact = fact.name,
        key,
        rows = files.iter().map(|file| file.rows).sum::<u64>(),
        rows_read,
        took_ms = started.elapsed().as_millis(),
        "built"
    );
    Ok(files)
}

fn rows_read(snapshot: &Snapshot, fact: &Fact, inputs: &[(&str, FactVersion)]) -> u64 {
    let tables = fact.inputs.tables.iter().filter_map(|table| snapshot.tables.get(table)).map(|version| version.rows);
    tables.chain(inputs.iter().map(|(_, input)| input.rows)).sum()
}

fn in_one_partition(plan: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    match plan.output_partitioning().partition_count() {
        1 => plan,
        _ => Arc::new(CoalescePartitionsExec::new(plan)),
    }
}

/// The plan with each of its partitions sorted by these columns, nulls first.
pub fn sorted(plan: Arc<dyn ExecutionPlan>, columns: &[&str]) -> Result<Arc<dyn ExecutionPlan>> {
    let options = SortOptions { descending: false, nulls_first: true };
    let by = |name: &&str| {
        let column = Column::new_with_schema(name, &plan.schema())?;
        Ok(PhysicalSortExpr::new(Arc::new(column), options))
    };
    let order = columns.iter().map(by).collect::<Result<Vec<_>>>()?;
    let order = LexOrdering::new(order).context("a fact without a column")?;
    Ok(Arc::new(SortExec::new(order, plan).with_preserve_partitioning(true)))
}

/// The batch with the schema that readers of the fact are told: the same types, every field nullable. Columns that come
/// after the declared ones are left out.
pub fn as_declared(declared: &SchemaRef, batch: &RecordBatch) -> Result<RecordBatch> {
    let columns = batch.columns().iter().take(declared.fields().len()).cloned().collect();
    RecordBatch::try_new(Arc::clone(declared), columns).context("the rows are not of the declared types")
}
