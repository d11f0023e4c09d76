//! What scans learn of how wide objects are.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::dms::drift::Extent;

/// How far objects reach beyond their sources' columns, and how wide their rows are, filled in by scans of sources that may be
/// widened. A scan that finds more columns than its plan has ends in an error, and what it found is here.
///
/// It travels as an extension of the session's configuration, so that plans stay plain values.
#[derive(Debug, Default)]
pub struct DriftLog {
    found: Mutex<Found>,
}

#[derive(Debug, Default)]
struct Found {
    beyond: BTreeMap<String, Extent>,
    widths: BTreeMap<(String, String), (usize, usize)>,
}

impl DriftLog {
    /// How far objects reach beyond the columns that were planned with, by source.
    #[must_use]
    pub fn beyond(&self) -> BTreeMap<String, Extent> {
        self.found().beyond.clone()
    }

    /// Columns in the narrowest and in the widest row of an object, once it has been read to its end; none for objects with
    /// a header.
    #[must_use]
    pub fn widths(&self, source: &str, key: &str) -> Option<(usize, usize)> {
        self.found().widths.get(&(source.to_owned(), key.to_owned())).copied()
    }

    pub(super) fn reaches(&self, source: &str, extent: &Extent) {
        let mut found = self.found();
        let both = match found.beyond.remove(source) {
            Some(before) => before.with(extent.clone()),
            None => extent.clone(),
        };
        let _previous = found.beyond.insert(source.to_owned(), both);
    }

    pub(super) fn read(&self, source: &str, key: &str, widths: (usize, usize)) {
        let _previous = self.found().widths.insert((source.to_owned(), key.to_owned()), widths);
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
