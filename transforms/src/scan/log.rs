//! What scans learn of objects that plans have to know.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::dms::drift::Extent;

/// How far objects reach beyond their sources' columns, how wide their rows are, whose full load holds a key twice, and whose
/// changes depend on those before them; and when changes were committed. A scan
/// that finds its plan wrong ends in an error, and what it found is here, for another plan.
///
/// It travels as an extension of the session's configuration, so that plans stay plain values.
#[derive(Debug, Default)]
pub struct ScanLog {
    found: Mutex<Found>,
}

#[derive(Debug, Default)]
struct Found {
    beyond: BTreeMap<String, Extent>,
    widths: BTreeMap<(String, String), (usize, usize)>,
    repeating: BTreeSet<String>,
    dependent: BTreeSet<String>,
    sequences: BTreeMap<String, String>,
    commits: BTreeMap<(String, String), i64>,
}

impl ScanLog {
    /// How far objects reach beyond the columns that were planned with, by source.
    #[must_use]
    pub fn beyond(&self) -> BTreeMap<String, Extent> {
        self.found().beyond.clone()
    }

    /// The sources of which a plan took for granted that full-load objects hold each key once, and they do not.
    #[must_use]
    pub fn repeating(&self) -> BTreeSet<String> {
        self.found().repeating.clone()
    }

    /// The sources of which a plan took for granted that the objects tell all that is new ([`super::Before`]), and they do not.
    #[must_use]
    pub fn dependent(&self) -> BTreeSet<String> {
        self.found().dependent.clone()
    }

    /// The newest change sequence that was read of a source.
    #[must_use]
    pub fn newest_sequence(&self, source: &str) -> Option<String> {
        self.found().sequences.get(source).cloned()
    }

    /// The newest commit that was read in an object of changes, in microseconds since 1970; none where no plan reads the column
    /// that tells it ([`crate::source::Source::commit_column`]).
    #[must_use]
    pub fn newest_commit(&self, source: &str, key: &str) -> Option<i64> {
        self.found().commits.get(&(source.to_owned(), key.to_owned())).copied()
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

    pub(super) fn repeats(&self, source: &str) {
        let _is_news = self.found().repeating.insert(source.to_owned());
    }

    pub(super) fn depends(&self, source: &str) {
        let _is_news = self.found().dependent.insert(source.to_owned());
    }

    pub(super) fn sequence(&self, source: &str, newest: &str) {
        let mut found = self.found();
        match found.sequences.get_mut(source) {
            Some(known) if known.as_str() >= newest => {}
            Some(known) => newest.clone_into(known),
            None => {
                let _none = found.sequences.insert(source.to_owned(), newest.to_owned());
            }
        }
    }

    pub(super) fn commit(&self, source: &str, key: &str, newest: i64) {
        let mut found = self.found();
        let known = found.commits.entry((source.to_owned(), key.to_owned())).or_insert(newest);
        *known = newest.max(*known);
    }

    pub(super) fn read(&self, source: &str, key: &str, widths: (usize, usize)) {
        let _previous = self.found().widths.insert((source.to_owned(), key.to_owned()), widths);
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
