//! The metrics that a lake declares itself: their files are read, judged, and put in force together with the GraphQL schema
//! that names them. A request is served by one catalogue and the schema made of it, whatever happens meanwhile.
//!
//! A file that is wrong is refused alone: the others count, and so does what this server last read of that one.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use object_store::{ObjectMeta, ObjectStoreExt};
use tokio::sync::Mutex;

use super::graphql::ThroughlineSchema;
use crate::lake::layout;
use crate::model::catalogue::Current;
use crate::model::definition::{self, DefinitionFile, Fault, MOST_BYTES, MOST_FILES, Status};
use crate::model::{Catalogue, Metric};
use crate::query::engine::Engine;
use crate::query::trial;

/// Files that are read at once.
const READS: usize = 16;

/// Makes the schema of a catalogue.
type MakeSchema = dyn Fn(&Arc<Catalogue>) -> ThroughlineSchema + Send + Sync;

/// The lake's own metrics. Cheap to clone; clones see the same ones.
#[derive(Clone)]
pub struct Definitions(Arc<Inner>);

struct Inner {
    engine: Engine,
    current: Current,
    make: Box<MakeSchema>,
    served: RwLock<Arc<Served>>,
    /// What was read, by path within the folder. Held while files are read, so that one does at a time.
    known: Mutex<HashMap<String, Known>>,
}

/// A catalogue and the schema that names its metrics.
pub struct Served {
    pub catalogue: Arc<Catalogue>,
    pub schema: ThroughlineSchema,
}

/// A file as it was when it was read.
#[derive(Clone)]
struct Known {
    /// What the store said of it; `None`: it could not be read, so that it is tried again.
    stamp: Option<ObjectMeta>,
    /// Whether it is among the most that a lake may have.
    counts: bool,
    file: DefinitionFile,
}

impl Known {
    fn is_of(&self, meta: &ObjectMeta, counts: bool) -> bool {
        self.counts == counts && self.stamp.as_ref() == Some(meta)
    }
}

/// What came of a look at the files.
pub struct Reloaded {
    /// Whether anything is otherwise than before.
    pub is_changed: bool,
    pub catalogue: Arc<Catalogue>,
}

impl Definitions {
    /// The built-in metrics, until files are read. `make` makes a schema of a catalogue; `current` is told which one is in
    /// force.
    pub fn new(
        engine: Engine,
        current: Current,
        make: impl Fn(&Arc<Catalogue>) -> ThroughlineSchema + Send + Sync + 'static,
    ) -> Definitions {
        let catalogue = current.get();
        let served = RwLock::new(Arc::new(Served { schema: make(&catalogue), catalogue }));
        Definitions(Arc::new(Inner { engine, current, make: Box::new(make), served, known: Mutex::default() }))
    }

    /// What requests that come now are served by.
    pub fn served(&self) -> Arc<Served> {
        Arc::clone(&self.0.served.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads every file anew.
    ///
    /// # Errors
    /// When the lake does not list its files; then everything stays as it is. A wrong file is no error.
    pub async fn reload(&self) -> Result<Reloaded> {
        self.read(false).await
    }

    /// Reads the files that changed since they were last read: one listing where none did.
    ///
    /// # Errors
    /// As [`Definitions::reload`].
    pub async fn look(&self) -> Result<Reloaded> {
        self.read(true).await
    }

    async fn read(&self, only_changed: bool) -> Result<Reloaded> {
        let mut known = self.0.known.lock().await;
        let listed = self.listed().await?;
        let mut same = HashMap::new();
        let mut reads = Vec::new();
        for (place, (path, meta)) in listed.into_iter().enumerate() {
            let (counts, before) = (place < MOST_FILES, known.get(&path));
            match before.filter(|known| only_changed && known.is_of(&meta, counts)) {
                Some(known) => drop(same.insert(path, known.clone())),
                None => {
                    let before = before.and_then(|known| known.file.metric).filter(|_| counts);
                    reads.push(async move { Some((self.known(&path, meta, counts, before).await?, path)) });
                }
            }
        }
        let read: Vec<_> = stream::iter(reads).buffered(READS).collect().await;
        let read: HashMap<String, Known> =
            same.into_iter().chain(read.into_iter().flatten().map(|(known, path)| (path, known))).collect();
        tell(&known, &read);
        *known = read;
        self.put_in_force(known.values().map(|known| known.file.clone()).collect())
    }

    /// The files of definitions, by path within their folder.
    async fn listed(&self) -> Result<BTreeMap<String, ObjectMeta>> {
        let folder = layout::definitions_of_metrics();
        let store = self.0.engine.lake().store();
        let files = store.list(Some(&folder)).try_collect::<Vec<_>>().await;
        let files = files.with_context(|| format!("the lake does not list {folder}"))?;
        let within = |meta: ObjectMeta| {
            let parts: Vec<_> = meta.location.prefix_match(&folder)?.map(|part| part.as_ref().to_owned()).collect();
            let hidden = parts.last()?.starts_with('.');
            let path = parts.join("/");
            (path.ends_with(".toml") && !hidden).then_some((path, meta))
        };
        Ok(files.into_iter().filter_map(within).collect())
    }

    /// Reads and judges one file; `None`: it is gone meanwhile.
    async fn known(
        &self,
        path: &str,
        meta: ObjectMeta,
        counts: bool,
        before: Option<&'static Metric>,
    ) -> Option<Known> {
        let (mut stamp, changed_at) = (Some(meta.clone()), meta.last_modified);
        let judged = if !counts {
            Err(definition::too_many())
        } else if meta.size > MOST_BYTES {
            Err(definition::too_large(meta.size))
        } else {
            match self.bytes(&meta).await {
                Ok(Some(bytes)) => {
                    let engine = &self.0.engine;
                    trial::read(engine.context(), engine.built_in(), path, &bytes, before).await
                }
                Ok(None) => return None,
                Err(error) => {
                    stamp = None;
                    Err(Fault::whole(format!("cannot be read: {error:#}"), "It is tried again by itself."))
                }
            }
        };
        let (metric, status, fault) = match (judged, before) {
            (Ok(metric), _) => (Some(metric), Status::InForce, None),
            (Err(fault), Some(before)) => (Some(before), Status::OlderInForce, Some(fault)),
            (Err(fault), None) => (None, Status::Refused, Some(fault)),
        };
        Some(Known { stamp, counts, file: DefinitionFile { file: path.to_owned(), metric, status, fault, changed_at } })
    }

    async fn bytes(&self, meta: &ObjectMeta) -> Result<Option<bytes::Bytes>> {
        let got = match self.0.engine.lake().store().get(&meta.location).await {
            Ok(got) => got.bytes().await,
            Err(error) => Err(error),
        };
        match got {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn put_in_force(&self, files: Vec<DefinitionFile>) -> Result<Reloaded> {
        let catalogue = Arc::new(Catalogue::with(files));
        let before = self.served();
        if before.catalogue.id() == catalogue.id() {
            return Ok(Reloaded { is_changed: false, catalogue: Arc::clone(&before.catalogue) });
        }
        let served = Served { schema: (self.0.make)(&catalogue), catalogue: Arc::clone(&catalogue) };
        self.0.current.set(Arc::clone(&catalogue));
        *self.0.served.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(served);
        let count = |status: Status| catalogue.files().iter().filter(|file| file.status == status).count();
        for status in Status::ALL.iter().copied() {
            metrics::gauge!("throughline_definition_files", "status" => status.name()).set(count(status) as f64);
        }
        let (own, refused) = (count(Status::InForce) + count(Status::OlderInForce), count(Status::Refused));
        tracing::info!(own, refused, "the lake's own metrics are read");
        Ok(Reloaded { is_changed: true, catalogue })
    }
}

/// Logs what is wrong, once.
fn tell(before: &HashMap<String, Known>, after: &HashMap<String, Known>) {
    for (path, Known { file, .. }) in after {
        let told = before.get(path).and_then(|known| known.file.fault.as_ref());
        if let Some(fault) = file.fault.as_ref().filter(|fault| Some(*fault) != told) {
            let goes_on = match file.status {
                Status::OlderInForce => "the metric goes on as the file said before",
                Status::Refused | Status::InForce => "no earlier version of it is known here: there is no such metric",
            };
            tracing::warn!(file = path, key = fault.key, "definition refused: {fault} ({goes_on})");
        }
    }
}
