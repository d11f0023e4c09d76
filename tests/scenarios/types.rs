//! Every documented type in one table: what is created for it, and what values become.

mod held;

use libtest_mimic::Trial;

use crate::scenarios::site::{MARIADB, MYSQL, Site, scenarios};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [MYSQL, MARIADB.with_s3()];
        every_type_is_created_as_documented_and_holds_its_values,
    ]
    .chain(held::trials(servers))
    .collect()
}

/// A declared type, the column that is created (without the widths that MariaDB adds to integers), and two staged fields,
/// each with what the table then holds.
struct Case(&'static str, &'static str, [(&'static str, &'static str); 2]);

const CASES: [Case; 67] = [
    Case("BOOLEAN", "tinyint(1)", [("true", "1"), ("f", "0")]),
    Case("BOOL", "tinyint(1)", [("Y", "1"), ("n", "0")]),
    Case("BOOLEAN", "tinyint(1)", [("1", "1"), ("False", "0")]),
    Case("BIT", "bit(1)", [("1", "1"), ("0", "0")]),
    Case("BIT(1)", "bit(1)", [("t", "1"), ("0", "0")]),
    Case("TINYINT", "tinyint", [("-128", "-128"), ("127", "127")]),
    Case("BYTE", "tinyint", [("1", "1"), ("-1", "-1")]),
    Case("SMALLINT", "smallint", [("-32768", "-32768"), ("32767", "32767")]),
    Case("INT2", "smallint", [("0", "0"), ("+7", "7")]),
    Case("SHORT", "smallint", [("0", "0"), ("007", "7")]),
    Case("YEAR", "smallint", [("1901", "1901"), ("2155", "2155")]),
    Case("INT", "int", [("-2147483648", "-2147483648"), ("2147483647", "2147483647")]),
    Case("INTEGER", "int", [("1", "1"), ("2", "2")]),
    Case("INT4", "int", [("1", "1"), ("2", "2")]),
    Case("MEDIUMINT", "int", [("1", "1"), ("2", "2")]),
    Case(
        "BIGINT",
        "bigint",
        [
            ("-9223372036854775808", "-9223372036854775808"),
            ("9223372036854775807", "9223372036854775807"),
        ],
    ),
    Case("INT8", "bigint", [("1", "1"), ("2", "2")]),
    Case("LONG", "bigint", [("1", "1"), ("2", "2")]),
    Case("TINYINT UNSIGNED", "tinyint unsigned", [("255", "255"), ("0", "0")]),
    Case("SMALLINT UNSIGNED", "smallint unsigned", [("65535", "65535"), ("0", "0")]),
    Case("INT UNSIGNED", "int unsigned", [("4294967295", "4294967295"), ("0", "0")]),
    Case(
        "BIGINT UNSIGNED",
        "bigint unsigned",
        [("18446744073709551615", "18446744073709551615"), ("0", "0")],
    ),
    Case("FLOAT", "float", [("0.15625", "0.15625"), ("-1.5e3", "-1500")]),
    Case("FLOAT(24)", "float", [("+2.5E-01", "0.25"), ("0", "0")]),
    Case("REAL", "float", [("1.5", "1.5"), ("2", "2")]),
    Case("FLOAT4", "float", [("1.5", "1.5"), ("2", "2")]),
    Case("DOUBLE", "double", [("+2.1804858784530072e+04", "21804.85878453007"), ("-0.1", "-0.1")]),
    Case(
        "DOUBLE PRECISION",
        "double",
        [("1e22", "1e22"), ("0.3333333333333333", "0.3333333333333333")],
    ),
    Case("FLOAT8", "double", [("1.5", "1.5"), ("2", "2")]),
    Case("FLOAT(53)", "double", [("1.5", "1.5"), ("2", "2")]),
    Case("DECIMAL(10,2)", "decimal(10,2)", [("12345678.90", "12345678.90"), ("-1", "-1.00")]),
    Case(
        "DECIMAL(38,10)",
        "decimal(38,10)",
        [
            ("1234567890123456789012345678.0123456789", "1234567890123456789012345678.0123456789"),
            ("-0.0000000001", "-0.0000000001"),
        ],
    ),
    Case(
        "DECIMAL(65,30)",
        "decimal(65,30)",
        [
            (
                "12345678901234567890123456789012345.012345678901234567890123456789",
                "12345678901234567890123456789012345.012345678901234567890123456789",
            ),
            ("-1.5", "-1.500000000000000000000000000000"),
        ],
    ),
    Case("DECIMAL", "decimal(38,10)", [("1.5", "1.5000000000"), ("2", "2.0000000000")]),
    Case("DECIMAL(5)", "decimal(5,0)", [("99999", "99999"), ("-1.00", "-1")]),
    Case("NUMERIC(8,3)", "decimal(8,3)", [("1.5", "1.500"), ("2.12300", "2.123")]),
    Case("NUMBER(6)", "decimal(6,0)", [("100", "100"), ("0", "0")]),
    Case("DATE", "date", [("2026-01-02", "2026-01-02"), ("1987-06-17 00:00:00", "1987-06-17")]),
    Case(
        "TIMESTAMP",
        "datetime(6)",
        [
            ("2026-01-02 03:04:05", "2026-01-02 03:04:05.000000"),
            ("2026-01-02T03:04:05.123456789+05:30", "2026-01-01 21:34:05.123456"),
        ],
    ),
    Case(
        "TIMESTAMP(0)",
        "datetime",
        [
            ("2026-01-02 03:04:05.999", "2026-01-02 03:04:05"),
            ("2026-01-02 03:04:05Z", "2026-01-02 03:04:05"),
        ],
    ),
    Case(
        "TIMESTAMP(3)",
        "datetime(3)",
        [
            ("2026-01-02 03:04:05.1", "2026-01-02 03:04:05.100"),
            ("2026-01-02 03:04:05.123999", "2026-01-02 03:04:05.123"),
        ],
    ),
    Case(
        "TIMESTAMP(6) WITH TIME ZONE",
        "datetime(6)",
        [
            ("2026-01-02 03:04:05.000001-08", "2026-01-02 11:04:05.000001"),
            ("2026-12-31 23:59:59.1234567+00:00", "2026-12-31 23:59:59.123456"),
        ],
    ),
    Case(
        "TIMESTAMP_NTZ",
        "datetime(6)",
        [
            ("1000-01-01 00:00:00", "1000-01-01 00:00:00.000000"),
            ("2026-01-02", "2026-01-02 00:00:00.000000"),
        ],
    ),
    Case(
        "DATETIME",
        "datetime(6)",
        [
            ("9999-12-31 23:59:59.999999", "9999-12-31 23:59:59.999999"),
            ("1970-01-01 00:00:00.0", "1970-01-01 00:00:00.000000"),
        ],
    ),
    Case(
        "DATETIME(2)",
        "datetime(2)",
        [
            ("2026-01-02 03:04:05.12", "2026-01-02 03:04:05.12"),
            ("2026-01-02 03:04:05", "2026-01-02 03:04:05.00"),
        ],
    ),
    Case(
        "TIME",
        "time(6)",
        [("23:59:59.999999", "23:59:59.999999"), ("00:00:00", "00:00:00.000000")],
    ),
    Case("TIME(3)", "time(3)", [("12:34:56.1239", "12:34:56.123"), ("01:02:03", "01:02:03.000")]),
    Case("CHAR(5)", "varchar(5)", [("ab   ", "ab"), ("\"  c\"", "  c")]),
    Case("CHARACTER(3)", "varchar(3)", [("\u{e4}\u{f6}\u{fc}", "\u{e4}\u{f6}\u{fc}"), ("x", "x")]),
    Case("NCHAR(2)", "varchar(2)", [("\u{65e5}\u{672c}", "\u{65e5}\u{672c}"), ("y ", "y")]),
    Case("VARCHAR(20)", "varchar(20)", [("\"a, \"\"b\"\" \"", "a, \"b\" "), ("\"\"", "")]),
    Case("CHARACTER VARYING(7)", "varchar(7)", [("\u{1f388}", "\u{1f388}"), ("\"NULL\"", "NULL")]),
    Case("NVARCHAR(7)", "varchar(7)", [("\\N", "\\N"), ("it's", "it's")]),
    Case("VARCHAR(20000)", "longtext", [("a", "a"), ("\"line\nbreak\"", "line\nbreak")]),
    Case("TINYTEXT", "tinytext", [("a", "a"), ("b", "b")]),
    Case("MEDIUMTEXT", "mediumtext", [("a", "a"), ("b", "b")]),
    Case("TEXT", "longtext", [("a\tb", "a\tb"), ("back\\slash", "back\\slash")]),
    Case("STRING", "longtext", [("a", "a"), ("b", "b")]),
    Case("ENUM('small','large')", "longtext", [("small", "small"), ("large", "large")]),
    Case("JSON", "json", [("\"{\"\"a\"\": [1, null]}\"", "{\"a\": [1, null]}"), ("[]", "[]")]),
    Case(
        "UUID",
        "varchar(36)",
        [
            ("01a204dd-f511-718e-8106-9444d973bc19", "01a204dd-f511-718e-8106-9444d973bc19"),
            ("01A204DD-F511-718E-8106-9444D973BC19", "01A204DD-F511-718E-8106-9444D973BC19"),
        ],
    ),
    Case("BINARY(4)", "binary(4)", [("00ff10ab", "00FF10AB"), ("\\x01020304", "01020304")]),
    Case("VARBINARY(300)", "varbinary(300)", [("0x5c4e", "5C4E"), ("\"\"", "")]),
    Case("TINYBLOB", "tinyblob", [("00", "00"), ("FF", "FF")]),
    Case("MEDIUMBLOB", "mediumblob", [("00", "00"), ("FF", "FF")]),
    Case("BLOB", "longblob", [("27225c0a", "27225C0A"), ("0X00", "00")]),
    Case("BYTEA", "longblob", [("\\xdeadbeef", "DEADBEEF"), ("00", "00")]),
];

fn row(id: u32, field: impl Fn(&Case) -> &'static str) -> String {
    let fields: Vec<&str> = CASES.iter().map(field).collect();
    format!("{id},{}\n", fields.join(","))
}

fn every_type_is_created_as_documented_and_holds_its_values(site: &Site<'_>) {
    let columns: Vec<String> =
        CASES.iter().enumerate().map(|(index, case)| format!("c{index} {}", case.0)).collect();
    let sources = format!(
        "CREATE EXTERNAL TABLE staged (id INT, {}, PRIMARY KEY (id)) STORED AS DMS LOCATION '${{STAGING}}/all'",
        columns.join(", ")
    );
    site.job(&[("sources.sql", &sources), ("everything.sql", "SELECT * FROM staged")]);
    let nulls = row(3, |_| "");
    let load = [row(1, |case| case.2[0].0), row(2, |case| case.2[1].0), nulls].concat();
    site.stage("all/LOAD00000001.csv", load);
    assert_eq!(site.run().models(), ["everything full load +3 -0"]);
    assert_types(site);
    assert_values(site, [Some(0), Some(1), None]);

    // One change to each.
    let changes = [
        format!("U,{}", row(1, |case| case.2[1].0)),
        format!("U,{}", row(2, |_| "")),
        format!("U,{}", row(3, |case| case.2[0].0)),
    ];
    site.stage("all/20260101-000000000.csv", changes.concat());
    assert_eq!(site.run().models(), ["everything row-wise +3 -0"]);
    assert_values(site, [Some(1), None, Some(0)]);
    // What was created takes a full load again.
    assert_eq!(site.run_with(&["--full-refresh"]).models(), ["everything full load +3 -0"]);
    assert_types(site);
    assert_values(site, [Some(1), None, Some(0)]);
}

fn assert_types(site: &Site<'_>) {
    let found = site.rows(
        "SELECT column_name, column_type, is_nullable FROM information_schema.columns
         WHERE table_schema = DATABASE() AND table_name = 'everything' ORDER BY ordinal_position",
    );
    let is_mariadb = site.rows("SELECT VERSION()")[0].contains("MariaDB");
    let expected = CASES.iter().enumerate().map(|(index, case)| {
        // MariaDB's JSON is a text with a check.
        let sql_type = if case.1 == "json" && is_mariadb { "longtext" } else { case.1 };
        format!("c{index}|{sql_type}|YES")
    });
    let expected: Vec<String> = [String::from("id|int|NO")].into_iter().chain(expected).collect();
    let found: Vec<String> = found.iter().map(|line| without_width(line)).collect();
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
}

/// `int(11)` is `int`.
fn without_width(line: &str) -> String {
    let Some((before, rest)) = line.split_once("int(") else { return line.to_owned() };
    let Some((width, after)) = rest.split_once(')') else { return line.to_owned() };
    if width == "1" { line.to_owned() } else { format!("{before}int{after}") }
}

/// For each row the case's value that it holds.
fn assert_values(site: &Site<'_>, rows: [Option<usize>; 3]) {
    for (index, Case(declared, created, values)) in CASES.iter().enumerate() {
        let column = match *created {
            "float" | "bit(1)" => format!("c{index} + 0e0"),
            created if created.contains("blob") || created.contains("binary") => {
                format!("HEX(c{index})")
            }
            _ => format!("c{index}"),
        };
        let found = site.rows(&format!("SELECT {column} FROM everything ORDER BY id"));
        let expected = rows.map(|value| value.map_or("NULL", |value| values[value].1));
        assert_eq!(found, expected, "c{index} {declared}");
    }
}
