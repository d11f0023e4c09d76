//! Rows as lines of files: as DMS writes them, as LOAD DATA reads them, and as SQL.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::order::{COLUMNS, Fields};

const BUFFER_BYTES: usize = 1 << 20;

/// A file that is written line by line.
#[derive(Debug)]
pub(crate) struct Lines(BufWriter<File>);

impl Lines {
    pub(crate) fn create(path: &Path) -> Self {
        let file = File::create(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(BufWriter::with_capacity(BUFFER_BYTES, file))
    }

    pub(crate) fn write(&mut self, line: &str) {
        self.0.write_all(line.as_bytes()).expect("generated rows can be written");
    }

    /// Unlike a drop this tells of errors.
    pub(crate) fn close(mut self) {
        self.0.flush().expect("generated rows can be written");
    }
}

/// With a PostgreSQL source a deleted row holds its key only.
pub(crate) fn key_only(id: u64) -> Fields {
    let mut fields = Fields::default();
    fields[0] = Some(id.to_string());
    fields
}

/// As DMS writes it: NULL is nothing, an empty text is two quotes.
pub(crate) fn csv(before: &str, fields: &Fields) -> String {
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
pub(crate) fn tsv(fields: &Fields, after: &str) -> String {
    let fields = fields.each_ref().map(|field| match field {
        None => "\\N".to_owned(),
        Some(text) => text.replace('\\', "\\\\"),
    });
    format!("{}{after}\n", fields.join("\t"))
}

/// As a statement; of a deleted row only the key is looked at.
pub(crate) fn statement(op: &str, id: u64, fields: &Fields) -> String {
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
