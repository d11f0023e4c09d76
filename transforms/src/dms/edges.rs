//! Values at the edges: what a source has that others have not, how DMS writes it, and what it is read as.
//!
//! The cases go through the decoder of CSV, however the bytes are cut, and, where DMS has a form of them in Parquet, through that
//! decoder too. [`docs`] writes the tables of docs/jobs.md from them.

mod bytes;
mod docs;
mod numbers;
mod objects;
mod texts;
mod times;

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::dms::csv::{self, BadRows, Decoded, Layout, RowErrors};
use crate::dms::parquet;
use crate::testing::{Staging, assert_all};

/// A value of a source, and what becomes of it.
struct Case {
    /// The value, in words.
    source: &'static str,
    /// The field as it stands in the object, with its quotes; several, if they are read alike. U+FFFD stands for the byte FF,
    /// which no text has.
    csv: &'static [&'static str],
    /// Its form in Parquet.
    parquet: Option<Parquet>,
    declared: &'static str,
    /// As in `OPTIONS (…)`.
    options: &'static str,
    expected: Expected,
}

struct Parquet {
    /// In words.
    form: &'static str,
    /// A column of one value.
    column: fn() -> ArrayRef,
}

#[derive(Clone, Copy)]
enum Expected {
    /// The value as it is printed.
    Is(&'static str),
    Null,
    /// The row is a bad one, with this reason.
    Bad(&'static str),
}

const fn case(
    source: &'static str,
    csv: &'static [&'static str],
    declared: &'static str,
    expected: Expected,
) -> Case {
    Case { source, csv, parquet: None, declared, options: "", expected }
}

impl Case {
    const fn with(self, options: &'static str) -> Self {
        Self { options, ..self }
    }

    const fn parquet(self, form: &'static str, column: fn() -> ArrayRef) -> Self {
        Self { parquet: Some(Parquet { form, column }), ..self }
    }
}

fn cases() -> impl Iterator<Item = &'static Case> {
    [times::CASES, numbers::CASES, texts::CASES, bytes::CASES].into_iter().flatten()
}

impl Expected {
    fn told(self) -> String {
        match self {
            Self::Is(value) => format!("is {value:?}"),
            Self::Null => "NULL".to_owned(),
            Self::Bad(reason) => format!("bad row: {reason}"),
        }
    }
}

/// Changes of a table in which the value stands between others, so that a value that takes more or less than its field shows.
async fn layout(staging: &Staging, case: &Case) -> Arc<Layout> {
    let columns = format!("id INT PRIMARY KEY, v {}, after INT", case.declared);
    Arc::new(layout_of(staging, &columns, case.options, "20260101-000000000.csv").await)
}

/// How an object of this name is laid out.
async fn layout_of(staging: &Staging, columns: &str, options: &str, key: &str) -> Layout {
    let options = if options.is_empty() { String::new() } else { format!("OPTIONS ({options})") };
    let ddl = format!("CREATE EXTERNAL TABLE t ({columns}) STORED AS DMS LOCATION 't' {options}");
    let sources = staging.sources(&ddl).await;
    let table = staging.freeze(&sources[0], &[(key, b"")]).await;
    // A value is judged by itself here, not by what it says of the settings.
    Layout { first_look: None, ..table.layout(&table.objects[0]) }
}

/// The bytes of a text of a case.
fn bytes_of(text: &str) -> Vec<u8> {
    let byte = |character: char| match character {
        '\u{fffd}' => vec![0xff],
        other => other.to_string().into_bytes(),
    };
    text.chars().flat_map(byte).collect()
}

/// Decodes an object of CSV in pieces of `cut` bytes.
fn decode(layout: &Arc<Layout>, object: &[u8], cut: usize) -> Result<Vec<Decoded>, RowErrors> {
    let mut decoder = csv::Decoder::new(Arc::clone(layout), 8, None, BadRows::Refuse).unwrap();
    let mut batches = Vec::new();
    for piece in object.chunks(cut) {
        decoder.push(piece)?;
        batches.extend(std::iter::from_fn(|| decoder.next_batch()));
    }
    decoder.finish()?;
    batches.extend(std::iter::from_fn(|| decoder.next_batch()));
    Ok(batches)
}

/// The values of a column as DMS writes them, bytes in hexadecimal.
fn shown(column: &ArrayRef) -> Vec<Option<String>> {
    const PRINTED: FormatOptions<'static> = FormatOptions::new()
        .with_timestamp_format(Some("%Y-%m-%d %H:%M:%S%.f"))
        .with_time_format(Some("%H:%M:%S%.f"));
    let printer = ArrayFormatter::try_new(column.as_ref(), &PRINTED).unwrap();
    let value = |row| (!column.is_null(row)).then(|| printer.value(row).to_string());
    (0..column.len()).map(value).collect()
}

/// What the one row became.
fn told(rows: Result<Vec<Decoded>, RowErrors>) -> String {
    let batches = match rows {
        Ok(batches) => batches,
        Err(errors) => {
            let first = &errors.errors[0];
            assert_eq!(first.line, 1);
            assert!(first.column.as_deref().is_none_or(|column| column == "v"), "{errors}");
            return format!("bad row: {}", first.reason);
        }
    };
    assert_eq!((batches.len(), batches[0].len), (1, 1));
    assert_eq!(shown(&batches[0].columns[2]), [Some("7".to_owned())]);
    match shown(&batches[0].columns[1]).remove(0) {
        Some(value) => format!("is {value:?}"),
        None => "NULL".to_owned(),
    }
}

fn of_csv(layout: &Arc<Layout>, field: &str) -> String {
    let object = [b"I,1,".as_slice(), &bytes_of(field), b",7\n"].concat();
    let whole = told(decode(layout, &object, usize::MAX));
    for cut in 1..5 {
        assert_eq!(told(decode(layout, &object, cut)), whole, "{field:?} cut at {cut} bytes");
    }
    whole
}

fn of_parquet(layout: &Arc<Layout>, column: ArrayRef) -> String {
    let columns: [(&str, ArrayRef); 4] = [
        ("Op", Arc::new(StringArray::from(vec!["I"]))),
        ("id", Arc::new(Int32Array::from(vec![1]))),
        ("v", column),
        ("after", Arc::new(Int32Array::from(vec![7]))),
    ];
    let object =
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
            .unwrap();
    let layout = Arc::clone(layout);
    let decoder = parquet::Decoder::new(layout, &object.schema(), None, BadRows::Refuse);
    let mut decoder = decoder.unwrap();
    let rows = decoder.push(&object).unwrap().and_then(|()| decoder.finish());
    told(rows.map(|()| std::iter::from_fn(|| decoder.next_batch()).collect()))
}

#[tokio::test]
async fn every_value_at_an_edge_is_read_exactly_or_its_row_is_bad() {
    let staging = Staging::new();
    let mut found = Vec::new();
    for case in cases() {
        let layout = layout(&staging, case).await;
        let input = |form: &str| format!("{}: {form} as {}", case.source, case.declared);
        for field in case.csv {
            found.push((input(field), of_csv(&layout, field), case.expected.told()));
        }
        if let Some(Parquet { form, column }) = &case.parquet {
            let input = input(&format!("Parquet, {form}"));
            found.push((input, of_parquet(&layout, column()), case.expected.told()));
        }
    }
    assert_all(found);
}

#[tokio::test]
async fn a_fraction_of_a_second_may_have_up_to_nine_digits() {
    let staging = Staging::new();
    for declared in ["TIMESTAMP", "DATETIME(6)", "TIMESTAMP(6) WITH TIME ZONE", "TIME"] {
        let layout = layout(&staging, &case("", &[], declared, Expected::Null)).await;
        let is_time = declared == "TIME";
        for digits in 0..=10 {
            let moment = if is_time { "03:04:05" } else { "2024-01-02 03:04:05" };
            let fraction = &"1234567891"[..digits];
            let point = if digits == 0 { "" } else { "." };
            let kept = &fraction[..digits.min(6)];
            // Printed in groups of three digits.
            let zeros = "0".repeat((3 - kept.len() % 3) % 3);
            let expected = match digits {
                10 if is_time => {
                    "bad row: not a TIME (HH:MM:SS below 24:00:00 expected)".to_owned()
                }
                10 => "bad row: not a TIMESTAMP (YYYY-MM-DD HH:MM:SS expected)".to_owned(),
                _ => format!("is \"{moment}{point}{kept}{zeros}\""),
            };
            let field = format!("{moment}{point}{fraction}");
            assert_eq!(of_csv(&layout, &field), expected, "{field} as {declared}");
        }
    }
}
