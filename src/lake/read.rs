//! Reads the Parquet files of a table, in whole or in part, for the merge and compaction. Queries scan through `scan`.

use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt, Stream, StreamExt, TryFutureExt};
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, RowSelection};
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::arrow::{ParquetRecordBatchStreamBuilder, ProjectionMask};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};

use super::snapshot::DataFile;

/// Rows of a batch that is read.
const BATCH_ROWS: usize = 32 * 1024;

/// The rows of a file that are selected (`None`: all) as batches of exactly `schema`, in the order of the file.
/// A column that the file lacks is null; one of another type is cast.
pub(super) async fn rows(
    store: Arc<dyn ObjectStore>,
    file: &DataFile,
    schema: SchemaRef,
    selection: Option<RowSelection>,
) -> Result<impl Stream<Item = Result<RecordBatch>> + Send + use<>> {
    let path = file.path.clone();
    let unreadable = move || format!("{path} cannot be read");
    let reader = StoredFile { store, file: file.clone() };
    let mut builder = ParquetRecordBatchStreamBuilder::new(reader).await.with_context(&unreadable)?;
    let names = schema.fields().iter().map(|field| field.name().as_str());
    builder = builder.with_batch_size(BATCH_ROWS);
    let mask = ProjectionMask::columns(builder.parquet_schema(), names);
    builder = builder.with_projection(mask);
    if let Some(selection) = selection {
        builder = builder.with_row_selection(selection);
    }
    let stream = builder.build().with_context(&unreadable)?;
    Ok(stream.map(move |batch| conform(&batch.with_context(&unreadable)?, &schema)))
}

/// Number of rows, from the file's footer.
pub(super) async fn count(store: Arc<dyn ObjectStore>, file: &DataFile) -> Result<u64> {
    let mut reader = StoredFile { store, file: file.clone() };
    let footer = reader.get_metadata(None).await.with_context(|| format!("{} cannot be read", file.path))?;
    Ok(u64::try_from(footer.file_metadata().num_rows()).unwrap_or(0))
}

/// The batch with exactly the columns of `schema`, by name.
pub(super) fn conform(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    if batch.schema_ref().fields() == schema.fields() {
        return Ok(RecordBatch::try_new(Arc::clone(schema), batch.columns().to_vec())?);
    }
    let columns = schema.fields().iter().map(|field| -> Result<ArrayRef> {
        match batch.column_by_name(field.name()) {
            None => Ok(new_null_array(field.data_type(), batch.num_rows())),
            Some(column) if column.data_type() == field.data_type() => Ok(Arc::clone(column)),
            Some(column) => cast(column, field.data_type()).with_context(|| format!("column {}", field.name())),
        }
    });
    Ok(RecordBatch::try_new(Arc::clone(schema), columns.collect::<Result<_>>()?)?)
}

/// A file in the store, as the Parquet reader wants it.
struct StoredFile {
    store: Arc<dyn ObjectStore>,
    file: DataFile,
}

impl AsyncFileReader for StoredFile {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        self.store.get_range(&self.file.path, range).map_err(external).boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, parquet::errors::Result<Vec<Bytes>>> {
        async move { self.store.get_ranges(&self.file.path, &ranges).await.map_err(external) }.boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        async move {
            let size = self.file.size;
            let reader =
                ParquetMetaDataReader::new().with_prefetch_hint(Some(64 * 1024)).with_arrow_reader_options(options);
            Ok(Arc::new(reader.load_and_finish(self, size).await?))
        }
        .boxed()
    }
}

fn external(error: object_store::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}
