use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{DataType, Field, Int32Type, Schema};
use datafusion::arrow::util::display::array_value_to_string;
use proptest::prelude::*;

use super::*;
use crate::dms::csv::{ColumnSpec, Ops, ROW_ERRORS_MAX, Stop};
use crate::dms::drift::{DriftPolicy, Extent};
use crate::dms::settings::{CsvFormat, Settings};

mod set_aside;
mod widths;

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
    assert!(error.starts_with("column `name` has the type INTERVAL DAY TO SECOND"), "{error}");
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
