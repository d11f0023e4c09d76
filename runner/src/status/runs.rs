//! The last runs, as the ledger knows them. Pure.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::target::ledger::{AppliedObject, Ledger};
use crate::target::runs::{CommittedRun, ObjectCounts, Runs};

/// A run that committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RunStatus {
    /// The run's id.
    pub run_id: String,
    /// When it began, by its own clock.
    #[schemars(with = "String")]
    pub applied_at: DateTime<Utc>,
    /// When it was about to commit, by the same clock; `None` of a run that is older than the list of the last runs.
    #[schemars(with = "Option<String>")]
    pub committed_at: Option<DateTime<Utc>>,
    /// Objects that it applied. Of a run that is older than the list, those that no later one applied again.
    pub objects: usize,
    /// Rows in them, without those that were set aside.
    pub rows: u64,
    /// Rows that were set aside.
    pub rejected: u64,
    /// Tables that it wrote; `None` as above.
    pub tables: Option<usize>,
    /// Whether it was asked to begin all anew.
    pub full_refresh: bool,
    /// Whether it wrote a table since its model's definition was another one than before.
    pub definition_changed: bool,
}

/// The newest runs, at most so many: those of the list in the order of their commits, then what objects tell of older ones.
pub(super) fn last(ledger: &Ledger, most: usize) -> Vec<RunStatus> {
    let runs = Runs::of(ledger);
    let listed = runs.iter().rev().map(of_list).take(most);
    let mut told: Vec<RunStatus> = listed.collect();
    if told.len() < most {
        let is_older = |applied: &&AppliedObject| runs.number(&applied.run_id).is_none();
        told.extend(of_objects(ledger.applied.iter().filter(is_older)));
        told.truncate(most);
    }
    told
}

fn of_list(run: &CommittedRun) -> RunStatus {
    let ObjectCounts { objects, rows, rejected } = run.objects;
    RunStatus {
        run_id: run.run_id.clone(),
        applied_at: run.began,
        committed_at: Some(run.committed),
        objects,
        rows,
        rejected,
        tables: Some(run.tables),
        full_refresh: run.refresh,
        definition_changed: run.definition,
    }
}

/// What objects tell of their runs, the newest first by their clocks.
fn of_objects<'a>(applied: impl Iterator<Item = &'a AppliedObject>) -> Vec<RunStatus> {
    let mut runs: BTreeMap<&str, (DateTime<Utc>, ObjectCounts)> = BTreeMap::new();
    for AppliedObject { entry, run_id, applied_at } in applied {
        let run = runs.entry(run_id).or_insert((*applied_at, ObjectCounts::default()));
        run.1.add(entry);
    }
    let mut runs: Vec<RunStatus> = runs
        .into_iter()
        .map(|(run_id, (applied_at, ObjectCounts { objects, rows, rejected }))| RunStatus {
            run_id: run_id.to_owned(),
            applied_at,
            committed_at: None,
            objects,
            rows,
            rejected,
            tables: None,
            full_refresh: false,
            definition_changed: false,
        })
        .collect();
    // Ids sort by time too.
    runs.sort_by(|a, b| {
        Reverse((a.applied_at, &a.run_id)).cmp(&Reverse((b.applied_at, &b.run_id)))
    });
    runs
}

#[cfg(test)]
mod tests {
    use super::super::source::tests::{applied, entry};
    use super::*;
    use crate::target::ledger::EntryKind;
    use crate::target::runs::tests::played;

    fn told(ledger: &Ledger, most: usize) -> Vec<String> {
        let runs = last(ledger, most).into_iter();
        runs.map(|run| format!("{} {} {}", run.run_id, run.objects, run.rows)).collect()
    }

    #[test]
    fn the_newest_runs_come_first_with_what_is_applied_of_them() {
        let applied = vec![
            applied(entry("LOAD1.csv", EntryKind::Load, 5), "a", 10),
            applied(entry("20260101-000000000.csv", EntryKind::Gone, 7), "b", 20),
            applied(entry("20260102-000000000.csv", EntryKind::Change, 3), "b", 20),
            applied(entry("", EntryKind::Emptied, 0), "c", 30),
        ];
        let ledger = Ledger { applied, ..Ledger::default() };
        assert_eq!(told(&ledger, 9), ["c 0 0", "b 2 3", "a 1 5"]);
        assert_eq!(told(&ledger, 1), ["c 0 0"]);
        assert!(last(&Ledger::default(), 9).is_empty());
    }

    #[test]
    fn listed_runs_come_in_the_order_of_their_commits_also_without_objects_and_before_older_ones() {
        let mut ledger = played(&[("z", &["1", "2"]), ("a", &[]), ("m", &["1"])]);
        ledger.applied.push(applied(entry("LOAD1.csv", EntryKind::Load, 5), "old", 10));
        // What a run applied stays its own when a later one applies it again.
        assert_eq!(told(&ledger, 9), ["m 1 2", "a 0 0", "z 2 4", "old 1 5"]);
        assert_eq!(told(&ledger, 2), ["m 1 2", "a 0 0"]);
    }
}
