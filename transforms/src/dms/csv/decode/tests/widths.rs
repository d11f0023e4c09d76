//! Rows and headers with fewer or more columns than the table has.

use super::*;

/// id INT PRIMARY KEY, name VARCHAR, note VARCHAR; may be widened.
fn widening(csv: CsvFormat) -> Layout {
    let columns = vec![
        column("id", DataType::Int32),
        column("name", DataType::Utf8),
        column("note", DataType::Utf8),
    ];
    Layout { columns, drift: DriftPolicy::Widen, csv, ..changes() }
}

fn with_names() -> CsvFormat {
    CsvFormat { header: true, ..changes().csv }
}

fn beyond(layout: &Layout, text: &str) -> (Option<Extent>, String) {
    let mut decoder = Decoder::new(Arc::new(layout.clone()), 3, None, BadRows::Refuse).unwrap();
    let pushed = decoder.push(text.as_bytes());
    let error = pushed.and_then(|()| decoder.finish()).unwrap_err();
    (decoder.beyond().cloned(), error.to_string())
}

#[test]
fn columns_that_a_row_lacks_are_null() {
    let layout = widening(changes().csv);
    check(
        &layout,
        "I,1\nI,2,Bob\nI,3,Cy,x\nD,2\n",
        &["I|1|NULL|NULL", "I|2|Bob|NULL", "I|3|Cy|x", "D|2|NULL|NULL"],
    );
    check(&Layout { has_op: false, ..layout }, "1\n2,Bob\n", &["I|1|NULL|NULL", "I|2|Bob|NULL"]);
}

#[test]
fn a_row_that_lacks_the_key_or_a_column_that_is_not_null_is_refused() {
    let late_key = Layout { key: vec![1], ..widening(changes().csv) };
    check_refused(&late_key, "I,1\n", "line 1: expected 4 fields, found 2: narrower than declared");
    let mut not_null = widening(changes().csv);
    not_null.columns[2].nullable = false;
    check_refused(
        &not_null,
        "I,1,Bob\n",
        "line 1: expected 4 fields, found 3: narrower than declared",
    );
    let no_key = Layout { key: vec![], ..widening(changes().csv) };
    check_refused(&no_key, "I\n", "line 1: expected 4 fields, found 1: narrower than declared");
}

#[test]
fn columns_that_a_header_lacks_are_null_but_the_key() {
    let layout = widening(with_names());
    check(&layout, "Op,NOTE,id\nI,x,1\nD,,2\n", &["I|1|NULL|x", "D|2|NULL|NULL"]);
    check_refused(
        &layout,
        "Op,name,note\nI,Bob,x\n",
        "line 1: header does not have column `id`\nthe rest was not read",
    );
    check_refused(
        &layout,
        "Op,id,name\nI,1\n",
        "line 2: expected 3 fields, found 2: not as many as the header",
    );
}

#[test]
fn a_wider_object_tells_how_far_it_reaches_and_is_not_read_on() {
    let layout = widening(changes().csv);
    let stamped = Layout { timestamp_column: Some("ts".to_owned()), ..layout.clone() };
    let loaded = Layout { has_op: false, ..layout.clone() };
    for (layout, text) in [
        (&layout, "I,1,a,b\nI,2,a,b,c,d\n"),
        (&stamped, "I,2021-04-01 00:00:00,1,a,b,c,d\nx\n"),
        (&loaded, "1,a,b,c,d\n"),
    ] {
        let (extent, error) = beyond(layout, text);
        assert_eq!(extent, Some(Extent::Width(5)), "{text}");
        assert!(error.contains("wider than declared") && error.contains("not read"), "{error}");
    }
    let (extent, error) = beyond(&widening(with_names()), "Op,Size,id,name,note,Colour\n");
    assert_eq!(extent, Some(Extent::Names(vec!["size".to_owned(), "colour".to_owned()])));
    assert!(error.contains("`size`, `colour`"), "{error}");
}

#[test]
fn a_wide_row_that_is_bad_is_no_reason_to_widen() {
    let mut number = widening(changes().csv);
    number.columns[2] = column("n", DataType::Int32);
    let reason = "column `n`: not an INT";
    for (text, reason) in [
        ("I,1,a,x,more\n".as_bytes(), reason),
        (b"X,1,a,5,more\n", "column `Op`: "),
        (b"I,,a,5,more\n", "column `id`: "),
        (b"I,1,a,5,fine,\xff\n", "column `column_5`: not valid UTF-8"),
    ] {
        let bad_rows = BadRows::SetAside { most: 9 };
        let mut decoder = Decoder::new(Arc::new(number.clone()), 3, None, bad_rows).unwrap();
        decoder.push(text).unwrap();
        decoder.push(b"I,2,b,6\n").unwrap();
        decoder.finish().unwrap();
        assert_eq!((decoder.beyond(), decoder.widths()), (None, Some((3, 3))));
        let told = decoder.take_rejects()[0].errors[0].to_string();
        assert!(told.contains(reason), "{told}");
        let mut decoder = Decoder::new(Arc::new(number.clone()), 3, None, BadRows::Refuse).unwrap();
        let pushed = decoder.push(text);
        let error = pushed.and_then(|()| decoder.finish()).unwrap_err();
        assert!(decoder.beyond().is_none() && error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn a_row_that_deletes_tells_of_no_column_however_wide_it_is() {
    let layout = widening(changes().csv);
    check(&layout, "D,1,,,,\nI,2,a,b\n", &["D|1|NULL|NULL", "I|2|a|b"]);
    let refusing = Layout { drift: DriftPolicy::Refuse, ..layout };
    check_refused(&refusing, "D,1,,,\n", "line 1: expected 4 fields, found 5: wider than declared");
}

#[test]
fn what_is_no_new_column_is_refused_even_if_objects_may_widen() {
    for (layout, text) in [
        (Layout { has_op: false, ..widening(changes().csv) }, "I,1,a,b\n"),
        (Layout { has_op: false, ..widening(with_names()) }, "Op,id,name,note\nI,1,a,b\n"),
        (widening(with_names()), "I,1,name,x\n"),
        (widening(with_names()), "Op,id,x,x\n"),
        (changes(), "I,1,a,2021-04-01,x\n"),
        (with_header(changes()), "Op,id,name,day,x\nI,1,a,2021-04-01,x\n"),
    ] {
        let (extent, error) = beyond(&layout, text);
        assert_eq!(extent, None, "{text}: {error}");
    }
}

#[test]
fn a_row_narrower_than_those_before_is_refused_as_nothing_tells_what_it_lacks() {
    let layout = widening(changes().csv);
    check_refused(
        &layout,
        "I,1,a\nI,2,a,b\nD,1\nI,3,a\n",
        "line 4: expected 4 fields as in rows before, found 3: a column was dropped at the source, and without a header nothing tells which",
    );
    let mut decoder = Decoder::new(Arc::new(layout), 3, None, BadRows::Refuse).unwrap();
    decoder.push(b"D,1\nI,1,a\nI,2,a,b\nD,1\n").unwrap();
    decoder.finish().unwrap();
    assert_eq!(decoder.widths(), Some((2, 3)));
}
