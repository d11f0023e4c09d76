//! How CSV is written, found from its text: delimiter, quoting, header. Pure.

use std::fmt;

use transforms::dms::csv::split::{Field, Splitter};
use transforms::dms::csv::value::is_null;
use transforms::dms::{CsvFormat, ObjectKind, Op, Settings};

use super::grid::{Cell, Grid, usual_width};
use super::header::{Evidence, find as find_header};
use super::infer::infer;

/// Delimiters that endpoints are set to, the usual first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// More columns has no table of a database that DMS reads.
pub(super) const COLUMNS_MAX: usize = 4096;
/// What endpoints write for NULL, beside nothing and `NULL`.
const NULL_WORDS: [&str; 6] = ["\\N", "null", "(null)", "None", "NA", "N/A"];
/// Records of each object by which a delimiter is chosen.
const RECORDS_COMPARED: usize = 200;

/// The beginning of an object's text, unpacked.
pub(super) struct Text {
    pub(super) key: String,
    pub(super) kind: ObjectKind,
    pub(super) bytes: Vec<u8>,
    /// Whether this is all of it; else the last record may be cut.
    pub(super) is_whole: bool,
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text").field("key", &self.key).finish_non_exhaustive()
    }
}

/// What was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) format: CsvFormat,
    /// By what a header was told, or that none can be.
    pub(super) header: Evidence,
    pub(super) grids: Vec<Grid>,
}

/// Reads up to `rows` records of each object.
pub(super) fn read(texts: &[Text], rows: usize) -> Found {
    let format = choose(texts);
    let mut grids: Vec<Grid> = texts
        .iter()
        .map(|text| Grid {
            key: text.key.clone(),
            kind: text.kind,
            names: None,
            types: None,
            // One more, which may be the header.
            records: records(text, &format, rows + 1).0,
        })
        .collect();
    let header = find_header(&grids);
    if header.is_header() {
        for grid in grids.iter_mut().filter(|grid| !grid.records.is_empty()) {
            let names = grid.records.remove(0);
            let name = |cell: Cell| String::from_utf8(cell.unwrap_or_default()).unwrap_or_default();
            grid.names = Some(names.into_iter().map(name).collect());
        }
    }
    let null_value = null_word(&grids);
    if let Some(word) = null_value {
        let cells = grids.iter_mut().flat_map(|grid| grid.records.iter_mut().flatten());
        for cell in cells.filter(|cell| cell.as_deref() == Some(word.as_bytes())) {
            *cell = None;
        }
    }
    let null_value = null_value.map(str::to_owned);
    let format = CsvFormat { header: header.is_header(), null_value, ..format };
    Found { format, header, grids }
}

/// The best of all pairs of a delimiter and a quoting, DMS's own if others are not better.
fn choose(texts: &[Text]) -> CsvFormat {
    let pairs = [true, false]
        .into_iter()
        .flat_map(|rfc4180| DELIMITERS.map(|delimiter| (delimiter, rfc4180)));
    let mut best: Option<(Score, CsvFormat)> = None;
    for (delimiter, rfc4180) in pairs {
        let format = CsvFormat { delimiter, rfc4180, ..Settings::default().csv };
        let score = score(texts, &format);
        let may_be = rfc4180 || score.is_readable;
        if may_be && best.as_ref().is_none_or(|(other, _)| score > *other) {
            best = Some((score, format));
        }
    }
    best.map_or_else(|| Settings::default().csv, |(_, format)| format)
}

/// What speaks for a format, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    is_readable: bool,
    /// All rows of a kind are of one width, of more than one field.
    is_even: bool,
    /// All changes begin with operations.
    has_ops: bool,
    /// Columns whose values are no texts.
    typed: usize,
    width: usize,
}

fn score(texts: &[Text], format: &CsvFormat) -> Score {
    let mut score = Score { is_readable: true, is_even: true, has_ops: true, typed: 0, width: 0 };
    for kind in [ObjectKind::FullLoad, ObjectKind::Change] {
        let mut all = Vec::new();
        for text in texts.iter().filter(|text| text.kind == kind) {
            let (records, is_readable) = records(text, format, RECORDS_COMPARED);
            // Where whole fields are quoted, quotes mean something.
            score.is_readable &=
                is_readable && (format.rfc4180 || !records.iter().any(|record| is_quoted(record)));
            all.extend(records);
        }
        let width = usual_width(all.iter().map(Vec::len));
        score.is_even &=
            all.iter().all(|record| record.len() == width) && (width > 1 || all.is_empty());
        // Without quoting nothing but a wrong delimiter makes rows uneven.
        score.is_readable &= format.rfc4180 || score.is_even;
        score.width = score.width.max(width);
        if kind == ObjectKind::Change {
            score.has_ops &= all.iter().all(|record| has_op(record) || has_name_of_op(record));
        }
        let column = |index: usize| {
            // Behind what may be a header.
            all.iter().skip(1).filter_map(move |record| record.get(index)?.as_deref())
        };
        let typed = (0..width.min(COLUMNS_MAX)).filter(|index| {
            let found = infer(column(*index));
            found.values > 0 && found.sql_type != "TEXT"
        });
        score.typed = score.typed.max(typed.count());
    }
    score
}

/// Whether a quote at the beginning of a field has one at the end of it, or of a later one that a delimiter parts from it.
fn is_quoted(record: &[Cell]) -> bool {
    let texts = || record.iter().map(|cell| cell.as_deref().unwrap_or_default());
    let begin = texts().position(|text| text.starts_with(b"\""));
    begin.is_some_and(|begin| {
        texts()
            .enumerate()
            .skip(begin)
            .any(|(index, text)| text.ends_with(b"\"") && (index > begin || text.len() > 1))
    })
}

/// The word for NULL, other than DMS's own, if there is a column whose values are of a type but for this word.
fn null_word(grids: &[Grid]) -> Option<&'static str> {
    let width = grids.iter().map(Grid::width).max().unwrap_or(0).min(COLUMNS_MAX);
    let is_null = |word: &'static str| {
        (0..width).any(|index| {
            let values = grids.iter().flat_map(move |grid| grid.field(index).flatten());
            let others = values.clone().filter(move |text| *text != word.as_bytes());
            let has_word = values.clone().any(|text| text == word.as_bytes());
            has_word && {
                let found = infer(others);
                found.values > 0 && found.sql_type != "TEXT"
            }
        })
    };
    NULL_WORDS.into_iter().find(|word| is_null(word))
}

/// Whether a record begins with an operation.
pub(super) fn has_op(record: &[Cell]) -> bool {
    record.first().and_then(Option::as_deref).is_some_and(|first| Op::parse(first).is_some())
}

/// Whether it begins as a header with an operation does.
pub(super) fn has_name_of_op(record: &[Cell]) -> bool {
    let first = record.first().and_then(Option::as_deref);
    first.is_some_and(|first| first.eq_ignore_ascii_case(b"Op"))
}

/// The first records, and whether they could be told.
fn records(text: &Text, format: &CsvFormat, most: usize) -> (Vec<Vec<Cell>>, bool) {
    let mut splitter = Splitter::new(format, 0);
    splitter.push(&text.bytes);
    if text.is_whole {
        splitter.end();
    }
    let mut records = Vec::new();
    while records.len() < most {
        match splitter.next_record() {
            Ok(Some(record)) => records.push(record.fields().map(cell).collect()),
            Ok(None) => break,
            Err(_) => return (records, false),
        }
    }
    (records, true)
}

fn cell(field: Field<'_>) -> Cell {
    (!is_null(field, None, true)).then(|| field.text.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: ObjectKind, bytes: &str) -> Text {
        Text { key: String::new(), kind, bytes: bytes.into(), is_whole: true }
    }

    fn format(load: &str, change: &str) -> (char, bool) {
        let texts = [text(ObjectKind::FullLoad, load), text(ObjectKind::Change, change)];
        let texts: Vec<Text> = texts.into_iter().filter(|text| !text.bytes.is_empty()).collect();
        let found = choose(&texts);
        (char::from(found.delimiter), found.rfc4180)
    }

    #[test]
    fn the_delimiter_is_what_makes_rows_even_and_values_typed() {
        for (load, change, delimiter) in [
            ("1,a\n2,b\n", "U,1,a\n", ','),
            ("1;a\n2;b\n", "U;1;a\n", ';'),
            ("1|a\n2|b\n", "", '|'),
            ("1\ta,b\n2\tb,c\n", "", '\t'),
            ("1;Smith, Jo;2026-01-01\n2;Doe, Al;2026-01-02\n", "", ';'),
            ("1,a;b;c\n2,d;e;f\n", "", ','),
            ("a\nb\n", "U,a\n", ','),
            ("a\nb\n", "", ','),
            ("", "D;1;\n", ';'),
        ] {
            assert_eq!(format(load, change), (delimiter, true), "{load:?} {change:?}");
        }
    }

    #[test]
    fn text_with_quotes_in_it_is_not_quoted() {
        assert_eq!(format("1,5\" nails\n2,6\" nails\n", ""), (',', false));
        assert_eq!(format("1,\"5\"\" nails\"\n2,\"a,b\"\n", ""), (',', true));
    }

    #[test]
    fn a_word_for_null_is_told_where_all_other_values_have_a_type() {
        let word = |rows: &str| {
            let found = read(&[text(ObjectKind::FullLoad, rows)], 10);
            let nulls = found.grids[0].records.iter().flatten().filter(|cell| cell.is_none());
            (found.format.null_value, nulls.count())
        };
        assert_eq!(word("1,a\n\\N,b\n3,\\N\n"), (Some("\\N".to_owned()), 2));
        assert_eq!(word("1,null\n2,b\n"), (None, 0));
        assert_eq!(word("1,\n2,b\n"), (None, 1));
    }

    #[test]
    fn one_bad_quote_among_quoted_fields_is_no_setting() {
        assert_eq!(format("1,\"a, b\"\n2,5\" x\n", ""), (',', true));
        assert_eq!(format("1,\"a\"\n2,5\" x\n", ""), (',', true));
    }

    #[test]
    fn a_record_that_is_cut_off_is_not_read() {
        let cut = Text { is_whole: false, ..text(ObjectKind::FullLoad, "1,a\n2,b") };
        assert_eq!(read(&[cut], 10).grids[0].records.len(), 1);
    }

    #[test]
    fn null_is_what_a_run_takes_for_it() {
        let found = read(&[text(ObjectKind::FullLoad, "1,,NULL,\"\",\"NULL\"\n")], 10);
        let nulls: Vec<bool> = found.grids[0].records[0].iter().map(Option::is_none).collect();
        assert_eq!(nulls, [false, true, true, false, false]);
    }
}
