//! Bytes, which are hexadecimal digits in CSV.

use std::sync::Arc;

use datafusion::arrow::array::{BinaryArray, StringArray};

use super::Expected::{Bad, Is, Null};
use super::{Case, case};

const NOT_HEX: super::Expected = Bad("not a BINARY (hexadecimal digits expected)");

pub(super) const CASES: &[Case] = &[
    case(
        "bytes",
        &["00ffab", "00FFAB", "00FfaB", "0x00ffab", "0X00FFAB", "\\x00ffab"],
        "BLOB",
        Is("00ffab"),
    )
    .parquet("bytes", || Arc::new(BinaryArray::from(vec![b"\x00\xff\xab".as_slice()]))),
    case("no bytes", &["\"\"", "0x", "\\x"], "BLOB", Is(""))
        .parquet("bytes", || Arc::new(BinaryArray::from(vec![b"".as_slice()]))),
    case("NULL", &["", "NULL"], "BLOB", Null),
    case("no bytes", &[""], "BLOB", Is("")).with("'CsvNullValue' 'NULL'"),
    case("an odd number of digits", &["0ff", "0xf", "\\x0"], "BLOB", NOT_HEX),
    case("other characters than digits", &["0g", "AP+r", "00 ff", "x'00'"], "BLOB", NOT_HEX)
        .parquet("text", || Arc::new(StringArray::from(vec!["0g"]))),
    case(
        "a UUID without dashes",
        &["01A204DDF511718E81069444D973BC19"],
        "BINARY(16)",
        Is("01a204ddf511718e81069444d973bc19"),
    ),
    case("a UUID with dashes", &["01a204dd-f511-718e-8106-9444d973bc19"], "BINARY(16)", NOT_HEX),
    case(
        "a point of MySQL",
        &["010100000000000000000000000000000000000000"],
        "BLOB",
        Is("010100000000000000000000000000000000000000"),
    ),
];
