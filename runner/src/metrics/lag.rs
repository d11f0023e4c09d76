//! How far behind a target is when a run has ended.
//!
//! An alarm has to sound where changes wait and nothing applies them, and not where nothing changes at the source.

use chrono::{DateTime, Utc};

use super::Ended;
use crate::lag::Found;

/// Seconds.
///
/// * A run that applied objects: from the newest commit in them to now; none if no object tells a time, as full loads do not.
/// * One that had no object to apply: 0.
/// * One that did not come to its end: how long the oldest pending object has been staged, 0 if none is pending; none if the run
///   ended before it knew.
pub(super) fn lag_seconds(ended: &Ended<'_>) -> Option<u64> {
    let since = |time: DateTime<Utc>| (ended.at - time).num_seconds().max(0).unsigned_abs();
    if ended.report.is_some() {
        if ended.applied().next().is_none() {
            return Some(0);
        }
        return ended.applied().filter_map(|object| object.committed).max().map(since);
    }
    match ended.waiting.found() {
        Found::Unknown => None,
        Found::Nothing => Some(0),
        Found::Since(oldest) => Some(since(oldest)),
    }
}
