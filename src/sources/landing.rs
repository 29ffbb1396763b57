//! Writes landing files: Parquet of bounded size at `landing/<table>/<source>/<name>-<n>.parquet`.
//!
//! A file appears whole or not at all (one `put`). Names follow from the input, so that a re-run with the same input
//! writes the same names. Memory is bounded by one file's encoded bytes for each writer and a few batches.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::RecordBatch;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::model::Table;

/// A file is cut when it holds this many rows.
pub const ROWS_PER_FILE: usize = 250_000;
/// Rows are compressed and let go of in groups of this many.
const ROWS_PER_GROUP: usize = 65_536;
/// Batches that may wait for the encoder before `push` waits.
const WAITING: usize = 4;

/// Writes the rows of one table and source. Encoding and upload run beside the caller.
pub struct LandingWriter {
    queue: mpsc::Sender<Message>,
    encoder: JoinHandle<Result<Written>>,
}

/// What a writer has written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    pub files: u64,
    pub rows: u64,
    /// Size of the files.
    pub bytes: u64,
}

/// The writers of a whole source, opened as rows for them come.
pub struct Landing {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    name: String,
    rows_per_file: usize,
    writers: BTreeMap<(String, String), LandingWriter>,
}

enum Message {
    Rows(RecordBatch),
    /// End the file here if it holds at least so many rows.
    Cut(usize),
}

impl LandingWriter {
    /// A writer to `<prefix>/<table>/<source>/<name>-<n>.parquet` with n = 00000, 00001 ...
    pub fn new(
        store: Arc<dyn ObjectStore>,
        prefix: &Path,
        table: &'static Table,
        source: &str,
        name: &str,
        rows_per_file: usize,
    ) -> LandingWriter {
        let (queue, messages) = mpsc::channel(WAITING);
        let folder = prefix.clone().join(table.name.as_str()).join(source);
        let files = Files { store, folder, name: name.to_owned(), table, rows_per_file, written: Written::default() };
        LandingWriter { queue, encoder: tokio::spawn(files.write(messages)) }
    }

    /// Hands a batch of `Table::schema()` to the encoder; waits while too many are before it.
    pub async fn push(&mut self, batch: RecordBatch) -> Result<()> {
        if batch.num_rows() > 0 && self.queue.send(Message::Rows(batch)).await.is_err() {
            return self.failure().await;
        }
        Ok(())
    }

    /// Ends the file here if it holds at least `rows` rows: what is pushed next goes to another file.
    pub async fn cut(&mut self, rows: usize) -> Result<()> {
        match self.queue.send(Message::Cut(rows)).await {
            Ok(()) => Ok(()),
            Err(_) => self.failure().await,
        }
    }

    /// Writes what remains.
    pub async fn finish(self) -> Result<Written> {
        drop(self.queue);
        self.encoder.await.context("the encoder of landing files stopped")?
    }

    async fn failure(&mut self) -> Result<()> {
        (&mut self.encoder).await.context("the encoder of landing files stopped")?.map(|_| ())?;
        anyhow::bail!("the encoder of landing files ended early")
    }
}

impl Landing {
    /// Writers below `prefix` (the lake's `landing`); `name` begins each file's name.
    pub fn new(store: Arc<dyn ObjectStore>, prefix: Path, name: &str) -> Landing {
        Landing { store, prefix, name: name.to_owned(), rows_per_file: ROWS_PER_FILE, writers: BTreeMap::new() }
    }

    /// With files of at most about so many rows.
    pub fn with_rows_per_file(mut self, rows: usize) -> Landing {
        self.rows_per_file = rows.max(1);
        self
    }

    /// Hands a batch to the writer of its table and source. Empty ones open no file.
    pub async fn push(&mut self, table: &'static Table, source: &str, batch: RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let writer = self.writers.entry((table.name.clone(), source.to_owned())).or_insert_with(|| {
            let store = Arc::clone(&self.store);
            LandingWriter::new(store, &self.prefix, table, source, &self.name, self.rows_per_file)
        });
        writer.push(batch).await.with_context(|| format!("landing {} of {source}", table.name))
    }

    /// Ends every file that holds at least `rows` rows.
    pub async fn cut(&mut self, rows: usize) -> Result<()> {
        for writer in self.writers.values_mut() {
            writer.cut(rows).await?;
        }
        Ok(())
    }

    /// Writes what remains; what was written, by table.
    pub async fn finish(self) -> Result<BTreeMap<String, Written>> {
        let mut tables: BTreeMap<String, Written> = BTreeMap::new();
        for ((table, source), writer) in self.writers {
            let written = writer.finish().await.with_context(|| format!("landing {table} of {source}"))?;
            *tables.entry(table).or_default() += written;
        }
        Ok(tables)
    }
}

impl std::ops::AddAssign for Written {
    fn add_assign(&mut self, other: Written) {
        self.files += other.files;
        self.rows += other.rows;
        self.bytes += other.bytes;
    }
}

/// The encoder's side: one file open at a time.
struct Files {
    store: Arc<dyn ObjectStore>,
    folder: Path,
    name: String,
    table: &'static Table,
    rows_per_file: usize,
    written: Written,
}

type Open = (ArrowWriter<Vec<u8>>, usize);

impl Files {
    async fn write(mut self, mut messages: mpsc::Receiver<Message>) -> Result<Written> {
        let mut open: Option<Open> = None;
        while let Some(message) = messages.recv().await {
            match message {
                Message::Rows(batch) => open = self.append(open, batch).await?,
                Message::Cut(least) if open.as_ref().is_some_and(|(_, rows)| *rows >= least) => {
                    self.close(open.take()).await?;
                }
                Message::Cut(_) => {}
            }
        }
        self.close(open).await?;
        Ok(self.written)
    }

    /// Appends a batch, ending files where they are full, so that the cuts do not depend on how rows were batched.
    async fn append(&mut self, mut open: Option<Open>, batch: RecordBatch) -> Result<Option<Open>> {
        let mut from = 0;
        while from < batch.num_rows() {
            let (writer, rows) = match open.take() {
                Some(open) => open,
                None => (self.begin()?, 0),
            };
            let take = (batch.num_rows() - from).min(self.rows_per_file - rows);
            let (slice, mut writer) = (batch.slice(from, take), writer);
            let writer = spawn_blocking(move || writer.write(&slice).map(|()| writer)).await??;
            from += take;
            open = Some((writer, rows + take));
            if rows + take >= self.rows_per_file {
                self.close(open.take()).await?;
            }
        }
        Ok(open)
    }

    fn begin(&self) -> Result<ArrowWriter<Vec<u8>>> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
            .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
            .build();
        Ok(ArrowWriter::try_new(Vec::new(), self.table.schema(), Some(properties))?)
    }

    async fn close(&mut self, open: Option<Open>) -> Result<()> {
        let Some((writer, rows)) = open else { return Ok(()) };
        let bytes = spawn_blocking(move || writer.into_inner()).await??;
        let path = self.folder.clone().join(format!("{}-{:05}.parquet", self.name, self.written.files));
        self.written += Written { files: 1, rows: rows as u64, bytes: bytes.len() as u64 };
        self.store.put(&path, PutPayload::from(bytes)).await.with_context(|| format!("writing {path}"))?;
        Ok(())
    }
}
