//! Lets DataFusion read files of the lake: always an exact list from a snapshot, never a listing.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use chrono::DateTime;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{DFSchema, Statistics};
use datafusion::config::TableParquetOptions;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::prelude::{SessionContext, col};
use object_store::ObjectMeta;

use super::Lake;
use super::snapshot::{DataFile, Snapshot, TableVersion};
use crate::model::{self, Table};

/// Under which a session knows the lake's store. See [`register_store`].
pub const STORE_URL: &str = "throughline://lake";

/// A table that is exactly these files, all of which have `schema` (columns that a file lacks are null).
///
/// Files and row groups are pruned by their statistics. The session must know the store, see [`register_store`].
pub fn provider(lake: &Lake, schema: SchemaRef, files: &[DataFile]) -> Arc<dyn TableProvider> {
    Arc::new(Files { lake: lake.clone(), schema, files: files.to_vec() })
}

/// Makes the lake's store known to a session.
pub fn register_store(lake: &Lake, ctx: &SessionContext) {
    ctx.register_object_store(store_url().as_ref(), lake.store());
}

/// Registers every table of the model under its name, as it is in the snapshot; one that was never written is empty.
/// Tombstones are filtered out.
pub fn register_tables(lake: &Lake, snapshot: &Snapshot, ctx: &SessionContext) -> Result<()> {
    for table in model::tables() {
        register_table(lake, table, snapshot.tables.get(&table.name), ctx)?;
    }
    Ok(())
}

/// Registers one table under its name, in place of what has that name, as it is in a version; `None`: it is empty.
/// Tombstones are filtered out.
pub fn register_table(lake: &Lake, table: &Table, version: Option<&TableVersion>, ctx: &SessionContext) -> Result<()> {
    let files = version.map_or(&[][..], |version| version.files.as_slice());
    let all = provider(lake, table.schema(), files);
    let without_tombstones = match version.map_or(Some(0), |version| version.tombstones) {
        Some(0) => all,
        _ => ctx.read_table(all)?.filter(col("deleted").is_not_true())?.into_view(),
    };
    ctx.deregister_table(table.name.as_str())?;
    ctx.register_table(table.name.as_str(), without_tombstones)?;
    Ok(())
}

fn store_url() -> ObjectStoreUrl {
    ObjectStoreUrl::parse(STORE_URL).expect("a constant URL")
}

#[derive(Debug)]
struct Files {
    lake: Lake,
    schema: SchemaRef,
    files: Vec<DataFile>,
}

#[async_trait]
impl TableProvider for Files {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // Statistics only say which parts cannot match; the filter itself stays in the plan.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    fn statistics(&self) -> Option<Statistics> {
        Some(self.known_statistics())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if self.files.is_empty() {
            let schema = match projection {
                Some(columns) => Arc::new(self.schema.project(columns)?),
                None => self.schema(),
            };
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        let mut options =
            TableParquetOptions { global: state.config_options().execution.parquet.clone(), ..Default::default() };
        // Off by default too; wrong and slow results have come of it.
        options.global.pushdown_filters = false;
        // Footers are kept between queries. Files never change, so one that is known by name is known.
        let footers = state.runtime_env().cache_manager.get_file_metadata_cache();
        let reader = CachedParquetFileReaderFactory::new(self.lake.store(), footers);
        let mut source = ParquetSource::new(self.schema())
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::new(reader));
        if let Some(filter) = conjunction(filters.to_vec()) {
            let schema = DFSchema::try_from(self.schema())?;
            source = source.with_predicate(state.create_physical_expr(filter, &schema)?);
        }
        let config = FileScanConfigBuilder::new(store_url(), Arc::new(source))
            .with_file_groups(self.groups(state.config_options().execution.target_partitions))
            .with_statistics(self.known_statistics())
            .with_projection_indices(projection.cloned())?
            // With a filter that is applied later, a limit here could cut rows that match.
            .with_limit(if filters.is_empty() { limit } else { None })
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}

impl Files {
    /// The files in at most `count` groups of about the same bytes.
    fn groups(&self, count: usize) -> Vec<FileGroup> {
        let mut files: Vec<&DataFile> = self.files.iter().collect();
        files.sort_by(|a, b| b.size.cmp(&a.size).then_with(|| a.path.cmp(&b.path)));
        let mut groups: Vec<(u64, Vec<PartitionedFile>)> = vec![(0, Vec::new()); count.clamp(1, files.len().max(1))];
        for file in files {
            if let Some((bytes, group)) = groups.iter_mut().min_by_key(|(bytes, _)| *bytes) {
                *bytes += file.size;
                group.push(partitioned(file));
            }
        }
        groups.into_iter().map(|(_, files)| FileGroup::new(files)).collect()
    }

    fn known_statistics(&self) -> Statistics {
        let rows: u64 = self.files.iter().map(|file| file.rows).sum();
        let rows = usize::try_from(rows).map_or(Precision::Absent, Precision::Exact);
        Statistics { num_rows: rows, ..Statistics::new_unknown(&self.schema) }
    }
}

fn partitioned(file: &DataFile) -> PartitionedFile {
    PartitionedFile::new_from_meta(ObjectMeta {
        location: file.path.clone(),
        // The caches of DataFusion compare size and time. Files never change, and have a new name each.
        last_modified: DateTime::UNIX_EPOCH,
        size: file.size,
        e_tag: None,
        version: None,
    })
}
