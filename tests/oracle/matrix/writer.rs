//! What DMS writes of a history by the settings of an endpoint.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use serde_json::{Value, json};

use super::endpoint::{Endpoint, Form, Layout, Ops, Stamp};
use super::history::{COLUMNS, Change, History, KEY, Op, Row};
use crate::oracle::source::gzip;
use crate::oracle::value::{Cell, Kind};
use crate::support::parquet::{Column, Written, parquet};

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

    /// All columns with the declared types.
    fn columns(&self) -> Vec<(String, String, Kind)> {
        let own = COLUMNS.iter().map(|(name, kind)| ((*name).to_owned(), *kind));
        let mut columns: Vec<(String, Kind)> = own.collect();
        let mut add = |is_there: bool, name: &str, kind: Kind| {
            if is_there {
                columns.push((name.to_owned(), kind));
            }
        };
        add(self.endpoint.word, "op_word", Kind::Text);
        add(self.endpoint.sequence, "seq", Kind::Text);
        for (name, kind) in &COLUMNS[..KEY] {
            add(self.endpoint.before_image, &format!("BI_{name}"), *kind);
        }
        columns.into_iter().map(|(name, kind)| (name, kind.sql().to_owned(), kind)).collect()
    }

    /// The declaration.
    pub(super) fn ddl(&self, location: &str) -> String {
        let mut columns: Vec<String> = self
            .columns()
            .into_iter()
            .map(|(name, declared, _)| match name.as_str() {
                "seq" => format!("{name} VARCHAR(35)"),
                _ => format!("{name} {declared}"),
            })
            .collect();
        if self.endpoint.stamp == Stamp::Declared {
            columns.push("committed TIMESTAMP".to_owned());
        }
        let own = [
            ("AllowEmpty", Some("true")),
            ("BeforeImagePrefix", self.endpoint.before_image.then_some("BI_")),
            ("ChangeSequenceColumn", self.endpoint.sequence.then_some("seq")),
        ];
        let own = own.into_iter().filter_map(|(name, value)| Some((name, json!(value?))));
        let mut options: Vec<(&str, Value)> = own.collect();
        match self.description() {
            Some((file, _)) => options.push(("S3Settings", json!(file))),
            None => options.extend(self.settings()),
        }
        let options: Vec<String> = options
            .into_iter()
            .map(|(name, value)| {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                format!("'{name}' '{text}'")
            })
            .collect();
        format!(
            "CREATE EXTERNAL TABLE t{} ({}, PRIMARY KEY (id, part)) STORED AS DMS LOCATION '{location}' OPTIONS ({});\n",
            self.index,
            columns.join(", "),
            options.join(", ")
        )
    }

    /// The description of the endpoint: a file of the job and its text.
    pub(super) fn description(&self) -> Option<(String, String)> {
        let settings: serde_json::Map<String, Value> =
            self.settings().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let described = json!({"Endpoints": [{"EndpointIdentifier": "x", "EngineName": "s3", "S3Settings": settings}]});
        self.endpoint.described.then(|| (format!("e{}.json", self.index), described.to_string()))
    }

    /// DMS's own settings, but for defaults.
    fn settings(&self) -> Vec<(&'static str, Value)> {
        let endpoint = self.endpoint;
        let mut settings: Vec<(&'static str, Value)> = Vec::new();
        let mut set = |is_set: bool, name: &'static str, value: Value| {
            if is_set {
                settings.push((name, value));
            }
        };
        if let Form::Parquet { gzip, version_2, dictionary, millis } = endpoint.form {
            set(true, "DataFormat", json!("parquet"));
            set(gzip, "CompressionType", json!("GZIP"));
            set(version_2, "ParquetVersion", json!("parquet-2-0"));
            set(!dictionary, "EncodingType", json!("plain"));
            set(millis, "ParquetTimestampInMillisecond", json!(true));
        }
        set(endpoint.form == Form::Gzip, "CompressionType", json!("gzip"));
        set(endpoint.ops == Ops::InsertsOnly, "CdcInsertsOnly", json!(true));
        let no_deletes = matches!(endpoint.ops, Ops::InsertsAndUpdates { .. });
        set(no_deletes, "CdcInsertsAndUpdates", json!(true));
        set(endpoint.op_in_load, "IncludeOpForFullLoad", json!(true));
        set(endpoint.header, "AddColumnName", json!(true));
        set(endpoint.stamp != Stamp::None, "TimestampColumnName", json!("committed"));
        set(endpoint.delimiter != ',', "CsvDelimiter", json!(endpoint.delimiter.to_string()));
        set(endpoint.row_delimiter != "\n", "CsvRowDelimiter", json!(endpoint.row_delimiter));
        set(endpoint.null.is_some(), "CsvNullValue", json!(endpoint.null));
        set(!endpoint.rfc4180, "Rfc4180", json!(false));
        set(endpoint.no_sup, "UseCsvNoSupValue", json!(true));
        set(endpoint.no_sup, "CsvNoSupValue", json!(NO_SUP));
        set(endpoint.padded, "AddTrailingPaddingCharacter", json!(true));
        match endpoint.layout {
            Layout::Dated { sequence, delimiter, zone } => {
                let delimiter = match delimiter {
                    "/" => "SLASH",
                    "_" => "UNDERSCORE",
                    "-" => "DASH",
                    _ => "NONE",
                };
                set(true, "DatePartitionEnabled", json!(true));
                set(true, "DatePartitionSequence", json!(sequence));
                set(true, "DatePartitionDelimiter", json!(delimiter));
                set(zone.is_some(), "DatePartitionTimezone", json!(zone));
            }
            Layout::CdcPath => set(true, "CdcPath", json!("changes")),
            Layout::Transactions => {
                set(true, "CdcPath", json!("tx/all"));
                set(true, "PreserveTransactions", json!(true));
            }
            Layout::Plain | Layout::Folders | Layout::Segments => {}
        }
        settings
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

    fn content(&self, lines: &[Line], is_load: bool) -> Vec<u8> {
        let ending = self.ending(is_load);
        if ending == ".parquet" {
            return self.parquet(lines, is_load);
        }
        let text = self.csv(lines, is_load);
        if ending == ".csv.gz" { gzip(&text) } else { text.into_bytes() }
    }

    fn has_op(&self, is_load: bool) -> bool {
        if is_load { self.endpoint.op_in_load } else { self.endpoint.has_op() }
    }

    fn csv(&self, lines: &[Line], is_load: bool) -> String {
        let csv = Csv::of(self.endpoint);
        let mut text = String::new();
        let has_stamp = self.endpoint.stamp != Stamp::None;
        let is_ordered = !is_load && self.endpoint.layout == Layout::Transactions;
        if self.endpoint.header {
            let op = self.has_op(is_load).then(|| "Op".to_owned());
            let stamp = has_stamp.then(|| "committed".to_owned());
            let names = self.columns().into_iter().map(|(name, ..)| name);
            let names: Vec<Option<String>> =
                op.into_iter().chain(stamp).chain(names).map(Some).collect();
            csv.write(&mut text, &names);
        }
        for (number, line) in lines.iter().enumerate() {
            let owned = |text: &str| Some(text.to_owned());
            let mut fields = Vec::new();
            if self.has_op(is_load) {
                fields.push(owned(line.op.letter()));
            }
            if is_ordered {
                // Rows of other tables come between.
                let other = ["U", "lines", "shop", &number.to_string()].map(owned);
                csv.write(&mut text, &other);
                csv.write(&mut text, &["I", "items", "archive"].map(owned));
                fields.extend(["items", "shop"].map(owned));
            }
            if has_stamp {
                fields.push(owned(STAMP));
            }
            for (cell, is_unlogged) in line.cells.iter().zip(&line.unlogged) {
                let is_missing = *is_unlogged && !is_load;
                fields.push(if is_missing { owned(NO_SUP) } else { cell.clone() });
            }
            csv.write(&mut text, &fields);
        }
        text
    }

    fn parquet(&self, lines: &[Line], is_load: bool) -> Vec<u8> {
        let Form::Parquet { gzip, version_2, dictionary, millis } = self.endpoint.form else {
            unreachable!("only for Parquet");
        };
        let text = |name: &str, value: &dyn Fn(&Line) -> String| Column {
            name: name.to_owned(),
            data_type: DataType::Utf8,
            values: lines.iter().map(|line| Some(value(line))).collect(),
        };
        let mut columns = Vec::new();
        if self.has_op(is_load) {
            columns.push(text("Op", &|line| line.op.letter().to_owned()));
        }
        if self.endpoint.stamp != Stamp::None {
            columns.push(text("committed", &|_| STAMP.to_owned()));
        }
        for (index, (name, _, kind)) in self.columns().into_iter().enumerate() {
            let data_type = match kind {
                Kind::Timestamp if millis => DataType::Timestamp(TimeUnit::Millisecond, None),
                kind => kind.parquet(false),
            };
            let values = lines.iter().map(|line| line.cells[index].clone()).collect();
            columns.push(Column { name, data_type, values });
        }
        parquet(columns, Written { gzip, version_2, dictionary, row_group_rows: 2 })
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

impl Op {
    fn letter(self) -> &'static str {
        match self {
            Self::Insert => "I",
            Self::Update => "U",
            Self::Delete => "D",
        }
    }
}

/// How DMS writes CSV.
#[derive(Debug, Clone, Copy)]
pub(super) struct Csv {
    pub(super) delimiter: char,
    pub(super) row_delimiter: &'static str,
    pub(super) null: &'static str,
    pub(super) rfc4180: bool,
}

impl Csv {
    fn of(endpoint: &Endpoint) -> Self {
        Self {
            delimiter: endpoint.delimiter,
            row_delimiter: endpoint.row_delimiter,
            null: endpoint.null_text,
            rfc4180: endpoint.rfc4180,
        }
    }

    /// A row; fields with quotes, delimiters or line ends are quoted (guide: `Rfc4180`).
    pub(super) fn write(&self, text: &mut String, fields: &[Option<String>]) {
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                text.push(self.delimiter);
            }
            match field {
                None => text.push_str(self.null),
                Some(value)
                    if self.rfc4180 && value.contains(['"', '\n', '\r', self.delimiter]) =>
                {
                    text.push('"');
                    text.push_str(&value.replace('"', "\"\""));
                    text.push('"');
                }
                Some(value) => text.push_str(value),
            }
        }
        text.push_str(self.row_delimiter);
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
