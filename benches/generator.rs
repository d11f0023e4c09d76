//! Makes what is measured: staged objects, and beside them the same rows finished, for the baselines.
//!
//! Everything follows from numbers of rows and changes, so files that are there already are taken again.

use std::fs;
use std::path::{Path, PathBuf};

use crate::fingerprint::Fingerprint;
use crate::history::{self, Batch};
use crate::lines::{self, Lines};
use crate::order::Order;

/// Part of each stamp; changes with the files' content, so that older ones are replaced.
const RECIPE: &str = "recipe 2";
const STAMP: &str = "stamp";
const OBJECTS: &str = "objects";

/// Two parallel streams share them evenly.
const LOAD_OBJECTS_MIN: u64 = 4;
const LOAD_OBJECTS_MAX: u64 = 16;
const ROWS_PER_LOAD_OBJECT: u64 = 500_000;

/// The folder of all generated files.
#[derive(Debug)]
pub(crate) struct Data {
    folder: PathBuf,
}

/// Staged objects that were written at one time.
#[derive(Debug)]
pub(crate) struct Staged {
    folder: PathBuf,
    /// The table when they are applied.
    pub(crate) after: Fingerprint,
}

impl Staged {
    /// The folder that holds the objects and nothing else.
    pub(crate) fn objects(&self) -> PathBuf {
        self.folder.join(OBJECTS)
    }

    /// The net changes in key order: the finished row, or the key alone, and whether it is deleted.
    pub(crate) fn net_changes(&self) -> PathBuf {
        self.folder.join(history::NET_CHANGES)
    }

    /// The changes as SQL, one statement a line.
    pub(crate) fn statements(&self) -> PathBuf {
        self.folder.join(history::STATEMENTS)
    }
}

impl Data {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Finds or makes the full load of a table of so many rows.
    pub(crate) fn load(&self, rows: u64) -> Staged {
        let folder = self.folder.join(format!("load-{rows}"));
        let made = once(&folder, RECIPE, || vec![write_load(&folder, rows)]);
        let after = made.first().copied().expect("the full load's one fingerprint");
        Staged { folder, after }
    }

    /// Finds or makes the finished rows of the full load in key order, as two files.
    pub(crate) fn finished(&self, rows: u64) -> [PathBuf; 2] {
        let folder = self.folder.join(format!("finished-{rows}"));
        let files = ["first.tsv", "second.tsv"].map(|name| folder.join(name));
        let _nothing = once(&folder, RECIPE, || {
            let ranges = [1..=rows / 2, rows / 2 + 1..=rows];
            for (path, ids) in files.iter().zip(ranges) {
                let mut file = Lines::create(path);
                ids.for_each(|id| file.write(&lines::tsv(&Order::new(id, 0).finished(), "")));
                file.close();
            }
            Vec::new()
        });
        files
    }

    /// Finds or makes batches of changes after the full load of so many rows, one after the other.
    pub(crate) fn history(&self, name: &str, rows: u64, batches: &[Batch]) -> Vec<Staged> {
        let folder = self.folder.join(format!("{name}-{rows}"));
        let loaded = self.load(rows).after;
        let recipe = format!("{RECIPE} {batches:?}");
        let part = |index: usize| folder.join(index.to_string());
        let made = once(&folder, &recipe, || {
            let folders: Vec<PathBuf> = (0..batches.len()).map(part).collect();
            for folder in &folders {
                fs::create_dir_all(folder.join(OBJECTS)).expect("the data folder can be made");
            }
            history::write(rows, loaded, batches, &folders, OBJECTS)
        });
        made.into_iter()
            .enumerate()
            .map(|(index, after)| Staged { folder: part(index), after })
            .collect()
    }
}

fn write_load(folder: &Path, rows: u64) -> Fingerprint {
    let objects = folder.join(OBJECTS);
    fs::create_dir(&objects).expect("the data folder can be made");
    let mut loaded = Fingerprint::default();
    let number = (rows / ROWS_PER_LOAD_OBJECT).clamp(LOAD_OBJECTS_MIN, LOAD_OBJECTS_MAX);
    for object in 0..number {
        let mut staged = Lines::create(&objects.join(format!("LOAD{:08X}.csv", object + 1)));
        for id in rows * object / number + 1..=rows * (object + 1) / number {
            let order = Order::new(id, 0);
            staged.write(&lines::csv("", &order.staged()));
            loaded.add(&order);
        }
        staged.close();
    }
    loaded
}

/// Fills a folder, unless it was filled by the same recipe; returns what was found out while it was filled.
fn once(folder: &Path, recipe: &str, fill: impl FnOnce() -> Vec<Fingerprint>) -> Vec<Fingerprint> {
    if let Some(found) = read_stamp(folder, recipe) {
        return found;
    }
    eprintln!("data: {}", folder.file_name().unwrap_or_default().display());
    if folder.exists() {
        fs::remove_dir_all(folder).expect("an older recipe's files can be removed");
    }
    fs::create_dir_all(folder).expect("the data folder can be made");
    let found = fill();
    let lines = found.iter().map(|fingerprint| format!("\n{fingerprint}"));
    let stamp = format!("{recipe}{}", lines.collect::<String>());
    fs::write(folder.join(STAMP), stamp).expect("the stamp can be written");
    found
}

fn read_stamp(folder: &Path, recipe: &str) -> Option<Vec<Fingerprint>> {
    let stamp = fs::read_to_string(folder.join(STAMP)).ok()?;
    let mut lines = stamp.lines();
    (lines.next() == Some(recipe)).then_some(())?;
    lines.map(|line| line.parse().ok()).collect()
}
