use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{DataType, Field, Int32Type, Schema};
use datafusion::arrow::util::display::array_value_to_string;
use proptest::prelude::*;

use super::*;
use crate::dms::csv::{ColumnSpec, Ops, ROW_ERRORS_MAX, Stop};
use crate::dms::drift::{DriftPolicy, Extent};
use crate::dms::settings::{CsvFormat, Settings};

fn column(name: &str, data_type: DataType) -> ColumnSpec {
    let name = name.to_owned();
    ColumnSpec { name, data_type, nullable: true, trim_blanks: false, fraction_digits: 6 }
}

/// id INT PRIMARY KEY, name VARCHAR, day DATE NOT NULL; with operations.
fn changes() -> Layout {
    Layout {
        columns: vec![
            column("id", DataType::Int32),
            column("name", DataType::Utf8),
            ColumnSpec { nullable: false, ..column("day", DataType::Date32) },
        ],
        key: vec![0],
        has_op: true,
        op_may_lack: false,
        ops: Ops::All,
        timestamp_column: None,
        csv: Settings::default().csv,
        of_table: None,
        change_sequence: None,
        before_key: Vec::new(),
        drift: DriftPolicy::Refuse,
        first_look: None,
    }
}

fn full_load() -> Layout {
    Layout { has_op: false, ..changes() }
}

fn with_header(layout: Layout) -> Layout {
    Layout { csv: CsvFormat { header: true, ..layout.csv }, ..layout }
}

/// Decodes in pieces of `cut` bytes; rows as text, `op|value|value|value`.
fn decode_in(layout: &Layout, text: &[u8], cut: usize) -> Result<Vec<String>, RowErrors> {
    Ok(decode_with(layout, text, cut, BadRows::Refuse)?.0)
}

/// The same with the rows that are set aside.
fn decode_with(
    layout: &Layout,
    text: &[u8],
    cut: usize,
    bad_rows: BadRows,
) -> Result<(Vec<String>, Vec<Reject>), RowErrors> {
    let mut decoder = Decoder::new(Arc::new(layout.clone()), 3, None, bad_rows).unwrap();
    let mut rows = Vec::new();
    let mut take = |decoder: &mut Decoder| {
        while let Some(batch) = decoder.next_batch() {
            assert!(batch.len > 0 && batch.ops.len() == batch.len);
            assert_eq!(batch.first_row, rows.len() as u64);
            for row in 0..batch.len {
                let value = |array: &ArrayRef| match array.is_null(row) {
                    true => "NULL".to_owned(),
                    false => array_value_to_string(array, row).unwrap(),
                };
                let values: Vec<String> = batch.columns.iter().map(value).collect();
                rows.push(format!("{}|{}", batch.ops[row], values.join("|")));
            }
        }
    };
    for chunk in text.chunks(cut) {
        decoder.push(chunk)?;
        take(&mut decoder);
    }
    decoder.finish()?;
    take(&mut decoder);
    Ok((rows, decoder.take_rejects()))
}

fn decode(layout: &Layout, text: &str) -> Result<Vec<String>, String> {
    let whole = decode_in(layout, text.as_bytes(), usize::MAX);
    assert_eq!(whole, decode_in(layout, text.as_bytes(), 1), "{text:?}");
    whole.map_err(|errors| errors.to_string())
}

fn check(layout: &Layout, text: &str, expected: &[&str]) {
    assert_eq!(decode(layout, text).unwrap(), expected, "{text:?}");
}

fn check_refused(layout: &Layout, text: &str, expected: &str) {
    assert_eq!(decode(layout, text).unwrap_err(), expected, "{text:?}");
}

#[test]
fn a_full_load_is_inserts_and_changes_tell_their_operation() {
    check(
        &full_load(),
        "1,Ann,2021-04-01\n2,,2021-04-02\n",
        &["I|1|Ann|2021-04-01", "I|2|NULL|2021-04-02"],
    );
    check(
        &changes(),
        "I,1,Ann,2021-04-01\nupdate,1,\"\",2021-04-01\n",
        &["I|1|Ann|2021-04-01", "U|1||2021-04-01"],
    );
    check(&changes(), "", &[]);
}

#[test]
fn more_rows_than_a_batch_keep_their_order_and_numbers() {
    let text: String = (0..10).map(|id| format!("I,{id},x,2021-04-01\n")).collect();
    let rows = decode(&changes(), &text).unwrap();
    let expected: Vec<String> = (0..10).map(|id| format!("I|{id}|x|2021-04-01")).collect();
    assert_eq!(rows, expected);
}

#[test]
fn of_a_delete_only_the_key_is_read() {
    check(&changes(), "D,1,,\nD,2,x,not a day\n", &["D|1|NULL|NULL", "D|2|NULL|NULL"]);
    check_refused(&changes(), "D,,,\n", "line 1, column `id`: NULL in a column that is NOT NULL");
}

#[test]
fn without_a_key_only_inserts_have_a_meaning() {
    let layout = Layout { key: vec![], ..changes() };
    check(&layout, "I,1,x,2021-04-01\n", &["I|1|x|2021-04-01"]);
    for op in ["U", "D"] {
        let text = format!("{op},1,x,2021-04-01\n");
        let expected =
            format!("line 1, column `Op`: {op} needs a PRIMARY KEY, the source has none");
        check_refused(&layout, &text, &expected);
    }
}

#[test]
fn the_timestamp_column_comes_after_the_operation() {
    let layout = Layout { timestamp_column: Some("ts".to_owned()), ..changes() };
    let text = "I,2023-03-28 09:57:04.729440,1,Ann,2021-04-01\n";
    check(&layout, text, &["I|1|Ann|2021-04-01"]);

    let mut declared = layout;
    declared.columns.push(column("TS", DataType::Utf8));
    check(&declared, text, &["I|1|Ann|2021-04-01|2023-03-28 09:57:04.729440"]);
}

#[test]
fn a_header_names_the_fields_in_any_order_and_case() {
    let layout = with_header(changes());
    check(&layout, "OP,Day,ID,\"NAME\"\nI,2021-04-01,1,Ann\n", &["I|1|Ann|2021-04-01"]);
    let stamped = Layout { timestamp_column: Some("ts".to_owned()), ..layout };
    check(&stamped, "Op,ts,id,name,day\nI,now,1,Ann,2021-04-01\n", &["I|1|Ann|2021-04-01"]);
    check(&with_header(full_load()), "id,name,day\n", &[]);
}

#[test]
fn a_header_that_does_not_fit_is_refused() {
    let layout = with_header(changes());
    check_refused(
        &layout,
        "Op,id,name,day,x\n",
        "line 1: header has column `x` which is not declared\nthe rest was not read",
    );
    check_refused(
        &layout,
        "Op,id,day,ID\n",
        "line 1: header has column `ID` twice\n\
         line 1: header does not have column `name`\nthe rest was not read",
    );
    check_refused(
        &layout,
        "id,name,day\n",
        "line 1: header does not begin with `Op`: are CdcInsertsOnly or CdcInsertsAndUpdates missing?\nthe rest was not read",
    );
}

#[test]
fn a_row_in_place_of_the_header_is_not_told() {
    check_refused(
        &with_header(changes()),
        "I,1,Ann,2021-04-01\n",
        "line 1: first row names none of the declared columns: is AddColumnName declared where objects have no header?\nthe rest was not read",
    );
}

#[test]
fn several_bad_rows_are_told_without_their_values() {
    check_refused(
        &changes(),
        "I,1,Ann,2021-04-01\nX,2,Bob,2021-04-01\nI,3\nI,x,\"a\nb\",y\nI,,Eve,2021-04-01\n",
        "line 2, column `Op`: not an operation (I, U or D expected)\n\
         line 3: expected 4 fields, found 2: narrower than declared\n\
         line 4, column `id`: not an INT\n\
         line 4, column `day`: not a DATE (YYYY-MM-DD expected)\n\
         line 6, column `id`: NULL in a column that is NOT NULL",
    );
}

#[test]
fn an_object_that_may_lack_operations_tells_by_its_first_row_or_its_header() {
    let either = Layout { op_may_lack: true, ..changes() };
    let expected = ["I|1|Ann|2021-04-01", "I|2|I|2021-04-02"];
    check(&either, "I,1,Ann,2021-04-01\nI,2,I,2021-04-02\n", &expected);
    check(&either, "1,Ann,2021-04-01\n2,I,2021-04-02\n", &expected);
    check(&either, "", &[]);
    check_refused(
        &either,
        "1,Ann,2021-04-01\nI,2,I,2021-04-02\n",
        "line 2: expected 3 fields, found 4, and the first may be an operation: is IncludeOpForFullLoad missing?",
    );
    check_refused(
        &either,
        "I,1,Ann,2021-04-01\n2,I,2021-04-02\n",
        "line 2: expected 4 fields, found 3: narrower than declared",
    );
    let named = with_header(either.clone());
    check(&named, "Op,id,name,day\nU,1,Ann,2021-04-01\n", &["U|1|Ann|2021-04-01"]);
    check(&named, "id,name,day\n1,Ann,2021-04-01\n", &["I|1|Ann|2021-04-01"]);
    // A cut row tells nothing, and a column that was dropped does not go unseen.
    check_refused(
        &either,
        "x\n1,Ann,2021-04-01\n",
        "line 1: expected 4 fields, found 1: narrower than declared",
    );
    check_refused(
        &either,
        "U,1,Ann\n",
        "line 1, column `id`: not an INT\nline 1, column `day`: not a DATE (YYYY-MM-DD expected)",
    );
}

#[test]
fn an_operation_that_is_not_written_as_declared_is_a_bad_row() {
    let inserts = Layout { ops: Ops::InsertsOnly, ..changes() };
    check(&inserts, "I,1,Ann,2021-04-01\n", &["I|1|Ann|2021-04-01"]);
    check_refused(
        &inserts,
        "U,1,Ann,2021-04-01\nD,1,,\n",
        "line 1, column `Op`: U is not written with CdcInsertsOnly, which is declared\n\
         line 2, column `Op`: D is not written with CdcInsertsOnly, which is declared",
    );
    let updates = Layout { ops: Ops::InsertsAndUpdates, ..changes() };
    check(&updates, "U,1,Ann,2021-04-01\n", &["U|1|Ann|2021-04-01"]);
    check_refused(
        &updates,
        "D,1,,\n",
        "line 1, column `Op`: D is not written with CdcInsertsAndUpdates, which is declared",
    );
}

#[test]
fn reading_stops_after_many_bad_rows_and_stays_stopped() {
    let mut decoder = Decoder::new(Arc::new(changes()), 8, None, BadRows::Refuse).unwrap();
    let errors = decoder.push("x\n".repeat(100).as_bytes()).unwrap_err();
    assert_eq!((errors.errors.len(), errors.stop), (ROW_ERRORS_MAX, Some(Stop::Enough)));
    assert_eq!(decoder.push(b"I,1,Ann,2021-04-01\n"), Err(errors.clone()));
    assert_eq!(decoder.finish(), Err(errors));
    assert!(decoder.next_batch().is_none());
}

#[test]
fn broken_quoting_ends_the_reading_at_once() {
    check_refused(
        &changes(),
        "I,x,Ann,2021-04-01\nI,1,\"Ann\"x,2021-04-01\nI,x,Ann,2021-04-01\n",
        "line 1, column `id`: not an INT\n\
         line 2: text after a closing quote\nthe rest was not read",
    );
}

#[test]
fn columns_that_are_not_asked_for_are_checked() {
    let project = |text: &str| {
        let mut decoder =
            Decoder::new(Arc::new(changes()), 8, Some(vec![1]), BadRows::Refuse).unwrap();
        decoder.push(text.as_bytes())?;
        decoder.finish().map(|()| decoder.next_batch().unwrap())
    };
    let batch = project("I,1,Ann,2021-04-01\n").unwrap();
    assert_eq!(batch.columns.len(), 1);
    assert_eq!(batch.columns[0].as_string::<i32>().value(0), "Ann");
    assert!(project("I,x,Ann,2021-04-01\n").is_err());
    assert!(project("I,1,Ann,2021-02-30\n").is_err());
}

#[test]
fn no_columns_at_all_still_count_rows() {
    let mut decoder =
        Decoder::new(Arc::new(full_load()), 8, Some(vec![]), BadRows::Refuse).unwrap();
    decoder.push(b"1,Ann,2021-04-01\n2,Bob,2021-04-01\n").unwrap();
    decoder.finish().unwrap();
    let batch = decoder.next_batch().unwrap();
    assert_eq!((batch.len, batch.columns.len()), (2, 0));
}

#[test]
fn large_rows_end_a_batch_early() {
    let mut decoder = Decoder::new(Arc::new(changes()), 1000, None, BadRows::Refuse).unwrap();
    let row = format!("I,1,{},2021-04-01\n", "x".repeat(40 << 20));
    let mut lengths = Vec::new();
    for _ in 0..5 {
        decoder.push(row.as_bytes()).unwrap();
        lengths.extend(std::iter::from_fn(|| decoder.next_batch()).map(|batch| batch.len));
    }
    decoder.finish().unwrap();
    lengths.extend(std::iter::from_fn(|| decoder.next_batch()).map(|batch| batch.len));
    assert_eq!(lengths, [2, 2, 1]);
}

#[test]
fn a_layout_that_cannot_be_read_is_refused() {
    let mut layout = changes();
    layout.columns[1].data_type =
        DataType::Duration(datafusion::arrow::datatypes::TimeUnit::Second);
    let error = Decoder::new(Arc::new(layout), 8, None, BadRows::Refuse).unwrap_err().to_string();
    assert!(error.starts_with("column `name` has the type Duration"), "{error}");
    let error = Decoder::new(Arc::new(changes()), 8, Some(vec![3]), BadRows::Refuse).unwrap_err();
    assert_eq!(error, LayoutError::NoSuchColumn { index: 3, count: 3 });
}

#[test]
fn a_decoder_can_move_to_another_thread() {
    fn is_send<T: Send>(_: &T) {}
    is_send(&Decoder::new(Arc::new(changes()), 8, None, BadRows::Refuse).unwrap());
}

#[test]
fn batches_become_record_batches() {
    let schema = Arc::new(Schema::new(vec![
        Field::new("id", DataType::Int32, false),
        Field::new("name", DataType::Utf8, true),
        Field::new("day", DataType::Date32, false),
    ]));
    let mut decoder = Decoder::new(Arc::new(full_load()), 2, None, BadRows::Refuse).unwrap();
    decoder.push(b"1,a,2021-04-01\n2,b,2021-04-01\n3,c,2021-04-01").unwrap();
    decoder.finish().unwrap();
    let batches: Vec<RecordBatch> = std::iter::from_fn(|| decoder.next_batch())
        .map(|batch| RecordBatch::try_new(Arc::clone(&schema), batch.columns).unwrap())
        .collect();
    let whole = concat_batches(&schema, &batches).unwrap();
    assert_eq!(whole.column(0).as_primitive::<Int32Type>().values(), &[1, 2, 3]);
}

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
