//! Writes Parquet files for tables and derived facts: sensible sizes, statistics, and what the Delta log says of them.
//! The order of the rows is the caller's; committing the files as well.

use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::Lake;
use super::snapshot::DataFile;
use super::stats::{FileStats, StatsBuilder};

/// A file ends at the first batch that takes it over one of these.
const FILE_BYTES: usize = 128 << 20;
pub(super) const FILE_ROWS: usize = 1 << 20;
const ROW_GROUP_ROWS: usize = 128 << 10;
/// Larger files go up in parts, so that no single request takes long.
const PART_BYTES: usize = 16 << 20;
const PARTS_AT_ONCE: usize = 4;

/// A file that was written, and what is in it.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub file: DataFile,
    pub stats: FileStats,
}

/// Writes batches of one schema, in their order, into one or more files `<folder>/part-<uuid>.snappy.parquet`.
/// No file is written where there is no row. The files are whole and durable when this returns, and nobody knows them
/// yet. `sorted_by` names the columns by which the rows are sorted, for the footer.
pub async fn write_files(
    lake: &Lake,
    folder: &Path,
    schema: SchemaRef,
    sorted_by: &[String],
    batches: impl Stream<Item = Result<RecordBatch>> + Send + 'static,
) -> Result<Vec<DataFile>> {
    let folder = folder.clone();
    let batches = batches.map(move |batch| batch.map(|batch| (folder.clone(), batch)));
    write_to_folders(lake, schema, sorted_by, batches).await
}

/// [`write_files`] for batches that each say the folder where they go. A file ends where the next batch goes elsewhere.
pub async fn write_to_folders(
    lake: &Lake,
    schema: SchemaRef,
    sorted_by: &[String],
    batches: impl Stream<Item = Result<(Path, RecordBatch)>> + Send + 'static,
) -> Result<Vec<DataFile>> {
    let (store, sorted_by) = (lake.store(), sorted_by.to_vec());
    let written = blocking(move || async move {
        let mut writer = FileWriter::new(store, Path::default(), None, schema, &sorted_by);
        let mut batches = Box::pin(batches);
        while let Some(batch) = batches.next().await {
            let (folder, batch) = batch?;
            writer.turn_to(folder).await?;
            writer.write(&batch).await?;
        }
        writer.finish().await
    });
    Ok(written.await?.into_iter().map(|written| written.file).collect())
}

/// Runs work that computes much and waits a little on a thread where it holds up nobody.
pub(super) async fn blocking<T, F, W>(work: W) -> Result<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T>>,
    W: FnOnce() -> F + Send + 'static,
{
    let handle = Handle::current();
    tokio::task::spawn_blocking(move || handle.block_on(work())).await.context("the task ended early")?
}

/// How many such tasks run side by side: few, since each may hold a file's rows.
pub(super) fn tasks_at_once() -> usize {
    std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 4))
}

/// Encodes batches and puts the files into the store as they fill.
pub(super) struct FileWriter {
    store: Arc<dyn ObjectStore>,
    folder: Path,
    month: Option<String>,
    schema: SchemaRef,
    properties: WriterProperties,
    open: Option<(ArrowWriter<Vec<u8>>, StatsBuilder)>,
    written: Vec<Written>,
}

impl FileWriter {
    /// `month` is only noted on the files.
    pub fn new(
        store: Arc<dyn ObjectStore>,
        folder: Path,
        month: Option<String>,
        schema: SchemaRef,
        sorted_by: &[String],
    ) -> FileWriter {
        let properties = properties(&schema, sorted_by);
        FileWriter { store, folder, month, schema, properties, open: None, written: Vec::new() }
    }

    /// What is written from now on goes to this folder.
    async fn turn_to(&mut self, folder: Path) -> Result<()> {
        if folder != self.folder {
            self.close().await?;
            self.folder = folder;
        }
        Ok(())
    }

    pub async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        if self.open.is_none() {
            let writer = ArrowWriter::try_new(Vec::new(), Arc::clone(&self.schema), Some(self.properties.clone()))?;
            self.open = Some((writer, StatsBuilder::default()));
        }
        if let Some((writer, stats)) = &mut self.open {
            writer.write(batch)?;
            stats.add(batch)?;
            let bytes = writer.bytes_written() + writer.in_progress_size();
            if bytes >= FILE_BYTES || stats.rows() >= FILE_ROWS as u64 {
                self.close().await?;
            }
        }
        Ok(())
    }

    /// The files written.
    pub async fn finish(mut self) -> Result<Vec<Written>> {
        self.close().await?;
        Ok(self.written)
    }

    async fn close(&mut self) -> Result<()> {
        let Some((writer, stats)) = self.open.take() else { return Ok(()) };
        let bytes = Bytes::from(writer.into_inner()?);
        let name = format!("part-{}.snappy.parquet", Uuid::new_v4());
        let path = self.folder.clone().join(name);
        let size = bytes.len() as u64;
        put(self.store.as_ref(), &path, bytes).await.with_context(|| format!("{path} cannot be written"))?;
        let stats = stats.finish();
        let file = DataFile { path, size, rows: stats.rows, month: self.month.clone() };
        self.written.push(Written { file, stats });
        Ok(())
    }
}

async fn put(store: &dyn ObjectStore, path: &Path, bytes: Bytes) -> Result<()> {
    if bytes.len() <= PART_BYTES {
        store.put(path, bytes.into()).await?;
        return Ok(());
    }
    let mut upload = WriteMultipart::new_with_chunk_size(store.put_multipart(path).await?, PART_BYTES);
    for start in (0..bytes.len()).step_by(PART_BYTES) {
        upload.wait_for_capacity(PARTS_AT_ONCE).await?;
        upload.put(bytes.slice(start..bytes.len().min(start + PART_BYTES)));
    }
    upload.finish().await?;
    Ok(())
}

fn properties(schema: &SchemaRef, sorted_by: &[String]) -> WriterProperties {
    // The footer counts leaves. Every type of the contract has one leaf (a list has its item), so it is the field's index.
    let leaf = |name: &String| {
        let column_idx = i32::try_from(schema.index_of(name).ok()?).ok()?;
        Some(SortingColumn { column_idx, descending: false, nulls_first: true })
    };
    let sorting: Option<Vec<SortingColumn>> = sorted_by.iter().map(leaf).collect();
    WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        // Ids are all different: a dictionary of them would be built only to be given up.
        .set_column_dictionary_enabled(ColumnPath::from("id"), false)
        .set_created_by(concat!("throughline ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_sorting_columns(sorting.filter(|columns| !columns.is_empty()))
        .build()
}
