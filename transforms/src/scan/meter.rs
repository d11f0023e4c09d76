//! How far scans are, for whoever shows it while they read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use datafusion::physical_plan::ExecutionPlan;

use super::exec::StagedExec;

/// What the scans of a session have read so far: filled in with each part of an object and each batch of rows, never with a row.
///
/// What a plan reads twice counts twice. It travels as an extension of the session's configuration, so that plans stay plain values.
#[derive(Debug, Default)]
pub struct ScanMeter {
    rows: AtomicU64,
    bytes: AtomicU64,
    begun: AtomicU64,
}

/// What a [`ScanMeter`] shows at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scanned {
    /// Rows that were decoded.
    pub rows: u64,
    /// Bytes of objects as they are staged. Of an object of which not all was needed, all when it is done.
    pub bytes: u64,
    /// Bytes of all objects that scans have begun with, the read ones among them.
    pub begun: u64,
}

impl ScanMeter {
    /// What was read so far.
    #[must_use]
    pub fn scanned(&self) -> Scanned {
        let [rows, bytes, begun] =
            [&self.rows, &self.bytes, &self.begun].map(|count| count.load(Ordering::Relaxed));
        Scanned { rows, bytes, begun }
    }

    /// Begins anew, as what reads does.
    pub fn reset(&self) {
        for count in [&self.rows, &self.bytes, &self.begun] {
            count.store(0, Ordering::Relaxed);
        }
    }

    pub(super) fn begin(&self, bytes: u64) {
        self.begun.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn add_rows(&self, rows: usize) {
        self.rows.fetch_add(rows as u64, Ordering::Relaxed);
    }
}

/// Counts the bytes of one object, if somebody wants to know.
#[derive(Debug, Clone, Default)]
pub(super) struct ObjectMeter(Option<Arc<Metered>>);

#[derive(Debug)]
struct Metered {
    meter: Arc<ScanMeter>,
    bytes: AtomicU64,
}

impl ObjectMeter {
    pub(super) fn new(meter: Option<&Arc<ScanMeter>>) -> Self {
        let metered = |meter| Metered { meter: Arc::clone(meter), bytes: AtomicU64::new(0) };
        Self(meter.map(|meter| Arc::new(metered(meter))))
    }

    /// Bytes have come.
    pub(super) fn add(&self, bytes: usize) {
        let Some(Metered { meter, bytes: own }) = self.0.as_deref() else { return };
        own.fetch_add(bytes as u64, Ordering::Relaxed);
        meter.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// The object is done: of its `size` the rest was not needed.
    pub(super) fn finish(&self, size: u64) {
        let Some(Metered { meter, bytes }) = self.0.as_deref() else { return };
        let rest = size.saturating_sub(bytes.load(Ordering::Relaxed));
        meter.bytes.fetch_add(rest, Ordering::Relaxed);
    }
}

/// How many bytes of staged objects a plan reads, if it is run to its end.
#[must_use]
pub fn staged_bytes(plan: &Arc<dyn ExecutionPlan>) -> u64 {
    match plan.downcast_ref::<StagedExec>() {
        Some(scan) => scan.bytes(),
        None => plan.children().into_iter().map(staged_bytes).sum(),
    }
}
