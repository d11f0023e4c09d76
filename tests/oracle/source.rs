//! The generated sources and the writer of their objects.

use std::io::Write;

use datafusion::arrow::datatypes::DataType;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::value::{Cell, KeyKind, Kind};
use crate::support::parquet::{Column as ParquetColumn, Written, parquet};

/// The number of cells that a generated row brings; a table takes as many as it has columns.
pub(super) const CELLS: usize = 16;

/// A row before it belongs to a table: numbers that name values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RawRow {
    pub(super) key: u8,
    pub(super) cells: [u8; CELLS],
}

/// Something in an object that is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadLine {
    /// Picks the row that it stands before.
    pub(super) place: u8,
    /// Picks what is wrong.
    pub(super) kind: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Insert,
    Update,
    Delete,
}

/// How objects are written, each bit one deviation from the plainest form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) header: bool,
    pub(super) op_in_load: bool,
    pub(super) stamped: bool,
    pub(super) crlf: bool,
    pub(super) semicolon: bool,
    /// Deletes hold the key alone, as PostgreSQL logs them.
    pub(super) key_only_deletes: bool,
    /// Which `CsvNullValue` is declared, if any.
    pub(super) null: u8,
    /// Objects are Parquet; the number picks how it is written.
    pub(super) parquet: Option<u8>,
}

const NULLS: [Option<&str>; 4] = [None, Some(""), Some("NULL"), Some("\\N")];

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

/// A staged table.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) name: &'static str,
    pub(super) columns: Vec<Column>,
    /// Indices of the key's columns in key order; empty without a key.
    pub(super) key: Vec<usize>,
    key_kind: KeyKind,
    format: Format,
}

/// A row of a table, in the order of its columns.
pub(super) type Row = Vec<Cell>;

impl Source {
    /// `key` are the key's column names; `turned` says by how much the columns are turned, since keys need not be first.
    pub(super) fn new(
        name: &'static str,
        key: (&[&'static str], KeyKind),
        values: &[(&'static str, Kind)],
        turned: u8,
        format: Format,
    ) -> Self {
        let (key_names, key_kind) = key;
        let column = |(name, kind): (&'static str, Kind)| Column { name, kind };
        let key_columns = key_names.iter().copied().zip(key_kind.kinds().iter().copied());
        let mut columns: Vec<Column> =
            key_columns.chain(values.iter().copied()).map(column).collect();
        let width = columns.len();
        columns.rotate_right(usize::from(turned) % width);
        let place = |name: &&str| columns.iter().position(|column| column.name == *name).unwrap();
        let key = key_names.iter().map(place).collect();
        Self { name, columns, key, key_kind, format }
    }

    /// Names of the key's columns.
    pub(super) fn key_names(&self) -> Vec<&'static str> {
        self.key.iter().map(|index| self.columns[*index].name).collect()
    }

    /// The values of the key in a row.
    pub(super) fn key_of(&self, row: &Row) -> Vec<Cell> {
        self.key.iter().map(|index| row[*index]).collect()
    }

    /// The declaration.
    pub(super) fn ddl(&self, location: &str) -> String {
        let mut lines: Vec<String> = self
            .columns
            .iter()
            .map(|column| format!("    {} {}", quoted(column.name), column.kind.sql()))
            .collect();
        if !self.key.is_empty() {
            let key: Vec<String> = self.key_names().into_iter().map(quoted).collect();
            lines.push(format!("    PRIMARY KEY ({})", key.join(", ")));
        }
        let mut options = vec!["'AllowEmpty' 'true'".to_owned()];
        let mut option = |on: bool, text: &str| {
            if on {
                options.push(text.to_owned());
            }
        };
        option(self.format.header, "'AddColumnName' 'true'");
        option(self.format.op_in_load, "'IncludeOpForFullLoad' 'true'");
        option(self.format.stamped, "'TimestampColumnName' 'committed'");
        option(self.format.semicolon, "'CsvDelimiter' ';'");
        if let Some(null) = self.null() {
            options.push(format!("'CsvNullValue' '{null}'"));
        }
        format!(
            "CREATE EXTERNAL TABLE {} (\n{}\n)\nSTORED AS DMS\nLOCATION '{location}'\nOPTIONS ({});\n",
            self.name,
            lines.join(",\n"),
            options.join(", ")
        )
    }

    /// How the name of an object ends. Bad lines are those of CSV.
    pub(super) fn ending(&self, gzip: bool, has_bad_lines: bool) -> &'static str {
        match self.format.parquet {
            Some(_) if !has_bad_lines => ".parquet",
            _ if gzip => ".csv.gz",
            _ => ".csv",
        }
    }

    /// An object as Parquet; `respelled` writes values in other types where there are some.
    pub(super) fn parquet(&self, rows: &[(Op, Row)], is_load: bool, respelled: bool) -> Vec<u8> {
        let pick = self.format.parquet.unwrap_or_default();
        let text = |name: &str, value: &dyn Fn(&Op) -> String| ParquetColumn {
            name: name.to_owned(),
            data_type: DataType::Utf8,
            values: rows.iter().map(|(op, _)| Some(value(op))).collect(),
        };
        let mut columns = Vec::new();
        if !is_load || self.format.op_in_load {
            columns.push(text("Op", &|op| letter(*op).to_owned()));
        }
        if self.format.stamped {
            columns.push(text("committed", &|_| STAMP.to_owned()));
        }
        columns.extend(
            self.columns.iter().enumerate().map(|(index, column)| ParquetColumn {
                name: column.name.to_owned(),
                data_type: column.kind.parquet(respelled),
                values: rows
                    .iter()
                    .map(|(op, row)| self.cell(*op, row, index).map(str::to_owned))
                    .collect(),
            }),
        );
        let written = Written {
            gzip: pick & 1 != 0,
            version_2: pick & 2 != 0,
            dictionary: pick & 4 != 0,
            row_group_rows: 1 + usize::from(pick >> 3),
        };
        parquet(columns, written)
    }

    /// What is written of a value.
    fn cell(&self, op: Op, row: &Row, index: usize) -> Cell {
        let is_bare = op == Op::Delete && self.format.key_only_deletes;
        if !is_bare || self.key.contains(&index) { row[index] } else { None }
    }

    /// The row that a raw row is in this table.
    pub(super) fn row(&self, raw: &RawRow) -> Row {
        let key = self.key_kind.key(raw.key);
        let mut cells = raw.cells.iter();
        (0..self.columns.len())
            .map(|index| match self.key.iter().position(|column| *column == index) {
                Some(part) => Some(key[part]),
                None => self.columns[index].kind.cell(*cells.next().unwrap()),
            })
            .collect()
    }

    /// The text of an object; `respelled` writes values another way where there is one.
    pub(super) fn object(&self, rows: &[(Op, Row)], is_load: bool, respelled: bool) -> String {
        let end = if self.format.crlf { "\r\n" } else { "\n" };
        let has_op = !is_load || self.format.op_in_load;
        let mut text = String::new();
        let mut line = |fields: Vec<String>| {
            text.push_str(&fields.join(self.delimiter()));
            text.push_str(end);
        };
        if self.format.header {
            let op = has_op.then(|| "Op".to_owned());
            let stamp = self.format.stamped.then(|| "committed".to_owned());
            let names = self.columns.iter().map(|column| column.name.to_owned());
            line(op.into_iter().chain(stamp).chain(names).collect());
        }
        for (op, row) in rows {
            let letter = has_op.then(|| letter(*op).to_owned());
            let stamp = self.format.stamped.then(|| STAMP.to_owned());
            let fields = (0..row.len()).map(|index| {
                let cell = self.cell(*op, row, index);
                self.field(self.columns[index].kind, cell, respelled)
            });
            line(letter.into_iter().chain(stamp).chain(fields).collect());
        }
        text
    }

    /// The text of an object with bad lines in it, and how many lines of it must be set aside.
    ///
    /// Behind broken quoting stand the rows `behind`, which are lost with it.
    pub(super) fn object_with(
        &self,
        rows: &[(Op, Row)],
        bad: &[BadLine],
        is_load: bool,
        respelled: bool,
    ) -> (String, u64) {
        let (header, whole) = (self.object(&[], is_load, respelled), rows.len() + 1);
        let mut text = header.clone();
        let mut rejected = 0;
        for place in 0..whole {
            for bad in bad.iter().filter(|bad| usize::from(bad.place) % whole == place) {
                let line = self.bad_line(bad.kind, is_load);
                rejected += line.matches('\n').count() as u64;
                text.push_str(&line);
            }
            if let Some(row) = rows.get(place) {
                let row = self.object(std::slice::from_ref(row), is_load, respelled);
                text.push_str(row.strip_prefix(&header).unwrap());
            }
        }
        // Whatever stands behind it.
        if let Some(last) = bad.first().filter(|bad| bad.kind % 8 == 7) {
            let behind = rows.get(..usize::from(last.place) % whole).unwrap_or_default();
            let behind = self.object(behind, is_load, respelled);
            let tail = format!("\"open\"text\n{}", behind.strip_prefix(&header).unwrap());
            rejected += tail.matches('\n').count() as u64;
            text.push_str(&tail);
        }
        (text, rejected)
    }

    /// A line, or more, that is no row whatever the source is.
    fn bad_line(&self, kind: u8, is_load: bool) -> String {
        let has_op = !is_load || self.format.op_in_load;
        let width = self.columns.len() + usize::from(self.format.stamped);
        let row = |op: &str, field: &str| {
            let op = has_op.then_some(op);
            let fields: Vec<&str> =
                op.into_iter().chain(std::iter::repeat_n(field, width)).collect();
            let end = if self.format.crlf { "\r\n" } else { "\n" };
            format!("{}{end}", fields.join(self.delimiter()))
        };
        match kind % 8 {
            0 => row("Q", "~"),
            1 => row("I", "~"),
            2 => row("U", "a\"b"),
            3 => "\"two\nlines\"\n".to_owned(),
            4 if !self.key.is_empty() => row("D", self.null().unwrap_or("NULL")),
            4 if has_op => row("D", ""),
            5 => format!("{}\n", "x,;".repeat(30)),
            _ => "x\n".to_owned(),
        }
    }

    fn null(&self) -> Option<&'static str> {
        NULLS[usize::from(self.format.null) % NULLS.len()]
    }

    fn delimiter(&self) -> &'static str {
        if self.format.semicolon { ";" } else { "," }
    }

    fn field(&self, kind: Kind, cell: Cell, respelled: bool) -> String {
        let Some(text) = cell else { return self.null().unwrap_or_default().to_owned() };
        let text = if respelled { kind.respelled(text) } else { text.to_owned() };
        let is_like_null = text.is_empty() || text == "NULL" || Some(text.as_str()) == self.null();
        let is_special =
            text.contains(['"', '\r', '\n']) || text.contains(self.delimiter()) || is_like_null;
        if matches!(kind, Kind::Text | Kind::Char) && is_special || text.is_empty() {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text
        }
    }
}

/// What the timestamp column holds.
const STAMP: &str = "2024-01-01 00:00:00.000000";

fn letter(op: Op) -> &'static str {
    match op {
        Op::Insert => "I",
        Op::Update => "U",
        Op::Delete => "D",
    }
}

/// A name as SQL takes it.
pub(super) fn quoted(name: &str) -> String {
    let is_plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if is_plain { name.to_owned() } else { format!("`{name}`") }
}

/// Compresses as `CompressionType=GZIP` does.
pub(super) fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("a vector takes everything");
    encoder.finish().expect("a vector takes everything")
}
