use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array,
    Int64Array, StringArray, Time64MicrosecondArray, TimestampMicrosecondArray, UInt64Array,
};

use super::*;

fn column(sql_type: &str) -> Column {
    Column::new(&ColumnDef {
        name: "c".to_owned(),
        sql_type: sql_type.to_owned(),
        data_type: None,
        nullable: true,
        optional: true,
        generated: false,
        is_set: None,
        collation: None,
    })
}

fn batch(array: impl Array + 'static) -> RecordBatch {
    RecordBatch::try_from_iter([("c", Arc::new(array) as ArrayRef)]).unwrap()
}

fn field(sql_type: &str, array: impl Array + 'static) -> String {
    let mut out = Vec::new();
    let (column, mut slow) = (column(sql_type), Vec::new());
    column.fields(&array).write(0, &mut out).unwrap();
    column.write_field(&array, 0, &mut slow).unwrap();
    assert_eq!(out, slow);
    String::from_utf8(out).unwrap()
}

fn value(sql_type: &str, array: impl Array + 'static) -> Value {
    column(sql_type).parameter(&batch(array), 0, 0).unwrap()
}

fn refusal(sql_type: &str, array: impl Array + 'static) -> String {
    let by_load = column(sql_type).fields(&array).write(0, &mut Vec::new()).unwrap_err();
    let batch = batch(array);
    let by_insert = column(sql_type).parameter(&batch, 0, 0).unwrap_err();
    assert_eq!(by_load.to_string(), by_insert.to_string());
    by_load.to_string()
}

#[test]
fn values_are_written_alike_whichever_way_they_take() {
    let day = 86_400_000_000_i64;
    let arrays: [(&str, ArrayRef); 7] = [
        ("bigint", Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(0), Some(i64::MAX)]))),
        ("bigint unsigned", Arc::new(UInt64Array::from(vec![u64::MAX, 0, 10]))),
        (
            "decimal(38,4)",
            Arc::new(
                Decimal128Array::from(vec![
                    Some(10_i128.pow(38) - 1),
                    Some(-(10_i128.pow(38) - 1)),
                    None,
                    Some(0),
                    Some(-1),
                    Some(9_999),
                    Some(-10_000),
                    Some(123_456),
                ])
                .with_precision_and_scale(38, 4)
                .unwrap(),
            ),
        ),
        (
            "decimal(5,0)",
            Arc::new(Decimal128Array::from(vec![7, -7, 0]).with_precision_and_scale(5, 0).unwrap()),
        ),
        ("text", Arc::new(StringArray::from(vec![Some("a"), Some(""), None, Some("é\r\"'")]))),
        ("date", Arc::new(Date32Array::from(vec![-719_162, -1, 0, 2_932_896]))),
        (
            "datetime(6)",
            Arc::new(TimestampMicrosecondArray::from(vec![-1, 0, 1, day - 1, -719_162 * day])),
        ),
    ];
    for (sql_type, array) in arrays {
        let column = column(sql_type);
        // Sliced, as batches are.
        for array in [Arc::clone(&array), array.slice(1, array.len() - 1)] {
            let fields = column.fields(&array);
            assert!(fields.write.is_some(), "{sql_type}");
            for row in 0..array.len() {
                let (mut fast, mut slow) = (Vec::new(), Vec::new());
                fields.write(row, &mut fast).unwrap();
                column.write_field(&array, row, &mut slow).unwrap();
                assert_eq!(fast, slow, "{sql_type} {row}");
            }
        }
    }
}

#[test]
fn text_is_escaped_so_that_no_value_ends_a_field() {
    for (text, written) in [
        ("plain", "plain"),
        ("", ""),
        ("a\tb\nc\\d\0e", "a\\tb\\nc\\\\d\\0e"),
        ("\\N", "\\\\N"),
        ("\\", "\\\\"),
        ("\r'\"ü😀", "\r'\"ü😀"),
    ] {
        assert_eq!(field("longtext", StringArray::from(vec![text])), written, "{text:?}");
    }
    assert_eq!(field("longtext", StringArray::from(vec![None::<&str>])), "\\N");
}

#[test]
fn bytes_are_loaded_in_hexadecimal_and_bound_as_they_are() {
    let bytes = || BinaryArray::from(vec![&[0_u8, 9, 10, 92, 255][..]]);
    assert_eq!(field("varbinary(9)", bytes()), "00090a5cff");
    assert_eq!(value("varbinary(9)", bytes()), Value::Bytes(vec![0, 9, 10, 92, 255]));
    assert_eq!(field("blob", BinaryArray::from(vec![None])), "\\N");
    assert_eq!(column("blob").load_expression("@v0").as_deref(), Some("UNHEX(@v0)"));
    assert_eq!(column("bit(1)").load_expression("@v0").as_deref(), Some("CAST(@v0 AS UNSIGNED)"));
    assert_eq!(column("int").load_expression("@v0"), None);
}

#[test]
fn numbers_are_exact() {
    assert_eq!(field("bigint", Int64Array::from(vec![i64::MIN])), "-9223372036854775808");
    assert_eq!(field("bigint unsigned", UInt64Array::from(vec![u64::MAX])), "18446744073709551615");
    assert_eq!(value("bigint unsigned", UInt64Array::from(vec![u64::MAX])), Value::UInt(u64::MAX));
    assert_eq!(field("double", Float64Array::from(vec![0.1])), "1e-1");
    assert_eq!(field("double", Float64Array::from(vec![f64::MAX])), "1.7976931348623157e308");
    assert_eq!(field("float", Float32Array::from(vec![0.1])), "1.0000000149011612e-1");
    assert_eq!(field("tinyint(1)", BooleanArray::from(vec![true])), "1");
    let decimal = || Decimal128Array::from(vec![-5]).with_precision_and_scale(9, 2).unwrap();
    assert_eq!(field("decimal(9,2)", decimal()), "-0.05");
    assert_eq!(value("decimal(9,2)", decimal()), Value::Bytes(b"-0.05".to_vec()));
}

#[test]
fn moments_before_1970_are_exact() {
    let moment = || TimestampMicrosecondArray::from(vec![-1]);
    assert_eq!(field("datetime(6)", moment()), "1969-12-31 23:59:59.999999");
    assert_eq!(value("datetime(6)", moment()), Value::Date(1969, 12, 31, 23, 59, 59, 999_999));
    assert_eq!(field("date", Date32Array::from(vec![-719_162])), "0001-01-01");
    assert_eq!(field("date", Date32Array::from(vec![2_932_896])), "9999-12-31");
    assert_eq!(
        field("time(6)", Time64MicrosecondArray::from(vec![3_723_000_004])),
        "01:02:03.000004"
    );
}

#[test]
fn values_that_mysql_does_not_have_are_refused_without_quoting_them() {
    for error in [
        refusal("double", Float64Array::from(vec![f64::NAN])),
        refusal("float", Float32Array::from(vec![f32::NEG_INFINITY])),
        refusal("date", Date32Array::from(vec![2_932_897])),
        refusal("date", Date32Array::from(vec![-719_163])),
        refusal("datetime(6)", TimestampMicrosecondArray::from(vec![i64::MAX])),
    ] {
        assert!(error.contains("column `c`"), "{error}");
    }
}

#[test]
fn values_that_a_column_would_change_silently_are_refused() {
    let moment = |micros| TimestampMicrosecondArray::from(vec![micros]);
    refusal("datetime(3)", moment(1));
    assert_eq!(field("datetime(3)", moment(1000)), "1970-01-01 00:00:00.001000");
    refusal("datetime", moment(1000));
    refusal("binary(4)", BinaryArray::from(vec![&[1_u8][..]]));
    refusal("char(4)", StringArray::from(vec!["a "]));
    refusal("enum('a','b')", StringArray::from(vec!["A"]));
    refusal("enum('a','b')", StringArray::from(vec!["1"]));
    refusal("json", StringArray::from(vec!["[3.141592653589793238]"]));
    assert_eq!(
        field("json", StringArray::from(vec!["[3.141592653589793]"])),
        "[3.141592653589793]"
    );
    assert_eq!(field("enum('a','it''s')", StringArray::from(vec!["it's"])), "it's");
}

#[test]
fn the_members_of_an_enum_are_read() {
    assert_eq!(members("enum('a','it''s','x,y)','')"), ["a", "it's", "x,y)", ""]);
}
