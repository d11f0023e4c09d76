//! What a source's table holds, found in the most obvious way: change by change into a map.

use std::collections::BTreeMap;
use std::path::Path;

/// A field: `None` if it is empty without quotes.
pub(crate) type Field = Option<String>;

/// Rows by their first column, which is the key.
pub(crate) type Table = BTreeMap<String, Vec<Field>>;

/// Applies objects in this order.
pub(crate) fn replay(folder: &Path, objects: &[&str]) -> Table {
    let mut table = Table::new();
    for object in objects {
        let text = std::fs::read_to_string(folder.join(object)).unwrap();
        for mut row in records(&text) {
            let op = if object.contains("LOAD") { None } else { row.remove(0) };
            let key = row[0].clone().unwrap();
            match op.as_deref() {
                None | Some("I" | "U") => drop(table.insert(key, row)),
                Some("D") => drop(table.remove(&key)),
                Some(other) => panic!("{object}: operation {other}"),
            }
        }
    }
    table
}

/// Lines of a table as [`super::site::Site::rows`] gives them.
pub(crate) fn lines(table: &Table) -> Vec<String> {
    let text = |field: &Field| field.clone().unwrap_or_else(|| "NULL".to_owned());
    table.values().map(|row| row.iter().map(text).collect::<Vec<_>>().join("|")).collect()
}

/// Reads CSV with quotes as of RFC 4180.
pub(crate) fn records(text: &str) -> Vec<Vec<Field>> {
    let mut records = Vec::new();
    let mut row = Vec::new();
    let (mut field, mut was_quoted, mut quoted) = (String::new(), false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => {
                quoted = !quoted;
                was_quoted = true;
            }
            ',' | '\n' if !quoted => {
                let text = std::mem::take(&mut field);
                row.push((was_quoted || !text.is_empty()).then_some(text));
                was_quoted = false;
                if c == '\n' {
                    records.push(std::mem::take(&mut row));
                }
            }
            '\r' if !quoted => {}
            other => field.push(other),
        }
    }
    assert!(row.is_empty() && field.is_empty(), "the last line has no end");
    records
}
