//! Opens a Parquet file and has its rows judged. The one place that meets the decoder: everything it may do with a bad
//! file (errors, panics, endless output) ends here as a reason.

use std::collections::HashMap;

use anyhow::Result;
use arrow::datatypes::{DataType, SchemaRef};
use chrono::{DateTime, Utc};
use futures::StreamExt;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::arrow::async_reader::{AsyncFileReader, ParquetRecordBatchStreamBuilder};
use parquet::basic::Type as PhysicalType;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use tokio::runtime::Handle;

use crate::model::Table;

use super::columns::{self, From};
use super::limits::Limits;
use super::pages::{Chunk, Walked, too_large};
use super::reason::{Kind, Reason};
use super::source::{Source, Stop, Unread};
use super::verdict::{Judge, Verdict};

/// Rows decoded at once.
const BATCH_ROWS: usize = 8192;

/// The shortest Parquet file: magic, footer length, magic.
const SHORTEST_BYTES: u64 = 12;

/// Reads and judges a file. Decoding runs on a thread for blocking work, so that a server stays responsive, and a panic in
/// the decoder refuses the file instead of ending the process.
///
/// Errors: `Unread` where the file could not be read; that is never a reason to refuse it.
pub async fn read(
    source: Source,
    table: &Table,
    now: DateTime<Utc>,
    limits: &Limits,
    keeps_rows: bool,
) -> Result<Verdict, Unread> {
    let (table, limits) = (table.clone(), limits.clone());
    let work = move || Handle::current().block_on(async move { judge(source, &table, now, &limits, keeps_rows).await });
    match tokio::task::spawn_blocking(work).await {
        Ok(verdict) => verdict,
        Err(error) if error.is_panic() => Ok(Verdict::refused(vec![unreadable("the decoder cannot make sense of it")])),
        Err(error) => Err(Unread::Interrupted(error)),
    }
}

async fn judge(
    mut source: Source,
    table: &Table,
    now: DateTime<Utc>,
    limits: &Limits,
    keeps_rows: bool,
) -> Result<Verdict, Unread> {
    if source.size() > limits.max_file_bytes {
        let found = format!("{} bytes", source.size());
        return Ok(Verdict::refused(vec![too_large(found, format!("{} bytes", limits.max_file_bytes))]));
    }
    source.open().await?;
    if let Some(reason) = outside(&source).await? {
        return Ok(Verdict::refused(vec![reason]));
    }
    let metadata = match source.get_metadata(None).await {
        Ok(metadata) => metadata,
        Err(error) => return why(&source, &error).map(|reason| Verdict::refused(vec![reason])),
    };
    let footer = match ArrowReaderMetadata::try_new(metadata.clone(), ArrowReaderOptions::new()) {
        Ok(footer) => footer,
        Err(error) => return Ok(Verdict::refused(vec![unreadable(&error.to_string())])),
    };
    let mapping = columns::map(table, footer.schema());
    let mut projected: Vec<usize> =
        mapping.from.iter().filter_map(|from| if let From::File(at) = from { Some(*at) } else { None }).collect();
    projected.sort_unstable();

    let rows = u64::try_from(metadata.file_metadata().num_rows()).unwrap_or(0);
    let mut judge = Judge::new(table, mapping, &projected, now, limits, keeps_rows);
    let claims = claims(&metadata, &projected, limits);
    let goes_on = claims.is_empty();
    claims.into_iter().for_each(|reason| judge.refuse(reason));
    if goes_on {
        source.expect_chunks(chunks(&metadata));
        if let Err(reason) = decode(&source, &metadata, footer.schema(), &projected, &mut judge).await? {
            judge.refuse(reason);
        }
    }
    Ok(judge.finish(rows))
}

/// What the first and the last bytes tell.
async fn outside(source: &Source) -> Result<Option<Reason>, Unread> {
    const ALLOWED: &str = "a Parquet file";
    let size = source.size();
    if size == 0 {
        let remedy = "Write the file whole; on a local disk under a hidden name, and rename it when it is complete.";
        return Ok(Some(Reason::file(Kind::Truncated, "a file of 0 bytes", ALLOWED, remedy)));
    }
    let head = source.bytes(0..size.min(4)).await?;
    let tail = source.bytes(size.saturating_sub(4)..size).await?;
    let is_magic = |bytes: &[u8]| bytes == b"PAR1" || bytes == b"PARE";
    Ok(if head.as_ref() == b"PARE" || (is_magic(&head) && tail.as_ref() == b"PARE") {
        Some(encrypted())
    } else if !is_magic(&head) && !b"PAR1".starts_with(&head) {
        let found = format!("a file that begins with {}", super::rules::shown(&String::from_utf8_lossy(&head)));
        Some(Reason::file(Kind::NotParquet, found, ALLOWED, "Write the rows as Parquet."))
    } else if size < SHORTEST_BYTES || !is_magic(&tail) {
        let found = "a file that begins like Parquet and does not end like it: it is cut off";
        let remedy = "Write the file again; on a local disk under a hidden name, and rename it when it is complete.";
        Some(Reason::file(Kind::Truncated, found, "a whole Parquet file", remedy))
    } else {
        None
    })
}

/// What the footer itself gives away.
fn claims(metadata: &ParquetMetaData, projected: &[usize], limits: &Limits) -> Vec<Reason> {
    let rows = metadata.file_metadata().num_rows();
    let mut reasons = Vec::new();
    if rows <= 0 {
        let remedy = "Drop no file where there is nothing to say.";
        reasons.push(Reason::file(Kind::NoRows, "0 rows", "1 row or more", remedy));
    }
    if u64::try_from(rows).unwrap_or(0) > limits.max_rows {
        reasons.push(too_large(format!("{rows} rows"), format!("{} rows", limits.max_rows)));
    }
    let schema = metadata.file_metadata().schema_descr();
    let mut claimed = Walked::default();
    for group in metadata.row_groups() {
        for (leaf, column) in group.columns().iter().enumerate() {
            if projected.contains(&schema.get_column_root_idx(leaf)) {
                claimed.compressed_bytes += u64::try_from(column.compressed_size()).unwrap_or(0);
                claimed.decompressed_bytes += u64::try_from(column.uncompressed_size()).unwrap_or(0);
            }
        }
    }
    reasons.extend(claimed.check(limits).err());
    reasons
}

fn chunks(metadata: &ParquetMetaData) -> HashMap<u64, Chunk> {
    let columns = metadata.row_groups().iter().flat_map(|group| group.columns());
    columns
        .map(|column| {
            let chunk = Chunk {
                column: column.column_path().parts().first().cloned().unwrap_or_default(),
                repeated: column.column_descr().max_rep_level() > 0,
                values: u64::try_from(column.num_values()).unwrap_or(0),
            };
            (column.byte_range().0, chunk)
        })
        .collect()
}

/// Decodes the projected columns. The inner error is the reason to refuse.
async fn decode(
    source: &Source,
    metadata: &std::sync::Arc<ParquetMetaData>,
    schema: &SchemaRef,
    projected: &[usize],
    judge: &mut Judge<'_>,
) -> Result<Result<(), Reason>, Unread> {
    let reader = Reader::new(source, metadata, schema);
    let mut batches = match reader.stream(projected, BATCH_ROWS) {
        Ok(batches) => batches,
        Err(error) => return Ok(Err(unreadable(&error.to_string()))),
    };
    while let Some(batch) = batches.next().await {
        let judged = match batch {
            Ok(batch) => judge.batch(&batch),
            Err(error) if error.to_string().to_ascii_lowercase().contains("utf") => {
                return Ok(Err(reader.not_utf8(projected).await?.unwrap_or_else(|| unreadable(&error.to_string()))));
            }
            Err(error) => return why(source, &error).map(Err),
        };
        match judged {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Ok(Err(unreadable(&format!("{error:#}")))),
        }
    }
    Ok(Ok(()))
}

struct Reader<'a> {
    source: &'a Source,
    metadata: &'a std::sync::Arc<ParquetMetaData>,
    /// The schema to decode with.
    schema: SchemaRef,
}

type Batches = parquet::arrow::async_reader::ParquetRecordBatchStream<Source>;

impl<'a> Reader<'a> {
    fn new(source: &'a Source, metadata: &'a std::sync::Arc<ParquetMetaData>, schema: &SchemaRef) -> Reader<'a> {
        let parquet = metadata.file_metadata().schema_descr();
        let is_int96 = |root: usize| {
            let kind = &parquet.root_schema().get_fields()[root];
            kind.is_primitive() && kind.get_physical_type() == PhysicalType::INT96
        };
        Reader { source, metadata, schema: columns::decoding(schema, is_int96).into() }
    }

    fn stream(&self, roots: &[usize], rows: usize) -> Result<Batches, ParquetError> {
        let options = ArrowReaderOptions::new().with_schema(self.schema.clone());
        let footer = ArrowReaderMetadata::try_new(self.metadata.clone(), options)?;
        let mask = ProjectionMask::roots(self.metadata.file_metadata().schema_descr(), roots.iter().copied());
        ParquetRecordBatchStreamBuilder::new_with_metadata(self.source.clone(), footer)
            .with_projection(mask)
            .with_batch_size(rows)
            .build()
    }

    /// Which column holds bytes that are no text, and about where: the decoder itself does not say.
    async fn not_utf8(&self, roots: &[usize]) -> Result<Option<Reason>, Unread> {
        const PROBE_ROWS: usize = 64;
        for root in roots.iter().filter(|root| holds_text(self.schema.field(**root).data_type())) {
            let Ok(mut batches) = self.stream(&[*root], PROBE_ROWS) else { continue };
            let mut rows = 0;
            while let Some(batch) = batches.next().await {
                match batch {
                    Ok(batch) => rows += batch.num_rows(),
                    Err(error) => {
                        if let Some(Stop::Unread(unread)) = self.source.stopped() {
                            return Err(unread);
                        }
                        if error.to_string().to_ascii_lowercase().contains("utf") {
                            let found = format!("bytes that are not UTF-8, in row {} or later", rows + 1);
                            let remedy = "Encode the text as UTF-8.";
                            let reason = Reason::file(Kind::NotUtf8, found, "UTF-8", remedy);
                            return Ok(Some(reason.about(self.schema.field(*root).name())));
                        }
                        break;
                    }
                }
            }
        }
        Ok(None)
    }
}

fn holds_text(kind: &DataType) -> bool {
    columns::castable(kind, crate::model::ColumnType::String)
        || columns::castable(kind, crate::model::ColumnType::StringList)
}

/// Why the decoder stopped: the store's fault is an error, all else a reason.
fn why(source: &Source, error: &ParquetError) -> Result<Reason, Unread> {
    match source.stopped() {
        Some(Stop::Unread(unread)) => Err(unread),
        Some(Stop::Refused(reason)) => Ok(reason),
        None if error.to_string().contains("encrypt") => Ok(encrypted()),
        None => Ok(unreadable(&error.to_string())),
    }
}

fn encrypted() -> Reason {
    let remedy = "Write it without Parquet encryption; the store can encrypt at rest.";
    Reason::file(Kind::Encrypted, "an encrypted Parquet file", "Parquet that is not encrypted", remedy)
}

fn unreadable(found: &str) -> Reason {
    let allowed = "a whole Parquet file, uncompressed or in snappy, zstd, lz4 or gzip";
    Reason::file(Kind::Unreadable, found, allowed, "Write the file again.")
}

#[cfg(test)]
mod tests {
    use std::fmt;
    use std::sync::Arc;

    use async_trait::async_trait;
    use futures::stream::BoxStream;
    use object_store::memory::InMemory;
    use object_store::path::Path;
    use object_store::{
        CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
        ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
    };

    use super::*;

    /// A store that lists files and fails to give them.
    #[derive(Debug)]
    struct Away(InMemory);

    impl fmt::Display for Away {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a store that is away")
        }
    }

    #[async_trait]
    impl ObjectStore for Away {
        async fn put_opts(&self, at: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
            self.0.put_opts(at, payload, options).await
        }

        async fn put_multipart_opts(&self, at: &Path, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
            self.0.put_multipart_opts(at, opts).await
        }

        async fn get_opts(&self, at: &Path, options: GetOptions) -> Result<GetResult> {
            if options.head {
                return self.0.get_opts(at, options).await;
            }
            Err(Error::Generic { store: "away", source: "timed out".into() })
        }

        fn delete_stream(&self, at: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
            self.0.delete_stream(at)
        }

        fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
            self.0.list(prefix)
        }

        async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
            self.0.list_with_delimiter(prefix).await
        }

        async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
            self.0.copy_opts(from, to, options).await
        }
    }

    async fn outcome(store: Arc<dyn ObjectStore>, meta: &ObjectMeta) -> std::result::Result<Verdict, Unread> {
        let table = crate::model::table("reviews").expect("reviews");
        let limits = Limits::default();
        read(Source::new(store, meta, limits.clone()), table, DateTime::UNIX_EPOCH, &limits, true).await
    }

    #[tokio::test]
    async fn a_store_that_is_away_refuses_nothing() {
        let store = Arc::new(Away(InMemory::new()));
        let path = Path::from("x.parquet");
        store.put(&path, vec![0; 100].into()).await.expect("put");
        let meta = store.head(&path).await.expect("its size");
        assert!(matches!(outcome(store, &meta).await, Err(Unread::Store(_))));
    }

    #[tokio::test]
    async fn a_file_that_was_replaced_or_removed_refuses_nothing() {
        let store = Arc::new(InMemory::new());
        let path = Path::from("x.parquet");
        store.put(&path, vec![0; 100].into()).await.expect("put");
        let meta = store.head(&path).await.expect("its size");
        store.put(&path, vec![1; 100].into()).await.expect("put");
        assert!(matches!(outcome(store.clone(), &meta).await, Err(Unread::Changed)));
        store.delete(&path).await.expect("deleted");
        assert!(matches!(outcome(store, &meta).await, Err(Unread::Changed)));
    }
}
