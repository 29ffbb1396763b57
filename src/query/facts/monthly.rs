//! Builds a fact that is kept by month: fragments that are there stay, those that are missing are computed together.
//!
//! The driver's table is read only in the months whose fragments are missing; every other input is read whole. So the work
//! follows the months that changed, and a first build is one plan, like that of a fact that is kept whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::partition;
use arrow::datatypes::{SchemaRef, TimestampMicrosecondType};
use datafusion::functions::datetime::expr_fn::date_trunc;
use datafusion::physical_expr::Partitioning;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, execute_stream_partitioned};
use datafusion::prelude::{ident, lit};
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;

use super::fragment::Fragment;
use super::{FactVersion, build, compute, manifest, schema};
use crate::lake::{DataFile, Lake, Snapshot, layout, month, scan, write};
use crate::model::fact::Driver;
use crate::model::{self, Fact};

/// Column of the plan with the first instant of the row's month; not written.
const MONTH: &str = "month of the driver";
/// Requests to the store at once.
const LOOKS_AT_ONCE: usize = 16;

type Months = BTreeMap<Option<String>, Path>;

/// Commits the version that `key` names, made of these fragments. Computes those that are nowhere yet. `inputs` are the
/// facts that it reads.
pub async fn build(
    lake: &Lake,
    snapshot: &Snapshot,
    fact: &Fact,
    key: &str,
    inputs: &[(&str, FactVersion)],
    fragments: &[Fragment],
) -> Result<Vec<DataFile>> {
    let started = Instant::now();
    let driver = fact.driver.as_ref().context("only a fact with a driver has fragments")?;
    let mut found = futures::stream::iter(fragments)
        .map(|fragment| async move { manifest::read(lake, &fact.name, &fragment.folder).await })
        .buffered(LOOKS_AT_ONCE)
        .try_collect::<Vec<_>>()
        .await?;
    let is_missing = found.iter().map(Option::is_none);
    let missing: Vec<&Fragment> = fragments.iter().zip(is_missing).filter_map(|(f, is)| is.then_some(f)).collect();
    if !missing.is_empty() {
        let folders = missing.iter().map(|fragment| (fragment.month.clone(), fragment.folder.clone())).collect();
        let files = Arc::new(write(lake, snapshot, fact, driver, inputs, folders).await?);
        let committed = futures::stream::iter(missing.iter().copied()).map(|fragment| {
            let ours = files.iter().filter(|file| file.path.prefix_matches(&fragment.folder)).cloned().collect();
            manifest::commit(lake, &fact.name, &fragment.folder, &fragment.key, ours)
        });
        let committed: Vec<_> = committed.buffered(LOOKS_AT_ONCE).try_collect().await?;
        for (place, files) in found.iter_mut().filter(|place| place.is_none()).zip(committed) {
            *place = Some(files);
        }
    }
    let files: Vec<DataFile> = found.into_iter().flatten().flatten().collect();
    let files = manifest::commit(lake, &fact.name, &layout::derived(&fact.name, key), key, files).await?;
    tracing::info!(
        fact = fact.name,
        key,
        rows = files.iter().map(|file| file.rows).sum::<u64>(),
        months = fragments.len(),
        months_computed = missing.len(),
        took_ms = started.elapsed().as_millis(),
        "built"
    );
    Ok(files)
}

/// Computes the rows of some months and writes them into the folders given with them.
async fn write(
    lake: &Lake,
    snapshot: &Snapshot,
    fact: &Fact,
    driver: &Driver,
    inputs: &[(&str, FactVersion)],
    folders: Months,
) -> Result<Vec<DataFile>> {
    let ctx = build::session(lake, snapshot, inputs)?;
    let table = model::table(&driver.table).with_context(|| format!("no table {}", driver.table))?;
    let months: BTreeSet<Option<String>> = folders.keys().cloned().collect();
    let version = snapshot.tables.get(&driver.table).map(|version| version.of_months(&months));
    scan::register_table(lake, table, version.as_ref(), &ctx)?;
    let month = date_trunc(lit("month"), ident(driver.time.as_str()));
    let plan = compute(&ctx, fact).await?.with_column(MONTH, month)?.create_physical_plan().await?;
    let rows = version.map_or(0, |version| version.rows);
    let plan = match rows >= build::ROWS_WORTH_SHARING {
        true => in_partitions_of_months(plan)?,
        false => build::in_one_partition(plan),
    };
    let order = fact.sort();
    let plan = build::sorted(plan, &[&[MONTH], order.as_slice()].concat())?;
    let declared = schema(fact).await?;
    let order: Vec<String> = order.into_iter().map(str::to_owned).collect();
    let folders = Arc::new(folders);
    let parts = execute_stream_partitioned(plan, ctx.task_ctx())?.into_iter().map(|part| {
        let (folders, schema, driver) = (Arc::clone(&folders), Arc::clone(&declared), driver.table.clone());
        let of_months = part.map(move |batch| by_month(&folders, &schema, &driver, &batch?));
        let rows = of_months.map_ok(|batches| futures::stream::iter(batches.into_iter().map(Ok))).try_flatten();
        write::write_to_folders(lake, Arc::clone(&declared), &order, rows)
    });
    Ok(futures::future::try_join_all(parts).await?.concat())
}

/// The plan with each month wholly in one of its partitions, so that a month becomes one run of rows.
fn in_partitions_of_months(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let partitions = plan.output_partitioning().partition_count();
    if partitions == 1 {
        return Ok(plan);
    }
    let month = Arc::new(Column::new_with_schema(MONTH, &plan.schema())?);
    Ok(Arc::new(RepartitionExec::try_new(plan, Partitioning::Hash(vec![month], partitions))?))
}

/// The rows of a batch that is sorted by month, month by month, each with its folder.
fn by_month(
    folders: &Months,
    declared: &SchemaRef,
    driver: &str,
    batch: &RecordBatch,
) -> Result<Vec<(Path, RecordBatch)>> {
    let months = batch.column_by_name(MONTH).context("the plan has the month")?;
    let starts = months.as_primitive_opt::<TimestampMicrosecondType>().context("months are timestamps")?;
    let rows = build::as_declared(declared, batch)?;
    let mut parts = Vec::new();
    for range in partition(std::slice::from_ref(months))?.ranges() {
        let month = if starts.is_null(range.start) { None } else { month::of(starts.value(range.start)) };
        let Some(folder) = folders.get(&month) else {
            let month = month.as_deref().unwrap_or("none");
            bail!(
                "{driver}: a row whose event time is of the month {month} lies in the partition of another; another \
                 engine wrote it there, and must write it again with the right month"
            );
        };
        parts.push((folder.clone(), rows.slice(range.start, range.len())));
    }
    Ok(parts)
}
