//! What scans found in the objects that they read to the end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::dms::csv::Reject;

/// What an object of a source held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectRead {
    /// Rows that were given out.
    pub rows: u64,
    /// Rows that were set aside.
    pub rejects: Vec<Reject>,
}

impl ObjectRead {
    /// How many lines were set aside.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.rejects.iter().map(|reject| reject.lines).sum()
    }
}

/// How many rows each object had, filled in by scans.
///
/// It travels as an extension of the session's configuration, so that plans stay plain values.
#[derive(Debug, Default)]
pub struct ReadCounts {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// By source and key; none while an object has not been read to its end.
    objects: BTreeMap<(String, String), Option<Arc<ObjectRead>>>,
    /// Lines of all of them that were set aside.
    rejected: u64,
}

impl ReadCounts {
    /// What an object of a source held, once it has been read to its end.
    #[must_use]
    pub fn get(&self, source: &str, key: &str) -> Option<Arc<ObjectRead>> {
        self.known().objects.get(&(source.to_owned(), key.to_owned())).cloned().flatten()
    }

    /// Whether a scan has begun to read an object of a source.
    #[must_use]
    pub fn is_begun(&self, source: &str, key: &str) -> bool {
        self.known().objects.contains_key(&(source.to_owned(), key.to_owned()))
    }

    /// How many lines were set aside in all objects that have been read.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.known().rejected
    }

    pub(super) fn begin(&self, source: &str, key: &str) {
        let _known = self.known().objects.entry((source.to_owned(), key.to_owned())).or_default();
    }

    pub(super) fn set(&self, source: &str, key: &str, read: ObjectRead) {
        let mut known = self.known();
        known.rejected += read.rejected();
        let name = (source.to_owned(), key.to_owned());
        if let Some(previous) = known.objects.insert(name, Some(Arc::new(read))).flatten() {
            known.rejected -= previous.rejected();
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
