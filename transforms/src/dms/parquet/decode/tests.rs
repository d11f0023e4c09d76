use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, FixedSizeBinaryArray,
    Float32Array, Float64Array, Int8Array, Int32Array, Int64Array, StringArray,
    Time32MillisecondArray, TimestampMicrosecondArray, TimestampMillisecondArray,
    TimestampNanosecondArray, UInt64Array,
};
use datafusion::arrow::datatypes::TimeUnit;
use datafusion::arrow::util::pretty::pretty_format_columns;

use super::*;
use crate::dms::csv::{ColumnSpec, Ops};
use crate::dms::drift::DriftPolicy;
use crate::dms::settings::Settings;

fn spec(name: &str, data_type: DataType) -> ColumnSpec {
    let name = name.to_owned();
    ColumnSpec { name, data_type, nullable: true, trim_blanks: false, fraction_digits: 6 }
}

/// `id INT PRIMARY KEY, name VARCHAR, n INT`, as changes have it.
fn layout() -> Layout {
    Layout {
        columns: vec![
            spec("id", DataType::Int32),
            spec("name", DataType::Utf8),
            spec("n", DataType::Int32),
        ],
        key: vec![0],
        has_op: true,
        op_may_lack: false,
        ops: Ops::All,
        timestamp_column: None,
        csv: Settings::default().csv,
        drift: DriftPolicy::Refuse,
    }
}

fn ints(values: &[Option<i32>]) -> ArrayRef {
    Arc::new(Int32Array::from(values.to_vec()))
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn object(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn changes() -> RecordBatch {
    object(vec![
        ("Op", texts(&[Some("I"), Some("U"), Some("D")])),
        ("id", ints(&[Some(1), Some(2), Some(3)])),
        ("name", texts(&[Some("a"), None, Some("what was")])),
        ("n", ints(&[Some(10), Some(20), Some(30)])),
    ])
}

/// Pushes the wanted columns of an object in two batches.
fn decode(decoder: &mut Decoder, object: &RecordBatch) -> Result<Vec<String>, RowErrors> {
    let wanted: Vec<usize> = decoder.wanted().collect();
    let batch = object.project(&wanted).unwrap();
    let half = batch.num_rows() / 2;
    let mut lines = Vec::new();
    decoder.check()?;
    for part in [batch.slice(0, half), batch.slice(half, batch.num_rows() - half)] {
        decoder.push(&part).unwrap()?;
        while let Some(decoded) = decoder.next_batch() {
            assert_eq!(decoded.len, decoded.ops.len());
            assert_eq!(decoded.first_row, lines.len() as u64);
            let shown = decoded.columns.iter().map(|column| {
                assert_eq!(column.len(), decoded.len);
                shown(column)
            });
            let columns: Vec<Vec<String>> = shown.collect();
            lines.extend((0..decoded.len).map(|row| {
                let values = columns.iter().map(|column| column[row].as_str());
                format!("{} {}", decoded.ops[row], values.collect::<Vec<_>>().join("|"))
            }));
        }
    }
    decoder.finish()?;
    Ok(lines)
}

fn shown(column: &ArrayRef) -> Vec<String> {
    let table = pretty_format_columns("x", &[Arc::clone(column)]).unwrap().to_string();
    let lines: Vec<&str> = table.lines().collect();
    let cells = lines[3..lines.len() - 1].iter().map(|line| line.trim_matches('|').trim());
    let cells = cells.enumerate().map(|(row, cell)| match column.is_null(row) {
        true => "NULL".to_owned(),
        false => cell.to_owned(),
    });
    cells.collect()
}

fn decoder(layout: Layout, object: &RecordBatch, bad_rows: BadRows) -> Decoder {
    Decoder::new(Arc::new(layout), &object.schema(), None, bad_rows).unwrap()
}

fn rows(layout: Layout, object: &RecordBatch) -> Result<Vec<String>, RowErrors> {
    decode(&mut decoder(layout, object, BadRows::Refuse), object)
}

/// What is wrong with an object, in one line each.
fn wrong(layout: Layout, object: &RecordBatch) -> Vec<String> {
    rows(layout, object).unwrap_err().to_string().lines().map(str::to_owned).collect()
}

#[test]
fn of_a_row_that_deletes_only_the_key_is_read() {
    let found = rows(layout(), &changes()).unwrap();
    assert_eq!(found, ["I 1|a|10", "U 2|NULL|20", "D 3|NULL|NULL"]);
}

#[test]
fn columns_are_found_by_name_in_any_order_and_case() {
    let object = object(vec![
        ("op", texts(&[Some("update")])),
        ("N", ints(&[Some(1)])),
        ("NAME", texts(&[Some("a")])),
        ("Id", ints(&[Some(7)])),
    ]);
    assert_eq!(rows(layout(), &object).unwrap(), ["U 7|a|1"]);
    let load = Layout { has_op: false, ..layout() };
    let object = object.project(&[1, 2, 3]).unwrap();
    assert_eq!(rows(load, &object).unwrap(), ["I 7|a|1"]);
}

#[test]
fn only_the_asked_columns_come_out_and_those_are_read_that_a_row_may_be_refused_for() {
    let object = changes();
    let columns = |projection: Vec<usize>, layout: Layout| {
        let decoder =
            Decoder::new(Arc::new(layout), &object.schema(), Some(projection), BadRows::Refuse);
        decoder.unwrap().wanted().collect::<Vec<_>>()
    };
    assert_eq!(columns(vec![2], layout()), [0, 1, 3], "the key must not be NULL");
    assert_eq!(columns(vec![], layout()), [0, 1]);
    let mut small = layout();
    small.columns[2].data_type = DataType::Int8;
    assert_eq!(columns(vec![], small), [0, 1, 3], "a number may be too large");
    let mut decoder =
        Decoder::new(Arc::new(layout()), &object.schema(), Some(vec![2, 0]), BadRows::Refuse)
            .unwrap();
    assert_eq!(decode(&mut decoder, &object).unwrap(), ["I 10|1", "U 20|2", "D NULL|3"]);
}

#[test]
fn an_object_whose_columns_do_not_fit_is_refused_as_a_whole() {
    let all = changes();
    let without_n = all.project(&[0, 1, 2]).unwrap();
    assert_eq!(
        wrong(layout(), &without_n),
        ["the object: header does not have column `n`", "the rest was not read"]
    );
    let with_more = {
        let mut columns: Vec<(&str, ArrayRef)> = vec![("more", ints(&[None, None, None]))];
        for (field, array) in all.schema_ref().fields().iter().zip(all.columns()) {
            columns.push((field.name(), Arc::clone(array)));
        }
        columns.rotate_left(1);
        object(columns)
    };
    assert_eq!(
        wrong(layout(), &with_more)[0],
        "the object: header has column `more` which is not declared"
    );
    let load = Layout { has_op: false, ..layout() };
    assert!(wrong(load, &all)[0].contains(
        "header begins with `Op`, which is not declared: is IncludeOpForFullLoad missing"
    ));
    let mut declared = layout();
    declared.columns[1].data_type = DataType::Boolean;
    declared.columns[2].data_type = DataType::Timestamp(TimeUnit::Microsecond, None);
    let found = wrong(declared, &all);
    assert_eq!(
        found[0],
        "the object, column `n`: the object has values of type Int32, which are not read as the declared Timestamp(µs)"
    );
}

#[test]
fn a_table_may_get_columns_or_lack_them_if_the_job_says_so() {
    let widen = Layout { drift: DriftPolicy::Widen, ..layout() };
    let object = changes().project(&[0, 1, 2]).unwrap();
    assert_eq!(rows(widen.clone(), &object).unwrap()[0], "I 1|a|NULL");
    let narrow = Layout { columns: layout().columns[..2].to_vec(), ..widen };
    let all = changes();
    let mut decoder = decoder(narrow, &all, BadRows::Refuse);
    assert!(decode(&mut decoder, &all).unwrap_err().drift);
    assert_eq!(decoder.beyond(), Some(&Extent::Names(vec!["n".to_owned()])));
}

#[test]
fn bad_rows_are_all_told_or_set_aside_with_their_row() {
    let object = object(vec![
        ("Op", texts(&[Some("I"), Some("X"), None, Some("D"), Some("U"), Some("I")])),
        ("id", ints(&[None, Some(2), Some(3), Some(4), None, Some(6)])),
        ("name", texts(&[Some("a"), Some("b, \"c\""), None, None, None, Some("f")])),
        (
            "n",
            Arc::new(Int64Array::from(vec![
                Some(1 << 40),
                None,
                None,
                Some(1 << 40),
                None,
                Some(6),
            ])) as ArrayRef,
        ),
    ]);
    let told = [
        "line 1, column `id`: NULL in a column that is NOT NULL",
        "line 1, column `n`: out of range for INT",
        "line 2, column `Op`: not an operation (I, U or D expected)",
        "line 3, column `Op`: not an operation (I, U or D expected)",
        "line 5, column `id`: NULL in a column that is NOT NULL",
    ];
    assert_eq!(wrong(layout(), &object), told);
    let mut decoder = decoder(layout(), &object, BadRows::SetAside { most: 4 }).watching(Some(1));
    assert_eq!(decode(&mut decoder, &object).unwrap(), ["D 4|NULL|NULL", "I 6|f|6"]);
    assert_eq!(decoder.line(), Some(6));
    let rejects = decoder.take_rejects();
    let raw: Vec<String> =
        rejects.iter().map(|reject| String::from_utf8(reject.raw.text.clone()).unwrap()).collect();
    assert_eq!(raw, ["I,,a,1099511627776", "X,2,\"b, \"\"c\"\"\",", ",3,,", "U,,,"]);
    assert_eq!(rejects[0].errors.len(), 2);
    let mut few = super::tests::decoder(layout(), &object, BadRows::SetAside { most: 3 });
    assert_eq!(decode(&mut few, &object).unwrap_err().stop, Some(Stop::TooMany { most: 3 }));
}

#[test]
fn without_a_key_only_inserts_have_a_meaning() {
    let keyless = Layout { key: Vec::new(), ..layout() };
    let found = wrong(keyless, &changes());
    assert_eq!(found[0], "line 2, column `Op`: U needs a PRIMARY KEY, the source has none");
}

/// A value of a type that DMS writes, the type that it is declared as, and what comes of it; `-` if it is not read as that.
type Case = (ArrayRef, DataType, &'static str);

fn numbers() -> Vec<Case> {
    use DataType as T;
    let decimal = |value: i128, precision: u8, scale: i8| {
        let array = Decimal128Array::from(vec![value]);
        Arc::new(array.with_precision_and_scale(precision, scale).unwrap()) as ArrayRef
    };
    vec![
        // PostgreSQL's booleans are texts unless MapBooleanAsBoolean is set.
        (texts(&[Some("true")]), T::Boolean, "true"),
        (texts(&[Some("f")]), T::Boolean, "false"),
        (Arc::new(BooleanArray::from(vec![true])), T::Boolean, "true"),
        (Arc::new(Int8Array::from(vec![1])), T::Boolean, "true"),
        (Arc::new(Int8Array::from(vec![2])), T::Boolean, "not a BOOLEAN"),
        (Arc::new(Int8Array::from(vec![-7])), T::Int64, "-7"),
        (Arc::new(Int64Array::from(vec![-7])), T::Int8, "-7"),
        (Arc::new(Int64Array::from(vec![128])), T::Int8, "out of range for TINYINT"),
        (Arc::new(UInt64Array::from(vec![u64::MAX])), T::UInt64, "18446744073709551615"),
        (Arc::new(UInt64Array::from(vec![u64::MAX])), T::Int64, "out of range for BIGINT"),
        (Arc::new(Int32Array::from(vec![5])), T::Decimal128(10, 2), "5.00"),
        (Arc::new(Int32Array::from(vec![5])), T::Float64, "5.0"),
        (decimal(12345, 10, 2), T::Decimal128(10, 2), "123.45"),
        (decimal(12345, 10, 2), T::Decimal128(38, 10), "123.4500000000"),
        (decimal(12340, 10, 2), T::Decimal128(10, 1), "123.4"),
        (decimal(12345, 10, 2), T::Decimal128(10, 1), "more than 1 digits after the point"),
        (decimal(12345, 10, 2), T::Decimal128(4, 2), "out of range for DECIMAL(4,2)"),
        (decimal(12345, 10, 2), T::Float64, "123.45"),
        (decimal(12300, 10, 2), T::Int32, "not an INT"),
        (decimal(123, 10, 0), T::Int32, "123"),
    ]
}

#[expect(clippy::too_many_lines, reason = "a list of cases")]
fn moments_texts_and_bytes() -> Vec<Case> {
    use DataType as T;
    let timestamp = T::Timestamp(TimeUnit::Microsecond, None);
    let micros = 1_704_164_645_123_456_i64;
    let utc = |array: TimestampMicrosecondArray| Arc::new(array.with_timezone("UTC")) as ArrayRef;
    vec![
        (
            Arc::new(TimestampMicrosecondArray::from(vec![micros])),
            T::Utf8,
            "2024-01-02 03:04:05.123456",
        ),
        (
            Arc::new(TimestampMicrosecondArray::from(vec![micros])),
            T::Date32,
            "a time of day in a DATE",
        ),
        (Arc::new(TimestampMicrosecondArray::from(vec![86_400_000_000])), T::Date32, "1970-01-02"),
        // PostgreSQL's -infinity, a year beyond 9999, and what no calendar has.
        (
            Arc::new(TimestampMicrosecondArray::from(vec![-210_866_803_200_000_000])),
            timestamp.clone(),
            "not a TIMESTAMP (YYYY-MM-DD HH:MM:SS expected)",
        ),
        (
            Arc::new(TimestampMicrosecondArray::from(vec![253_402_300_800_000_000])),
            timestamp.clone(),
            "not a TIMESTAMP (YYYY-MM-DD HH:MM:SS expected)",
        ),
        (
            Arc::new(TimestampMillisecondArray::from(vec![i64::MAX])),
            timestamp.clone(),
            "out of range for its type",
        ),
        (
            Arc::new(Date32Array::from(vec![2_932_897])),
            T::Date32,
            "not a DATE (YYYY-MM-DD expected)",
        ),
        (Arc::new(Date32Array::from(vec![i32::MAX])), T::Utf8, "out of range for its type"),
        (
            Arc::new(Time32MillisecondArray::from(vec![-1])),
            T::Time64(TimeUnit::Microsecond),
            "out of range for its type",
        ),
        (Arc::new(FixedSizeBinaryArray::try_from_iter(["ab"].into_iter()).unwrap()), T::Utf8, "ab"),
        (new_null_array(&T::Null, 1), T::Int32, "NULL"),
        (Arc::new(Float32Array::from(vec![1.5])), T::Float64, "1.5"),
        (Arc::new(Float64Array::from(vec![1.5])), T::Float32, "1.5"),
        (Arc::new(Float64Array::from(vec![f64::NAN])), T::Float64, "NaN"),
        (Arc::new(Date32Array::from(vec![19_724])), T::Date32, "2024-01-02"),
        (Arc::new(Date32Array::from(vec![19_724])), timestamp.clone(), "2024-01-02T00:00:00"),
        (
            Arc::new(TimestampMicrosecondArray::from(vec![micros])),
            timestamp.clone(),
            "2024-01-02T03:04:05.123456",
        ),
        (
            utc(TimestampMicrosecondArray::from(vec![micros])),
            timestamp.clone(),
            "2024-01-02T03:04:05.123456",
        ),
        // ParquetTimestampInMillisecond.
        (
            Arc::new(TimestampMillisecondArray::from(vec![micros / 1000])),
            timestamp.clone(),
            "2024-01-02T03:04:05.123",
        ),
        (
            Arc::new(TimestampNanosecondArray::from(vec![micros * 1000])),
            timestamp.clone(),
            "2024-01-02T03:04:05.123456",
        ),
        (texts(&[Some("2024-01-02 03:04:05.1")]), timestamp, "2024-01-02T03:04:05.100"),
        (
            Arc::new(Time32MillisecondArray::from(vec![3_723_004])),
            T::Time64(TimeUnit::Microsecond),
            "01:02:03.004",
        ),
        (texts(&[Some("12:34:56")]), T::Time64(TimeUnit::Microsecond), "12:34:56"),
        (Arc::new(BinaryArray::from(vec![b"\x00\xff".as_slice()])), T::Binary, "00ff"),
        (texts(&[Some("00ff")]), T::Binary, "00ff"),
        (Arc::new(BinaryArray::from(vec!["é".as_bytes()])), T::Utf8, "é"),
        (Arc::new(BinaryArray::from(vec![b"\xff".as_slice()])), T::Utf8, "not valid UTF-8"),
        (texts(&[Some("NULL")]), T::Utf8, "NULL"),
        (texts(&[Some("")]), T::Int32, "empty text"),
        (texts(&[Some("12")]), T::Int32, "12"),
        (Arc::new(Int32Array::from(vec![12])), T::Utf8, "12"),
        (Arc::new(Date32Array::from(vec![19_724])), T::Utf8, "2024-01-02"),
        (Arc::new(Float64Array::from(vec![1.5])), T::Utf8, "1.5"),
        (texts(&[Some("1.5")]), T::Binary, "not a BINARY (hexadecimal digits expected)"),
    ]
}

#[test]
fn values_come_out_as_the_same_text_of_csv_would() {
    let cases = numbers().into_iter().chain(moments_texts_and_bytes());
    let cases = cases.map(|(array, declared, expected)| {
        let input = format!("{} as {declared}", array.data_type());
        let spec = spec("x", declared);
        let found = match Conversion::of(array.data_type(), &spec) {
            None => "-".to_owned(),
            Some(conversion) => {
                let Converted { values, faults } = conversion.convert(&array, &spec).unwrap();
                assert_eq!(values.data_type(), &spec.data_type, "{input}");
                match faults.first() {
                    Some((_, fault)) => fault.to_string(),
                    None => shown(&values).remove(0),
                }
            }
        };
        (input, found, expected.to_owned())
    });
    crate::testing::assert_all(cases);
}

#[test]
fn padding_and_digits_are_cut_off_as_declared() {
    let padded = ColumnSpec { trim_blanks: true, ..spec("x", DataType::Utf8) };
    let whole = ColumnSpec {
        fraction_digits: 0,
        ..spec("x", DataType::Timestamp(TimeUnit::Microsecond, None))
    };
    let seconds: ArrayRef = Arc::new(TimestampMillisecondArray::from(vec![Some(1_000), None]));
    for (array, spec, expected) in [
        (texts(&[Some("ab  "), None]), padded, ["ab", "NULL"]),
        (seconds, whole, ["1970-01-01T00:00:01", "NULL"]),
    ] {
        let conversion = Conversion::of(array.data_type(), &spec).unwrap();
        let converted = conversion.convert(&array, &spec).unwrap();
        assert_eq!(shown(&converted.values), expected);
        assert_eq!(converted.faults, []);
    }
}
