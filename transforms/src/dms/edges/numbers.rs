//! Numbers and truth values.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float32Array, Float64Array, Int8Array, Int64Array,
    StringArray, UInt64Array,
};

use super::Expected::{Bad, Is};
use super::{Case, case};

fn decimal(value: i128, precision: u8, scale: i8) -> ArrayRef {
    let array = Decimal128Array::from(vec![value]);
    Arc::new(array.with_precision_and_scale(precision, scale).unwrap())
}

fn double(value: f64) -> ArrayRef {
    Arc::new(Float64Array::from(vec![value]))
}

pub(super) const CASES: &[Case] = &[
    case(
        "the largest number of 64 bits",
        &["18446744073709551615", "+18446744073709551615"],
        "BIGINT UNSIGNED",
        Is("18446744073709551615"),
    )
    .parquet("`UINT64`", || Arc::new(UInt64Array::from(vec![u64::MAX]))),
    case("the same", &["18446744073709551615"], "BIGINT", Bad("out of range for BIGINT"))
        .parquet("`UINT64`", || Arc::new(UInt64Array::from(vec![u64::MAX]))),
    case("the same", &["18446744073709551615"], "DECIMAL(20)", Is("18446744073709551615")),
    case(
        "a number below zero",
        &["-1"],
        "BIGINT UNSIGNED",
        Bad("out of range for BIGINT UNSIGNED"),
    )
    .parquet("`INT64`", || Arc::new(Int64Array::from(vec![-1]))),
    case("a sign, leading zeros", &["+12", "0012", "12"], "INT", Is("12")),
    case(
        "a whole number in another form",
        &["12.0", "1.2e1", "0x0C", "1_2", "12L"],
        "INT",
        Bad("not an INT"),
    ),
    case("blanks around", &[" 12", "12 ", "12\t"], "INT", Bad("not an INT")),
    case("blanks around", &[" 1.5", "1.5 "], "DECIMAL(5,2)", Bad("not a DECIMAL")),
    case("blanks around", &[" 1.5", "1.5 "], "DOUBLE", Bad("not a DOUBLE")),
    case("`YEAR` of MySQL", &["0", "0000"], "YEAR", Is("0")),
    case(
        "a floating-point number",
        &["+1.5e+01", "+1.5000000000000000e+01", "1.5E1", "15", "15."],
        "DOUBLE",
        Is("15.0"),
    )
    .parquet("`DOUBLE`", || double(15.0)),
    case("`NaN`", &["NaN", "nan", "-nan"], "DOUBLE", Is("NaN"))
        .parquet("`DOUBLE`", || double(f64::NAN)),
    case("`NaN`", &["NaN"], "FLOAT", Is("NaN"))
        .parquet("`FLOAT`", || Arc::new(Float32Array::from(vec![f32::NAN]))),
    case("`NaN`", &["NaN"], "DECIMAL(10,2)", Bad("not a DECIMAL"))
        .parquet("text", || Arc::new(StringArray::from(vec!["NaN"]))),
    case("`NaN`", &["NaN"], "INT", Bad("not an INT")),
    case("an infinity", &["Infinity", "+inf", "INF"], "DOUBLE", Is("inf"))
        .parquet("`DOUBLE`", || double(f64::INFINITY)),
    case("an infinity", &["-Infinity", "-inf"], "FLOAT", Is("-inf"))
        .parquet("`DOUBLE`", || double(f64::NEG_INFINITY)),
    case("an infinity", &["Infinity", "-Infinity"], "DECIMAL(10,2)", Bad("not a DECIMAL")),
    case("an infinity", &["Infinity", "-Infinity"], "BIGINT", Bad("not a BIGINT")),
    case("a number too large", &["1e+309"], "DOUBLE", Bad("out of range for DOUBLE")),
    case("a number too large", &["1e+39"], "FLOAT", Bad("out of range for FLOAT"))
        .parquet("`DOUBLE`", || double(1e39)),
    case("a number too near to zero", &["1e-400"], "DOUBLE", Bad("out of range for DOUBLE")),
    case("a number too near to zero", &["-1e-50"], "FLOAT", Bad("out of range for FLOAT"))
        .parquet("`DOUBLE`", || double(-1e-50)),
    case(
        "more digits than a `DOUBLE` has",
        &["9007199254740993"],
        "DOUBLE",
        Is("9007199254740992.0"),
    )
    .parquet("`INT64`", || Arc::new(Int64Array::from(vec![9_007_199_254_740_993]))),
    case("more digits than a `FLOAT` has", &["16777217"], "FLOAT", Is("16777216.0"))
        .parquet("`DOUBLE`", || double(16_777_217.0)),
    case(
        "zeros at the end",
        &["85100.00", "85100", "085100.0000"],
        "DECIMAL(10,2)",
        Is("85100.00"),
    )
    .parquet("`DECIMAL(12,4)`", || decimal(851_000_000, 12, 4)),
    case("a sign, an exponent", &["+1.5e+01", "15", "1500E-2"], "DECIMAL(10,2)", Is("15.00")),
    case("zero with a sign", &["-0.00", "+0", "0e9"], "DECIMAL(10,2)", Is("0.00")),
    case(
        "more digits behind the point than declared",
        &["1.239", "1.2e-3"],
        "DECIMAL(5,2)",
        Bad("more than 2 digits after the point"),
    )
    .parquet("`DECIMAL(5,3)`", || decimal(1239, 5, 3)),
    case(
        "a number wider than declared",
        &["1000.00", "1e3"],
        "DECIMAL(5,2)",
        Bad("out of range for DECIMAL(5,2)"),
    )
    .parquet("`DECIMAL(10,2)`", || decimal(100_000, 10, 2)),
    case(
        "39 digits, a text in DMS",
        &["123456789012345678901234567890123456789"],
        "DECIMAL(38,0)",
        Bad("out of range for DECIMAL(38,0)"),
    ),
    case(
        "the same",
        &["123456789012345678901234567890123456789"],
        "DECIMAL(65,0)",
        Is("123456789012345678901234567890123456789"),
    )
    .parquet("text", || {
        Arc::new(StringArray::from(vec!["123456789012345678901234567890123456789"]))
    }),
    case("`money` of PostgreSQL", &["-1234.5000"], "DECIMAL(38,4)", Is("-1234.5000")),
    case(
        "an amount as people write it",
        &["$12.50", "\"1,234.50\"", "\"12,50\"", "1 234"],
        "DECIMAL(10,2)",
        Bad("not a DECIMAL"),
    ),
    case("true", &["true", "TRUE", "True", "t", "T", "y", "Y", "1"], "BOOLEAN", Is("true"))
        .parquet("text", || Arc::new(StringArray::from(vec!["true"]))),
    case("false", &["false", "FALSE", "f", "F", "n", "N", "0"], "BOOLEAN", Is("false"))
        .parquet("`BOOLEAN`", || Arc::new(BooleanArray::from(vec![false]))),
    case("`BIT(1)` of MySQL", &["1", "true"], "BIT(1)", Is("true"))
        .parquet("`INT8`", || Arc::new(Int8Array::from(vec![1]))),
    case(
        "another truth value",
        &["2", "-1", "yes", "on", "01", "tru"],
        "BOOLEAN",
        Bad("not a BOOLEAN"),
    )
    .parquet("`INT8`", || Arc::new(Int8Array::from(vec![2]))),
];
