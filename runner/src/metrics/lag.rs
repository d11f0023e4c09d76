//! How far behind a target is when a run has ended.
//!
//! An alarm has to sound where changes wait and nothing applies them, and not where nothing changes at the source.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::Ended;
use crate::lag::Found;
use crate::report::ObjectReport;
use crate::target::ledger::EntryKind;

/// Seconds.
///
/// * A run that applied objects: from the newest commit in them to now. Late objects do not count, nor those of a source with
///   a full load, whose changes may have been there for long: none if there are no others.
/// * One that had no object to apply: 0.
/// * One that did not come to its end: how long the oldest pending object has been staged, 0 if none is pending; none if the run
///   ended before it knew.
pub(super) fn lag_seconds(ended: &Ended<'_>) -> Option<u64> {
    let since = |time: DateTime<Utc>| (ended.at - time).num_seconds().max(0).unsigned_abs();
    if ended.report.is_some() {
        if ended.applied().next().is_none() {
            return Some(0);
        }
        let is_load = |object: &&ObjectReport| object.kind == EntryKind::Load.as_str();
        let loaded: BTreeSet<&str> =
            ended.applied().filter(is_load).map(|object| object.source.as_str()).collect();
        let counts =
            |object: &&ObjectReport| !object.late && !loaded.contains(object.source.as_str());
        let committed = ended.applied().filter(counts).filter_map(|object| object.committed);
        return committed.max().map(since);
    }
    match ended.waiting.found() {
        Found::Unknown => None,
        Found::Nothing => Some(0),
        Found::Since(oldest) => Some(since(oldest)),
    }
}
