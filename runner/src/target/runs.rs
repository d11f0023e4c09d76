//! The last runs of a job in the order of their commits: one list in `unglue_meta`, written in the transaction of the data. Pure.
//!
//! The ledger's rows of objects do not tell that order. They have the run's begin by its own clock, and an object that is applied
//! again is that of the later run from then on. A run that writes tables and no objects has no row at all.

use std::collections::{BTreeMap, HashSet};

use chrono::serde::ts_microseconds;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::target::ledger::{EntryKind, Ledger, LedgerEntry};

/// The name under which a job's list is kept.
pub const RUNS_KEY: &str = "runs:";

/// So many of the last runs are kept. The list is written anew by each run: some 30 KB.
pub const RUNS_MAX: usize = 200;

/// A run that has committed. Names are short, since they are repeated in each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommittedRun {
    /// Its number, counted from 1 under the job's lock; [`Runs::with`] gives it.
    #[serde(rename = "n")]
    pub number: u64,
    /// Its id.
    #[serde(rename = "run")]
    pub run_id: String,
    /// When it began, by its own clock: `applied_at` of its rows in the ledger.
    #[serde(with = "ts_microseconds")]
    pub began: DateTime<Utc>,
    /// When it had read all and was about to commit, by the same clock.
    #[serde(with = "ts_microseconds")]
    pub committed: DateTime<Utc>,
    /// What it wrote to the ledger.
    #[serde(flatten)]
    pub objects: ObjectCounts,
    /// Tables that it wrote.
    #[serde(default)]
    pub tables: usize,
    /// Whether it was asked to begin all anew.
    #[serde(default, skip_serializing_if = "is_false")]
    pub refresh: bool,
    /// Whether a table was written since its model's definition is another one, or new.
    #[serde(default, skip_serializing_if = "is_false")]
    pub definition: bool,
    /// Sources of which it wrote rows of the ledger anew: the objects were written again, or are gone. With each the least number
    /// of a run that had written one of these rows before, 0 if that is not known any more.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub again: BTreeMap<String, u64>,
}

/// What rows of the ledger come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectCounts {
    /// Objects.
    #[serde(default)]
    pub objects: usize,
    /// Rows in them, without those that were set aside.
    #[serde(default)]
    pub rows: u64,
    /// Rows that were set aside.
    #[serde(default)]
    pub rejected: u64,
}

impl ObjectCounts {
    /// Counts a row of the ledger. The mark of an emptied generation is no object, and of objects that are gone nothing was read.
    pub fn add(&mut self, entry: &LedgerEntry) {
        self.objects += usize::from(entry.kind != EntryKind::Emptied);
        if matches!(entry.kind, EntryKind::Load | EntryKind::Change) {
            self.rows += entry.rows;
            self.rejected += entry.rejected;
        }
    }

    /// Counts rows of the ledger.
    #[must_use]
    pub fn of(entries: &[LedgerEntry]) -> Self {
        let mut counts = Self::default();
        entries.iter().for_each(|entry| counts.add(entry));
        counts
    }
}

/// The last runs of a job, the oldest first, without a gap up to the one whose commit was the last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runs(Vec<CommittedRun>);

impl Runs {
    /// Those that a ledger tells; none where it has no list, or where a version that keeps none has written since.
    #[must_use]
    pub fn of(ledger: &Ledger) -> Self {
        let text = ledger.models.get(RUNS_KEY);
        let runs: Option<Vec<CommittedRun>> = text.and_then(|text| serde_json::from_str(text).ok());
        let is_whole = |runs: &Vec<CommittedRun>| {
            runs.last().is_some_and(|last| last.run_id == ledger.last_run)
        };
        Self(runs.filter(is_whole).unwrap_or_default())
    }

    /// The same and one more run, which gets its number. The oldest goes if they are too many.
    #[must_use]
    pub fn with(mut self, run: CommittedRun) -> Self {
        let number = self.0.last().map_or(0, |last| last.number) + 1;
        self.0.push(CommittedRun { number, ..run });
        let too_many = self.0.len().saturating_sub(RUNS_MAX);
        self.0.drain(..too_many);
        self
    }

    /// As it is kept.
    ///
    /// # Errors
    /// Those of printing.
    pub fn text(&self) -> Result<String> {
        serde_json::to_string(&self.0)
            .map_err(|error| Error::failed("the list of runs cannot be printed").source(error))
    }

    /// The oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &CommittedRun> {
        self.0.iter()
    }

    /// The number of a run; none if it is older than the list, or no run of the job.
    #[must_use]
    pub fn number(&self, run_id: &str) -> Option<u64> {
        self.0.iter().rev().find(|run| run.run_id == run_id).map(|run| run.number)
    }

    /// The first run behind number `until` that wrote anew what the ledger had of a source by then: what exactly that was cannot be
    /// told any more.
    #[must_use]
    pub fn undone(&self, source: &str, until: u64) -> Option<&CommittedRun> {
        let mut later = self.0.iter().filter(|run| run.number > until);
        later.find(|run| run.again.get(source).is_some_and(|before| *before <= until))
    }

    /// What rows of the ledger `entries` take the place of: see [`CommittedRun::again`].
    #[must_use]
    pub fn again(&self, ledger: &Ledger, entries: &[LedgerEntry]) -> BTreeMap<String, u64> {
        fn key(entry: &LedgerEntry) -> (&str, u32, &str) {
            (&entry.source, entry.generation, &entry.object)
        }
        // What came too late is no part of a table.
        let is_part = |entry: &LedgerEntry| entry.kind != EntryKind::Superseded;
        let written: HashSet<_> = entries.iter().filter(|entry| is_part(entry)).map(key).collect();
        let mut again = BTreeMap::new();
        let before = ledger.applied.iter().filter(|applied| is_part(&applied.entry));
        for applied in before.filter(|applied| written.contains(&key(&applied.entry))) {
            let number = self.number(&applied.run_id).unwrap_or(0);
            let least = again.entry(applied.entry.source.clone()).or_insert(number);
            *least = number.min(*least);
        }
        again
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::target::ledger::AppliedObject;

    /// Object `name` of source `s` in generation 1, applied by a run.
    pub(crate) fn applied(name: &str, run: &str) -> AppliedObject {
        let entry = LedgerEntry {
            source: "s".to_owned(),
            object: name.to_owned(),
            fingerprint: String::new(),
            kind: EntryKind::Change,
            generation: 1,
            position: name.to_owned(),
            size: 1,
            modified: DateTime::UNIX_EPOCH,
            rows: 2,
            rejected: 1,
        };
        AppliedObject { entry, run_id: run.to_owned(), applied_at: DateTime::UNIX_EPOCH }
    }

    pub(crate) fn run(id: &str) -> CommittedRun {
        CommittedRun {
            number: 0,
            run_id: id.to_owned(),
            began: DateTime::UNIX_EPOCH,
            committed: DateTime::UNIX_EPOCH,
            objects: ObjectCounts::default(),
            tables: 0,
            refresh: false,
            definition: false,
            again: BTreeMap::new(),
        }
    }

    /// A ledger after runs of these ids, each of which applied objects.
    pub(crate) fn played(runs: &[(&str, &[&str])]) -> Ledger {
        let mut ledger = Ledger::default();
        for (id, objects) in runs {
            let list = Runs::of(&ledger);
            let news: Vec<AppliedObject> = objects.iter().map(|name| applied(name, id)).collect();
            let entries: Vec<LedgerEntry> = news.iter().map(|a| a.entry.clone()).collect();
            let again = list.again(&ledger, &entries);
            let objects = ObjectCounts::of(&entries);
            let list = list.with(CommittedRun { again, objects, ..run(id) });
            let _before = ledger.models.insert(RUNS_KEY.to_owned(), list.text().unwrap());
            ledger.applied.retain(|old| !entries.iter().any(|new| new.object == old.entry.object));
            ledger.applied.extend(news);
            ledger.last_run = (*id).to_owned();
        }
        ledger
    }

    fn ids(runs: &Runs) -> Vec<&str> {
        runs.iter().map(|run| run.run_id.as_str()).collect()
    }

    #[test]
    fn runs_are_kept_in_the_order_of_their_commits() {
        let runs = Runs::of(&played(&[("b", &["1"]), ("a", &[]), ("c", &["2", "3"])]));
        assert_eq!(ids(&runs), ["b", "a", "c"]);
        assert_eq!(
            ["b", "a", "c", "d"].map(|id| runs.number(id)),
            [Some(1), Some(2), Some(3), None]
        );
        let last = runs.iter().next_back().unwrap();
        assert_eq!(last.objects, ObjectCounts { objects: 2, rows: 4, rejected: 2 });
    }

    #[test]
    fn what_was_there_when_a_run_had_committed_is_undone_by_a_later_one_that_writes_it_anew() {
        let ledger =
            played(&[("a", &["1"]), ("b", &["2"]), ("c", &["3"]), ("d", &["2"]), ("e", &["2"])]);
        let runs = Runs::of(&ledger);
        let undone = |until| runs.undone("s", until).map(|run| run.run_id.as_str());
        // `2` was there from `b` on: as of `a` it was not.
        let found: Vec<_> = (1..=5).map(undone).collect();
        assert_eq!(found, [None, Some("d"), Some("d"), Some("e"), None]);
        assert_eq!(runs.undone("t", 2), None);
    }

    #[test]
    fn only_the_last_runs_are_kept_and_what_is_older_counts_as_before_them() {
        let names: Vec<String> = (0..=RUNS_MAX).map(|n| format!("r{n:03}")).collect();
        let all: Vec<(&str, &[&str])> =
            names.iter().map(|id| (id.as_str(), [].as_slice())).collect();
        let mut ledger = played(&all);
        let runs = Runs::of(&ledger);
        assert_eq!(runs.iter().count(), RUNS_MAX);
        assert_eq!((runs.number("r000"), runs.number("r001")), (None, Some(2)));
        ledger.applied.push(applied("1", "r000"));
        let again = runs.again(&ledger, &[applied("1", "x").entry]);
        assert_eq!(again, BTreeMap::from([("s".to_owned(), 0)]));
    }

    #[test]
    fn a_list_that_another_version_has_not_kept_begins_anew() {
        let mut ledger = played(&[("a", &["1"]), ("b", &["2"])]);
        ledger.last_run = "of an older version".to_owned();
        assert_eq!(Runs::of(&ledger), Runs::default());
        let _text = ledger.models.insert(RUNS_KEY.to_owned(), "gone".to_owned());
        assert_eq!(Runs::of(&ledger).with(run("c")).number("c"), Some(1));
    }

    #[test]
    fn the_text_of_a_run_is_short_and_stable() {
        let plain = Runs::default().with(run("r")).text().unwrap();
        assert_eq!(
            plain,
            r#"[{"n":1,"run":"r","began":0,"committed":0,"objects":0,"rows":0,"rejected":0,"tables":0}]"#
        );
        let more = CommittedRun {
            refresh: true,
            definition: true,
            again: BTreeMap::from([("s".to_owned(), 3)]),
            ..run("r")
        };
        let text = Runs::default().with(more.clone()).text().unwrap();
        let models = [(RUNS_KEY.to_owned(), text)].into();
        let ledger = Ledger { models, last_run: "r".to_owned(), ..Ledger::default() };
        assert_eq!(Runs::of(&ledger), Runs(vec![CommittedRun { number: 1, ..more }]));
    }
}
