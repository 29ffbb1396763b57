//! Computes a version of a fact from a snapshot and writes its files.

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
use crate::lake::{Lake, Snapshot, layout, scan, write};
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

/// Computes the version that `key` names and commits it. `inputs` are the facts that it reads.
pub async fn build(
    lake: &Lake,
    snapshot: &Snapshot,
    fact: &Fact,
    key: &str,
    inputs: &[(&str, FactVersion)],
) -> Result<FactVersion> {
    let started = Instant::now();
    let memory = Arc::clone(POOL.get_or_init(|| pool(MEMORY)));
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(memory).build_arc()?;
    let ctx = SessionContext::new_with_config_rt(session_config(), runtime);
    scan::register_store(lake, &ctx);
    scan::register_tables(lake, snapshot, &ctx)?;
    for (name, input) in inputs {
        register(&ctx, name, input.provider(lake))?;
    }
    let plan = compute(&ctx, fact).await?.create_physical_plan().await?;
    let rows_read = rows_read(snapshot, fact, inputs);
    let plan = sorted(plan, fact, rows_read >= ROWS_WORTH_SHARING)?;
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
    let version = manifest::commit(lake, fact, key, files).await?;
    tracing::info!(
        fact = fact.name,
        key,
        rows = version.rows,
        rows_read,
        took_ms = started.elapsed().as_millis(),
        "built"
    );
    Ok(version)
}

fn rows_read(snapshot: &Snapshot, fact: &Fact, inputs: &[(&str, FactVersion)]) -> u64 {
    let tables = fact.inputs.tables.iter().filter_map(|table| snapshot.tables.get(table)).map(|version| version.rows);
    tables.chain(inputs.iter().map(|(_, input)| input.rows)).sum()
}

/// The plan with each of its partitions sorted as the fact's files are; one partition where sharing is not worth it.
fn sorted(plan: Arc<dyn ExecutionPlan>, fact: &Fact, share: bool) -> Result<Arc<dyn ExecutionPlan>> {
    let plan: Arc<dyn ExecutionPlan> = match share || plan.output_partitioning().partition_count() == 1 {
        true => plan,
        false => Arc::new(CoalescePartitionsExec::new(plan)),
    };
    let options = SortOptions { descending: false, nulls_first: true };
    let by = |name: &str| {
        let column = Column::new_with_schema(name, &plan.schema())?;
        Ok(PhysicalSortExpr::new(Arc::new(column), options))
    };
    let order = fact.sort().into_iter().map(by).collect::<Result<Vec<_>>>()?;
    let order = LexOrdering::new(order).with_context(|| format!("fact {} has no column", fact.name))?;
    Ok(Arc::new(SortExec::new(order, plan).with_preserve_partitioning(true)))
}

/// The batch with the schema that readers of the fact are told: the same types, every field nullable.
fn as_declared(declared: &SchemaRef, batch: &RecordBatch) -> Result<RecordBatch> {
    RecordBatch::try_new(Arc::clone(declared), batch.columns().to_vec())
        .context("the rows are not of the declared types")
}
