//! The bytes of one dropped file: fetched from the store as the decoder asks for them, always of the version that was
//! listed, and walked by `pages` on the way. Keeps apart what is wrong with the file and what is wrong with the store.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::path::Path;
use object_store::{GetOptions, OBJECT_STORE_COALESCE_DEFAULT, ObjectMeta, ObjectStore, coalesce_ranges};
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};

use super::limits::Limits;
use super::pages::{Chunk, Walked};
use super::reason::Reason;

/// A file up to this size is fetched at once, in one request.
const WHOLE_UP_TO: u64 = 8 << 20;

/// Why a file could not be read to its end, where it is not the file's fault.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// It was replaced or removed after it had been listed; the next listing tells what is there now.
    #[error("the file was replaced or removed while it was read")]
    Changed,
    #[error("the store could not be read")]
    Store(#[source] object_store::Error),
    /// The process is stopping, or the machine is out of something.
    #[error("reading was interrupted")]
    Interrupted(#[source] tokio::task::JoinError),
}

/// What stopped the decoder from outside.
#[derive(Debug)]
pub enum Stop {
    Unread(Unread),
    Refused(Reason),
}

/// A dropped file, readable by the Parquet decoder.
#[derive(Clone)]
pub struct Source {
    store: Arc<dyn ObjectStore>,
    location: Path,
    size: u64,
    e_tag: Option<String>,
    whole: Option<Bytes>,
    limits: Limits,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    /// Known once the footer is: the chunks by where they start.
    chunks: HashMap<u64, Chunk>,
    walked: Walked,
    stop: Option<Stop>,
}

impl Source {
    /// A file as it was listed.
    pub fn new(store: Arc<dyn ObjectStore>, meta: &ObjectMeta, limits: Limits) -> Source {
        Source {
            store,
            location: meta.location.clone(),
            size: meta.size,
            e_tag: meta.e_tag.clone(),
            whole: None,
            limits,
            shared: Arc::default(),
        }
    }

    /// Size in bytes, as listed.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Fetches a small file whole, so that its footer and columns cost one request together.
    pub async fn open(&mut self) -> std::result::Result<(), Unread> {
        if self.size <= WHOLE_UP_TO {
            self.whole = Some(self.fetch(0..self.size).await.map_err(unread)?);
        }
        Ok(())
    }

    /// Some bytes of the file.
    pub async fn bytes(&self, range: Range<u64>) -> std::result::Result<Bytes, Unread> {
        self.range(range).await.map_err(unread)
    }

    /// Tells what the columns are, so that their pages are walked from now on.
    pub fn expect_chunks(&self, chunks: HashMap<u64, Chunk>) {
        self.lock(|shared| shared.chunks = chunks);
    }

    /// What stopped the decoder, where it was not the file's own bytes.
    pub fn stopped(&self) -> Option<Stop> {
        self.lock(|shared| shared.stop.take())
    }

    fn lock<T>(&self, work: impl FnOnce(&mut Shared) -> T) -> T {
        work(&mut self.shared.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn range(&self, range: Range<u64>) -> object_store::Result<Bytes> {
        match &self.whole {
            Some(whole) => Ok(whole.slice(range.start as usize..range.end as usize)),
            None => self.fetch(range).await,
        }
    }

    async fn fetch(&self, range: Range<u64>) -> object_store::Result<Bytes> {
        let options = GetOptions {
            // An empty range is refused by stores; a file of 0 bytes has nothing to fetch.
            range: (!range.is_empty()).then(|| range.into()),
            if_match: self.e_tag.clone(),
            ..GetOptions::default()
        };
        self.store.get_opts(&self.location, options).await?.bytes().await
    }

    fn stop(&self, stop: Stop) -> ParquetError {
        self.lock(|shared| {
            shared.stop.get_or_insert(stop);
        });
        ParquetError::General("reading was stopped".into())
    }

    fn within(&self, range: &Range<u64>) -> Result<()> {
        match range.start <= range.end && range.end <= self.size {
            true => Ok(()),
            false => Err(ParquetError::EOF(format!("bytes {range:?} are beyond the end of the file"))),
        }
    }

    async fn ranges(&self, ranges: Vec<Range<u64>>) -> Result<Vec<Bytes>> {
        ranges.iter().try_for_each(|range| self.within(range))?;
        let fetched = match &self.whole {
            Some(whole) => ranges.iter().map(|r| whole.slice(r.start as usize..r.end as usize)).collect(),
            None => coalesce_ranges(&ranges, |range| self.fetch(range), OBJECT_STORE_COALESCE_DEFAULT)
                .await
                .map_err(|error| self.stop(Stop::Unread(unread(error))))?,
        };
        for (range, bytes) in ranges.iter().zip(&fetched) {
            self.walk(range.start, bytes).map_err(|reason| self.stop(Stop::Refused(reason)))?;
        }
        Ok(fetched)
    }

    fn walk(&self, start: u64, bytes: &[u8]) -> std::result::Result<(), Reason> {
        self.lock(|shared| {
            let Shared { chunks, walked, .. } = shared;
            match chunks.get(&start) {
                Some(chunk) => walked.chunk(chunk, bytes, &self.limits),
                None => Ok(()),
            }
        })
    }
}

impl AsyncFileReader for Source {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes>> {
        async move {
            let fetched = self.ranges(vec![range]).await?;
            fetched.into_iter().next().ok_or_else(|| ParquetError::EOF("nothing was read".into()))
        }
        .boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, Result<Vec<Bytes>>> {
        self.ranges(ranges).boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, Result<Arc<ParquetMetaData>>> {
        async move {
            // No page index: whole chunks are read anyway, and its statistics are not trusted.
            let size = self.size;
            Ok(Arc::new(ParquetMetaDataReader::new().load_and_finish(self, size).await?))
        }
        .boxed()
    }
}

fn unread(error: object_store::Error) -> Unread {
    match error {
        object_store::Error::Precondition { .. } | object_store::Error::NotFound { .. } => Unread::Changed,
        error => Unread::Store(error),
    }
}
