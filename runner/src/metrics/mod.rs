//! The numbers of a run, for CloudWatch.

mod cost;
mod lag;

use std::time::Duration;

use chrono::{DateTime, Utc};
use emf::{Emf, Namespace, Unit};
use serde_json::json;

pub use cost::Rates;

use crate::lag::Waiting;
use crate::report::{ObjectReport, Report};
use crate::target::ledger::EntryKind;

/// The only dimension: a value of each job, so that their number stays small.
const JOB: &str = "Job";
/// So many models are named in a line.
const MODELS_MAX: usize = 100;

/// A run that has ended, however that was.
#[derive(Debug, Clone, Copy)]
pub struct Ended<'a> {
    /// The job; none if what was asked for names none.
    pub job: Option<&'a str>,
    /// The run.
    pub run_id: &'a str,
    /// The process's exit status.
    pub status: u8,
    /// What it did; none if it did not come to its end.
    pub report: Option<&'a Report>,
    /// What it found pending.
    pub waiting: &'a Waiting,
    /// When it ended.
    pub at: DateTime<Utc>,
    /// How long the process lived.
    pub duration: Duration,
    /// The most memory that the process had at a time.
    pub peak_memory_bytes: Option<u64>,
}

impl Ended<'_> {
    /// What came of it, in a word: the report's, else that of the exit status.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match (self.status, self.report) {
            (0, Some(report)) => report.outcome.as_str(),
            (0, None) => "done",
            (2, _) => "usage",
            (3, _) => "temporary",
            (4, _) => "refused",
            (130 | 143, _) => "interrupted",
            _ => "failed",
        }
    }

    /// The objects that were read and applied.
    fn applied(&self) -> impl Iterator<Item = &ObjectReport> {
        let is_read = |object: &&ObjectReport| {
            [EntryKind::Load, EntryKind::Change].iter().any(|kind| kind.as_str() == object.kind)
        };
        self.report.iter().flat_map(|report| &report.objects).filter(is_read)
    }
}

/// The metrics of a run: each once for the job, and once for all jobs together, which is what alarms ask for.
#[must_use]
pub fn metrics(ended: &Ended<'_>, rates: &Rates, namespace: &Namespace) -> Emf {
    let models = || ended.report.iter().flat_map(|report| &report.models);
    let failed = u64::from(matches!(ended.status, 1 | 2 | 4));
    let interrupted = u64::from(matches!(ended.status, 3 | 130 | 143));
    let sum = |number: fn(&ObjectReport) -> u64| ended.applied().map(number).sum::<u64>();
    let milliseconds = u64::try_from(ended.duration.as_millis()).unwrap_or(u64::MAX);
    let dimensions: &[&[&str]] = if ended.job.is_some() { &[&[JOB], &[]] } else { &[&[]] };
    let mut emf = Emf::new(namespace, ended.at.timestamp_millis(), dimensions);
    emf.metric("Runs", Unit::Count, 1);
    emf.metric("RunsFailed", Unit::Count, failed);
    emf.metric("RunsInterrupted", Unit::Count, interrupted);
    emf.metric("RowsRead", Unit::Count, ended.report.map_or(0, |report| report.rows_read));
    emf.metric("RowsUpserted", Unit::Count, models().map(|model| model.upserted).sum::<u64>());
    emf.metric("RowsDeleted", Unit::Count, models().map(|model| model.deleted).sum::<u64>());
    emf.metric("RowsRejected", Unit::Count, sum(|object| object.rejected));
    emf.metric("Objects", Unit::Count, sum(|_| 1));
    emf.metric("BytesRead", Unit::Bytes, sum(|object| object.bytes));
    emf.metric("Duration", Unit::Milliseconds, milliseconds);
    if let Some(seconds) = lag::lag_seconds(ended) {
        emf.metric("Lag", Unit::Seconds, seconds);
    }
    if let Some(bytes) = ended.peak_memory_bytes {
        emf.metric("PeakMemory", Unit::Bytes, bytes);
    }
    if let Some(dollars) = rates.of_task(ended.duration) {
        emf.metric("CostEstimate", Unit::None, dollars);
    }
    emf.metric("GlueCost", Unit::None, rates.of_glue(ended.duration));
    if let Some(job) = ended.job {
        emf.property(JOB, json!(job));
        // As in each other line.
        emf.property("job", json!(job));
    }
    emf.property("run_id", json!(ended.run_id));
    emf.property("outcome", json!(ended.outcome()));
    emf.property("status", json!(ended.status));
    let names: Vec<&str> = models().take(MODELS_MAX).map(|model| model.model.as_str()).collect();
    emf.property("models", json!(names));
    emf
}

#[cfg(test)]
mod tests;
