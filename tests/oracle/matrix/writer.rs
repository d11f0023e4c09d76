//! What DMS writes of a history by the settings of an endpoint.

mod content;
mod declaration;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::endpoint::{Endpoint, Form, Layout, Ops, Stamp};
use super::history::{COLUMNS, Change, History, KEY, Op, Row};
use crate::oracle::value::{Cell, Kind};
pub(super) use content::Csv;

/// The full load, two change objects, another one, and nothing new.
pub(super) const STEPS: usize = 3;
pub(super) const OBJECTS: usize = 3;

/// When changes are written: two of them in one hour twice, when clocks are put back in Berlin, and one in such an hour in New York.
const TIMES: [&str; OBJECTS + 1] = [
    "2024-10-26T23:59:59.500Z",
    "2024-10-27T00:30:00.000Z",
    "2024-10-27T01:29:00.123Z",
    "2024-11-03T06:10:00.000Z",
];
const NO_SUP: &str = "~?";
const STAMP: &str = "2024-10-26 01:02:03.000004";
/// The length that texts are padded to.
const PADDED: usize = 40;

/// An object in the staging folder.
#[derive(Debug)]
pub(super) struct Object {
    /// Below the folder of all.
    pub(super) key: String,
    pub(super) content: Vec<u8>,
    pub(super) written: SystemTime,
}

/// Writes one table.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    index: usize,
    pub(super) endpoint: &'a Endpoint,
    history: &'a History,
}

/// A row as it is written.
#[derive(Debug, Clone)]
struct Line {
    op: Op,
    cells: Vec<Option<String>>,
    /// Which of the cells the log does not hold.
    unlogged: Vec<bool>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(index: usize, endpoint: &'a Endpoint, history: &'a History) -> Self {
        Self { index, endpoint, history }
    }

    fn root(&self) -> String {
        format!("lake{}", self.index)
    }

    /// The table's folder below that of all.
    pub(super) fn folder(&self) -> String {
        format!("{}/shop/items", self.root())
    }

    /// What comes in a step.
    pub(super) fn objects(&self, step: usize) -> Vec<Object> {
        match step {
            0 => self.full_load(),
            1 => vec![self.changes(0, 0), self.changes(1, 1)],
            2 if self.endpoint.sequence => vec![self.changes(2, 2), self.changes(0, 3)],
            2 => vec![self.changes(2, 2)],
            _ => Vec::new(),
        }
    }

    fn full_load(&self) -> Vec<Object> {
        let lines: Vec<Line> = self
            .history
            .loaded
            .iter()
            .map(|row| self.line(&Change { op: Op::Insert, row: row.clone(), before: None }, None))
            .collect();
        let (first, second) = lines.split_at(lines.len() / 2);
        let names = match self.endpoint.layout {
            Layout::Folders => ["p0/LOAD00000001", "p1/LOAD00000001"],
            Layout::Segments => ["SEGMENT1_LOAD00000001", "SEGMENT2_LOAD00000001"],
            _ => ["LOAD00000009", "LOAD0000000A"],
        };
        let objects = names.into_iter().zip([first, second]);
        objects
            .map(|(name, lines)| Object {
                key: format!("{}/{name}{}", self.folder(), self.ending(true)),
                content: self.content(lines, true),
                written: SystemTime::from(at("2024-10-26T00:00:00Z")),
            })
            .collect()
    }

    fn changes(&self, object: usize, time: usize) -> Object {
        let time = at(TIMES[time]);
        let is_written = |change: &&Change| match self.endpoint.ops {
            Ops::All => true,
            Ops::InsertsOnly => change.op == Op::Insert,
            Ops::InsertsAndUpdates { .. } => change.op != Op::Delete,
        };
        let changes = self.history.changes[object].iter().enumerate();
        let changes = changes.filter(|(_, change)| is_written(change));
        let lines: Vec<Line> =
            changes.map(|(row, change)| self.line(change, Some(100 * object + row))).collect();
        let stamp = time.format("%Y%m%d-%H%M%S%3f").to_string();
        let ending = self.ending(false);
        let key = match self.endpoint.layout {
            Layout::Plain | Layout::Folders | Layout::Segments => {
                format!("{}/{stamp}{ending}", self.folder())
            }
            Layout::CdcPath => format!("{}/changes/shop/items/{stamp}{ending}", self.root()),
            Layout::Transactions => {
                format!("{}/tx/all/CDC_TXN-{}{ending}", self.root(), stamp.replace('-', ""))
            }
            Layout::Dated { sequence, delimiter, zone } => {
                let zone: Tz = zone.unwrap_or("UTC").parse().unwrap();
                let local = time.with_timezone(&zone);
                let pattern = ["YYYY", "MM", "DD", "HH"]
                    .iter()
                    .zip(["%Y", "%m", "%d", "%H"])
                    .fold(sequence.to_owned(), |text, (part, code)| {
                        text.replace(part, &format!("{code} "))
                    });
                let folder = local.format(pattern.trim_end()).to_string().replace(' ', delimiter);
                let stamp = local.format("%Y%m%d-%H%M%S%3f");
                format!("{}/{folder}/{stamp}{ending}", self.folder())
            }
        };
        let written = SystemTime::from(time) + Duration::from_secs(5);
        Object { key, content: self.content(&lines, false), written }
    }

    /// A change as it is written; `sequence` is its number, none in a full load.
    fn line(&self, change: &Change, sequence: Option<usize>) -> Line {
        let endpoint = self.endpoint;
        let is_bare = change.op == Op::Delete && endpoint.key_only_deletes;
        let mut cells: Vec<Option<String>> = Vec::new();
        for (index, cell) in change.row.iter().enumerate() {
            let cell = cell.filter(|_| index < KEY || !is_bare);
            cells.push(cell.map(|text| self.text(COLUMNS[index].1, text)));
        }
        let is_same = |index: usize| {
            change.before.as_ref().is_some_and(|old| old[index] == change.row[index])
        };
        let mut unlogged: Vec<bool> = (0..cells.len())
            .map(|index| endpoint.no_sup && index >= KEY && is_same(index))
            .collect();
        if endpoint.word {
            let word = match change.op {
                Op::Insert => "INSERT",
                Op::Update => "UPDATE",
                Op::Delete => "DELETE",
            };
            cells.push(Some(self.text(Kind::Text, word)));
        }
        if endpoint.sequence {
            cells.push(sequence.map(|number| format!("2024102600000000{number:019}")));
        }
        if endpoint.before_image {
            for (index, (_, kind)) in COLUMNS[..KEY].iter().enumerate() {
                let old = change.before.as_ref().and_then(|old| old[index]);
                cells.push(old.map(|text| self.text(*kind, text)));
            }
        }
        unlogged.resize(cells.len(), false);
        Line { op: change.op, cells, unlogged }
    }

    /// A value as it is written.
    fn text(&self, kind: Kind, text: &str) -> String {
        if kind != Kind::Text {
            return text.to_owned();
        }
        let text = self.plain(text);
        if self.endpoint.padded { format!("{text:<PADDED$}") } else { text }
    }

    /// A text that can be told from its row's other fields where nothing is quoted.
    fn plain(&self, text: &str) -> String {
        if self.endpoint.rfc4180 {
            return text.to_owned();
        }
        text.replace(['\n', '"', self.endpoint.delimiter], "_")
    }

    fn ending(&self, is_load: bool) -> &'static str {
        match self.endpoint.form {
            Form::Csv => ".csv",
            Form::Gzip => ".csv.gz",
            Form::Parquet { .. } if is_load || self.endpoint.layout != Layout::Transactions => {
                ".parquet"
            }
            Form::Parquet { .. } => ".csv",
        }
    }

    /// The source's rows after a step, as they can be known from what is written.
    pub(super) fn table(&self, step: usize) -> Vec<Row> {
        let objects = match step {
            0 => 0,
            1 => 2,
            _ => OBJECTS,
        };
        let mut rows: BTreeMap<Vec<Cell>, Row> = BTreeMap::new();
        let read = |row: &Row| -> Row {
            let cell = |(index, cell): (usize, &Cell)| match COLUMNS[index].1 {
                Kind::Text => cell.map(|text| &*Box::leak(self.plain(text).into_boxed_str())),
                _ => *cell,
            };
            row.iter().enumerate().map(cell).collect()
        };
        for row in self.history.loaded.iter().map(read) {
            rows.insert(row[..KEY].to_vec(), row);
        }
        for change in self.history.changes[..objects].iter().flatten() {
            let row = read(&change.row);
            let key = row[..KEY].to_vec();
            match (change.op, self.endpoint.ops) {
                (Op::Update | Op::Delete, Ops::InsertsOnly)
                | (Op::Delete, Ops::InsertsAndUpdates { .. }) => {}
                (Op::Delete, Ops::All) => {
                    rows.remove(&key);
                }
                (Op::Insert | Op::Update, _) => {
                    let old = change.before.as_ref().map(read);
                    if let (true, Some(old)) = (self.endpoint.before_image, &old) {
                        rows.remove(&old[..KEY]);
                    }
                    let known = rows.get(&key).cloned();
                    let logged = |index: usize, value: Cell| {
                        let is_same = old.as_ref().is_some_and(|old| old[index] == value);
                        match index >= KEY && self.endpoint.no_sup && is_same {
                            true => known.as_ref().and_then(|known| known[index]),
                            false => value,
                        }
                    };
                    let row = row.iter().enumerate().map(|(index, value)| logged(index, *value));
                    rows.insert(key, row.collect());
                }
            }
        }
        // Only what the models read, and NULL elsewhere.
        let width = self.columns().len() + usize::from(self.endpoint.stamp == Stamp::Declared);
        let whole = |mut row: Row| {
            row.resize(width, None);
            row
        };
        rows.into_values().map(whole).collect()
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
