//! Declared types.

use super::*;

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a list of cases")]
async fn every_type_has_an_arrow_type() {
    let mut all = Vec::new();
    for (declared, expected) in [
        ("TINYINT", "Int8"),
        ("SMALLINT", "Int16"),
        ("MEDIUMINT", "Int32"),
        ("INT", "Int32"),
        ("INT(11)", "Int32"),
        ("INTEGER", "Int32"),
        ("BIGINT", "Int64"),
        ("BIGINT(20)", "Int64"),
        ("LONG", "Int64"),
        ("SHORT", "Int16"),
        ("BYTE", "Int8"),
        ("INT2", "Int16"),
        ("INT4", "Int32"),
        ("INT8", "Int64"),
        ("TINYINT UNSIGNED", "UInt8"),
        ("SMALLINT UNSIGNED", "UInt16"),
        ("MEDIUMINT UNSIGNED", "UInt32"),
        ("INT UNSIGNED", "UInt32"),
        ("INT(10) UNSIGNED", "UInt32"),
        ("BIGINT UNSIGNED", "UInt64"),
        ("REAL", "Float32"),
        ("FLOAT", "Float32"),
        ("FLOAT(24)", "Float32"),
        ("FLOAT(25)", "Float64"),
        ("FLOAT4", "Float32"),
        ("FLOAT8", "Float64"),
        ("DOUBLE", "Float64"),
        ("DOUBLE PRECISION", "Float64"),
        ("DECIMAL", "Decimal128(38, 10)"),
        ("DECIMAL(10)", "Decimal128(10, 0)"),
        ("DECIMAL(10,2)", "Decimal128(10, 2)"),
        ("DEC(5,5)", "Decimal128(5, 5)"),
        ("NUMERIC(28, 6)", "Decimal128(28, 6)"),
        ("NUMERIC(38,38)", "Decimal128(38, 38)"),
        ("DECIMAL(65,30)", "Decimal256(65, 30)"),
        ("DECIMAL(76,0)", "Decimal256(76, 0)"),
        ("NUMBER", "Decimal128(38, 10)"),
        ("NUMBER(9)", "Decimal128(9, 0)"),
        ("NUMBER(12,4)", "Decimal128(12, 4)"),
        ("BOOLEAN", "Boolean"),
        ("BOOL", "Boolean"),
        ("BIT", "Boolean"),
        ("BIT(1)", "Boolean"),
        ("DATE", "Date32"),
        ("DATETIME", "Timestamp(µs)"),
        ("DATETIME(3)", "Timestamp(µs)"),
        ("TIMESTAMP", "Timestamp(µs)"),
        ("TIMESTAMP(6)", "Timestamp(µs)"),
        ("TIMESTAMP_NTZ", "Timestamp(µs)"),
        ("TIMESTAMP_LTZ", "Timestamp(µs)"),
        ("TIMESTAMP WITH TIME ZONE", "Timestamp(µs)"),
        ("TIMESTAMPTZ", "Timestamp(µs)"),
        ("DATETIME2", "Timestamp(µs)"),
        ("TIME", "Time64(µs)"),
        ("TIME(6)", "Time64(µs)"),
        ("YEAR", "Int16"),
        ("CHAR", "Utf8"),
        ("CHAR(3)", "Utf8"),
        ("NCHAR(3)", "Utf8"),
        ("VARCHAR(20)", "Utf8"),
        ("CHARACTER VARYING(20)", "Utf8"),
        ("VARCHAR", "Utf8"),
        ("VARCHAR2(20)", "Utf8"),
        ("NVARCHAR2(20)", "Utf8"),
        ("NVARCHAR(20)", "Utf8"),
        ("TEXT", "Utf8"),
        ("TINYTEXT", "Utf8"),
        ("MEDIUMTEXT", "Utf8"),
        ("LONGTEXT", "Utf8"),
        ("CLOB", "Utf8"),
        ("NCLOB", "Utf8"),
        ("STRING", "Utf8"),
        ("UUID", "Utf8"),
        ("JSON", "Utf8"),
        ("JSONB", "Utf8"),
        ("ENUM('a', 'b')", "Utf8"),
        ("SET('a', 'b')", "Utf8"),
        ("BINARY(16)", "Binary"),
        ("VARBINARY(16)", "Binary"),
        ("BLOB", "Binary"),
        ("TINYBLOB", "Binary"),
        ("MEDIUMBLOB", "Binary"),
        ("LONGBLOB", "Binary"),
        ("BYTEA", "Binary"),
        ("BYTES", "Binary"),
        ("RAW(16)", "Binary"),
        // What cannot be read is refused where it stands.
        (
            "DECIMAL(77,2)",
            "sources.sql:1:23: decimal(precision = 77, scale = 2) should satisfy `0 < precision <= 76`, and `scale <= precision`",
        ),
        (
            "DECIMAL(0)",
            "sources.sql:1:23: decimal(precision = 0, scale = 0) should satisfy `0 < precision <= 76`, and `scale <= precision`",
        ),
        (
            "DECIMAL(2,3)",
            "sources.sql:1:23: decimal(precision = 2, scale = 3) should satisfy `0 < precision <= 76`, and `scale <= precision`",
        ),
        ("BIT(8)", "sources.sql:1:34: unsupported SQL type BIT(8)"),
        (
            "INTERVAL",
            "sources.sql:1:23: source `t`: column `v` is of type INTERVAL [DMS writes no such values; docs/jobs.md lists the types]",
        ),
        (
            "ARRAY<INT>",
            "sources.sql:1:23: source `t`: column `v` is of type ARRAY<INT> [DMS writes no such values; docs/jobs.md lists the types]",
        ),
        (
            "STRUCT<a INT>",
            "sources.sql:1:23: source `t`: column `v` is of type STRUCT<a: INT> [DMS writes no such values; docs/jobs.md lists the types]",
        ),
        ("MAP<STRING, INT>", "sources.sql:1:34: unsupported SQL type Map(STRING, INT)"),
        ("INTT", "sources.sql:1:34: unsupported SQL type INTT [did you mean INT?]"),
        ("GEOMETRY", "sources.sql:1:34: unsupported SQL type GEOMETRY"),
        (
            "VARCHARR(20)",
            "sources.sql:1:34: unsupported SQL type VARCHARR(20) [did you mean VARCHAR?]",
        ),
    ] {
        let text =
            format!("CREATE EXTERNAL TABLE t (id INT, v {declared}) STORED AS DMS LOCATION 't'");
        let found = match parse_all(&text).await {
            Ok(sources) => {
                let field = sources[0].schema.field(1).clone();
                assert!(declared_type(&field).is_some(), "{declared} is {}", field.data_type());
                field.data_type().to_string()
            }
            Err(error) => told(&error),
        };
        all.push((declared.to_owned(), found, expected.to_owned()));
    }
    assert_all(all);
}
