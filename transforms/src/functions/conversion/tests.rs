//! Whole casts; what is expected is what Spark 3.5 gives.

use std::sync::Arc;

use crate::testing::{Staging, assert_all};

/// Evaluates expressions, of which NULL and what is refused are shown as such.
async fn check(cases: &[(&str, &str)]) {
    let staging = Staging::new();
    let mut found = Vec::new();
    for (expr, expected) in cases {
        let sql = format!("SELECT CAST({expr} AS STRING) AS v");
        let shown = match staging.models(&[("m.sql", &sql)], &[]).await {
            Err(error) => error.message.clone(),
            Ok(mut planned) => match staging.batches(&planned.plans.remove("m").unwrap()).await {
                Ok(batches) => crate::testing::texts(&batches).join("\n"),
                Err(error) => error.strip_backtrace(),
            },
        };
        found.push(((*expr).to_owned(), shown, (*expected).to_owned()));
    }
    assert_all(found);
}

#[tokio::test]
async fn integers_wrap_and_floats_saturate() {
    check(&[
        ("CAST(5000000000 AS INT)", "705032704"),
        ("CAST(300 AS TINYINT)", "44"),
        ("CAST(-129 AS TINYINT)", "127"),
        ("CAST(70000 AS SMALLINT)", "4464"),
        ("CAST(1e20 AS INT)", "2147483647"),
        ("CAST(-1e20 AS INT)", "-2147483648"),
        ("CAST(1e20 AS BIGINT)", "9223372036854775807"),
        ("CAST(1e20 AS TINYINT)", "-1"),
        ("CAST(-1e20 AS SMALLINT)", "0"),
        ("CAST(CAST('nan' AS DOUBLE) AS INT)", "0"),
        ("CAST(-12.7e0 AS INT)", "-12"),
        ("CAST(-12.75 AS INT)", "-12"),
        ("CAST(5000000000.5 AS INT)", "705032704"),
        ("CAST(99999999999999999999.5 AS BIGINT)", "7766279631452241919"),
        ("CAST(-99999999999999999999.5 AS INT)", "-1661992959"),
        ("CAST(99999999999999999999.5 AS TINYINT)", "-1"),
        ("CAST(true AS INT)", "1"),
        ("CAST(DATE '2026-01-01' AS INT)", "NULL"),
        ("CAST(TIMESTAMP '2026-01-01 10:00:00.7' AS INT)", "1767261600"),
        ("CAST(TIMESTAMP '1969-12-31 23:59:59.5' AS BIGINT)", "-1"),
        ("CAST(TIMESTAMP '2026-01-01 10:00:00.7' AS TINYINT)", "-96"),
        ("CAST(TIMESTAMP '2096-01-01 10:00:00.7' AS INT)", "-318716896"),
        ("CAST('128' AS TINYINT)", "NULL"),
        ("CAST('-128.9' AS TINYINT)", "-128"),
        ("CAST('2147483648' AS INT)", "NULL"),
        ("CAST('18446744073709551615' AS BIGINT UNSIGNED)", "18446744073709551615"),
        ("CAST(-1 AS INT UNSIGNED)", "NULL"),
        ("CAST(2 AS BOOLEAN)", "true"),
        ("CAST(-0e0 AS BOOLEAN)", "false"),
        ("CAST(0.5 AS BOOLEAN)", "true"),
        ("CAST(DATE '2026-01-01' AS BOOLEAN)", "NULL"),
        ("CAST(TIMESTAMP '1970-01-01' AS BOOLEAN)", "false"),
    ])
    .await;
}

#[tokio::test]
async fn try_casts_do_not_wrap() {
    check(&[
        ("TRY_CAST(300 AS TINYINT)", "NULL"),
        ("TRY_CAST(1e20 AS INT)", "NULL"),
        ("TRY_CAST(5000000000 AS INT)", "NULL"),
        ("TRY_CAST(12.7 AS INT)", "12"),
        ("TRY_CAST(-12.7e0 AS INT)", "-12"),
        ("TRY_CAST('12.7' AS INT)", "NULL"),
        ("TRY_CAST(' 12 ' AS INT)", "12"),
        ("TRY_CAST('t' AS BOOLEAN)", "true"),
        ("TRY_CAST(TIMESTAMP '2026-01-01' AS TINYINT)", "NULL"),
        ("TRY_CAST(99.995 AS DECIMAL(4,2))", "NULL"),
        ("TRY_CAST(2 AS TIMESTAMP)", "1970-01-01 00:00:02"),
        ("TRY_CAST(DATE '2026-01-01' AS INT)", "there is no TRY_CAST from DATE to INT"),
    ])
    .await;
}

#[tokio::test]
async fn decimals_are_rounded_half_up_or_null() {
    check(&[
        ("CAST(1.005e0 AS DECIMAL(3,2))", "1.01"),
        ("CAST(2.675e0 AS DECIMAL(5,2))", "2.68"),
        ("CAST(1e40 AS DECIMAL(38,0))", "NULL"),
        ("CAST(CAST('nan' AS DOUBLE) AS DECIMAL(5,2))", "NULL"),
        ("CAST(CAST(1.1 AS FLOAT) AS DECIMAL(20,15))", "1.100000023841858"),
        ("CAST(0.1e0 AS DECIMAL(38,30))", "0.100000000000000000000000000000"),
        ("CAST(123456789.123456789 AS DECIMAL(12,3))", "123456789.123"),
        ("CAST(-1.005 AS DECIMAL(3,2))", "-1.01"),
        ("CAST(-1.0049 AS DECIMAL(3,2))", "-1.00"),
        ("CAST(99.995 AS DECIMAL(4,2))", "NULL"),
        ("CAST(0.00000000000000000000000000000000000009 AS DECIMAL(3,0))", "0"),
        ("CAST(12345 AS DECIMAL(5,2))", "NULL"),
        ("CAST(50 AS DECIMAL(1,0))", "NULL"),
        ("CAST(5.5 AS DECIMAL)", "6"),
        ("CAST(true AS DECIMAL(10,2))", "1.00"),
        ("CAST(true AS DECIMAL(1,1))", "NULL"),
        ("CAST(TIMESTAMP '2026-01-01 10:00:00.75' AS DECIMAL(12,1))", "1767261600.8"),
        ("CAST(TIMESTAMP '2026-01-01 10:00:00.7' AS DECIMAL(5,1))", "NULL"),
        ("CAST('-1.005' AS DECIMAL(5,2))", "-1.01"),
        ("CAST(1.1 AS FLOAT)", "1.1"),
        ("CAST(CAST(1.1 AS FLOAT) AS DOUBLE)", "1.100000023841858"),
        ("CAST(12345678901234567890123456789012345678 AS DOUBLE)", "1.2345678901234568E37"),
        ("CAST(0.1234567890123456789012345678 AS DOUBLE)", "0.12345678901234568"),
        ("CAST(TIMESTAMP '2026-01-01 10:00:00.7' AS DOUBLE)", "1.7672616007E9"),
        ("CAST(TIMESTAMP '2026-01-01 10:00:00.7' AS FLOAT)", "1.76726157E9"),
    ])
    .await;
}

#[tokio::test]
async fn numbers_are_seconds_of_timestamps() {
    check(&[
        ("CAST(1767225600 AS TIMESTAMP)", "2026-01-01 00:00:00"),
        ("CAST(9223372036854775807 AS TIMESTAMP)", "+294247-01-10 04:00:54.775807"),
        ("CAST(-9223372036854775807 AS TIMESTAMP)", "-290308-12-21 19:59:05.224192"),
        ("CAST(-1.1234567e0 AS TIMESTAMP)", "1969-12-31 23:59:58.876544"),
        ("CAST(-1.1234567 AS TIMESTAMP)", "1969-12-31 23:59:58.876544"),
        ("CAST(1e30 AS TIMESTAMP)", "+294247-01-10 04:00:54.775807"),
        ("CAST(CAST('inf' AS DOUBLE) AS TIMESTAMP)", "NULL"),
        ("CAST(99999999999999999999.5 AS TIMESTAMP)", "-78449-06-15 02:58:04.096224"),
        ("CAST(true AS TIMESTAMP)", "1970-01-01 00:00:00.000001"),
        ("CAST(DATE '2026-01-01' AS TIMESTAMP)", "2026-01-01 00:00:00"),
        ("CAST(TIMESTAMP '1969-12-31 10:00:00' AS DATE)", "1969-12-31"),
        ("CAST('2026-02-03 01:02:03+05:00' AS TIMESTAMP)", "2026-02-02 20:02:03"),
        ("CAST('2026-02-03 01:02:03+05:00' AS TIMESTAMP_NTZ)", "2026-02-03 01:02:03"),
        ("CAST('2026-02-03 01:02:03+99' AS TIMESTAMP_NTZ)", "NULL"),
        ("CAST('1:2:3' AS TIMESTAMP_NTZ)", "NULL"),
        ("CAST('epoch' AS DATE)", "1970-01-01"),
        ("CAST(' EPOCH' AS TIMESTAMP)", "1970-01-01 00:00:00"),
        (
            "CAST('today' AS DATE)",
            "the word 'today' is no time here; write current_date() or now()",
        ),
    ])
    .await;
}

#[tokio::test]
async fn values_are_printed_as_spark_prints_them() {
    check(&[
        ("1e10", "1.0E10"),
        ("CAST(0.0000001 AS DECIMAL(10,7))", "1E-7"),
        ("true", "true"),
        ("TIMESTAMP '2026-01-01 00:00:00.120'", "2026-01-01 00:00:00.12"),
        ("DATE '12026-01-01'", "+12026-01-01"),
        ("array(1,2,null)", "[1, 2, null]"),
        ("array('a',null,'')", "[a, null, ]"),
        ("array(1e0,1e10)", "[1.0, 1.0E10]"),
        ("array(DATE '2026-01-01')", "[2026-01-01]"),
        ("map(1,'a',2,null)", "{1 -> a, 2 -> null}"),
        ("named_struct('x',1,'y',array(1.50,null))", "{1, [1.50, null]}"),
        ("named_struct('x',1,'y',null)", "{1, null}"),
        ("array(named_struct('x',1),null)", "[{1}, null]"),
        ("X'41C3A9FF42'", "Aé\u{fffd}B"),
        ("array(X'4142')", "[AB]"),
        ("CAST('aé' AS BINARY)", "aé"),
        ("hex(CAST(CAST(-2 AS INT) AS BINARY))", "FFFFFFFE"),
        ("CAST('12:30:00.50' AS TIME)", "12:30:00.5"),
        ("CAST(null AS INT)", "NULL"),
    ])
    .await;
}

#[tokio::test]
async fn elements_are_cast_one_by_one() {
    check(&[
        ("CAST(array(1,2) AS ARRAY<STRING>)", "[1, 2]"),
        ("CAST(array('1','x') AS ARRAY<INT>)", "[1, null]"),
        ("CAST(map(1,'2') AS MAP<BIGINT,INT>)", "{1 -> 2}"),
        ("CAST(named_struct('a',1,'b','2') AS STRUCT<x:BIGINT,y:INT>)", "{1, 2}"),
        ("CAST(array(null) AS ARRAY<INT>)", "[null]"),
        ("CAST(CAST(null AS ARRAY<INT>) AS ARRAY<STRING>)", "NULL"),
    ])
    .await;
}

#[tokio::test]
async fn what_spark_does_not_cast_is_refused() {
    check(&[
        ("CAST(1 AS DATE)", "there is no CAST from BIGINT to DATE"),
        ("CAST(true AS DATE)", "there is no CAST from BOOLEAN to DATE"),
        ("CAST(X'01' AS INT)", "there is no CAST from BINARY to INT"),
        ("CAST(1.5e0 AS BINARY)", "there is no CAST from DOUBLE to BINARY"),
        ("CAST(true AS BINARY)", "there is no CAST from BOOLEAN to BINARY"),
        ("CAST(1 AS TIMESTAMP_NTZ)", "there is no CAST from BIGINT to TIMESTAMP_NTZ"),
        ("CAST('1' AS ARRAY<INT>)", "there is no CAST from STRING to ARRAY<INT>"),
        ("CAST(DATE '2026-01-01' AS BINARY)", "there is no CAST from DATE to BINARY"),
        (
            "unglue_argument(array(1), 'STRING')",
            "a value of type ARRAY is not taken here, a STRING is",
        ),
        ("unglue_argument(true, 'NUMBER_AS_IT_IS')", "a value of type BOOLEAN is no number"),
    ])
    .await;
}

/// The type and nullability of a function's result, and its plan once it is optimised.
async fn planned(expr: &str) -> String {
    let staging = Staging::new();
    let ddl =
        "CREATE EXTERNAL TABLE t (id INT, n BIGINT, s VARCHAR(9), d DATE, p DECIMAL(5,2), f FLOAT,
        PRIMARY KEY (id, n, s, d, p)) STORED AS DMS LOCATION 't'";
    let sources = staging.sources(ddl).await;
    let tables = [staging.freeze(&sources[0], &[]).await];
    let plan = staging.plan(&format!("SELECT {expr} AS v FROM t"), &tables).await;
    let field = Arc::clone(plan.schema().field(0));
    let optimised = staging.state.optimize(&plan).unwrap();
    let shown = optimised.expressions().iter().map(ToString::to_string).collect::<Vec<_>>();
    let nullable = if field.is_nullable() { "NULL" } else { "NOT NULL" };
    let declared = crate::types::declared_type(&field).unwrap_or("-");
    assert_eq!(optimised.schema().field(0), &field, "{expr}");
    format!("{} {nullable} {declared}: {}", field.data_type(), shown.join(", "))
}

#[tokio::test]
async fn casts_that_lose_nothing_become_the_engines_and_only_failing_ones_are_nullable() {
    let mut found = Vec::new();
    for (expr, expected) in [
        ("CAST(id AS INT)", "Int32 NOT NULL INT: t.id AS v"),
        (
            "CAST(id AS BIGINT)",
            "Int64 NOT NULL BIGINT: CAST(t.id AS Int64<{\"unglue.sql_type\": \"BIGINT\"}>) AS v",
        ),
        ("CAST(n AS INT)", "Int32 NOT NULL INT: unglue_cast(t.n, Utf8(\"INT\")) AS v"),
        (
            "CAST(n AS DOUBLE)",
            "Float64 NOT NULL DOUBLE: CAST(t.n AS Float64<{\"unglue.sql_type\": \"DOUBLE\"}>) AS v",
        ),
        ("CAST(s AS VARCHAR(9))", "Utf8 NOT NULL VARCHAR(9): t.s AS v"),
        (
            "CAST(s AS VARCHAR(20))",
            "Utf8 NOT NULL VARCHAR(20): CAST(t.s AS Utf8<{\"unglue.sql_type\": \"VARCHAR(20)\"}>) AS v",
        ),
        (
            "CAST(n AS STRING)",
            "Utf8 NOT NULL STRING: CAST(t.n AS Utf8<{\"unglue.sql_type\": \"STRING\"}>) AS v",
        ),
        ("CAST(s AS INT)", "Int32 NULL INT: unglue_cast(t.s, Utf8(\"INT\")) AS v"),
        (
            "CAST(d AS TIMESTAMP)",
            "Timestamp(µs) NOT NULL TIMESTAMP: CAST(t.d AS Timestamp(µs)<{\"unglue.sql_type\": \"TIMESTAMP\"}>) AS v",
        ),
        ("CAST(d AS INT)", "Int32 NULL INT: unglue_cast(t.d, Utf8(\"INT\")) AS v"),
        (
            "CAST(id AS DECIMAL(12,2))",
            "Decimal128(12, 2) NOT NULL DECIMAL(12,2): CAST(t.id AS Decimal128(12, 2)<{\"unglue.sql_type\": \"DECIMAL(12,2)\"}>) AS v",
        ),
        (
            "CAST(id AS DECIMAL(11,2))",
            "Decimal128(11, 2) NULL DECIMAL(11,2): unglue_cast(t.id, Utf8(\"DECIMAL(11,2)\")) AS v",
        ),
        (
            "CAST(p AS DECIMAL(6,3))",
            "Decimal128(6, 3) NOT NULL DECIMAL(6,3): CAST(t.p AS Decimal128(6, 3)<{\"unglue.sql_type\": \"DECIMAL(6,3)\"}>) AS v",
        ),
        (
            "CAST(f AS DOUBLE)",
            "Float64 NULL DOUBLE: CAST(t.f AS Float64<{\"unglue.sql_type\": \"DOUBLE\"}>) AS v",
        ),
        ("unglue_argument(s, 'STRING')", "Utf8 NOT NULL VARCHAR(9): t.s AS v"),
        ("unglue_argument(n, 'DOUBLE')", "Float64 NOT NULL -: CAST(t.n AS Float64) AS v"),
    ] {
        found.push((expr.to_owned(), planned(expr).await, expected.to_owned()));
    }
    assert_all(found);
}
