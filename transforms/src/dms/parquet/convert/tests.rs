use std::sync::Arc;

use datafusion::arrow::array::{
    BinaryArray, BooleanArray, Date32Array, Decimal128Array, FixedSizeBinaryArray, Float32Array,
    Float64Array, Int8Array, Int32Array, Int64Array, StringArray, Time32MillisecondArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray, UInt64Array,
    new_null_array,
};
use datafusion::arrow::util::pretty::pretty_format_columns;

use super::*;

/// A nullable column.
pub(in crate::dms::parquet) fn spec(name: &str, data_type: DataType) -> ColumnSpec {
    let name = name.to_owned();
    ColumnSpec { name, data_type, nullable: true, trim_blanks: false, fraction_digits: 6 }
}

/// A column of texts.
pub(in crate::dms::parquet) fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// The values of a column as the engine shows them.
pub(in crate::dms::parquet) fn shown(column: &ArrayRef) -> Vec<String> {
    let table = pretty_format_columns("x", &[Arc::clone(column)]).unwrap().to_string();
    let lines: Vec<&str> = table.lines().collect();
    let cells = lines[3..lines.len() - 1].iter().map(|line| line.trim_matches('|').trim());
    let cells = cells.enumerate().map(|(row, cell)| match column.is_null(row) {
        true => "NULL".to_owned(),
        false => cell.to_owned(),
    });
    cells.collect()
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

#[test]
fn a_moment_is_the_same_in_milli_micro_and_nanoseconds() {
    let spec = spec("x", DataType::Timestamp(TimeUnit::Microsecond, None));
    let millis = [-1_i64, 0, 1_704_164_645_123];
    let columns: [ArrayRef; 3] = [
        Arc::new(TimestampMillisecondArray::from(millis.to_vec())),
        Arc::new(TimestampMicrosecondArray::from(millis.map(|value| value * 1000).to_vec())),
        Arc::new(TimestampNanosecondArray::from(millis.map(|value| value * 1_000_000).to_vec())),
    ];
    for column in columns {
        let conversion = Conversion::of(column.data_type(), &spec).unwrap();
        let converted = conversion.convert(&column, &spec).unwrap();
        let found = converted.values.as_primitive::<TimestampMicrosecondType>();
        assert_eq!(found.values().to_vec(), millis.map(|value| value * 1000).to_vec());
    }
}
