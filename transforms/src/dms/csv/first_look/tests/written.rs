//! Whatever a writer writes by a declaration is read by it.

use std::fmt::Write;

use proptest::prelude::*;

use super::*;

/// Writes a table as the endpoint does, so many rows before its last column was added.
fn write(
    settings: &Settings,
    kind: ObjectKind,
    types: &[DataType; 3],
    rows: &[[Option<String>; 3]],
    before: usize,
) -> String {
    let csv = &settings.csv;
    let (delimiter, end) = (char::from(csv.delimiter), char::from(csv.row_delimiter));
    let null = csv.null_value.clone().unwrap_or_default();
    let has_op = settings.has_op(kind);
    let mut text = String::new();
    let mut line = |op: &str, stamp: &str, fields: &[String]| {
        let op = has_op.then(|| op.to_owned());
        let stamp = settings.timestamp_column_name.as_ref().map(|_| stamp.to_owned());
        let fields: Vec<String> =
            op.into_iter().chain(stamp).chain(fields.iter().cloned()).collect();
        write!(text, "{}{end}", fields.join(&delimiter.to_string())).unwrap();
    };
    if csv.header {
        line("Op", "ts", &["id", "name", "day"].map(str::to_owned));
    }
    for (index, row) in rows.iter().enumerate() {
        let fields = [0, 1, 2].map(|column| match &row[column] {
            None => null.clone(),
            Some(value) if types[column] == DataType::Utf8 && csv.rfc4180 => {
                let special = [delimiter, end, '"', '\r', '\n'];
                let is_null = value.is_empty() || *value == null || value == "NULL";
                match is_null || value.contains(special) {
                    true => format!("\"{}\"", value.replace('"', "\"\"")),
                    false => value.clone(),
                }
            }
            // What it does not quote must not hold what ends it.
            Some(value) => value.replace([delimiter, end, '\n', '\r'], "_"),
        });
        let op = if kind == ObjectKind::Change && !settings.inserts_only {
            ["I", "U"][index % 2]
        } else {
            "I"
        };
        let width = if index < before && !csv.header { 2 } else { 3 };
        line(op, STAMP, &fields[..width]);
    }
    text
}

fn any_settings() -> impl Strategy<Value = Settings> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let texts = (
        proptest::sample::select(&b",;\t|"[..]),
        proptest::sample::select(&b"\n\r~"[..]),
        proptest::option::of(proptest::sample::select(vec!["", "NULL", "\\N", "-", "I"])),
    );
    (flags, texts).prop_map(|((op, inserts, header, raw, stamp), (delimiter, end, null))| {
        let mut settings = Settings {
            include_op_for_full_load: op,
            inserts_only: inserts,
            timestamp_column_name: stamp.then(|| "ts".to_owned()),
            ..Settings::default()
        };
        settings.csv.header = header;
        settings.csv.rfc4180 = !raw;
        settings.csv.delimiter = delimiter;
        settings.csv.row_delimiter = end;
        settings.csv.null_value = null.map(str::to_owned);
        settings
    })
}

/// Values that look like settings are among them.
fn any_text() -> impl Strategy<Value = String> {
    let words = [
        "I",
        "U",
        "D",
        "id",
        "name",
        "day",
        "Op",
        "NULL",
        "\\N",
        "-",
        STAMP,
        "",
        "a,b;c|d\te",
        "\"x\"",
        "x\ry",
    ];
    prop_oneof![
        proptest::sample::select(words.to_vec()).prop_map(str::to_owned),
        "[a-z\",;|\t\r\n]{0,6}",
    ]
}

proptest! {
    #[test]
    fn rows_like_any_are_judged_the_same_however_they_are_cut(
        text in "(([IU],)?([0-9]{1,2}|id|\"?a\"?),(Ann|name|\"b\"\"\"|NULL)?[,;](2021-04-01|day|-|NULL)?\r?\n?){0,30}",
        cut in 1..20_usize,
        is_load: bool,
        widens: bool,
    ) {
        for types in [TYPED, TEXTS] {
            let layout = if is_load { load(types, &[]) } else { changes(types, &[]) };
            let layout = if widens { widening(layout) } else { layout };
            for bad_rows in [BadRows::Refuse, ASIDE] {
                let whole = read_in(&layout, &text, bad_rows, usize::MAX);
                prop_assert_eq!(whole, read_in(&layout, &text, bad_rows, cut));
            }
        }
    }

    #[test]
    fn what_is_written_as_declared_is_never_refused(
        settings in any_settings(),
        is_load: bool,
        is_typed: bool,
        widens: bool,
        before in 0..30_usize,
        rows in proptest::collection::vec((any_text(), proptest::option::of(any_text()), proptest::option::of(any_text())), 0..30),
    ) {
        let kind = if is_load { ObjectKind::FullLoad } else { ObjectKind::Change };
        let types = if is_typed { TYPED } else { TEXTS };
        // Keys differ, and the first row is not the names of the columns.
        let rows: Vec<[Option<String>; 3]> = rows.into_iter().enumerate().map(|(index, (id, name, day))| {
            let id = if is_typed { index.to_string() } else if index == 0 { id } else { format!("{id}{index}") };
            let day = if is_typed { day.map(|_| "2021-04-01".to_owned()) } else { day };
            [Some(id), name, day]
        }).filter(|row| row.iter().flatten().any(|text| !["id", "name", "day"].contains(&text.as_str()))).collect();
        let text = write(&settings, kind, &types, &rows, if widens { before } else { 0 });
        let layout = layout(types, &settings, kind);
        let layout = if widens { widening(layout) } else { layout };
        // Raw texts may be like NULL in the key.
        let unchecked = Layout { first_look: None, ..layout.clone() };
        for bad_rows in [BadRows::Refuse, ASIDE] {
            let expected = read(&unchecked, &text, bad_rows);
            if let Ok(expected) = expected {
                prop_assert_eq!(read(&layout, &text, bad_rows), Ok(expected));
            } else {
                prop_assert!(!settings.csv.rfc4180 || !is_typed, "{:?}", expected);
            }
        }
    }
}
