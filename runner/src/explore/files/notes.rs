//! What is to be said of files besides rows and errors, each once.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Notes, and those that have been told.
#[derive(Debug, Default)]
pub(super) struct Notes(Mutex<(Vec<String>, BTreeSet<String>)>);

impl Notes {
    pub(super) fn add(&self, note: String) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.1.insert(note.clone()) {
            notes.0.push(note);
        }
    }

    /// What is new.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).0)
    }
}
