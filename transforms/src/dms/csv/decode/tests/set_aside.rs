//! Bad rows that are set aside, as if they were not there.

use super::*;

/// Rows, and what is set aside as `line: reasons: raw`.
fn set_aside(
    layout: &Layout,
    text: &[u8],
    most: u64,
) -> Result<(Vec<String>, Vec<String>), String> {
    let bad_rows = BadRows::SetAside { most };
    let whole = decode_with(layout, text, usize::MAX, bad_rows);
    assert_eq!(whole, decode_with(layout, text, 1, bad_rows));
    let told = |reject: &Reject| {
        let errors: Vec<String> = reject.errors.iter().map(ToString::to_string).collect();
        let raw = String::from_utf8_lossy(&reject.raw.text).into_owned();
        format!("{} | {} | {raw}", reject.lines, errors.join("; "))
    };
    whole
        .map(|(rows, rejects)| (rows, rejects.iter().map(told).collect()))
        .map_err(|errors| errors.to_string())
}

fn check_set_aside(layout: &Layout, text: &[u8], rows: &[&str], rejects: &[&str]) {
    let (found, aside) = set_aside(layout, text, 100).unwrap();
    assert_eq!((found.as_slice(), aside.as_slice()), (&*texts(rows), &*texts(rejects)));
}

fn texts(of: &[&str]) -> Vec<String> {
    of.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn bad_rows_are_set_aside_as_if_they_were_not_there() {
    check_set_aside(
        &changes(),
        b"I,1,Ann,2021-04-01\nX,2,Bob,2021-04-01\r\nI,3\nU,4,\"a \"\"b\"\"\n\",no\nU,,,x\nU,5,\xff,2021-04-01\n\
          D,1,x\"y,\nI,6,Eve,2021-04-01",
        &["I|1|Ann|2021-04-01", "I|6|Eve|2021-04-01"],
        &[
            "1 | line 2, column `Op`: not an operation (I, U or D expected) | X,2,Bob,2021-04-01",
            "1 | line 3: expected 4 fields, found 2: narrower than declared | I,3",
            "2 | line 4, column `day`: not a DATE (YYYY-MM-DD expected) | U,4,\"a \"\"b\"\"\n\",no",
            "1 | line 6, column `id`: NULL in a column that is NOT NULL; \
             line 6, column `day`: not a DATE (YYYY-MM-DD expected) | U,,,x",
            "1 | line 7, column `name`: not valid UTF-8 | U,5,\u{fffd},2021-04-01",
            "1 | line 8: quote inside an unquoted field | D,1,x\"y,",
        ],
    );
}

#[test]
fn a_bare_quote_does_not_hide_the_quoted_fields_behind_it() {
    check_set_aside(
        &changes(),
        b"I,a\"b,\"x\nI,7,Forged,2021-04-01\ny\",2021-04-01\nI,6,Eve,2021-04-01\n",
        &["I|6|Eve|2021-04-01"],
        &["3 | line 1: quote inside an unquoted field | \
           I,a\"b,\"x\nI,7,Forged,2021-04-01\ny\",2021-04-01"],
    );
}

#[test]
fn behind_other_broken_quoting_all_lines_are_set_aside() {
    check_set_aside(
        &changes(),
        b"I,1,Ann,2021-04-01\nI,2,\"Bob\"x,2021-04-01\n\nI,6,Eve,2021-04-01",
        &["I|1|Ann|2021-04-01"],
        &[
            "1 | line 2: text after a closing quote | I,2,\"Bob\"x,2021-04-01",
            "1 | line 3: behind the broken quoting of line 2 | ",
            "1 | line 4: behind the broken quoting of line 2 | I,6,Eve,2021-04-01",
        ],
    );
    check_set_aside(
        &full_load(),
        b"1,Ann,2021-04-01\n2,\"Bob,2021-04-01\n3,Eve,2021-04-01\n",
        &["I|1|Ann|2021-04-01"],
        &[
            "1 | line 2: closing quote missing at the end of the object | 2,\"Bob,2021-04-01",
            "1 | line 3: behind the broken quoting of line 2 | 3,Eve,2021-04-01",
        ],
    );
}

#[test]
fn more_bad_rows_than_may_be_set_aside_are_an_error() {
    let text = b"I,1\nI,2,\"x\ny\"\nI,6,Eve,2021-04-01\n";
    assert!(set_aside(&changes(), text, 3).is_ok());
    let expected = "line 1: expected 4 fields, found 2: narrower than declared\nline 2: expected 4 fields, found 3: narrower than declared\n\
        more rows would be set aside than `rejected_rows` allows, 2";
    assert_eq!(set_aside(&changes(), text, 2).unwrap_err(), expected);
    let broken = b"I,1,Ann,2021-04-01\nI,2,\"Bob\"x,2021-04-01\nx\ny\n";
    assert!(set_aside(&changes(), broken, 3).is_ok());
    assert!(set_aside(&changes(), broken, 2).is_err());
    assert!(set_aside(&changes(), &b"x\n".repeat(1000), 999).is_err());
}

#[test]
fn a_header_is_never_set_aside() {
    for header in
        ["Op,id,name\n", "Op,id,na\"me,day\n", "Op,id,\"name\"x,day\n", "\"Op,id,name,day\n"]
    {
        let error = set_aside(&with_header(changes()), header.as_bytes(), 100).unwrap_err();
        assert!(error.ends_with("the rest was not read"), "{error}");
    }
    check_set_aside(
        &with_header(changes()),
        b"Op,id,name,day\nI\nI,1,Ann,2021-04-01\n",
        &["I|1|Ann|2021-04-01"],
        &["1 | line 2: expected 4 fields, found 1: not as many as the header | I"],
    );
}

/// The text without the physical lines that were set aside.
fn without(text: &[u8], rejects: &[Reject]) -> Vec<u8> {
    let is_aside = |line: u64| {
        rejects.iter().any(|reject| {
            let first = reject.errors[0].line;
            (first..first + reject.lines).contains(&line)
        })
    };
    let lines = text.split_inclusive(|byte| *byte == b'\n').zip(1..);
    lines.filter(|(_, line)| !is_aside(*line)).flat_map(|(text, _)| text.to_vec()).collect()
}

proptest! {
    /// Among them broken quoting of every kind, bad values, bytes that are not UTF-8.
    #[test]
    fn an_object_with_bad_rows_is_the_object_without_their_lines(
        lines in proptest::collection::vec("([IUDX]?,[0-9x]{0,2},[a\"é\n]{0,4}(~|),(2021-04-01|)|[IU],[0-9]{1,2},(a|\"a\"\"\r\nb\"),2021-04-01)\r?\n", 0..12),
        cut in 1..20_usize,
    ) {
        let mut text = lines.concat().into_bytes();
        for byte in &mut text {
            *byte = if *byte == b'~' { 0xff } else { *byte };
        }
        for layout in [changes(), Layout { key: vec![], ..changes() }] {
            let most = BadRows::SetAside { most: 1000 };
            let (rows, rejects) = decode_with(&layout, &text, cut, most).unwrap();
            let rest = without(&text, &rejects);
            prop_assert_eq!(decode_with(&layout, &rest, usize::MAX, most).unwrap(), (rows.clone(), vec![]));
            prop_assert_eq!(decode_in(&layout, &rest, cut).unwrap(), rows);
        }
    }

    #[test]
    fn random_bytes_decode_the_same_however_they_are_cut(bytes: Vec<u8>, cut in 1..20_usize) {
        for layout in [changes(), full_load(), with_header(changes())] {
            let whole = decode_in(&layout, &bytes, usize::MAX);
            prop_assert_eq!(whole, decode_in(&layout, &bytes, cut));
        }
    }

    #[test]
    fn bytes_like_rows_decode_the_same_however_they_are_cut(
        text in "([IUDX]?,[0-9]{0,3},[a\"é]{0,4},(2021-04-01|)\r?\n){0,30}",
        cut in 1..20_usize,
    ) {
        let layout = changes();
        let whole = decode_in(&layout, text.as_bytes(), usize::MAX);
        prop_assert_eq!(whole, decode_in(&layout, text.as_bytes(), cut));
    }
}
