//! Makes what is measured: staged objects, and beside them the same rows finished, for the baselines.
//!
//! Everything follows from the number of rows, so files that are there already are taken again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::order::{COLUMNS, Fields, Order, Random};

/// Part of the stamp; changes with anything below or in `order.rs`, so that older files are replaced.
const RECIPE: &str = "recipe 1";
const STAMP: &str = "stamp";

const LOAD_OBJECTS: u64 = 4;
const CHANGE_OBJECTS: u64 = 20;
const CHANGES_PER_OBJECT: u64 = 5_000;
/// All pending changes of the measured run.
pub(crate) const CHANGES: u64 = CHANGE_OBJECTS * CHANGES_PER_OBJECT;
/// Fewer rows would not outlast the changes.
const ROWS_MIN: u64 = 1_000;

/// Generated files.
#[derive(Debug)]
pub(crate) struct Data {
    folder: PathBuf,
    /// Rows of the full load.
    pub(crate) rows: u64,
    /// Rows after the changes.
    pub(crate) rows_changed: u64,
}

impl Data {
    /// Finds or makes the files for a table of so many rows.
    pub(crate) fn prepare(all: &Path, rows: u64) -> Self {
        assert!(rows >= ROWS_MIN, "there must be at least {ROWS_MIN} rows");
        let folder = all.join(rows.to_string());
        if let Some(rows_changed) = read_stamp(&folder) {
            return Self { folder, rows, rows_changed };
        }
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("an older recipe's files can be removed");
        }
        for stage in Stage::ALL {
            fs::create_dir_all(folder.join(stage.folder())).expect("the data folder can be made");
        }
        let mut data = Self { folder, rows, rows_changed: 0 };
        data.write_load();
        let mut live = data.write_changes();
        data.rows_changed = u64::try_from(live.len()).expect("a number of rows");
        data.write_six(&mut live);
        fs::write(data.folder.join(STAMP), format!("{RECIPE}\n{}\n", data.rows_changed))
            .expect("the stamp can be written");
        data
    }

    /// Adds the objects of a stage to a staging folder.
    pub(crate) fn stage(&self, stage: Stage, staging: &Path) {
        let listing =
            fs::read_dir(self.folder.join(stage.folder())).expect("the objects are there");
        for object in listing {
            let object = object.expect("the objects can be listed");
            fs::hard_link(object.path(), staging.join(object.file_name()))
                .expect("an object can be linked");
        }
    }

    /// The finished rows of the full load in key order, as two files.
    pub(crate) fn finished(&self) -> [PathBuf; 2] {
        ["finished-1.tsv", "finished-2.tsv"].map(|name| self.folder.join(name))
    }

    /// The net changes in key order: the finished row, or the key alone, and whether it is deleted.
    pub(crate) fn net_changes(&self) -> PathBuf {
        self.folder.join("net.tsv")
    }

    /// The six changes as SQL, one statement a line.
    pub(crate) fn six_statements(&self) -> Vec<String> {
        let sql = fs::read_to_string(self.folder.join("six.sql")).expect("the file was made");
        sql.lines().map(str::to_owned).collect()
    }

    fn write_load(&self) {
        let [first, second] = self.finished().map(|path| create(&path));
        let mut finished = [first, second];
        for object in 0..LOAD_OBJECTS {
            let name = format!("{}/LOAD{:08X}.csv", Stage::Load.folder(), object + 1);
            let mut staged = create(&self.folder.join(name));
            let half = usize::from(object >= LOAD_OBJECTS / 2);
            let part = |number: u64| self.rows * number / LOAD_OBJECTS;
            for id in part(object) + 1..=part(object + 1) {
                let order = Order::new(id, 0);
                write(&mut staged, &csv_line("", &order.staged()));
                write(&mut finished[half], &tsv_line(&order.finished(), ""));
            }
            close(staged);
        }
        finished.into_iter().for_each(close);
    }

    /// Returns the keys that are left.
    fn write_changes(&self) -> Vec<u64> {
        let mut random = Random::new(self.rows);
        let mut live: Vec<u64> = (1..=self.rows).collect();
        // The version of each changed key's last change; none if it is deleted.
        let mut net: BTreeMap<u64, Option<u64>> = BTreeMap::new();
        let mut new_id = self.rows;
        for object in 0..CHANGE_OBJECTS {
            let name = format!("{}/20260301-0000{object:02}000.csv", Stage::Changes.folder());
            let mut staged = create(&self.folder.join(name));
            for number in 1..=CHANGES_PER_OBJECT {
                let version = object * CHANGES_PER_OBJECT + number;
                let (op, id) = match random.below(10) {
                    2..4 if live.len() > 1 => ("D", live.swap_remove(random.index(live.len()))),
                    4.. if live.len() > 1 => ("U", live[random.index(live.len())]),
                    _ => {
                        new_id += 1;
                        live.push(new_id);
                        ("I", new_id)
                    }
                };
                net.insert(id, (op != "D").then_some(version));
                write(&mut staged, &change_line(op, id, version));
            }
            close(staged);
        }
        let mut file = create(&self.net_changes());
        for (id, version) in net {
            let (fields, deleted) = match version {
                Some(version) => (Order::new(id, version).finished(), "\t0"),
                None => (key_only(id), "\t1"),
            };
            write(&mut file, &tsv_line(&fields, deleted));
        }
        close(file);
        live
    }

    /// Four updates, an insert and a delete of six keys.
    fn write_six(&self, live: &mut Vec<u64>) {
        let mut random = Random::new(self.rows + 1);
        let version = CHANGES + 1;
        let deleted = live.swap_remove(random.index(live.len()));
        let mut updated = BTreeSet::new();
        while updated.len() < 4 {
            updated.insert(live[random.index(live.len())]);
        }
        let inserted = self.rows + CHANGES + 1;
        let mut changes: Vec<(&str, u64)> = updated.into_iter().map(|id| ("U", id)).collect();
        changes.extend([("I", inserted), ("D", deleted)]);

        let name = format!("{}/20260302-000000000.csv", Stage::Six.folder());
        let mut staged = create(&self.folder.join(name));
        let mut statements = create(&self.folder.join("six.sql"));
        for (op, id) in changes {
            write(&mut staged, &change_line(op, id, version));
            write(&mut statements, &statement(op, id, &Order::new(id, version).finished()));
        }
        close(staged);
        close(statements);
    }
}

/// What is staged one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stage {
    Load,
    Changes,
    Six,
}

impl Stage {
    const ALL: [Self; 3] = [Self::Load, Self::Changes, Self::Six];

    fn folder(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Changes => "changes",
            Self::Six => "six",
        }
    }
}

fn read_stamp(folder: &Path) -> Option<u64> {
    let stamp = fs::read_to_string(folder.join(STAMP)).ok()?;
    let (recipe, rows) = stamp.split_once('\n')?;
    (recipe == RECIPE).then(|| rows.trim().parse().ok())?
}

/// With a PostgreSQL source a deleted row holds its key only.
fn key_only(id: u64) -> Fields {
    let mut fields = Fields::default();
    fields[0] = Some(id.to_string());
    fields
}

fn change_line(op: &str, id: u64, version: u64) -> String {
    let fields = if op == "D" { key_only(id) } else { Order::new(id, version).staged() };
    csv_line(&format!("{op},"), &fields)
}

/// As DMS writes it: NULL is nothing, an empty text is two quotes.
fn csv_line(before: &str, fields: &Fields) -> String {
    let fields = fields.each_ref().map(|field| match field {
        None => String::new(),
        Some(text) if text.is_empty() || text.contains([',', '"']) => {
            format!("\"{}\"", text.replace('"', "\"\""))
        }
        Some(text) => text.clone(),
    });
    format!("{before}{}\n", fields.join(","))
}

/// As LOAD DATA reads it; no text here has a tab or a line end.
fn tsv_line(fields: &Fields, after: &str) -> String {
    let fields = fields.each_ref().map(|field| match field {
        None => "\\N".to_owned(),
        Some(text) => text.replace('\\', "\\\\"),
    });
    format!("{}{after}\n", fields.join("\t"))
}

fn statement(op: &str, id: u64, fields: &Fields) -> String {
    let values = fields.each_ref().map(|field| match field {
        None => "NULL".to_owned(),
        Some(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''")),
    });
    match op {
        "D" => format!("DELETE FROM orders WHERE order_id = {id}\n"),
        "I" => format!("INSERT INTO orders VALUES ({})\n", values.join(", ")),
        _ => {
            let pairs = COLUMNS.iter().zip(&values).skip(1);
            let set: Vec<String> =
                pairs.map(|(column, value)| format!("{column} = {value}")).collect();
            format!("UPDATE orders SET {} WHERE order_id = {id}\n", set.join(", "))
        }
    }
}

fn create(path: &Path) -> BufWriter<File> {
    let file = File::create(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    BufWriter::with_capacity(1 << 20, file)
}

fn write(file: &mut BufWriter<File>, line: &str) {
    file.write_all(line.as_bytes()).expect("generated rows can be written");
}

fn close(mut file: BufWriter<File>) {
    file.flush().expect("generated rows can be written");
}
