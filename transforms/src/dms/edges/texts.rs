//! Texts, and what is NULL.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BinaryArray, Int32Array, StringArray};

use super::Expected::{Bad, Is, Null};
use super::{Case, case};

fn text(value: &str) -> ArrayRef {
    Arc::new(StringArray::from(vec![value]))
}

pub(super) const CASES: &[Case] = &[
    case("NULL", &["", "NULL"], "TEXT", Null)
        .parquet("NULL", || Arc::new(StringArray::from(vec![None::<&str>]))),
    case("NULL", &["", "NULL"], "INT", Null)
        .parquet("NULL", || Arc::new(Int32Array::from(vec![None]))),
    case("the empty text", &["\"\""], "TEXT", Is("")).parquet("text", || text("")),
    case("the empty text", &["\"\""], "INT", Bad("empty text")).parquet("text", || text("")),
    case("the empty text without quotes", &[""], "TEXT", Null),
    case("the text `NULL` without quotes", &["NULL"], "TEXT", Null),
    case("the text `NULL`", &["\"NULL\""], "TEXT", Is("NULL")).parquet("text", || text("NULL")),
    case("the text `NULL`", &["NULL"], "TEXT", Is("NULL")).with("'CsvNullValue' ''"),
    case("the empty text", &["", "\"\""], "TEXT", Is("")).with("'CsvNullValue' '\\N'"),
    case("NULL", &["\\N"], "TEXT", Null).with("'CsvNullValue' '\\N'"),
    case("NULL", &["", "\\N"], "INT", Null).with("'CsvNullValue' '\\N'"),
    case("another word", &["null"], "TEXT", Is("null")),
    case("another word", &["null", "N/A"], "INT", Bad("not an INT")),
    case("padding of `CHAR(5)`", &["ab   ", "ab", "\"ab \""], "CHAR(5)", Is("ab"))
        .parquet("text", || text("ab   ")),
    case("blanks of any other text", &["  ab  "], "VARCHAR(9)", Is("  ab  ")),
    case("padding of the endpoint", &["ab   ", "ab"], "VARCHAR(5)", Is("ab"))
        .with("'AddTrailingPaddingCharacter' 'true'")
        .parquet("text", || text("ab   ")),
    case("blanks alone", &["   "], "CHAR(5)", Is("")),
    case("quotes and delimiters", &["\"a, \"\"b\"\"\""], "TEXT", Is("a, \"b\"")),
    case(
        "a quote in a field without quotes",
        &["a\"b"],
        "TEXT",
        Bad("quote inside an unquoted field"),
    ),
    case("the same", &["a\"b"], "TEXT", Is("a\"b")).with("'Rfc4180' 'false'"),
    case("a line feed", &["\"a\nb\""], "TEXT", Is("a\nb")),
    case("a carriage return and a line feed", &["\"a\r\nb\r\n\""], "TEXT", Is("a\r\nb\r\n")),
    case("a carriage return alone", &["a\rb", "\"a\rb\""], "TEXT", Is("a\rb")),
    case("a backslash", &["a\\nb"], "TEXT", Is("a\\nb")),
    case("the character NUL", &["a\0b"], "TEXT", Is("a\0b")).parquet("text", || text("a\0b")),
    case("characters beyond the basic plane", &["a\u{1f388}b"], "TEXT", Is("a\u{1f388}b"))
        .parquet("text", || text("a\u{1f388}b")),
    case("a byte order mark within an object", &["\u{feff}a"], "TEXT", Is("\u{feff}a")),
    case("bytes that are not UTF-8", &["a\u{fffd}b"], "TEXT", Bad("not valid UTF-8"))
        .parquet("bytes", || Arc::new(BinaryArray::from(vec![b"\xff".as_slice()]))),
    case("the label of an enum", &["large"], "ENUM('small','large')", Is("large")),
    case("a label that is not declared", &["huge"], "ENUM('small','large')", Is("huge")),
    case("a `SET` of MySQL", &["\"a,b\""], "SET('a','b')", Is("a,b")),
    case("an array of PostgreSQL", &["\"{1,NULL,3}\""], "TEXT", Is("{1,NULL,3}"))
        .parquet("text", || text("{1,NULL,3}")),
    case(
        "an array of texts",
        &["\"{\"\"a, b\"\",\"\"c\\\"\"d\"\"}\""],
        "TEXT",
        Is("{\"a, b\",\"c\\\"d\"}"),
    ),
    case(
        "a document with quotes and line feeds",
        &["\"{\"\"a\"\":\n [1.10, \"\"x\"\"]}\""],
        "JSON",
        Is("{\"a\":\n [1.10, \"x\"]}"),
    )
    .parquet("text", || text("{\"a\":\n [1.10, \"x\"]}")),
    case("what is no document", &["{a"], "JSON", Is("{a")),
    case("a range, a point", &["\"[1,5)\""], "TEXT", Is("[1,5)")),
    case("an address of a network", &["192.168.0.0/24"], "VARCHAR(43)", Is("192.168.0.0/24")),
    case(
        "a UUID",
        &["01a204dd-f511-718e-8106-9444d973bc19"],
        "UUID",
        Is("01a204dd-f511-718e-8106-9444d973bc19"),
    ),
    case(
        "a UUID of Oracle, `RAW(16)`",
        &["01A204DDF511718E81069444D973BC19"],
        "UUID",
        Is("01A204DDF511718E81069444D973BC19"),
    ),
];
