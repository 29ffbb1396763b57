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
    let folders: Vec<Path> = fragments.iter().map(|fragment| fragment.folder.clone()).collect();
    let mut found = futures::stream::iter(folders)
        .map(|folder| {
            let (lake, name) = (lake.clone(), fact.name.clone());
            async move { manifest::read(&lake, &name, &folder).await }
        })
        .buffered(LOOKS_AT_ONCE)
        .try_collect::<Vec<_>>()
        .await?;
    let is_missing = |place: &usize| found[*place].is_none();
    let missing: Vec<usize> = (0..fragments.len()).filter(is_missing).collect();
    if !missing.is_empty() {
        let folder = |place: &usize| (fragments[*place].month.clone(), fragments[*place].folder.clone());
        let written = write(lake, snapshot, fact, driver, inputs, missing.iter().map(folder).collect()).await?;
        let commits = missing.iter().map(|place| {
            let (lake, name, Fragment { folder, key, .. }) =
                (lake.clone(), fact.name.clone(), fragments[*place].clone());
            let files = written.iter().filter(|file| file.path.prefix_matches(&folder)).cloned().collect();
            async move { manifest::commit(&lake, &name, &folder, &key, files).await }
        });
        let commits: Vec<_> = commits.collect();
        let committed: Vec<_> = futures::stream::iter(commits).buffered(LOOKS_AT_ONCE).try_collect().await?;
        for (place, files) in missing.iter().zip(committed) {
            found[*place] = Some(files);
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
    let order = fact.sort();
    let plan = build::sorted(in_partitions_of_months(plan)?, &[&[MONTH], order.as_slice()].concat())?;
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

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, Int64Array, TimestampMicrosecondArray};
    use arrow::datatypes::{DataType, Field, Schema};

    use super::*;

    fn batch(months: Vec<Option<i64>>) -> (SchemaRef, RecordBatch) {
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..months.len() as i64));
        let months: ArrayRef = Arc::new(TimestampMicrosecondArray::from(months).with_timezone("UTC"));
        let declared = Arc::new(Schema::new(vec![Field::new("number", DataType::Int64, true)]));
        (declared, RecordBatch::try_from_iter([("number", numbers), (MONTH, months)]).expect("two columns"))
    }

    #[test]
    fn a_batch_is_divided_by_month() {
        const FEBRUARY: i64 = 31 * 86_400_000_000;
        let (declared, batch) = batch(vec![None, Some(0), Some(0), Some(FEBRUARY)]);
        let mut folders =
            Months::from([(None, Path::from("none")), (Some("1970-01".to_owned()), Path::from("january"))]);
        let error = by_month(&folders, &declared, "builds", &batch).expect_err("February is not computed");
        assert!(error.to_string().contains("builds") && error.to_string().contains("1970-02"), "{error}");
        folders.insert(Some("1970-02".to_owned()), Path::from("february"));
        let parts = by_month(&folders, &declared, "builds", &batch).expect("every month has its folder");
        let told: Vec<(&str, usize, usize)> =
            parts.iter().map(|(folder, rows)| (folder.as_ref(), rows.num_rows(), rows.num_columns())).collect();
        assert_eq!(told, [("none", 1, 1), ("january", 2, 1), ("february", 1, 1)]);
    }
}
