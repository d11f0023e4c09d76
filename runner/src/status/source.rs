//! How one source stands. Pure.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use transforms::source::Source;

use crate::lag;
use crate::survey::SourceSurvey;
use crate::target::ledger::{AppliedObject, EntryKind, Ledger};

/// How a source stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SourceStatus {
    /// Its name.
    pub source: String,
    /// Where it is staged.
    pub location: String,
    /// The full load that it is at, from 1; 0 before the first run.
    pub generation: u32,
    /// Applied objects of the generation.
    pub applied_objects: usize,
    /// Rows in them.
    pub applied_rows: u64,
    /// Applied objects that are not staged any more.
    pub gone_objects: usize,
    /// Objects that wait.
    pub pending_objects: usize,
    /// Their bytes.
    pub pending_bytes: u64,
    /// Rows that were set aside.
    pub rejected_rows: u64,
    /// The objects that hold them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rejected_in: Vec<RejectedIn>,
    /// Objects that are none of DMS's.
    pub left_alone: usize,
    /// The newest applied object: how far the source is applied.
    pub newest_applied: Option<String>,
    /// Its time: that in its name, else when it was written.
    #[schemars(with = "Option<String>")]
    pub newest_applied_at: Option<DateTime<Utc>>,
    /// The newest staged object.
    pub newest_staged: Option<String>,
    /// Its time.
    #[schemars(with = "Option<String>")]
    pub newest_staged_at: Option<DateTime<Utc>>,
    /// Seconds from the newest applied object to the newest pending one, by the times in their names, else by when they were written; 0
    /// when nothing is pending, `None` before the first run.
    pub lag_seconds: Option<i64>,
}

/// An object of which rows were set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RejectedIn {
    /// Its key below the source's location.
    pub object: String,
    /// How many.
    pub rows: u64,
    /// The file that holds them, if the job still says where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// How a source stands after the ledger and, if it could be looked at, after what is staged. `file` tells where the rejects of an
/// object of a generation are.
pub(super) fn status(
    source: &Source,
    survey: Option<&SourceSurvey>,
    ledger: &Ledger,
    file: &dyn Fn(&str, u32, &str) -> Option<String>,
) -> SourceStatus {
    let (generation, current) = current(ledger, &source.name);
    let newest = current.iter().max_by(|a, b| a.entry.position.cmp(&b.entry.position));
    let staged = survey.and_then(|survey| survey.state.objects.last());
    let pending = || survey.into_iter().flat_map(|survey| survey.state.pending_objects());
    let newest_applied_at =
        newest.map(|applied| time_of(&applied.entry.position, applied.entry.modified));
    let is_reloaded = survey.is_some_and(|survey| survey.state.generation != generation);
    let lag_seconds = lag_seconds(
        pending().map(|object| Times::of(&object.position(), object.listed.modified)),
        newest.map(|applied| Times::of(&applied.entry.position, applied.entry.modified)),
        is_reloaded,
    );
    let rejected = current.iter().map(|applied| &applied.entry).filter(|entry| entry.rejected > 0);
    let rejected_in: Vec<RejectedIn> = rejected
        .map(|entry| RejectedIn {
            object: entry.object.clone(),
            rows: entry.rejected,
            file: file(&source.name, generation, &entry.object),
        })
        .collect();
    SourceStatus {
        source: source.name.clone(),
        location: survey
            .map_or_else(|| source.location.clone(), |survey| survey.places.to_string()),
        generation,
        applied_objects: current.len(),
        applied_rows: current.iter().map(|applied| applied.entry.rows).sum(),
        gone_objects: survey.map_or(0, |survey| survey.state.gone.len()),
        pending_objects: pending().count(),
        pending_bytes: pending().map(|object| object.listed.size).sum(),
        rejected_rows: rejected_in.iter().map(|rejected| rejected.rows).sum(),
        rejected_in,
        left_alone: survey.map_or(0, |survey| survey.foreign.len()),
        newest_applied: newest.map(|applied| applied.entry.object.clone()),
        newest_applied_at,
        newest_staged: staged.map(|object| object.listed.key.clone()),
        newest_staged_at: staged.map(|object| time_of(&object.position(), object.listed.modified)),
        lag_seconds,
    }
}

/// The newest generation of a source in the ledger, and the applied objects of it.
pub(crate) fn current<'a>(ledger: &'a Ledger, source: &str) -> (u32, Vec<&'a AppliedObject>) {
    let of_source = || ledger.applied.iter().filter(|applied| applied.entry.source == source);
    let generation = of_source().map(|applied| applied.entry.generation).max().unwrap_or(0);
    let is_part = |applied: &&AppliedObject| {
        let kind = applied.entry.kind;
        matches!(kind, EntryKind::Load | EntryKind::Change | EntryKind::Gone)
            && applied.entry.generation == generation
    };
    (generation, of_source().filter(is_part).collect())
}

/// The times of an object.
#[derive(Debug, Clone, Copy)]
struct Times {
    /// The one in its name, which a full load does not have.
    named: Option<DateTime<Utc>>,
    /// When it was written.
    written: DateTime<Utc>,
}

impl Times {
    fn of(position: &str, written: DateTime<Utc>) -> Self {
        Self { named: lag::time_of(position), written }
    }
}

/// Seconds from the newest applied object to the newest pending one. Times in names are compared with each other, and times of writing with
/// each other: these where one of both objects has no other, and where a full load was written anew, whose changes may have the names of
/// applied ones.
fn lag_seconds(
    pending: impl Iterator<Item = Times>,
    applied: Option<Times>,
    is_reloaded: bool,
) -> Option<i64> {
    let latest = |one: Times, other: Times| Times {
        named: one.named.max(other.named),
        written: one.written.max(other.written),
    };
    let Some(pending) = pending.reduce(latest) else { return Some(0) };
    let applied = applied?;
    let (to, from) = match (pending.named, applied.named) {
        (Some(pending), Some(applied)) if !is_reloaded => (pending, applied),
        _ => (pending.written, applied.written),
    };
    Some((to - from).num_seconds().max(0))
}

/// The time in a change object's name, else when the object was written.
fn time_of(position: &str, modified: DateTime<Utc>) -> DateTime<Utc> {
    lag::time_of(position).unwrap_or(modified)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::target::ledger::LedgerEntry;

    /// An entry of source `s` in generation 1.
    pub(in crate::status) fn entry(object: &str, kind: EntryKind, rows: u64) -> LedgerEntry {
        LedgerEntry {
            source: "s".to_owned(),
            object: object.to_owned(),
            fingerprint: String::new(),
            kind,
            generation: 1,
            position: object.to_owned(),
            size: 1,
            modified: DateTime::UNIX_EPOCH,
            rows,
            rejected: 0,
        }
    }

    /// It was applied so many seconds after 1970.
    pub(in crate::status) fn applied(entry: LedgerEntry, run: &str, seconds: i64) -> AppliedObject {
        let applied_at = DateTime::from_timestamp(seconds, 0).unwrap();
        AppliedObject { entry, run_id: run.to_owned(), applied_at }
    }

    #[test]
    fn times_in_names_are_compared_with_each_other_and_times_of_writing_too() {
        let times = |position: &str, written: i64| {
            Times::of(position, DateTime::from_timestamp(written, 0).unwrap())
        };
        let (load, old, new) = ("1LOAD00000001.csv", "20260101-000000000", "20260101-000100000");
        for (pending, applied, is_reloaded, seconds) in [
            (&[times(new, 5)][..], Some(times(old, 90)), false, Some(60)),
            // A full load that was written anew in a later year, and changes of old names.
            (&[times(load, 1_900), times(old, 95)], Some(times(new, 1_000)), true, Some(900)),
            (&[times(old, 1_100)], Some(times(load, 1_000)), false, Some(100)),
            (&[times(load, 7)], None, true, None),
            (&[], Some(times(old, 1)), false, Some(0)),
        ] {
            let found = lag_seconds(pending.iter().copied(), applied, is_reloaded);
            assert_eq!(found, seconds, "{pending:?}");
        }
    }

    #[test]
    fn only_objects_of_the_newest_generation_count_and_none_that_came_too_late() {
        let mut ledger = Ledger::default();
        let newer = |entry: LedgerEntry| LedgerEntry { generation: 2, ..entry };
        let other = |entry: LedgerEntry| LedgerEntry { source: "t".to_owned(), ..entry };
        for entry in [
            entry("LOAD1.csv", EntryKind::Load, 5),
            newer(entry("LOAD1.csv", EntryKind::Load, 6)),
            newer(entry("20260101-000000000.csv", EntryKind::Superseded, 9)),
            newer(entry("20260102-000000000.csv", EntryKind::Gone, 2)),
            other(entry("LOAD1.csv", EntryKind::Load, 100)),
        ] {
            ledger.applied.push(applied(entry, "r", 1));
        }
        let (generation, objects) = current(&ledger, "s");
        let rows: Vec<u64> = objects.iter().map(|applied| applied.entry.rows).collect();
        assert_eq!((generation, rows), (2, vec![6, 2]));
        assert_eq!(current(&ledger, "none").0, 0);
    }
}
