use proptest::prelude::*;

use super::*;

const PLAIN: CsvFormat = CsvFormat {
    delimiter: b',',
    row_delimiter: b'\n',
    keeps_carriage_returns: false,
    rfc4180: true,
    null_value: None,
    no_sup_value: None,
    header: false,
};

/// A record written down: its line, and its fields; a quoted field in angle brackets.
type Seen = (u64, Vec<String>);

fn take(splitter: &mut Splitter, seen: &mut Vec<Seen>) -> Result<(), SplitError> {
    while let Some(record) = splitter.next_record()? {
        let show = |field: Field<'_>| {
            let text = String::from_utf8_lossy(field.text);
            if field.quoted { format!("<{text}>") } else { text.into_owned() }
        };
        seen.push((record.line(), record.fields().map(show).collect()));
    }
    Ok(())
}

fn split_in<'a>(
    format: &CsvFormat,
    width: usize,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<Seen>, SplitError> {
    let mut splitter = Splitter::new(format, width);
    let mut seen = Vec::new();
    for chunk in chunks {
        splitter.push(chunk);
        take(&mut splitter, &mut seen)?;
    }
    splitter.end();
    take(&mut splitter, &mut seen)?;
    Ok(seen)
}

/// Splits at once and byte by byte: both must give the same.
fn split(text: &str) -> Result<Vec<Seen>, SplitError> {
    split_as(&PLAIN, 2, text)
}

fn split_as(format: &CsvFormat, width: usize, text: &str) -> Result<Vec<Seen>, SplitError> {
    let whole = split_in(format, width, [text.as_bytes()]);
    assert_eq!(whole, split_in(format, width, text.as_bytes().chunks(1)), "{text:?}");
    whole
}

fn check(text: &str, expected: &[(u64, &[&str])]) {
    let seen = split(text).unwrap();
    let expected: Vec<Seen> = expected
        .iter()
        .map(|(line, fields)| (*line, fields.iter().map(|f| (*f).to_owned()).collect()))
        .collect();
    assert_eq!(seen, expected, "{text:?}");
}

fn check_fault(text: &str, line: u64, fault: SplitFault) {
    assert_eq!(split(text), Err(SplitError { line, fault }), "{text:?}");
}

#[test]
fn rows_end_with_lf_or_crlf_or_the_object() {
    check("a,b\nc,d\n", &[(1, &["a", "b"]), (2, &["c", "d"])]);
    check("a,b\r\nc,d", &[(1, &["a", "b"]), (2, &["c", "d"])]);
    check("a,\r\n,d\n", &[(1, &["a", ""]), (2, &["", "d"])]);
    check("a,", &[(1, &["a", ""])]);
    check("\"a\",\"b\"\r\n\"c\",\"d\"", &[(1, &["<a>", "<b>"]), (2, &["<c>", "<d>"])]);
    check("", &[]);
}

#[test]
fn a_carriage_return_alone_is_text() {
    check("a\rb,c\n", &[(1, &["a\rb", "c"])]);
}

#[test]
fn a_quoted_field_may_hold_delimiter_quotes_and_line_ends() {
    check(
        "\"a,\"\"b\"\"\",\"c\r\nd\n\"\nx,\"\"\n",
        &[(1, &["<a,\"b\">", "<c\r\nd\n>"]), (4, &["x", "<>"])],
    );
    check("\"\"\"\",\"\"\"\"\"\"\n", &[(1, &["<\">", "<\"\">"])]);
}

#[test]
fn empty_lines_are_skipped_and_counted() {
    check("\n\r\na,b\n\n\nc,d\n\n", &[(3, &["a", "b"]), (6, &["c", "d"])]);
    check("\"\"\n", &[(1, &["<>"])]);
}

#[test]
fn an_empty_line_of_a_one_field_table_is_a_row() {
    let rows = split_as(&PLAIN, 1, "a\n\n\"\"\n").unwrap();
    let text: Vec<String> = rows.into_iter().flat_map(|(_, fields)| fields).collect();
    assert_eq!(text, ["a", "", "<>"]);
}

#[test]
fn a_byte_order_mark_is_skipped_at_the_start_only() {
    check("\u{feff}a,b\n\u{feff}c,d\n", &[(1, &["a", "b"]), (2, &["\u{feff}c", "d"])]);
    check("\u{feff}\"a\",b", &[(1, &["<a>", "b"])]);
    assert_eq!(split_in(&PLAIN, 1, [b"\xEF".as_slice()]).unwrap().len(), 1);
}

#[test]
fn broken_quoting_is_an_error_at_the_line_of_its_record() {
    check_fault("a,b\n\"c\"d,e\n", 2, SplitFault::TextAfterQuote);
    check_fault("\"a\n\",b\n\"c\"\rd,e\n", 3, SplitFault::TextAfterQuote);
    check_fault("a,b\nc\"d,e\n", 2, SplitFault::BareQuote);
    check_fault("a,b\nc,\"d\ne,f\n", 2, SplitFault::Unterminated);
    check_fault("\"", 1, SplitFault::Unterminated);
}

#[test]
fn without_rfc4180_a_quote_is_an_ordinary_byte() {
    let format = CsvFormat { rfc4180: false, ..PLAIN };
    let rows = split_as(&format, 2, "\"a\",b\"c\n").unwrap();
    assert_eq!(rows, [(1, vec!["\"a\"".to_owned(), "b\"c".to_owned()])]);
}

#[test]
fn a_record_without_end_is_refused_before_it_fills_the_memory() {
    let mut splitter = Splitter::new(&PLAIN, 2);
    splitter.push(b"a,b\n\"");
    assert!(splitter.next_record().unwrap().is_some());
    let chunk = vec![b'x'; 1 << 20];
    let refused = (0..=64).find_map(|_| {
        splitter.push(&chunk);
        splitter.next_record().err()
    });
    assert_eq!(refused, Some(SplitError { line: 2, fault: SplitFault::TooLong }));
}

/// Fields as DMS writes them: quoted where they must be, or (`bool`) although they need not be.
fn write_row(row: &[(String, bool)], crlf: bool) -> String {
    let field = |(text, quoted): &(String, bool)| {
        if *quoted || text.contains(['"', ',', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.clone()
        }
    };
    let fields: Vec<String> = row.iter().map(field).collect();
    format!("{}{}", fields.join(","), if crlf { "\r\n" } else { "\n" })
}

fn rows() -> impl Strategy<Value = Vec<Vec<(String, bool)>>> {
    let field = ("[a-c\",\n\ré ]{0,6}", any::<bool>());
    prop::collection::vec(prop::collection::vec(field, 3), 0..8)
}

proptest! {
    #[test]
    fn written_rows_are_read_back(rows in rows(), crlf: bool, cut in 1..20_usize) {
        let text: String = rows.iter().map(|row| write_row(row, crlf)).collect();
        let mut line = 1;
        let expected: Vec<Seen> = rows
            .iter()
            .map(|row| {
                let fields = row.iter().map(|(text, quoted)| {
                    let quoted = *quoted || text.contains(['"', ',', '\n', '\r']);
                    if quoted { format!("<{text}>") } else { text.clone() }
                });
                let seen = (line, fields.collect());
                let breaks = row.iter().flat_map(|(text, _)| text.matches('\n'));
                line += breaks.fold(1, |lines, _| lines + 1);
                seen
            })
            .collect();
        prop_assert_eq!(split_in(&PLAIN, 3, text.as_bytes().chunks(cut)).unwrap(), expected);
    }

    #[test]
    fn any_text_splits_the_same_however_it_is_cut(
            text in "[ab\",\n\r\u{feff}]{0,40}",
            cut in 1..9_usize,
        ) {
        for rfc4180 in [true, false] {
            let format = CsvFormat { rfc4180, ..PLAIN };
            let whole = split_in(&format, 2, [text.as_bytes()]);
            let pieces = split_in(&format, 2, text.as_bytes().chunks(cut));
            prop_assert_eq!(whole, pieces);
        }
    }
}

#[test]
fn a_carriage_return_before_a_line_feed_belongs_to_the_row_or_is_declared_to_be_text() {
    let format = CsvFormat { keeps_carriage_returns: true, ..PLAIN };
    let text = "a,b\r\n\r,\"c\r\"\nd,\n";
    let fields = |format: &CsvFormat| -> Vec<String> {
        split_as(format, 2, text).unwrap().into_iter().map(|(_, fields)| fields.join(";")).collect()
    };
    assert_eq!(fields(&format), ["a;b\r", "\r;<c\r>", "d;"]);
    assert_eq!(fields(&PLAIN), ["a;b", "\r;<c\r>", "d;"]);
    let broken = split_as(&format, 2, "a,\"b\"\r\n");
    assert_eq!(broken, Err(SplitError { line: 1, fault: SplitFault::TextAfterQuote }));
}

#[test]
fn rows_may_end_with_another_byte() {
    let seen = |format: &CsvFormat, text: &str| split_as(format, 2, text).unwrap();
    let lines = |format: &CsvFormat, text: &str| {
        seen(format, text).iter().map(|(line, _)| *line).collect::<Vec<_>>()
    };
    for end in ["|", "\r", "\u{1e}"] {
        let format = CsvFormat { row_delimiter: end.as_bytes()[0], ..PLAIN };
        let text = ["1,a\nb", "2,\"x\u{1}y\"", "3,c"].join(end).replace('\u{1}', end);
        let found = seen(&format, &format!("{text}{end}"));
        assert_eq!(found, seen(&format, &text), "the last one may end with the object");
        let texts: Vec<String> = found.iter().map(|(_, fields)| fields.join(";")).collect();
        assert_eq!(texts, ["1;a\nb", &format!("2;<x{end}y>"), "3;c"], "{end:?}");
        assert_eq!(lines(&format, &text), [1, 2, 4], "rows, and their ends in texts, are counted");
    }
}
