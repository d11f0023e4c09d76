//! What stands in an object: CSV or Parquet.

use datafusion::arrow::datatypes::{DataType, TimeUnit};

use super::super::endpoint::{Endpoint, Form, Layout, Stamp};
use super::super::history::Op;
use super::{Line, NO_SUP, STAMP, Writer};
use crate::oracle::source::gzip;
use crate::oracle::value::Kind;
use crate::support::parquet::{Column, Written, parquet};

impl Writer<'_> {
    pub(super) fn content(&self, lines: &[Line], is_load: bool) -> Vec<u8> {
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
pub(in super::super) struct Csv {
    pub(in super::super) delimiter: char,
    pub(in super::super) row_delimiter: &'static str,
    pub(in super::super) null: &'static str,
    pub(in super::super) rfc4180: bool,
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
    pub(in super::super) fn write(&self, text: &mut String, fields: &[Option<String>]) {
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
