//! The catalogue: the metrics that there are. Those of `schema/metrics/` are in every lake; a lake adds its own by files
//! (see `definition`). A catalogue never changes: where files do, another one takes its place.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, RwLock};

use anyhow::Result;
use sha2::{Digest, Sha256};

use super::Metric;
use super::definition::DefinitionFile;

/// Every metric of a lake.
#[derive(Debug)]
pub struct Catalogue {
    /// By category and name.
    metrics: Vec<&'static Metric>,
    places: HashMap<&'static str, usize>,
    /// Names of those that the lake itself declares.
    own: BTreeSet<&'static str>,
    files: Vec<DefinitionFile>,
    id: String,
}

impl Catalogue {
    /// The metrics of `schema/metrics/`, and no others.
    pub fn built_in() -> Arc<Catalogue> {
        static BUILT_IN: LazyLock<Arc<Catalogue>> = LazyLock::new(|| Arc::new(Catalogue::with(Vec::new())));
        Arc::clone(&BUILT_IN)
    }

    /// The metrics of `schema/metrics/` and those that files have put in force. Files must not name a metric twice, nor one
    /// of the former; `definition` sees to that.
    pub fn with(mut files: Vec<DefinitionFile>) -> Catalogue {
        files.sort_by(|a, b| a.file.cmp(&b.file));
        let own: Vec<&'static Metric> = files.iter().filter_map(|file| file.metric).collect();
        let mut metrics: Vec<&'static Metric> = super::metrics().iter().chain(own.iter().copied()).collect();
        metrics.sort_by(|a, b| (a.category, &a.name).cmp(&(b.category, &b.name)));
        let places = metrics.iter().enumerate().map(|(place, metric)| (metric.name.as_str(), place)).collect();
        let id = id(&files);
        Catalogue { metrics, places, own: own.iter().map(|metric| metric.name.as_str()).collect(), files, id }
    }

    /// Every metric, by category and name.
    pub fn metrics(&self) -> impl ExactSizeIterator<Item = &'static Metric> + '_ {
        self.metrics.iter().copied()
    }

    /// One metric, by its UPPER_SNAKE name.
    pub fn metric(&self, name: &str) -> Option<&'static Metric> {
        self.places.get(name).map(|place| self.metrics[*place])
    }

    /// Whether the lake itself declares the metric.
    pub fn is_own(&self, name: &str) -> bool {
        self.own.contains(name)
    }

    /// The lake's own files of definitions, by name, also those that were refused.
    pub fn files(&self) -> &[DefinitionFile] {
        &self.files
    }

    /// Differs where anything differs that can be seen of the lake's own definitions.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// A metric that lives as long as the process, made once for each name and text: plans and answers point at it. A text that
/// was ever in force stays in memory, a few kilobytes for each edit of a file.
///
/// # Errors
/// Those of `make`, which is called where the text is new.
pub fn interned(name: &str, text: &str, make: impl FnOnce() -> Result<Metric>) -> Result<&'static Metric> {
    static KNOWN: LazyLock<Mutex<HashMap<[u8; 32], &'static Metric>>> = LazyLock::new(Mutex::default);
    let key: [u8; 32] = Sha256::new().chain_update(name).chain_update([0]).chain_update(text).finalize().into();
    if let Some(known) = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Ok(known);
    }
    let made = make()?;
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(known.entry(key).or_insert_with(|| Box::leak(Box::new(made))))
}

fn id(files: &[DefinitionFile]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        // What is in force may be an older text than the file's.
        let metric = file.metric.map(|metric| format!("{metric:?}")).unwrap_or_default();
        let fault = file.fault.as_ref().map(|fault| format!("{fault:?}")).unwrap_or_default();
        for part in [file.file.as_str(), file.status.name(), &metric, &fault, &file.changed_at.to_rfc3339()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The catalogue in force. Clones see the same one, and see it replaced.
#[derive(Debug, Clone)]
pub struct Current(Arc<RwLock<Arc<Catalogue>>>);

impl Current {
    pub fn get(&self) -> Arc<Catalogue> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn set(&self, catalogue: Arc<Catalogue>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = catalogue;
    }
}

impl Default for Current {
    /// The built-in one.
    fn default() -> Current {
        Current(Arc::new(RwLock::new(Catalogue::built_in())))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::super::definition::{Status, read};
    use super::*;

    const TEXT: &str = include_str!("../../tests/cases/definitions/unreviewed_share.toml");

    fn file(name: &str, text: &str) -> DefinitionFile {
        DefinitionFile {
            file: format!("{name}.toml"),
            metric: Some(read(&format!("{name}.toml"), text.as_bytes()).expect("a definition")),
            status: Status::InForce,
            fault: None,
            changed_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_lakes_own_metrics_stand_beside_the_built_in_ones() {
        let (plain, more) = (Catalogue::built_in(), Catalogue::with(vec![file("own_rate", TEXT)]));
        assert_eq!(more.metrics().len(), plain.metrics().len() + 1);
        assert!(more.metric("OWN_RATE").is_some() && plain.metric("OWN_RATE").is_none());
        assert!(more.is_own("OWN_RATE") && !more.is_own("CHANGE_FAILURE_RATE"));
        let names: Vec<_> = more.metrics().map(|metric| (metric.category, &metric.name)).collect();
        assert!(names.is_sorted());
        let other = Catalogue::with(vec![file("own_rate", &TEXT.replace("title = \"", "title = \"My "))]);
        assert!(more.id() != plain.id() && more.id() != other.id());
        assert_eq!(more.id(), Catalogue::with(vec![file("own_rate", TEXT)]).id());
    }

    #[test]
    fn the_same_text_is_the_same_metric() {
        let (a, b) = (file("own_rate", TEXT), file("own_rate", TEXT));
        assert!(std::ptr::eq(a.metric.expect("read"), b.metric.expect("read")));
        let failed = interned("X", "no text", || anyhow::bail!("wrong"));
        assert_eq!(failed.expect_err("what is wrong is not kept").to_string(), "wrong");
    }

    #[test]
    fn everybody_sees_another_catalogue_take_its_place() {
        let current = Current::default();
        let other = current.clone();
        current.set(Arc::new(Catalogue::with(vec![file("own_rate", TEXT)])));
        assert!(other.get().metric("OWN_RATE").is_some());
    }
}
