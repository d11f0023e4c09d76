//! The last runs, as the ledger knows them. Pure.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::target::ledger::{AppliedObject, EntryKind};

/// What is applied of one run. Objects that a later run read again are that one's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RunStatus {
    /// The run's id.
    pub run_id: String,
    /// When it began, by its own clock.
    #[schemars(with = "String")]
    pub applied_at: DateTime<Utc>,
    /// Objects.
    pub objects: usize,
    /// Rows in them, without those that were set aside.
    pub rows: u64,
    /// Rows that were set aside.
    pub rejected: u64,
}

/// The newest runs, at most so many.
pub(super) fn last(applied: &[AppliedObject], most: usize) -> Vec<RunStatus> {
    let mut runs: BTreeMap<&str, RunStatus> = BTreeMap::new();
    for AppliedObject { entry, run_id, applied_at } in applied {
        let run = runs.entry(run_id).or_insert_with(|| RunStatus {
            run_id: run_id.clone(),
            applied_at: *applied_at,
            objects: 0,
            rows: 0,
            rejected: 0,
        });
        // The mark of an emptied generation is no object, and of objects that are gone nothing was read.
        run.objects += usize::from(entry.kind != EntryKind::Emptied);
        if matches!(entry.kind, EntryKind::Load | EntryKind::Change) {
            run.rows += entry.rows;
            run.rejected += entry.rejected;
        }
    }
    let mut runs: Vec<RunStatus> = runs.into_values().collect();
    // Ids sort by time too.
    runs.sort_by(|a, b| {
        Reverse((a.applied_at, &a.run_id)).cmp(&Reverse((b.applied_at, &b.run_id)))
    });
    runs.truncate(most);
    runs
}

#[cfg(test)]
mod tests {
    use super::super::source::tests::{applied, entry};
    use super::*;

    #[test]
    fn the_newest_runs_come_first_with_what_is_applied_of_them() {
        let ledger = [
            applied(entry("LOAD1.csv", EntryKind::Load, 5), "a", 10),
            applied(entry("20260101-000000000.csv", EntryKind::Gone, 7), "b", 20),
            applied(entry("20260102-000000000.csv", EntryKind::Change, 3), "b", 20),
            applied(entry("", EntryKind::Emptied, 0), "c", 30),
        ];
        let told = |most| {
            let runs = last(&ledger, most).into_iter();
            let told = runs.map(|run| format!("{} {} {}", run.run_id, run.objects, run.rows));
            told.collect::<Vec<_>>()
        };
        assert_eq!(told(9), ["c 0 0", "b 2 3", "a 1 5"]);
        assert_eq!(told(1), ["c 0 0"]);
        assert!(last(&[], 9).is_empty());
    }
}
