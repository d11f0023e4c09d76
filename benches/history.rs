//! Changes of the generated table: change objects, and the same for baselines.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use crate::fingerprint::Fingerprint;
use crate::lines::{self, Lines};
use crate::order::{Fields, Order, Random};

pub(crate) const NET_CHANGES: &str = "net.tsv";
pub(crate) const STATEMENTS: &str = "statements.sql";

/// 60 % updates, 20 % inserts, 20 % deletes; the first six are four updates, an insert and a delete.
const OPERATIONS: [&str; 10] = ["U", "I", "U", "D", "U", "U", "I", "U", "D", "U"];

/// Change objects that arrive between two runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batch {
    pub(crate) objects: u64,
    pub(crate) changes_each: u64,
    pub(crate) baseline: Baseline,
}

/// What is written beside the objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Baseline {
    Nothing,
    NetChanges,
    Statements,
}

impl Batch {
    /// One object, with nothing for a baseline.
    pub(crate) const fn one_object(changes_each: u64) -> Self {
        Self { objects: 1, changes_each, baseline: Baseline::Nothing }
    }
}

/// Writes batches into folders of their own; returns what the table is after each.
pub(crate) fn write(
    rows: u64,
    loaded: Fingerprint,
    batches: &[Batch],
    folders: &[PathBuf],
    objects: &str,
) -> Vec<Fingerprint> {
    let mut table = Table::loaded(rows, loaded);
    let mut after = Vec::new();
    for (number, (batch, folder)) in batches.iter().zip(folders).enumerate() {
        let mut net = BTreeMap::new();
        let mut statements = String::new();
        for object in 0..batch.objects {
            let mut staged = Lines::create(&folder.join(objects).join(object_name(number, object)));
            for op in OPERATIONS.iter().cycle().take(length(batch.changes_each)) {
                let change = table.change(op);
                staged.write(&lines::csv(&format!("{op},"), &change.staged()));
                match batch.baseline {
                    Baseline::Nothing => {}
                    Baseline::NetChanges => _ = net.insert(change.id, change.version),
                    Baseline::Statements => {
                        statements.push_str(&lines::statement(op, change.id, &change.finished()));
                    }
                }
            }
            staged.close();
        }
        match batch.baseline {
            Baseline::Nothing => {}
            Baseline::NetChanges => write_net(&folder.join(NET_CHANGES), &net),
            Baseline::Statements => {
                std::fs::write(folder.join(STATEMENTS), statements).expect("it can be written");
            }
        }
        after.push(table.fingerprint);
    }
    after
}

/// Sorts behind all objects of earlier batches, and of this batch behind all with lower numbers.
fn object_name(batch: usize, object: u64) -> String {
    let (month, day) = (3 + batch / 28, 1 + batch % 28);
    let (hour, minute, second) = (object / 3600, object / 60 % 60, object % 60);
    assert!(month <= 12 && hour < 24, "no more names: batch {batch}, object {object}");
    format!("2026{month:02}{day:02}-{hour:02}{minute:02}{second:02}000.csv")
}

fn write_net(path: &Path, net: &BTreeMap<u64, Option<u64>>) {
    let mut file = Lines::create(path);
    for (&id, &version) in net {
        let change = Change { id, version };
        let deleted = if version.is_none() { "\t1" } else { "\t0" };
        file.write(&lines::tsv(&change.finished(), deleted));
    }
    file.close();
}

fn length(number: u64) -> usize {
    usize::try_from(number).expect("a number of changes")
}

/// A key and the version of its row; none if it is deleted.
struct Change {
    id: u64,
    version: Option<u64>,
}

impl Change {
    fn staged(&self) -> Fields {
        self.fields(Order::staged)
    }

    fn finished(&self) -> Fields {
        self.fields(Order::finished)
    }

    fn fields(&self, of: fn(&Order) -> Fields) -> Fields {
        match self.version {
            Some(version) => of(&Order::new(self.id, version)),
            None => lines::key_only(self.id),
        }
    }
}

/// The table while its changes are made up.
struct Table {
    live: Vec<u64>,
    /// Of rows that have changed; the full load has version 0.
    versions: HashMap<u64, u64>,
    new_id: u64,
    version: u64,
    random: Random,
    fingerprint: Fingerprint,
}

impl Table {
    fn loaded(rows: u64, fingerprint: Fingerprint) -> Self {
        Self {
            live: (1..=rows).collect(),
            versions: HashMap::new(),
            new_id: rows,
            version: 0,
            random: Random::new(rows),
            fingerprint,
        }
    }

    fn change(&mut self, op: &str) -> Change {
        let id = if op == "I" {
            self.new_id += 1;
            self.live.push(self.new_id);
            self.new_id
        } else {
            let index = self.random.index(self.live.len());
            let id = if op == "D" { self.live.swap_remove(index) } else { self.live[index] };
            let version = self.versions.remove(&id).unwrap_or(0);
            self.fingerprint.remove(&Order::new(id, version));
            id
        };
        if op == "D" {
            return Change { id, version: None };
        }
        self.version += 1;
        let _previous = self.versions.insert(id, self.version);
        self.fingerprint.add(&Order::new(id, self.version));
        Change { id, version: Some(self.version) }
    }
}
