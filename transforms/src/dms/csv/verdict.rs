//! What is wrong with an object so far, and whether it is still read.

use super::reject::{BadRows, Reject};
use super::row_error::{ROW_ERRORS_MAX, RowError, RowErrors, Stop};
use crate::dms::drift::Extent;

/// Gathers bad rows, as errors or aside.
#[derive(Debug)]
pub(in crate::dms) struct Verdict {
    bad_rows: BadRows,
    pub(in crate::dms) rejects: Vec<Reject>,
    /// The lines of `rejects`.
    rejected: u64,
    /// Why the object is refused.
    errors: Vec<RowError>,
    /// One of them is what DDL at the source leads to.
    pub(in crate::dms) drift: bool,
    /// How far the object reaches beyond the layout; reading stops there.
    pub(in crate::dms) beyond: Option<Extent>,
    pub(in crate::dms) stop: Option<Stop>,
}

impl Verdict {
    pub(in crate::dms) fn new(bad_rows: BadRows) -> Self {
        Self {
            bad_rows,
            rejects: Vec::new(),
            rejected: 0,
            errors: Vec::new(),
            drift: false,
            beyond: None,
            stop: None,
        }
    }

    /// Whether bad rows may be left out of the object.
    pub(in crate::dms) fn sets_aside(&self) -> bool {
        self.bad_rows != BadRows::Refuse
    }

    /// Whether the object is refused, as far as is known.
    pub(in crate::dms) fn is_refused(&self) -> bool {
        !self.errors.is_empty()
    }

    pub(in crate::dms) fn refuse(&mut self, error: RowError) {
        if self.errors.len() < ROW_ERRORS_MAX {
            self.errors.push(error);
        }
        if self.errors.len() >= ROW_ERRORS_MAX {
            self.stop = Some(Stop::Enough);
        }
    }

    /// The object reaches beyond the layout.
    pub(in crate::dms) fn stop_at(&mut self, beyond: Extent) {
        self.drift = true;
        self.beyond = Some(beyond);
        self.stop = Some(Stop::Unreadable);
    }

    /// The declaration is wrong: whatever was found so far comes from that.
    pub(in crate::dms) fn contradict(&mut self, error: RowError) {
        self.rejects.clear();
        self.errors = vec![error];
        self.drift = false;
        self.beyond = None;
        self.stop = Some(Stop::Contradicted);
    }

    pub(in crate::dms) fn set_aside(&mut self, reject: Reject) {
        let BadRows::SetAside { most } = self.bad_rows else { return };
        if self.stop.is_some() {
            return;
        }
        self.rejected += reject.lines;
        self.rejects.push(reject);
        if self.rejected > most {
            let errors = self.rejects.drain(..).flat_map(|reject| reject.errors);
            self.errors = errors.take(ROW_ERRORS_MAX).collect();
            self.stop = Some(Stop::TooMany { most });
        }
    }

    pub(in crate::dms) fn errors(&self) -> RowErrors {
        RowErrors { errors: self.errors.clone(), drift: self.drift, stop: self.stop }
    }
}
