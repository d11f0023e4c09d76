//! What is counted while a command works.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use datafusion::execution::SessionState;
use datafusion::physical_plan::ExecutionPlan;
use transforms::scan::{ScanMeter, staged_bytes};

use super::pace::Sample;

/// What a command does just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Reads the job and connects.
    #[default]
    Opening,
    /// Waits for other runs of the job.
    Locking,
    /// Lists what is staged and looks at the target.
    Listing,
    /// Reads staged objects.
    Reading,
    /// Reads them and writes tables.
    Writing,
    /// Has written all.
    Committing,
    /// Looks for what may go wrong.
    Examining,
}

impl Phase {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Locking => "locking",
            Self::Listing => "listing",
            Self::Reading => "reading",
            Self::Writing => "writing",
            Self::Committing => "committing",
            Self::Examining => "examining",
        }
    }
}

/// What a command has done so far: filled in while it works, a batch at a time.
///
/// It travels as an extension of the session's configuration, so that every plan's scans and rows find it.
#[derive(Debug, Default)]
pub struct Counters {
    scans: Arc<ScanMeter>,
    /// Bytes that plans of rows are going to read.
    planned: AtomicU64,
    /// Rows that were handed to the target.
    written: AtomicU64,
    phase: Mutex<Phase>,
}

impl Counters {
    /// The same session, whose scans and rows count here.
    #[must_use]
    pub fn of_session(self: &Arc<Self>, mut state: SessionState) -> SessionState {
        let config = state.config().clone();
        *state.config_mut() =
            config.with_extension(Arc::clone(self)).with_extension(Arc::clone(&self.scans));
        state
    }

    /// Begins anew: another statement, or another attempt of a run.
    pub fn reset(&self) {
        self.scans.reset();
        for count in [&self.planned, &self.written] {
            count.store(0, Ordering::Relaxed);
        }
    }

    /// From now on it does this.
    pub fn enter(&self, phase: Phase) {
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner) = phase;
    }

    /// A plan is going to be run.
    pub(crate) fn plan(&self, plan: &Arc<dyn ExecutionPlan>) {
        self.planned.fetch_add(staged_bytes(plan), Ordering::Relaxed);
    }

    /// Rows of a plan have come to whoever takes them.
    pub(crate) fn take(&self, rows: usize) {
        if self.phase() == Phase::Writing {
            self.written.fetch_add(rows as u64, Ordering::Relaxed);
        }
    }

    /// All of it, as it is when the command has worked for so long.
    #[must_use]
    pub fn sample(&self, at: Duration) -> Sample {
        let scanned = self.scans.scanned();
        let total = scanned.begun.max(self.planned.load(Ordering::Relaxed));
        Sample {
            at,
            phase: self.phase(),
            rows: scanned.rows,
            bytes: scanned.bytes,
            total: Some(total).filter(|total| *total > 0),
            written: self.written.load(Ordering::Relaxed),
        }
    }

    fn phase(&self) -> Phase {
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells the session's counters, if it has some, what the command does from now on.
pub(crate) fn enter(session: &SessionState, phase: Phase) {
    if let Some(counters) = session.config().get_extension::<Counters>() {
        counters.enter(phase);
    }
}
