use datafusion::arrow::datatypes::DataType;

use super::*;
use crate::testing::{Staging, assert_all, told};

mod types;

async fn parse_all(text: &str) -> Result<Vec<Source>, DefinitionError> {
    parse_sources(&Staging::new().state, "sources.sql", text, &no_files).await
}

#[tokio::test]
async fn a_declaration_is_kept_as_it_is() {
    let text = "
-- sales of a week
CREATE EXTERNAL TABLE Sales (
  `Id` BIGINT,
  week DATE NOT NULL,
  code CHAR(3),
  at TIMESTAMP(3),
  amount DECIMAL(10, 2) NOT NULL,
  PRIMARY KEY (week, `Id`)
) STORED AS dms LOCATION 's3://bucket/dms/sales/'
OPTIONS ('CsvNullValue' '\\N', 'AddColumnName' 'true');";
    let sources = parse_all(text).await.unwrap();
    let [source] = sources.as_slice() else { panic!("{sources:?}") };
    assert_eq!(source.name, "sales");
    assert_eq!(source.location, "s3://bucket/dms/sales/");
    assert_eq!(source.key, [1, 0]);
    assert_eq!(source.key_names().collect::<Vec<_>>(), ["week", "Id"]);
    let nullable: Vec<bool> =
        source.schema.fields().iter().map(|field| field.is_nullable()).collect();
    assert_eq!(nullable, [false, false, true, true, true]);
    assert_eq!(source.settings.csv.null_value.as_deref(), Some("\\N"));
    assert!(source.settings.csv.header);
    let columns = source.columns();
    assert_eq!(
        columns.iter().map(|c| c.trim_blanks).collect::<Vec<_>>(),
        [false, false, true, false, false]
    );
    assert_eq!(columns[3].fraction_digits, 3);
    assert_eq!(columns[4].data_type, DataType::Decimal128(10, 2));
    assert_eq!(source.key, [1, 0]);
}

#[tokio::test]
async fn a_key_is_optional_and_may_stand_at_its_column() {
    for (columns, key) in [
        ("a INT, b INT", vec![]),
        ("a INT PRIMARY KEY, b INT", vec![0]),
        ("a INT, b INT, PRIMARY KEY (b)", vec![1]),
        ("a INT, b INT, PRIMARY KEY (b, a)", vec![1, 0]),
        ("a INT, b INT, UNIQUE (a), PRIMARY KEY (b)", vec![1]),
        ("a INT UNIQUE, b INT", vec![]),
        ("A INT, b INT, PRIMARY KEY (a)", vec![0]),
    ] {
        let text = format!("CREATE EXTERNAL TABLE t ({columns}) STORED AS DMS LOCATION 't'");
        let source = parse_all(&text).await.unwrap().remove(0);
        assert_eq!(source.key, key, "{columns}");
        for (index, field) in source.schema.fields().iter().enumerate() {
            assert_eq!(field.is_nullable(), !key.contains(&index), "{columns}");
        }
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a list of cases")]
async fn a_wrong_declaration_is_told_with_its_place() {
    let t = |columns: &str, rest: &str| format!("CREATE EXTERNAL TABLE t ({columns}) {rest}");
    let dms = "STORED AS DMS LOCATION 't'";
    let mut all = Vec::new();
    for (text, expected) in [
        (
            String::new(),
            "sources.sql: no source is declared [CREATE EXTERNAL TABLE name (…, PRIMARY KEY (…)) STORED AS DMS LOCATION '…']",
        ),
        (
            "-- nothing".to_owned(),
            "sources.sql: no source is declared [CREATE EXTERNAL TABLE name (…, PRIMARY KEY (…)) STORED AS DMS LOCATION '…']",
        ),
        (
            "SELECT 1".to_owned(),
            "sources.sql:1:1: not a CREATE EXTERNAL TABLE [sources.sql declares sources; a SELECT belongs in a file of its own]",
        ),
        (
            format!("{};\n\nSELECT 1", t("a INT", dms)),
            "sources.sql:3:1: not a CREATE EXTERNAL TABLE [sources.sql declares sources; a SELECT belongs in a file of its own]",
        ),
        (
            t("a INT", "STORED AS CSV LOCATION 't'"),
            "sources.sql:1:23: STORED AS CSV is not read here [write STORED AS DMS]",
        ),
        (
            t("a INT", "STORED AS DMS"),
            "sources.sql:1:1: the declaration has no LOCATION [behind STORED AS … write LOCATION '…', where the objects are]",
        ),
        (
            format!("{};\n\n{}", t("a INT", dms), t("stored INT", "LOCATION 't'")),
            "sources.sql: the declaration has no STORED AS [behind the columns write STORED AS DMS LOCATION '…']",
        ),
        (
            t("id INT,\n  PRIMARY KEY (idd)", dms),
            "sources.sql:2:16: source `t`: its PRIMARY KEY names `idd`, which is no column [did you mean `id`?]",
        ),
        (
            t("a INT", "STORED AS DMS LOCATION ('a', 'b')"),
            "sources.sql:1:23: source `t` has more than one LOCATION",
        ),
        (
            format!("CREATE EXTERNAL TABLE t {dms}"),
            "sources.sql:1:23: source `t` declares no columns [name the columns in the order in which DMS writes them]",
        ),
        (
            format!("CREATE EXTERNAL TABLE s.t (a INT) {dms}"),
            "sources.sql:1:23: source `s.t` has a schema in its name [a source is named by one word; its schema is in the LOCATION]",
        ),
        (format!("{0};\n{0}", t("a INT", dms)), "sources.sql:2:23: source `t` is declared twice"),
        (
            format!("{};\n  {}", t("a INT", dms), t("a INT", dms).replace(" t ", " T ")),
            "sources.sql:2:25: source `t` is declared twice",
        ),
        (t("a INT, a INT", dms), "sources.sql:1:23: two columns are named `a`"),
        (t("a INT, A INT", dms), "sources.sql:1:23: two columns are named `a`"),
        (
            t("a INT, PRIMARY KEY (b)", dms),
            "sources.sql:1:46: source `t`: its PRIMARY KEY names `b`, which is no column [there are the columns a]",
        ),
        (
            t("a INT, PRIMARY KEY (a, a)", dms),
            "sources.sql:1:23: source `t`: its PRIMARY KEY names `a` twice",
        ),
        (
            t("a INT PRIMARY KEY, b INT PRIMARY KEY", dms),
            "sources.sql:1:23: source `t` has more than one PRIMARY KEY",
        ),
        (t("a INT,\n  b WIDGET", dms), "sources.sql:2:3: unsupported SQL type WIDGET"),
        (
            t("a INT", &format!("{dms} OPTIONS ('CsvNulValue' '')")),
            "sources.sql:1:23: source `t`: unknown option `CsvNulValue`; did you mean `CsvNullValue`?",
        ),
        (
            t("a INT", &format!("{dms} OPTIONS ('header' 'true')")),
            "sources.sql:1:23: source `t`: unknown option `header`; did you mean `AddColumnName`?",
        ),
        (
            t("a INT", &format!("{dms} OPTIONS ('AddColumnName' 'perhaps')")),
            "sources.sql:1:23: source `t`: option `AddColumnName` must be true or false, not `perhaps`",
        ),
        (
            t("a INT", &format!("{dms} OPTIONS ('CsvNullValue' '', 'csvnullvalue' 'x')")),
            "sources.sql:1:23: source `t`: option `csvnullvalue` is given twice",
        ),
        (
            t("a INT", &format!("{dms} OPTIONS ('DataFormat' 'avro')")),
            "sources.sql:1:23: source `t`: option `DataFormat` with the value `avro` is not supported: DMS writes csv and parquet",
        ),
        (
            format!("CREATE TABLE t (a INT) {dms}"),
            "sources.sql:1:34: what DMS staged is declared with CREATE EXTERNAL TABLE [write CREATE EXTERNAL TABLE name (…) STORED AS DMS LOCATION '…']",
        ),
        (
            format!("CREATE EXTERNAL TABLE t (a INT {dms}"),
            "sources.sql:1:32: expected: ',' or ')' after column definition, found: STORED",
        ),
        (format!("CREATE OR REPLACE EXTERNAL TABLE t (a INT) {dms}"), "1 sources"),
        (format!("CREATE EXTERNAL TABLE IF NOT EXISTS t (a INT) {dms}"), "1 sources"),
        (
            format!("CREATE EXTERNAL TABLE t (a INT) PARTITIONED BY (a) {dms}"),
            "sources.sql:1:23: source `t`: PARTITIONED BY has no meaning, DMS's folders are found",
        ),
        (t("a INT DEFAULT 3", dms), "1 sources"),
        (
            t("a INT, CHECK (a > 0)", dms),
            "sources.sql:1:23: check constraints are not currently supported",
        ),
        (
            t("a INT, FOREIGN KEY (a) REFERENCES u (a)", dms),
            "sources.sql:1:23: foreign key constraints are not currently supported",
        ),
    ] {
        let found = match parse_all(&text).await {
            Ok(sources) => format!("{} sources", sources.len()),
            Err(error) => told(&error),
        };
        all.push((text, found, expected.to_owned()));
    }
    assert_all(all);
}

#[tokio::test]
async fn a_definition_changes_with_what_changes_the_rows() {
    let of = async |text: &str| parse_all(text).await.unwrap().remove(0).definition;
    let base =
        of("CREATE EXTERNAL TABLE t (a INT PRIMARY KEY, b CHAR(3)) STORED AS DMS LOCATION 't'")
            .await;
    for (text, is_same) in [
        ("CREATE EXTERNAL TABLE t (a INT PRIMARY KEY, b CHAR(3)) STORED AS DMS LOCATION 'u'", true),
        (
            "create external table T (A int, B char(3), primary key (a)) stored as dms location 't'",
            true,
        ),
        ("CREATE EXTERNAL TABLE t (a INT, b CHAR(3)) STORED AS DMS LOCATION 't'", false),
        (
            "CREATE EXTERNAL TABLE t (a INT PRIMARY KEY, b CHAR(4)) STORED AS DMS LOCATION 't'",
            false,
        ),
        (
            "CREATE EXTERNAL TABLE t (a BIGINT PRIMARY KEY, b CHAR(3)) STORED AS DMS LOCATION 't'",
            false,
        ),
        (
            "CREATE EXTERNAL TABLE t (b CHAR(3), a INT PRIMARY KEY) STORED AS DMS LOCATION 't'",
            false,
        ),
        (
            "CREATE EXTERNAL TABLE t (a INT PRIMARY KEY, b CHAR(3)) STORED AS DMS LOCATION 't' OPTIONS ('CsvNullValue' 'x')",
            false,
        ),
    ] {
        assert_eq!(of(text).await == base, is_same, "{text}");
    }
}

#[tokio::test]
async fn rows_must_tell_whether_they_have_operations() {
    let with = |columns: &str, more: &str| {
        format!(
            "CREATE EXTERNAL TABLE t ({columns}) STORED AS DMS LOCATION 't' OPTIONS ('CdcInsertsAndUpdates' 'true'{more})"
        )
    };
    for ddl in [
        with("id INT PRIMARY KEY, a TEXT", ""),
        with("a TEXT PRIMARY KEY", ", 'AddColumnName' 'true'"),
        with("a TEXT PRIMARY KEY", ", 'TimestampColumnName' 'ts'"),
        with("a TEXT PRIMARY KEY", ", 'DataFormat' 'parquet'"),
        with("a TEXT", ", 'IncludeOpForFullLoad' 'true'"),
    ] {
        assert!(parse_all(&ddl).await.is_ok(), "{ddl}");
    }
    for (ddl, told) in [
        (with("id INT", ""), "an update cannot be told from an insert"),
        (with("a TEXT PRIMARY KEY", ""), "an operation cannot be told from a text"),
    ] {
        let error = parse_all(&ddl).await.unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}

#[tokio::test]
async fn an_endpoints_settings_are_taken_from_its_description() {
    const LAKE: &str = r#"{"Endpoints": [{"EndpointIdentifier": "lake", "EngineName": "s3", "S3Settings":
        {"CsvDelimiter": ";", "CsvNullValue": "-", "IncludeOpForFullLoad": true, "CdcMinFileSize": 32000}}]}"#;
    let files = |name: &str| match name {
        "lake.json" => Some(LAKE.to_owned()),
        "odd.json" => Some(r#"{"CsvDelimitr": ";"}"#.to_owned()),
        "ordered.json" => Some(r#"{"preserve_transactions": true}"#.to_owned()),
        "none.json" => Some("{}".to_owned()),
        _ => None,
    };
    let staging = Staging::new();
    let parsed = async |options: &str| {
        let ddl = format!(
            "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY) STORED AS DMS LOCATION 't' OPTIONS ({options})"
        );
        parse_sources(&staging.state, "sources.sql", &ddl, &files).await
    };
    let written = "'CsvDelimiter' ';', 'CsvNullValue' '-', 'IncludeOpForFullLoad' 'true'";
    let [described, chosen, written] = [
        parsed("'S3Settings' 'lake.json'").await.unwrap().remove(0),
        parsed("'s3settings' 'lake.json#lake'").await.unwrap().remove(0),
        parsed(written).await.unwrap().remove(0),
    ];
    assert_eq!(described.settings, written.settings);
    assert_eq!(chosen.settings, written.settings);
    assert_eq!(described.definition, chosen.definition);
    assert!(!described.definition.contains("32000"), "what does not matter to a reader");
    assert_eq!(described.overrides, [""; 0]);
    let stronger = parsed("'S3Settings' 'lake.json', 'CsvDelimiter' ','").await.unwrap().remove(0);
    assert_eq!(stronger.overrides, ["CsvDelimiter"]);
    assert_eq!(stronger.settings.csv.delimiter, b',');
    assert_eq!(stronger.settings.csv.null_value.as_deref(), Some("-"));
    for (file, expected) in [
        ("missing.json", "option `S3Settings`: the file `missing.json` cannot be read"),
        (
            "odd.json",
            "option `S3Settings`: odd.json: unknown option `csvdelimitr`; did you mean `CsvDelimiter`?",
        ),
        ("ordered.json", "option `PreserveTransactions` needs `CdcPath`"),
        ("none.json", "option `S3Settings`: none.json: no S3Settings in it"),
        (
            "lake.json#sea",
            "option `S3Settings`: lake.json: no endpoint `sea` in it; there are lake",
        ),
    ] {
        let error = parsed(&format!("'S3Settings' '{file}'")).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{file}: {error}");
    }
}

#[tokio::test]
async fn columns_that_say_something_about_their_row_are_found_by_name() {
    let staging = Staging::new();
    let parsed = async |columns: &str, options: &str| {
        let ddl = format!(
            "CREATE EXTERNAL TABLE t ({columns}) STORED AS DMS LOCATION 't' OPTIONS ({options})"
        );
        let sources = parse_sources(&staging.state, "sources.sql", &ddl, &no_files).await;
        sources.map(|mut sources| sources.remove(0)).map_err(|error| error.message)
    };
    let columns = "b INT, a VARCHAR(9), n INT, BI_A VARCHAR(9), bi_b INT, seq VARCHAR(35), PRIMARY KEY (a, b)";
    let options = "'BeforeImagePrefix' 'bi_', 'ChangeSequenceColumn' 'SEQ'";
    let source = parsed(columns, options).await.unwrap();
    assert_eq!((source.before_key, source.change_sequence), (vec![3, 4], Some(5)));
    for (columns, options, told) in [
        (
            "id INT PRIMARY KEY, n INT",
            "'BeforeImagePrefix' 'BI_'",
            "source `t`: option `BeforeImagePrefix`: no column `BI_id` is declared, which holds `id` before a change",
        ),
        (
            "id INT PRIMARY KEY, id_old BIGINT",
            "'BeforeImageSuffix' '_old'",
            "source `t`: column `id_old` is to hold what `id` was, and is of another type",
        ),
        (
            "id INT, bi_id INT",
            "'BeforeImagePrefix' 'BI_'",
            "source `t`: option `BeforeImagePrefix` tells keys before a change, and there is no PRIMARY KEY",
        ),
        (
            "id INT PRIMARY KEY",
            "'ChangeSequenceColumn' 'seq'",
            "source `t`: option `ChangeSequenceColumn`: no column `seq` is declared",
        ),
        (
            "id INT PRIMARY KEY, seq BIGINT",
            "'ChangeSequenceColumn' 'seq'",
            "source `t`: option `ChangeSequenceColumn`: column `seq` has 35 digits, declare it as VARCHAR(35)",
        ),
        (
            "id INT, seq TEXT",
            "'ChangeSequenceColumn' 'seq'",
            "source `t`: option `ChangeSequenceColumn` orders the changes of a key, and there is no PRIMARY KEY",
        ),
    ] {
        assert_eq!(parsed(columns, options).await.unwrap_err(), told);
    }
}

#[tokio::test]
async fn an_option_that_says_the_default_is_as_if_it_were_not_written() {
    let staging = Staging::new();
    let definition = async |options: &str| {
        let ddl = format!(
            "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY) STORED AS DMS LOCATION 't' OPTIONS ({options})"
        );
        let sources = parse_sources(&staging.state, "sources.sql", &ddl, &no_files).await;
        sources.unwrap().remove(0).definition
    };
    let plain = definition("'CsvDelimiter' ';'").await;
    for same in [
        "'csvdelimiter' ';'",
        "'Csv_Delimiter' ';', 'AddColumnName' 'false'",
        "'CsvDelimiter' ';', 'TimestampColumnName' '', 'CdcMinFileSize' '1', 'CheckFirstRows' 'false'",
    ] {
        assert_eq!(definition(same).await, plain, "{same}");
    }
    assert_ne!(definition("'CsvDelimiter' ';', 'AddColumnName' 'true'").await, plain);
}
