//! What an object may have around its values.

use std::sync::Arc;

use super::{Staging, assert_all, bytes_of, decode, layout_of, shown};

/// An object of a full load, and its rows.
pub(super) struct Object {
    pub(super) what: &'static str,
    /// U+FFFD stands for the byte FF.
    pub(super) text: &'static str,
    pub(super) columns: &'static str,
    pub(super) options: &'static str,
    /// Values joined by `|`; or what is said.
    pub(super) rows: Result<&'static [&'static str], &'static str>,
}

const fn object(
    what: &'static str,
    text: &'static str,
    rows: Result<&'static [&'static str], &'static str>,
) -> Object {
    Object { what, text, columns: "id INT, v VARCHAR(20)", options: "", rows }
}

impl Object {
    const fn with(self, options: &'static str) -> Self {
        Self { options, ..self }
    }

    const fn of(self, columns: &'static str) -> Self {
        Self { columns, ..self }
    }
}

const LF: &str = "'CsvRowDelimiter' '\\n'";
const HEADER: &str = "'AddColumnName' 'true'";

pub(super) const OBJECTS: &[Object] = &[
    object("a byte order mark", "\u{feff}1,a\n2,b\n", Ok(&["1|a", "2|b"])),
    object("one before a quoted field", "\u{feff}\"1\",a\n", Ok(&["1|a"])),
    object("one before a header", "\u{feff}id,v\n1,a\n", Ok(&["1|a"])).with(HEADER),
    object("one before a quoted header", "\u{feff}\"id\",\"v\"\n1,a\n", Ok(&["1|a"])).with(HEADER),
    object("one and nothing else", "\u{feff}", Ok(&[])),
    object("one before another row", "1,a\n\u{feff}2,b\n", Err("line 2, column `id`: not an INT")),
    object(
        "UTF-16 instead of UTF-8",
        "\u{fffd}\u{fffd}1\0,\0a\0\n\0",
        Err("line 1, column `id`: not an INT"),
    ),
    object("rows that end with CR LF", "1,a\r\n2,b\r\n", Ok(&["1|a", "2|b"])),
    object(
        "such rows, and LF in a quoted field",
        "1,\"a\nb\"\r\n2,\"c\r\nd\"\r\n",
        Ok(&["1|a\nb", "2|c\r\nd"]),
    ),
    object("such rows under a header", "id,v\r\n1,a\r\n", Ok(&["1|a"])).with(HEADER),
    object("CR within a field", "1,a\rb\n2,b\n", Ok(&["1|a\rb", "2|b"])),
    object("CR before LF in quotes", "1,\"a\r\"\n2,b\n", Ok(&["1|a\r", "2|b"])),
    object("CR before LF without quotes", "1,a\r\n2,b\n", Ok(&["1|a", "2|b"])),
    object("CR before LF without quotes", "1,a\r\n2,b\n", Ok(&["1|a\r", "2|b"])).with(LF),
    object("rows that end with CR LF", "1,\"a\"\r\n", Err("line 1: text after a closing quote"))
        .with(LF),
    object("rows that end with CR", "1,a\n\r2,b\r", Ok(&["1|a\n", "2|b"]))
        .with("'CsvRowDelimiter' '\\r'"),
    object("no end behind the last row", "1,a\n2,", Ok(&["1|a", "2|NULL"])),
    object("empty lines", "\n1,a\n\r\n2,b\n\n", Ok(&["1|a", "2|b"])),
    object("empty lines of one column", "a\n\n", Ok(&["a", "NULL"])).of("v VARCHAR(20)"),
    object("nothing at all", "", Ok(&[])),
];

#[tokio::test]
async fn byte_order_marks_and_row_ends_are_told_from_values_however_an_object_is_cut() {
    let staging = Staging::new();
    let mut all = Vec::new();
    for Object { what, text, columns, options, rows } in OBJECTS {
        let layout = Arc::new(layout_of(&staging, columns, options, "LOAD00000001.csv").await);
        let expected = match rows {
            Ok(rows) => rows.join(" / "),
            Err(said) => (*said).to_owned(),
        };
        let bytes = bytes_of(text);
        for cut in (1..=bytes.len()).chain([usize::MAX]) {
            let found = match decode(&layout, &bytes, cut) {
                Err(errors) => errors.errors[0].to_string(),
                Ok(batches) => {
                    let mut rows = Vec::new();
                    for batch in &batches {
                        let columns: Vec<_> = batch.columns.iter().map(shown).collect();
                        let value = |column: &Vec<Option<String>>, row: usize| {
                            column[row].clone().unwrap_or_else(|| "NULL".to_owned())
                        };
                        rows.extend((0..batch.len).map(|row| {
                            let values = columns.iter().map(|column| value(column, row));
                            values.collect::<Vec<_>>().join("|")
                        }));
                    }
                    rows.join(" / ")
                }
            };
            all.push((format!("{what}, cut at {cut} bytes"), found, expected.clone()));
        }
    }
    assert_all(all);
}
